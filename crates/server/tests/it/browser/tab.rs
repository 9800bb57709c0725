//! What a person does in a tab.

use serde_json::{Value, json};

use super::chromium::Chromium;

const LOADED: &str = "Page.loadEventFired";

/// A tab of a browser of its own.
pub(super) struct Tab {
    pub(super) browser: Chromium,
    base: String,
}

/// Whether pages may run scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scripts {
    On,
    Off,
}

impl Tab {
    /// A tab that is on the way to this server.
    pub(super) fn at(base: &str, scripts: Scripts) -> Self {
        let mut browser = Chromium::start();
        let off = json!({"value": scripts == Scripts::Off});
        browser.ask("Emulation.setScriptExecutionDisabled", off);
        Self { browser, base: base.to_owned() }
    }

    /// Goes to a page.
    pub(super) fn open(&mut self, path: &str) {
        self.browser.forget(LOADED);
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        self.browser.ask("Page.navigate", json!({"url": url}));
        self.browser.wait_for(LOADED);
    }

    /// Types into a field, by its label, as by keyboard.
    pub(super) fn fill(&mut self, label: &str, text: &str) {
        let field = format!("{}.control", self.labelled(label));
        self.evaluate(&format!("{field}.focus(), {field}.select()"));
        self.browser.ask("Input.insertText", json!({"text": text}));
        assert_eq!(self.evaluate(&format!("{field}.value")), text, "{label} holds what was typed");
    }

    /// Ticks or chooses what has this label.
    pub(super) fn tick(&mut self, label: &str) {
        let label = self.labelled(label);
        self.click(&label);
    }

    /// Chooses from a list.
    pub(super) fn choose(&mut self, label: &str, option: &str) {
        let field = format!("{}.control", self.labelled(label));
        let option = json!(option);
        let chosen = format!(
            "(() => {{ const field = {field}; const option = [...field.options].find(o => o.text.trim() === {option}); \
             field.value = option.value; return field.selectedOptions[0].text.trim(); }})()"
        );
        assert_eq!(json!(self.evaluate(&chosen)), option);
    }

    /// Presses a button or a link by what it says, and waits for the page that it leads to.
    pub(super) fn press(&mut self, words: &str) {
        self.browser.forget(LOADED);
        let element = self.saying(words);
        self.click(&element);
        self.browser.wait_for(LOADED);
    }

    /// Presses a button that leads nowhere.
    pub(super) fn push(&mut self, words: &str) {
        let element = self.saying(words);
        self.click(&element);
    }

    /// Pastes over what stands in a field, as by keyboard.
    pub(super) fn paste_over(&mut self, field: &str, text: &str) {
        self.evaluate(&format!("{field}.value = {}, {field}.focus(), {field}.select()", json!(text)));
        let event =
            json!({"type": "rawKeyDown", "key": "v", "modifiers": 2, "commands": ["selectAll", "paste"]});
        self.browser.ask("Input.dispatchKeyEvent", event);
    }

    /// The first text that this expression is, other than none.
    pub(super) fn waits_for(&mut self, expression: &str) -> String {
        self.text(&format!(
            "new Promise(done => {{ const look = () => {{ const text = {expression}; \
             text ? done(text) : requestAnimationFrame(look); }}; look(); }})"
        ))
    }

    /// Where the tab is, without the server's address.
    pub(super) fn place(&mut self) -> String {
        self.text("location.pathname + location.search")
    }

    pub(super) fn title(&mut self) -> String {
        self.text("document.title")
    }

    /// What can be read on the page.
    pub(super) fn reads(&mut self) -> String {
        self.text("document.body.innerText")
    }

    /// Puts another document in the page's place, under the page's own policy.
    pub(super) fn write(&mut self, html: &str) {
        let frame = self.browser.ask("Page.getFrameTree", json!({}))["frameTree"]["frame"]["id"].clone();
        self.browser.ask("Page.setDocumentContent", json!({"frameId": frame, "html": html}));
    }

    /// The value of what this expression of the page's language is.
    pub(super) fn evaluate(&mut self, expression: &str) -> Value {
        let parameters = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.browser.ask("Runtime.evaluate", parameters);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    pub(super) fn text(&mut self, expression: &str) -> String {
        self.evaluate(expression).as_str().unwrap_or_default().to_owned()
    }

    /// Shows pages so wide, light or dark.
    pub(super) fn show(&mut self, width: u32, is_dark: bool) {
        let size = json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false});
        self.browser.ask("Emulation.setDeviceMetricsOverride", size);
        let scheme = if is_dark { "dark" } else { "light" };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.browser.ask("Emulation.setEmulatedMedia", features);
    }

    /// What the browser complained of: violations of the page's policy, scripts that failed. That a page is a refusal is
    /// no complaint.
    pub(super) fn complaints(&self) -> Vec<String> {
        let entries = self.browser.events("Log.entryAdded").map(|event| &event["entry"]);
        let refusal =
            |entry: &&Value| entry["source"] == "network" && entry["url"].as_str().is_some_and(is_page);
        let logged = entries.filter(|entry| entry["level"] != "info" && !refusal(entry));
        let thrown = self.browser.events("Runtime.exceptionThrown");
        logged.chain(thrown).map(ToString::to_string).collect()
    }

    /// Every address that pages have loaded anything from.
    pub(super) fn loaded(&self) -> Vec<String> {
        let requests = self.browser.events("Network.requestWillBeSent");
        requests.map(|event| event["request"]["url"].as_str().unwrap_or_default().to_owned()).collect()
    }

    fn labelled(&self, label: &str) -> String {
        format!(
            "[...document.querySelectorAll('label')].find(l => l.innerText.trim().startsWith({}))",
            json!(label)
        )
    }

    /// What the page is about comes before what stands around every page.
    fn saying(&self, words: &str) -> String {
        format!(
            "[...document.querySelectorAll('main button, main a'), ...document.querySelectorAll('header button, header a')]\
             .find(e => [e.innerText.trim(), e.ariaLabel].some(t => t && t.startsWith({})))",
            json!(words)
        )
    }

    /// Presses the mouse's button where the element is.
    fn click(&mut self, element: &str) {
        let place = self.evaluate(&format!(
            "(() => {{ const e = {element}; e.scrollIntoView({{block: 'center', behavior: 'instant'}}); \
             const r = e.getClientRects()[0]; return [r.x + r.width / 2, r.y + r.height / 2]; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event =
                json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1});
            self.browser.ask("Input.dispatchMouseEvent", event);
        }
    }
}

/// Whether this is the address of a page and not of something that a page loads.
fn is_page(url: &str) -> bool {
    !url.contains("/portal.") && !url.contains("favicon")
}

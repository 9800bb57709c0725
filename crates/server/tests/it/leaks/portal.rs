//! The portal's part of the story: a browser that keeps cookies and fills in forms, on every page.

use super::secrets::Secrets;
use super::wire::{Ask, Reply};

/// What stands before a session's text in the header that shows it.
pub(super) const SESSION: &str = "__Host-keyward_session=";

/// What stands before that by which a form proves where it comes from.
const PROOF: &str = "name=\"form_token\" value=\"";

/// Every path of the portal begins so.
const PATHS: &[&str] = &[
    "/signup",
    "/login",
    "/logout",
    "/verify-email",
    "/forgot-password",
    "/reset-password",
    "/dashboard",
    "/portal.",
];

/// Whether this is a path of the portal.
pub(super) fn has(path: &str) -> bool {
    PATHS.iter().any(|start| path.starts_with(start))
}

/// A browser that was told nothing yet.
pub(super) struct Browser<'a> {
    address: &'a str,
    cookies: Vec<String>,
    page: String,
}

impl<'a> Browser<'a> {
    pub(super) const fn at(address: &'a str) -> Self {
        Self { address, cookies: Vec::new(), page: String::new() }
    }

    /// A page. Its head too: cookies stand there.
    pub(super) fn open(&mut self, path: &str) -> &str {
        self.take(&self.ask("GET", path));
        &self.page
    }

    /// The form of the page that is shown, filled in.
    pub(super) fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> u16 {
        // The form that logs out stands before the page's own.
        let own = self.page.split_once("<main").map(|(_, page)| page).filter(|_| path != "/logout");
        let proof = own.and_then(|page| between(page, PROOF)).or_else(|| between(&self.page, PROOF));
        let proof = proof.expect("a form").to_owned();
        let mut form = format!("form_token={proof}");
        if let Some(id) = between(&self.page, "name=\"form_id\" value=\"") {
            form.push_str(&format!("&form_id={id}"));
        }
        for (name, value) in fields {
            form.push_str(&format!("&{name}={}", value.replace('@', "%40").replace(' ', "+")));
        }
        let ask = self.ask("POST", path).with("Origin", &format!("http://{}", self.address));
        self.take(&ask.body("application/x-www-form-urlencoded", form))
    }

    /// The session that it keeps.
    pub(super) fn session(&self) -> Option<&str> {
        self.cookies.iter().find_map(|cookie| cookie.strip_prefix(SESSION)).filter(|text| !text.is_empty())
    }

    /// The secret that the page shows.
    pub(super) fn secret(&self) -> Option<&str> {
        between(self.page.split_once("id=\"secret\"")?.1, "value=\"")
    }

    /// The first link that ends so.
    pub(super) fn link(&self, end: &str) -> String {
        let mut links = self.page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        links.find(|link| link.ends_with(end)).expect("a link").to_owned()
    }

    /// Remembers what it holds and what the page shows.
    pub(super) fn harvest(&self, secrets: &mut Secrets) {
        if let Some(session) = self.session() {
            secrets.add("a session", session);
        }
        if let Some(key) = self.secret() {
            secrets.harvest(&serde_json::Value::from(key));
        }
    }

    fn ask(&self, method: &str, path: &str) -> Ask {
        Ask::new(method, path).with("Host", self.address).with("Cookie", &self.cookies.join("; "))
    }

    fn take(&mut self, ask: &Ask) -> u16 {
        let Reply { status, text } = ask.send(self.address);
        self.page = String::from_utf8_lossy(&text).into_owned();
        for line in self.page.lines().take_while(|line| !line.is_empty()) {
            let Some(cookie) = line.strip_prefix("set-cookie: ") else { continue };
            let cookie = cookie.split(';').next().unwrap_or_default();
            let name = cookie.split('=').next().unwrap_or_default();
            self.cookies.retain(|kept| !kept.starts_with(name));
            self.cookies.push(cookie.to_owned());
        }
        status
    }
}

fn between<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    text.split_once(start)?.1.split('"').next()
}

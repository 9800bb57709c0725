//! The whole way, as a person goes it: from signing up to logging in with another password.

use std::fs;
use std::path::Path;

use crate::process::{Place, Server};

use super::tab::{Scripts, Tab};

const PASSWORD: &str = "correct horse battery";
const CHANGED: &str = "a changed password";
const ANOTHER: &str = "another fine password";

/// A server whose mail goes into files.
pub(super) fn serve() -> (Place, Server) {
    let place = Place::new();
    let server = place.serve();
    (place, server)
}

/// The newest mailed link to this page. Mail is sent in the background.
pub(super) fn mailed(place: &Place, page: &str) -> String {
    let outbox = place.data_dir().join("outbox");
    for _ in 0..600 {
        if let Some(link) = newest_link(&outbox, page) {
            return link;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(50));
    }
    panic!("no mail with a link to {page}");
}

fn newest_link(outbox: &Path, page: &str) -> Option<String> {
    let mut mails: Vec<_> = fs::read_dir(outbox).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    mails.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
    mails.sort();
    let texts = mails.iter().rev().filter_map(|path| fs::read_to_string(path).ok());
    texts.into_iter().find_map(|text| {
        let text = text.replace("=\r\n", "").replace("=3D", "=");
        let (_, rest) = text.split_once(&format!("/{page}?token="))?;
        Some(format!("/{page}?token={}", rest.get(..43)?))
    })
}

pub(super) fn sign_up(tab: &mut Tab, email: &str) -> String {
    tab.open("/login");
    tab.press("Create an account");
    tab.fill("Name", "Ada Lovelace");
    tab.fill("E-mail address", email);
    tab.fill("Password", PASSWORD);
    tab.press("Create account");
    tab.text("document.getElementById('secret').value")
}

/// What `/forward-auth` says of a key.
fn opens(server: &Server, key: &str) -> u16 {
    server.get("/forward-auth", Some(("X-API-Key", key))).status
}

fn walk(scripts: Scripts) {
    let (place, server) = serve();
    let mut tab = Tab::at(&server.url, scripts);
    let first = sign_up(&mut tab, "ada@example.com");
    assert_eq!(opens(&server, &first), 200);

    let link = mailed(&place, "verify-email");
    tab.open(&link);
    assert!(tab.reads().contains("Is this your account?") && tab.reads().contains("ada@example.com"));
    tab.press("This is mine");
    assert_eq!(tab.place(), "/dashboard?notice=verified");

    tab.press("New key");
    tab.fill("Label", "production bot");
    tab.choose("Used by", "A bot");
    assert_eq!(tab.text("document.getElementById('expires').selectedOptions[0].text"), "In 90 days");
    if scripts == Scripts::Off {
        tab.tick("Only these");
    }
    tab.tick("account:read");
    assert_eq!(tab.evaluate("document.getElementById('access-some').checked"), true);
    tab.press("Make the key");
    let key = tab.text("document.getElementById('secret').value");
    assert!(tab.reads().contains("Copy it now.") && opens(&server, &key) == 200);
    let can_copy = tab.evaluate("!document.querySelector('[data-copies]').hidden");
    assert_eq!(can_copy, scripts == Scripts::On, "there is a button to copy where it works");
    if scripts == Scripts::On {
        tab.push("Copy");
        let selected = tab.text("document.getElementById('secret').value.slice(0, document.getElementById('secret').selectionEnd)");
        assert_eq!(selected, key, "all of it is selected");
        assert_eq!(tab.waits_for("document.querySelector('[role=status]').textContent"), "Copied");
        assert_eq!(tab.text("document.querySelector('[data-copies]').textContent"), "Copied");
        // The page may not read the clipboard; whoever pastes may.
        tab.evaluate("document.getElementById('secret').readOnly = false");
        tab.paste_over("document.getElementById('secret')", "of another clipboard");
        assert_eq!(tab.text("document.getElementById('secret').value"), key, "that is what is pasted");
    }

    tab.press("To the dashboard");
    assert!(tab.reads().contains("production bot") && !tab.reads().contains(&key));
    tab.press("Rotate production bot");
    tab.choose("The old one ends", "At once");
    tab.press("Rotate");
    let rotated = tab.text("document.getElementById('secret').value");
    assert_eq!((opens(&server, &key), opens(&server, &rotated)), (401, 200));

    tab.press("To the dashboard");
    tab.press("Revoke production bot");
    tab.press("Revoke");
    assert_eq!(tab.place(), "/dashboard?notice=revoked");
    assert_eq!((opens(&server, &rotated), opens(&server, &first)), (401, 200));

    tab.press("Change the password");
    tab.fill("Present password", PASSWORD);
    tab.fill("New password", CHANGED);
    tab.press("Change the password");
    assert_eq!(tab.place(), "/dashboard?notice=password");
    assert!(tab.reads().contains("The password was changed"));

    tab.press("Log out");
    assert!(tab.reads().contains("You are logged out."));
    tab.open("/dashboard");
    assert_eq!(tab.place(), "/login?notice=signed-out");

    tab.press("Forgot your password?");
    tab.fill("E-mail address", "ada@example.com");
    tab.press("Mail me a link");
    assert!(tab.reads().contains("Look into your mail"));
    let link = mailed(&place, "reset-password");
    tab.open(&link);
    tab.fill("New password", ANOTHER);
    tab.press("Change the password");
    assert_eq!(tab.place(), "/login?notice=reset");
    tab.fill("E-mail address", "ada@example.com");
    tab.fill("Password", PASSWORD);
    tab.press("Log in");
    assert!(tab.reads().contains("The address or the password is wrong."));
    tab.fill("E-mail address", "ada@example.com");
    tab.fill("Password", ANOTHER);
    tab.press("Log in");
    assert_eq!(tab.place(), "/dashboard");
    assert!(tab.reads().contains("The password was reset by mail"));
    assert_eq!(opens(&server, &first), 200, "keys of a verified account survive a reset");

    assert_eq!(tab.complaints(), [""; 0]);
    let elsewhere: Vec<_> = tab.loaded().into_iter().filter(|url| !url.starts_with(&server.url)).collect();
    assert_eq!(elsewhere, [""; 0], "pages load nothing from elsewhere");
}

#[test]
fn a_password_that_is_too_long_is_refused_in_words_and_not_cut() {
    for scripts in [Scripts::On, Scripts::Off] {
        let (_place, server) = serve();
        let mut tab = Tab::at(&server.url, scripts);
        tab.open("/signup");
        tab.fill("Name", "Ada Lovelace");
        tab.fill("E-mail address", "ada@example.com");
        tab.fill("Password", &"x9".repeat(75));
        tab.press("Create account");
        assert!(tab.reads().contains("Use 128 characters at most."), "{}", tab.reads());
        assert!(tab.title().starts_with("Error: "));
        let focused = tab.text("document.activeElement.className");
        assert_eq!(focused, "summary", "what is wrong is read first");
    }
}

#[test]
fn threat_w3_the_whole_way_in_a_browser_breaks_no_policy() {
    walk(Scripts::On);
}

#[test]
fn the_whole_way_in_a_browser_without_scripts() {
    walk(Scripts::Off);
}

//! No page has a grave barrier for anybody, light or dark, wide or narrow, and none is wider than the screen.

use super::axe::grave_findings;
use super::tab::{Scripts, Tab};
use super::walk::{mailed, serve, sign_up};

fn look(tab: &mut Tab, page: &str) {
    for (width, is_dark) in [(1_100, false), (1_100, true), (320, false), (320, true)] {
        tab.show(width, is_dark);
        let is_wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth";
        assert_eq!(tab.evaluate(is_wider), false, "{page} is wider than {width}");
        assert_eq!(grave_findings(tab), [""; 0], "{page}, {width} wide, dark: {is_dark}");
    }
}

#[test]
fn no_page_has_a_grave_barrier() {
    let (place, server) = serve();
    let mut tab = Tab::at(&server.url, Scripts::On);
    for page in ["/signup", "/login", "/login?notice=reset", "/forgot-password", "/verify-email?token=x"] {
        tab.open(page);
        look(&mut tab, page);
    }
    tab.open("/signup");
    tab.evaluate("document.querySelector('main form').noValidate = true");
    tab.press("Create account");
    assert!(tab.reads().contains("Please look again"));
    look(&mut tab, "a form with mistakes");

    sign_up(&mut tab, "ada@example.com");
    look(&mut tab, "the first key");
    tab.open("/dashboard");
    look(&mut tab, "the dashboard before the address is verified");
    let link = mailed(&place, "verify-email");
    let mut elsewhere = Tab::at(&server.url, Scripts::On);
    elsewhere.open(&link);
    assert!(elsewhere.reads().contains("I did not"));
    look(&mut elsewhere, "/verify-email where nobody is logged in");
    tab.open(&link);
    look(&mut tab, "/verify-email");
    tab.press("This is mine");
    look(&mut tab, "/dashboard");
    let keys = tab.evaluate("[...document.querySelectorAll('.does a')].map(a => new URL(a.href).pathname)");
    let keys: Vec<_> = keys.as_array().expect("links").iter().filter_map(|link| link.as_str()).collect();
    for page in ["/dashboard/keys/new", "/dashboard/password", "/dashboard/end-tokens"].iter().chain(&keys) {
        tab.open(page);
        look(&mut tab, page);
    }
    tab.open("/dashboard/keys/new");
    tab.tick("account:read");
    tab.evaluate("document.getElementById('access-all').checked = true");
    tab.press("Make the key");
    assert!(tab.reads().contains("You have ticked some rights"));
    look(&mut tab, "the form of a key with mistakes");
    tab.evaluate("document.querySelectorAll('[name=scope]').forEach(box => { box.checked = true; })");
    tab.tick("Only these");
    tab.choose("Expires", "In 7 days");
    tab.press("Make the key");
    look(&mut tab, "the second key");
    tab.open("/dashboard");
    assert!(tab.reads().contains("in 7 days"));
    look(&mut tab, "/dashboard with a key that ends soon and has every scope");
    let broken = "[...document.querySelectorAll('.does a')].filter(a => a.getClientRects().length > 1 || a.offsetHeight > 40)";
    for width in [320, 780, 1_100] {
        tab.show(width, false);
        assert_eq!(tab.evaluate(&format!("{broken}.length")), 0, "no button is broken at {width}");
    }
    tab.press("Revoke Unnamed key");
    tab.press("Revoke");
    tab.press("Keys that have ended");
    assert!(tab.reads().contains("revoked"));
    look(&mut tab, "/dashboard?ended");
    tab.open("/forgot-password");
    tab.fill("E-mail address", "ada@example.com");
    tab.press("Mail me a link");
    look(&mut tab, "the answer of /forgot-password");
    let link = mailed(&place, "reset-password");
    tab.open(&link);
    look(&mut tab, "/reset-password");
}

/// The test can fail: what a page must not have is found where it is.
#[test]
fn a_barrier_is_found() {
    let (_place, server) = serve();
    let mut tab = Tab::at(&server.url, Scripts::On);
    tab.open("/login");
    tab.evaluate("document.querySelectorAll('label').forEach(label => label.remove())");
    assert!(grave_findings(&mut tab).iter().any(|finding| finding.contains("label")));
}

//! What somebody types is text on every page, and nothing else.

use keyward_testkit::app::{Database, TestApp};

use super::window::{PASSWORD, Window};

/// Texts that would be something else in a page that took them as they are.
const HOSTILE: [&str; 50] = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "\"><script>alert(1)</script>",
    "'><script>alert(1)</script>",
    "\" onfocus=alert(1) autofocus=\"",
    "' onfocus=alert(1) autofocus='",
    "\" onmouseover=\"alert(1)",
    "x\" style=\"position:fixed",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert`1`>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)//",
    "<math><mi//xlink:href=\"data:x,<script>\">",
    "<iframe src=javascript:alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>",
    "<form action=//evil.example><input>",
    "<button formaction=javascript:alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<body onload=alert(1)>",
    "<meta http-equiv=refresh content=0>",
    "<base href=//evil.example>",
    "<link rel=stylesheet href=//evil>",
    "<style>*{display:none}</style>",
    "<object data=//evil.example>",
    "<embed src=//evil.example>",
    "<template><script>alert(1)</script>",
    "<noscript><p title=\"</noscript><b>\">",
    "<!--<script>alert(1)//-->",
    "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)]]>",
    "<?xml version='1.0'?><x/>",
    "{{7*7}}<b>",
    "{% raw %}<b>{% endraw %}",
    "${alert(1)}<b>",
    "`<b>`",
    "&lt;script&gt;<b>",
    "&#60;script&#62;<b>",
    "\\u003cscript\\u003e<b>",
    "%3Cscript%3E<b>",
    "+ADw-script+AD4-<b>",
    "<\u{ff53}cript>alert(1)<b>",
    "javascript:alert(1)//<b>",
    "<b>\\\"'`=/&<b>",
];

/// How much markup a page has: what is typed must not add any.
fn markup(html: &str) -> (usize, usize) {
    (html.matches('<').count(), html.matches('"').count())
}

#[actix_web::test]
async fn threat_w3_fifty_hostile_texts_are_text_wherever_they_are_shown() {
    let app = TestApp::start(Database::Sqlite).await;
    let harmless = shown(&app, "harmless", 0).await;
    for (number, text) in (1..).zip(HOSTILE) {
        assert!(text.chars().count() <= 64, "{text} fits into a name");
        for ((page, html), (_, as_usual)) in shown(&app, text, number).await.iter().zip(&harmless) {
            assert_eq!(markup(html), markup(as_usual), "{page} with {text}: {html}");
        }
    }
}

/// Every page that shows what somebody typed, as a name, as a label, and in forms that come back.
async fn shown(app: &TestApp, text: &str, number: usize) -> Vec<(&'static str, String)> {
    let mut pages = Vec::new();
    let email = format!("account{number}@example.com");
    let mut window = Window::new(app);
    window.open("/signup").await;
    window.send("/signup", &[("name", text), ("email", text), ("password", text)]).await;
    // How many things are wrong is not the same for all: the fields are.
    let html = window.html();
    let fields = html.split("<input").skip(2).take(2).map(|rest| rest.split('>').next().unwrap_or_default());
    pages.push(("the form to sign up", fields.collect::<String>().replace(" aria-invalid", "")));
    window.open("/login").await;
    window.send("/login", &[("email", text), ("password", "")]).await;
    let html = window.html();
    let (_, rest) = html.split_once("id=\"email\"").expect("a field");
    pages.push(("the form to log in", rest.split("aria-invalid").next().unwrap_or_default().to_owned()));
    window.open("/signup").await;
    window.send("/signup", &[("name", text), ("email", &email), ("password", PASSWORD)]).await;
    assert_eq!(window.page.status, 200, "{text}");
    pages.push(("the first key", window.html()));
    window.open("/dashboard/keys/new").await;
    let fields = [("label", text), ("purpose", "api"), ("expires", "never"), ("access", "all")];
    assert_eq!(window.send("/dashboard/keys", &fields).await, 200, "{text}");
    pages.push(("the second key", window.html()));
    window.open("/dashboard").await;
    pages.push(("the dashboard", window.html()));
    let html = window.html();
    let mut links = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let link = links.find(|link| link.ends_with("/revoke")).expect("a key").to_owned();
    window.open(&link).await;
    pages.push(("the page to revoke", window.html()));
    let token = super::window::newest_token(app).await;
    window.open(&format!("/verify-email?token={token}")).await;
    pages.push(("the page to verify", window.html()));
    pages
}

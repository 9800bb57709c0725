//! A browser without a screen: it keeps cookies, says where its forms come from, and fills them in.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use keyward_testkit::app::{Answer, TestApp};
use keyward_testkit::mail::mailed_token;

pub(super) const HERE: &str = "http://127.0.0.1:8080";
pub(super) const HOST: (&str, &str) = ("host", "127.0.0.1:8080");
pub(super) const SESSION: &str = "__Host-keyward_session";
pub(super) const VISITOR: &str = "__Host-keyward_visitor";
pub(super) const PASSWORD: &str = "correct horse battery";

/// One window of one browser.
pub(super) struct Window<'a> {
    app: &'a TestApp,
    pub(super) cookies: BTreeMap<String, String>,
    pub(super) page: Answer,
}

impl<'a> Window<'a> {
    pub(super) fn new(app: &'a TestApp) -> Self {
        let page = Answer { status: 0, headers: Vec::new(), body: Vec::new() };
        Self { app, cookies: BTreeMap::new(), page }
    }

    /// Somebody who has just signed up with this address, and still sees the first key.
    pub(super) async fn signed_up(app: &'a TestApp, email: &str) -> Self {
        let mut window = Self::new(app);
        window.open("/signup").await;
        window.send("/signup", &[("name", "Ada"), ("email", email), ("password", PASSWORD)]).await;
        assert_eq!(window.page.status, 200, "{}", window.html());
        window
    }

    /// A request with the cookies.
    pub(super) fn request(&self, method: Method, path: &str) -> TestRequest {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = TestRequest::default().method(method).uri(path).insert_header(HOST);
        request.insert_header(("cookie", cookies.join("; ")))
    }

    /// Goes to a page.
    pub(super) async fn open(&mut self, path: &str) -> u16 {
        self.load(self.request(Method::GET, path)).await
    }

    /// Sends the form of the page that is shown.
    pub(super) async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> u16 {
        let request = self.filled_in(path, fields).insert_header(("origin", HERE));
        self.load(request).await
    }

    /// The form of the page that is shown, filled in, but for where it comes from.
    pub(super) fn filled_in(&self, path: &str, fields: &[(&str, &str)]) -> TestRequest {
        let (token, id) = (self.proof(path), self.form_id());
        let id = id.as_deref().map(|id| ("form_id", id));
        let hidden = [("form_token", token.as_str())].into_iter().chain(id);
        let fields: Vec<_> = hidden.chain(fields.iter().copied()).collect();
        self.request(Method::POST, path).set_form(fields)
    }

    /// Loads what a request answers.
    pub(super) async fn load(&mut self, request: TestRequest) -> u16 {
        self.page = self.app.send(request).await;
        for (_, value) in self.page.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, rest) = value.split_once('=').expect("a cookie");
            let text = rest.split(';').next().expect("a text");
            if text.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), text.to_owned());
            }
        }
        self.page.status
    }

    pub(super) fn html(&self) -> String {
        String::from_utf8(self.page.body.clone()).expect("text")
    }

    /// What the form proves by: the layout has one of its own, before those of the page.
    fn proof(&self, path: &str) -> String {
        const FIELD: &str = "name=\"form_token\" value=\"";
        let html = self.html();
        let page = html.split_once("<main").map(|(_, page)| page);
        let page = page.filter(|page| path != "/logout" && page.contains(FIELD)).unwrap_or(&html);
        let (_, rest) = page.split_once(FIELD).unwrap_or_else(|| panic!("no form in {html}"));
        rest.split('"').next().expect("a value").to_owned()
    }

    /// The value of the first field of this name that the page shows.
    pub(super) fn hidden(&self, name: &str) -> String {
        let html = self.html();
        let field = format!("name=\"{name}\" value=\"");
        let (_, rest) = html.split_once(&field).unwrap_or_else(|| panic!("no {name} in {html}"));
        rest.split('"').next().expect("a value").to_owned()
    }

    /// What the form of the page is known again by, if it makes something.
    pub(super) fn form_id(&self) -> Option<String> {
        self.html().contains("name=\"form_id\"").then(|| self.hidden("form_id"))
    }

    /// The secret that the page shows.
    pub(super) fn secret(&self) -> String {
        let html = self.html();
        let (_, rest) = html.split_once("id=\"secret\"").unwrap_or_else(|| panic!("no secret in {html}"));
        let (_, rest) = rest.split_once("value=\"").expect("a value");
        rest.split('"').next().expect("a value").to_owned()
    }

    pub(super) fn leads_to(&self) -> Option<&str> {
        self.page.header("location")
    }

    /// Whether somebody is logged in.
    pub(super) async fn is_logged_in(&mut self) -> bool {
        match self.open("/dashboard").await {
            200 => true,
            303 => false,
            status => panic!("{status}: {}", self.html()),
        }
    }
}

/// The token of the newest mail.
pub(super) async fn newest_token(app: &TestApp) -> String {
    mailed_token(app.send_mail().await.last().expect("a mail"))
}

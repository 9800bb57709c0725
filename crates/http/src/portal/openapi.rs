//! What the portal's routes say of themselves.

use serde_json::{Value, json};

use crate::openapi::{Operation, Refused, Shape, Words};

/// What the portal is for.
pub(crate) const ABOUT: &str = "Pages for people: sign up, log in, verify an address, reset a password, look after keys. \
    They are made for browsers and no API: forms prove by a cookie and a hidden field that they are ours, and what \
    stands in the pages may change with any release. At an unknown host they answer 421.";

/// How it refuses: with pages.
pub(crate) fn words() -> Words {
    let refused = Refused::problem;
    Words {
        media_type: "text/html",
        shape: Shape::text(),
        narrowed: |_, _| json!({}),
        example: |refused| Value::from(format!("<!doctype html>… {}", refused.message)),
        always: vec![
            refused(403, "Sign-in needs https, or the account is suspended, or the form is not one of ours."),
            refused(421, "The portal is not at this host."),
            refused(429, ""),
            refused(500, ""),
            refused(503, ""),
        ],
        with_body: vec![
            refused(400, "The form is unreadable."),
            refused(413, "The form is larger than 64 KiB."),
        ],
        with_credential: vec![refused(303, "Nobody is logged in. On to the login.")],
    }
}

const TOKEN: (&str, &str) = ("token", "The token of the mail.");
const PROOF: (&str, &str) = ("form_token", "By which a form proves that it is ours.");
const FORM_ID: (&str, &str) = ("form_id", "By which a form that is sent twice is known again.");
const EMAIL: (&str, &str) = ("email", "The e-mail address.");
const PASSWORD: (&str, &str) = ("password", "The password.");

fn page(id: &'static str, summary: &'static str) -> Operation {
    Operation::new(id, summary).content(200, "The page.", "text/html", Shape::text())
}

fn asset(id: &'static str, summary: &'static str, media_type: &'static str) -> Operation {
    Operation::new(id, summary).content(200, "The file.", media_type, Shape::text())
}

fn wrong(text: &str) -> Refused {
    Refused::problem(422, text)
}

/// What a page answers whose address carries a token that is no good.
fn dead_links() -> [Refused; 2] {
    none((410, "The link was used or has expired."), "There is no such link.")
}

/// What a page answers whose address names a key that is not there, or not so.
fn no_key() -> [Refused; 2] {
    none(
        (
            409,
            "The key has ended, or the plan allows no more, or the form was sent before with something else.",
        ),
        "The account has no such key.",
    )
}

/// What a page answers about something that is no more, or that never was.
fn none((status, no_more): (u16, &str), never: &str) -> [Refused; 2] {
    [Refused::problem(404, never), Refused::problem(status, no_more)]
}

fn on(operation: Operation, text: &'static str) -> Operation {
    operation.content(303, text, "text/html", Shape::text())
}

pub(super) fn home() -> Operation {
    on(Operation::new("home", "The server by its bare address"), "On to the dashboard or the login.")
}

pub(super) fn signup_page() -> Operation {
    on(page("signup_page", "The page to sign up"), "Somebody is logged in: on to the dashboard.")
}

pub(super) fn signup() -> Operation {
    let taken = Refused::problem(409, "The address belongs to an account.");
    page("signup", "Sign up")
        .text("Answers with the first key, the one time that it is shown, and logs in.")
        .form(&[PROOF, FORM_ID, ("name", "What people call the account."), EMAIL, PASSWORD])
        .refuses([taken, wrong("Something that was typed cannot be.")])
}

pub(super) fn login_page() -> Operation {
    on(page("login_page", "The page to log in"), "Somebody is logged in: on to the dashboard.")
}

pub(super) fn login() -> Operation {
    let refused = Refused::problem(401, "The address or the password is wrong.");
    on(Operation::new("login", "Log in"), "On to the dashboard, with a session.")
        .form(&[PROOF, EMAIL, PASSWORD])
        .refuses([refused, wrong("Something that was typed cannot be.")])
}

pub(super) fn logout() -> Operation {
    Operation::new("logout", "Log out").text("Answers 303: on to the login.").form(&[PROOF])
}

pub(super) fn style() -> Operation {
    asset("style", "How the pages look", "text/css")
}

pub(super) fn script() -> Operation {
    asset("script", "What pages can do besides where scripts run", "text/javascript")
}

pub(super) fn icon() -> Operation {
    asset("icon", "What stands for the pages in a browser's tabs", "image/svg+xml")
}

pub(super) fn verify_page() -> Operation {
    page("verify_page", "The page that asks whether an address is one's own")
        .text("Asking for it uses nothing up.")
        .query("token", TOKEN.1, json!({"type": "string"}))
        .refuses(dead_links())
}

pub(super) fn verify() -> Operation {
    on(Operation::new("verify", "Show that an address is one's own"), "On to the dashboard, or to the login.")
        .form(&[PROOF, TOKEN])
        .refuses(dead_links())
}

pub(super) fn take_over() -> Operation {
    on(Operation::new("take_over", "Take over an account that somebody else made"), "On to the login.")
        .text("Verifies the address, and ends the password, every key, token and login from before.")
        .form(&[PROOF, TOKEN, PASSWORD])
        .refuses(dead_links())
        .refuses([wrong("The password may not be chosen. The token is still good.")])
}

pub(super) fn forgot_page() -> Operation {
    page("forgot_page", "The page to ask for another password")
}

pub(super) fn forgot() -> Operation {
    page("forgot", "Ask for a mail to choose another password")
        .text("One answer, whether or not there is such an account.")
        .form(&[PROOF, EMAIL])
        .refuses([wrong("No e-mail address was typed.")])
}

pub(super) fn reset_page() -> Operation {
    page("reset_page", "The page to choose another password")
        .text("Asking for it uses nothing up.")
        .query("token", TOKEN.1, json!({"type": "string"}))
        .refuses(dead_links())
}

pub(super) fn reset() -> Operation {
    on(Operation::new("reset", "Choose another password"), "On to the login.")
        .form(&[PROOF, TOKEN, PASSWORD])
        .refuses(dead_links())
        .refuses([wrong("The password may not be chosen. The token is still good.")])
}

pub(super) fn dashboard() -> Operation {
    page("dashboard", "The account, its keys, and what happened")
        .text("Keys that are good, or those that have ended; the newest, or those behind a cursor.")
        .query("ended", "Those that have ended.", json!({"type": "string"}))
        .query("after", "A cursor, as the page before has it.", json!({"type": "string"}))
}

pub(super) fn mail_again() -> Operation {
    Operation::new("mail_again", "Ask for another mail to verify the address")
        .text("Answers 303: back to the dashboard.")
        .form(&[PROOF])
}

pub(super) fn password_page() -> Operation {
    page("password_page", "The page to change the password")
}

pub(super) fn change_password() -> Operation {
    Operation::new("change_password", "Change the password")
        .text("Answers 303: back to the dashboard, with a new session. Every other one and every token end.")
        .form(&[PROOF, ("present", "The present password."), PASSWORD])
        .refuses([wrong("Something that was typed cannot be, or is not the present password.")])
}

pub(super) fn end_tokens_page() -> Operation {
    page("end_tokens_page", "The page that asks whether all tokens and logins are to end")
}

pub(super) fn end_tokens() -> Operation {
    Operation::new("end_tokens", "End all tokens and logins of the account")
        .text("Answers 303: on to the login, this browser too.")
        .form(&[PROOF])
}

pub(super) fn keys_page() -> Operation {
    on(Operation::new("keys_page", "Where the keys are"), "On to the dashboard.")
}

pub(super) fn new_key_page() -> Operation {
    page("new_key_page", "The page to make a key")
}

pub(super) fn create_key() -> Operation {
    page("create_key", "Make a key")
        .text("Answers with its secret, the one time that it is shown.")
        .form(&[
            PROOF,
            FORM_ID,
            ("label", "What its owner calls it."),
            ("purpose", "`general`, `api`, `bot` or `mcp`."),
            ("expires", "In how many days: `7`, `30`, `90`, `365`, or `never`."),
            ("access", "`all`, or `some`: those that `scope` names."),
            ("scope", "A right. May stand there several times."),
        ])
        .refuses(no_key())
        .refuses([wrong("Something that was typed cannot be.")])
}

pub(super) fn rotate_page() -> Operation {
    page("rotate_page", "The page that asks whether a key is to be rotated").refuses(no_key())
}

pub(super) fn rotate_key() -> Operation {
    page("rotate_key", "Rotate a key")
        .text("Answers with the new secret, the one time that it is shown.")
        .form(&[
            PROOF,
            FORM_ID,
            ("grace", "For how many seconds the old one stays good: `0`, `3600` or `86400`."),
        ])
        .refuses(no_key())
}

pub(super) fn revoke_page() -> Operation {
    page("revoke_page", "The page that asks whether a key is to be revoked").refuses(no_key())
}

pub(super) fn revoke_key() -> Operation {
    Operation::new("revoke_key", "Revoke a key")
        .text("Answers 303: back to the dashboard.")
        .form(&[PROOF])
        .refuses(no_key())
}

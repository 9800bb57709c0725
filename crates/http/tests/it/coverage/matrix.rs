//! Each route, asked by everybody: what the route table promises against what is answered.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use keyward_domain::accounts::Plan;
use keyward_domain::audit::AuditEvent;
use keyward_domain::limits::LimitName;
use keyward_http::{RouteLimit, RouteRow};
use keyward_testkit::app::{Answer, TestApp};

use super::asker::{Asker, Stage, Who};
use super::cases::{Case, Sent};

/// What a request must come to.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    LetIn,
    /// With one of these statuses.
    Refused(&'static [u16]),
}

/// The verdict that follows from the row. A surface of our own has one answer for every bad credential; at a dialect
/// the vendor's words tell more to who has shown a good one.
fn verdict(row: &RouteRow, case: &Case, who: Who) -> Verdict {
    if row.credentials.is_empty() {
        return Verdict::LetIn;
    }
    // A browser is led to the login.
    let unknown = if row.surface == PORTAL { Verdict::Refused(&[303]) } else { Verdict::Refused(&[401]) };
    let Some(kind) = who.kind() else {
        return unknown;
    };
    let ours = row.surface == "operations" || row.surface == "admin";
    if !row.credentials.contains(&kind) {
        let tells_more = !ours && row.surface != PORTAL && who != Who::Admin;
        return if tells_more { Verdict::Refused(&[401, 403]) } else { unknown };
    }
    match who {
        // Where the path names a thing, a stranger learns nothing of it; else the request is about the stranger.
        Who::Strangers(_) if row.path.contains('{') => Verdict::Refused(&[403, 404]),
        // The password in the body is not the stranger's.
        Who::Strangers(_) if case.password => Verdict::Refused(&[422]),
        Who::Suspended(_) if case.while_suspended => Verdict::LetIn,
        Who::Suspended(_) if !ours => Verdict::Refused(&[403]),
        Who::Suspended(_) | Who::Revoked(_) => unknown,
        Who::Own(_) | Who::Strangers(_) | Who::Admin => Verdict::LetIn,
        Who::Nobody | Who::GarbageKey | Who::GarbageToken | Who::WrongAdminKey => unknown,
    }
}

/// Every answer that is not as the row has it, at the base path and at the root, for each method.
pub(crate) async fn violations(stage: &Stage, row: &RouteRow, case: &Case) -> Vec<String> {
    let app = &stage.app;
    let mut found = Vec::new();
    let methods = if row.methods == ["ANY"] { &["GET", "POST", "PURGE"][..] } else { row.methods };
    for path in
        [Some(row.path.as_str()), row.root_path.filter(|path| *path != row.path)].into_iter().flatten()
    {
        for method in methods {
            for who in Who::ALL {
                let asker = Asker::new(who, row, case, stage).await;
                let before = newest_event(app).await;
                let answer = app.send(request(method, path, case, &asker, app)).await;
                let changed = newest_event(app).await != before;
                // Whoever shows the token of a mail is told whose it is.
                let may_see = case.mailed.is_some();
                let wrong = wrong(&verdict(row, case, who), &answer, case.refused_with, changed)
                    .or_else(|| (!may_see).then(|| seen(who, &asker, &answer)).flatten());
                let unlimited = unlimited(row, &answer);
                let all = wrong.into_iter().chain(unlimited);
                found.extend(all.map(|why| format!("{method} {path} by {who:?}: {why}")));
            }
        }
    }
    found
}

fn request(method: &str, path: &str, case: &Case, asker: &Asker, app: &TestApp) -> TestRequest {
    let method: Method = method.parse().expect("a method");
    let query = match (case.sent, case.mailed) {
        (Sent::Nothing, Some(_)) => format!("?token={}", asker.about.mailed_token),
        (Sent::Nothing | Sent::Json(_) | Sent::Form(_), _) => String::new(),
    };
    let mut request = TestRequest::default().method(method).uri(&(asker.fill(path) + &query));
    // The portal answers at its own host alone; nobody else looks at it.
    request = request.insert_header(("host", "127.0.0.1:8080"));
    if let Some((name, value)) = &asker.header {
        request = request.append_header((*name, value.as_str()));
    }
    match case.sent {
        Sent::Nothing => request,
        Sent::Json(body) => request.set_json(body(&asker.about)),
        Sent::Form(fields) => {
            // A browser that was here before: it has what visitors' forms are bound to.
            const VISITOR: &str = "a-text-of-43-characters-that-no-one-has-got";
            let session = asker.header.as_ref().and_then(|(_, value)| value.strip_prefix(SESSION));
            let is_for_visitors = session.is_none() || asker.is_public;
            let proof =
                app.domain().sessions.form_token(if is_for_visitors { VISITOR } else { session.unwrap() });
            let proof = proof.expect("a text of ours").expose().to_owned();
            let id = app.domain().sessions.new_form_id().expose().to_owned();
            let fields = [vec![("form_token", proof), ("form_id", id)], fields(&asker.about)].concat();
            let request = request.append_header(("cookie", format!("__Host-keyward_visitor={VISITOR}")));
            request.insert_header(("origin", "http://127.0.0.1:8080")).set_form(fields)
        }
    }
}

/// What stands before a session's text in the header that shows it.
pub(super) const SESSION: &str = "__Host-keyward_session=";

const PORTAL: &str = "portal";

/// Whether the answer does what was asked: with what was asked for, or, in a browser, by leading on.
fn lets_in(answer: &Answer) -> bool {
    // 410 is told to who may ask: what they ask for is not kept.
    (200..300).contains(&answer.status)
        || answer.status == 410
        || (answer.status == 303 && !is_led_to_login(answer))
}

fn is_led_to_login(answer: &Answer) -> bool {
    answer.header("location") == Some("/login?notice=signed-out")
}

fn wrong(verdict: &Verdict, answer: &Answer, refused_with: Option<u16>, changed: bool) -> Option<String> {
    let status = answer.status;
    match verdict {
        Verdict::LetIn if refused_with == Some(status) => None,
        Verdict::LetIn if !lets_in(answer) => Some(format!("{status}, but is let in")),
        Verdict::Refused(_) if status == 303 && !is_led_to_login(answer) => Some("303, let in".to_owned()),
        Verdict::Refused(with) if !with.contains(&status) => Some(format!("{status}, not {with:?}")),
        Verdict::Refused(_) if changed => Some(format!("{status}, but something was done")),
        Verdict::LetIn | Verdict::Refused(_) => None,
    }
}

/// Whether a stranger sees what is another account's.
fn seen(who: Who, asker: &Asker, answer: &Answer) -> Option<String> {
    let is_seen = matches!(who, Who::Strangers(_)) && shows(answer, asker);
    is_seen.then(|| format!("{}, with another account's data", answer.status))
}

/// What the answer's headers lack of limits. Whoever is let in is told of the limit that the route's row names.
fn unlimited(row: &RouteRow, answer: &Answer) -> Option<String> {
    let number = |name: &str| answer.header(name).and_then(|value| value.parse::<u64>().ok());
    let (limit, remaining) = (number("x-ratelimit-limit"), number("x-ratelimit-remaining"));
    if limit.is_none() || remaining > limit || remaining.is_none() || number("x-ratelimit-reset").is_none() {
        return Some(format!("{}, without true headers of limits", answer.status));
    }
    let is_let_in = (200..300).contains(&answer.status);
    if is_let_in && !limits_of(row).contains(&limit) {
        return Some(format!("{}, limited by {limit:?} and not by {:?}", answer.status, row.limit));
    }
    None
}

fn limits_of(row: &RouteRow) -> Vec<Option<u64>> {
    let number = |limit: LimitName| Some(u64::from(limit.default_number(Plan::Free)));
    match row.limit {
        RouteLimit::Free(limit)
        | RouteLimit::PerNetwork(limit)
        | RouteLimit::PerAccount(limit)
        | RouteLimit::PerKey(limit) => vec![number(limit)],
        RouteLimit::Guarded { attempts, successes } => {
            attempts.iter().copied().chain(successes).map(number).collect()
        }
    }
}

/// Whether anything of the account that the request was about is in the answer.
fn shows(answer: &Answer, asker: &Asker) -> bool {
    let headers = answer.headers.iter().map(|(_, value)| value.as_str());
    let whole = headers.collect::<Vec<_>>().join("\n") + &String::from_utf8_lossy(&answer.body);
    let about = &asker.about;
    [&about.account_id, &about.email, &about.api_key, &about.agent_id, &about.agent_api_key]
        .iter()
        .any(|word| whole.contains(word.as_str()))
}

/// A refusal leaves the audit trail as it was.
async fn newest_event(app: &TestApp) -> Vec<AuditEvent> {
    app.domain().audit.page(None, None, 1).await.expect("a readable trail")
}

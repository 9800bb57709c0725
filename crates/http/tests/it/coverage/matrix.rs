//! Each route, asked by everybody: what the route table promises against what is answered.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use keyward_domain::accounts::Plan;
use keyward_domain::audit::AuditEvent;
use keyward_domain::limits::LimitName;
use keyward_http::{RouteLimit, RouteRow};
use keyward_testkit::app::{Answer, TestApp};

use super::asker::{Asker, Stage, Who};
use super::cases::Case;

/// What a request must come to.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    LetIn,
    /// With one of these statuses.
    Refused(&'static [u16]),
}

/// The verdict that follows from the row. A surface of our own has one answer for every bad credential; at a dialect
/// the vendor's words tell more to who has shown a good one.
fn verdict(row: &RouteRow, who: Who) -> Verdict {
    const UNKNOWN: Verdict = Verdict::Refused(&[401]);
    if row.credentials.is_empty() {
        return Verdict::LetIn;
    }
    let Some(kind) = who.kind() else {
        return UNKNOWN;
    };
    let ours = row.surface == "operations" || row.surface == "admin";
    if !row.credentials.contains(&kind) {
        return if ours || who == Who::Admin { UNKNOWN } else { Verdict::Refused(&[401, 403]) };
    }
    match who {
        // Where the path names a thing, a stranger learns nothing of it; else the request is about the stranger.
        Who::Strangers(_) if row.path.contains('{') => Verdict::Refused(&[403, 404]),
        Who::Suspended(_) if !ours => Verdict::Refused(&[403]),
        Who::Suspended(_) | Who::Revoked(_) => UNKNOWN,
        Who::Own(_) | Who::Strangers(_) | Who::Admin => Verdict::LetIn,
        Who::Nobody | Who::GarbageKey | Who::GarbageToken | Who::WrongAdminKey => UNKNOWN,
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
                let answer = app.send(request(method, path, case, &asker)).await;
                let changed = newest_event(app).await != before;
                let wrong = wrong(&verdict(row, who), who, &asker, &answer, changed);
                let unlimited = unlimited(row, &answer);
                let all = wrong.into_iter().chain(unlimited);
                found.extend(all.map(|why| format!("{method} {path} by {who:?}: {why}")));
            }
        }
    }
    found
}

fn request(method: &str, path: &str, case: &Case, asker: &Asker) -> TestRequest {
    let method: Method = method.parse().expect("a method");
    let mut request = TestRequest::default().method(method).uri(&asker.fill(path));
    if let Some(body) = case.body {
        request = request.set_json(body(&asker.about));
    }
    match &asker.header {
        Some((name, value)) => request.insert_header((*name, value.as_str())),
        None => request,
    }
}

fn wrong(verdict: &Verdict, who: Who, asker: &Asker, answer: &Answer, changed: bool) -> Option<String> {
    let status = answer.status;
    match verdict {
        // 410 is told to who may ask: what they ask for is not kept.
        Verdict::LetIn if !(200..300).contains(&status) && status != 410 => {
            Some(format!("{status}, but is let in"))
        }
        Verdict::Refused(with) if !with.contains(&status) => Some(format!("{status}, not {with:?}")),
        Verdict::Refused(_) if changed => Some(format!("{status}, but something was done")),
        Verdict::LetIn | Verdict::Refused(_) if matches!(who, Who::Strangers(_)) && shows(answer, asker) => {
            Some(format!("{status}, with another account's data"))
        }
        Verdict::LetIn | Verdict::Refused(_) => None,
    }
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

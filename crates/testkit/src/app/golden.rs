//! Golden transcripts: a story's requests with the whole of their answers, as files beside the dialect's tests.
//!
//! The clock stands still unless a story waits, so that what an answer says of limits is the same in each telling. Ids,
//! keys, tokens and request ids differ from run to run. In the file each is a placeholder, numbered by its
//! first appearance: `{ak_live#1}` is the same key wherever it stands, in answers and in later requests.
//! `KEYWARD_BLESS=1` writes the answers; a review reads the difference.

use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::sync::LazyLock;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use keyward_domain::ids::{AccountId, RequestId};
use keyward_domain::request::RequestContext;
use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Answer, Database, TestApp};
use crate::builders::admin;
use crate::mail::mailed_token;

/// A file: one story on a fresh database.
#[derive(Serialize, Deserialize)]
struct Story {
    story: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    config: String,
    /// Whether limits are on.
    #[serde(default, skip_serializing_if = "is_off")]
    limits: bool,
    steps: Vec<Step>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
const fn is_off(switch: &bool) -> bool {
    !*switch
}

#[derive(Serialize, Deserialize)]
struct Step {
    name: String,
    /// What happens before the request and has no route yet: `suspend`, `resume`, `archive` an account, `wait`
    /// some seconds, `send_mail`, whose links' tokens have the names that are listed.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    before: Map<String, Value>,
    request: Request,
    #[serde(default)]
    response: Value,
}

#[derive(Serialize, Deserialize)]
struct Request {
    method: String,
    path: String,
    /// The address that it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    peer: Option<IpAddr>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    headers: Map<String, Value>,
    /// A JSON body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
    /// A body sent as it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
    /// A body of this many bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes: Option<usize>,
}

/// Tells every story in the folder on both databases; each must go as it is written. Panics if there is none.
#[allow(clippy::disallowed_methods, reason = "blessing is asked for from outside")]
pub async fn check_stories(folder: &Path) {
    let bless = std::env::var_os("KEYWARD_BLESS").is_some();
    let files = fs::read_dir(folder).expect("a folder of stories").map(|entry| entry.expect("a file").path());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect();
    files.sort();
    assert!(!files.is_empty(), "no stories in {}", folder.display());
    for file in files {
        let written = fs::read_to_string(&file).expect("a story");
        for database in Database::BOTH {
            let mut story: Story = serde_json::from_str(&written).expect("a well-formed story");
            tell(&mut story, database).await;
            let told = serde_json::to_string_pretty(&story).expect("JSON") + "\n";
            if bless && database == Database::Sqlite {
                fs::write(&file, &told).expect("a place for the story");
            } else if !bless {
                assert_eq!(told, written, "{} on {database:?}", file.display());
            }
        }
    }
}

async fn tell(story: &mut Story, database: Database) {
    let app = if story.limits {
        TestApp::with_limits(database, &story.config).await
    } else {
        TestApp::with_config(database, &story.config).await
    };
    let mut names = Names::of(&app);
    for step in &mut story.steps {
        for (deed, value) in &step.before {
            do_before(&app, deed, value, &mut names).await;
        }
        let answer = app.send(request(&step.request, &names)).await;
        step.response = transcript(&answer, &mut names);
    }
}

async fn do_before(app: &TestApp, deed: &str, value: &Value, names: &mut Names) {
    let accounts = &app.domain().accounts;
    let request_id = RequestId::from_uuid(uuid::Uuid::nil());
    let (actor, context) = (admin("golden"), RequestContext::of_ours(request_id));
    let account = || account_id(&names.restore(value.as_str().expect("an account")));
    match deed {
        "suspend" => accounts.suspend(account(), &actor, &context).await.expect("a suspension"),
        "resume" => accounts.resume(account(), &actor, &context).await.expect("a resumption"),
        "archive" => accounts.archive(account(), &actor, &context).await.expect("an archiving"),
        "wait" => app.clock().advance(std::time::Duration::from_secs(value.as_u64().expect("seconds"))),
        "send_mail" => {
            let wanted = value.as_array().expect("a list of names");
            let mut mails = app.send_mail().await;
            mails.retain(|mail| mail.content.link().is_some());
            assert_eq!(mails.len(), wanted.len(), "so many links were to be sent: {wanted:?}");
            for (mail, name) in mails.iter().zip(wanted) {
                let name = name.as_str().expect("a name");
                names.0.push((mailed_token(mail), format!("{{{name}}}")));
            }
        }
        other => panic!("nobody knows how to {other}"),
    }
}

/// The account of this id: hyphenated, or as a user's is written.
fn account_id(text: &str) -> AccountId {
    let uuid = uuid::Uuid::parse_str(text.strip_prefix("usr_").unwrap_or(text));
    AccountId::from_uuid(uuid.expect("an account id"))
}

fn request(step: &Request, names: &Names) -> TestRequest {
    let method: Method = step.method.parse().expect("a method");
    let mut request = TestRequest::default().method(method).uri(&names.restore(&step.path));
    if let Some(peer) = step.peer {
        request = request.peer_addr((peer, 1_234).into());
    }
    if let Some(body) = &step.body {
        let text = names.restore(&body.to_string());
        request = request.insert_header(("content-type", "application/json")).set_payload(text);
    }
    if let Some(raw) = &step.raw {
        request = request.set_payload(raw.clone());
    }
    if let Some(bytes) = step.bytes {
        request = request.set_payload(vec![b' '; bytes]);
    }
    for (name, value) in &step.headers {
        let value = names.restore(value.as_str().expect("a header's text"));
        request = request.insert_header((name.as_str(), value));
    }
    request
}

fn transcript(answer: &Answer, names: &mut Names) -> Value {
    let mut headers: Vec<_> = answer.headers.iter().filter(|(name, _)| name != "content-length").collect();
    headers.sort();
    let headers = headers.into_iter().map(|(name, value)| {
        let hidden = match name.as_str() {
            name if name.ends_with("request-id") => "{request_id}".to_owned(),
            "etag" => names.name(value.clone(), "etag"),
            _ => names.hide(value),
        };
        (name.clone(), Value::String(hidden))
    });
    let headers: Map<String, Value> = headers.collect();
    let text = names.hide(&String::from_utf8_lossy(&answer.body));
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    serde_json::json!({"status": answer.status, "headers": headers, "body": body})
}

/// What differs from run to run. It is compiled once: without optimisation that takes longer than a story.
static DIFFERING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?P<key>[a-z]+_(?:live|test)_[0-9A-Za-z]{64})",
        r"|(?P<jwt>eyJ[\w-]+\.[\w-]+\.[\w-]+)",
        r"|(?P<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
        r"|\b(?P<short>(?:cust|usr|key)_[0-9a-f]{12,32})\b",
        r"|(?P<preview>[a-z]+_(?:live|test)_[0-9A-Za-z]{4}\b)",
        r#"|(?P<material>"(?:x|y|n|kid)":"[\w-]+")"#,
        r#"|(?P<picked>"color":"\#[0-9a-f]{6}")|(?P<drawn>data:image/svg\+xml,[^"]+)"#,
        r#"|(?P<cursor>"(?:next_cursor|nextCursor)":"[\w-]+")"#,
        r#"|(?P<fingerprint>"fingerprint":"[0-9a-f]{16}")|(?P<folder>"key_file":"[^"]*/)"#,
    ))
    .expect("a good pattern")
});

/// What each placeholder stands for in this telling.
struct Names(Vec<(String, String)>);

impl Names {
    /// What a story may name from the start: `{admin_key}`.
    fn of(app: &TestApp) -> Self {
        Self(vec![(app.admin_key(), "{admin_key}".to_owned())])
    }

    /// The text with every value that differs from run to run replaced by its placeholder.
    fn hide(&mut self, text: &str) -> String {
        let hidden = DIFFERING.replace_all(text, |found: &regex::Captures<'_>| {
            let value = found[0].to_owned();
            if found.name("material").is_some() {
                let (member, _) = value.split_once(':').expect("a member");
                return format!("{member}:\"{{key material}}\"");
            }
            if found.name("picked").is_some() {
                return "\"color\":\"{picked by the id}\"".to_owned();
            }
            if found.name("drawn").is_some() {
                return "{drawn}".to_owned();
            }
            if let Some(kind) = ["cursor", "fingerprint"].into_iter().find(|kind| found.name(kind).is_some())
            {
                let (member, text) = value.split_once(':').expect("a member");
                return format!("{member}:\"{}\"", self.name(text.replace('"', ""), kind));
            }
            if found.name("folder").is_some() {
                return "\"key_file\":\"{data_dir}/".to_owned();
            }
            if let Some(short) = found.name("short") {
                let kind = short.as_str().split_once('_').expect("a prefix").0;
                return self.name(value.clone(), kind);
            }
            let kind = match (found.name("key").or(found.name("preview")), found.name("jwt")) {
                (Some(key), _) => key.as_str().rsplit_once('_').expect("a prefix").0.to_owned(),
                (None, Some(_)) => "jwt".to_owned(),
                (None, None) => "uuid".to_owned(),
            };
            if found.name("preview").is_some() {
                return self.preview_of(&value, &kind);
            }
            self.name(value, &kind)
        });
        hidden.into_owned()
    }

    /// The text with every placeholder replaced by what it stands for.
    fn restore(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (value, name)| text.replace(name, value))
    }

    fn name(&mut self, value: String, kind: &str) -> String {
        if let Some((_, name)) = self.0.iter().find(|(known, _)| *known == value) {
            return name.clone();
        }
        let number = 1 + self.0.iter().filter(|(_, name)| name.starts_with(&format!("{{{kind}#"))).count();
        let name = format!("{{{kind}#{number}}}");
        self.0.push((value, name.clone()));
        name
    }

    fn preview_of(&self, preview: &str, kind: &str) -> String {
        let whole = self.0.iter().find(|(value, _)| value.starts_with(preview));
        whole.map_or(format!("{{{kind} of nobody}}"), |(_, name)| {
            format!("{{preview of {}}}", name.trim_matches(['{', '}']))
        })
    }
}

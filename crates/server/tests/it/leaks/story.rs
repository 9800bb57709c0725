//! A story through every route: a good request of each, and secrets in odd places before it.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use super::odd_places;
use super::portal::{self, Browser};
use super::post::{RESET, VERIFY};
use super::secrets::Secrets;
use super::wire::{Ask, Reply};
use super::world::World;

/// Routes whose good request has to succeed, or a token that is in use was never in the story.
const ABOUT_MAIL: &[&str] = &[
    "/forgot-password",
    "/reset-password",
    "/verify-email",
    "/verify-email/confirm",
    "/reset-password/confirm",
    "/reset-password/validate",
    "/password-reset/confirm",
    "/password-reset/validate",
];

/// A route of the server, as `docs/dialects.md` has it.
#[derive(Clone)]
pub(super) struct Route {
    pub(super) method: String,
    pub(super) path: String,
}

/// Everything that somebody who has registered was shown.
#[derive(Clone)]
pub(super) struct Own {
    pub(super) account_id: String,
    pub(super) agent_id: String,
    pub(super) email: String,
    pub(super) password: String,
    pub(super) api_key: String,
    pub(super) api_secret: String,
    pub(super) token: String,
    /// Came by mail, and verifies the address.
    pub(super) mailed: String,
}

pub(super) struct Story<'a> {
    world: &'a World,
    secrets: Secrets,
    refusals: BTreeMap<String, Vec<u8>>,
    registered: usize,
    /// How many requests may be repeated.
    repeatable: usize,
}

impl<'a> Story<'a> {
    pub(super) fn new(world: &'a World) -> Self {
        let mut secrets = Secrets::default();
        World::configured(&mut secrets);
        Self { world, secrets, refusals: BTreeMap::new(), registered: 0, repeatable: 0 }
    }

    pub(super) const fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    pub(super) fn into_secrets(self) -> Secrets {
        assert!(self.secrets.len() > 150, "{} secrets", self.secrets.len());
        self.secrets
    }

    pub(super) fn refusals(&self) -> impl Iterator<Item = (&str, &[u8])> {
        assert!(self.refusals.len() > 500, "{} refusals", self.refusals.len());
        self.refusals.iter().map(|(name, text)| (name.as_str(), text.as_slice()))
    }

    /// The whole of it.
    pub(super) fn tell(&mut self) {
        let routes = routes();
        assert!(routes.len() > 30, "{} routes", routes.len());
        for (turn, route) in routes.into_iter().enumerate() {
            let own = self.newcomer();
            let target = self.fill(&route.path, &own);
            for (place, ask) in odd_places::asks(self.world, &route, &target, &own, turn) {
                // The portal looks at nothing that is not addressed to it.
                let ask = if portal::has(&route.path) { ask.at_host(self.world.address()) } else { ask };
                self.send(&format!("{} {} with {place}", route.method, route.path), &ask);
            }
            if portal::has(&route.path) {
                continue; // A browser goes there.
            }
            let target = self.fill(&route.path, &own);
            let ask = Ask::new(&route.method, &target).bearing(self.credential(&route, &own));
            let ask = ask.json(&self.good_body(&route, &own));
            let ask = self.repeatable(ask);
            let exchanges = route.path.ends_with("/v0/auth/token");
            let ask = if exchanges { Ask::new(&route.method, &target).bearing(&own.api_key) } else { ask };
            let ask = if route.path.ends_with("/whoami") { ask.with("X-API-Key", &own.api_key) } else { ask };
            let reply = self.send(&format!("{} {}, good", route.method, route.path), &ask);
            let is_about_mail = ABOUT_MAIL.iter().any(|end| route.path.ends_with(end));
            assert!(!(is_about_mail || exchanges) || reply.status == 200, "{}: {}", route.path, reply.status);
        }
        self.browse();
        let late: Vec<Own> = (0..4).map(|_| self.newcomer()).collect();
        self.world.disturb();
        for own in late {
            // Whether it is answered or 503 is not the question here.
            let login = json!({"email": own.email, "password": own.password});
            self.send("after a cut", &Ask::new("POST", "/api/v1/auth/user-login").json(&login));
            self.send("after a cut", &Ask::new("GET", "/forward-auth").with("X-API-Key", &own.api_key));
        }
    }

    /// Through the portal, on every page of it.
    fn browse(&mut self) {
        const EMAIL: &str = "reader-of-the-story@mail.example.com";
        let (first, second) = (invented(2_000_000), invented(2_000_001));
        self.secrets.add("a password", &first);
        self.secrets.add("a password", &second);
        self.secrets.add_address(EMAIL);
        let mut browser = Browser::at(self.world.address());
        browser.open("/signup");
        let wrong = [("name", "Reader"), ("email", "no address"), ("password", first.as_str())];
        assert_eq!(browser.send("/signup", &wrong), 422);
        assert_eq!(
            browser.send("/signup", &[("name", "Reader"), ("email", EMAIL), ("password", &first)]),
            200
        );
        browser.harvest(&mut self.secrets);
        let link = self.world.post.token(EMAIL, VERIFY);
        browser.open(&format!("/verify-email?token={link}"));
        assert_eq!(browser.send("/verify-email", &[("token", &link)]), 303);
        browser.open("/dashboard");
        assert_eq!(browser.send("/dashboard/verification", &[]), 303);
        browser.open("/dashboard/keys/new");
        let key = [("label", "reading"), ("purpose", "bot"), ("expires", "never"), ("access", "all")];
        assert_eq!(browser.send("/dashboard/keys", &key), 200);
        browser.harvest(&mut self.secrets);
        for (deed, fields, status) in [("/rotate", &[("grace", "0")][..], 200), ("/revoke", &[], 303)] {
            browser.open("/dashboard");
            let page = browser.link(deed);
            browser.open(&page);
            assert_eq!(browser.send(&page, fields), status, "{page}");
            browser.harvest(&mut self.secrets);
        }
        browser.open("/dashboard/end-tokens");
        assert_eq!(browser.send("/dashboard/end-tokens", &[]), 303);
        browser.open("/login");
        assert_eq!(browser.send("/login", &[("email", EMAIL), ("password", &second)]), 401);
        assert_eq!(browser.send("/login", &[("email", EMAIL), ("password", &first)]), 303);
        browser.harvest(&mut self.secrets);
        browser.open("/dashboard");
        assert_eq!(browser.send("/logout", &[]), 303);
        browser.open("/forgot-password");
        assert_eq!(browser.send("/forgot-password", &[("email", EMAIL)]), 200);
        let link = self.world.post.token(EMAIL, RESET);
        browser.open(&format!("/reset-password?token={link}"));
        assert_eq!(browser.send("/reset-password", &[("token", &link), ("password", &second)]), 303);
    }

    /// Logs in with a browser. The session.
    pub(super) fn session(&self, own: &Own) -> String {
        let mut browser = Browser::at(self.world.address());
        browser.open("/login");
        assert_eq!(browser.send("/login", &[("email", &own.email), ("password", &own.password)]), 303);
        browser.session().expect("a session").to_owned()
    }

    fn credential<'b>(&'b self, route: &Route, own: &'b Own) -> &'b str {
        if route.path.starts_with("/admin/") { &self.world.admin_key } else { &own.token }
    }

    /// Somebody new, who is remembered with everything.
    pub(super) fn newcomer(&mut self) -> Own {
        self.registered += 1;
        let number = self.registered;
        let (email, password) = (format!("person{number}of-the-story@mail.example.com"), invented(number));
        self.secrets.add("a password", &password);
        self.secrets.add_address(&email);
        let seed =
            json!({"display_name": format!("Somebody {number}"), "email": email, "password": password});
        let register = self.repeatable(Ask::new("POST", "/api/v1/auth/register").json(&seed));
        let shown = self.send("register", &register).json();
        let text =
            |member: &str| shown[member].as_str().unwrap_or_else(|| panic!("{member}: {shown}")).to_owned();
        let login = json!({"api_key": text("api_key"), "api_secret": text("api_secret")});
        let token = self.send("log in", &Ask::new("POST", "/api/v1/auth/login").json(&login)).json();
        let mailed = self.world.post.token(&email, VERIFY);
        Own {
            account_id: text("account_id"),
            agent_id: text("agent_id"),
            email,
            password,
            api_key: text("api_key"),
            api_secret: text("api_secret"),
            token: token["token"].as_str().unwrap_or_else(|| panic!("{token}")).to_owned(),
            mailed,
        }
    }

    /// The same, called by a key of its own, so that what it is answered rests sealed in the database.
    fn repeatable(&mut self, ask: Ask) -> Ask {
        self.repeatable += 1;
        let key = invented(2_000_000 + self.repeatable);
        self.secrets.add("an idempotency key", &key);
        ask.with("Idempotency-Key", &key)
    }

    /// Asks for a mail that resets the password. The token in it.
    pub(super) fn forget(&mut self, own: &Own) -> String {
        let forgot = json!({"username": own.email});
        let ask = Ask::new("POST", "/api/v1/auth/forgot-password").json(&forgot);
        assert_eq!(self.send("forgot", &ask).status, 200);
        self.world.post.token(&own.email, RESET)
    }

    /// Remembers the tokens of all mails so far.
    pub(super) fn read_mail(&mut self) {
        let tokens = self.world.post.all_tokens();
        assert!(tokens.len() >= self.registered, "{} of {}", tokens.len(), self.registered);
        tokens.iter().for_each(|token| self.secrets.add("a mailed token", token));
    }

    fn send(&mut self, name: &str, ask: &Ask) -> Reply {
        let reply = ask.send(self.world.address());
        assert!(reply.status != 500, "{name}: {}", String::from_utf8_lossy(&reply.text));
        if reply.status < 400 {
            self.secrets.harvest(&reply.json());
        } else {
            self.refusals.insert(format!("{name} ({})", reply.status), reply.text.clone());
        }
        reply
    }

    /// All pages of a list, or whatever is there.
    pub(super) fn read_all(&mut self, path: &str) -> Vec<u8> {
        let mut text = Vec::new();
        let mut next = path.to_owned();
        loop {
            let reply = Ask::new("GET", &next).bearing(&self.world.admin_key).send(self.world.address());
            assert_eq!(reply.status, 200, "{next}: {}", String::from_utf8_lossy(&reply.text));
            text.extend(&reply.text);
            match reply.json()["next_cursor"].as_str() {
                Some(cursor) => next = format!("{path}&cursor={cursor}"),
                None => return text,
            }
        }
    }

    fn good_body(&mut self, route: &Route, own: &Own) -> Value {
        let ends = |end: &str| route.path.ends_with(end);
        let resets =
            ends("/reset-password") || ends("/reset-password/confirm") || ends("/password-reset/confirm");
        if ends("/validate") {
            return json!({"token": self.forget(own)});
        }
        if !resets && !ends("/auth/signup") {
            return good_body(route, own);
        }
        let chosen = invented(1_000_000 + self.registered);
        self.secrets.add("a password", &chosen);
        if resets {
            json!({"token": self.forget(own), "new_password": chosen})
        } else {
            let email = format!("newcomer{}-of-the-story@mail.example.com", self.registered);
            self.secrets.add_address(&email);
            json!({"email": email, "password": chosen})
        }
    }

    fn fill(&self, path: &str, own: &Own) -> String {
        let mut target = path.replace("{account_id}", &own.account_id).replace("{agent_id}", &own.agent_id);
        if target.contains("{key_id}") {
            let keys = format!("/admin/v1/keys?account={}", own.account_id);
            let keys =
                Ask::new("GET", &keys).bearing(&self.world.admin_key).send(self.world.address()).json();
            let id = keys["data"][0]["key_id"].as_str().expect("a key");
            // TruCore writes the ids of keys without hyphens.
            let short = format!("/customer/keys/key_{}", id.replace('-', ""));
            target = target.replace("/customer/keys/{key_id}", &short).replace("{key_id}", id);
        }
        assert!(!target.contains('{'), "say what stands for the parameters of {path}");
        target
    }
}

/// A password that nobody else has, and no part of it.
fn invented(number: usize) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(number as u64 + 1);
    let letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(LETTERS[(state >> 33) as usize % LETTERS.len()])
    };
    std::iter::repeat_with(letter).take(24).collect()
}

/// A body that the route takes, if it takes no secret that has to be asked for.
fn good_body(route: &Route, own: &Own) -> Value {
    let is = |method: &str, end: &str| route.method == method && route.path.ends_with(end);
    if is("POST", "/auth/register") {
        json!({"display_name": "Newcomer"})
    } else if is("POST", "/trucore/auth/login") {
        json!({"email": own.email, "password": own.password})
    } else if is("POST", "/auth/login") {
        json!({"api_key": own.api_key, "api_secret": own.api_secret})
    } else if is("POST", "/auth/user-login") {
        json!({"email": own.email, "password": own.password})
    } else if is("POST", "/auth/forgot-password") {
        json!({"username": own.email})
    } else if is("POST", "/auth/verify-email") || is("POST", "/auth/verify-email/confirm") {
        json!({"token": own.mailed})
    } else if is("POST", "/reset-password/request") || is("POST", "/password-reset/request") {
        json!({"email": own.email})
    } else if is("POST", "/customer/keys") {
        json!({"label": "second", "scopes": ["atf:verify"], "purpose": "bot"})
    } else if is("POST", "/agents") {
        json!({"display_name": "Second"})
    } else if is("PUT", "/agents/{agent_id}") {
        json!({"display_name": "Renamed"})
    } else if is("PUT", "/risk-profile") {
        json!({"max_position_size_pct": 1, "daily_loss_limit_pct": 1, "max_open_orders": 1})
    } else if is("POST", "/organizations") {
        json!({"name": "Acme"})
    } else if is("PUT", "/plan") {
        json!({"plan": "pro"})
    } else {
        json!({})
    }
}

fn routes() -> Vec<Route> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/dialects.md");
    let page = fs::read_to_string(page).unwrap();
    let row = |line: &str| {
        let mut columns = line.strip_prefix("| ")?.split(" | ");
        let (methods, path) = (columns.next()?, columns.next()?.trim_matches('`'));
        let method = match methods.split(", ").next()? {
            "ANY" => "GET",
            method => method,
        };
        path.starts_with('/').then(|| Route { method: method.to_owned(), path: path.to_owned() })
    };
    page.lines().filter_map(row).collect()
}

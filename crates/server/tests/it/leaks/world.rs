//! A server whose configuration is full of secrets, on either database.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use keyward_testkit::postgres::PostgresDatabase;

use super::cells;
use super::post::Post;
use super::secrets::Secrets;
use crate::process::{Place, Server};

/// Which database it stands on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    Sqlite,
    Postgres,
}

pub(super) struct World {
    pub(super) place: Place,
    pub(super) server: Server,
    pub(super) admin_key: String,
    /// Where its mail goes.
    pub(super) post: Post,
    database: Option<PostgresDatabase>,
}

const ADMIN_KEY: &str = "adm-Kq3Vz8Xw1Ls6Yd9Nf2Hj5Gb7Tc4Rm0Pe";
const MASTER_KEY: [u8; 32] = *b"\x91\x5c\x07\xe2\x3f\xa8\x64\xd1\x1b\xcc\x70\x2e\x99\x05\xf4\x8a\x36\xbd\x4e\x12\xe7\x58\xa3\x0d\xc6\x7b\x21\xf8\x94\x6a\xd5\x3c";

/// What stands in `keyward.toml`. Whatever has a form by file is not there but in a file of its own.
const SMTP_PASSWORD: &str = "smtp-Ux4Bn7Qe2Wk9Zt6Yh";
const REDIS_PASSWORD: &str = "redis-Lp5Dm8Fv1Jc3Xs0Ga";
const DATABASE_PASSWORD: &str = "base-Oi6Ny2Rt9Ew4Mb7Vq";
const AGENT_SECRET: &str = "legacy-Hz8Cg3Pk6Tj1Wf5Ds";
const GITHUB_SECRET: &str = "github-Qa9Xo4Lu7Kb2Ve5Nm";

impl World {
    /// Secrets in variables are visible to whoever may look at the process's environment (K9), so these are in files.
    pub(super) fn start(base: Base) -> Self {
        let database = (base == Base::Postgres).then(PostgresDatabase::create);
        let mut place = Place::new().with("KEYWARD_LOG", "trace").with("KEYWARD_RATE_LIMITS", "off");
        let master_key = STANDARD.encode(MASTER_KEY);
        for (name, secret) in [
            ("KEYWARD_MASTER_KEY_FILE", master_key.as_str()),
            ("KEYWARD_ADMIN_KEY_FILE", ADMIN_KEY),
            ("KEYWARD_AGENT_SECRET_FILE", AGENT_SECRET),
            ("KEYWARD_GITHUB_CLIENT_SECRET_FILE", GITHUB_SECRET),
        ] {
            let path = place.directory.path().join(name.to_lowercase());
            fs::write(&path, format!("{secret}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            place = place.with(name, &path.display().to_string());
        }
        let post = Post::start("mailer", SMTP_PASSWORD);
        fs::write(place.directory.path().join("ca.pem"), post.authority()).unwrap();
        let mut toml = format!(
            "smtp_url = \"smtps://mailer:{SMTP_PASSWORD}@{}\"\nredis_url = \"redis://:{REDIS_PASSWORD}@127.0.0.1:1\"\n\
             github_client_id = \"an-app\"\ngithub_url = \"http://127.0.0.1:1\"\ngithub_api_url = \"http://127.0.0.1:1\"\n",
            post.address()
        );
        if let Some(database) = &database {
            // The scratch cluster trusts everybody, whatever password they show.
            let url = database.url().replacen("postgres@", &format!("postgres:{DATABASE_PASSWORD}@"), 1);
            assert!(url.contains(DATABASE_PASSWORD), "{url}");
            toml.push_str(&format!("database_url = \"{url}\"\n"));
        }
        toml.push_str("[mail]\nca_file = \"ca.pem\"\n");
        fs::write(place.directory.path().join("keyward.toml"), toml).unwrap();
        let server = place.serve();
        Self { place, server, admin_key: ADMIN_KEY.to_owned(), post, database }
    }

    /// What the configuration holds.
    pub(super) fn configured(secrets: &mut Secrets) {
        secrets.add("the master key", &STANDARD.encode(MASTER_KEY));
        // As bytes it is no text, so it is looked for by its digits.
        let hex: String = MASTER_KEY.iter().map(|byte| format!("{byte:02x}")).collect();
        secrets.add("the master key", &hex);
        for (what, secret) in [
            ("the admin key", ADMIN_KEY),
            ("the SMTP password", SMTP_PASSWORD),
            ("the Redis password", REDIS_PASSWORD),
            ("the database's password", DATABASE_PASSWORD),
            ("the agent secret", AGENT_SECRET),
            ("the GitHub secret", GITHUB_SECRET),
        ] {
            secrets.add(what, secret);
        }
    }

    pub(super) fn address(&self) -> &str {
        self.server.url.strip_prefix("http://").expect("plain http")
    }

    pub(super) fn proc_file(&self, name: &str) -> Vec<u8> {
        let content = fs::read(format!("/proc/{}/{name}", self.server.id())).unwrap();
        assert!(!content.is_empty(), "{name}");
        content
    }

    /// The database's files, as they are. PostgreSQL's are not ours; its columns say it all.
    pub(super) fn database_files(&self) -> Vec<(String, Vec<u8>)> {
        files(&self.place)
    }

    /// Every cell of every table, with its column.
    pub(super) fn cells(&self) -> Vec<(String, String)> {
        match &self.database {
            Some(database) => cells::of_postgres(&database.url()),
            None => cells::of_sqlite(&self.place.data_dir().join("keyward.db")),
        }
    }

    /// Has the connections cut, so that the log has to say something about the database.
    pub(super) fn disturb(&self) {
        if let Some(database) = &self.database {
            database.cut_connections();
        }
    }

    /// Ends the server. Its log, and the files that are left.
    pub(super) fn stop(self) -> (String, Vec<(String, Vec<u8>)>) {
        self.server.terminate();
        assert!(self.server.wait().success());
        let log = fs::read_to_string(self.place.directory.path().join("log")).unwrap();
        (log, files(&self.place))
    }
}

fn files(place: &Place) -> Vec<(String, Vec<u8>)> {
    if !place.data_dir().exists() {
        return Vec::new(); // All that would be in it is elsewhere.
    }
    let entries = fs::read_dir(place.data_dir()).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.is_file());
    files
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect()
}

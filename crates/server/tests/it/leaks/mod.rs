//! Looks for secrets where none may be: in logs at `trace`, in database files and columns, in refusals, in figures and
//! lists, in what the kernel shows of the process. And shows what rests in the database as a credential.
//!
//! # When a route is added
//!
//! The routes are read from `docs/dialects.md`, so every one of them is asked with secrets in odd places
//! (`odd_places.rs`) without a word here. What a new route may need, in this order:
//!
//! 1. A parameter of its path that is new: `Story::fill`. The test says so.
//! 2. A good body: `story.rs`, `good_body`. Without one it is asked with `{}`.
//! 3. A secret that its answer shows, if it looks like none of ours: `Secrets::harvest`.
//! 4. A secret that the configuration holds: `world.rs`, `World::start`.
//! 5. A secret that comes by mail: `post.rs` finds whatever stands behind `?token=` in any mail.
//! 6. If it is a page of the portal: `Story::browse`, where a browser goes through all of them.
//! 7. If it takes a secret to let somebody in (a reset token, a cookie): a line in `replay.rs`, `DOORS`.

mod cells;
mod odd_places;
mod portal;
mod post;
mod replay;
mod secrets;
mod story;
mod wire;
mod world;

use self::secrets::Scanner;
use self::story::Story;
use self::world::{Base, World};

/// What is found, and where.
struct Hunt {
    scanner: Scanner,
    found: Vec<String>,
}

impl Hunt {
    const fn for_what(scanner: Scanner) -> Self {
        Self { scanner, found: Vec::new() }
    }

    fn search(&mut self, place: &str, content: &[u8]) {
        self.found.extend(self.scanner.find(content).into_iter().map(|what| format!("{place}: {what}")));
    }

    fn finds_nothing(mut self) {
        self.found.dedup();
        assert!(self.found.is_empty(), "{} leaks:\n{}", self.found.len(), self.found.join("\n"));
    }
}

fn nothing_leaks(base: Base) {
    let world = World::start(base);
    let mut story = Story::new(&world);
    story.tell();
    story.read_mail();
    let mut hunt = Hunt::for_what(story.secrets().scanner());
    for (answer, text) in story.refusals() {
        hunt.search(answer, text);
    }
    for path in ["/metrics", "/admin/v1/audit?limit=200", "/admin/v1/diagnostics", "/admin/v1/keys?limit=200"]
    {
        let text = story.read_all(path);
        assert!(text.len() > 500, "{path} tells nothing");
        hunt.search(path, &text);
    }
    for file in ["cmdline", "environ"] {
        hunt.search(file, &world.proc_file(file));
    }
    hunt.search("the banner", world.server.banner.as_bytes());
    for (file, content) in world.database_files() {
        hunt.search(&file, &content);
    }
    let cells = world.cells();
    assert!(cells.len() > 300, "{} cells", cells.len());
    for (column, cell) in &cells {
        hunt.search(column, cell.as_bytes());
    }
    hunt.finds_nothing();

    replay::shows_what_rests(&world, &mut story, &cells);

    // Last: the log has all of it, the replay's mistakes as well.
    story.read_mail();
    let secrets = story.into_secrets();
    let (log, files) = world.stop();
    assert!(log.lines().count() > 1_000 && log.contains("\"DEBUG\""), "the log says too little");
    let mut hunt = Hunt::for_what(secrets.scanner());
    hunt.search("the log", log.as_bytes());
    for (file, content) in files {
        hunt.search(&format!("{file}, at the end"), &content);
    }
    hunt.finds_nothing();
    let mut hunt = Hunt::for_what(secrets.address_scanner());
    hunt.search("the log", log.as_bytes());
    hunt.finds_nothing();
}

#[test]
fn threat_k1_no_secret_is_found_where_none_may_be_on_sqlite() {
    nothing_leaks(Base::Sqlite);
}

#[test]
fn threat_k1_no_secret_is_found_where_none_may_be_on_postgres() {
    nothing_leaks(Base::Postgres);
}

//! The file with the public figures is looked at again.

use std::fs;
use std::path::{Path, PathBuf};

use keyward_testkit::app::{Database, TestApp};
use serde_json::{Value, json};

fn supply(total: &str, partial: bool) -> Value {
    json!({"chains": [], "partial": partial, "totalSupply": total, "circulatingSupply": "1"})
}

/// Beside whatever a test leaves behind: gone with the directory.
fn write(folder: &Path, supply: &str) -> PathBuf {
    let path = folder.join("supply.json");
    fs::write(&path, supply).unwrap();
    path
}

async fn total(app: &TestApp) -> (u16, Option<String>, String) {
    let answer = app.get("/agora/v0/metrics/total-supply", &[]).await;
    let retry_after = answer.header("retry-after").map(str::to_owned);
    (answer.status, retry_after, String::from_utf8(answer.body).unwrap())
}

fn shown(total: &str) -> (u16, Option<String>, String) {
    (200, None, total.to_owned())
}

#[actix_web::test]
async fn a_file_that_changes_is_published_and_one_that_is_no_good_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), &supply("10", false).to_string());
    let toml = format!("[dialects.agora]\nmetrics_file = {:?}\n", path.display().to_string());
    let app = TestApp::with_config(Database::Sqlite, &toml).await;
    assert_eq!(total(&app).await, shown("10"));

    write(folder.path(), &supply("11", false).to_string());
    assert_eq!(total(&app).await, shown("10"), "requests read no file");
    app.jobs().publish_supply().await.unwrap();
    assert_eq!(total(&app).await, shown("11"));

    write(folder.path(), &supply("twelve", false).to_string());
    let why = app.jobs().publish_supply().await.unwrap_err().to_string();
    assert_eq!(why, format!("{}: totalSupply is no decimal such as 1234567890.123456", path.display()));
    app.jobs().publish_supply().await.expect("it is told of once");
    assert_eq!(total(&app).await, shown("11"));

    fs::remove_file(&path).unwrap();
    assert!(app.jobs().publish_supply().await.is_err());
    app.jobs().publish_supply().await.expect("it is told of once");
    assert_eq!(total(&app).await, shown("11"));

    write(folder.path(), &supply("13", true).to_string());
    app.jobs().publish_supply().await.unwrap();
    let (status, retry_after, body) = total(&app).await;
    assert_eq!((status, retry_after.as_deref()), (503, Some("60")), "{body}");
    let whole = app.get("/agora/v0/metrics", &[]).await;
    assert_eq!(whole.json(), json!({"chains": [], "partial": true}));

    write(folder.path(), &supply("13", false).to_string());
    app.jobs().publish_supply().await.unwrap();
    assert_eq!(total(&app).await, shown("13"));
}

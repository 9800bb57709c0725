//! Every dialect's golden transcripts, on both databases.

use std::path::Path;

use keyward_testkit::app::check_stories;

#[actix_web::test]
async fn golden_transcripts_of_tradeready() {
    check_stories(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialects/tradeready")).await;
}

#[actix_web::test]
async fn golden_transcripts_of_trucore() {
    check_stories(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialects/trucore")).await;
}

#[actix_web::test]
async fn golden_transcripts_of_agora() {
    check_stories(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialects/agora")).await;
}

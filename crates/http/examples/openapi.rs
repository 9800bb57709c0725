//! Prints `docs/openapi.json`: the description of every route of every dialect.
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

fn main() {
    println!("{:#}", keyward_http::openapi_document("http://127.0.0.1:8080", |_| true));
}

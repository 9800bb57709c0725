//! The portal in a browser: headless Chromium against the binary itself.
//!
//! Chromium is spoken to in its own protocol (the Chrome DevTools Protocol) over a pipe: no driver, no port and no library
//! stand between. `cargo xtask test` says where it and axe-core, which looks for barriers, are; without them these tests
//! fail.

mod axe;
mod barriers;
mod chromium;
mod scripts;
mod tab;
mod walk;

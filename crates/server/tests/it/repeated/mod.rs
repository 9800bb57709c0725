//! Requests that are sent again because their answers were lost: by 16 at once, and after `kill -9`.

mod asking;
mod at_once;
mod killed;

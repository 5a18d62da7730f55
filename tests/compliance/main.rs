//! One suite for the originals and for sexton under their names: each case runs against both. Either both pass, or
//! the original fails it as one of its known faults, and is seen to.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../harness/mod.rs"]
mod harness;

mod catatonit;
mod catatonit_debug;
mod common;
mod dumb_init;
mod dumb_init_debug;
mod dumb_init_rewrites;
mod faults;
mod starts;
mod suite;
mod tini;
mod tini_texts;

//! Every system call that sexton makes, made to fail: each in every way that is plausible, the first time, the second
//! time, and so on, and always. Whatever fails, the program runs and its status comes out, or sexton says what it
//! cannot do and nothing was started. It never hangs, spins, dies of a signal or loses a child.
//!
//! Which calls there are is taken from traces of the same runs, so that no new call can be forgotten: one that no row of
//! `calls` covers fails the test. Without `SEXTON_FAULTS=all` a part of the matrix is tried.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

#[path = "../harness/mod.rs"]
mod harness;

mod calls;
mod judge;
mod matrix;
mod notify;
mod scenarios;

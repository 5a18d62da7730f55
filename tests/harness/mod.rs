//! What the integration tests share: starting the init under test, watching it, and cleaning up after it.
//!
//! `SEXTON_UNDER_TEST` names another init, with its own options: `/usr/bin/tini -g --`. Everything a test starts
//! carries a mark in its environment, and is ended by pid when the test is over, however it ends. Every wait is
//! bounded by [`deadline`]; tests wait for what they need to see, never for time to pass.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    unused_imports,
    unused_macros,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::wrong_self_convention
)]

mod availability;
mod command;
mod fifo;
mod kernel;
mod processes;
mod pty;
mod running;
mod scratch;

pub use availability::{can_be_pid1, is_root, is_sexton, not_applicable, not_here};
pub use command::{Mode, Sexton, child_program, init_under_test};
pub use fifo::{Gate, Pipe, read_fifo_to_end, read_line, read_to_end};
pub use kernel::{
    has_pidfds, kill, open_descriptors, open_process, queue, signals, status_flags, trace_for_a_moment,
    try_kill, try_send,
};
pub use processes::{Process, all_processes, descendants, field, process};
pub use pty::Pty;
pub use running::{Ended, Running};
pub use scratch::Scratch;

use std::time::{Duration, Instant};

/// The longest that anything is waited for: 20 s times `SEXTON_TEST_SLOW`.
pub fn deadline() -> Duration {
    let factor = std::env::var("SEXTON_TEST_SLOW").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(20).mul_f64(factor.unwrap_or(1.0))
}

/// Polls until `holds` is true; false when the deadline has passed.
pub fn happens(mut holds: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + deadline();
    loop {
        if holds() {
            return true;
        }
        if Instant::now() > end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(3));
    }
}

/// Polls until `holds` is true; a failed test, that says `what`, when the deadline has passed.
#[track_caller]
pub fn eventually(holds: impl FnMut() -> bool, what: &str) {
    assert!(happens(holds), "waited {:?} in vain until {what}", deadline());
}

/// Waits until the clock of start times, whose grain is 10 ms, has moved on: what was started before and what
/// happens from now on can then be told apart.
#[track_caller]
pub fn next_tick() {
    let read = || std::fs::read_to_string("/proc/uptime").expect("read /proc/uptime");
    let seconds = || read().split(' ').next().and_then(|text| text.parse::<f64>().ok()).expect("seconds");
    let start = seconds();
    eventually(|| seconds() > start + 0.015, "the clock moves on");
}

/// The numbers in a line: `signal 15 code -1 pid 7 value 3` has 15, -1, 7 and 3.
pub fn numbers(line: &str) -> Vec<i64> {
    line.split(|c: char| !(c.is_ascii_digit() || c == '-')).filter_map(|word| word.parse().ok()).collect()
}

/// The name of the test around it.
macro_rules! test_name {
    () => {{
        let closure = || ();
        $crate::harness::name_of(&closure)
    }};
}

pub fn name_of<T>(_closure: &T) -> String {
    let name = std::any::type_name::<T>();
    name.trim_end_matches("::{{closure}}").trim_end_matches("::case").to_owned()
}

/// Leaves the test, reported by name as not applicable, if another init than sexton is under test.
macro_rules! sexton_only {
    ($why:expr) => {
        if !$crate::harness::is_sexton() {
            $crate::harness::not_applicable(&test_name!(), $why);
            return;
        }
    };
}

/// Leaves the test, reported by name, if this is not root.
macro_rules! needs_root {
    ($why:expr) => {
        if !$crate::harness::is_root() {
            $crate::harness::not_here(&test_name!(), &format!("needs root: {}", $why));
            return;
        }
    };
}

/// A test that runs twice: with the init as PID 1 of a namespace of its own, and as an ordinary process.
macro_rules! both {
    ($(#[$meta:meta])* fn $name:ident($mode:ident: Mode) $body:block) => {
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            fn case($mode: Mode) $body

            #[test]
            fn as_pid1() {
                if $crate::harness::can_be_pid1(&test_name!()) {
                    case(Mode::Pid1);
                }
            }

            #[test]
            fn as_subreaper() {
                case(Mode::Subreaper);
            }
        }
    };
}

/// A test that runs with the init as PID 1 only.
macro_rules! pid1 {
    ($(#[$meta:meta])* fn $name:ident($mode:ident: Mode) $body:block) => {
        $(#[$meta])*
        #[test]
        fn $name() {
            if $crate::harness::can_be_pid1(&test_name!()) {
                let $mode = Mode::Pid1;
                $body
            }
        }
    };
}

pub(crate) use {both, needs_root, pid1, sexton_only, test_name};

//! Signals that the init receives reach the program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Mode, both, test_name};

both! {
    fn every_signal_that_can_be_caught_arrives(mode: Mode) {
        let run = mode.child(["record"]).spawn();
        run.wait_ready("");
        for signal in harness::signals() {
            run.signal(signal);
            run.wait_for_line(&format!("signal {signal} "));
        }
    }
}

//! `--stop-delay`: the first SIGTERM is held back, and what ends that.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Mode, Running, both, sexton_only, test_name};
use std::time::{Duration, Instant};

/// Sends a SIGTERM, and returns when sexton has said that it holds it back.
#[track_caller]
fn hold(run: &Running) {
    run.signal(libc::SIGTERM);
    run.wait_for_log("holding SIGTERM back");
}

both! {
    // Measures an interval: too little is a fault, too much is load.
    fn the_first_term_is_held_for_the_delay_and_then_sent_on(mode: Mode) {
        sexton_only!("--stop-delay");
        let run = mode.child(["record", "15"]).options(["-v", "--stop-delay", "700ms"]).spawn();
        run.wait_ready("");
        let start = Instant::now();
        hold(&run);
        run.wait_for_line("signal 15 ");
        let took = start.elapsed();
        assert!(took >= Duration::from_millis(700), "held for {took:?} only: {}", run.seen());
        let ended = run.wait();
        ended.expect_code(0).expect_said(&["holding SIGTERM back for 700ms"]);
        assert_eq!(ended.lines("signal 15 ").len(), 1, "{ended:#?}");
    }
}

both! {
    fn the_announcement_is_at_info(mode: Mode) {
        sexton_only!("--stop-delay");
        let run = mode.child(["record", "15"]).options(["--stop-delay", "50ms"]).spawn();
        run.wait_ready("");
        run.signal(libc::SIGTERM);
        run.wait().expect_code(0).expect_silence();
    }
}

both! {
    fn a_second_stop_request_ends_the_delay_and_the_held_term_goes_first(mode: Mode) {
        sexton_only!("--stop-delay");
        let run = mode.child(["record", "12"]).options(["-vv", "--stop-delay", "1h"]).spawn();
        run.wait_ready("");
        hold(&run);
        run.signal(libc::SIGINT);
        run.wait_for_line("signal 15 ");
        run.wait_for_line("signal 2 ");
        run.signal(libc::SIGUSR2);
        let ended = run.wait();
        ended.expect_code(0);
        // Two signals that wait together are taken in the order of their numbers: sexton's log has the true one.
        let sent = ended.stderr.lines().filter_map(|line| line.split_once("sent SIG")).map(|(_, rest)| rest);
        let sent: Vec<&str> = sent.filter_map(|rest| rest.split(' ').next()).collect();
        assert_eq!(sent, ["TERM", "CONT", "INT", "CONT", "USR2"], "{ended:#?}");
        for line in ["signal 15 ", "signal 2 "] {
            assert_eq!(ended.lines(line).len(), 1, "{line}: {ended:#?}");
        }
    }
}

both! {
    fn a_second_term_ends_the_delay(mode: Mode) {
        sexton_only!("--stop-delay");
        let run = mode.child(["record", "15"]).options(["-v", "--stop-delay", "1h"]).spawn();
        run.wait_ready("");
        hold(&run);
        run.signal(libc::SIGTERM);
        run.wait().expect_code(0);
    }
}

both! {
    fn the_main_process_s_end_ends_the_delay(mode: Mode) {
        sexton_only!("--stop-delay");
        let options = ["-v", "--stop-delay", "1h"];
        let run = mode.child(["leave", "plain", "block", "15", "on", "10", "exit", "5"]).options(options).spawn();
        run.wait_ready("");
        hold(&run);
        run.signal(libc::SIGUSR1);
        let ended = run.wait();
        ended.expect_code(5);
        // What is left was told by the end, not by the delay.
        assert_eq!(ended.lines("plain: signal 15 ").len(), 1, "{ended:#?}");
    }
}

both! {
    fn other_signals_pass_meanwhile(mode: Mode) {
        sexton_only!("--stop-delay");
        let run = mode.child(["record", "12"]).options(["-v", "--stop-delay", "1h"]).spawn();
        run.wait_ready("");
        hold(&run);
        for signal in [libc::SIGHUP, libc::SIGUSR1, libc::SIGWINCH, 40] {
            run.signal(signal);
            run.wait_for_line(&format!("signal {signal} "));
        }
        run.signal(libc::SIGUSR2);
        let ended = run.wait();
        ended.expect_code(0);
        assert!(ended.lines("signal 15 ").is_empty(), "{ended:#?}");
    }
}

both! {
    fn other_stop_requests_are_never_delayed(mode: Mode) {
        sexton_only!("--stop-delay");
        for signal in [libc::SIGINT, 37] {
            let run = mode.child(["record", "15"]).options(["-v", "--stop-delay", "1h"]).spawn();
            run.wait_ready("");
            run.signal(signal);
            run.wait_for_line(&format!("signal {signal} "));
            // Nor is a SIGTERM that is the second one.
            run.signal(libc::SIGTERM);
            let ended = run.wait();
            ended.expect_code(0);
            assert!(!ended.stderr.contains("holding"), "{ended:#?}");
        }
    }
}

both! {
    fn the_plan_begins_when_the_delay_is_over(mode: Mode) {
        sexton_only!("--stop-delay");
        let options = ["-v", "--stop-delay", "400ms", "--escalate", "300ms"];
        let run = mode.child(["record"]).options(options).spawn();
        run.wait_ready("");
        let start = Instant::now();
        run.signal(libc::SIGTERM);
        let ended = run.wait();
        let took = start.elapsed();
        ended.expect_code(137);
        assert!(took >= Duration::from_millis(700), "KILL after {took:?}: {ended:#?}");
        assert_eq!(ended.lines("signal 15 ").len(), 1, "{ended:#?}");
    }
}

both! {
    fn the_timeout_beats_the_delay(mode: Mode) {
        sexton_only!("--stop-delay");
        let run = mode.child(["record", "15"]).options(["-v", "--stop-delay", "1h", "--timeout", "3s"]).spawn();
        run.wait_ready("");
        hold(&run);
        let ended = run.wait();
        ended.expect_code(124);
        assert_eq!(ended.lines("signal 15 ").len(), 1, "{ended:#?}");
    }
}

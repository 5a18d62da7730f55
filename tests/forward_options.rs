//! The options that say which signal goes where.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Mode, Running, both, sexton_only, test_name};

/// Starts the recording child, and a recording child of its own.
fn record(mode: Mode, options: &[&str]) -> Running {
    let run = mode.child(["leave", "kid", "record"]).options(options).spawn();
    run.wait_ready("");
    run
}

both! {
    fn single_child_leaves_the_rest_of_the_group_alone(mode: Mode) {
        sexton_only!("-c");
        for options in [["-c"], ["--single-child"]] {
            let run = record(mode, &options);
            let kid = run.wait_ready("kid");
            run.signal(libc::SIGUSR1);
            run.wait_for_line("signal 10 ");
            harness::kill(kid, libc::SIGWINCH);
            run.wait_for_line("kid: signal 28 ");
            assert_eq!(run.lines("kid: signal ").len(), 1, "{}", run.seen());
        }
    }
}

both! {
    fn the_last_of_group_and_single_child_wins(mode: Mode) {
        sexton_only!("-c and -g");
        let run = record(mode, &["-c", "-g"]);
        run.signal(libc::SIGUSR1);
        run.wait_for_line("kid: signal 10 ");
    }
}

both! {
    fn a_signal_is_forwarded_as_another(mode: Mode) {
        sexton_only!("-r");
        let run = record(mode, &["-r", "TERM:QUIT", "--rewrite=sigrtmin+3:10", "-r", "HUP:34"]);
        for (from, to) in [(libc::SIGTERM, libc::SIGQUIT), (37, libc::SIGUSR1), (libc::SIGHUP, 34)] {
            run.signal(from);
            run.wait_for_line(&format!("signal {to} "));
            run.wait_for_line(&format!("kid: signal {to} "));
        }
        assert!(run.lines("signal 15 ").is_empty(), "{}", run.seen());
    }
}

both! {
    fn the_last_rewrite_of_a_signal_wins(mode: Mode) {
        sexton_only!("-r");
        let run = record(mode, &["-r", "15:12", "-r", "15:1"]);
        run.signal(libc::SIGTERM);
        run.wait_for_line("signal 1 ");
        assert!(run.lines("signal 12 ").is_empty(), "{}", run.seen());
    }
}

both! {
    fn rewrites_of_the_environment_come_first(mode: Mode) {
        sexton_only!("SEXTON_REWRITE");
        let child = mode.child(["record"]).options(["-r", "1:10"]);
        let run = child.env("SEXTON_REWRITE", "1:12,2:12").spawn();
        run.wait_ready("");
        run.signal(libc::SIGHUP);
        run.wait_for_line("signal 10 ");
        run.signal(libc::SIGINT);
        run.wait_for_line("signal 12 ");
    }
}

both! {
    fn a_dropped_signal_does_not_arrive(mode: Mode) {
        sexton_only!("-r");
        for to in ["0", "drop"] {
            let run = record(mode, &["-r", &format!("HUP:{to}")]);
            run.signal(libc::SIGHUP);
            run.signal(libc::SIGUSR1);
            run.wait_for_line("signal 10 ");
            run.wait_for_line("kid: signal 10 ");
            assert!(run.lines("signal 1 ").is_empty(), "{}", run.seen());
        }
    }
}

both! {
    fn stop_signals_say_what_a_stop_request_is(mode: Mode) {
        sexton_only!("--stop-signals");
        let run = record(mode, &["--stop-signals", "QUIT,winch"]);
        run.signal(libc::SIGTERM);
        run.wait_for_line("signal 15 ");
        for (count, signal) in [(1, libc::SIGQUIT), (2, libc::SIGWINCH)] {
            run.signal(signal);
            run.wait_for_line(&format!("signal {signal} "));
            run.wait_for_lines("signal 18 ", count);
        }
        assert_eq!(run.lines("signal 18 ").len(), 2, "{}", run.seen());
    }
}

both! {
    fn a_stop_delay_holds_the_first_term_back(mode: Mode) {
        sexton_only!("--stop-delay");
        let run = record(mode, &["--stop-delay", "1h"]);
        run.signal(libc::SIGTERM);
        run.signal(libc::SIGUSR1);
        run.wait_for_line("signal 10 ");
        assert!(run.lines("signal 15 ").is_empty(), "{}", run.seen());
        run.signal(libc::SIGINT);
        run.wait_for_line("signal 15 ");
        run.wait_for_line("signal 2 ");
    }
}

both! {
    fn a_stop_delay_passes(mode: Mode) {
        sexton_only!("--stop-delay");
        let run = record(mode, &["--stop-delay=50ms"]);
        run.signal(libc::SIGTERM);
        run.wait_for_line("signal 15 ");
    }
}

both! {
    fn a_stop_delay_ends_with_the_main_process(mode: Mode) {
        sexton_only!("--stop-delay");
        let run = mode.child(["record", "10"]).options(["--stop-delay", "1h"]).spawn();
        run.wait_ready("");
        run.signal(libc::SIGTERM);
        run.signal(libc::SIGUSR1);
        run.wait().expect_code(0);
    }
}

/// What `child status` says of pid, parent, group and session.
fn place(mode: Mode, options: &[&str]) -> [i64; 4] {
    let ended = mode.child(["status", "exit", "0"]).options(options).run();
    ended.expect_code(0);
    let place = harness::numbers(ended.lines("pid ")[0]);
    [place[0], place[1], place[2], place[3]]
}

both! {
    fn the_leader_option_says_what_the_main_process_leads(mode: Mode) {
        sexton_only!("--leader");
        let [pid, _, group, session] = place(mode, &[]);
        assert!(pid == group && pid != session, "by default: a group: {pid} {group} {session}");
        let [pid, _, group, session] = place(mode, &["--leader", "group"]);
        assert!(pid == group && pid != session, "a group: {pid} {group} {session}");
        let [pid, _, group, session] = place(mode, &["--leader", "session"]);
        assert!(pid == group && pid == session, "a session: {pid} {group} {session}");
        let [pid, _, group, _] = place(mode, &["--leader", "none"]);
        assert!(pid != group, "no group: {pid} {group}");
    }
}

both! {
    fn leading_a_session_the_group_hears_signals(mode: Mode) {
        sexton_only!("--leader");
        let run = record(mode, &["--leader", "session"]);
        run.signal(libc::SIGUSR1);
        run.wait_for_line("signal 10 ");
        run.wait_for_line("kid: signal 10 ");
    }
}

both! {
    fn leading_nothing_the_main_process_alone_hears_signals(mode: Mode) {
        sexton_only!("--leader");
        let run = record(mode, &["--leader", "none"]);
        let kid = run.wait_ready("kid");
        run.signal(libc::SIGUSR1);
        run.wait_for_line("signal 10 ");
        harness::kill(kid, libc::SIGWINCH);
        run.wait_for_line("kid: signal 28 ");
        assert_eq!(run.lines("kid: signal ").len(), 1, "{}", run.seen());
    }
}

#[test]
fn the_end_of_the_parent_is_a_signal() {
    sexton_only!("-p");
    let init = harness::init_under_test().remove(0);
    let run = Mode::Bare.shell("\"$init\" -p USR1 -- \"$child\" record 10 & wait").env("init", init).spawn();
    run.wait_ready("");
    harness::kill(run.init, libc::SIGKILL);
    harness::eventually(|| !run.lines("signal 10 ").is_empty(), "the program hears of it");
}

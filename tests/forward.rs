//! Signals that the init receives reach the program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Gate, Mode, Scratch, both, needs_root, numbers, pid1, sexton_only, test_name};

const CAP_KILL: &str = "5";

both! {
    fn p1_every_signal_that_can_be_caught_arrives(mode: Mode) {
        let run = mode.child(["record"]).spawn();
        run.wait_ready("");
        for signal in harness::signals() {
            run.signal(signal);
            run.wait_for_line(&format!("signal {signal} "));
        }
    }
}

both! {
    fn t11_signals_of_faults_arrive_when_a_process_sent_them(mode: Mode) {
        let run = mode.child(["record"]).spawn();
        run.wait_ready("");
        for signal in [libc::SIGABRT, libc::SIGTRAP, libc::SIGSYS, libc::SIGFPE, libc::SIGILL, libc::SIGBUS, libc::SIGSEGV] {
            run.signal(signal);
            run.wait_for_line(&format!("signal {signal} "));
        }
    }
}

both! {
    fn c2_stop_signals_of_a_terminal_arrive(mode: Mode) {
        let run = mode.child(["record"]).spawn();
        run.wait_ready("");
        for signal in [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU] {
            run.signal(signal);
            run.wait_for_line(&format!("signal {signal} "));
        }
    }
}

both! {
    fn t1_a_signal_that_is_pending_at_the_start_reaches_the_group(mode: Mode) {
        for _ in 0..12 {
            let scratch = Scratch::new();
            let mut gate = Gate::new(scratch.join("gate"));
            let path = gate.path().to_str().unwrap();
            let run = mode.child(["record"]).before(["block", "15", "block", "35", "gate", path]).spawn();
            gate.reached();
            run.signal(libc::SIGTERM);
            run.signal(35);
            gate.open();
            run.wait_for_line("signal 15 ");
            run.wait_for_line("signal 35 ");
        }
    }
}

both! {
    fn real_time_signals_are_counted(mode: Mode) {
        let run = mode.child(["record"]).spawn();
        run.wait_ready("");
        (0..200).for_each(|i| run.signal(34 + i % 31));
        run.wait_for_lines("signal ", 200);
        for signal in 34..=64 {
            let expected = (0..200).filter(|i| 34 + i % 31 == signal).count();
            assert_eq!(run.lines(&format!("signal {signal} ")).len(), expected, "of {signal}: {}", run.seen());
        }
    }
}

both! {
    fn t19_payloads_arrive_in_their_order(mode: Mode) {
        let run = mode.child(["record"]).spawn();
        run.wait_ready("");
        (0..200).for_each(|i| run.queue(34 + i % 3, i));
        run.wait_for_lines("signal ", 200);
        for signal in 34..37 {
            let values: Vec<i64> = run.lines(&format!("signal {signal} ")).iter().map(|l| numbers(l)[3]).collect();
            let expected: Vec<i64> = (0..200).filter(|i| 34 + i % 3 == i64::from(signal)).collect();
            assert_eq!(values, expected, "of {signal}: {}", run.seen());
        }
    }
}

both! {
    fn t19_an_ordinary_signal_brings_its_payload(mode: Mode) {
        let run = mode.child(["leave", "kid", "record"]).spawn();
        run.wait_ready("");
        run.queue(libc::SIGUSR1, -42);
        let line = run.wait_for_line("signal 10 ");
        assert_eq!(numbers(&line)[3], -42, "{}", run.seen());
        assert_eq!(numbers(&line)[1], i64::from(libc::SI_QUEUE), "{}", run.seen());
    }
}

both! {
    fn a_stop_request_goes_to_the_group_payload_or_not(mode: Mode) {
        let run = mode.child(["leave", "kid", "record"]).spawn();
        run.wait_ready("");
        run.queue(libc::SIGTERM, 7);
        run.wait_for_line("signal 15 ");
        run.wait_for_line("kid: signal 15 ");
    }
}

both! {
    fn t3_a_child_that_may_not_be_signalled_ends_nothing(mode: Mode) {
        needs_root!("a child of another user");
        let run = mode.child(["as-uid", "65534", "record", "12"]).before(["without-cap", CAP_KILL]).spawn();
        let main = run.wait_ready("");
        run.signal(libc::SIGWINCH);
        run.signal(libc::SIGHUP);
        harness::kill(main, libc::SIGUSR2);
        run.wait().expect_code(0);
    }
}

both! {
    fn t3_a_refused_signal_is_one_warning_that_names_the_capability(mode: Mode) {
        needs_root!("a child of another user");
        sexton_only!("sexton's own wording");
        let run = mode.child(["as-uid", "65534", "record", "12"]).before(["without-cap", CAP_KILL]).spawn();
        let main = run.wait_ready("");
        run.signal(libc::SIGWINCH);
        run.wait_for_log("CAP_KILL");
        run.signal(libc::SIGHUP);
        harness::kill(main, libc::SIGUSR2);
        let ended = run.wait();
        ended.expect_said(&["sexton: ", "65534"]);
        assert_eq!(ended.stderr.matches("CAP_KILL").count(), 1, "{ended:#?}");
    }
}

both! {
    fn t12_a_stopped_main_process_obeys_term(mode: Mode) {
        let run = mode.child(["ready", "stop-self", "19", "sleep"]).spawn();
        let main = run.wait_ready("");
        run.eventually(|_| harness::process(main).is_some_and(|p| p.state == 'T'), "the main process is stopped");
        run.signal(libc::SIGTERM);
        run.wait().expect_code(143);
    }
}

both! {
    fn t12_a_stopped_member_of_the_group_obeys_term(mode: Mode) {
        let run = mode.child(["leave", "stopped", "record"]).spawn();
        run.wait_ready("");
        let stopped = run.wait_ready("stopped");
        run.eventually(|_| harness::process(stopped).is_some_and(|p| p.state == 'T'), "it is stopped");
        run.signal(libc::SIGTERM);
        run.eventually(|_| harness::process(stopped).is_none_or(|p| p.state == 'Z'), "it has ended");
    }
}

both! {
    fn t12_a_stop_request_is_followed_by_cont(mode: Mode) {
        let run = mode.child(["record"]).spawn();
        run.wait_ready("");
        for signal in [libc::SIGTERM, libc::SIGINT, 37] {
            let before = run.lines("signal 18 ").len();
            run.signal(signal);
            run.wait_for_line(&format!("signal {signal} "));
            run.wait_for_lines("signal 18 ", before + 1);
        }
    }
}

both! {
    fn each_repeated_stop_request_is_forwarded(mode: Mode) {
        let run = mode.child(["record"]).spawn();
        run.wait_ready("");
        for count in 1..=4 {
            run.signal(libc::SIGTERM);
            run.wait_for_lines("signal 15 ", count);
        }
    }
}

both! {
    fn the_whole_group_hears_a_signal(mode: Mode) {
        let run = mode.child(["leave", "kid", "record"]).spawn();
        run.wait_ready("");
        for signal in [libc::SIGUSR1, libc::SIGHUP, libc::SIGTERM, 40] {
            run.signal(signal);
            run.wait_for_line(&format!("signal {signal} "));
            run.wait_for_line(&format!("kid: signal {signal} "));
        }
    }
}

both! {
    fn signals_from_inside_do_not_end_the_init(mode: Mode) {
        let parent = if mode == Mode::Pid1 { "pid1" } else { "parent" };
        let run = mode.child(["block-all", "attack", parent, "record"]).spawn();
        let main = run.wait_ready("");
        run.wait_for_line("signal 64 ");
        harness::kill(main, libc::SIGKILL);
        run.wait().expect_code(137);
    }
}

#[test]
fn p4_signals_32_and_33_do_nothing() {
    let run = Mode::Subreaper.child(["record"]).spawn();
    run.wait_ready("");
    run.signal(32);
    run.signal(33);
    run.signal(libc::SIGUSR1);
    run.wait_for_line("signal 10 ");
    assert_eq!(run.lines("signal ").len(), 1, "{}", run.seen());
}

pid1! {
    fn what_pid_1_forwards_it_takes_from_outside_too(mode: Mode) {
        let run = mode.child(["record", "12"]).spawn();
        run.wait_ready("");
        run.signal(libc::SIGUSR2);
        run.wait().expect_code(0).expect_silence();
    }
}

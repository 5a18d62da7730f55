//! The options for an orderly end: `--grace`, `--timeout`, `--escalate`, and what becomes of the exit status.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use std::time::{Duration, Instant};

use harness::{Mode, both, needs_root, pid1, process, sexton_only, test_name};

both! {
    fn the_init_leaves_as_soon_as_the_last_is_gone(mode: Mode) {
        sexton_only!("--grace");
        let options = ["--grace", "1h"];
        mode.child(["exit", "2"]).options(options).run().expect_code(2).expect_silence();
        let ended = mode.child(["leave", "plain,session,orphan", "exit", "3"]).options(options).run();
        ended.expect_code(3);
        assert_eq!(ended.lines("session: end").len(), 1, "{ended:#?}");
    }
}

both! {
    fn after_the_grace_comes_kill(mode: Mode) {
        sexton_only!("--grace");
        let run = mode.child(["leave", "deaf", "on", "10", "exit", "4"]).options(["--grace=200ms"]).spawn();
        run.wait_ready("");
        let deaf = run.wait_ready("deaf");
        run.signal(libc::SIGUSR1);
        let ended = run.wait();
        ended.expect_code(4).expect_said(&["sexton: ", "child"]);
        assert_eq!(ended.lines("deaf: signal 15 ").len(), 1, "{ended:#?}");
        assert!(process(deaf).is_none(), "process {deaf} is still there");
    }
}

both! {
    fn other_signals_are_dropped_while_the_rest_ends(mode: Mode) {
        sexton_only!("--grace");
        let run = mode.child(["leave", "deaf", "on", "10", "exit", "6"]).options(["--grace", "1h"]).spawn();
        run.wait_ready("");
        run.signal(libc::SIGUSR1);
        run.wait_for_line("deaf: signal 18 ");
        run.signal(libc::SIGUSR2);
        run.signal(libc::SIGINT);
        let ended = run.wait();
        ended.expect_code(6);
        assert!(ended.lines("deaf: signal 12 ").is_empty(), "{ended:#?}");
    }
}

#[test]
fn without_grace_what_is_left_stays_untouched() {
    sexton_only!("--grace");
    let mut run = Mode::Subreaper.child(["leave", "deaf", "exit", "5"]).options(["--grace", "0"]).spawn();
    run.wait_for_end().expect_code(5);
    let deaf = run.wait_ready("deaf");
    harness::kill(deaf, libc::SIGWINCH);
    run.wait_for_line("deaf: signal 28 ");
    assert_eq!(run.lines("deaf: signal ").len(), 1, "{}", run.seen());
}

pid1! {
    fn without_grace_pid_1_leaves_at_once(mode: Mode) {
        sexton_only!("--grace");
        let ended = mode.child(["leave", "deaf", "exit", "5"]).options(["--grace", "0"]).run();
        ended.expect_code(5);
        assert!(ended.lines("deaf: signal ").is_empty(), "{ended:#?}");
    }
}

both! {
    fn case_b_with_single_child_the_rest_is_told_after_the_main_process(mode: Mode) {
        sexton_only!("-c");
        let run = mode.child(["leave", "slow", "record", "10"]).options(["-c"]).spawn();
        run.wait_ready("");
        run.signal(libc::SIGTERM);
        run.wait_for_line("signal 15 ");
        assert!(run.lines("slow: term").is_empty(), "{}", run.seen());
        run.signal(libc::SIGUSR1);
        let ended = run.wait();
        ended.expect_code(0);
        assert_eq!(ended.lines("slow: term").len(), 1, "{ended:#?}");
        assert_eq!(ended.lines("slow: clean").len(), 1, "{ended:#?}");
    }
}

both! {
    fn d4_the_last_term_is_not_rewritten(mode: Mode) {
        sexton_only!("-r");
        let ended = mode.child(["leave", "plain,session", "exit", "0"]).options(["-r", "15:0"]).run();
        ended.expect_code(0);
        assert_eq!(ended.lines("plain: signal 15 ").len(), 1, "{ended:#?}");
        assert_eq!(ended.lines("session: signal 15 ").len(), 1, "{ended:#?}");
    }
}

both! {
    fn who_does_not_obey_is_met_with_the_plan(mode: Mode) {
        sexton_only!("--escalate");
        let options = ["--escalate", "50ms:QUIT,50ms:KILL"];
        let run = mode.child(["leave", "deaf", "record"]).options(options).spawn();
        run.wait_ready("");
        run.signal(libc::SIGTERM);
        let ended = run.wait();
        ended.expect_code(137);
        for line in ["signal 15 ", "signal 3 ", "deaf: signal 15 ", "deaf: signal 3 "] {
            assert_eq!(ended.lines(line).len(), 1, "{line}: {ended:#?}");
        }
        ended.expect_said(&["sexton: ", "child", "SIGKILL"]);
    }
}

both! {
    fn a_bare_duration_is_a_plan_to_kill(mode: Mode) {
        sexton_only!("--escalate");
        let run = mode.child(["record"]).options(["--escalate=50ms"]).spawn();
        run.wait_ready("");
        run.signal(libc::SIGINT);
        let ended = run.wait();
        ended.expect_code(137);
        assert_eq!(ended.lines("signal 2 ").len(), 1, "{ended:#?}");
    }
}

both! {
    fn p2_without_a_plan_a_main_process_may_take_its_time(mode: Mode) {
        sexton_only!("--grace");
        // Longer than pid1-rs gives it.
        let run = mode.child(["slow-cleanup", "2200"]).options(["--grace", "50ms"]).spawn();
        run.wait_ready("");
        run.signal(libc::SIGTERM);
        let ended = run.wait();
        ended.expect_code(0).expect_silence();
        assert_eq!(ended.lines("clean").len(), 1, "{ended:#?}");
    }
}

both! {
    fn a_run_that_is_too_long_is_stopped_and_124(mode: Mode) {
        sexton_only!("--timeout");
        let ended = mode.child(["record", "15"]).options(["--timeout", "100ms"]).run();
        ended.expect_code(124);
        assert_eq!(ended.lines("signal 15 ").len(), 1, "{ended:#?}");
        let ended = mode.child(["record"]).options(["--timeout", "100ms", "--grace", "100ms"]).run();
        ended.expect_code(124);
        assert_eq!(ended.lines("signal 15 ").len(), 1, "{ended:#?}");
        let options = ["--timeout", "100ms", "-r", "TERM:USR1", "--escalate", "50ms:USR2"];
        let ended = mode.child(["record", "12"]).options(options).run();
        ended.expect_code(124);
        assert_eq!(ended.lines("signal 10 ").len(), 1, "{ended:#?}");
    }
}

both! {
    fn signals_do_not_put_a_far_timeout_off(mode: Mode) {
        sexton_only!("--timeout");
        let began = Instant::now();
        let run = mode.child(["record", "15"]).options(["--timeout", "2s"]).spawn();
        run.wait_ready("");
        for count in 1..=10 {
            run.signal(libc::SIGUSR1);
            run.wait_for_lines(&format!("signal {} ", libc::SIGUSR1), count);
        }
        run.wait().expect_code(124);
        assert!(began.elapsed() >= Duration::from_secs(2), "{:?}", began.elapsed());
    }
}

both! {
    fn a_stopped_program_is_no_way_around_the_timeout(mode: Mode) {
        sexton_only!("--timeout");
        let run = mode.child(["record", "15"]).options(["--timeout", "2s"]).spawn();
        let main = run.wait_ready("");
        harness::kill(main, libc::SIGSTOP);
        let ended = run.wait();
        ended.expect_code(124);
        assert_eq!(ended.lines("signal 15 ").len(), 1, "{ended:#?}");
        assert_eq!(ended.lines("end").len(), 1, "{ended:#?}");
    }
}

both! {
    fn a_run_in_time_keeps_its_status(mode: Mode) {
        sexton_only!("--timeout");
        mode.child(["exit", "9"]).options(["--timeout", "1h"]).run().expect_code(9).expect_silence();
    }
}

both! {
    fn nothing_changes_124(mode: Mode) {
        sexton_only!("--timeout");
        let options = ["--timeout", "100ms", "--stop-ok", "-e", "124:1", "-e", "143:1"];
        mode.child(["sleep"]).options(options).run().expect_code(124);
    }
}

both! {
    fn exit_statuses_are_reported_as_others(mode: Mode) {
        sexton_only!("-e");
        for (options, status, reported) in
            [(["-e", "3"], "3", 0), (["-e", "3:5"], "3", 5), (["-e", "3:5"], "4", 4), (["-e", "0:1"], "0", 1)]
        {
            mode.child(["exit", status]).options(options).run().expect_code(reported);
        }
        mode.child(["die", "9"]).options(["--remap-exit", "137:7"]).run().expect_code(7);
        let several = mode.child(["exit", "3"]).options(["-e", "3:7", "-e", "4"]).env("SEXTON_REMAP_EXIT", "3:8,9");
        several.run().expect_code(7);
    }
}

both! {
    fn a_stop_that_was_asked_for_is_a_success(mode: Mode) {
        sexton_only!("--stop-ok");
        for signal in [libc::SIGTERM, libc::SIGINT] {
            let run = mode.child(["sleep"]).options(["--stop-ok"]).spawn();
            run.wait_ready("");
            run.signal(signal);
            run.wait().expect_code(0).expect_silence();
        }
        // Before --remap-exit is asked.
        let run = mode.child(["on", "15", "exit", "143"]).options(["--stop-ok", "-e", "143:7", "-e", "0:8"]).spawn();
        run.wait_ready("");
        run.signal(libc::SIGTERM);
        run.wait().expect_code(0).expect_silence();
    }
}

both! {
    fn another_end_than_the_one_asked_for_keeps_its_status(mode: Mode) {
        sexton_only!("--stop-ok");
        mode.child(["die", "15"]).options(["--stop-ok"]).run().expect_code(143);
        mode.child(["die", "15"]).options(["--stop-ok", "-e", "143:7"]).run().expect_code(7);
        let run = mode.child(["on", "15", "exit", "1"]).options(["--stop-ok"]).spawn();
        run.wait_ready("");
        run.signal(libc::SIGTERM);
        run.wait().expect_code(1);
    }
}

pid1! {
    fn processes_from_outside_are_not_waited_for(mode: Mode) {
        sexton_only!("--grace");
        needs_root!("nsenter");
        let run = mode.child(["record", "12"]).options(["--grace", "1h"]).spawn();
        run.wait_ready("");
        let target = run.init.to_string();
        let child = harness::child_program().into_os_string();
        let enter = ["nsenter", "--pid", "--mount", "--target", &target].map(std::ffi::OsString::from);
        let enter = enter.into_iter().chain([child, "record".into()]);
        let outsider = Mode::Bare.command(enter).spawn();
        outsider.wait_for_line("ready");
        run.signal(libc::SIGUSR2);
        run.wait().expect_code(0);
    }
}

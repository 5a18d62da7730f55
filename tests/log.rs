//! What the init says, when, and that saying it never hurts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Mode, Pipe, Sexton, both, process, sexton_only, test_name};
use std::fs::File;

/// A pipe nobody reads from any more.
fn closed_pipe() -> std::os::fd::OwnedFd {
    Pipe::new().writer
}

/// As talkative as each init can be made.
fn loud(run: Sexton) -> Sexton {
    run.env("SEXTON_LOG", "trace")
        .env("TINI_VERBOSITY", "3")
        .env("DUMB_INIT_DEBUG", "1")
        .env("CATATONIT_DEBUG", "1")
}

/// Everything the init writes goes to a pipe that is closed at the other end; the child program's word
/// `to-output` gets its own lines past it.
fn loud_to_nobody(run: Sexton) -> Sexton {
    loud(run).stdout(closed_pipe()).stderr(closed_pipe())
}

both! {
    fn t4_a_closed_log_does_not_hurt_the_program(mode: Mode) {
        let run = loud_to_nobody(mode.child(["to-output", "orphans", "3", "record", "12"])).spawn();
        run.wait_ready("");
        for signal in [libc::SIGUSR1, libc::SIGHUP, 40] {
            run.signal(signal);
            run.wait_for_line(&format!("signal {signal} "));
        }
        assert!(run.lines("signal 13 ").is_empty(), "{}", run.seen());
        run.signal(libc::SIGUSR2);
        run.wait().expect_code(0);
    }
}

both! {
    fn t4_a_sigpipe_that_somebody_sent_is_forwarded(mode: Mode) {
        let run = mode.child(["record"]).spawn();
        run.wait_ready("");
        run.signal(libc::SIGPIPE);
        run.wait_for_line("signal 13 ");
    }
}

both! {
    fn d1_c4_p3_a_closed_log_does_not_hide_the_end(mode: Mode) {
        loud_to_nobody(mode.child(["orphans", "5", "exit", "4"])).run().expect_code(4);
        loud_to_nobody(mode.child(["die", "11"])).run().expect_code(139);
    }
}

both! {
    fn d1_a_closed_log_does_not_keep_the_init_busy(mode: Mode) {
        let run = loud_to_nobody(mode.child(["to-output", "orphans", "3", "sleep"])).spawn();
        run.wait_ready("");
        run.eventually(|run| run.below().len() == 1, "the orphans are reaped");
        run.eventually(|run| process(run.init).is_some_and(|p| p.state == 'S'), "the init sleeps");
        let switches = |name: &str| harness::field(run.init, name).and_then(|text| text.parse::<u64>().ok());
        let awake = || (switches("voluntary_ctxt_switches:"), switches("nonvoluntary_ctxt_switches:"));
        let before = awake();
        // Not a wait for anything: the interval that is measured.
        std::thread::sleep(std::time::Duration::from_millis(700));
        assert_eq!(before.0, awake().0, "{}", run.seen());
    }
}

both! {
    fn t5_a_full_log_does_not_hide_the_end(mode: Mode) {
        let Pipe { reader, writer } = Pipe::new();
        let run = mode.child(["orphans", "20", "exit", "3"]).before(["fill", "2"]);
        loud(run).stdout(writer.try_clone().unwrap()).stderr(writer).run().expect_code(3);
        drop(reader);
    }
}

both! {
    fn t5_a_full_log_does_not_delay_signals(mode: Mode) {
        let Pipe { reader, writer } = Pipe::new();
        let run = mode.child(["to-output", "orphans", "20", "record", "12"]).before(["fill", "2"]);
        let run = loud(run).stdout(writer.try_clone().unwrap()).stderr(writer).spawn();
        run.wait_ready("");
        for count in 1..=10 {
            run.signal(40);
            run.wait_for_lines("signal 40 ", count);
        }
        run.signal(libc::SIGUSR2);
        run.wait().expect_code(0);
        drop(reader);
    }
}

both! {
    fn a_full_disk_does_not_hide_the_end(mode: Mode) {
        let full = || File::options().write(true).open("/dev/full").unwrap();
        loud(mode.child(["orphans", "5", "exit", "3"])).stdout(full()).stderr(full()).run().expect_code(3);
    }
}

both! {
    fn t14_nothing_of_the_log_is_on_stdout(mode: Mode) {
        let ended = loud(mode.child(["orphans", "3", "exit", "0"])).run();
        ended.expect_code(0);
        assert!(ended.stdout.is_empty(), "{ended:#?}");
    }
}

both! {
    fn the_shared_descriptor_keeps_its_flags(mode: Mode) {
        let Pipe { reader, writer } = Pipe::new();
        let before = harness::status_flags(&writer);
        let run = loud(mode.child(["orphans", "3", "record", "12"])).stderr(writer.try_clone().unwrap()).spawn();
        run.wait_ready("");
        run.signal(libc::SIGUSR1);
        run.wait_for_line("signal 10 ");
        assert_eq!(harness::status_flags(&writer), before, "{}", run.seen());
        run.signal(libc::SIGUSR2);
        run.wait().expect_code(0);
        assert_eq!(harness::status_flags(&writer), before);
        drop(reader);
    }
}

both! {
    fn an_end_that_was_asked_for_is_not_announced(mode: Mode) {
        for signal in [libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGUSR1, 40] {
            let run = mode.child(["sleep"]).spawn();
            run.wait_ready("");
            run.signal(signal);
            let ended = run.wait();
            ended.expect_code(128 + signal);
            if harness::is_sexton() {
                ended.expect_silence();
            }
        }
    }
}

both! {
    fn a_jvm_s_end_by_143_is_not_announced(mode: Mode) {
        let run = mode.child(["on", "15", "exit", "143"]).spawn();
        run.wait_ready("");
        run.signal(libc::SIGTERM);
        let ended = run.wait();
        ended.expect_code(143);
        if harness::is_sexton() {
            ended.expect_silence();
        }
    }
}

both! {
    fn an_ordinary_failure_is_not_announced(mode: Mode) {
        sexton_only!("the wording of other inits is theirs");
        for status in ["1", "2", "124", "127", "128", "193", "255"] {
            mode.child(["exit", status]).run().expect_silence();
        }
    }
}

both! {
    fn a_death_that_nobody_asked_for_is_announced(mode: Mode) {
        sexton_only!("the wording of other inits is theirs");
        for (signal, name) in [("11", "SIGSEGV"), ("6", "SIGABRT"), ("15", "SIGTERM"), ("36", "SIGRTMIN+2")] {
            let ended = mode.child(["die", signal]).run();
            let status = 128 + signal.parse::<i32>().unwrap();
            ended.expect_code(status);
            ended.expect_said(&["sexton: main process ", " (child) was killed by ", &format!("exit status {status}")]);
            ended.expect_said(&[name, "max rss ", " MiB", " after "]);
            assert_eq!(ended.stderr.lines().count(), 1, "{ended:#?}");
        }
        let ended = mode.child(["die", "11"]).run();
        if mode == Mode::Pid1 {
            ended.expect_said(&["main process 2 (child)"]);
        }
        assert!(!ended.stderr.contains("core dumped"), "{ended:#?}");
    }
}

both! {
    fn a_shell_s_status_of_a_killed_command_is_explained(mode: Mode) {
        sexton_only!("the wording of other inits is theirs");
        let ended = mode.shell("(\"$child\" die 9); exit $?").run();
        ended.expect_code(137);
        ended.expect_said(&["sexton: main process ", "(sh) exited with status 137", "killed by SIGKILL"]);
    }
}

both! {
    fn names_are_harmless(mode: Mode) {
        sexton_only!("the wording of other inits is theirs");
        for (name, shown) in [
            ("a\nb\u{1b}[31m", r"(a\x0ab\x1b[31m)"),
            ("\u{202e}x", r"(\xe2\x80\xaex)"),
            ("caf\u{e9}", "(caf\u{e9})"),
            ("a b) (c", "(a b) (c)"),
        ] {
            let ended = mode.child(["name", name, "die", "11"]).run();
            ended.expect_code(139).expect_said(&[shown]);
            assert!(ended.stderr.lines().all(|line| line.starts_with("sexton: ")), "{ended:#?}");
            assert!(!ended.stderr.contains('\u{1b}'), "{ended:#?}");
        }
    }
}

//! The options of the log, and what it tells of the processes below.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Mode, both, sexton_only, test_name};

both! {
    fn quiet_means_errors_alone(mode: Mode) {
        sexton_only!("-q");
        for option in ["-q", "--quiet"] {
            mode.child(["die", "11"]).options([option]).run().expect_code(139).expect_silence();
        }
        mode.child(["die", "11"]).env("SEXTON_LOG", "error").run().expect_code(139).expect_silence();
    }
}

both! {
    fn verbose_says_more(mode: Mode) {
        sexton_only!("-v");
        let lines = |options: &[&str]| {
            let ended = mode.child(["exit", "0"]).options(options).run();
            ended.expect_code(0);
            assert!(ended.stderr.lines().all(|line| line.starts_with("sexton: ")), "{ended:#?}");
            ended.stderr.lines().count()
        };
        let (info, debug, trace) = (lines(&["-v"]), lines(&["-vv"]), lines(&["-v", "-v", "--verbose"]));
        assert!(info <= debug && debug <= trace && trace > 0, "{info} {debug} {trace}");
    }
}

both! {
    fn rust_log_is_ignored(mode: Mode) {
        sexton_only!("it has that name");
        mode.child(["orphans", "2", "exit", "0"]).env("RUST_LOG", "trace").run().expect_silence();
    }
}

both! {
    fn json_is_one_object_a_line(mode: Mode) {
        sexton_only!("--log-format");
        let ended = mode.child(["name", "a\"\n\\", "die", "11"]).options(["--log-format", "json", "-vv"]).run();
        ended.expect_code(139).expect_said(&["SIGSEGV"]);
        let objects = ended.stderr.lines().filter(|line| line.starts_with('{') && line.ends_with('}'));
        assert_eq!(objects.count(), ended.stderr.lines().count(), "{ended:#?}");
        assert!(ended.stderr.contains(r"\x0a") && ended.stderr.contains(r#"\""#), "{ended:#?}");
    }
}

both! {
    fn orphans_are_named_when_asked_for(mode: Mode) {
        sexton_only!("-w");
        for option in ["-w", "--warn-orphans"] {
            let run = mode.child(["orphans", "3", "killed-orphans", "1", "36", "record", "12"]).options([option]).spawn();
            run.wait_ready("");
            run.eventually(|run| run.stderr().lines().count() >= 4, "there is a line for each orphan");
            run.signal(libc::SIGUSR2);
            let ended = run.wait();
            assert_eq!(ended.stderr.lines().filter(|line| line.contains("(child)")).count(), 4, "{ended:#?}");
            ended.expect_said(&["SIGRTMIN+2"]);
        }
    }
}

both! {
    fn t5_with_warnings_of_orphans_a_full_log_delays_nothing(mode: Mode) {
        sexton_only!("-w");
        let harness::Pipe { reader, writer } = harness::Pipe::new();
        let run = mode.child(["orphans", "100", "exit", "3"]).options(["-w", "-vvv"]).before(["fill", "2"]);
        run.stderr(writer).run().expect_code(3);
        drop(reader);
    }
}

both! {
    fn arguments_are_not_in_the_log(mode: Mode) {
        sexton_only!("-vvv");
        let ended = mode.child(["orphans", "2", "die", "11", "hunter2"]).options(["-vvv", "-w"]).run();
        ended.expect_code(139);
        assert!(!ended.stderr.contains("hunter2"), "{ended:#?}");
    }
}

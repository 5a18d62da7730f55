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
            let lines: Vec<&str> = ended.stderr.lines().collect();
            assert_eq!(lines.len(), 4, "{ended:#?}");
            for ending in ["exited with status 0", "exited with status 1", "exited with status 2", "was killed by SIGRTMIN+2"] {
                let is_said = |line: &&&str| {
                    let parts = line.strip_prefix("sexton: reaped orphan ").and_then(|rest| rest.split_once(" (child), "));
                    parts.is_some_and(|(pid, rest)| {
                        let (age, said) = rest.split_once(" old, which ").unwrap_or_default();
                        pid.parse::<i32>().is_ok() && age.starts_with(|c: char| c.is_ascii_digit()) && said == ending
                    })
                };
                assert_eq!(lines.iter().filter(is_said).count(), 1, "{ending}: {ended:#?}");
            }
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

both! {
    fn every_line_of_a_whole_run_is_json_with_facts(mode: Mode) {
        sexton_only!("--log-format");
        let run = mode.child(["zombies", "30", "killed-orphans", "2", "9", "leave", "deaf,orphan", "record-but", "11"]);
        let run = run.options(["--log-format", "json", "-vvv", "-w", "--watch", "50ms", "--grace", "100ms"]).spawn();
        run.wait_ready("");
        run.signal(libc::SIGUSR1);
        run.wait_for_line("signal 10 ");
        run.wait_for_log("zombies are held by");
        run.signal(libc::SIGTERM);
        run.wait_for_line("signal 15 ");
        let main = run.below().iter().find(|p| p.parent == run.init && p.state != 'Z').unwrap().pid;
        harness::kill(main, libc::SIGSEGV);
        let ended = run.wait();
        ended.expect_code(139);
        let parse = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let lines: Vec<_> = ended.stderr.lines().map(parse).collect();
        for line in &lines {
            let time = line["time"].as_str().unwrap();
            assert!(time.len() == 24 && time.ends_with('Z'), "{line}");
            assert!(["error", "warn", "info", "debug", "trace"].contains(&line["level"].as_str().unwrap()), "{line}");
            assert!(!line["message"].as_str().unwrap().is_empty(), "{line}");
        }
        let find = |part: &str| lines.iter().find(|line| line["message"].as_str().unwrap().contains(part)).unwrap();
        let held = find("zombies are held by");
        assert!(held["zombies"] == 30 && held["pid"].is_i64(), "{held}");
        let death = find("main process");
        assert!(find("started main process")["pid"] == death["pid"], "{death}");
        let death = lines.iter().find(|line| line.get("cause").is_some()).unwrap();
        assert_eq!((&death["cause"], &death["signal"], &death["exit_status"]), (&"signaled".into(), &"SIGSEGV".into(), &139.into()));
        assert!(death["max_rss_kib"].as_u64().unwrap() > 0 && death["ran_ms"].is_u64(), "{death}");
        let orphan = find("reaped orphan");
        assert_eq!((&orphan["name"], orphan["pid"].is_i64()), (&"child".into(), true), "{orphan}");
    }
}

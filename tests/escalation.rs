//! `--escalate`: who is named before KILL, whom it reaches, and when the plan is over.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Mode, Scratch, both, process, sexton_only, test_name};
use std::time::{Duration, Instant};

both! {
    fn each_survivor_is_named_before_the_kill(mode: Mode) {
        sexton_only!("--escalate");
        let words = ["leave", "deaf,stopped", "name", "stubborn (one)", "record"];
        let run = mode.child(words).options(["--escalate", "400ms:KILL"]).spawn();
        let pids = ["", "deaf", "stopped"].map(|name| {
            run.wait_ready(name);
            let start = if name.is_empty() { "ready".to_owned() } else { format!("{name}: ready") };
            *harness::numbers(&run.wait_for_line(&start)).last().unwrap()
        });
        let stopped = run.wait_ready("stopped");
        run.eventually(|_| process(stopped).is_some_and(|p| p.state == 'T'), "it is stopped");
        let place = std::fs::read_to_string(format!("/proc/{}/wchan", run.wait_ready("deaf"))).unwrap_or_default();
        // Not a TERM, of which the stopped one would end.
        run.signal(libc::SIGINT);
        let ended = run.wait();
        ended.expect_code(137);
        let line = ended.stderr.lines().find(|line| line.contains("killing")).unwrap_or_default();
        for (pid, name) in [(pids[0], "stubborn (one)"), (pids[1], "child")] {
            let found = ["S", "R", "D"].iter().any(|state| line.contains(&format!("{pid} ({name}) in state {state}")));
            assert!(found, "{pid} ({name}) is not named: {ended:#?}");
        }
        // Kernels tell where a process waits, or they do not.
        let place = if place.trim_end_matches('0').is_empty() { "killing" } else { "waiting in " };
        assert!(line.contains(place), "{ended:#?}");
        // INT and the CONT after it have ended this one.
        assert!(!line.contains(&format!("{} (", pids[2])), "{ended:#?}");
    }
}

both! {
    fn its_kill_goes_to_the_whole_group_even_with_single_child(mode: Mode) {
        sexton_only!("--escalate");
        let scratch = Scratch::new();
        let report = scratch.file("report", "", 0o600);
        let options = ["-c", "--escalate", "300ms:QUIT,300ms:KILL", "--grace", "1h", "--report"];
        let options = options.into_iter().chain(report.to_str());
        let run = mode.child(["leave", "deaf", "record"]).options(options).spawn();
        run.wait_ready("");
        let deaf = run.wait_ready("deaf");
        let start = Instant::now();
        run.signal(libc::SIGTERM);
        let ended = run.wait();
        let took = start.elapsed();
        ended.expect_code(137);
        assert!(took >= Duration::from_millis(600), "the plan took {took:?}: {ended:#?}");
        assert!(process(deaf).is_none(), "{deaf} is still there");
        // The steps before went to the main process alone, and nobody was left to be told.
        assert!(ended.lines("deaf: signal ").is_empty(), "{ended:#?}");
        assert_eq!(ended.lines("signal 3 ").len(), 1, "{ended:#?}");
        let report: serde_json::Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
        assert_eq!(report["stop_request"]["steps_climbed"], 2, "{report:#}");
    }
}

both! {
    fn p5_the_plan_ends_with_the_main_process(mode: Mode) {
        sexton_only!("--escalate");
        let plan = Duration::from_secs(3);
        let options = ["--escalate", "3s:KILL", "--grace", "1h"];
        let run = mode.child(["leave", "deaf", "record", "15"]).options(options).spawn();
        let main = run.wait_ready("");
        let deaf = run.wait_ready("deaf");
        let start = Instant::now();
        run.signal(libc::SIGTERM);
        run.eventually(|_| process(main).is_none(), "the main process is reaped");
        // Not a wait for anything: the time that the plan would have needed.
        std::thread::sleep((plan + Duration::from_millis(500)).saturating_sub(start.elapsed()));
        harness::kill(deaf, libc::SIGWINCH);
        run.wait_for_line("deaf: signal 28 ");
        harness::kill(deaf, libc::SIGKILL);
        run.wait().expect_code(0).expect_silence();
    }
}

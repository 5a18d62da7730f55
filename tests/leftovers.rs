//! What is left in the difficult cases: storms, crowds, processes from outside, and a neighbour with its own sexton.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Mode, Running, both, needs_root, pid1, process, sexton_only, test_name};
use std::time::{Duration, Instant};

both! {
    fn those_that_end_by_themselves_end_the_wait(mode: Mode) {
        sexton_only!("--grace");
        let run = mode.child(["leave", "deaf,deaf-orphan,slow", "on", "10", "exit", "3"]).options(["-c", "--grace", "1h"]);
        let run = run.spawn();
        run.wait_ready("");
        let left = ["deaf", "deaf-orphan"].map(|name| run.wait_ready(name));
        run.signal(libc::SIGUSR1);
        run.wait_for_line("deaf: signal 15 ");
        run.wait_for_line("deaf-orphan: signal 15 ");
        run.wait_for_line("slow: clean");
        for pid in left {
            harness::kill(pid, libc::SIGKILL);
        }
        run.wait().expect_code(3);
    }
}

both! {
    fn a_fork_storm_ends_with_the_last_kill(mode: Mode) {
        sexton_only!("--grace");
        ends_a_storm(mode, "storm");
    }
}

both! {
    fn a_storm_that_makes_new_sessions_ends_too(mode: Mode) {
        sexton_only!("--grace");
        ends_a_storm(mode, "roaming-storm");
    }
}

/// Lines of descent that would go on for longer than anybody waits here, on a machine with hundreds of others.
fn ends_a_storm(mode: Mode, storm: &str) {
    // PID 1 of a namespace of its own does not see them.
    let others = if mode == Mode::Subreaper { "500" } else { "0" };
    let crowd = Mode::Bare.child(["forks", others, "record"]).spawn();
    crowd.wait_for_line(&format!("forked {others}"));
    // The kernel keeps 15 bytes of a name.
    let name = &format!("{}{}-{}", &storm[..1], std::process::id(), mode as u8);
    let words = ["leave", "deaf", "name", name, storm, "5", "5000", "name", "main", "on", "10", "exit", "4"];
    let mut run = mode.child(words).options(["--grace=300ms"]).spawn();
    run.wait_ready("");
    let start = Instant::now();
    run.signal(libc::SIGUSR1);
    run.wait_for_line("deaf: signal 15 ");
    let ended = run.wait_for_end();
    let took = start.elapsed();
    ended.expect_code(4).expect_said(&["killing"]);
    assert!(took >= Duration::from_millis(300), "the grace was {took:?} only: {ended:#?}");
    assert!(ended.lines("died out").is_empty(), "after {took:?} the storm was over by itself: {ended:#?}");
    assert!(!ended.stderr.contains("left to the kernel"), "{ended:#?}");
    // One look may meet a line between two generations.
    let left = || harness::all_processes().into_iter().filter(|p| p.name == *name && p.state != 'Z').count();
    assert_eq!([left(), left(), left(), left(), left(), left(), left(), left()], [0; 8], "{ended:#?}");
}

both! {
    fn thousands_are_told_and_gone(mode: Mode) {
        sexton_only!("--grace");
        let each = 500;
        let crowd = vec!["plain,session,group,orphan"; each].join(",");
        let run = mode.child(["leave", &crowd, "on", "10", "exit", "5"]).options(["--grace", "1h"]).spawn();
        run.wait_ready("");
        assert_eq!(run.below().len(), 4 * each + 1, "the crowd and the main process");
        run.signal(libc::SIGUSR1);
        let ended = run.wait();
        ended.expect_code(5).expect_silence();
        for name in ["plain", "session", "group", "orphan"] {
            let (told, gone) = (format!("{name}: signal 15 "), format!("{name}: end"));
            assert_eq!([ended.lines(&told).len(), ended.lines(&gone).len()], [each, each], "{name}");
        }
    }
}

pid1! {
    fn a_process_from_outside_is_told_and_not_waited_for(mode: Mode) {
        sexton_only!("--grace");
        needs_root!("nsenter");
        let run = mode.child(["leave", "slow", "on", "10", "exit", "6"]).options(["-c", "--grace", "1h"]).spawn();
        run.wait_ready("");
        let outsider = enter(&run);
        outsider.wait_for_line("ready");
        run.signal(libc::SIGUSR1);
        outsider.wait_for_line("signal 15 ");
        let ended = run.wait();
        ended.expect_code(6);
        // It was there to the end, deaf as it is, and the other one had its time.
        assert_eq!(ended.lines("slow: clean").len(), 1, "{ended:#?}");
        assert_eq!(outsider.lines("signal 15 ").len(), 1, "{}", outsider.seen());
    }
}

/// A process that ignores everything, in the pid namespace of `run`, where its parent is 0.
fn enter(run: &Running) -> Running {
    let target = run.init.to_string();
    let enter = ["nsenter", "--pid", "--mount", "--target", &target].map(std::ffi::OsString::from);
    let child = harness::child_program().into_os_string();
    Mode::Bare.command(enter.into_iter().chain([child, "record".into()])).spawn()
}

/// Fails unless `pid` lives and has got no signal before the SIGWINCH that the test sends now.
#[track_caller]
fn is_untouched(run: &Running, name: &str, pid: i32) {
    assert!(process(pid).is_some_and(|found| found.state != 'Z'), "{name} is gone: {}", run.seen());
    harness::kill(pid, libc::SIGWINCH);
    run.wait_for_line(&format!("{name}: signal 28 "));
    assert_eq!(run.lines(&format!("{name}: signal ")).len(), 1, "{}", run.seen());
}

#[test]
fn two_in_one_pid_namespace_do_not_touch_each_other_s() {
    sexton_only!("--grace");
    let names = ["deaf", "deaf-orphan"];
    let start = || {
        let words = ["leave", "deaf,deaf-orphan", "on", "10", "exit", "7"];
        let run = Mode::Subreaper.child(words).options(["--grace", "200ms"]).spawn();
        let main = run.wait_ready("");
        let left = names.map(|name| (name, run.wait_ready(name)));
        (run, main, left)
    };
    // One that was there before, and one that comes after.
    let (older, (first, _, gone), younger) = (start(), start(), start());
    first.signal(libc::SIGUSR1);
    first.wait_for_line("deaf: signal 15 ");
    first.wait_for_line("deaf-orphan: signal 15 ");
    first.wait().expect_code(7);
    for (name, pid) in gone {
        assert!(process(pid).is_none(), "{name} is still there");
    }
    for (run, main, left) in [older, younger] {
        for (name, pid) in left {
            is_untouched(&run, name, pid);
        }
        assert!(process(main).is_some_and(|found| found.state != 'Z'), "{}", run.seen());
        run.signal(libc::SIGUSR1);
        run.wait().expect_code(7);
        for (name, pid) in left {
            assert!(process(pid).is_none(), "{name} is still there");
        }
    }
}

pid1! {
    fn without_grace_a_crowd_changes_nothing(mode: Mode) {
        sexton_only!("--grace");
        let crowd = vec!["deaf,deaf-orphan"; 20].join(",");
        let ended = mode.child(["leave", &crowd, "exit", "9"]).options(["--grace", "0"]).run();
        ended.expect_code(9).expect_silence();
        assert!(ended.lines("deaf: signal ").is_empty(), "{ended:#?}");
        assert!(ended.lines("deaf-orphan: signal ").is_empty(), "{ended:#?}");
    }
}

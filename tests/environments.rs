//! Surroundings that are poor, strange or disturbed: sexton's work is the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Mode, Scratch, both, needs_root, not_applicable, not_here, pid1, sexton_only, test_name};
use std::process::Command;

/// `setrlimit` numbers.
const STACK: &str = "3";
const NPROC: &str = "6";
const NOFILE: &str = "7";
const AS: &str = "9";

both! {
    fn whom_proc_hides_is_told_all_the_same(mode: Mode) {
        needs_root!("to mount /proc");
        sexton_only!("--user");
        // As another user sexton sees of the others no more than the program does.
        for options in [&["--grace=10s"][..], &["--grace=10s", "--user=4001:4001"]] {
            let words = ["leave", "plain,session,orphan", "exit", "3"];
            let ended = mode.child(words).before(["proc", "hidepid=2"]).options(options).run();
            ended.expect_code(3);
            for name in ["plain", "session", "orphan"] {
                assert_eq!(ended.lines(&format!("{name}: signal 15 ")).len(), 1, "{name}: {ended:#?}");
            }
        }
    }
}

both! {
    fn a_root_that_cannot_be_written_and_no_dev_change_nothing(mode: Mode) {
        needs_root!("to mount");
        let words = ["orphans", "5", "leave", "plain", "exit", "3"];
        let ended = mode.child(words).before(["bare-root"]).run();
        ended.expect_code(3).expect_silence();
    }
}

both! {
    fn no_report_can_be_written_and_that_is_all(mode: Mode) {
        needs_root!("to mount");
        sexton_only!("--report");
        let ended = mode.child(["exit", "3"]).before(["bare-root"]).options(["--report", "/tmp/report"]).run();
        ended.expect_code(3).expect_said(&["there will be no report in /tmp/report: "]);
    }
}

both! {
    fn one_descriptor_is_enough(mode: Mode) {
        let words = ["orphans", "5", "leave", "plain,session", "on", "10", "exit", "3"];
        let run = mode.child(words).before(["limit", NOFILE, "4"]).spawn();
        run.wait_ready("");
        run.signal(libc::SIGUSR1);
        run.wait().expect_code(3);
    }
}

both! {
    fn a_single_process_is_too_few_and_that_is_explained(mode: Mode) {
        needs_root!("to become a user with no other process");
        sexton_only!("what it says");
        let user = (2_000_000 + std::process::id() * 2 + u32::from(mode == Mode::Pid1)).to_string();
        let ended = mode.child(["say", "started"]).before(["limit", NPROC, "1", "as-uid", &user]).run();
        ended.expect_code(125).expect_said(&["sexton: cannot execute ", "the limit of processes"]);
        assert_eq!(ended.stdout, "");
    }
}

both! {
    fn a_small_stack_is_enough(mode: Mode) {
        let words = ["orphans", "5", "killed-orphans", "3", "9", "leave", "plain", "exit", "3"];
        mode.child(words).before(["limit", STACK, "65536"]).run().expect_code(3);
    }
}

both! {
    fn little_address_space_is_enough(mode: Mode) {
        // A few libraries of the program take most of it.
        let words = ["orphans", "5", "leave", "plain,session", "exit", "3"];
        mode.child(words).before(["limit", AS, "12582912"]).run().expect_code(3);
    }
}

both! {
    fn stopped_and_continued_nothing_is_lost(mode: Mode) {
        let run = mode.child(["orphans", "3", "record", "12"]).spawn();
        let main = run.wait_ready("");
        run.signal(libc::SIGSTOP);
        run.eventually(|run| harness::process(run.init).is_some_and(|p| p.state == 'T'), "it is stopped");
        run.signal(libc::SIGUSR1);
        (0..20).for_each(|value| run.queue(40, value));
        run.signal(libc::SIGCONT);
        run.wait_for_line("signal 10 ");
        run.wait_for_line("signal 18 ");
        let lines = run.wait_for_lines("signal 40 ", 20);
        let values: Vec<i64> = lines.iter().map(|line| *harness::numbers(line).last().unwrap()).collect();
        assert_eq!(values, (0..20).collect::<Vec<_>>());
        // Its end comes while sexton is stopped.
        run.signal(libc::SIGSTOP);
        run.eventually(|run| harness::process(run.init).is_some_and(|p| p.state == 'T'), "it is stopped");
        harness::kill(main, libc::SIGKILL);
        run.eventually(|_| harness::process(main).is_some_and(|p| p.state == 'Z'), "the program has ended");
        run.signal(libc::SIGCONT);
        run.wait().expect_code(137);
    }
}

both! {
    fn traced_and_let_go_nothing_is_lost(mode: Mode) {
        let run = mode.child(["record", "12"]).spawn();
        run.wait_ready("");
        for round in 0..100 {
            if let Err(error) = harness::trace_for_a_moment(run.init) {
                harness::not_here(&test_name!(), &format!("no tracing: {error}"));
                return;
            }
            run.queue(40, round);
        }
        run.wait_for_lines("signal 40 ", 100);
        run.signal(libc::SIGUSR2);
        run.wait().expect_code(0).expect_silence();
    }
}

pid1! {
    fn a_fork_bomb_is_stopped(mode: Mode) {
        needs_root!("to become a user whose processes are limited");
        sexton_only!("--user");
        let user = 3_000_000 + std::process::id();
        let options = [format!("--user={user}:{user}"), "--rlimit=nproc=60".to_owned(), "--grace=200ms".to_owned()];
        let run = mode.child(["bomb", "on", "10", "exit", "4"]).options(options).spawn();
        run.wait_ready("");
        run.eventually(|run| run.below().len() > 40, "it has gone off");
        run.signal(libc::SIGUSR1);
        let ended = run.wait();
        ended.expect_code(4).expect_said(&["killing"]);
        assert!(!ended.stderr.contains("left to the kernel"), "{ended:#?}");
    }
}

#[cfg(target_arch = "x86_64")]
const POLL: libc::c_long = libc::SYS_poll;
#[cfg(not(target_arch = "x86_64"))]
const POLL: libc::c_long = libc::SYS_ppoll;

/// What a profile for seccomp may refuse at once, so that a program runs all the same.
const DISPENSABLE: &[libc::c_long] = &[
    libc::SYS_clone3,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_send_signal,
    libc::SYS_close_range,
    libc::SYS_prctl,
    libc::SYS_prlimit64,
    libc::SYS_setpgid,
    libc::SYS_setsid,
    libc::SYS_getsid,
    libc::SYS_getpgid,
    libc::SYS_ioctl,
    libc::SYS_fcntl,
    POLL,
    libc::SYS_ppoll,
    libc::SYS_waitid,
    libc::SYS_getrandom,
    libc::SYS_sysinfo,
    libc::SYS_getcwd,
    libc::SYS_chdir,
    libc::SYS_fchdir,
    libc::SYS_umask,
    libc::SYS_pwritev2,
    libc::SYS_sendto,
    libc::SYS_statx,
    libc::SYS_getdents64,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_sigpending,
    libc::SYS_signalfd4,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_getaffinity,
    libc::SYS_setpriority,
    libc::SYS_getpriority,
    libc::SYS_capset,
    libc::SYS_madvise,
];

/// Words for a profile that answers `errno` to all of these.
fn profile(errno: i32, calls: &[libc::c_long]) -> [String; 3] {
    let list: Vec<String> = calls.iter().map(ToString::to_string).collect();
    ["without-calls".to_owned(), errno.to_string(), list.join(",")]
}

both! {
    fn a_profile_may_refuse_all_that_is_not_needed_at_once(mode: Mode) {
        sexton_only!("does not promise to live without them");
        for errno in [libc::EPERM, libc::ENOSYS] {
            let words = ["orphans", "5", "killed-orphans", "3", "9", "on", "10", "exit", "42"];
            let run = mode.child(words).before(profile(errno, DISPENSABLE)).spawn();
            run.wait_ready("");
            run.signal(libc::SIGUSR1);
            run.wait().expect_code(42);
        }
    }
}

both! {
    fn a_profile_that_leaves_no_way_to_take_signals_leaves_the_status(mode: Mode) {
        sexton_only!("does not promise to live without them");
        // Without poll it would say nothing, rather than wait for the reader of its log.
        let mut calls = [DISPENSABLE, &[libc::SYS_rt_sigtimedwait]].concat();
        calls.retain(|call| ![libc::SYS_ppoll, POLL].contains(call));
        for errno in [libc::EPERM, libc::ENOSYS] {
            let words = ["orphans", "5", "killed-orphans", "3", "9", "exit", "42"];
            let ended = mode.child(words).before(profile(errno, &calls)).run();
            ended.expect_code(42).expect_said(&["sexton: ", "forward"]);
        }
    }
}

both! {
    fn a_clock_that_is_set_back_delays_and_hastens_nothing(mode: Mode) {
        sexton_only!("--report");
        let scratch = Scratch::new();
        let [library, report] = ["clock.so", "report"].map(|name| scratch.join(name));
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/clock-back.c");
        let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).status();
        assert!(built.unwrap().success());
        let options = ["--stop-delay=100ms", "--escalate=300ms", "--watch=50ms", "--log-format=json", "-v", "--report"];
        let run = mode.child(["record"]).options(options).options([&report]).env("LD_PRELOAD", &library).spawn();
        run.wait_ready("");
        if !std::fs::read_to_string(format!("/proc/{}/maps", run.init)).unwrap().contains("clock.so") {
            not_applicable(&test_name!(), "nothing can be preloaded into a static binary");
            return;
        }
        run.signal(libc::SIGTERM);
        // It has its time before it is killed.
        run.wait_for_line("signal 15 ");
        run.wait().expect_code(137);
        let report: serde_json::Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
        assert!(report["end"].as_str() < report["start"].as_str(), "the clock was set back: {report:#}");
        assert_eq!(report["stop_request"]["steps_climbed"], 1, "{report:#}");
    }
}

both! {
    fn clocks_of_another_time_namespace_change_nothing(mode: Mode) {
        sexton_only!("--warn-orphans");
        needs_root!("to make a time namespace");
        let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
        let uptime: i64 = uptime.split('.').next().unwrap().parse().unwrap();
        // Three years later, and as if the machine had just been started.
        for offset in [100_000_000, 1 - uptime] {
            let words = ["orphans", "3", "leave", "plain", "block", "15", "on", "10", "exit", "3"];
            let run = mode.child(words).before(["time-offset", &offset.to_string()]).options(["-w", "--grace=10s"]).spawn();
            run.wait_ready("");
            let clocks = |name| std::fs::read_link(format!("/proc/{}/ns/{name}", run.init)).unwrap();
            if clocks("time") != clocks("time_for_children") {
                not_here(&test_name!(), "this kernel moves no process to another time namespace at exec (Linux 6.3)");
                return;
            }
            run.signal(libc::SIGTERM);
            run.wait_for_line("plain: signal 15 ");
            run.signal(libc::SIGUSR1);
            let ended = run.wait();
            ended.expect_code(3);
            assert_eq!(ended.lines("plain: signal 15 ").len(), 1, "told once: {ended:#?}");
            let ages = ended.stderr.lines().filter_map(|line| line.split_once(" old, which ")?.0.rsplit(", ").next());
            let ages: Vec<&str> = ages.collect();
            assert!(ages.len() >= 3 && ages.iter().all(|age| !age.contains(['h', 'd'])), "{ages:?}: {ended:#?}");
        }
    }
}

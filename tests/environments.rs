//! Surroundings that are poor, strange or disturbed: sexton's work is the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Mode, both, needs_root, pid1, sexton_only, test_name};

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

//! Nothing but the main process's end ends the init, and it works with next to nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Mode, Pipe, both, needs_root, pid1, test_name};

const FILE_SIZE: &str = "1";

both! {
    fn without_proc_it_runs(mode: Mode) {
        needs_root!("/proc hidden");
        mode.child(["orphans", "20", "exit", "3"]).before(["hide-proc"]).run().expect_code(3).expect_silence();
        let run = mode.child(["ready", "stop-self", "19", "record", "12"]).before(["hide-proc"]).spawn();
        let main = run.wait_ready("");
        run.eventually(|_| harness::process(main).is_some_and(|p| p.state == 'T'), "it is stopped");
        run.signal(libc::SIGINT);
        run.wait().expect_code(130);
    }
}

pid1! {
    fn without_proc_everyone_is_told(mode: Mode) {
        needs_root!("/proc hidden");
        let ended = mode.child(["leave", "plain,session,orphan", "exit", "3"]).before(["hide-proc"]).run();
        ended.expect_code(3);
        for name in ["plain", "session", "orphan"] {
            assert_eq!(ended.lines(&format!("{name}: signal 15 ")).len(), 1, "{name}: {ended:#?}");
        }
    }
}

both! {
    fn a_log_that_outgrows_its_limit_does_not_hurt_the_program(mode: Mode) {
        let Pipe { reader, writer } = Pipe::new();
        let child = mode.child(["orphans", "5", "on", "10", "exit", "5"]).before(["limit", FILE_SIZE, "0"]);
        let child = child.env("SEXTON_LOG", "trace").env("DUMB_INIT_DEBUG", "1").env("CATATONIT_DEBUG", "1");
        let run = child.stdout(writer).spawn();
        assert!(harness::read_line(reader).starts_with("ready"), "{}", run.seen());
        run.signal(libc::SIGURG);
        run.signal(libc::SIGUSR1);
        run.wait().expect_code(5);
    }
}

both! {
    fn a_storm_of_signals_is_only_a_storm(mode: Mode) {
        let run = mode.child(["block-all", "orphans", "50", "record"]).spawn();
        let main = run.wait_ready("");
        for round in 0..100 {
            let storm = harness::signals().filter(|signal| *signal < 32 || round < 10);
            storm.for_each(|signal| run.signal(signal));
        }
        run.wait_for_lines("signal 64 ", 10);
        run.eventually(|run| run.below().len() == 1, "the orphans are reaped");
        harness::kill(main, libc::SIGKILL);
        run.wait().expect_code(137);
    }
}

both! {
    fn a_start_among_signals_loses_none(mode: Mode) {
        for _ in 0..5 {
            let scratch = harness::Scratch::new();
            let mut gate = harness::Gate::new(scratch.join("gate"));
            let before = ["block-all", "gate", gate.path().to_str().unwrap()];
            let run = mode.child(["record"]).before(before).spawn();
            gate.reached();
            (0..100).for_each(|_| run.signal(40));
            gate.open();
            (0..100).for_each(|_| run.signal(41));
            run.wait_for_lines("signal 40 ", 100);
            run.wait_for_lines("signal 41 ", 100);
        }
    }
}

//! The start under every name: whose group the program is in, and what is said when there is none.

use crate::harness::{Mode, kill, needs_root, numbers, process, test_name};
use crate::suite::{Init, agree, fault};

const TINI: &str = "tini";
const DUMB_INIT: &str = "dumb-init";
const CATATONIT: &str = "catatonit";

#[test]
fn the_program_leads_a_group_and_no_session() {
    for name in [TINI, CATATONIT] {
        agree(name, |init| {
            for options in [&["--"][..], &["-g", "--"]] {
                let ended = init.child(Mode::Subreaper, options, &["status"]).run();
                let ids = numbers(ended.expect_code(0).lines("pid ")[0]);
                assert_eq!((ids[0] == ids[2], ids[0] == ids[3]), (true, false), "{ended:#?}");
            }
        });
    }
}

#[test]
fn a_process_that_cannot_be_made_is_said() {
    needs_root!("a user who may have no process");
    for (name, options, said) in [
        (TINI, &["-s", "--"][..], "[FATAL tini (N)] fork failed: Resource temporarily unavailable\n"),
        (DUMB_INIT, &["-c"], "[dumb-init] Unable to fork. Exiting.\n"),
    ] {
        agree(name, |init| {
            let ended = init.without_processes(options).run();
            ended.expect_code(1);
            let shown = init.comparable(&ended.stderr);
            assert!(ended.stdout.is_empty() && shown.starts_with(said), "{ended:#?}");
        });
    }
}

/// Whether it says that a program has been started.
fn claims_to_have_started(init: &Init, options: &[&str]) -> bool {
    let child = init.words(&[options, &["/no/such/program"]].concat()).env("CATATONIT_DEBUG", "1");
    let ended = child.run();
    let both = format!("{}{}", ended.stdout, ended.stderr);
    assert!(both.contains("No such file or directory"), "{ended:#?}");
    both.to_lowercase().contains("spawned")
}

#[test]
fn t22_d10_c10_what_was_never_executed_was_not_started() {
    for (name, number, options) in
        [(TINI, "T22", &["-vv", "-s", "--"][..]), (DUMB_INIT, "D10", &["-v"]), (CATATONIT, "C10", &["--"])]
    {
        fault(name, number, "the fork is reported as a start, whatever becomes of it", |init| {
            assert!(!claims_to_have_started(init, options));
        });
    }
}

#[test]
fn t21_without_an_option_orphans_are_reaped_as_well() {
    fault(TINI, "T21", "not PID 1, it only warns that nobody will reap them", |init| {
        let run = init.child(Mode::Subreaper, &["--"], &["leave", "orphan", "record"]).spawn();
        let (orphan, _) = (run.wait_ready("orphan"), run.wait_ready(""));
        let parent = || process(orphan).map(|orphan| orphan.parent);
        assert_eq!(parent(), Some(run.init), "{}", run.seen());
        kill(orphan, libc::SIGTERM);
        run.eventually(|_| parent().is_none(), "it is reaped");
    });
}

#[test]
fn t3_a_signal_that_is_lost_is_said() {
    needs_root!("a child of another user");
    const CAP_KILL: &str = "5";
    for (name, options) in [(DUMB_INIT, &["-c"][..]), (CATATONIT, &["--"])] {
        fault(name, "T3", "a signal that may not be sent is lost in silence", |init| {
            // The original looks at once whether its child can be signalled: only as root it still can be.
            let words = ["on", "10", "as-uid", "65534", "record", "12"];
            let run = init.child(Mode::Subreaper, options, &words).before(["without-cap", CAP_KILL]).spawn();
            let main = run.wait_ready("");
            kill(main, libc::SIGUSR1);
            run.wait_for_lines("ready", 2);
            run.signal(libc::SIGWINCH);
            init.eventually(&run, |run| run.stderr().contains("WINCH"), "it says so");
            kill(main, libc::SIGUSR2);
            init.end(run).expect_code(0);
        });
    }
}

#[test]
fn a_static_tini_is_called_by_another_name_alone() {
    agree("tini-static", |init| {
        let ended = init.words(&["--version"]).run();
        assert!(ended.expect_code(0).stdout.starts_with("tini version 0.19.0"), "{ended:#?}");
        let help = init.words(&["-h"]).run();
        assert!(help.expect_code(0).stdout.starts_with("tini-static (tini version 0.19.0"), "{help:#?}");
        let ended = init.words(&["-x"]).run();
        let said = "tini-static: invalid option -- 'x'\ntini-static (tini version 0.19.0";
        assert!(init.comparable(&ended.expect_code(1).stderr).starts_with(said), "{ended:#?}");
        init.child(Mode::Subreaper, &["-s", "-e", "3", "--"], &["exit", "3"]).run().expect_code(0);
        init.child(Mode::Subreaper, &["-s", "--"], &["die", "9"]).run().expect_code(137);
    });
}

//! catatonit: options, texts, the pause of a pod.

use crate::harness::{Mode, Pipe, can_be_pid1, kill, numbers, test_name};
use crate::suite::{agree, fault};

const CATATONIT: &str = "catatonit";
const USAGE: &str = "usage: catatonit [-ghLPV] [--] <progname> [<arguments>...]\n";

#[test]
fn answers_and_their_streams() {
    agree(CATATONIT, |init| {
        for version in [&["-V"][..], &["--version"], &["--ver"], &["-gV", "ls"]] {
            let ended = init.words(version).run();
            ended.expect_code(0).expect_silence();
            assert_eq!(ended.stdout, "tini version 0.1.7_catatonit\n", "{version:?}");
        }
        let licence = init.words(&["-L"]).run();
        licence.expect_code(0).expect_silence();
        assert!(licence.stdout.contains("catatonit"));
        let help = init.words(&["-h"]).run();
        help.expect_code(0).expect_said(&[USAGE, "-g", "-h", "-L", "-P", "-V, --version"]);
        assert!(help.stdout.is_empty());
    });
}

#[test]
fn usage_errors_are_1_with_the_usage() {
    agree(CATATONIT, |init| {
        for (words, first) in [
            (&["-x"][..], "catatonit: invalid option -- 'x'\n"),
            (&["--yolo", "ls"], "catatonit: unrecognized option '--yolo'\n"),
            (&["--help"], "catatonit: unrecognized option '--help'\n"),
            (&["--version=3"], "catatonit: option '--version' doesn't allow an argument\n"),
            (&[], "ERROR (catatonit:N): missing program name\n"),
            (&["--"], "ERROR (catatonit:N): missing program name\n"),
            (&["-g"], "ERROR (catatonit:N): missing program name\n"),
        ] {
            let ended = init.words(words).run();
            ended.expect_code(1);
            let shown = init.comparable(&ended.stderr);
            assert_eq!((ended.stdout.as_str(), shown), ("", format!("{first}{USAGE}")), "{words:?}");
        }
    });
}

#[test]
fn c5_options_end_at_the_program() {
    fault(CATATONIT, "C5", "it takes the program's options for its own", |init| {
        assert_eq!(init.words(&["echo", "-l"]).run().expect_code(0).stdout, "-l\n");
    });
    agree(CATATONIT, |init| {
        assert_eq!(init.words(&["--", "echo", "-l"]).run().expect_code(0).stdout, "-l\n");
    });
}

#[test]
fn c3_exec_failures_are_1_and_explained() {
    agree(CATATONIT, |init| {
        for program in ["no-such-program", "/no/such/file", "/etc"] {
            let ended = init.words(&["--", program]).run();
            ended.expect_code(1);
            assert!(init.comparable(&ended.stderr).starts_with("ERROR (catatonit:N): "), "{ended:#?}");
        }
    });
    // The number is what podman knows, and tells nobody anything; the words do.
    fault(CATATONIT, "C3", "whatever the reason, it is 1 and an errno", |init| {
        init.no_interpreter(&["--"]).expect_code(1).expect_said(&["/no/such/interpreter"]);
    });
}

#[test]
fn the_group_is_told_with_g_and_the_program_alone_without() {
    agree(CATATONIT, |init| {
        for (options, group) in [(&["-g", "--"][..], true), (&["--"], false)] {
            let run = init.child(Mode::Subreaper, options, &["leave", "kid", "record"]).spawn();
            let (kid, _) = (run.wait_ready("kid"), run.wait_ready(""));
            run.signal(libc::SIGUSR1);
            run.wait_for_line("signal 10 ");
            kill(kid, libc::SIGTERM);
            run.wait_for_line("kid: signal 15 ");
            assert_eq!(run.lines("kid: signal 10 ").len(), usize::from(group), "{}", run.seen());
        }
    });
}

#[test]
fn as_a_pause_it_ends_with_0_on_term_and_int() {
    if !can_be_pid1(&test_name!()) {
        return;
    }
    agree(CATATONIT, |init| {
        for end in [libc::SIGTERM, libc::SIGINT] {
            let none: [&str; 0] = [];
            let run = Mode::Pid1.command(none).init([init.path().as_os_str(), "-P".as_ref()]);
            let run = run.before(["leave", "kid"]).spawn();
            run.wait_ready("kid");
            let name = || crate::harness::process(run.init).map(|p| (p.name, p.state));
            let asleep = |(name, state): (String, char)| state == 'S' && name != "child";
            run.eventually(|_| name().is_some_and(asleep), "it has become the pause");
            run.signal(libc::SIGHUP);
            run.signal(end);
            run.wait().expect_code(0).expect_silence();
        }
    });
}

#[test]
fn listen_pid_names_the_program() {
    agree(CATATONIT, |init| {
        let ended = init.child(Mode::Subreaper, &["--"], &["status"]).before(["own-pid", "LISTEN_PID"]).run();
        let pid = numbers(ended.expect_code(0).lines("pid ")[0])[0];
        assert_eq!(ended.lines("env LISTEN_PID="), [format!("env LISTEN_PID={pid}")], "{ended:#?}");
    });
}

#[test]
fn debugging_is_on_when_the_variable_is_there() {
    agree(CATATONIT, |init| {
        for (value, said) in [(None, false), (Some(""), true), (Some("1"), true)] {
            let mut child = init.child(Mode::Subreaper, &["--"], &["exit", "3"]);
            if let Some(value) = value {
                child = child.env("CATATONIT_DEBUG", value);
            }
            let ended = child.run();
            assert_eq!(!ended.expect_code(3).stderr.is_empty(), said, "{value:?}");
        }
    });
}

#[test]
fn c1_no_signal_is_blocked_for_the_program() {
    fault(CATATONIT, "C1", "TSTP, TTIN and TTOU are blocked for all its descendants", |init| {
        let ended = init.child(Mode::Subreaper, &["--"], &["status"]).run();
        assert_eq!(ended.lines("blocked "), ["blocked 0000000000000000"], "{ended:#?}");
    });
}

#[test]
fn c4_a_broken_stderr_changes_no_status() {
    fault(CATATONIT, "C4", "with debugging on its own failure to write ends it", |init| {
        let Pipe { reader, writer } = Pipe::new();
        drop(reader);
        let child = init.child(Mode::Subreaper, &["--"], &["exit", "3"]).env("CATATONIT_DEBUG", "1");
        child.stderr(writer).run().expect_code(3);
    });
}

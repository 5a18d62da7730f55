//! dumb-init: options, sessions, job control.

use crate::harness::{Mode, Pty, kill, process};
use crate::suite::{Init, agree, fault};

const DUMB_INIT: &str = "dumb-init";
/// The two ways to say that no session is to be made.
const SINGLE: [(&[&str], &str); 4] =
    [(&["-c"], "1"), (&["--single-child"], "1"), (&["--single"], ""), (&[], "0")];

#[test]
fn the_program_leads_a_session_unless_told_not_to() {
    agree(DUMB_INIT, |init| {
        let leads = |options: &[&str], setsid: Option<&str>| {
            let mut child = init.child(Mode::Subreaper, options, &["status"]);
            if let Some(setsid) = setsid {
                child = child.env("DUMB_INIT_SETSID", setsid);
            }
            let ended = child.run();
            let ids = crate::harness::numbers(ended.expect_code(0).lines("pid ")[0]);
            (ids[0] == ids[3], ids[0] == ids[2])
        };
        assert_eq!(leads(&[], None), (true, true));
        assert_eq!(leads(&[], Some("1")), (true, true));
        assert_eq!(leads(&[], Some("")), (true, true));
        for (options, setsid) in SINGLE {
            assert_eq!(leads(options, Some(setsid)), (false, false), "{options:?}");
        }
    });
}

#[test]
fn the_group_is_told_in_a_session_and_the_program_alone_otherwise() {
    agree(DUMB_INIT, |init| {
        for (options, group) in [(&[][..], true), (&["-c"], false)] {
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
fn what_is_left_of_the_session_is_told() {
    agree(DUMB_INIT, |init| {
        let run = init.child(Mode::Subreaper, &[], &["leave", "plain", "exit", "3"]).spawn();
        run.wait_for_line("plain: signal 15 ");
        run.wait().expect_code(3);
    });
    fault(DUMB_INIT, "D4", "the last TERM is rewritten, too", |init| {
        let run = init.child(Mode::Subreaper, &["-r", "15:0"], &["leave", "plain", "exit", "3"]).spawn();
        init.eventually(&run, |run| !run.lines("plain: signal 15 ").is_empty(), "it is told");
    });
}

#[test]
fn d7_a_session_of_its_own_is_told_as_well() {
    if !crate::harness::can_be_pid1("compliance d7") {
        return;
    }
    fault(DUMB_INIT, "D7", "it knows one group alone", |init| {
        let ended = init.child(Mode::Pid1, &[], &["leave", "session", "exit", "3"]).run();
        assert_eq!(ended.expect_code(3).lines("session: end").len(), 1, "{ended:#?}");
    });
}

#[test]
fn everything_is_said_on_stderr() {
    agree(DUMB_INIT, |init| {
        for (words, code, start) in [
            (&["-h"][..], 0, "dumb-init v1.2.5\nUsage: dumb-init [option] command [[arg] ...]\n"),
            (&["--help"], 0, "dumb-init v1.2.5\n"),
            (&["-V"], 0, "dumb-init v1.2.5\n"),
            (&["--version", "ls"], 0, "dumb-init v1.2.5\n"),
            (&["-vcV"], 0, "dumb-init v1.2.5\n"),
            (&[], 1, "Usage: dumb-init [option] program [args]\nTry dumb-init --help for full usage.\n"),
            (&["-c", "--"], 1, "Usage: dumb-init [option] program [args]\n"),
            (&["--yolo", "ls"], 1, "dumb-init: unrecognized option '--yolo'\n"),
            (&["-x"], 1, "dumb-init: invalid option -- 'x'\n"),
            (&["-r"], 1, "dumb-init: option requires an argument -- 'r'\n"),
            (&["--rewrite"], 1, "dumb-init: option '--rewrite' requires an argument\n"),
            (&["--help=3"], 1, "dumb-init: option '--help' doesn't allow an argument\n"),
        ] {
            let ended = init.words(words).run();
            ended.expect_code(code);
            let shown = init.comparable(&ended.stderr);
            assert!(ended.stdout.is_empty() && shown.starts_with(start), "{words:?}: {shown}");
        }
        let help = init.words(&["-h"]).run();
        help.expect_said(&[
            "-c",
            "--single-child",
            "-r",
            "--rewrite",
            "-v",
            "--verbose",
            "-h",
            "--help",
            "-V",
        ]);
    });
}

#[test]
fn options_end_at_the_program() {
    agree(DUMB_INIT, |init| {
        let ended = init.words(&["echo", "-c", "--help", "--"]).run();
        assert_eq!(ended.expect_code(0).stdout, "-c --help --\n");
        assert_eq!(init.words(&["-c", "--", "echo", "-v"]).run().stdout, "-v\n");
    });
}

#[test]
fn d5_exec_failures_are_2_and_explained() {
    agree(DUMB_INIT, |init| {
        for (program, why) in [
            ("no-such-program", "No such file or directory"),
            ("/no/such/file", "No such file or directory"),
            ("/etc", "Permission denied"),
        ] {
            for options in [&[][..], &["-c"], &["--single-child", "--"], &["--"]] {
                let ended = init.words(&[options, &[program]].concat()).run();
                ended.expect_code(2).expect_said(&[&format!("[dumb-init] {program}: {why}\n")]);
            }
        }
    });
    // The number is what its users know, and tells them nothing; the words do.
    fault(DUMB_INIT, "D5", "whatever the reason, it is 2 and an errno", |init| {
        init.no_interpreter(&[]).expect_code(2).expect_said(&["/no/such/interpreter"]);
    });
}

/// What comes of a signal that suspends, for the program.
#[derive(Clone, Copy)]
enum Arrives {
    Stop,
    Itself,
    As(i32),
    Nothing,
}

/// Sends a signal that suspends, and waits until the init has stopped and the program was told; then continues.
fn suspends(init: &Init, options: &[&str], arrives: Arrives) {
    for signal in [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU] {
        let run = init.child(Mode::Subreaper, options, &["record"]).spawn();
        let main = run.wait_ready("");
        let state = |pid| process(pid).map_or('?', |process| process.state);
        run.signal(signal);
        run.eventually(|run| state(run.init) == 'T', "the init has stopped");
        match arrives {
            Arrives::Stop => run.eventually(|_| state(main) == 'T', "the program has stopped"),
            Arrives::Itself => drop(run.wait_for_line(&format!("signal {signal} "))),
            Arrives::As(other) => drop(run.wait_for_line(&format!("signal {other} "))),
            Arrives::Nothing => {}
        }
        let before = run.lines("signal ").len();
        run.signal(libc::SIGCONT);
        run.wait_for_line("signal 18 ");
        run.eventually(|run| state(run.init) == 'S', "the init goes on");
        run.signal(libc::SIGUSR1);
        run.wait_for_line("signal 10 ");
        let told = usize::from(matches!(arrives, Arrives::Itself | Arrives::As(_)));
        assert_eq!((before, run.lines("signal ").len()), (told, told + 2), "{}", run.seen());
    }
}

#[test]
fn job_control_signals_suspend_both() {
    agree(DUMB_INIT, |init| {
        suspends(init, &[], Arrives::Stop);
        suspends(init, &["-c"], Arrives::Itself);
        suspends(init, &["-r", "20:12", "-r", "21:12", "-r", "22:12"], Arrives::As(12));
        for single in [&[][..], &["-c"]] {
            let swallowed = ["-r", "20:0", "-r", "21:0", "-r", "22:0"];
            suspends(init, &[single, &swallowed].concat(), Arrives::Nothing);
        }
    });
}

#[test]
fn d3_the_program_finds_signals_as_they_were() {
    fault(DUMB_INIT, "D3", "mask and ignored signals are reset", |init| {
        let child = init.child(Mode::Subreaper, &[], &["status"]).before(["ignore", "1", "block", "12"]);
        let ended = child.run();
        assert_eq!(ended.lines("blocked "), ["blocked 0000000000000800"], "{ended:#?}");
        assert_eq!(ended.lines("ignored "), ["ignored 0000000000000001"], "{ended:#?}");
    });
}

#[test]
fn d6_an_interrupt_from_the_terminal_arrives_once() {
    fault(DUMB_INIT, "D6", "with -c it comes from the terminal and from the init", |init| {
        let pty = Pty::new();
        let run = pty.attach(init.child(Mode::Subreaper, &["-c"], &["to-output", "record"])).spawn();
        run.wait_ready("");
        // The two become one where the first is still waiting when the second comes.
        for round in 1..=20 {
            pty.type_in("\x03");
            run.wait_for_lines("signal 2 ", round);
            run.signal(libc::SIGUSR1);
            run.wait_for_lines("signal 10 ", round);
            assert_eq!(run.lines("signal 2 ").len(), round, "{}", run.seen());
        }
    });
}

//! dumb-init: its debug lines, word for word and in order.

use crate::harness::{Ended, Mode, Pty};
use crate::suite::{Init, agree, fault};

const DUMB_INIT: &str = "dumb-init";

const SETSID: &str = "[dumb-init] setsid complete.";

/// What every run ends with.
const END: [&str; 2] =
    ["[dumb-init] Forwarded signal 15 to children.", "[dumb-init] Child exited with status 3. Goodbye."];

/// All lines but two kinds: what the original says of a terminal that is not there (D9), and what sexton alone says
/// of a death that nobody asked for.
fn lines(init: &Init, ended: &Ended) -> Vec<String> {
    let shown = init.comparable(&ended.stderr);
    let others = |line: &&str| !line.contains("Unable to ") && !line.contains("main process N");
    let mut lines: Vec<String> = shown.lines().filter(others).map(str::to_owned).collect();
    if let Some(at) = lines.iter().position(|line| line == SETSID)
        && lines.get(at + 1).is_some_and(|line| line.contains("Child spawned"))
    {
        lines.swap(at, at + 1);
    }
    lines
}

/// The same run with debugging on, by option or variable.
fn debug(
    init: &Init,
    options: &[&str],
    variables: &[(&str, &str)],
    words: &[&str],
    sent: &[i32],
) -> Vec<String> {
    let child = init.child(Mode::Subreaper, options, words);
    let run = variables.iter().fold(child, |child, (name, value)| child.env(name, value)).spawn();
    for (round, signal) in sent.iter().enumerate() {
        run.wait_for_lines("ready", round + 1);
        run.signal(*signal);
        run.wait_for_log(&format!("Received signal {signal}.\n"));
    }
    lines(init, &run.wait())
}

/// How a run begins. In the original the child speaks of its session, before or after the parent speaks of the
/// child: [`lines`] has it where we have it.
fn begins(session: bool) -> Vec<&'static str> {
    let spawned = "[dumb-init] Child spawned with PID N.";
    if session { vec![spawned, SETSID] } else { vec![spawned] }
}

#[track_caller]
fn expect(found: Vec<String>, expected: &[&[&str]]) {
    assert_eq!(found, expected.concat());
}

const SIGCHLD: &str = "[dumb-init] Received signal 17.";
const EXITED: &str = "[dumb-init] A child with PID N exited with exit status 3.";

#[test]
fn a_plain_run_is_told_line_by_line() {
    agree(DUMB_INIT, |init| {
        for options in [&["-v"][..], &["--verbose"], &["-v", "--"]] {
            let said = debug(init, options, &[], &["exit", "3"], &[]);
            expect(said, &[&begins(true), &[SIGCHLD, EXITED], &END]);
        }
        let said = debug(init, &["-v", "-c"], &[], &["exit", "3"], &[]);
        expect(said, &[&begins(false), &[SIGCHLD, EXITED], &END]);
        let said = debug(init, &["-v", "-c"], &[], &["die", "9"], &[]);
        let killed = "[dumb-init] A child with PID N was terminated by signal 9.";
        let end = [END[0], "[dumb-init] Child exited with status 137. Goodbye."];
        expect(said, &[&begins(false), &[SIGCHLD, killed], &end]);
    });
}

#[test]
fn variables_turn_debugging_on() {
    agree(DUMB_INIT, |init| {
        const ON: (&str, &str) = ("DUMB_INIT_DEBUG", "1");
        let running = ["[dumb-init] Running in debug mode."];
        let said = debug(init, &[], &[ON], &["exit", "3"], &[]);
        expect(said, &[&running, &begins(true), &[SIGCHLD, EXITED], &END]);
        let said = debug(init, &[], &[ON, ("DUMB_INIT_SETSID", "0")], &["exit", "3"], &[]);
        let single = ["[dumb-init] Not running in setsid mode."];
        expect(said, &[&running, &single, &begins(false), &[SIGCHLD, EXITED], &END]);
        for off in ["", "0", "2", "yes"] {
            expect(debug(init, &[], &[("DUMB_INIT_DEBUG", off)], &["exit", "3"], &[]), &[]);
        }
    });
}

#[test]
fn each_signal_is_told_of() {
    agree(DUMB_INIT, |init| {
        for (options, signal, told) in [
            (&["-v", "-c"][..], 10, &["Forwarded signal 10 to children."][..]),
            (
                &["-vc", "-r", "12:10"],
                12,
                &["Translating signal 12 to 10.", "Forwarded signal 10 to children."],
            ),
        ] {
            let said = debug(init, options, &[], &["on", "10", "exit", "3"], &[signal]);
            let received = format!("[dumb-init] Received signal {signal}.");
            let told: Vec<String> = told.iter().map(|line| format!("[dumb-init] {line}")).collect();
            let told: Vec<&str> = told.iter().map(String::as_str).collect();
            expect(said, &[&begins(false), &[&received], &told, &[SIGCHLD, EXITED], &END]);
        }
        let words = ["ready", "on", "10", "exit", "3"];
        let said = debug(init, &["-vc", "-r", "12:0"], &[], &words, &[12, 10]);
        let told = [
            "[dumb-init] Received signal 12.",
            "[dumb-init] Translating signal 12 to 0.",
            "[dumb-init] Not forwarding signal 0 to children (ignored).",
            "[dumb-init] Received signal 10.",
            "[dumb-init] Forwarded signal 10 to children.",
        ];
        expect(said, &[&begins(false), &told, &[SIGCHLD, EXITED], &END]);
    });
}

#[test]
fn a_suspension_is_told_of() {
    agree(DUMB_INIT, |init| {
        let run = init.child(Mode::Subreaper, &["-v"], &["on", "10", "exit", "3"]).spawn();
        run.wait_ready("");
        run.signal(libc::SIGTSTP);
        let stopped = |pid| crate::harness::process(pid).is_some_and(|process| process.state == 'T');
        run.eventually(|run| stopped(run.init), "it has stopped");
        run.signal(libc::SIGCONT);
        run.wait_for_log("Forwarded signal 18");
        run.signal(libc::SIGUSR1);
        let said = lines(init, &run.wait());
        let told = [
            "[dumb-init] Received signal 20.",
            "[dumb-init] Translating signal 20 to 19.",
            "[dumb-init] Forwarded signal 19 to children.",
            "[dumb-init] Suspending self due to TTY signal.",
        ];
        let from = said.iter().position(|line| line == told[0]).expect("the signal is told of");
        assert_eq!(said[from..from + told.len()], told, "{said:?}");
        assert!(said.iter().any(|line| line == "[dumb-init] Forwarded signal 18 to children."), "{said:?}");
    });
}

#[test]
fn the_first_hup_and_cont_of_a_terminal_hand_over_are_swallowed() {
    agree(DUMB_INIT, |init| {
        let pty = Pty::new();
        let child = init.child(Mode::Subreaper, &["-v"], &["to-output", "record"]);
        let run = pty.attach(child).spawn();
        run.wait_ready("");
        pty.wait_for(
            "[dumb-init] Detached from controlling tty, ignoring the first SIGHUP and SIGCONT we receive.",
            1,
        );
        for signal in [1, 18] {
            pty.wait_for(&format!("[dumb-init] Ignoring tty hand-off signal {signal}."), 1);
        }
        assert!(!pty.shown().contains("Forwarded signal"), "{}", pty.shown());
        // The next ones are somebody's.
        for signal in [1, 18] {
            run.signal(signal);
            run.wait_for_line(&format!("signal {signal} "));
            pty.wait_for(&format!("[dumb-init] Forwarded signal {signal} to children."), 1);
        }
        assert_eq!((run.lines("signal 1 ").len(), run.lines("signal 18 ").len()), (1, 1), "{}", run.seen());
    });
}

#[test]
fn d9_no_terminal_is_nothing_to_speak_of() {
    fault(DUMB_INIT, "D9", "every run without a terminal says twice that there is none", |init| {
        let ended = init.child(Mode::Subreaper, &["-v"], &["exit", "3"]).run();
        assert!(!ended.expect_code(3).stderr.contains("controlling tty"), "{ended:#?}");
    });
}

#[test]
fn the_program_has_the_terminal() {
    agree(DUMB_INIT, |init| {
        for options in [&[][..], &["-c"]] {
            let pty = Pty::new();
            let run =
                pty.attach(init.child(Mode::Subreaper, options, &["to-output", "read-tty", "exit", "3"]));
            let run = run.spawn();
            run.wait_for_line("reading");
            pty.type_in("word\n");
            run.wait_for_line("read word");
            run.wait().expect_code(3);
        }
    });
}

//! catatonit: the lines of its log, word for word and in order.

use crate::harness::{Mode, Pty, Running, can_be_pid1, child_program, happens, kill, needs_root, test_name};
use crate::suite::{Init, agree, fault};

const CATATONIT: &str = "catatonit";
const SPAWNED: &str = "DEBUG (catatonit:N): pid1 (N) spawned: CHILD";
const CHILDLESS: &str = "DEBUG (catatonit:N): got ECHILD: no children left to monitor";

/// What it says of a terminal that is not there (C7).
fn is_of_a_terminal(line: &str) -> bool {
    line.contains("could not open /dev/tty") || line.contains("setting foreground process failed")
}

/// What was said, less what sexton alone says of a death that nobody asked for.
fn lines(init: &Init, said: &str) -> Vec<String> {
    let shown = init.comparable(said).replace(child_program().to_str().unwrap(), "CHILD");
    shown.lines().filter(|line| !line.contains("main process N")).map(str::to_owned).collect()
}

/// A run with debugging on. On a terminal, since without one the original's child speaks as well, at the same time
/// as its parent and in the midst of its lines.
fn debug(init: &Init, options: &[&str], words: &[&str]) -> (Pty, Running) {
    let pty = Pty::new();
    let words = [&["to-output"], words].concat();
    let run = pty.attach(init.child(Mode::Subreaper, options, &words)).env("CATATONIT_DEBUG", "1").spawn();
    (pty, run)
}

/// Waits until the terminal shows as many lines as are expected, and compares them.
#[track_caller]
fn expect(init: &Init, pty: &Pty, expected: &[&str]) {
    happens(|| lines(init, &pty.shown()).len() >= expected.len());
    assert_eq!(lines(init, &pty.shown()), expected);
}

#[test]
fn a_plain_run_is_told_line_by_line() {
    agree(CATATONIT, |init| {
        for options in [&["--"][..], &["-g", "--"]] {
            for (words, code) in [(["exit", "0"], 0), (["exit", "3"], 3), (["die", "9"], 137)] {
                let (pty, run) = debug(init, options, &words);
                run.wait().expect_code(code);
                expect(init, &pty, &[SPAWNED, CHILDLESS]);
            }
        }
    });
}

#[test]
fn orphans_are_told_of_and_signals_are_not() {
    agree(CATATONIT, |init| {
        let words = ["orphans", "1", "on", "10", "killed-orphans", "1", "9", "on", "12", "exit", "3"];
        let (pty, run) = debug(init, &["--"], &words);
        let ends = [(libc::SIGUSR1, "exited with code 0"), (libc::SIGUSR2, "exited due to signal 9")];
        for (round, (signal, end)) in ends.into_iter().enumerate() {
            run.wait_for_lines("ready", round + 1);
            pty.wait_for(end, 1);
            run.signal(signal);
        }
        run.wait().expect_code(3);
        let [first, second] = ends.map(|(_, end)| format!("DEBUG (catatonit:N): child process N {end}"));
        expect(init, &pty, &[SPAWNED, &first, &second, CHILDLESS]);
    });
}

#[test]
fn who_is_left_alive_is_not_told_of() {
    agree(CATATONIT, |init| {
        let (pty, mut run) = debug(init, &["--"], &["leave", "session", "exit", "3"]);
        let left = run.wait_ready("session");
        run.wait_for_end().expect_code(3);
        kill(left, libc::SIGTERM);
        run.wait_for_line("session: signal 15 ");
        expect(init, &pty, &[SPAWNED]);
    });
}

#[test]
fn a_pause_tells_of_whom_it_reaps() {
    if !can_be_pid1(&test_name!()) {
        return;
    }
    agree(CATATONIT, |init| {
        let none: [&str; 0] = [];
        let run = Mode::Pid1.command(none).init([init.path().as_os_str(), "-P".as_ref()]);
        let run = run.before(["leave", "plain,kid"]).env("CATATONIT_DEBUG", "1").spawn();
        let (plain, kid) = (run.wait_ready("plain"), run.wait_ready("kid"));
        kill(plain, libc::SIGTERM);
        run.wait_for_log("exited with code 0\n");
        kill(kid, libc::SIGKILL);
        run.wait_for_log("got ECHILD");
        run.signal(libc::SIGTERM);
        let ended = run.wait();
        ended.expect_code(0);
        let ends = ["exited with code 0", "exited due to signal 9"];
        let [first, second] = ends.map(|end| format!("DEBUG (catatonit:N): child process N {end}"));
        assert_eq!(lines(init, &ended.stderr), [&first, &second, CHILDLESS], "{ended:#?}");
    });
}

#[test]
fn what_cannot_be_executed_is_an_error_without_debugging_too() {
    agree(CATATONIT, |init| {
        for (program, why) in [
            ("no-such-program", "No such file or directory"),
            ("/no/such/file", "No such file or directory"),
            ("/etc/passwd/x", "Not a directory"),
            ("/etc", "Permission denied"),
        ] {
            for words in [&["--", program][..], &["-g", "--", program]] {
                let ended = init.words(words).run();
                ended.expect_code(1);
                let first = lines(init, &ended.stderr).remove(0);
                assert_eq!(first, format!("ERROR (catatonit:N): failed to exec pid1: {why}"), "{ended:#?}");
                assert_eq!(ended.stdout, "");
            }
        }
    });
}

#[test]
fn a_process_that_cannot_be_made_is_an_error() {
    needs_root!("a user who may have no process");
    agree(CATATONIT, |init| {
        let ended = init.without_processes(&["--"]).run();
        ended.expect_code(1);
        let expected = ["failed to fork child", "failed to spawn pid1"]
            .map(|what| format!("ERROR (catatonit:N): {what}: Resource temporarily unavailable"));
        assert_eq!(lines(init, &ended.stderr)[..2], expected, "{ended:#?}");
    });
}

#[test]
fn c7_no_terminal_is_nothing_to_speak_of() {
    fault(CATATONIT, "C7", "every run without a terminal says twice that there is none", |init| {
        let child = init.child(Mode::Subreaper, &["--"], &["exit", "3"]).env("CATATONIT_DEBUG", "1");
        let ended = child.run();
        assert!(!ended.stderr.lines().any(is_of_a_terminal), "{ended:#?}");
    });
}

#[test]
fn c8_a_variable_that_means_nothing_ends_nothing() {
    fault(CATATONIT, "C8", "CATATONIT_LOG is reserved, and whoever has it gets no program", |init| {
        let child = init.child(Mode::Subreaper, &["--"], &["exit", "3"]).env("CATATONIT_LOG", "debug");
        child.run().expect_code(3).expect_silence();
    });
}

#[test]
fn c9_a_variable_that_names_no_process_is_not_judged_by_its_length() {
    fault(
        CATATONIT,
        "C9",
        "of two values of LISTEN_PID that are no pid, the longer one is warned of",
        |init| {
            let warned = |value: &str| {
                let child = init.child(Mode::Subreaper, &["--"], &["exit", "3"]);
                let ended = child.env("CATATONIT_DEBUG", "1").env("LISTEN_PID", value).run();
                ended.stderr.contains("LISTEN_PID")
            };
            assert_eq!(warned("99999999999999999999"), warned("5x"));
        },
    );
}

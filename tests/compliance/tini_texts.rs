//! tini: what it prints, word for word where tools look for it.

use crate::harness::{Ended, Mode};
use crate::suite::{Init, agree, fault};

const TINI: &str = "tini";

#[test]
fn answers_go_to_stdout_and_usage_errors_to_stderr() {
    agree(TINI, |init| {
        for (words, parts) in [
            (
                &["-h"][..],
                &["tini version", "supervision of a valid init process", "more verbose", "-e", "-p"][..],
            ),
            (&["--version"], &["tini version 0.19.0"]),
            (&["-l"], &["MIT"]),
            (&["-s", "-h", "ls"], &["tini version"]),
        ] {
            let ended = init.words(words).run();
            ended.expect_code(0).expect_silence();
            assert!(parts.iter().all(|part| ended.stdout.contains(part)), "{words:?}: {ended:#?}");
        }
        for (words, first) in [
            (&["-x"][..], "tini: invalid option -- 'x'\ntini (tini version 0.19.0"),
            (&["--yolo"], "tini: invalid option -- '-'\ntini (tini version 0.19.0"),
            (&["-e"], "tini: option requires an argument -- 'e'\ntini (tini version 0.19.0"),
            (&[], "tini (tini version 0.19.0"),
            (&["-p", "foo", "ls"], "[FATAL tini (N)] Not a valid option for -p: foo\n"),
            (&["-e", "300", "ls"], "[FATAL tini (N)] Not a valid option for -e: 300\n"),
        ] {
            let ended = init.words(words).run();
            ended.expect_code(1);
            let shown = init.comparable(&ended.stderr);
            assert!(ended.stdout.is_empty() && shown.starts_with(first), "{words:?}: {shown}");
        }
    });
}

#[test]
fn docker_can_take_the_version_apart() {
    agree(TINI, |init| {
        if init.is_original {
            // Debian's lacks the commit, and `docker info` says so.
            return;
        }
        let ended = init.words(&["--version"]).run();
        let (version, commit) = ended.stdout.trim_end().split_once(" - git.").unwrap();
        assert_eq!(version, "tini version 0.19.0");
        assert!(commit.len() == 7 && commit.bytes().all(|b| b.is_ascii_hexdigit()), "{commit}");
    });
}

#[test]
fn it_warns_when_it_is_not_pid_1() {
    const WARNING: &str = "zombie reaping won't work";
    agree(TINI, |init| {
        let said = |options: &[&str], variables: &[(&str, &str)]| {
            let child = init.child(Mode::Subreaper, options, &["exit", "0"]);
            let ended = variables.iter().fold(child, |child, (name, value)| child.env(name, value)).run();
            ended.expect_code(0);
            ended.stderr
        };
        assert!(said(&["--"], &[]).starts_with("[WARN  tini ("));
        assert!(said(&["--"], &[]).contains(WARNING));
        assert!(said(&["-v", "--"], &[("TINI_VERBOSITY", "1")]).contains(WARNING));
        assert_eq!(said(&["-v", "--"], &[("TINI_VERBOSITY", "0")]), "");
        assert_eq!(said(&["--"], &[("TINI_VERBOSITY", "0")]), "");
        assert_eq!(said(&["--"], &[("TINI_VERBOSITY", "nonsense")]), "");
        assert_eq!(said(&["-s", "--"], &[]), "");
        assert_eq!(said(&["--"], &[("TINI_SUBREAPER", "")]), "");
    });
    fault(TINI, "T17", "a variable that says 0 means on", |init| {
        let ended = init.child(Mode::Subreaper, &["--"], &["exit", "0"]).env("TINI_SUBREAPER", "0").run();
        ended.expect_said(&[WARNING]);
    });
}

#[test]
fn an_orphan_is_told_of_if_asked_for() {
    agree(TINI, |init| {
        let ended = init.child(Mode::Subreaper, &["-s", "-w", "--"], &["orphans", "3", "sleep"]);
        let run = ended.spawn();
        run.eventually(|run| said_of(&run.stderr()) == 3, "three orphans are told of");
    });
    agree(TINI, |init| {
        let ended = init.child(Mode::Subreaper, &["-s", "--"], &["orphans", "3", "exit", "0"]).run();
        assert_eq!(said_of(&ended.stderr), 0);
    });
}

fn said_of(text: &str) -> usize {
    text.lines()
        .filter(|line| line.starts_with("[WARN  tini (") && line.contains("Reaped zombie process with pid="))
        .count()
}

/// One run that says all it can.
fn verbose(init: &Init, options: &[&str], words: &[&str]) -> Ended {
    let options: Vec<&str> = options.iter().copied().chain(["-s", "--"]).collect();
    let run = init.child(Mode::Subreaper, &options, words).spawn();
    if words.contains(&"on") {
        run.wait_ready("");
        run.signal(libc::SIGUSR1);
    }
    run.wait()
}

/// The lines of both streams in order, but for what the original says of each look for zombies (T16), of signals in
/// other words (T20), and in the child, which has its lines in a buffer (T14).
fn lines(init: &Init, ended: &Ended) -> Vec<String> {
    let both = format!("{}{}", ended.stdout, ended.stderr);
    let shown = init.comparable(&both).replace(crate::harness::child_program().to_str().unwrap(), "CHILD");
    let mut lines: Vec<String> = shown
        .lines()
        .filter(|line| line.starts_with('[') && !line.contains("] No child to ") && !line.contains("Passing"))
        .map(str::to_owned)
        .collect();
    lines.dedup();
    lines
}

#[test]
fn verbose_lines_are_the_original_s() {
    let spawned = "[INFO  tini (N)] Spawned child process 'CHILD' with pid 'N'";
    let sigchld = "[DEBUG tini (N)] Received SIGCHLD";
    let reaped = "[DEBUG tini (N)] Reaped child with pid: 'N'";
    let exited = "[INFO  tini (N)] Main child exited normally (with status '3')";
    let registered = "[TRACE tini (N)] Registered as child subreaper";
    let exiting = "[TRACE tini (N)] Exiting: child has exited";
    agree(TINI, |init| {
        let said = |options: &[&str]| lines(init, &verbose(init, options, &["exit", "3"]));
        assert_eq!(said(&["-v"]), [spawned, exited]);
        assert_eq!(said(&["-vv"]), [spawned, sigchld, reaped, exited]);
        assert_eq!(said(&["-v", "-v", "-v"]), [registered, spawned, sigchld, reaped, exited, exiting]);
        assert_eq!(said(&[]), [""; 0]);
        let child = init.child(Mode::Subreaper, &["-s", "--"], &["exit", "3"]).env("TINI_VERBOSITY", "3");
        assert_eq!(lines(init, &child.run()), [spawned, sigchld, reaped, exited]);
        let child = init.child(Mode::Subreaper, &["-s", "--"], &["exit", "3"]).env("TINI_VERBOSITY", "4");
        assert_eq!(lines(init, &child.run()), [registered, spawned, sigchld, reaped, exited, exiting]);
        let run =
            init.child(Mode::Subreaper, &["-svv", "--"], &["orphans", "1", "on", "10", "exit", "3"]).spawn();
        run.wait_ready("");
        run.eventually(|run| run.below().len() == 1, "the orphan is reaped");
        run.signal(libc::SIGUSR1);
        let ended = run.wait();
        let said = lines(init, &ended);
        assert_eq!(said[..3], [spawned, sigchld, reaped]);
        // The original may have reaped the program on its way back from forwarding, before SIGCHLD.
        assert_eq!(said.last().unwrap(), exited);
        let both = format!("{}{}", ended.stdout, ended.stderr);
        assert_eq!(both.matches("Reaped child with pid").count(), 2, "{both}");
        let died = verbose(init, &["-v"], &["die", "9"]);
        let killed = "[INFO  tini (N)] Main child exited with signal (with signal '";
        assert!(lines(init, &died).iter().any(|line| line.starts_with(killed)));
        let passed = verbose(init, &["-vv"], &["on", "10", "exit", "0"]);
        let passed = format!("{}{}", passed.stdout, passed.stderr);
        assert!(passed.contains("] Passing signal: '"), "{passed}");
    });
}

#[test]
fn t20_signals_have_the_names_that_kill_knows() {
    fault(TINI, "T20", "the C library's words: another library, other words", |init| {
        let passed = verbose(init, &["-vv"], &["on", "10", "die", "9"]);
        let both = init.comparable(&format!("{}{}", passed.stdout, passed.stderr));
        let lines =
            ["[DEBUG tini (N)] Passing signal: 'SIGUSR1'", "exited with signal (with signal 'SIGKILL')"];
        assert!(lines.iter().all(|line| both.contains(line)), "{both}");
    });
}

#[test]
fn t14_the_program_s_output_is_its_own() {
    fault(TINI, "T14", "INFO and DEBUG go to stdout, some lines twice", |init| {
        let ended = verbose(init, &["-vv"], &["say", "mine", "exit", "0"]);
        assert_eq!(ended.stdout, "mine\n");
        ended.expect_said(&["Received SIGCHLD"]);
    });
}

#[test]
fn exec_failures_say_what_and_why() {
    agree(TINI, |init| {
        for (program, why) in [
            ("no-such-program", "No such file or directory"),
            ("/no/such/file", "No such file or directory"),
            ("/etc/passwd", "Permission denied"),
        ] {
            let ended = init.words(&["-s", program]).run();
            let shown = init.comparable(&ended.stderr);
            let line = format!("[FATAL tini (N)] exec {program} failed: {why}\n");
            assert!(shown.starts_with(&line), "{shown}");
        }
    });
}

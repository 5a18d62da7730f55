//! The program starts with exactly what the init was given, and the init keeps nothing that it does not need.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Gate, Mode, Pipe, Scratch, Sexton, both, sexton_only, test_name};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

/// What `child status` says of signals, directory, descriptors, arguments and environment. Where the descriptors
/// of captured output lead to is another file in each run.
fn inherited(run: Sexton) -> Vec<String> {
    let ended = run.run();
    ended.expect_code(0);
    let own = ["pid ", "parent-cwd ", "env TEST_", "env _="];
    let lines = ended.stdout.lines().filter(|line| !own.iter().any(|start| line.starts_with(start)));
    lines.map(|line| line.split(" /tmp/sexton-test-").next().unwrap().to_owned()).collect()
}

/// Runs `child status` in both ways, each time prepared by `before`, and compares.
#[track_caller]
fn same_as_bare(mode: Mode, before: &[&str], prepare: impl Fn(Sexton) -> Sexton) {
    let status = |mode: Mode| inherited(prepare(mode.child(["status", "exit", "0"]).before(before)));
    assert_eq!(status(mode), status(Mode::Bare), "left: under the init, right: without it");
}

both! {
    fn by_default_nothing_is_changed(mode: Mode) {
        same_as_bare(mode, &[], |run| run);
    }
}

both! {
    fn d3_ignored_signals_stay_ignored(mode: Mode) {
        same_as_bare(mode, &["ignore", "1", "ignore", "13", "ignore", "2", "ignore", "40"], |run| run);
    }
}

both! {
    fn p4_signals_32_and_33_stay_as_they_are(mode: Mode) {
        same_as_bare(mode, &["ignore", "32", "ignore", "33", "ignore", "34"], |run| run);
    }
}

both! {
    fn p4_no_signal_is_ignored_that_was_not(mode: Mode) {
        let lines = inherited(mode.child(["status", "exit", "0"]));
        assert!(lines.contains(&"ignored 0000000000000000".to_owned()), "{lines:#?}");
    }
}

both! {
    fn t2_an_ignored_sigchld_stays_ignored_for_the_program(mode: Mode) {
        same_as_bare(mode, &["ignore", "17"], |run| run);
    }
}

both! {
    fn d3_c1_the_signal_mask_is_the_inherited_one(mode: Mode) {
        same_as_bare(mode, &["block", "10", "block", "32", "block", "34", "block", "64"], |run| run);
        same_as_bare(mode, &["block-all"], |run| run);
    }
}

both! {
    fn c1_no_signal_is_blocked_that_was_not(mode: Mode) {
        let lines = inherited(mode.child(["status", "exit", "0"]));
        assert!(lines.contains(&"blocked 0000000000000000".to_owned()), "{lines:#?}");
    }
}

both! {
    fn the_working_directory_is_the_inherited_one(mode: Mode) {
        same_as_bare(mode, &["cd", "/usr/bin"], |run| run);
    }
}

both! {
    fn d2_the_init_s_directory_is_the_root_at_the_program_s_first_instruction(mode: Mode) {
        for _ in 0..20 {
            let ended = mode.child(["status", "exit", "0"]).before(["cd", "/usr"]).run();
            assert_eq!(ended.lines("parent-cwd "), ["parent-cwd /"], "{ended:#?}");
            assert_eq!(ended.lines("cwd "), ["cwd /usr"], "{ended:#?}");
        }
    }
}

both! {
    fn t10_closed_standard_descriptors_stay_closed(mode: Mode) {
        for closed in [&["close", "0"] as &[&str], &["close", "2"], &["close", "0", "close", "2"]] {
            same_as_bare(mode, closed, |run| run);
        }
        let ended = mode.child(["exit", "7"]).before(["close", "0", "close", "1", "close", "2"]).run();
        ended.expect_code(7);
        let ended = mode.shell("echo open 2>/dev/null >&1 && exit 1; exit 0").before(["close", "1"]).run();
        ended.expect_code(0);
    }
}

both! {
    fn further_descriptors_are_passed_on(mode: Mode) {
        same_as_bare(mode, &["duplicate", "2", "5", "duplicate", "0", "77"], |run| run);
    }
}

both! {
    fn arguments_and_environment_are_bytes(mode: Mode) {
        let odd = OsString::from_vec(b"\xff\xfe \\ \x01\n'\"$x".to_vec());
        let words = ["status".into(), "exit".into(), "0".into(), odd.clone(), OsString::new(), "--".into(), "-x".into()];
        let status = |mode: Mode| inherited(mode.child(&words).env("ODD", &odd).env("EMPTY", ""));
        let seen = status(mode);
        assert!(seen.contains(&"arg \\xff\\xfe \\x5c \\x01\\x0a'\"$x".to_owned()), "{seen:#?}");
        assert_eq!(seen, status(Mode::Bare), "left: under the init, right: without it");
    }
}

both! {
    fn sexton_s_variables_are_not_passed_on(mode: Mode) {
        sexton_only!("SEXTON_ variables");
        let run = mode.child(["status", "exit", "0"]).env("SEXTON_GRACE", "1s").env("SEXTON_SERVICE_HOST", "10.0.0.1");
        let run = run.env("SEXTON_LOG", "error").env("TINI_SUBREAPER", "1");
        let ended = run.run();
        ended.expect_code(0).expect_silence();
        assert_eq!(ended.lines("env SEXTON_"), ["env SEXTON_SERVICE_HOST=10.0.0.1"], "{ended:#?}");
        assert_eq!(ended.lines("env TINI_").len(), 1, "{ended:#?}");
    }
}

both! {
    fn listen_pid_that_names_the_init_names_the_program(mode: Mode) {
        sexton_only!("LISTEN_PID");
        let script = "echo \"$LISTEN_PID $$ $LISTEN_FDS\"";
        let run = mode.command(["sh", "-c", script]).before(["own-pid", "LISTEN_PID"]).env("LISTEN_FDS", "1").run();
        let numbers = harness::numbers(&run.stdout);
        assert!(numbers.len() == 3 && numbers[0] == numbers[1], "{run:#?}");
        let run = mode.command(["sh", "-c", script]).env("LISTEN_PID", "999999").env("LISTEN_FDS", "1").run();
        assert_eq!(harness::numbers(&run.stdout)[0], 999_999, "{run:#?}");
    }
}

/// The init gets a FIFO as this descriptor; its reader must see the end although the init lives on.
#[track_caller]
fn sees_the_end(mode: Mode, descriptor: &str) {
    let scratch = Scratch::new();
    let fifo = Gate::new(scratch.join("fifo"));
    let open = ["open-fifo", fifo.path().to_str().unwrap(), descriptor];
    let run = mode.child(["close", descriptor, "record", "12"]).before(open).spawn();
    assert!(harness::read_fifo_to_end(fifo.path()).is_empty(), "{}", run.seen());
    run.wait_ready("");
    run.signal(libc::SIGUSR2);
    run.wait().expect_code(0);
}

both! {
    fn t18_a_reader_sees_the_end_when_the_program_closes_its_stdin(mode: Mode) {
        sees_the_end(mode, "0");
    }
}

both! {
    fn t18_a_reader_sees_the_end_when_the_program_closes_another_descriptor(mode: Mode) {
        sees_the_end(mode, "9");
    }
}

#[test]
fn t18_a_reader_sees_the_end_when_the_program_closes_its_stdout() {
    let Pipe { reader, writer } = Pipe::new();
    let words = ["block-all", "say", "last words", "close", "1", "record", "12"];
    let run = Mode::Subreaper.child(words).stdout(writer).spawn();
    assert_eq!(harness::read_to_end(reader), b"last words\n");
    run.signal(libc::SIGUSR2);
    run.wait().expect_code(0);
}

harness::pid1! {
    fn pid_1_keeps_stdout_for_logs_that_are_linked_to_it(mode: Mode) {
        let run = mode.shell("echo linked > /proc/1/fd/1; exec \"$child\" record").spawn();
        run.wait_ready("");
        assert_eq!(run.lines("linked").len(), 1, "{}", run.seen());
        let open = |descriptor| harness::open_descriptors(run.init).iter().any(|(number, _)| *number == descriptor);
        run.eventually(|_| !open(0), "stdin is let go of");
        assert!(open(1) && open(2), "{}", run.seen());
    }
}

both! {
    fn the_init_is_not_busy_with_a_foreign_directory(mode: Mode) {
        let run = mode.child(["sleep"]).before(["cd", "/usr"]).spawn();
        run.wait_ready("");
        let directory = std::fs::read_link(format!("/proc/{}/cwd", run.init)).unwrap();
        assert_eq!(directory, std::path::Path::new("/"), "{}", run.seen());
    }
}

//! The command line: what is understood, and how what is not is answered.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Ended, Mode, Sexton, sexton_only, test_name};

/// Runs the init with these words alone.
fn with(words: &[&str]) -> Ended {
    Sexton::new(words).without_separator().run()
}

/// Runs it with these options and a program that must not be started.
#[track_caller]
fn refused(options: &[&str], parts: &[&str]) {
    let ended = Mode::Subreaper.child(["say", "ran"]).options(options).run();
    ended.expect_code(125).expect_said(&["sexton: "]).expect_said(parts);
    assert!(ended.stdout.is_empty(), "{ended:#?}");
}

#[test]
fn t17_c5_options_end_at_the_program() {
    let ended = with(&["ls", "-l", "-d", "/"]);
    ended.expect_code(0);
    assert!(ended.stdout.starts_with('d') && ended.stdout.ends_with(" /\n"), "{ended:#?}");
    with(&["sh", "-c", "exit 3"]).expect_code(3);
}

#[test]
fn help_fits_80_columns_and_goes_to_stdout() {
    sexton_only!("--help");
    for option in ["--help", "-h"] {
        let ended = with(&[option]);
        ended.expect_code(0).expect_silence();
        assert!(ended.stdout.lines().all(|line| line.chars().count() <= 80), "{ended:#?}");
        for part in ["sexton", "--grace", "--escalate", "--stop-signals", "SEXTON_"] {
            assert!(ended.stdout.contains(part), "{part}: {ended:#?}");
        }
    }
}

#[test]
fn the_version_is_one_that_docker_info_understands() {
    sexton_only!("--version");
    for option in ["--version", "-V"] {
        let ended = with(&[option]);
        ended.expect_code(0).expect_silence();
        let line = ended.stdout.strip_suffix('\n').expect("a line");
        let (name, commit) = line.split_once(" - git.").expect("two parts");
        assert_eq!(name, concat!("sexton ", env!("CARGO_PKG_VERSION")));
        assert!(commit.len() == 7 && commit.chars().all(|c| c.is_ascii_hexdigit()), "{line}");
    }
}

#[test]
fn help_to_a_full_disk_is_a_failure_not_a_panic() {
    sexton_only!("--help");
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let ended = Sexton::new(["--help"]).without_separator().stdout(full).run();
    assert!(ended.code.is_some_and(|code| code != 0 && code != 101), "{ended:#?}");
}

#[test]
fn no_program_is_a_usage_error() {
    sexton_only!("its own usage errors");
    with(&[]).expect_code(125).expect_said(&["sexton: "]);
    with(&["-v"]).expect_code(125).expect_said(&["sexton: "]);
    with(&["--"]).expect_code(125).expect_said(&["sexton: "]);
}

#[test]
fn a_misspelt_option_is_answered_with_the_nearest_one() {
    sexton_only!("its own usage errors");
    refused(&["--stop-dely=5s"], &["--stop-dely", "--stop-delay"]);
    refused(&["--gracee", "5s"], &["--gracee", "--grace"]);
    refused(&["-Z"], &["-Z"]);
}

#[test]
fn a_wrong_value_is_named_with_its_option_and_what_was_expected() {
    sexton_only!("its own usage errors");
    for (option, value) in [
        ("--grace", "soon"),
        ("--grace", "-1"),
        ("--grace", "5 parsecs"),
        ("--stop-delay", "1h30"),
        ("--timeout", "1e3"),
        ("--rewrite", "TERM"),
        ("--rewrite", "15:12junk"),
        ("--rewrite", "herp:derp"),
        ("--rewrite", "KILL:TERM"),
        ("--rewrite", "STOP:TERM"),
        ("--rewrite", "32:TERM"),
        ("--rewrite", "65:TERM"),
        ("--parent-death-signal", "NOPE"),
        ("--stop-signals", "TERM,NOPE"),
        ("--escalate", "20s:"),
        ("--leader", "cheer"),
        ("--remap-exit", "256"),
        ("--remap-exit", "1:x"),
        ("--umask", "999"),
        ("--nice", "low"),
        ("--oom-score-adj", "2000"),
        ("--cpu-list", "a-b"),
        ("--rlimit", "nofile"),
        ("--rlimit", "colour=3"),
        ("--log-format", "xml"),
        ("--watch", "often"),
        ("--watch", "-1s"),
    ] {
        refused(&[&format!("{option}={value}")], &[option, value]);
        refused(&[option, value], &[option, value]);
    }
    refused(&["-r", "15:12junk"], &["15:12junk"]);
}

#[test]
fn a_value_that_is_missing_is_a_usage_error() {
    sexton_only!("its own usage errors");
    with(&["--grace"]).expect_code(125).expect_said(&["--grace"]);
    with(&["-r"]).expect_code(125).expect_said(&["-r"]);
}

#[test]
fn a_switch_takes_no_value() {
    sexton_only!("its own usage errors");
    refused(&["--single-child=yes"], &["--single-child"]);
}

#[test]
fn durations_and_signals_have_many_forms() {
    sexton_only!("its options");
    for duration in ["0", "5", "500ms", "10s", "2m", "1h30m", "1h"] {
        Mode::Subreaper
            .child(["exit", "3"])
            .options(["--grace", duration])
            .run()
            .expect_code(3)
            .expect_silence();
    }
    for rewrite in ["TERM:INT", "sigterm:SIGINT", "15:2", "RTMIN+3:rtmax-1", "SIGRTMIN:0", "HUP:drop"] {
        Mode::Subreaper.child(["exit", "3"]).options(["-r", rewrite]).run().expect_code(3).expect_silence();
    }
    Mode::Subreaper.child(["exit", "3"]).options(["-sgcq"]).run().expect_code(3).expect_silence();
}

#[test]
fn a_wrong_value_in_the_environment_is_a_usage_error() {
    sexton_only!("SEXTON_ variables");
    for (name, value) in [("SEXTON_GRACE", "soon"), ("SEXTON_SINGLE_CHILD", "maybe"), ("SEXTON_LOG", "loud")]
    {
        let ended = Mode::Subreaper.child(["say", "ran"]).env(name, value).run();
        ended.expect_code(125).expect_said(&["sexton: ", name, value]);
        assert!(ended.stdout.is_empty(), "{ended:#?}");
    }
}

#[test]
fn an_unknown_variable_is_one_warning_with_the_nearest_name() {
    sexton_only!("SEXTON_ variables");
    let ended = Mode::Subreaper.child(["exit", "3"]).env("SEXTON_GRASE", "1s").run();
    ended.expect_code(3).expect_said(&["sexton: ", "SEXTON_GRASE", "SEXTON_GRACE"]);
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:#?}");
}

#[test]
fn kubernetes_service_variables_are_passed_over() {
    sexton_only!("SEXTON_ variables");
    let run = Mode::Subreaper.child(["exit", "3"]).env("SEXTON_PORT", "tcp://10.0.0.1:80");
    let run = run.env("SEXTON_SERVICE_PORT", "80").env("SEXTON_PORT_80_TCP", "tcp://10.0.0.1:80");
    run.run().expect_code(3).expect_silence();
}

#[test]
fn t17_a_switch_in_the_environment_can_be_off() {
    sexton_only!("SEXTON_ variables");
    for (value, kid_hears) in
        [("0", true), ("no", true), ("OFF", true), ("", true), ("1", false), ("yes", false)]
    {
        let run = Mode::Subreaper.child(["leave", "kid", "record"]).env("SEXTON_SINGLE_CHILD", value).spawn();
        run.wait_ready("");
        let kid = run.wait_ready("kid");
        run.signal(libc::SIGUSR1);
        run.wait_for_line("signal 10 ");
        harness::kill(kid, libc::SIGWINCH);
        run.wait_for_line("kid: signal 28 ");
        assert_eq!(!run.lines("kid: signal 10 ").is_empty(), kid_hears, "{value:?}: {}", run.seen());
    }
}

#[test]
fn the_command_line_wins_over_the_environment() {
    sexton_only!("SEXTON_ variables");
    let run = Mode::Subreaper.child(["record"]).env("SEXTON_TIMEOUT", "1ms");
    let run = run.options(["--timeout=1h"]).spawn();
    run.wait_ready("");
    run.signal(libc::SIGUSR1);
    run.wait_for_line("signal 10 ");
}

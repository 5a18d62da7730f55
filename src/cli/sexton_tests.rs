use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

use log::LevelFilter;
use proptest::prelude::*;

use super::*;
use crate::cli::{Parsed, parse};
use crate::config::{Config, Leader, LogFormat};
use crate::policy::signal::{Signal, SignalSet};
use crate::policy::{Reach, Step};

fn words(line: &str) -> Vec<OsString> {
    std::iter::once("sexton").chain(line.split_whitespace()).map(OsString::from).collect()
}

fn parsed(args: &[OsString], env: &[(&str, &str)]) -> Parsed {
    let env: Vec<_> = env.iter().map(|(name, value)| (name.into(), value.into())).collect();
    parse(Input { args, env: &env, secure: false })
}

#[track_caller]
fn config(line: &str, env: &[(&str, &str)]) -> Config {
    match parsed(&words(line), env).result {
        Ok(Command::Run(config)) => *config,
        other => panic!("{line} {env:?}: {other:?}"),
    }
}

fn error(line: &str) -> String {
    parsed(&words(line), &[]).result.unwrap_err().to_string()
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A command line, an environment and what they change about the defaults for `run`.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], fn(&mut Config));

#[track_caller]
fn check(cases: &[Case<'_>]) {
    for (line, env, change) in cases {
        let mut expected = Config::new(vec!["run".into()]);
        expected.child.consumed = env.iter().map(|(name, _)| name.into()).collect();
        change(&mut expected);
        assert_eq!(config(line, env), expected, "{line} {env:?}");
    }
}

#[test]
fn the_command_line_alone() {
    check(&[
        ("run", &[], |_| {}),
        ("-- run", &[], |_| {}),
        ("-g run", &[], |_| {}),
        ("-c run", &[], |c| c.reach = Reach::Main),
        ("--single-child -- run", &[], |c| c.reach = Reach::Main),
        ("-g -c run", &[], |c| c.reach = Reach::Main),
        ("-c --group run", &[], |_| {}),
        ("-cg run", &[], |_| {}),
        ("--leader session run", &[], |c| c.child.leader = Leader::Session),
        ("--leader=session --leader=group run", &[], |_| {}),
        ("--leader none run", &[], |c| (c.child.leader, c.reach) = (Leader::None, Reach::Main)),
        ("--leader=none -g run", &[], |c| (c.child.leader, c.reach) = (Leader::None, Reach::Main)),
        ("-r TERM:QUIT run", &[], |c| c.routing.rewrites = vec![(Signal::TERM, Some(Signal::QUIT))]),
        ("-r15:3 -r=HUP:0 run", &[], |c| {
            c.routing.rewrites = vec![(Signal::TERM, Some(Signal::QUIT)), (Signal::HUP, None)];
        }),
        ("-p KILL run", &[], |c| c.parent_death = Some(Signal::KILL)),
        ("--stop-signals QUIT run", &[], |c| c.routing.stop_signals = SignalSet::EMPTY.with(Signal::QUIT)),
        ("--stop-delay 1m30s run", &[], |c| c.stop_delay = seconds(90)),
        ("--escalate 25s run", &[], |c| {
            c.escalation = vec![Step { after: seconds(25), send: Signal::KILL }];
        }),
        ("--grace=0 run", &[], |c| c.grace = Duration::ZERO),
        ("--grace 1 --grace 2 run", &[], |c| c.grace = seconds(2)),
        ("--timeout 1h run", &[], |c| c.timeout = Some(seconds(3600))),
        ("--timeout 1h --timeout 0 run", &[], |_| {}),
        ("-e 143 -e 3:4 run", &[], |c| c.exit_map.remaps = vec![(143, 0), (3, 4)]),
        ("--stop-ok run", &[], |c| c.exit_map.stop_ok = true),
        ("-q run", &[], |c| c.log.level = LevelFilter::Error),
        ("-v run", &[], |c| c.log.level = LevelFilter::Info),
        ("-v --verbose run", &[], |c| c.log.level = LevelFilter::Debug),
        ("-vvv run", &[], |c| c.log.level = LevelFilter::Trace),
        ("-vvvvvv run", &[], |c| c.log.level = LevelFilter::Trace),
        ("-vvq run", &[], |c| c.log.level = LevelFilter::Error),
        ("-qv run", &[], |c| c.log.level = LevelFilter::Info),
        ("--log-format json run", &[], |c| c.log.format = LogFormat::Json),
        ("-w run", &[], |c| c.warn_orphans = true),
        ("-s --subreaper run", &[], |_| {}),
        ("-cwvr HUP:0 run", &[], |c| {
            (c.reach, c.warn_orphans, c.log.level) = (Reach::Main, true, LevelFilter::Info);
            c.routing.rewrites = vec![(Signal::HUP, None)];
        }),
    ]);
}

#[test]
fn the_environment_alone_and_with_the_command_line() {
    check(&[
        ("run", &[("SEXTON_GRACE", "0")], |c| c.grace = Duration::ZERO),
        ("--grace 3 run", &[("SEXTON_GRACE", "0")], |c| c.grace = seconds(3)),
        ("run", &[("SEXTON_GRACE", "")], |_| {}),
        ("run", &[("SEXTON_LEADER", "none")], |c| (c.child.leader, c.reach) = (Leader::None, Reach::Main)),
        ("-c --leader group run", &[("SEXTON_LEADER", "none")], |c| c.reach = Reach::Main),
        ("--leader group run", &[("SEXTON_LEADER", "none")], |_| {}),
        ("run", &[("SEXTON_GROUP", "0")], |c| c.reach = Reach::Main),
        ("run", &[("SEXTON_SINGLE_CHILD", "off")], |_| {}),
        ("-g run", &[("SEXTON_SINGLE_CHILD", "1")], |_| {}),
        ("run", &[("SEXTON_GROUP", "1"), ("SEXTON_SINGLE_CHILD", "1")], |c| c.reach = Reach::Main),
        ("run", &[("SEXTON_REWRITE", "TERM:QUIT,HUP:drop")], |c| {
            c.routing.rewrites = vec![(Signal::TERM, Some(Signal::QUIT)), (Signal::HUP, None)];
        }),
        ("-r TERM:INT run", &[("SEXTON_REWRITE", "TERM:QUIT")], |c| {
            c.routing.rewrites = vec![(Signal::TERM, Some(Signal::QUIT)), (Signal::TERM, Some(Signal::INT))];
        }),
        ("run", &[("SEXTON_STOP_SIGNALS", "TERM,QUIT")], |c| {
            c.routing.stop_signals = [Signal::TERM, Signal::QUIT].into_iter().collect();
        }),
        ("run", &[("SEXTON_ESCALATE", "20s:QUIT,5s")], |c| {
            c.escalation = vec![
                Step { after: seconds(20), send: Signal::QUIT },
                Step { after: seconds(5), send: Signal::KILL },
            ];
        }),
        ("-e 7 run", &[("SEXTON_REMAP_EXIT", "143,3:4")], |c| {
            c.exit_map.remaps = vec![(143, 0), (3, 4), (7, 0)];
        }),
        ("run", &[("SEXTON_STOP_OK", "no")], |_| {}),
        ("--stop-ok run", &[("SEXTON_STOP_OK", "no")], |c| c.exit_map.stop_ok = true),
        ("run", &[("SEXTON_LOG", "off")], |c| c.log.level = LevelFilter::Off),
        ("run", &[("SEXTON_LOG", "Trace")], |c| c.log.level = LevelFilter::Trace),
        ("-v run", &[("SEXTON_LOG", "trace")], |c| c.log.level = LevelFilter::Info),
        ("-q run", &[("SEXTON_LOG", "trace")], |c| c.log.level = LevelFilter::Error),
        ("run", &[("SEXTON_SUBREAPER", "1")], |_| {}),
    ]);
}

#[test]
fn everything_from_the_program_on_is_the_program_s() {
    for (line, command) in [
        ("ls -l --help", "ls -l --help"),
        ("-v ls -- -v", "ls -- -v"),
        ("-- -v --grace", "-v --grace"),
        ("-- -- ls", "-- ls"),
        ("-v -- ls", "ls"),
        ("- x", "- x"),
        ("--grace 5 ls --grace=x", "ls --grace=x"),
    ] {
        let command: Vec<OsString> = command.split(' ').map(OsString::from).collect();
        assert_eq!(config(line, &[]).command, command, "{line}");
    }
}

#[test]
fn the_program_s_words_are_bytes() {
    let args: Vec<OsString> = ["sexton", "-v"]
        .map(OsString::from)
        .into_iter()
        .chain([vec![0xff, b'-'], vec![], vec![b'\n', 0x80]].map(OsString::from_vec))
        .collect();
    let Ok(Command::Run(config)) = parsed(&args, &[]).result else { panic!() };
    assert_eq!(config.command, &args[2..]);
}

#[test]
fn a_start_with_more_rights_than_its_caller_ignores_the_environment() {
    let env = [("SEXTON_GRACE", "x"), ("SEXTON_STOP_OK", "1"), ("SEXTON_UNKNOWN", "1")];
    let env = env.map(|(name, value)| (name.into(), value.into()));
    let expected = Command::Run(Box::new(Config::new(vec!["run".into()])));
    let parsed = parse(Input { args: &words("run"), env: &env, secure: true });
    assert_eq!((parsed.result, parsed.warnings), (Ok(expected), Vec::new()));
}

#[test]
fn warnings_come_with_a_run_and_with_an_error() {
    for line in ["run", "--grace x run"] {
        assert_eq!(parsed(&words(line), &[("SEXTON_GRCE", "1")]).warnings.len(), 1, "{line}");
    }
}

#[test]
fn the_version_names_a_commit() {
    let (version, commit) = crate::cli::VERSION.split_once(" - git.").unwrap();
    assert_eq!(version, format!("sexton {}", env!("CARGO_PKG_VERSION")));
    assert!(commit.len() == 7 && commit.bytes().all(|b| b.is_ascii_hexdigit()), "{commit}");
}

#[test]
fn help_and_version_come_before_all_that_follows() {
    for (line, command) in [
        ("--help", Command::Help),
        ("-h", Command::Help),
        ("-vh ls", Command::Help),
        ("--grace x --help", Command::Help),
        ("--help --nonsense", Command::Help),
        ("-hx", Command::Help),
        ("--version", Command::Version),
        ("-V --help", Command::Version),
    ] {
        assert_eq!(parsed(&words(line), &[("SEXTON_GRACE", "x")]).result, Ok(command), "{line}");
    }
}

#[test]
fn usage_errors_name_the_option_the_value_and_what_was_expected() {
    for (line, message) in [
        ("", "no program to run was given; 'sexton --help' shows the usage"),
        ("-v --", "no program to run was given; 'sexton --help' shows the usage"),
        (
            "--grace 10x run",
            "cannot use '10x' for --grace: expected a duration such as 500ms, 10s, 2m or 1h30m",
        ),
        ("--grace= run", "cannot use '' for --grace: expected a duration such as 500ms, 10s, 2m or 1h30m"),
        (
            "--stop-delay",
            "no value was given for --stop-delay: expected a duration such as 500ms, 10s, 2m or 1h30m",
        ),
        (
            "-vp",
            "no value was given for --parent-death-signal: expected a signal such as TERM, SIGTERM, 15 or RTMIN+3",
        ),
        (
            "-r KILL:TERM run",
            "cannot use 'KILL:TERM' for --rewrite: expected two signals such as TERM:QUIT, or HUP:0 to swallow one; \
             KILL, STOP, 32 and 33 cannot be rewritten",
        ),
        (
            "-e 256 run",
            "cannot use '256' for --remap-exit: expected one or two exit statuses from 0 to 255, such as 143 or 3:0",
        ),
        ("--leader me run", "cannot use 'me' for --leader: expected group, session or none"),
        ("--group=yes run", "cannot use 'yes' for --group: expected no value, since it is a switch"),
        ("--group=", "cannot use '' for --group: expected no value, since it is a switch"),
        ("-vg=1 run", "cannot use '1' for --group: expected no value, since it is a switch"),
        ("--grce 5s run", "unknown option '--grce'; did you mean '--grace'?"),
        ("--grce=5s run", "unknown option '--grce'; did you mean '--grace'?"),
        ("--verb run", "unknown option '--verb'; did you mean '--verbose'?"),
        ("--frobnicate run", "unknown option '--frobnicate'"),
        ("--=x run", "unknown option '--'"),
        ("-x run", "unknown option '-x'"),
        ("-vx run", "unknown option '-x'"),
        ("-= run", "unknown option '-='"),
        ("-\u{202e} run", "unknown option '-\\xe2\\x80\\xae'"),
    ] {
        assert_eq!(error(line), message, "{line}");
    }
}

#[test]
fn usage_errors_show_bytes_harmlessly() {
    for (word, message) in [
        (&b"--gr\xffce=x"[..], "unknown option '--gr\\xffce'; did you mean '--grace'?"),
        (b"-v\xff\x1b", "unknown option '-v\\xff\\x1b'"),
        (b"--leader=\xff\n", "cannot use '\\xff\\x0a' for --leader: expected group, session or none"),
    ] {
        let args = [b"sexton", word, b"run"].map(|word| OsString::from_vec(word.to_vec()));
        assert_eq!(parsed(&args, &[]).result.unwrap_err().to_string(), message);
    }
}

#[test]
fn not_even_a_name_is_needed_to_be_refused() {
    let error = parsed(&[], &[]).result.unwrap_err().to_string();
    assert_eq!(error, "no program to run was given; 'sexton --help' shows the usage");
}

fn bytes() -> impl Strategy<Value = OsString> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..12).prop_map(OsString::from_vec),
        "--?[a-z-]{0,12}(=[0-9a-zA-Z:,+]{0,8})?".prop_map(OsString::from),
        prop::sample::select(flags::all().map(|flag| flag.long).collect::<Vec<_>>())
            .prop_map(|long| OsString::from(format!("--{long}"))),
        "([0-9]{1,20}(h|m|s|ms)?:?){0,3}([A-Z]{3,5},?){0,2}".prop_map(OsString::from),
    ]
}

fn variable() -> impl Strategy<Value = (OsString, OsString)> {
    let known = flags::all().filter(|flag| flag.variable);
    let known: Vec<String> = known.map(|flag| format!("SEXTON_{}", flag.capitals())).collect();
    (prop_oneof![prop::sample::select(known).prop_map(OsString::from), bytes()], bytes())
}

proptest! {
    #[test]
    fn no_input_makes_it_panic_and_every_error_has_a_text(
        args in prop::collection::vec(bytes(), 0..6),
        env in prop::collection::vec(variable(), 0..3),
        secure: bool,
    ) {
        let Parsed { result, warnings, .. } = parse(Input { args: &args, env: &env, secure });
        match result {
            Ok(Command::Run(config)) => prop_assert!(args.ends_with(&config.command) && !config.command.is_empty()),
            Ok(_) => {}
            Err(error) => prop_assert!(!error.to_string().is_empty() && !error.to_string().contains(char::is_control)),
        }
        prop_assert!(warnings.iter().all(|warning| !warning.is_empty() && !warning.contains(char::is_control)));
    }
}

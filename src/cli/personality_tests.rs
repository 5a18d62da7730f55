//! Other inits' command lines, one line each.

use std::time::Duration;

use log::LevelFilter;
use proptest::prelude::*;

use super::*;
use crate::cli::{Command, Parsed, parse};
use crate::config::{Config, Cue, Leader};
use crate::policy::signal::Signal;
use crate::policy::{Reach, Rest};

#[path = "dumb_init_tests.rs"]
mod dumb_init;

fn read(line: &str, env: &[(&str, &str)]) -> Parsed {
    let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
    let env: Vec<_> = env.iter().map(|(name, value)| (name.into(), value.into())).collect();
    parse(Input { args: &args, env: &env, secure: false })
}

#[track_caller]
fn run(line: &str, env: &[(&str, &str)]) -> Config {
    match read(line, env).result {
        Ok(Command::Run(config)) => *config,
        other => panic!("{line}: {other:?}"),
    }
}

#[track_caller]
fn said(line: &str, env: &[(&str, &str)]) -> Answer {
    match read(line, env).result {
        Ok(Command::Say(answer)) => answer,
        other => panic!("{line}: {other:?}"),
    }
}

fn refused(line: &str, env: &[(&str, &str)]) -> (String, u8) {
    let parsed = read(line, env);
    (parsed.result.expect_err(line).to_string(), parsed.voice.failure)
}

#[test]
fn the_name_chooses_whatever_its_path() {
    for (line, prefix) in [
        ("tini x", "[%l tini (%p)] "),
        ("/usr/bin/tini-static x", "[%l tini (%p)] "),
        ("/sbin/docker-init -- x", "[%l tini (%p)] "),
        ("./dumb-init x", "[dumb-init] "),
        ("catatonit x", "%l (catatonit:%p): "),
        ("/run/podman-init -- x", "%l (catatonit:%p): "),
        ("sexton --as tini x", "[%l tini (%p)] "),
        ("init --as /a/dumb-init x", "[dumb-init] "),
        ("tinier x", "sexton: "),
        ("sexton tini", "sexton: "),
    ] {
        assert_eq!(run(line, &[]).voice.prefix, prefix, "{line}");
    }
    assert!(refused("sexton --as sh x", &[]).0.contains("docker-init"));
    assert!(refused("sexton --as", &[]).0.contains("docker-init"));
    assert!(said("tini --as dumb-init", &[]).to_stderr, "it is an option of sexton's");
    assert_eq!(refused("sexton -g --as tini", &[]).0, "unknown option '--as'");
}

#[test]
fn each_has_its_own_statuses_and_names_of_levels() {
    for (name, statuses, levels) in [
        ("tini", (127, 126, 1), ["FATAL", "WARN ", "INFO ", "DEBUG", "TRACE"]),
        ("dumb-init", (2, 2, 1), [""; 5]),
        ("catatonit", (1, 1, 1), ["ERROR", "WARN", "INFO", "DEBUG", "DEBUG"]),
    ] {
        let voice = run(&format!("{name} x"), &[]).voice;
        assert_eq!((voice.not_found, voice.cannot_run, voice.failure), statuses, "{name}");
        assert_eq!(voice.levels, levels, "{name}");
    }
    let Ok(Command::Pause(config)) = read("pause", &[]).result else { panic!() };
    assert_eq!((config.voice.prefix, config.voice.failure), ("", 1));
    assert_eq!(config.voice.lines(Cue::PauseOver).count(), 1);
}

#[test]
fn each_explains_itself_where_it_always_did() {
    for (line, begins, has, to_stderr) in [
        ("tini -h", "tini (tini version 0.19.0 - git.", "-e CODE", false),
        ("/a/tini -l", "This is sexton, speaking tini's command line", "Apache", false),
        ("tini --version", "tini version 0.19.0 - git.", "\n", false),
        ("/a/dumb-init -h", "dumb-init v1.2.5\nUsage: /a/dumb-init [option]", "--rewrite", true),
        ("catatonit -h", "usage: catatonit [-ghLPV]", "CATATONIT_DEBUG", true),
        ("podman-init -L", "This is sexton, speaking podman-init's command line", "Apache", false),
        ("catatonit -V", "tini version 0.1.7_catatonit\n", "\n", false),
    ] {
        let answer = said(line, &[]);
        assert!(answer.text.starts_with(begins) && answer.text.contains(has), "{line}: {}", answer.text);
        assert_eq!((answer.to_stderr, answer.status), (to_stderr, 0), "{line}");
    }
}

#[test]
fn tini_forwards_to_the_main_process_and_leaves_the_rest_alone() {
    let config = run("tini ls -l", &[]);
    assert_eq!(config.command, ["ls", "-l"], "T17");
    assert_eq!((config.reach, config.rest, config.grace), (Reach::Main, Rest::Leave, Duration::from_secs(5)));
    assert_eq!(config.voice.lines(Cue::NotPid1).count(), 1);
    let config = run("tini -sgwp SIGKILL -e 3 -e143 -vv -- ls", &[]);
    assert_eq!((config.reach, config.warn_orphans), (Reach::Group, true));
    assert_eq!(config.parent_death, Some(Signal::KILL));
    assert_eq!(config.exit_map.remaps, [(3, 0), (143, 0)]);
    assert_eq!(config.voice.verbosity, LevelFilter::Debug);
    assert_eq!(config.voice.lines(Cue::NotPid1).count(), 0);
    for (line, said) in [("tini -vvv ls", "not PID 1 and without -s"), ("tini -svvv ls", "Registered as")] {
        let lines: Vec<_> = run(line, &[]).voice.lines(Cue::NotPid1).map(|line| line.text).collect();
        assert!(matches!(lines[..], [text] if text.starts_with(said)), "{line}: {lines:?}");
    }
}

#[test]
fn tini_s_variables_are_on_by_being_there_but_0_is_off() {
    for (value, on) in [("", true), ("1", true), ("yes", true), ("0", false)] {
        let config = run("tini x", &[("TINI_SUBREAPER", value), ("TINI_KILL_PROCESS_GROUP", value)]);
        assert_eq!(config.reach == Reach::Group, on, "{value}");
        assert_eq!(config.voice.lines(Cue::NotPid1).count() == 0, on, "{value}");
    }
    for (value, level) in [
        ("0", LevelFilter::Error),
        ("1", LevelFilter::Warn),
        ("3", LevelFilter::Debug),
        ("4", LevelFilter::Trace),
        ("5", LevelFilter::Trace),
        ("x", LevelFilter::Error),
    ] {
        assert_eq!(run("tini x", &[("TINI_VERBOSITY", value)]).voice.verbosity, level);
    }
    assert_eq!(run("tini x", &[("TINI_VERBOSITY", "0")]).log.level, LevelFilter::Error);
    assert_eq!(run("tini -vv x", &[("TINI_VERBOSITY", "2")]).voice.verbosity, LevelFilter::Info);
}

#[test]
fn tini_s_refusals() {
    for wrong in ["-p TERM", "-p 15", "-p SIGFOO", "-p SIGRTMIN", "-e 256", "-e -1", "-e 3x", "-e 1:0"] {
        let (letter, value) = wrong.split_once(' ').unwrap();
        let text = format!("Not a valid option for {letter}: {value}");
        assert_eq!(refused(&format!("tini {wrong} x"), &[]), (text, 1));
    }
    for (line, first) in [
        ("/a/tini -x", "/a/tini: invalid option -- 'x'"),
        ("tini --yolo", "tini: invalid option -- '-'"),
        ("tini --version x", "tini: invalid option -- '-'"),
        ("tini -e", "tini: option requires an argument -- 'e'"),
        ("/a/tini --", "tini (tini version 0.19.0 - git."),
    ] {
        let answer = said(line, &[]);
        assert!(answer.text.starts_with(first), "{line}: {}", answer.text);
        assert!(answer.text.contains("supervision of a valid init process"));
        assert_eq!((answer.to_stderr, answer.status), (true, 1));
    }
}

#[test]
fn catatonit_and_pause() {
    assert_eq!(run("catatonit ls -l", &[]).command, ["ls", "-l"], "C5");
    assert_eq!(run("catatonit x", &[]).reach, Reach::Main);
    assert_eq!(run("catatonit -g x", &[("SEXTON_SINGLE_CHILD", "1")]).reach, Reach::Group);
    for (env, verbosity) in [(&[][..], LevelFilter::Error), (&[("CATATONIT_DEBUG", "")], LevelFilter::Debug)]
    {
        assert_eq!(run("catatonit x", env).voice.verbosity, verbosity);
    }
    assert_eq!(said("podman-init --version", &[]).text, "tini version 0.1.7_catatonit\n");
    for line in [
        "catatonit -P",
        "catatonit -P ls",
        "pause",
        "pause --anything",
        "sexton --pause",
        "sexton --as pause",
    ] {
        assert!(matches!(read(line, &[]).result, Ok(Command::Pause(_))), "{line}");
    }
    assert!(said("pause -v", &[]).text.starts_with("pause.c "));
    let path = OsStr::from_bytes(b"/a/\xff");
    let args = ["sexton".into(), "--install".into(), path.to_owned()];
    let parsed = parse(Input { args: &args, env: &[], secure: false });
    assert_eq!(parsed.result, Ok(Command::Install(path.into())));
    assert!(refused("sexton --pause ls", &[]).0.contains("--pause starts no program"));
    assert!(refused("sexton --install /x ls", &[]).0.contains("--install starts no program"));
}

#[test]
fn our_own_variables_work_under_every_name() {
    for name in ["tini", "dumb-init", "podman-init"] {
        let line = format!("{name} x");
        let config =
            run(&line, &[("SEXTON_GRACE", "3s"), ("SEXTON_STOP_OK", "1"), ("SEXTON_REWRITE", "HUP:QUIT")]);
        assert_eq!(
            (config.grace, config.rest, config.exit_map.stop_ok),
            (Duration::from_secs(3), Rest::Stop, true)
        );
        assert_eq!(config.routing.rewritten(Signal::HUP), Signal::new(3));
        assert_eq!(config.child.consumed.len(), 3);
        let config = run(&line, &[("SEXTON_GRACE", "0")]);
        assert_eq!(config.grace, Duration::ZERO);
        assert_ne!(config.rest, Rest::Stop);
        let (text, status) = refused(&line, &[("SEXTON_GRACE", "soon")]);
        assert!(text.contains("SEXTON_GRACE"));
        assert_eq!(status, 1, "as the usage errors of {name}");
    }
    let (text, status) = refused("pause", &[("SEXTON_GRACE", "soon")]);
    assert!(text.contains("SEXTON_GRACE") && status == 1, "{text}");
    for line in ["pause", "catatonit -P"] {
        let Ok(Command::Pause(config)) = read(line, &[("SEXTON_LOG", "debug")]).result else {
            panic!("{line}")
        };
        assert_eq!(config.log.level, LevelFilter::Debug, "{line}");
    }
}

#[test]
fn a_start_with_more_rights_than_its_caller_ignores_every_variable() {
    let args: Vec<OsString> = ["tini", "x"].map(OsString::from).to_vec();
    let env = [("TINI_KILL_PROCESS_GROUP".into(), "1".into()), ("SEXTON_GRACE".into(), "soon".into())];
    let Ok(Command::Run(config)) = parse(Input { args: &args, env: &env, secure: true }).result else {
        panic!()
    };
    assert_eq!(config.reach, Reach::Main);
}

proptest! {
    #[test]
    fn no_input_makes_one_panic(
        name in prop::sample::select(vec!["tini", "dumb-init", "catatonit", "pause"]),
        args in prop::collection::vec(prop_oneof![
            prop::collection::vec(any::<u8>(), 0..6),
            prop::sample::select(vec!["-e", "-p", "-r", "--", "-vvv", "--rewrite=", "15:2", "x"]).prop_map(|s| s.into()),
        ], 0..6),
        value: String,
    ) {
        use std::os::unix::ffi::OsStringExt;
        let args = [name.as_bytes().to_vec()].into_iter().chain(args).map(OsString::from_vec).collect::<Vec<_>>();
        let env = [("TINI_VERBOSITY".into(), value.clone().into()), ("DUMB_INIT_DEBUG".into(), value.into())];
        match parse(Input { args: &args, env: &env, secure: false }).result {
            Ok(Command::Run(config)) => prop_assert!(args.ends_with(&config.command) && !config.command.is_empty()),
            Ok(Command::Say(answer)) => prop_assert!(answer.text.ends_with('\n') && !answer.text.contains('\x1b')),
            Ok(_) => {}
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}

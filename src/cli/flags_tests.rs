use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use proptest::prelude::*;

use super::*;
use crate::cli::{Command, Input, parse};
use crate::config::Config;

fn parsed(args: &[&str], env: &[(&str, &str)]) -> Result<Command, String> {
    let args: Vec<OsString> = args.iter().map(OsString::from).collect();
    let env: Vec<_> = env.iter().map(|(name, value)| (name.into(), value.into())).collect();
    parse(Input { args: &args, env: &env, secure: false }).result.map_err(|error| error.to_string())
}

/// A value that `flag` takes; a kind of value that is new needs an example here.
fn example(flag: &Flag) -> Option<&'static str> {
    flag.value.map(|kind| match kind.name {
        _ if flag.option == Opt::CpuList => "0,2-4",
        "USER[:GROUP]" => "app:www",
        "DIR" => "/srv",
        "OCTAL" => "022",
        "N" => "5",
        "FILE" | "[=FILE]" => "/tmp/file",
        "LIMITS" => "zombies=50",
        "NAME=SOFT[:HARD]" => "nofile=1024:4096",
        "DURATION" => "10s",
        "SIGNAL" | "LIST" => "TERM",
        "FROM:TO" => "TERM:QUIT",
        "PLAN" => "20s:QUIT,5s:KILL",
        "CODE[:TO]" => "143",
        name => name.split('|').next().unwrap(),
    })
}

#[test]
fn no_two_flags_share_a_name() {
    let (mut longs, mut shorts) = (HashSet::new(), HashSet::new());
    for flag in all() {
        assert!(longs.insert(flag.long), "--{}", flag.long);
        assert!(flag.short.is_none_or(|letter| shorts.insert(letter)), "-{:?}", flag.short);
    }
}

#[test]
fn no_flag_stands_twice_in_the_table() {
    let options: Vec<Opt> = all().map(|flag| flag.option).collect();
    for (i, option) in options.iter().enumerate() {
        assert!(!options[..i].contains(option), "{option:?}");
    }
}

#[test]
fn every_row_is_complete() {
    for flag in all() {
        let long = flag.long;
        assert!(long.len() > 1 && long.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{long}");
        assert!(flag.short.is_none_or(|letter| letter.is_ascii_alphabetic()), "{long}");
        assert!(!flag.help.is_empty() && flag.help.is_ascii() && !flag.help.contains("  "), "{long}");
        assert!(!flag.help.ends_with('.') && !flag.help.contains('|'), "{long}");
        assert!(flag.value.is_none_or(|kind| !kind.name.is_empty() && !kind.expected.is_empty()), "{long}");
        assert!(flag.default.is_none() || flag.value.is_some(), "{long}: a switch is off by default");
    }
}

#[test]
fn every_flag_of_the_table_is_accepted() {
    for flag in all() {
        let mut spellings = vec![vec![format!("--{}", flag.long)]];
        spellings.extend(flag.short.map(|letter| vec![format!("-{letter}")]));
        if let Some(value) = example(flag) {
            if !flag.value.is_some_and(Value::is_optional) {
                spellings.iter_mut().for_each(|words| words.push(value.to_owned()));
            }
            spellings.push(vec![format!("--{}={value}", flag.long)]);
        }
        for words in spellings {
            let line: Vec<&str> =
                ["sexton"].into_iter().chain(words.iter().map(String::as_str)).chain(["run"]).collect();
            match (flag.option, parsed(&line, &[])) {
                (Opt::Help, Ok(Command::Help)) | (Opt::Version, Ok(Command::Version)) => {}
                (Opt::Ps | Opt::Check | Opt::Pause | Opt::Install, Err(error)) => {
                    let expected = format!("--{} starts no program, but 'run' was given", flag.long);
                    assert_eq!(error, expected);
                }
                (Opt::Json, Err(error)) => assert!(error.starts_with("--json goes with --ps alone")),
                (_, Ok(Command::Run(config))) => assert_eq!(config.command, ["run"], "{words:?}"),
                (_, other) => panic!("{words:?}: {other:?}"),
            }
        }
    }
}

#[test]
fn every_variable_of_the_table_is_accepted_and_no_other() {
    for flag in all() {
        let value = example(flag).unwrap_or("1");
        let derived = format!("SEXTON_{}", flag.long.to_uppercase().replace('-', "_"));
        let Ok(Command::Run(config)) = parsed(&["sexton", "run"], &[(&derived, value)]) else {
            panic!("{derived}")
        };
        assert_eq!(!config.child.consumed.is_empty(), flag.variable, "{derived}");
        assert_eq!(format!("{PREFIX}{}", flag.capitals()), derived);
    }
}

#[test]
fn every_default_of_the_table_is_the_default() {
    for (flag, default) in all().filter_map(|flag| Some((flag, flag.default?))) {
        let expected = Command::Run(Box::new(Config::new(vec!["run".into()])));
        let option = format!("--{}={default}", flag.long);
        assert_eq!(parsed(&["sexton", &option, "run"], &[]), Ok(expected), "{option}");
    }
}

fn is_unknown(result: &Result<Command, String>) -> bool {
    result.as_ref().is_err_and(|error| error.starts_with("unknown option '"))
}

#[test]
fn no_other_letter_is_accepted() {
    let letters = (0..=0x2ff).step_by(if cfg!(miri) { 31 } else { 1 }).filter_map(char::from_u32);
    for letter in letters.filter(|c| short(*c).is_none() && *c != '-') {
        let result = parsed(&["sexton", &format!("-{letter}"), "run"], &[]);
        assert!(is_unknown(&result), "-{letter}: {result:?}");
    }
}

proptest! {
    #[test]
    fn no_other_name_is_accepted(name in "[a-zA-Z0-9_-]{1,20}") {
        prop_assume!(long(&name).is_none() && name != "as");
        let result = parsed(&["sexton", &format!("--{name}"), "run"], &[]);
        prop_assert!(is_unknown(&result), "--{}: {:?}", name, result);
    }
}

#[test]
fn no_abbreviation_is_accepted() {
    for flag in all() {
        for end in (1..flag.long.len()).step_by(if cfg!(miri) { 8 } else { 1 }) {
            let name = &flag.long[..end];
            let result = parsed(&["sexton", &format!("--{name}"), "run"], &[]);
            assert!(is_unknown(&result), "--{name}: {result:?}");
        }
    }
}

#[test]
fn paths_are_bytes() {
    let path = OsStr::from_bytes(b"/a/\xff").to_owned();
    let option = |name: &str| {
        let mut word = OsString::from(name);
        word.push(&path);
        let args = ["sexton".into(), word, "run".into()];
        match parse(Input { args: &args, env: &[], secure: false }).result {
            Ok(Command::Run(config)) => *config,
            other => panic!("{args:?}: {other:?}"),
        }
    };
    assert_eq!(option("--report=").report, Some(path.clone().into()));
    assert_eq!(option("--termination-log=").termination_log, Some(path.clone().into()));
    assert_eq!(option("--chdir=").child.workdir, Some(path.clone().into()));
}

#[test]
fn these_alone_count_each_time_they_are_given() {
    let repeatable: Vec<&str> = all().filter(|flag| flag.repeatable).map(|flag| flag.long).collect();
    assert_eq!(repeatable, ["rewrite", "remap-exit", "rlimit", "verbose"]);
}

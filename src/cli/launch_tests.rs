use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use proptest::prelude::*;

use super::*;
use crate::cli::{Command, Input, parse};
use crate::config::ChildSetup;

/// What a command line and one variable ask for.
fn setup(line: &str, (name, value): (&str, &str)) -> ChildSetup {
    let args: Vec<OsString> = std::iter::once("sexton").chain(line.split(' ')).map(OsString::from).collect();
    let env = [(name.into(), value.into())];
    match parse(Input { args: &args, env: &env, secure: false }).result {
        Ok(Command::Run(config)) => ChildSetup { consumed: Vec::new(), ..config.child },
        other => panic!("{line} {name}={value}: {other:?}"),
    }
}

#[test]
fn options_and_variables() {
    let user = |user: &str| Some(UserSpec { user: user.into(), group: None });
    let plain = ChildSetup::default;
    let cases: [(&str, (&str, &str), ChildSetup); 14] = [
        ("-u app run", ("", ""), ChildSetup { user: user("app"), ..plain() }),
        ("--user=app run", ("SEXTON_USER", "other"), ChildSetup { user: user("app"), ..plain() }),
        ("run", ("SEXTON_USER", "other"), ChildSetup { user: user("other"), ..plain() }),
        ("--chdir /srv run", ("", ""), ChildSetup { workdir: Some("/srv".into()), ..plain() }),
        ("--umask 027 run", ("", ""), ChildSetup { umask: Some(0o27), ..plain() }),
        ("--nice -5 run", ("SEXTON_NICE", "7"), ChildSetup { nice: Some(-5), ..plain() }),
        ("--nice=-5 run", ("", ""), ChildSetup { nice: Some(-5), ..plain() }),
        ("--oom-score-adj -1000 run", ("", ""), ChildSetup { oom_score_adj: Some(-1000), ..plain() }),
        ("run", ("SEXTON_OOM_SCORE_ADJ", "300"), ChildSetup { oom_score_adj: Some(300), ..plain() }),
        ("run", ("SEXTON_CPU_LIST", "0,2-3"), ChildSetup { cpus: Some(vec![0, 2, 3]), ..plain() }),
        ("--no-new-privs run", ("", ""), ChildSetup { no_new_privs: true, ..plain() }),
        ("run", ("SEXTON_NO_NEW_PRIVS", "yes"), ChildSetup { no_new_privs: true, ..plain() }),
        ("run", ("SEXTON_RLIMIT", "nofile=1024,core=0"), limited(&["nofile=1024", "core=0"])),
        (
            "--rlimit core=5 --rlimit cpu=1 --rlimit core=max run",
            ("SEXTON_RLIMIT", "nofile=1024,cpu=7"),
            limited(&["nofile=1024", "cpu=1", "core=max"]),
        ),
    ];
    for (line, variable, expected) in cases {
        assert_eq!(setup(line, variable), expected, "{line} {variable:?}");
    }
}

fn limited(limits: &[&str]) -> ChildSetup {
    ChildSetup { rlimits: limits.iter().map(|text| rlimit(text).unwrap()).collect(), ..ChildSetup::default() }
}

#[test]
fn users() {
    for (text, user_, group) in [
        ("app", "app", None),
        ("1000", "1000", None),
        ("app:www", "app", Some("www")),
        ("1000:0", "1000", Some("0")),
        ("-1", "-1", None),
    ] {
        let expected = UserSpec { user: user_.into(), group: group.map(OsString::from) };
        assert_eq!(user(text.as_ref()), Some(expected), "{text}");
    }
    for text in ["", ":", "app:", ":www", "a:b:c", "a::b", "a:b:"] {
        assert_eq!(user(text.as_ref()), None, "{text}");
    }
    let bytes = OsString::from_vec(b"\xff:\xfe".to_vec());
    assert_eq!(user(&bytes).and_then(|spec| spec.group), Some(OsString::from_vec(b"\xfe".to_vec())));
}

#[test]
fn directories() {
    assert_eq!(directory("/srv/app".as_ref()), Some("/srv/app".into()));
    assert_eq!(directory(".".as_ref()), Some(".".into()));
    assert_eq!(directory("".as_ref()), None);
    assert_eq!(directory("a\0b".as_ref()), None);
}

#[test]
fn umasks() {
    for (text, mask) in [("0", 0), ("022", 0o22), ("22", 0o22), ("0077", 0o77), ("777", 0o777), ("000007", 7)]
    {
        assert_eq!(umask(text), Some(mask), "{text}");
    }
    for text in ["", "8", "1000", "0o22", "-1", "+22", "u=rwx", " 22", "99999999999999"] {
        assert_eq!(umask(text), None, "{text}");
    }
}

#[test]
fn whole_numbers() {
    for (text, number) in [("5", 5), ("-5", -5), ("+5", 5), ("0", 0), ("-0", 0), ("10", 10), ("-10", -10)] {
        assert_eq!(between(text, -10, 10), Some(number), "{text}");
    }
    for text in ["", "-", "11", "-11", "1.0", "0x1", " 1", "99999999999"] {
        assert_eq!(between(text, -10, 10), None, "{text}");
    }
}

#[test]
fn lists_of_processors() {
    for (text, list) in [
        ("0", &[0][..]),
        ("3,1,2", &[1, 2, 3]),
        ("0,2-4", &[0, 2, 3, 4]),
        ("8-16:2", &[8, 10, 12, 14, 16]),
        ("0-7:3", &[0, 3, 6]),
        ("1-1", &[1]),
        ("1-2:9", &[1]),
        ("1,1,0-2", &[0, 1, 2]),
        ("8191", &[8191]),
    ] {
        assert_eq!(cpus(text).as_deref(), Some(list), "{text}");
    }
    for text in [
        "",
        ",",
        "0,",
        ",0",
        "-",
        "1-",
        "-1",
        "2-1",
        "0-2:0",
        "0:1",
        "0-2:",
        "a",
        "0x3",
        "8192",
        "0-8192",
        "0 1",
        "0, 1",
        "+1",
        "1-2-3",
        "1-2:3:4",
        "99999999999",
        "0-4294967295",
    ] {
        assert_eq!(cpus(text), None, "{text}");
    }
}

fn limit(text: &str) -> Option<(&'static str, Option<u64>, Option<u64>)> {
    rlimit(text).map(|limit| (limit.name, limit.soft, limit.hard))
}

#[test]
fn limits() {
    for (text, soft, hard) in [
        ("nofile=1024", Some(1024), None),
        ("nofile=1024:4096", Some(1024), Some(4096)),
        ("nofile=0:0", Some(0), Some(0)),
        ("nofile=max", None, None),
        ("nofile=max:4096", None, Some(4096)),
        ("nofile=unlimited", Some(u64::MAX), None),
        ("nofile=unlimited:unlimited", Some(u64::MAX), Some(u64::MAX)),
        ("nofile=5:unlimited", Some(5), Some(u64::MAX)),
    ] {
        assert_eq!(limit(text), Some(("nofile", soft, hard)), "{text}");
    }
    for text in [
        "",
        "nofile",
        "nofile=",
        "nofile=:",
        "nofile=1:",
        "nofile=:1",
        "nofile=1:max",
        "nofile=2:1",
        "nofile=unlimited:1",
        "nofile=-1",
        "nofile=+1",
        "nofile=1k",
        "nofile=1:2:3",
        "nofile=18446744073709551616",
        "NOFILE=1",
        "RLIMIT_NOFILE=1",
        "files=1",
        "=1",
    ] {
        assert_eq!(limit(text), None, "{text}");
    }
}

#[test]
fn every_limit_of_the_kernel_has_one_name() {
    let mut numbers = LIMITS.map(|(_, number)| number);
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(0..16));
    for (name, number) in LIMITS {
        assert_eq!(rlimit(&format!("{name}=max")).map(|limit| limit.resource), Some(number), "{name}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(text: String, bytes: Vec<u8>, list in "[0-9,:-]{0,20}", limit in "core=[0-9:a-z]{0,25}") {
        let bytes = OsString::from_vec(bytes);
        let _ = (user(&bytes), directory(&bytes), umask(&text), between(&text, -1, 1));
        let _ = (cpus(&text), cpus(&list), rlimit(&text), rlimit(&limit));
    }

    #[test]
    fn a_list_is_ascending_without_repetition(list in "([0-9]{1,3}(-[0-9]{1,4}(:[1-9])?)?,){0,5}[0-9]{1,3}") {
        if let Some(cpus) = cpus(&list) {
            prop_assert!(cpus.is_sorted_by(|a, b| a < b) && !cpus.is_empty());
        }
    }
}

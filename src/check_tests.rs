use super::*;
use proptest::prelude::*;

#[test]
fn limits_are_read() {
    for (text, limits) in [
        ("zombies=50", Limits { zombies: Some(50), ..Limits::default() }),
        ("pids=90%", Limits { pids: Some(Threads::Percent(90)), ..Limits::default() }),
        ("pids=200", Limits { pids: Some(Threads::Number(200)), ..Limits::default() }),
        (
            " oom=0, pids=0%,zombies=1,zombies=2 ",
            Limits { zombies: Some(2), pids: Some(Threads::Percent(0)), oom: Some(0) },
        ),
    ] {
        assert_eq!(text.parse(), Ok(limits), "{text}");
    }
}

#[test]
fn nonsense_is_named() {
    const ALL: &str = ": expected zombies=N, pids=N, pids=N% or oom=N, separated by commas";
    for (text, error) in [
        ("", format!("no limit is given{ALL}")),
        (" ", format!("no limit is given{ALL}")),
        ("zombies", format!("'zombies' is no limit{ALL}")),
        ("zombies=1,", format!("'' is no limit{ALL}")),
        ("Zombies=1", format!("'Zombies=1' is no limit{ALL}")),
        ("cpu=5", format!("'cpu=5' is no limit{ALL}")),
        ("zombies=", "zombies=: expected a number".into()),
        ("zombies=5%", "zombies=5%: expected a number".into()),
        ("oom=-1", "oom=-1: expected a number".into()),
        ("oom=+1", "oom=+1: expected a number".into()),
        ("oom=99999999999999999999", "oom=99999999999999999999: expected a number".into()),
        ("pids=101%", "pids=101%: expected a number, or a percentage from 0% to 100%".into()),
        ("pids=%", "pids=%: expected a number, or a percentage from 0% to 100%".into()),
    ] {
        assert_eq!(text.parse::<Limits>().unwrap_err().to_string(), error, "{text}");
    }
}

fn passed(limits: &str, facts: Facts) -> Vec<String> {
    let verdict = evaluate(&limits.parse().unwrap(), &facts);
    assert_eq!(verdict.status(), u8::from(!verdict.passed.is_empty()));
    assert!(verdict.unknown.is_empty());
    verdict.passed.lines().map(str::to_owned).collect()
}

const FACTS: Facts = Facts { zombies: Some(50), pids: Some(90), pids_max: Some(100), oom_kills: Some(1) };

#[test]
fn a_limit_is_passed_above_it_and_not_at_it() {
    let none: [String; 0] = [];
    assert_eq!(passed("zombies=50,pids=90,pids=90%,oom=1", FACTS), none);
    assert_eq!(passed("pids=90%", Facts { pids: Some(0), pids_max: Some(0), ..FACTS }), none);
    assert_eq!(
        passed("zombies=49,pids=89,oom=0", FACTS),
        ["zombies: 50, more than 49", "pids: 90, more than 89", "oom kills: 1, more than 0"]
    );
    assert_eq!(passed("pids=89%", FACTS), ["pids: 90 of 100, more than 89 %"]);
    assert_eq!(
        passed("pids=90%", Facts { pids: Some(91), pids_max: Some(101), ..FACTS }),
        ["pids: 91 of 101, more than 90 %"]
    );
}

#[test]
fn what_is_not_known_is_not_passed() {
    let verdict = evaluate(&"zombies=0,pids=0,oom=0".parse().unwrap(), &Facts::default());
    assert_eq!((verdict.status(), verdict.passed.len()), (0, 0));
    assert_eq!(
        verdict.unknown,
        [
            "cannot check zombies: /proc shows no processes",
            "cannot check pids: neither a pids cgroup nor /proc is visible here",
            "cannot check oom: no memory cgroup is visible here",
        ]
    );
    let unlimited = evaluate(&"pids=1%".parse().unwrap(), &Facts { pids_max: None, ..FACTS });
    assert_eq!(unlimited.unknown, ["cannot check pids by percentage: no pids limit is visible here"]);
    assert_eq!(unlimited.status(), 0);
}

proptest! {
    #[test]
    fn no_text_panics(text: String, pids: u64, max: u64) {
        let _ = text.parse::<Limits>().map_err(|e| e.to_string());
        let limits = "pids=99%".parse().unwrap();
        let _ = evaluate(&limits, &Facts { pids: Some(pids), pids_max: Some(max), ..Facts::default() });
    }

    #[test]
    fn almost_right_texts_do_not_panic(text in "(zombies|pids|oom|,|=|%|[0-9]{1,21}| ){0,8}") {
        let _ = text.parse::<Limits>();
    }
}

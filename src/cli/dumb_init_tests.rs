//! dumb-init's command line.

use super::*;

#[test]
fn dumb_init_says_more_if_asked() {
    let debug = "Running in debug mode.";
    for (line, env, level, notes) in [
        ("dumb-init x", &[][..], LevelFilter::Warn, &[][..]),
        ("dumb-init -v x", &[], LevelFilter::Debug, &[]),
        ("dumb-init x", &[("DUMB_INIT_DEBUG", "0")], LevelFilter::Warn, &[]),
        ("dumb-init x", &[("DUMB_INIT_DEBUG", "1")], LevelFilter::Debug, &[debug]),
        ("dumb-init x", &[("DUMB_INIT_SETSID", "0")], LevelFilter::Warn, &[]),
        (
            "dumb-init x",
            &[("DUMB_INIT_SETSID", "0"), ("DUMB_INIT_DEBUG", "1")],
            LevelFilter::Debug,
            &[debug, "Not running in setsid mode."],
        ),
    ] {
        assert_eq!(run(line, env).voice.verbosity, level, "{line} {env:?}");
        assert_eq!(read(line, env).warnings, notes, "{line} {env:?}");
    }
}

#[test]
fn dumb_init_leads_a_session_unless_told_not_to() {
    let config = run("dumb-init -r 15:2 --rewrite=20:0 x -c", &[]);
    assert_eq!(config.command, ["x", "-c"]);
    assert_eq!(
        (config.child.leader, config.reach, config.rest),
        (Leader::Session, Reach::Group, Rest::TellGroup)
    );
    assert_eq!(config.routing.rewritten(Signal::TERM), Signal::new(2));
    assert_eq!(config.routing.rewritten(Signal::TSTP), None, "the user's word counts");
    assert_eq!(config.routing.rewritten(Signal::TTIN), Some(Signal::STOP));
    let no_setsid = [("DUMB_INIT_SETSID", "0")];
    for (line, env) in
        [("dumb-init -c x", &[][..]), ("dumb-init --single x", &[]), ("dumb-init x", &no_setsid)]
    {
        let config = run(line, env);
        assert_eq!(
            (config.child.leader, config.reach, config.rest),
            (Leader::None, Reach::Main, Rest::Leave)
        );
        assert_eq!(config.routing.rewritten(Signal::TSTP), Some(Signal::TSTP));
        assert!(config.routing.suspend_after.contains(Signal::TTOU));
    }
    let last = Signal::new(31);
    assert_eq!(run("dumb-init -r 31:31 x", &[]).routing.rewritten(last.unwrap()), last);
    assert_eq!(run("dumb-init -c x", &[("SEXTON_LEADER", "session")]).child.leader, Leader::None);
    assert_eq!(run("dumb-init x", &[("SEXTON_LEADER", "group")]).child.leader, Leader::Group);
}

#[test]
fn dumb_init_s_refusals() {
    for wrong in
        ["", "herp", "herp:derp", "15", "15::12", "15:derp", "1:32", "0:15", "15:-1", "+1:2", "15:12junk"]
    {
        let answer = said(&format!("dumb-init -r {wrong} x"), &[]);
        assert!(answer.text.starts_with("Usage: -r option takes <signum>:<signum>"), "{wrong}");
        assert_eq!((answer.to_stderr, answer.status), (true, 1));
    }
    for (line, text, status) in [
        ("dumb-init --yolo", "dumb-init: unrecognized option '--yolo'\n", 1),
        ("dumb-init -V", "dumb-init v1.2.5\n", 0),
        ("dumb-init", "Usage: dumb-init [option] program [args]\nTry dumb-init --help for full usage.\n", 1),
    ] {
        assert_eq!(said(line, &[]), Answer { text: text.into(), to_stderr: true, status });
    }
}

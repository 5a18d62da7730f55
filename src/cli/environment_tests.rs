use std::os::unix::ffi::OsStringExt;

use super::*;
use crate::config::Config;

fn applied(env: &[(&str, &str)]) -> (Result<(), UsageError>, Config, Vec<String>) {
    let env: Vec<_> = env.iter().map(|(name, value)| (name.into(), value.into())).collect();
    let (mut draft, mut warnings) = (Draft::new(), Vec::new());
    let result = apply(&mut draft, &env, &mut warnings);
    (result, *draft.finish(&["run".into()]), warnings)
}

#[test]
fn only_known_names_are_consumed() {
    let (result, config, _) = applied(&[
        ("PATH", "/bin"),
        ("SEXTON_GRACE", ""),
        ("SEXTON_UNKNOWN", "1"),
        ("SEXTON_PORT", "tcp://10.0.0.1:80"),
        ("RUST_LOG", "trace"),
        ("SEXTON_LOG", "info"),
        ("SEXTON_", "x"),
        ("sexton_grace", "1"),
    ]);
    assert_eq!(result, Ok(()));
    assert_eq!(config.child.consumed, ["SEXTON_GRACE", "SEXTON_LOG"]);
}

#[test]
fn of_two_equal_names_the_first_counts() {
    let (result, config, warnings) = applied(&[("SEXTON_GRACE", "1s"), ("SEXTON_GRACE", "x")]);
    assert_eq!((result, config.grace.as_secs(), warnings.len()), (Ok(()), 1, 0));
    assert_eq!(config.child.consumed, ["SEXTON_GRACE"]);
}

#[test]
fn unknown_names_are_one_warning_each_with_the_nearest_known_one() {
    for (name, warning) in [
        ("SEXTON_GRCE", "unknown variable SEXTON_GRCE is ignored; did you mean SEXTON_GRACE?"),
        ("SEXTON_STOPDELAY", "unknown variable SEXTON_STOPDELAY is ignored; did you mean SEXTON_STOP_DELAY?"),
        ("SEXTON_VERBOSE", "unknown variable SEXTON_VERBOSE is ignored; did you mean SEXTON_LOG?"),
        ("SEXTON_LOG_LEVEL", "unknown variable SEXTON_LOG_LEVEL is ignored"),
        ("SEXTON_", "unknown variable SEXTON_ is ignored"),
        ("SEXTON_A\nB", "unknown variable SEXTON_A\\x0aB is ignored"),
    ] {
        assert_eq!(applied(&[(name, "")]).2, [warning]);
    }
}

#[test]
fn a_name_that_is_no_text_is_a_warning_too() {
    let env = [(OsString::from_vec(b"SEXTON_\xff".to_vec()), OsString::new())];
    let (mut draft, mut warnings) = (Draft::new(), Vec::new());
    assert_eq!(apply(&mut draft, &env, &mut warnings), Ok(()));
    assert_eq!(warnings, ["unknown variable SEXTON_\\xff is ignored"]);
}

#[test]
fn a_kubernetes_service_of_our_name_is_passed_over_in_silence() {
    let (result, config, warnings) = applied(&[
        ("SEXTON_SERVICE_HOST", "10.0.0.1"),
        ("SEXTON_SERVICE_PORT", "80"),
        ("SEXTON_SERVICE_PORT_HTTP", "80"),
        ("SEXTON_PORT", "tcp://10.0.0.1:80"),
        ("SEXTON_PORT_80_TCP", "tcp://10.0.0.1:80"),
        ("SEXTON_PORT_80_TCP_ADDR", "10.0.0.1"),
    ]);
    assert_eq!((result, warnings.len()), (Ok(()), 0));
    assert!(config.child.consumed.is_empty());
}

#[test]
fn bad_values_name_the_variable_and_the_part_that_is_wrong() {
    for (name, value, message) in [
        (
            "SEXTON_GRACE",
            "10x",
            "cannot use '10x' for SEXTON_GRACE: expected a duration such as 500ms, 10s, 2m or 1h30m",
        ),
        (
            "SEXTON_STOP_OK",
            "maybe",
            "cannot use 'maybe' for SEXTON_STOP_OK: expected 1, true, yes or on; or 0, false, no or off",
        ),
        (
            "SEXTON_LOG",
            "loud",
            "cannot use 'loud' for SEXTON_LOG: expected one of off, error, warn, info, debug and trace",
        ),
        (
            "SEXTON_REMAP_EXIT",
            "143,300:1",
            "cannot use '300:1' for SEXTON_REMAP_EXIT: expected one or two exit statuses from 0 to 255, such as 143 or \
             3:0",
        ),
        (
            "SEXTON_REMAP_EXIT",
            "143,",
            "cannot use '' for SEXTON_REMAP_EXIT: expected one or two exit statuses from 0 to 255, such as 143 or 3:0",
        ),
        (
            "SEXTON_SUBREAPER",
            "\u{1b}",
            "cannot use '\\x1b' for SEXTON_SUBREAPER: expected 1, true, yes or on; or 0, false, no or off",
        ),
    ] {
        assert_eq!(applied(&[(name, value)]).0.unwrap_err().to_string(), message);
    }
}

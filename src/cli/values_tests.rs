use proptest::prelude::*;

use super::*;

fn step(seconds: u64, send: Signal) -> Step {
    Step { after: Duration::from_secs(seconds), send }
}

#[test]
fn durations() {
    for (text, milliseconds) in [
        ("0", 0),
        ("10", 10_000),
        ("500ms", 500),
        ("0s", 0),
        ("0h0s", 0),
        ("10s", 10_000),
        ("2m", 120_000),
        ("1h30m", 5_400_000),
        ("1h2m3s4ms", 3_723_004),
        ("1m500ms", 60_500),
        ("90m", 5_400_000),
        ("18446744073709551615ms", u64::MAX),
        ("18446744073709551", 18_446_744_073_709_551_000),
    ] {
        assert_eq!(duration(text), Some(Duration::from_millis(milliseconds)), "{text}");
    }
}

#[test]
fn what_is_no_duration() {
    for text in [
        "", " ", "s", "ms", "x", "10x", "-1", "+1", "1.5s", "1 s", " 1s", "1s ", "10S", "1d", "1h30",
        "30m1h", "5s5s", "0s0s", "1ms1s", "1hm", "infinity", "1٣s", "٣s",
    ] {
        assert_eq!(duration(text), None, "{text}");
    }
}

#[test]
fn a_duration_too_long_is_an_error_and_never_a_short_one() {
    for text in [
        "18446744073709551616ms",
        "18446744073709552",
        "18446744073709552s",
        "5124095576031h",
        "18446744073709551s616ms",
        "99999999999999999999999",
    ] {
        assert_eq!(duration(text), None, "{text}");
    }
}

#[test]
fn signals_that_may_be_sent() {
    assert_eq!(signal("sigterm"), Some(Signal::TERM));
    assert_eq!(signal("KILL"), Some(Signal::KILL));
    assert_eq!(signal("RTMAX"), Some(Signal::RTMAX));
    for text in ["32", "33", "0", "65", "TREM", ""] {
        assert_eq!(signal(text), None, "{text}");
    }
}

#[test]
fn lists_of_signals() {
    assert_eq!(signals("TERM"), Some(SignalSet::EMPTY.with(Signal::TERM)));
    assert_eq!(signals("int,SIGTERM,2"), Some(SignalSet::EMPTY.with(Signal::TERM).with(Signal::INT)));
    for text in ["", "TERM,", ",TERM", "TERM INT", "TERM, INT", "KILL", "TERM,STOP", "32"] {
        assert_eq!(signals(text), None, "{text}");
    }
}

#[test]
fn rewrites() {
    for (text, from, to) in [
        ("TERM:QUIT", Signal::TERM, Some(Signal::QUIT)),
        ("15:3", Signal::TERM, Some(Signal::QUIT)),
        ("TSTP:STOP", Signal::TSTP, Some(Signal::STOP)),
        ("INT:KILL", Signal::INT, Some(Signal::KILL)),
        ("HUP:0", Signal::HUP, None),
        ("hup:Drop", Signal::HUP, None),
        ("RTMIN:RTMIN+30", Signal::RTMIN, Some(Signal::RTMAX)),
    ] {
        assert_eq!(rewrite(text), Some((from, to)), "{text}");
    }
    for text in [
        "",
        ":",
        "TERM",
        "TERM:",
        ":TERM",
        "TERM:00",
        "TERM:65",
        "KILL:TERM",
        "STOP:TERM",
        "32:TERM",
        "33:0",
        "TERM:32",
        "TERM:33",
        "0:TERM",
        "A:B:C",
        "TERM:QUIT:0",
    ] {
        assert_eq!(rewrite(text), None, "{text}");
    }
}

#[test]
fn remaps() {
    for (text, from, to) in [("143", 143, 0), ("143:0", 143, 0), ("0:255", 0, 255), ("255:1", 255, 1)] {
        assert_eq!(remap(text), Some((from, to)), "{text}");
    }
    for text in ["", ":", "256", "-1", "+1", "1:", ":1", "1:256", "1:2:3", "x"] {
        assert_eq!(remap(text), None, "{text}");
    }
}

#[test]
fn plans() {
    assert_eq!(plan("25s"), Some(vec![step(25, Signal::KILL)]));
    assert_eq!(plan("20s:QUIT,5s:KILL"), Some(vec![step(20, Signal::QUIT), step(5, Signal::KILL)]));
    assert_eq!(plan("0:TERM,1m"), Some(vec![step(0, Signal::TERM), step(60, Signal::KILL)]));
    for text in ["", "never", "QUIT", "QUIT:20s", "20s:", "20s:QUIT,", "20s:32", "20s:0", ",5s"] {
        assert_eq!(plan(text), None, "{text}");
    }
}

#[test]
fn switches() {
    for (text, on) in [
        ("1", Some(true)),
        ("true", Some(true)),
        ("Yes", Some(true)),
        ("ON", Some(true)),
        ("0", Some(false)),
        ("false", Some(false)),
        ("NO", Some(false)),
        ("off", Some(false)),
        ("", None),
        ("2", None),
        ("y", None),
    ] {
        assert_eq!(switch(text), on, "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(text: String) {
        let _ = (duration(&text), signals(&text), rewrite(&text), remap(&text), plan(&text), switch(&text));
    }

    #[test]
    fn a_sum_of_units_is_their_sum(h in 0..1000_u64, m in 0..1000_u64, s in 0..1000_u64, ms in 0..1000_u64) {
        let expected = Duration::from_millis(((h * 60 + m) * 60 + s) * 1000 + ms);
        prop_assert_eq!(duration(&format!("{h}h{m}m{s}s{ms}ms")), Some(expected));
    }
}

//! Parsers for the values of flags. None = not a value of that kind; what was expected instead is said by the
//! [`super::flags::Value`] that the flag names.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::{Leader, LogFormat};
use crate::policy::Step;
use crate::policy::signal::{Signal, SignalSet};

/// Units in the order in which they may follow each other, in milliseconds.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// `500ms`, `10s`, `2m`, `1h30m`; a bare number counts seconds.
pub(super) fn duration(text: &str) -> Option<Duration> {
    if is_number(text) {
        return text.parse::<u64>().ok()?.checked_mul(1_000).map(Duration::from_millis);
    }
    let (mut rest, mut units, mut total) = (text, UNITS.iter(), 0_u64);
    loop {
        let (number, tail) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let (unit, tail) = tail.split_at(tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len()));
        let (_, scale) = units.find(|(name, _)| *name == unit)?;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(*scale)?)?;
        if tail.is_empty() {
            return Some(Duration::from_millis(total));
        }
        rest = tail;
    }
}

/// Digits and nothing else: `str::parse` would take a sign as well.
fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// A signal that somebody may send.
pub(super) fn signal(text: &str) -> Option<Signal> {
    text.parse().ok().filter(|s: &Signal| !s.is_reserved())
}

/// A signal that somebody may send and sexton can receive.
fn received(text: &str) -> Option<Signal> {
    signal(text).filter(|s| !matches!(*s, Signal::KILL | Signal::STOP))
}

/// `TERM,INT,RTMIN+3`
pub(super) fn signals(text: &str) -> Option<SignalSet> {
    text.split(',').map(received).collect()
}

/// `FROM:TO`; TO `0` or `drop` swallows FROM.
pub(super) fn rewrite(text: &str) -> Option<(Signal, Option<Signal>)> {
    let (from, to) = text.split_once(':')?;
    let to = if to == "0" || to.eq_ignore_ascii_case("drop") { None } else { Some(signal(to)?) };
    Some((received(from)?, to))
}

/// `CODE` or `CODE:TO`, 0 to 255 each.
pub(super) fn remap(text: &str) -> Option<(u8, u8)> {
    let code = |text: &str| if is_number(text) { text.parse::<u64>().ok()?.try_into().ok() } else { None };
    match text.split_once(':') {
        Some((from, to)) => Some((code(from)?, code(to)?)),
        None => Some((code(text)?, 0)),
    }
}

/// `25s` or `20s:QUIT,5s:KILL`: a step without a signal sends KILL.
pub(super) fn plan(text: &str) -> Option<Vec<Step>> {
    text.split(',')
        .map(|step| {
            let (after, send) = step.split_once(':').unwrap_or((step, "KILL"));
            Some(Step { after: duration(after)?, send: signal(send)? })
        })
        .collect()
}

/// The words for a switch, and whether they turn it on.
const WORDS: [(&str, bool); 8] = [
    ("1", true),
    ("true", true),
    ("yes", true),
    ("on", true),
    ("0", false),
    ("false", false),
    ("no", false),
    ("off", false),
];

/// 1, true, yes, on; 0, false, no, off.
pub(super) fn switch(text: &str) -> Option<bool> {
    WORDS.iter().find(|(word, _)| text.eq_ignore_ascii_case(word)).map(|(_, on)| *on)
}

/// Any path but the empty one.
pub(super) fn path(value: &OsStr) -> Option<PathBuf> {
    (!value.is_empty()).then(|| value.into())
}

/// Where the kubelet looks, unless it is told otherwise.
const TERMINATION_LOG: &str = "/dev/termination-log";

/// A path, known by its `/`, or a switch; Some(None) is off.
pub(super) fn termination_log(value: &OsStr) -> Option<Option<PathBuf>> {
    if value.as_bytes().contains(&b'/') {
        return Some(Some(value.into()));
    }
    switch(value.to_str()?).map(|on| on.then(|| TERMINATION_LOG.into()))
}

/// `group`, `session`, `none`.
pub(super) fn leader(text: &str) -> Option<Leader> {
    match text {
        "group" => Some(Leader::Group),
        "session" => Some(Leader::Session),
        "none" => Some(Leader::None),
        _ => None,
    }
}

/// `text`, `json`.
pub(super) fn log_format(text: &str) -> Option<LogFormat> {
    match text {
        "text" => Some(LogFormat::Text),
        "json" => Some(LogFormat::Json),
        _ => None,
    }
}

#[cfg(test)]
#[path = "values_tests.rs"]
mod tests;

//! Parsers for the values of flags. None = not a value of that kind; what was expected instead is said by the
//! [`super::flags::Value`] that the flag names.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

pub(super) use crate::check::number;
use crate::config::{Leader, LogFormat};
use crate::policy::Step;
use crate::policy::signal::{Signal, SignalSet};

/// Units in the order in which they may follow each other, in milliseconds.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// `500ms`, `10s`, `2m`, `1h30m`; a bare number counts seconds.
pub(super) fn duration(text: &str) -> Option<Duration> {
    if let Some(seconds) = number(text) {
        return seconds.checked_mul(1_000).map(Duration::from_millis);
    }
    let (mut rest, mut units, mut total) = (text, UNITS.iter(), 0_u64);
    loop {
        let (amount, tail) = rest.split_at_checked(rest.bytes().position(|b| !b.is_ascii_digit())?)?;
        let next = tail.bytes().position(|b| b.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at_checked(next)?;
        let (_, scale) = units.find(|(name, _)| *name == unit)?;
        total = total.checked_add(number(amount)?.checked_mul(*scale)?)?;
        if tail.is_empty() {
            return Some(Duration::from_millis(total));
        }
        rest = tail;
    }
}

/// What stands before and behind the first `separator`; None = there is none.
pub(super) fn halves(text: &str, separator: char) -> (&str, Option<&str>) {
    match text.split_once(separator) {
        Some((before, behind)) => (before, Some(behind)),
        None => (text, None),
    }
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
    let mut set = SignalSet::EMPTY;
    for name in text.split(',') {
        set = set.with(received(name)?);
    }
    Some(set)
}

/// `FROM:TO`; TO `0` or `drop` swallows FROM.
pub(super) fn rewrite(text: &str) -> Option<(Signal, Option<Signal>)> {
    let (from, to) = halves(text, ':');
    let to = match to? {
        "0" => None,
        to if to.eq_ignore_ascii_case("drop") => None,
        to => Some(signal(to)?),
    };
    Some((received(from)?, to))
}

/// `CODE` or `CODE:TO`, 0 to 255 each.
pub(super) fn remap(text: &str) -> Option<(u8, u8)> {
    let code = |text: &str| u8::try_from(number(text)?).ok();
    let (from, to) = halves(text, ':');
    Some((code(from)?, code(to.unwrap_or("0"))?))
}

/// `25s` or `20s:QUIT,5s:KILL`: a step without a signal sends KILL.
pub(super) fn plan(text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    for step in text.split(',') {
        let (after, send) = halves(step, ':');
        steps.push(Step { after: duration(after)?, send: signal(send.unwrap_or("KILL"))? });
    }
    Some(steps)
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

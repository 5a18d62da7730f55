//! Parsers for the values of the launch options. None = not a value of that kind, as in [`super::values`].

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use crate::config::{Rlimit, UserSpec};

/// The kernel's limits by the names that prlimit(1) has for them.
#[allow(clippy::unnecessary_cast, reason = "C libraries differ in the constants' type")]
const LIMITS: [(&str, u32); 16] = [
    ("as", libc::RLIMIT_AS as u32),
    ("core", libc::RLIMIT_CORE as u32),
    ("cpu", libc::RLIMIT_CPU as u32),
    ("data", libc::RLIMIT_DATA as u32),
    ("fsize", libc::RLIMIT_FSIZE as u32),
    ("locks", libc::RLIMIT_LOCKS as u32),
    ("memlock", libc::RLIMIT_MEMLOCK as u32),
    ("msgqueue", libc::RLIMIT_MSGQUEUE as u32),
    ("nice", libc::RLIMIT_NICE as u32),
    ("nofile", libc::RLIMIT_NOFILE as u32),
    ("nproc", libc::RLIMIT_NPROC as u32),
    ("rss", libc::RLIMIT_RSS as u32),
    ("rtprio", libc::RLIMIT_RTPRIO as u32),
    ("rttime", libc::RLIMIT_RTTIME as u32),
    ("sigpending", libc::RLIMIT_SIGPENDING as u32),
    ("stack", libc::RLIMIT_STACK as u32),
];

/// Linux can be built for as many processors, and no more.
const MOST_CPUS: usize = 8192;

/// `USER[:GROUP]`: which names there are is known only when the image's files are read.
pub(super) fn user(value: &OsStr) -> Option<UserSpec> {
    let mut parts = value.as_bytes().split(|b| *b == b':').map(OsStr::from_bytes);
    let (user, group) = (parts.next()?, parts.next());
    let is_complete =
        parts.next().is_none() && !user.is_empty() && group.is_none_or(|group| !group.is_empty());
    is_complete.then(|| UserSpec { user: user.to_owned(), group: group.map(OsStr::to_owned) })
}

/// The path of a directory.
pub(super) fn directory(value: &OsStr) -> Option<PathBuf> {
    let is_path = !value.is_empty() && !value.as_bytes().contains(&0);
    is_path.then(|| value.into())
}

/// `022`, as the shell's umask takes it.
pub(super) fn umask(text: &str) -> Option<u32> {
    let is_octal = text.bytes().all(|b| matches!(b, b'0'..=b'7'));
    let mask = u64::from_str_radix(text, 8).ok().filter(|mask| is_octal && *mask <= 0o777)?;
    u32::try_from(mask).ok()
}

/// A whole number between these two.
pub(super) fn between(text: &str, least: i32, most: i32) -> Option<i32> {
    let number = text.parse::<i64>().ok()?.try_into().ok()?;
    (least..=most).contains(&number).then_some(number)
}

/// `0,2-4,8-16:2`, as taskset(1) takes it: numbers, ranges, and every how many of a range. Ascending, each once.
pub(super) fn cpus(text: &str) -> Option<Vec<u32>> {
    let mut chosen = vec![false; MOST_CPUS];
    for item in text.split(',') {
        let (range, stride) = item.split_once(':').unwrap_or((item, "1"));
        let (first, last) = match range.split_once('-') {
            Some(ends) => ends,
            None if item == range => (range, range),
            None => return None,
        };
        let (first, last) = (usize::try_from(number(first)?).ok()?, usize::try_from(number(last)?).ok()?);
        let stride = usize::try_from(number(stride)?).ok().filter(|stride| *stride > 0)?;
        let range = chosen.get_mut(first..last.checked_add(1)?).filter(|range| !range.is_empty())?;
        range.iter_mut().step_by(stride).for_each(|cpu| *cpu = true);
    }
    Some((0..).zip(chosen).filter_map(|(cpu, chosen)| chosen.then_some(cpu)).collect())
}

/// `NAME=SOFT[:HARD]`
pub(super) fn rlimit(text: &str) -> Option<Rlimit> {
    let (name, value) = text.split_once('=')?;
    let (name, resource) = *LIMITS.iter().find(|(known, _)| *known == name)?;
    let (soft, hard) = match value.split_once(':') {
        Some((soft, hard)) => (soft, Some(amount(hard)?)),
        None => (value, None),
    };
    let soft = if soft == "max" { None } else { Some(amount(soft)?) };
    let is_possible = soft.zip(hard).is_none_or(|(soft, hard)| soft <= hard);
    is_possible.then_some(Rlimit { name, resource, soft, hard })
}

/// A number, or `unlimited`, which is the largest one.
fn amount(text: &str) -> Option<u64> {
    if text == "unlimited" { Some(u64::MAX) } else { number(text) }
}

/// Digits and nothing else: `str::parse` would take a sign as well.
pub(super) fn number(text: &str) -> Option<u64> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
#[path = "launch_tests.rs"]
mod tests;

//! Parsers for the values of the launch options. None = not a value of that kind, as in [`super::values`].

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::values::{halves, number};
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
const MOST_CPUS: u64 = 8192;

/// `USER[:GROUP]`: which names there are is known only when the image's files are read.
pub(super) fn user(value: &OsStr) -> Option<UserSpec> {
    let bytes = value.as_bytes();
    let end = bytes.iter().position(|b| *b == b':').unwrap_or(bytes.len());
    let name = |bytes: &[u8]| {
        let is_name = !bytes.is_empty() && !bytes.contains(&b':');
        is_name.then(|| OsStr::from_bytes(bytes).to_owned())
    };
    let group = match bytes.get(end + 1..) {
        Some(group) => Some(name(group)?),
        None => None,
    };
    Some(UserSpec { user: name(bytes.get(..end)?)?, group })
}

/// The path of a directory.
pub(super) fn directory(value: &OsStr) -> Option<PathBuf> {
    let is_path = !value.is_empty() && !value.as_bytes().contains(&0);
    is_path.then(|| value.into())
}

/// `022`, as the shell's umask takes it.
pub(super) fn umask(text: &str) -> Option<u32> {
    // Digits alone, as in every base that is not above ten.
    number(text)?;
    let mask = u64::from_str_radix(text, 8).ok()?;
    (mask <= 0o777).then_some(mask as u32)
}

/// A whole number between these two.
pub(super) fn between(text: &str, least: i32, most: i32) -> Option<i32> {
    let number = text.parse::<i64>().ok()?.try_into().ok()?;
    (least..=most).contains(&number).then_some(number)
}

/// `0,2-4,8-16:2`, as taskset(1) takes it: numbers, ranges, and every how many of a range. Ascending, each once.
pub(super) fn cpus(text: &str) -> Option<Vec<u32>> {
    let mut chosen = vec![false; MOST_CPUS as usize];
    for item in text.split(',') {
        let (range, stride) = halves(item, ':');
        let (first, last) = halves(range, '-');
        if stride.is_some() && last.is_none() {
            return None;
        }
        let (mut cpu, last) = (number(first)?, number(last.unwrap_or(first))?);
        let stride = number(stride.unwrap_or("1"))?;
        if cpu > last || last >= MOST_CPUS || stride == 0 {
            return None;
        }
        while cpu <= last {
            *chosen.get_mut(cpu as usize)? = true;
            cpu = cpu.saturating_add(stride);
        }
    }
    let mut cpus = Vec::new();
    for (cpu, chosen) in (0..).zip(chosen) {
        if chosen {
            cpus.push(cpu);
        }
    }
    Some(cpus)
}

/// `NAME=SOFT[:HARD]`
pub(super) fn rlimit(text: &str) -> Option<Rlimit> {
    let (name, value) = halves(text, '=');
    let (soft, hard) = halves(value?, ':');
    let (name, resource) = *LIMITS.iter().find(|(known, _)| *known == name)?;
    let hard = match hard {
        Some(hard) => Some(amount(hard)?),
        None => None,
    };
    let soft = if soft == "max" { None } else { Some(amount(soft)?) };
    let is_possible = soft.zip(hard).is_none_or(|(soft, hard)| soft <= hard);
    is_possible.then_some(Rlimit { name, resource, soft, hard })
}

/// A number, or `unlimited`, which is the largest one.
fn amount(text: &str) -> Option<u64> {
    if text == "unlimited" { Some(u64::MAX) } else { number(text) }
}

#[cfg(test)]
#[path = "launch_tests.rs"]
mod tests;

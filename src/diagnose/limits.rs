//! Limits that a start runs into: of processes, and of the size of arguments and environment.

use std::ffi::OsString;

use super::exec::{ExecClass, Explanation};
use crate::proc::cgroup::{Cgroup, Pids};
use crate::proc::{number, read_all};

/// EAGAIN: no more processes.
#[inline(never)]
pub(super) fn processes(said: &mut Explanation) {
    too_many_processes(said, Cgroup::of_self().pids(), soft_limit(b"Max processes"));
}

#[inline(never)]
fn too_many_processes(said: &mut Explanation, pids: Pids, limit: Option<u64>) {
    let full = pids.current.zip(pids.max).is_some_and(|(current, max)| current >= max);
    said.say("the limit of processes is reached");
    let mut link = ": ";
    if let Some(max) = pids.max {
        said.number(": the cgroup's pids.max is ", max);
        if let Some(current) = pids.current {
            said.number(", pids.current ", current);
        }
        link = ", and ";
    }
    if let Some(limit) = limit.filter(|_| !full) {
        said.say(link);
        said.number("this user may have ", limit);
        said.say(" (RLIMIT_NPROC)");
    }
    let raise = if full { "--pids-limit" } else { "--ulimit nproc" };
    match limit {
        None if !full => {
            said.help(
                "a limit further up may be reached: of the host, or of a cgroup above this one",
                b"",
                "",
            );
        }
        _ => said.help("raise it (docker: ", raise.as_bytes(), "), or find out who starts so many"),
    }
}

/// The soft limit of this name in /proc/self/limits; None = none, or not known.
fn soft_limit(name: &[u8]) -> Option<u64> {
    parse_limits(&read_all(b"/proc/self/limits")?, name)
}

fn parse_limits(limits: &[u8], name: &[u8]) -> Option<u64> {
    let rest = limits.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(name))?;
    number(rest.split(|byte| *byte == b' ').find(|word| !word.is_empty())?)
}

/// `MAX_ARG_STRLEN`: 32 pages; with pages of 64 KiB it is sixteen times as much.
const LONGEST_STRING: u64 = 128 * 1024;
/// The limits of execve(2) for all of it: a quarter of the stack's limit, but within these.
const LEAST: u64 = 128 * 1024;
const MOST: u64 = 6 * 1024 * 1024;

/// E2BIG: arguments and environment are too large.
#[inline(never)]
pub(super) fn arguments(said: &mut Explanation, command: &[OsString], environment: &[&[u8]]) {
    let mut sizes = Sizes { total: 0, longest: 0, name: Name::Argument(0) };
    for (i, argument) in command.iter().enumerate() {
        sizes.add(argument.len(), Name::Argument(i));
    }
    for entry in environment {
        sizes.add(entry.len(), Name::Variable(entry.split(|byte| *byte == b'=').next().unwrap_or_default()));
    }
    too_large(said, &sizes, soft_limit(b"Max stack size"));
}

/// Which string.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Name<'a> {
    Argument(usize),
    Variable(&'a [u8]),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Sizes<'a> {
    total: u64,
    longest: u64,
    name: Name<'a>,
}

impl<'a> Sizes<'a> {
    /// Each string has a NUL and costs a pointer too.
    fn add(&mut self, length: usize, name: Name<'a>) {
        let length = length as u64 + 1;
        self.total += length + size_of::<usize>() as u64;
        if length > self.longest {
            (self.longest, self.name) = (length, name);
        }
    }
}

#[inline(never)]
fn too_large(said: &mut Explanation, sizes: &Sizes<'_>, stack: Option<u64>) {
    let limit = stack.map_or(MOST, |stack| (stack / 4).clamp(LEAST, MOST));
    said.class = ExecClass::CannotRun;
    said.say("Argument list too long: ");
    let one = sizes.total <= limit && sizes.longest > LONGEST_STRING;
    if !one {
        said.number("arguments and environment have ", sizes.total);
        said.number(" bytes, and the kernel takes ", limit);
        said.say("; the largest is ");
    }
    match sizes.name {
        Name::Argument(i) => said.number("argument ", i as u64),
        Name::Variable(name) => said.name("the variable ", name),
    }
    said.number(if one { " has " } else { " with " }, sizes.longest);
    if one {
        said.number(" bytes, and one string may have ", LONGEST_STRING);
    }
    said.help("pass large data in a file or on standard input", b"", "");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn process_limits_show_the_numbers_that_are_known() {
        let pids = |current, max| Pids { current, max, refused: None };
        for (pids, limit, reason) in [
            (pids(Some(100), Some(100)), Some(5), ": the cgroup's pids.max is 100, pids.current 100"),
            (
                pids(Some(9), Some(100)),
                Some(5),
                ": the cgroup's pids.max is 100, pids.current 9, and this user may have 5 (RLIMIT_NPROC)",
            ),
            (pids(None, Some(100)), None, ": the cgroup's pids.max is 100"),
            (pids(Some(9), None), Some(5), ": this user may have 5 (RLIMIT_NPROC)"),
            (pids(None, None), None, ""),
        ] {
            let mut explanation = Explanation::new(ExecClass::Failed);
            too_many_processes(&mut explanation, pids, limit);
            assert_eq!(explanation.reason, format!("the limit of processes is reached{reason}"));
            assert_eq!(explanation.class, ExecClass::Failed);
        }
    }

    #[test]
    fn limits_of_proc() {
        let limits = b"Limit                     Soft Limit           Hard Limit           Units\n\
            Max stack size            8388608              unlimited            bytes\n\
            Max processes             unlimited            unlimited            processes\n";
        assert_eq!(parse_limits(limits, b"Max stack size"), Some(8_388_608));
        assert_eq!(parse_limits(limits, b"Max processes"), None);
        assert_eq!(parse_limits(limits, b"Max nothing"), None);
        assert_eq!(parse_limits(b"Max processes", b"Max processes"), None);
    }

    #[test]
    fn sizes_name_the_largest_string_or_the_sum() {
        let sizes = |total, longest| Sizes { total, longest, name: Name::Argument(2) };
        for (sizes, stack, reason) in [
            (
                sizes(200_000, 140_000),
                Some(8 << 20),
                "argument 2 has 140000 bytes, and one string may have 131072",
            ),
            (
                sizes(3_000_000, 140_000),
                Some(8 << 20),
                "arguments and environment have 3000000 bytes, and the kernel takes 2097152; the largest is argument 2 with 140000",
            ),
            (
                sizes(7_000_000, 10),
                None,
                "arguments and environment have 7000000 bytes, and the kernel takes 6291456; the largest is argument 2 with 10",
            ),
        ] {
            let mut explanation = Explanation::new(ExecClass::Failed);
            too_large(&mut explanation, &sizes, stack);
            assert_eq!(explanation.reason, format!("Argument list too long: {reason}"));
            assert_eq!(explanation.class, ExecClass::CannotRun);
        }
    }
}

//! Limits that a start runs into: of processes, and of the size of arguments and environment.

use std::ffi::OsString;
use std::fmt::Write;

use super::exec::{ExecClass, Explanation, shown};
use crate::proc::cgroup::{Cgroup, Pids};
use crate::proc::{number, read_all};

/// EAGAIN: no more processes.
pub(super) fn processes() -> Explanation {
    too_many_processes(Cgroup::of_self().pids(), soft_limit(b"Max processes"))
}

fn too_many_processes(pids: Pids, limit: Option<u64>) -> Explanation {
    let full = pids.current.zip(pids.max).is_some_and(|(current, max)| current >= max);
    let mut reason = "the limit of processes is reached".to_owned();
    if let Some(max) = pids.max {
        let _ = write!(reason, ": the cgroup's pids.max is {max}");
        if let Some(current) = pids.current {
            let _ = write!(reason, ", pids.current {current}");
        }
    }
    if let Some(limit) = limit.filter(|_| !full) {
        let colon = if pids.max.is_some() { ", and" } else { ":" };
        let _ = write!(reason, "{colon} this user may have {limit} (RLIMIT_NPROC)");
    }
    let help = match (full, limit) {
        (true, _) => "raise it (docker: --pids-limit), or find out who starts so many",
        (false, Some(_)) => "raise it (docker: --ulimit nproc), or find out who starts so many",
        (false, None) => "a limit further up may be reached: of the host, or of a cgroup above this one",
    };
    Explanation::new(ExecClass::Failed, format_args!("{}", reason)).help(format_args!("{}", help))
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
const LONGEST_STRING: usize = 128 * 1024;
/// The limits of execve(2) for all of it: a quarter of the stack's limit, but within these.
const LEAST: u64 = 128 * 1024;
const MOST: u64 = 6 * 1024 * 1024;

/// E2BIG: arguments and environment are too large.
pub(super) fn arguments(command: &[OsString], environment: &[&[u8]]) -> Explanation {
    let mut sizes = Sizes::default();
    for (i, argument) in command.iter().enumerate() {
        sizes.add(argument.len() + 1, || format!("argument {i}"));
    }
    for entry in environment {
        let name = entry.split(|byte| *byte == b'=').next().unwrap_or_default();
        sizes.add(entry.len() + 1, || format!("the variable {}", shown(name)));
    }
    too_large(&sizes, soft_limit(b"Max stack size"))
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Sizes {
    total: u64,
    longest: usize,
    name: String,
}

impl Sizes {
    /// Each string costs a pointer too.
    fn add(&mut self, length: usize, name: impl Fn() -> String) {
        self.total += (length + size_of::<usize>()) as u64;
        if length > self.longest {
            (self.longest, self.name) = (length, name());
        }
    }
}

fn too_large(sizes: &Sizes, stack: Option<u64>) -> Explanation {
    let Sizes { total, longest, name } = sizes;
    let limit = stack.map_or(MOST, |stack| (stack / 4).clamp(LEAST, MOST));
    let reason = if *total <= limit && *longest > LONGEST_STRING {
        format!(
            "Argument list too long: {name} has {longest} bytes, and one string may have {LONGEST_STRING}"
        )
    } else {
        format!(
            "Argument list too long: arguments and environment have {total} bytes, and the kernel takes {limit}; \
             the largest is {name} with {longest}"
        )
    };
    Explanation::new(ExecClass::CannotRun, format_args!("{}", reason))
        .help(format_args!("pass large data in a file or on standard input"))
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
            let explanation = too_many_processes(pids, limit);
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
        let sizes = |total, longest| Sizes { total, longest, name: "argument 2".to_owned() };
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
            assert_eq!(too_large(&sizes, stack).reason, format!("Argument list too long: {reason}"));
        }
    }
}

//! `--check LIMITS`, for HEALTHCHECK and exec probes: which limits are passed. Pure; [`crate::ps::facts`] reads.

use std::fmt::{self, Write};
use std::str::FromStr;

/// What `--check` is asked to look at; None = not that.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Limits {
    /// Zombies, whoever holds them.
    pub zombies: Option<u64>,
    /// Threads in the cgroup.
    pub pids: Option<Threads>,
    /// Processes killed for want of memory since the cgroup was made.
    pub oom: Option<u64>,
}

/// A limit of the pids controller's number, which counts threads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Threads {
    /// So many.
    Number(u64),
    /// So many in a hundred of what `pids.max` allows, 0 to 100.
    Percent(u64),
}

/// Why a text is no list of limits, in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LimitsError(String);

impl fmt::Display for LimitsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LimitsError {}

const NUMBER: &str = "a number";
const ALL: &str = "zombies=N, pids=N, pids=N% or oom=N, separated by commas";

impl FromStr for Limits {
    type Err = LimitsError;

    /// `zombies=50,pids=90%,oom=0`. The last one of a name wins.
    fn from_str(text: &str) -> Result<Self, LimitsError> {
        let unfit = |item: &str, is: &str, expected: &str| {
            Err(LimitsError(format!("{item}{is}: expected {expected}")))
        };
        if text.trim_ascii().is_empty() {
            return unfit("no limit", " is given", ALL);
        }
        let mut limits = Self::default();
        for item in text.split(',').map(str::trim_ascii) {
            let (name, value) = item.split_once('=').unwrap_or_default();
            let (is_set, expected) = match name {
                "zombies" => {
                    limits.zombies = number(value);
                    (limits.zombies.is_some(), NUMBER)
                }
                "pids" => {
                    limits.pids = threads(value);
                    (limits.pids.is_some(), "a number, or a percentage from 0% to 100%")
                }
                "oom" => {
                    limits.oom = number(value);
                    (limits.oom.is_some(), NUMBER)
                }
                _ => return unfit(&format!("'{item}'"), " is no limit", ALL),
            };
            if !is_set {
                return unfit(item, "", expected);
            }
        }
        Ok(limits)
    }
}

/// Digits and nothing else: the standard parser would take a sign.
pub(crate) fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()))
}

fn threads(text: &str) -> Option<Threads> {
    match text.strip_suffix('%') {
        Some(percent) => number(percent).filter(|percent| *percent <= 100).map(Threads::Percent),
        None => number(text).map(Threads::Number),
    }
}

/// What there is; None = it cannot be seen here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// Zombies in this pid namespace.
    pub zombies: Option<u64>,
    /// Threads that exist: the cgroup's number, or else that of this pid namespace.
    pub pids: Option<u64>,
    /// The cgroup's limit of threads; None = none, too.
    pub pids_max: Option<u64>,
    /// Processes killed for want of memory.
    pub oom_kills: Option<u64>,
}

/// What `--check` has to say.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Verdict {
    /// A line for each limit that is passed, for standard output.
    pub passed: String,
    /// A line for each limit that nothing is known about, for the log. They are not passed: a container that hides
    /// its cgroup must not be restarted for it.
    pub unknown: Vec<&'static str>,
}

impl Verdict {
    /// The exit status: 1 if any limit is passed.
    pub fn status(&self) -> u8 {
        u8::from(!self.passed.is_empty())
    }

    fn compare(&mut self, name: &str, number: Option<u64>, limit: u64, unknown: &'static str) {
        match number {
            Some(number) if number > limit => {
                let _ = writeln!(self.passed, "{name}: {number}, more than {limit}");
            }
            Some(_) => {}
            None => self.unknown.push(unknown),
        }
    }
}

/// Compares. A limit is passed when the number is above it.
pub fn evaluate(limits: &Limits, facts: &Facts) -> Verdict {
    let mut verdict = Verdict::default();
    if let Some(limit) = limits.zombies {
        verdict.compare("zombies", facts.zombies, limit, "cannot check zombies: /proc shows no processes");
    }
    let unknown = "cannot check pids: neither a pids cgroup nor /proc is visible here";
    match (limits.pids, facts.pids) {
        (None, _) => {}
        (Some(Threads::Number(limit)), pids) => verdict.compare("pids", pids, limit, unknown),
        (_, None) => verdict.unknown.push(unknown),
        (Some(Threads::Percent(percent)), Some(pids)) => match facts.pids_max {
            Some(max) if u128::from(pids) * 100 > u128::from(max) * u128::from(percent) => {
                let _ = writeln!(verdict.passed, "pids: {pids} of {max}, more than {percent} %");
            }
            Some(_) => {}
            None => {
                verdict.unknown.push("cannot check pids by percentage: no pids limit is visible here");
            }
        },
    }
    if let Some(limit) = limits.oom {
        let unknown = "cannot check oom: no memory cgroup is visible here";
        verdict.compare("oom kills", facts.oom_kills, limit, unknown);
    }
    verdict
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;

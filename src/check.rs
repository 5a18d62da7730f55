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

/// Why a text is no list of limits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LimitsError {
    /// There is no limit in it.
    Empty,
    /// This has no `=`, or a name in front of it that is none of ours.
    Unknown(String),
    /// The name, and what is behind its `=`.
    Value(&'static str, String),
}

impl fmt::Display for LimitsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no limit is given")?,
            Self::Unknown(item) => write!(f, "'{item}' is no limit")?,
            Self::Value("pids", value) => {
                return write!(f, "pids={value}: expected a number, or a percentage from 0% to 100%");
            }
            Self::Value(name, value) => return write!(f, "{name}={value}: expected a number"),
        }
        f.write_str(": expected zombies=N, pids=N, pids=N% or oom=N, separated by commas")
    }
}

impl std::error::Error for LimitsError {}

impl FromStr for Limits {
    type Err = LimitsError;

    /// `zombies=50,pids=90%,oom=0`. The last one of a name wins.
    fn from_str(text: &str) -> Result<Self, LimitsError> {
        if text.trim_ascii().is_empty() {
            return Err(LimitsError::Empty);
        }
        let mut limits = Self::default();
        for item in text.split(',').map(str::trim_ascii) {
            let (name, value) = item.split_once('=').unwrap_or_default();
            let known = ["zombies", "pids", "oom"].into_iter().find(|known| *known == name);
            let Some(name) = known else { return Err(LimitsError::Unknown(item.to_owned())) };
            let (digits, is_percent) = match value.strip_suffix('%') {
                Some(digits) if name == "pids" => (digits, true),
                _ => (value, false),
            };
            let number = number(digits).filter(|number| !is_percent || *number <= 100);
            let Some(number) = number else { return Err(LimitsError::Value(name, value.to_owned())) };
            match name {
                "pids" if is_percent => limits.pids = Some(Threads::Percent(number)),
                "pids" => limits.pids = Some(Threads::Number(number)),
                "oom" => limits.oom = Some(number),
                _ => limits.zombies = Some(number),
            }
        }
        Ok(limits)
    }
}

/// Digits and nothing else: the standard parser would take a sign.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()))
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

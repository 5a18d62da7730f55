//! Floor 2: what there is to say of a run that is over, or never began. Pure functions over [`Facts`]: the line in
//! the log, the same line as a termination message, and the exit report.

mod death;
#[cfg(test)]
mod fixture;
mod json;
mod oom;
mod termination;
mod units;

use std::ffi::OsString;
use std::time::{Duration, SystemTime};

pub use death::{is_unexpected, line};
pub use json::json;
pub use oom::Oom;
pub use termination::termination_message;
pub use units::{duration, memory, oom_kills};

use crate::policy::Uptime;
use crate::policy::event::Pid;
use crate::policy::signal::Signal;
use crate::policy::status::{Ending, Outcome};
use crate::policy::tally::Tally;
use crate::proc::stat::Comm;

/// All that is known.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The program and its arguments.
    pub command: &'a [OsString],
    /// sexton's exit status.
    pub status: u8,
    /// When the run began and ended.
    pub time: (SystemTime, SystemTime),
    /// The main process, or why there was none.
    pub main: Result<Main<'a>, &'a str>,
    /// Forks that the process limit refused meanwhile.
    pub forks_refused: Option<u64>,
    /// Log lines that could not be written.
    pub dropped: u64,
}

/// A main process that has ended.
#[derive(Clone, Copy, Debug)]
pub struct Main<'a> {
    /// Its pid.
    pub pid: Pid,
    /// Its name, where it was read.
    pub name: Option<Comm>,
    /// How it ended, and what was done about it.
    pub outcome: &'a Outcome,
    /// What was counted.
    pub tally: &'a Tally,
    /// How long it ran.
    pub ran: Uptime,
    /// CPU time in user mode and in the kernel.
    pub cpu: (Duration, Duration),
    /// The largest single process in its waited-for tree, in KiB.
    pub max_rss: u64,
    /// The memory cgroup.
    pub oom: Oom,
}

/// Why a run is over, in one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// The main process exited.
    Exited,
    /// A signal killed it.
    Signaled,
    /// The kernel killed it, or its command, for want of memory.
    Oom,
    /// `--timeout` ran out.
    Timeout,
    /// It could not be started.
    ExecFailed,
    /// Its end was never seen, which is a fault.
    Unknown,
}

impl Cause {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exited => "exited",
            Self::Signaled => "signaled",
            Self::Oom => "oom",
            Self::Timeout => "timeout",
            Self::ExecFailed => "exec-failed",
            Self::Unknown => "unknown",
        }
    }
}

impl Facts<'_> {
    /// Why it is over.
    pub fn cause(&self) -> Cause {
        match &self.main {
            Err(_) => Cause::ExecFailed,
            Ok(main) => main.cause(),
        }
    }
}

impl Main<'_> {
    fn cause(&self) -> Cause {
        match self.outcome.ending {
            None => Cause::Unknown,
            Some(_) if self.outcome.timed_out => Cause::Timeout,
            Some(_) if matches!(self.memory(), oom::Verdict::OutOfMemory(_)) => Cause::Oom,
            Some(Ending::Exited(_)) => Cause::Exited,
            Some(Ending::Killed { .. }) => Cause::Signaled,
        }
    }

    /// What the cgroup's counter says of a SIGKILL that sexton did not send.
    fn memory(&self) -> oom::Verdict {
        let killed = self.outcome.ending.and_then(Ending::signal_meant) == Some(Signal::KILL);
        let by_us = self.outcome.killed_by_plan || self.outcome.forwarded.contains(Signal::KILL);
        if killed && !by_us { self.oom.verdict(self.max_rss) } else { oom::Verdict::Nothing }
    }
}

//! The cgroup's counters before, during and after a run.
//!
//! Reading them where the run begins must cost next to nothing. As PID 1 the container's own cgroup is mounted at the
//! usual place: two or three system calls. Otherwise finding the cgroup takes a
//! dozen, and they are spent only when a report, the log or `--watch` asks for more than the default. Without a
//! beginning an older count and a new one cannot be told apart, and the death line says so.

use std::ffi::CStr;
use std::time::Duration;

use crate::logging;
use crate::policy::Uptime;
use crate::policy::event::Pid;
use crate::proc::cgroup::{self, Cgroup, Pids};
use crate::report::Oom;
use crate::sys::descriptors;

/// Where a container finds its own cgroup's counter, version 1 and 2, and the directory.
const USUAL: [(&CStr, &str); 2] = [
    (c"/sys/fs/cgroup/memory/memory.oom_control", "/sys/fs/cgroup/memory"),
    (c"/sys/fs/cgroup/memory.events", "/sys/fs/cgroup"),
];

/// A crowd of killed children is looked into this often.
const INTERVAL: Duration = Duration::from_secs(1);

/// See the module's head.
pub(super) struct Counters {
    /// A counter from the usual place, and which that was; it is ours if our cgroup turns out to be there.
    guess: Option<(&'static str, u64)>,
    cgroup: Option<Cgroup>,
    oom: Oom,
    refused_before: Option<u64>,
    refused_after: Option<u64>,
    looked: Option<Uptime>,
    /// The end is told in full, whatever it was.
    thorough: bool,
}

impl Counters {
    /// Right before the program is started: later it may have been killed already. Descriptors that this opens are closed by
    /// whoever calls it.
    pub(super) fn begin(own: Pid, thorough: bool) -> Self {
        let mut counters = Self {
            guess: None,
            cgroup: None,
            oom: Oom::default(),
            refused_before: None,
            refused_after: None,
            looked: None,
            thorough,
        };
        if thorough {
            counters.begin_thoroughly();
        } else if own.0 == 1 {
            counters.guess = guess();
        }
        counters
    }

    #[inline(never)]
    fn begin_thoroughly(&mut self) {
        let cgroup = self.cgroup.insert(Cgroup::of_self());
        let memory = cgroup.memory();
        self.oom.before = memory.oom_kills;
        self.refused_before = cgroup.pids().refused;
        if memory.oom_group {
            logging::info!(
                "memory.oom.group is set: out of memory, the kernel kills the whole container at once, sexton too, \
                 and nobody is left to say so"
            );
        }
    }

    /// Looks while the main process lives: how many processes have been killed for want of memory since the last
    /// look, if any.
    pub(super) fn look(&mut self, now: Uptime) -> Option<u64> {
        if self.looked.is_some_and(|at| now.saturating_sub(at) < INTERVAL) {
            return None;
        }
        self.looked = Some(now);
        self.read();
        let last = self.oom.last.or(self.oom.before);
        self.oom.last = self.oom.after;
        self.oom.after?.checked_sub(last?).filter(|kills| *kills > 0)
    }

    #[inline(never)]
    fn read(&mut self) {
        let cgroup = self.cgroup.get_or_insert_with(Cgroup::of_self);
        if let Some((directory, count)) = self.guess.take()
            && cgroup.memory_directory() == Some(directory.as_bytes())
        {
            self.oom.before = Some(count);
        }
        let memory = cgroup.memory();
        (self.oom.after, self.oom.limit) = (memory.oom_kills, memory.limit);
    }

    /// The process limit, at this moment.
    pub(super) fn pids(&mut self) -> Pids {
        self.cgroup.get_or_insert_with(Cgroup::of_self).pids()
    }

    /// The main process has ended; `killed`: by a SIGKILL, it seems.
    pub(super) fn end(&mut self, killed: bool) {
        if killed || self.thorough {
            self.read();
        }
        if self.thorough {
            self.refused_after = self.pids().refused;
        }
    }

    /// What was counted.
    pub(super) fn oom(&self) -> Oom {
        self.oom
    }

    /// Forks that were refused meanwhile.
    pub(super) fn forks_refused(&self) -> Option<u64> {
        self.refused_after?.checked_sub(self.refused_before?)
    }
}

fn guess() -> Option<(&'static str, u64)> {
    USUAL.iter().find_map(|(file, directory)| {
        let mut buffer = [0; 256];
        let bytes = descriptors::peek(file, &mut buffer)?;
        Some((*directory, cgroup::oom_kills(bytes)?))
    })
}

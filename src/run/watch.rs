//! `--watch`: a look from time to time at what no signal tells.

use std::time::Duration;

use super::counters::Counters;
use crate::config::Config;
use crate::diagnose::zombies::Watcher;
use crate::harmless::harmless;
use crate::logging;
use crate::policy::Uptime;
use crate::policy::event::Pid;
use crate::proc::cgroup::Pids;
use crate::proc::{own, table};
use crate::report::duration;
use crate::sys::process;

/// The next look, and what earlier ones have seen.
pub(super) struct Watch {
    every: Option<Duration>,
    due: Option<Uptime>,
    zombies: Watcher,
    /// Is the mounted /proc ours? Asked once.
    proc_is_ours: Option<bool>,
    /// The process limit is nearly reached, and that has been said.
    nearly_full: bool,
    /// Refused forks that were spoken of.
    refused: u64,
}

impl Watch {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            every: config.watch,
            due: config.watch,
            zombies: Watcher::default(),
            proc_is_ours: None,
            nearly_full: false,
            refused: 0,
        }
    }

    /// When to look next.
    pub(super) fn due(&self) -> Option<Uptime> {
        self.due
    }

    /// Looks, if it is time.
    pub(super) fn look(&mut self, now: Uptime, own: Pid, counters: &mut Counters) {
        if self.due.is_none_or(|at| at > now) {
            return;
        }
        self.look_now(now, own, counters);
    }

    /// Apart from the loop, whose stack must not have room for it from the start.
    #[inline(never)]
    fn look_now(&mut self, now: Uptime, own: Pid, counters: &mut Counters) {
        self.due = self.every.map(|every| now.saturating_add(every));
        if let Some(kills) = counters.look(now) {
            let what = counters.oom().sentence(kills);
            logging::warn!(oom_kills = kills; "below the main process, which lives on, the kernel has killed: {what}");
        }
        self.look_at_pids(counters.pids());
        self.look_at_zombies(own);
    }

    fn look_at_pids(&mut self, pids: Pids) {
        let (current, refused) = (pids.current.unwrap_or(0), pids.refused.unwrap_or(0));
        let Some(max) = pids.max else { return };
        let nearly_full = current.saturating_mul(5) > max.saturating_mul(4);
        if nearly_full && !self.nearly_full {
            logging::warn!(
                pids = current, pids_max = max;
                "{current} of at most {max} processes and threads (pids.max) are in use; beyond that fork fails"
            );
        }
        self.nearly_full = nearly_full;
        if refused > 0 && refused >= self.refused.saturating_mul(2) && refused != self.refused {
            self.refused = refused;
            let times = if refused == 1 { "time" } else { "times" };
            logging::warn!(
                forks_refused = refused, pids_max = max;
                "the limit of {max} processes and threads (pids.max) has refused a fork {refused} {times} so far"
            );
        }
    }

    fn look_at_zombies(&mut self, own: Pid) {
        if !*self.proc_is_ours.get_or_insert_with(|| own::is_ours(own.0)) {
            return;
        }
        let Ok(stats) = table::with_ancestors(|pid| process::may_have_ended(*pid)) else { return };
        self.zombies.look(stats, own, process::boot_time(), |found| {
            let oldest = harmless(found.oldest_name.as_bytes());
            logging::warn!(
                pid = found.parent.0, zombies = found.zombies;
                "{found}; the oldest is {} ({oldest}), started {} ago", found.oldest, duration(found.oldest_age)
            );
        });
    }
}

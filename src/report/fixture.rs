//! A run to be varied in tests.

use std::ffi::OsString;
use std::time::{Duration, SystemTime};

use super::{Facts, Main, Oom};
use crate::policy::event::{Origin, Pid, Received};
use crate::policy::signal::{Signal, SignalSet};
use crate::policy::status::{Ending, Outcome};
use crate::policy::tally::Tally;
use crate::proc::stat::Comm;

/// What the parts of [`Facts`] point to.
pub(super) struct Run {
    pub(super) command: Vec<OsString>,
    pub(super) name: &'static str,
    pub(super) outcome: Outcome,
    pub(super) tally: Tally,
    pub(super) ran: Duration,
    pub(super) oom: Oom,
    pub(super) status: u8,
    pub(super) max_rss: u64,
}

impl Run {
    /// Process 7, which has ended so after 41 minutes with 212 MiB.
    pub(super) fn ended(name: &'static str, ending: Ending) -> Self {
        Self {
            command: vec![format!("/usr/bin/{name}").into(), "--secret=1".into()],
            name,
            outcome: Outcome { ending: Some(ending), ..Outcome::default() },
            tally: Tally::default(),
            ran: Duration::from_secs(41 * 60),
            oom: Oom::default(),
            status: ending.shell_status(),
            max_rss: 212 << 10,
        }
    }

    pub(super) fn killed(name: &'static str, by: Signal) -> Self {
        Self::ended(name, Ending::Killed { by, core: false })
    }

    /// So many kills for want of memory, of 512 MiB.
    pub(super) fn oom(mut self, before: Option<u64>, after: u64) -> Self {
        self.oom = Oom { before, last: None, after: Some(after), limit: Some(512 << 20) };
        self
    }

    /// A stop had been requested ten seconds before the end.
    pub(super) fn stopped(mut self, signal: Signal, origin: Origin, sender: i32) -> Self {
        let received = Received { signal, origin, sender: Pid(sender), uid: 0 };
        self.tally.stop = Some((received, self.ran - Duration::from_secs(10)));
        self.outcome.stops = SignalSet::EMPTY.with(signal);
        self.outcome.forwarded = self.outcome.stops;
        self
    }

    pub(super) fn facts(&self) -> Facts<'_> {
        let began = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        Facts {
            command: &self.command,
            status: self.status,
            time: (began, began + self.ran + Duration::from_millis(250)),
            main: Ok(Main {
                pid: Pid(7),
                name: Some(Comm::new(self.name.as_bytes())),
                outcome: &self.outcome,
                tally: &self.tally,
                ran: self.ran,
                cpu: (Duration::from_millis(1500), Duration::from_millis(20)),
                max_rss: self.max_rss,
                oom: self.oom,
            }),
            forks_refused: Some(2),
            dropped: 1,
        }
    }
}

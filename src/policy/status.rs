//! How a process ended, and the exit status that sexton makes of it.

use std::fmt;

use super::signal::{Signal, SignalSet};

/// How a process ended, as wait(2) tells it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ending {
    /// It exited with this status, 0 to 255.
    Exited(u8),
    /// This signal killed it; `core`: it left a core dump.
    Killed {
        /// The signal.
        by: Signal,
        /// Was a core dumped?
        core: bool,
    },
}

impl Ending {
    /// The status that a shell would show: 128+n for signal n.
    pub const fn shell_status(self) -> u8 {
        match self {
            Self::Exited(status) => status,
            Self::Killed { by, .. } => (128 + by.number()) as u8,
        }
    }

    /// The signal this ending speaks of: the one that killed it, or the one that a shell's status above 128 stands for.
    pub fn signal_meant(self) -> Option<Signal> {
        match self {
            Self::Killed { by, .. } => Some(by),
            Self::Exited(status) => Signal::new(i32::from(status) - 128),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(status) => write!(f, "exited with status {status}"),
            Self::Killed { by, core } => {
                write!(f, "was killed by {by}{}", if *core { " (core dumped)" } else { "" })
            }
        }
    }
}

/// All that decides the exit status, told once at the end of a run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Outcome {
    /// The main process's own end; None only if it was never seen, which is a fault.
    pub ending: Option<Ending>,
    /// `--timeout` ran out.
    pub timed_out: bool,
    /// The stop requests' signals as they were sent on.
    pub stops: SignalSet,
    /// Every signal that was sent on to the main process or its group.
    pub forwarded: SignalSet,
    /// Steps of `--escalate` that were taken.
    pub steps_climbed: u32,
    /// The main process was sent SIGKILL by `--escalate` or `--timeout`.
    pub killed_by_plan: bool,
    /// Even SIGKILL did not end everything in time.
    pub left_behind: bool,
}

/// `--remap-exit` and `--stop-ok`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ExitMap {
    /// Reported instead: from, to. The last one for a status wins.
    pub remaps: Vec<(u8, u8)>,
    /// 0 if a stop was requested and the main process ended of it.
    pub stop_ok: bool,
}

/// `--timeout`, as timeout(1) reports it.
const TIMED_OUT: u8 = 124;

impl ExitMap {
    /// The exit status of a run: `--timeout` beats `--stop-ok`, which beats `--remap-exit`. `failure` is for an
    /// end that was never seen.
    pub fn status(&self, outcome: &Outcome, failure: u8) -> u8 {
        let Some(ending) = outcome.ending else { return failure };
        if outcome.timed_out {
            return TIMED_OUT;
        }
        if self.stop_ok && ending.signal_meant().is_some_and(|s| outcome.stops.contains(s)) {
            return 0;
        }
        let own = ending.shell_status();
        self.remaps.iter().rev().find(|(from, _)| *from == own).map_or(own, |(_, to)| *to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(ending: Ending) -> Outcome {
        Outcome { ending: Some(ending), ..Outcome::default() }
    }

    #[test]
    fn every_status_and_signal_is_reported_as_a_shell_would() {
        let map = ExitMap::default();
        for status in 0..=255 {
            assert_eq!(map.status(&ended(Ending::Exited(status)), 125), status);
        }
        for by in Signal::all() {
            let status = map.status(&ended(Ending::Killed { by, core: false }), 125);
            assert_eq!(i32::from(status), 128 + by.number());
        }
    }

    #[test]
    fn an_ending_in_words() {
        let killed = |core| Ending::Killed { by: Signal::SEGV, core };
        assert_eq!(Ending::Exited(3).to_string(), "exited with status 3");
        assert_eq!(killed(false).to_string(), "was killed by SIGSEGV");
        assert_eq!(killed(true).to_string(), "was killed by SIGSEGV (core dumped)");
    }

    #[test]
    fn an_ending_that_was_never_seen_is_our_failure() {
        assert_eq!(ExitMap::default().status(&Outcome::default(), 125), 125);
    }

    #[test]
    fn timeout_beats_stop_ok_which_beats_remap() {
        let map = ExitMap { remaps: vec![(143, 7), (124, 8), (0, 9)], stop_ok: true };
        let killed = Ending::Killed { by: Signal::TERM, core: false };
        let mut outcome = ended(killed);
        assert_eq!(map.status(&outcome, 125), 7, "no stop was requested");
        outcome.stops = SignalSet::EMPTY.with(Signal::TERM);
        assert_eq!(map.status(&outcome, 125), 0);
        outcome.ending = Some(Ending::Exited(143));
        assert_eq!(map.status(&outcome, 125), 0, "128+15 is how a shell or a JVM says it");
        outcome.timed_out = true;
        assert_eq!(map.status(&outcome, 125), 124);
    }

    #[test]
    fn stop_ok_forgives_only_the_signal_that_was_sent() {
        let map = ExitMap { stop_ok: true, ..ExitMap::default() };
        let mut outcome = ended(Ending::Killed { by: Signal::KILL, core: false });
        outcome.stops = SignalSet::EMPTY.with(Signal::TERM);
        assert_eq!(map.status(&outcome, 125), 137);
        outcome.ending = Some(Ending::Exited(3));
        assert_eq!(map.status(&outcome, 125), 3);
    }

    #[test]
    fn the_last_remap_of_a_status_wins_and_remaps_do_not_chain() {
        let map = ExitMap { remaps: vec![(3, 4), (4, 5), (3, 6)], stop_ok: false };
        assert_eq!(map.status(&ended(Ending::Exited(3)), 125), 6);
        assert_eq!(map.status(&ended(Ending::Exited(4)), 125), 5);
    }
}

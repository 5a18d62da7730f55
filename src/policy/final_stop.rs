//! The end of a run: the main process has ended and something is left. It is told, given its time, and killed.

use std::time::Duration;

use super::Uptime;
use super::event::{Action, Actions, Target, Why};
use super::signal::Signal;

/// How long SIGKILL may take before what is left is left to the kernel (uninterruptible sleep).
const KILL_PATIENCE: Duration = Duration::from_secs(2);
/// How often SIGKILL is repeated in that time: without kill(-1) a scan of descendants can miss a fork.
const KILL_INTERVAL: Duration = Duration::from_millis(100);

/// Where the end stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum FinalStop {
    /// What is left has not been told yet.
    Tell,
    /// It has been told, and has until then.
    Grace { until: Uptime },
    /// It is being killed.
    Kill { again: Uptime, give_up: Uptime },
}

impl FinalStop {
    /// When the next step is due.
    pub(super) fn due(self) -> Uptime {
        match self {
            Self::Tell => Uptime::ZERO,
            Self::Grace { until } => until,
            Self::Kill { again, give_up } => again.min(give_up),
        }
    }

    /// A stop request: no more patience.
    pub(super) fn cut_short(&mut self, now: Uptime) {
        if !matches!(self, Self::Kill { .. }) {
            *self = Self::Grace { until: now };
        }
    }

    /// Takes the step that is due; false when there is none left and even SIGKILL has not helped. `group_told`:
    /// the main process's group has had its SIGTERM.
    pub(super) fn step(&mut self, now: Uptime, grace: Duration, group_told: bool, out: &mut Actions) -> bool {
        match *self {
            Self::Tell => {
                send(
                    Signal::TERM,
                    if group_told { Target::Untold } else { Target::Everyone },
                    Why::Final,
                    out,
                );
                send(Signal::CONT, Target::Everyone, Why::Final, out);
                *self = Self::Grace { until: now.saturating_add(grace) };
            }
            Self::Grace { until } if until <= now => {
                send(Signal::KILL, Target::Everyone, Why::Final, out);
                let give_up = now.saturating_add(KILL_PATIENCE);
                *self = Self::Kill { again: now.saturating_add(KILL_INTERVAL), give_up };
            }
            Self::Kill { give_up, .. } if give_up <= now => return false,
            Self::Kill { again, give_up } if again <= now => {
                send(Signal::KILL, Target::Everyone, Why::Repeated, out);
                *self = Self::Kill { again: now.saturating_add(KILL_INTERVAL), give_up };
            }
            Self::Grace { .. } | Self::Kill { .. } => {}
        }
        true
    }
}

fn send(signal: Signal, to: Target, why: Why, out: &mut Actions) {
    out.push(Action::Send { signal, to, why, payload: None });
}

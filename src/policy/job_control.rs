//! What a stopped main process means on a terminal.
//!
//! Under a job-control shell sexton stops as well, so that the shell notices and gives its prompt; the shell's
//! SIGCONT is then passed on. With no such shell above (PID 1, a session leader) a stopped program would hang
//! for ever, since nobody could continue it: it is given the terminal and SIGCONT (T6). See `credentials(7)`
//! and `termios(3)`.

use std::time::Duration;

use super::Uptime;
use super::event::{Action, Actions, Target, Why};
use super::signal::Signal;

/// A program that stops itself again and again is not answered more often than this.
const RESUME_INTERVAL: Duration = Duration::from_secs(1);

/// Who is above, and what has been done about a stop.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum JobControl {
    /// No terminal: a stop is nobody's business.
    Off,
    /// A terminal, and no shell above.
    Alone {
        /// When the main process was last continued.
        last: Option<Uptime>,
        /// When it is to be continued next.
        due: Option<Uptime>,
    },
    /// A terminal, and a shell above that can continue us.
    UnderShell {
        /// The main process was stopped by SIGSTOP: not to be continued by us.
        by_sigstop: bool,
    },
}

impl JobControl {
    /// Nobody above.
    pub const ALONE: Self = Self::Alone { last: None, due: None };
    /// A shell above.
    pub const UNDER_SHELL: Self = Self::UnderShell { by_sigstop: false };

    /// The main process was stopped by `by`.
    pub(super) fn stopped(&mut self, now: Uptime, by: Signal, reach: Target, out: &mut Actions) {
        match self {
            Self::Off => {}
            // Whoever stopped it now means it: not to be continued for the sake of an earlier stop either.
            Self::Alone { due, .. } if by == Signal::STOP => *due = None,
            Self::Alone { last, due } => {
                *due = Some(last.map_or(now, |last| now.max(last.saturating_add(RESUME_INTERVAL))));
                self.deadline(now, reach, out);
            }
            Self::UnderShell { by_sigstop } => {
                *by_sigstop = by == Signal::STOP;
                out.push(Action::Suspend);
            }
        }
    }

    /// The kernel refused to stop us: the group is orphaned, so there is no shell after all.
    pub(super) fn not_suspended(&mut self, now: Uptime, reach: Target, out: &mut Actions) {
        if let Self::UnderShell { by_sigstop } = *self {
            *self = Self::ALONE;
            if !by_sigstop {
                self.stopped(now, Signal::TSTP, reach, out);
            }
        }
    }

    /// SIGCONT is about to be passed on: `fg` also means the terminal.
    pub(super) fn continued(&self, out: &mut Actions) {
        if let Self::UnderShell { .. } = self {
            out.push(Action::HandTerminal);
        }
    }

    /// Continues the main process if that is due.
    pub(super) fn deadline(&mut self, now: Uptime, reach: Target, out: &mut Actions) {
        if let Self::Alone { last, due } = self
            && due.is_some_and(|at| at <= now)
        {
            *due = None;
            *last = Some(now);
            out.push(Action::HandTerminal);
            out.push(Action::Send { signal: Signal::CONT, to: reach, why: Why::Wake, payload: None });
        }
    }

    /// When the main process is to be continued.
    pub(super) fn resume_at(&self) -> Option<Uptime> {
        match self {
            Self::Alone { due, .. } => *due,
            Self::Off | Self::UnderShell { .. } => None,
        }
    }
}

//! What the supervisor hears and what it asks for.

use std::fmt;

use super::Uptime;
use super::signal::Signal;
use super::status::{Ending, Outcome};

/// A process id, as this process's pid namespace numbers it (`pid_namespaces(7)`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Pid(pub i32);

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a signal came from: si_code of `sigaction(2)`, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Origin {
    /// A process, by kill(2) or tgkill(2).
    Process,
    /// sigqueue(3), with this payload.
    Queued(u64),
    /// The kernel of its own accord: the terminal, a resource limit.
    Kernel,
    /// sexton itself: SIGPIPE of its own log, HUP and CONT of a terminal it gave away.
    Ourselves,
}

/// A signal as it was received.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Received {
    /// Which.
    pub signal: Signal,
    /// From where.
    pub origin: Origin,
    /// The sender's pid; 0 = outside our pid namespace, or the kernel.
    pub sender: Pid,
    /// The sender's real user id.
    pub uid: u32,
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Event {
    /// A signal arrived.
    Signal(Received),
    /// A child has ended and been reaped.
    Reaped {
        /// Which.
        pid: Pid,
        /// How.
        ending: Ending,
    },
    /// A child was stopped by a signal.
    Stopped {
        /// Which.
        pid: Pid,
        /// By what.
        by: Signal,
    },
    /// The kernel would not stop us: nobody above could continue us.
    NotSuspended,
    /// No child is left.
    Childless,
    /// The wake-up is over: whatever is due may be done now.
    Deadline,
}

/// Who gets a signal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Target {
    /// The main process alone.
    Main,
    /// The main process's group.
    Group,
    /// All that is left.
    Everyone,
    /// All that is left, less the members of the main process's group that were started before the last SIGTERM
    /// was sent to it: they have been told.
    Untold,
}

/// Why a signal is sent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Why {
    /// It was received.
    Forwarded,
    /// It was received earlier and held back by `--stop-delay`.
    Released,
    /// SIGCONT behind a stop signal: a stopped process could not obey it.
    Wake,
    /// A step of `--escalate`.
    Escalation,
    /// `--timeout` ran out.
    Timeout,
    /// The main process has ended; this is for whatever is left.
    Final,
    /// The same once more, for those that were missed.
    Repeated,
}

/// What to do, in this order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Action {
    /// Send a signal.
    Send {
        /// Which.
        signal: Signal,
        /// To whom.
        to: Target,
        /// Why.
        why: Why,
        /// The received signal that carries a payload on to the main process.
        payload: Option<Received>,
    },
    /// A SIGTERM is held back for this long.
    Hold {
        /// How long.
        delay: Uptime,
    },
    /// Give the terminal to the main process's group if it is ours to give.
    HandTerminal,
    /// Take the terminal back.
    TakeTerminal,
    /// Stop ourselves, so that the shell above notices.
    Suspend,
    /// Stop ourselves alone, because this signal was received.
    SuspendAlone {
        /// Which.
        after: Signal,
    },
    /// Leave.
    Exit(Outcome),
}

/// The most actions that one event can ask for.
const MOST: usize = 8;

/// A few actions, held inline: the running loop allocates nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Actions {
    items: [Option<Action>; MOST],
}

impl Actions {
    /// Adds one behind the others.
    pub(super) fn push(&mut self, action: Action) {
        let free = self.items.iter_mut().find(|slot| slot.is_none());
        debug_assert!(free.is_some(), "more than {MOST} actions for one event");
        if let Some(slot) = free {
            *slot = Some(action);
        }
    }

    /// In their order.
    pub fn iter(&self) -> impl Iterator<Item = Action> {
        self.items.iter().map_while(|item| *item)
    }
}

#[cfg(test)]
mod tests {
    use super::Pid;

    #[test]
    fn a_pid_is_shown_as_its_number() {
        assert_eq!(Pid(7).to_string(), "7");
    }
}

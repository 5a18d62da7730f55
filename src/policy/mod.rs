//! Floor 0: what to do, and never how.
//!
//! Everything here is a pure function of its arguments: no descriptor, no clock, no environment, no log.
//! Time comes in as [`Uptime`], effects go out as [`event::Action`]s, so every decision can be replayed in a
//! test. The run floor carries events up and actions down.

pub mod event;
pub mod job_control;
pub mod routing;
pub mod signal;
pub mod status;
pub mod supervisor;
pub mod tally;

use std::time::Duration;

use signal::Signal;

/// Time since sexton started, read from CLOCK_MONOTONIC once per wake-up (`clock_gettime(2)`).
pub type Uptime = Duration;

/// The sooner of two moments that may never come. Every wake-up asks, so no iterator.
pub fn sooner(one: Option<Uptime>, other: Option<Uptime>) -> Option<Uptime> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Who receives forwarded signals.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Reach {
    /// The main process's group.
    #[default]
    Group,
    /// The main process alone.
    Main,
}

/// What happens to whatever is left when the main process has ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Rest {
    /// It is told, given its grace, and killed.
    #[default]
    Stop,
    /// It is left alone.
    Leave,
    /// The main process's group is sent SIGTERM, and left alone.
    TellGroup,
}

/// One step of an escalation: wait, then send.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Step {
    /// Counted from the moment the step before was really taken.
    pub after: Duration,
    /// What is sent then.
    pub send: Signal,
}

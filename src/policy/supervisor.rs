//! The state machine: the main process runs, then what is left is told, given its grace, killed. It owns every
//! decision of a run and nothing else. docs/stopping.md has the table of all its transitions.
//!
//! Events come in with the time, actions go out. Two rules keep it right: only [`Event::Deadline`] climbs a
//! step, and at most one, so that after a thaw no two steps fire at once; and [`Event::Childless`] ends the run
//! in every phase, so that nothing can make it wait for ever.

mod leftovers;
mod running;

use std::time::Duration;

use super::event::{Action, Actions, Event, Pid, Target};
use super::job_control::JobControl;
use super::routing::Routing;
use super::signal::Signal;
use super::status::Outcome;
use super::tally::Tally;
use super::{Reach, Rest, Step, Uptime, sooner};

/// All that the supervisor knows before it starts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Rewrites and stop signals.
    pub routing: Routing,
    /// Who receives what is forwarded.
    pub reach: Reach,
    /// The main process leads a group of its own (otherwise it shares ours, which must never be signalled).
    pub own_group: bool,
    /// How long the first SIGTERM is held back.
    pub stop_delay: Duration,
    /// What follows a stop request.
    pub escalation: Vec<Step>,
    /// Time between TERM and KILL for what is left; zero = leave at once.
    pub grace: Duration,
    /// What happens to what is left.
    pub rest: Rest,
    /// Longest run of the main process.
    pub timeout: Option<Duration>,
    /// What a stopped main process means.
    pub job_control: JobControl,
}

/// Where a run stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Phase {
    /// The main process lives.
    Running,
    /// It has ended; what is left has not been told yet.
    Tell,
    /// What is left has been told, and has until then.
    Grace { until: Uptime },
    /// What is left is being killed, `repeated`: more than once.
    Kill { again: Uptime, give_up: Uptime, repeated: bool },
    /// The exit has been asked for.
    Done,
}

/// A SIGTERM that `--stop-delay` holds back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Held {
    send: Signal,
    until: Uptime,
}

/// Where the climb of the escalation stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Climb {
    next: usize,
    since: Uptime,
}

/// See the module's head.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Supervisor {
    policy: Policy,
    main: Pid,
    phase: Phase,
    held: Option<Held>,
    climb: Option<Climb>,
    timeout_at: Option<Uptime>,
    /// The group has been sent SIGTERM.
    group_told: bool,
    job_control: JobControl,
    /// We have stopped ourselves together with the main process: its stop is no news.
    stopped_together: bool,
    outcome: Outcome,
    tally: Tally,
}

impl Supervisor {
    /// Starts with a main process that runs since time zero.
    pub fn new(policy: Policy, main: Pid) -> Self {
        Self {
            main,
            phase: Phase::Running,
            held: None,
            climb: None,
            timeout_at: policy.timeout,
            group_told: false,
            job_control: policy.job_control,
            stopped_together: false,
            outcome: Outcome::default(),
            tally: Tally::default(),
            policy,
        }
    }

    /// Does it matter when `event` happens? Otherwise nobody needs to look at a clock for it.
    pub fn heeds_time(&self, event: &Event) -> bool {
        match event {
            Event::Reaped { .. } | Event::Childless => false,
            Event::Signal(received) => self.policy.routing.stop_signals.contains(received.signal),
            Event::Stopped { .. } | Event::NotSuspended | Event::Deadline => true,
        }
    }

    /// What to do about `event`, which was noticed at `now`.
    pub fn step(&mut self, now: Uptime, event: Event) -> Actions {
        let mut actions = Actions::default();
        self.step_into(now, event, &mut actions);
        actions
    }

    /// The same, in a place of the caller's: the list is long, and each signal would copy it.
    pub fn step_into(&mut self, now: Uptime, event: Event, out: &mut Actions) {
        match (self.phase, event) {
            (Phase::Done, _) => {}
            (_, Event::Childless) => self.exit(out),
            (Phase::Running, Event::Signal(received)) => self.route(now, received, out),
            (Phase::Running, Event::Reaped { pid, ending }) if pid == self.main => {
                self.main_ended(ending, out)
            }
            (Phase::Running, Event::Stopped { pid, by }) if pid == self.main => {
                if !std::mem::take(&mut self.stopped_together) {
                    self.job_control.stopped(now, by, self.reach(), out);
                }
            }
            (Phase::Running, Event::NotSuspended) => self.job_control.not_suspended(now, self.reach(), out),
            (Phase::Running, Event::Deadline) => self.run_deadline(now, out),
            (_, Event::Signal(received)) => self.cut_short(now, received),
            (_, Event::Deadline) => self.final_deadline(now, out),
            (_, Event::Reaped { ending, .. }) => self.count_orphan(ending),
            (_, Event::Stopped { .. } | Event::NotSuspended) => {}
        }
    }

    /// When the next [`Event::Deadline`] is wanted; None = not before something else happens.
    pub fn deadline(&self) -> Option<Uptime> {
        match self.phase {
            Phase::Running => {
                let held = self.held.map(|held| held.until);
                let ours = sooner(sooner(held, self.step_due()), self.timeout_at);
                sooner(ours, self.job_control.resume_at())
            }
            Phase::Tell => Some(Uptime::ZERO),
            Phase::Grace { until } => Some(until),
            Phase::Kill { again, give_up, .. } => Some(again.min(give_up)),
            Phase::Done => None,
        }
    }

    /// What is known of the outcome so far.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// What has been counted so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Does the main process still live, as far as we know?
    pub fn is_running(&self) -> bool {
        self.phase == Phase::Running
    }

    fn reach(&self) -> Target {
        match self.policy.reach {
            Reach::Group if self.policy.own_group => Target::Group,
            _ => Target::Main,
        }
    }

    fn exit(&mut self, out: &mut Actions) {
        self.phase = Phase::Done;
        out.push(Action::Exit(self.outcome));
    }
}

#[cfg(test)]
mod tests;

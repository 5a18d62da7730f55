//! The state machine: Running, then Final, then Done. It owns every decision of a run and nothing else.
//!
//! Events come in with the time, actions go out. Two rules keep it right: only [`Event::Deadline`] climbs a
//! step, and at most one, so that after a thaw no two steps fire at once; and [`Event::Childless`] ends the run
//! in every phase, so that nothing can make it wait for ever.

use std::time::Duration;

use super::Uptime;
use super::event::{Action, Actions, Event, Origin, Pid, Received, Target, Why};
use super::final_stop::FinalStop;
use super::job_control::JobControl;
use super::routing::{Route, Routing};
use super::signal::Signal;
use super::status::{Ending, Outcome};
use super::{Reach, Step};

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
    /// It has ended; what is left is dealt with.
    Final(FinalStop),
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
    outcome: Outcome,
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
            outcome: Outcome::default(),
            policy,
        }
    }

    /// What to do about `event`, which was noticed at `now`.
    pub fn step(&mut self, now: Uptime, event: Event) -> Actions {
        let mut actions = Actions::default();
        let out = &mut actions;
        match (self.phase, event) {
            (Phase::Done, _) => {}
            (_, Event::Childless) => self.exit(out),
            (Phase::Running, Event::Signal(received)) => self.route(now, received, out),
            (Phase::Running, Event::Reaped { pid, ending }) if pid == self.main => {
                self.main_ended(ending, out)
            }
            (Phase::Running, Event::Stopped { pid, by }) if pid == self.main => {
                self.job_control.stopped(now, by, self.reach(), out);
            }
            (Phase::Running, Event::NotSuspended) => self.job_control.not_suspended(now, self.reach(), out),
            (Phase::Running, Event::Deadline) => self.run_deadline(now, out),
            (Phase::Final(end), Event::Signal(received)) => self.cut_short(now, end, received),
            (Phase::Final(end), Event::Deadline) => self.final_deadline(now, end, out),
            (_, Event::Reaped { .. } | Event::Stopped { .. } | Event::NotSuspended) => {}
        }
        actions
    }

    /// When the next [`Event::Deadline`] is wanted; None = not before something else happens.
    pub fn deadline(&self) -> Option<Uptime> {
        match self.phase {
            Phase::Running => {
                let held = self.held.map(|held| held.until);
                let candidates = [held, self.step_due(), self.timeout_at, self.job_control.resume_at()];
                candidates.into_iter().flatten().min()
            }
            Phase::Final(end) => Some(end.due()),
            Phase::Done => None,
        }
    }

    /// What is known of the outcome so far.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
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

    fn route(&mut self, now: Uptime, received: Received, out: &mut Actions) {
        if received.origin == Origin::Ourselves || self.has_it_already(received) {
            return;
        }
        match self.policy.routing.route(received.signal) {
            Route::Drop => {}
            Route::Forward(signal) => {
                if signal == Signal::CONT {
                    self.job_control.continued(out);
                }
                let payload = matches!(received.origin, Origin::Queued(_)).then_some(received);
                let to = if payload.is_some() { Target::Main } else { self.reach() };
                self.send(signal, to, Why::Forwarded, payload, out);
            }
            Route::Stop(signal) => self.stop_request(now, received, signal, out),
        }
    }

    /// A terminal signals its whole foreground group: a main process that shares ours has been told.
    fn has_it_already(&self, received: Received) -> bool {
        !self.policy.own_group
            && received.origin == Origin::Kernel
            && matches!(received.signal, Signal::INT | Signal::QUIT | Signal::TSTP | Signal::WINCH)
    }

    fn stop_request(&mut self, now: Uptime, received: Received, signal: Signal, out: &mut Actions) {
        let first = self.held.is_none() && self.outcome.stops.is_empty();
        if first && received.signal == Signal::TERM && !self.policy.stop_delay.is_zero() {
            let delay = self.policy.stop_delay;
            self.held = Some(Held { send: signal, until: now.saturating_add(delay) });
            out.push(Action::Hold { delay });
            return;
        }
        self.release(now, out);
        let alone = self.reach() == Target::Main;
        let payload = (alone && matches!(received.origin, Origin::Queued(_))).then_some(received);
        self.send_stop(now, signal, Why::Forwarded, payload, out);
    }

    /// Sends the SIGTERM that is held back, if there is one.
    fn release(&mut self, now: Uptime, out: &mut Actions) {
        if let Some(held) = self.held.take() {
            self.send_stop(now, held.send, Why::Released, None, out);
        }
    }

    fn send_stop(
        &mut self,
        now: Uptime,
        signal: Signal,
        why: Why,
        payload: Option<Received>,
        out: &mut Actions,
    ) {
        self.outcome.stops = self.outcome.stops.with(signal);
        self.climb.get_or_insert(Climb { next: 0, since: now });
        self.send_and_wake(signal, why, payload, out);
    }

    fn send_and_wake(&mut self, signal: Signal, why: Why, payload: Option<Received>, out: &mut Actions) {
        self.send(signal, self.reach(), why, payload, out);
        // A stopped process could not obey, and nobody sees who below is stopped (T12).
        self.send(Signal::CONT, self.reach(), Why::Wake, None, out);
    }

    fn send(&mut self, signal: Signal, to: Target, why: Why, payload: Option<Received>, out: &mut Actions) {
        if why != Why::Wake {
            self.outcome.forwarded = self.outcome.forwarded.with(signal);
        }
        self.group_told |= signal == Signal::TERM && to == Target::Group;
        out.push(Action::Send { signal, to, why, payload });
    }

    /// One thing at most: after a long sleep each wait counts from the moment the step before was really taken.
    fn run_deadline(&mut self, now: Uptime, out: &mut Actions) {
        if self.held.is_some_and(|held| held.until <= now) {
            self.release(now, out);
        } else if self.timeout_at.is_some_and(|at| at <= now) {
            self.time_out(now, out);
        } else if self.step_due().is_some_and(|at| at <= now) {
            self.climb(now, out);
        } else {
            self.job_control.deadline(now, self.reach(), out);
        }
    }

    fn time_out(&mut self, now: Uptime, out: &mut Actions) {
        self.timeout_at = None;
        self.held = None;
        self.outcome.timed_out = true;
        if self.policy.escalation.is_empty() {
            // The stop request before it, if any, had no plan: the wait for the KILL begins here.
            self.policy.escalation = vec![Step { after: self.policy.grace, send: Signal::KILL }];
            self.climb = None;
        }
        self.climb.get_or_insert(Climb { next: 0, since: now });
        let signal = self.policy.routing.rewritten(Signal::TERM).unwrap_or(Signal::TERM);
        self.send_and_wake(signal, Why::Timeout, None, out);
    }

    fn step_due(&self) -> Option<Uptime> {
        let climb = self.climb?;
        let step = self.policy.escalation.get(climb.next)?;
        Some(climb.since.saturating_add(step.after))
    }

    fn climb(&mut self, now: Uptime, out: &mut Actions) {
        let Some(climb) = self.climb else { return };
        let Some(step) = self.policy.escalation.get(climb.next).copied() else { return };
        self.climb = Some(Climb { next: climb.next + 1, since: now });
        self.outcome.steps_climbed += 1;
        if step.send == Signal::KILL {
            self.outcome.killed_by_plan = true;
            let to = if self.policy.own_group { Target::Group } else { Target::Main };
            self.send(Signal::KILL, to, Why::Escalation, None, out);
        } else {
            self.send_and_wake(step.send, Why::Escalation, None, out);
        }
    }

    fn main_ended(&mut self, ending: Ending, out: &mut Actions) {
        self.outcome.ending = Some(ending);
        out.push(Action::TakeTerminal);
        self.phase = Phase::Final(FinalStop::Tell);
        if self.policy.grace.is_zero() {
            self.exit(out);
        }
    }

    /// A stop request now means: no more patience. Every other signal has nobody left to go to.
    fn cut_short(&mut self, now: Uptime, mut end: FinalStop, received: Received) {
        let stop = matches!(self.policy.routing.route(received.signal), Route::Stop(_));
        if stop && received.origin != Origin::Ourselves {
            end.cut_short(now);
            self.phase = Phase::Final(end);
        }
    }

    fn final_deadline(&mut self, now: Uptime, mut end: FinalStop, out: &mut Actions) {
        let more = end.step(now, self.policy.grace, self.group_told, out);
        self.phase = Phase::Final(end);
        if !more {
            self.outcome.left_behind = true;
            self.exit(out);
        }
    }

    fn exit(&mut self, out: &mut Actions) {
        self.phase = Phase::Done;
        out.push(Action::Exit(self.outcome));
    }
}

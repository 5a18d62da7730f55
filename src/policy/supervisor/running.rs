//! While the main process lives: forwarding, the delay, the escalation, the timeout.

use super::{Climb, Held, Supervisor};
use crate::policy::event::{Action, Actions, Origin, Received, Target, Why};
use crate::policy::job_control::JobControl;
use crate::policy::routing::Route;
use crate::policy::signal::Signal;
use crate::policy::{Step, Uptime};

impl Supervisor {
    pub(super) fn route(&mut self, now: Uptime, received: Received, out: &mut Actions) {
        if received.origin == Origin::Ourselves {
            return;
        }
        match self.policy.routing.route(received.signal) {
            Route::Drop => {}
            route if self.has_it_already(received) => self.note(now, received, route, out),
            Route::Forward(signal) => {
                if signal == Signal::CONT {
                    self.stopped_together = false;
                    self.job_control.continued(out);
                }
                let payload = matches!(received.origin, Origin::Queued(_)).then_some(received);
                let to = if payload.is_some() { Target::Main } else { self.reach() };
                self.send(signal, to, Why::Forwarded, payload, out);
            }
            Route::Stop(signal) => self.stop_request(now, received, signal, out),
        }
        if self.policy.routing.suspend_after.contains(received.signal) && !self.has_it_already(received) {
            self.stopped_together = matches!(self.job_control, JobControl::UnderShell { .. });
            out.push(Action::SuspendAlone { after: received.signal });
        }
    }

    /// A terminal signals its whole foreground group: a main process that shares ours has been told.
    fn has_it_already(&self, received: Received) -> bool {
        !self.policy.own_group
            && received.origin == Origin::Kernel
            && matches!(received.signal, Signal::INT | Signal::QUIT | Signal::TSTP | Signal::WINCH)
    }

    /// What the terminal has sent for us counts as sent: it was asked for, and a stop request starts the plan.
    #[inline(never)]
    fn note(&mut self, now: Uptime, received: Received, route: Route, out: &mut Actions) {
        let signal = received.signal;
        self.outcome.forwarded = self.outcome.forwarded.with(signal);
        if matches!(route, Route::Stop(_)) {
            self.tally.note_stop(received, now);
            self.release(now, out);
            self.stop_sent(now, signal);
        }
    }

    fn stop_request(&mut self, now: Uptime, received: Received, signal: Signal, out: &mut Actions) {
        self.tally.note_stop(received, now);
        let first = self.held.is_none() && self.outcome.stops.is_empty() && !self.outcome.timed_out;
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
        self.stop_sent(now, signal);
        self.send_and_wake(signal, why, payload, out);
    }

    fn stop_sent(&mut self, now: Uptime, signal: Signal) {
        self.outcome.stops = self.outcome.stops.with(signal);
        self.climb.get_or_insert(Climb { next: 0, since: now });
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
        if matches!(why, Why::Forwarded | Why::Released) {
            self.tally.note_forwarded(signal);
        }
        self.group_told |= signal == Signal::TERM && to == Target::Group;
        out.push(Action::Send { signal, to, why, payload });
    }

    /// One thing at most: after a long sleep each wait counts from the moment the step before was really taken.
    #[inline(never)]
    pub(super) fn run_deadline(&mut self, now: Uptime, out: &mut Actions) {
        if self.timeout_at.is_some_and(|at| at <= now) {
            self.time_out(now, out);
        } else if self.held.is_some_and(|held| held.until <= now) {
            self.release(now, out);
        } else if self.step_due().is_some_and(|at| at <= now) {
            self.climb(now, out);
        } else {
            self.job_control.deadline(now, self.reach(), out);
        }
    }

    /// Takes the place of a SIGTERM that is held back.
    fn time_out(&mut self, now: Uptime, out: &mut Actions) {
        self.timeout_at = None;
        self.held = None;
        self.outcome.timed_out = true;
        self.climb = match (self.climb, self.step_due()) {
            (climb, Some(due)) if due > now => climb,
            // Overdue after a thaw: this was the step before, so the wait counts from here.
            (Some(climb), Some(_)) => Some(Climb { since: now, ..climb }),
            // No plan, or one that is used up.
            _ => Some(Climb { next: 0, since: now }),
        };
        if self.policy.escalation.is_empty() {
            self.policy.escalation = vec![Step { after: self.policy.grace, send: Signal::KILL }];
        }
        let signal = self.policy.routing.rewritten(Signal::TERM).unwrap_or(Signal::TERM);
        self.send_and_wake(signal, Why::Timeout, None, out);
    }

    pub(super) fn step_due(&self) -> Option<Uptime> {
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
}

//! What the laws remember from one step to the next: a second account of time, kept by the test alone.

use std::time::Duration;

use super::super::laws::{Verdict, law};
use super::processes::{Life, MAIN_SLOT, Parent, Processes};
use crate::policy::event::{Action, Event, Target, Why};
use crate::policy::routing::Route;
use crate::policy::signal::Signal;
use crate::policy::supervisor::Policy;
use crate::policy::{Rest, Step};

const SECOND: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Watch {
    /// How long the main process has run, up to its timeout.
    age: Duration,
    timed_out: bool,
    /// The wait before KILL that stands for a plan after the timeout.
    kill_after: Duration,
    /// How long the held SIGTERM has yet to wait.
    held: Option<Duration>,
    /// The next step of the plan, and how long ago the one before was taken.
    plan: Option<(usize, Duration)>,
    /// How long ago the main process was last continued, up to a second.
    resumed: Option<Duration>,
    /// How long ago what is left was told, up to the grace.
    told: Option<Duration>,
    /// A stop request has cut the grace short.
    cut: bool,
    /// A deadline has had its effect at this very moment.
    fired: bool,
}

impl Watch {
    /// Time passes.
    pub(super) fn pass(&mut self, policy: &Policy, time: Duration) {
        if time.is_zero() {
            return;
        }
        self.fired = false;
        self.age = (self.age + time).min(policy.timeout.unwrap_or_default());
        self.held = self.held.map(|left| left.saturating_sub(time));
        self.resumed = self.resumed.map(|ago| (ago + time).min(SECOND));
        self.told = self.told.map(|ago| (ago + time).min(policy.grace));
        self.plan = self.plan.map(|(next, ago)| {
            let enough = self.step(policy, next).map_or(Duration::ZERO, |step| step.after);
            (next, (ago + time).min(enough))
        });
    }

    fn step(&self, policy: &Policy, next: usize) -> Option<Step> {
        let kill = Step { after: self.kill_after, send: Signal::KILL };
        let plan = if policy.escalation.is_empty() && self.timed_out { &[kill] } else { &*policy.escalation };
        plan.get(next).copied()
    }

    fn overdue(&self, policy: &Policy) -> bool {
        self.plan.is_some_and(|(next, ago)| self.step(policy, next).is_some_and(|step| step.after <= ago))
    }

    /// The main process has been reaped: no wait that was for it is of interest any more.
    pub(super) fn main_ended(&mut self) {
        *self = Self { fired: self.fired, ..Self::default() };
    }

    /// Judges one action, just before it is performed.
    pub(super) fn judge(
        &mut self,
        policy: &Policy,
        event: Event,
        action: Action,
        processes: &Processes,
        stop_unseen: bool,
    ) -> Verdict {
        let (signal, to, why) = match action {
            Action::Send { signal, to, why, .. } => (signal, to, why),
            Action::Hold { delay } => {
                self.held = Some(delay);
                return law(delay == policy.stop_delay, "a hold as long as it was asked for");
            }
            _ => return Ok(()),
        };
        match why {
            Why::Forwarded => self.forwarded(policy, event),
            Why::Released => self.released(event),
            Why::Timeout => self.timed_out(policy),
            Why::Escalation => self.escalated(policy, signal),
            Why::Wake if event == Event::Deadline && !self.fired => {
                law(self.resumed.is_none_or(|ago| ago >= SECOND), "continued more than once a second")?;
                self.resumed = Some(Duration::ZERO);
                let by_sigstop = processes.slots[MAIN_SLOT].life == Life::Stopped(Signal::STOP);
                law(!by_sigstop || stop_unseen, "a SIGSTOP is respected")
            }
            Why::Wake => {
                if !matches!(event, Event::Stopped { .. } | Event::NotSuspended) {
                    return Ok(());
                }
                let rested = self.resumed.replace(Duration::ZERO).is_none_or(|ago| ago >= SECOND);
                law(rested, "continued more than once a second")
            }
            Why::Final if signal == Signal::KILL => self.killed(policy, processes),
            Why::Final => self.told(policy, signal, to, processes),
            Why::Repeated => law(signal == Signal::KILL, "only SIGKILL is repeated"),
        }
    }

    fn forwarded(&mut self, policy: &Policy, event: Event) -> Verdict {
        if let Event::Signal(received) = event
            && let Route::Stop(_) = policy.routing.route(received.signal)
        {
            self.plan.get_or_insert((0, Duration::ZERO));
        }
        Ok(())
    }

    /// The terminal has told the program by itself; the plan begins all the same.
    pub(super) fn told_by_terminal(&mut self) {
        self.plan.get_or_insert((0, Duration::ZERO));
    }

    fn fire(&mut self, waited: bool) -> Verdict {
        law(!self.fired || !waited, "two things at one moment")?;
        self.fired = true;
        Ok(())
    }

    fn released(&mut self, event: Event) -> Verdict {
        if event == Event::Deadline {
            law(self.held == Some(Duration::ZERO), "released too early")?;
            self.fire(true)?;
        }
        law(self.held.take().is_some(), "released without having been held")?;
        self.plan.get_or_insert((0, Duration::ZERO));
        Ok(())
    }

    fn timed_out(&mut self, policy: &Policy) -> Verdict {
        law(!self.timed_out && Some(self.age) == policy.timeout, "timed out at its time, and once")?;
        self.fire(true)?;
        self.held = None;
        let overdue = self.overdue(policy);
        self.plan = match self.plan {
            Some((next, _)) if overdue => Some((next, Duration::ZERO)),
            Some((next, ago)) if self.step(policy, next).is_some() => Some((next, ago)),
            _ => Some((0, Duration::ZERO)),
        };
        (self.timed_out, self.kill_after) = (true, policy.grace);
        Ok(())
    }

    fn escalated(&mut self, policy: &Policy, signal: Signal) -> Verdict {
        let Some((next, ago)) = self.plan else { return Err("a step before any stop request".into()) };
        let Some(step) = self.step(policy, next) else { return Err("a step that is not in the plan".into()) };
        law(step.send == signal && step.after <= ago, "a step as it was planned, and not too early")?;
        self.fire(!step.after.is_zero())?;
        self.plan = Some((next + 1, Duration::ZERO));
        Ok(())
    }

    fn told(&mut self, policy: &Policy, signal: Signal, to: Target, processes: &Processes) -> Verdict {
        self.fired = true;
        self.told = Some(Duration::ZERO);
        if to == Target::Group {
            return law(
                policy.rest == Rest::TellGroup,
                "the group alone is told only where that was asked for",
            );
        }
        let twice = processes.living().any(|(_, process)| process.told);
        law(signal != Signal::TERM || to == Target::Untold || !twice, "somebody is told twice")?;
        law(signal != Signal::CONT || to == Target::Everyone, "everyone is woken")
    }

    fn killed(&mut self, policy: &Policy, processes: &Processes) -> Verdict {
        self.fire(!self.cut)?;
        if self.cut {
            return Ok(());
        }
        law(self.told == Some(policy.grace), "killed before the grace was over")?;
        let untold = processes.living().any(|(_, process)| !process.told_at_the_end && !process.told);
        law(!untold, "somebody is killed untold")
    }

    /// A stop request after the main process's end.
    pub(super) fn cut_short(&mut self) {
        self.cut = true;
    }

    /// After the last deadline of a moment nothing may be due, and nobody may be frozen for good.
    pub(super) fn at_rest(&self, policy: &Policy, processes: &Processes, ended: bool) -> Verdict {
        law(self.held != Some(Duration::ZERO), "a held SIGTERM is released in time")?;
        let late = policy.timeout.is_some_and(|timeout| self.age >= timeout) && !self.timed_out;
        law(ended || !late, "the timeout comes in time")?;
        law(ended || !self.overdue(policy), "a step comes in time")?;
        let frozen = |(_, p): (usize, &super::processes::Process)| {
            matches!(p.life, Life::Stopped(_)) && p.parent != Parent::Outside
        };
        law(!ended || self.told.is_none() || !processes.living().any(frozen), "whoever is told is awake")
    }
}

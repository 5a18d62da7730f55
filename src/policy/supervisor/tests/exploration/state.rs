//! One state of the whole: the supervisor, the processes, and what the laws remember. And what may happen next.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::super::laws::{self, Verdict, law};
use super::processes::{Life, MAIN_SLOT, Nature, Parent, Processes, SLOTS, pid};
use super::transitions::{self, Transition};
use super::watch::Watch;
use crate::policy::event::{Action, Event, Origin, Pid, Received, Target};
use crate::policy::job_control::JobControl;
use crate::policy::routing::Route;
use crate::policy::signal::Signal;
use crate::policy::status::Ending;
use crate::policy::supervisor::{Phase, Supervisor};

/// It is always now: after each move all times are counted from here again, so that states repeat.
pub(super) const NOW: Duration = Duration::from_secs(1 << 20);

/// A signal as it comes from outside.
pub(super) type Heard = (Signal, Origin);

/// One wake-up of the loop, in its order. `late`: a signal between the reaping and the deadline, which the loop
/// does not take there; the supervisor is to bear it all the same.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WakeUp {
    pub(super) signal: Option<Heard>,
    pub(super) children: bool,
    pub(super) late: Option<Heard>,
    /// The kernel will not stop us: nobody above could continue us.
    pub(super) orphaned: bool,
}

/// What may happen next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Move {
    Wakes(WakeUp),
    Passes(Duration),
    Ends(usize),
    Stops(Signal),
    Continues,
    Forks,
    /// A living parent waits for its child.
    Waits(usize),
    /// A fault: the main process is gone without its end being seen.
    Vanishes,
}

#[derive(Clone)]
pub(super) struct State {
    pub(super) supervisor: Supervisor,
    pub(super) processes: Processes,
    pub(super) watch: Watch,
    /// The main process's stop has not been waited for yet.
    pub(super) unseen_stop: bool,
    pub(super) vanished: bool,
    pub(super) over: bool,
}

impl State {
    pub(super) fn apply(mut self, next: Move, seen: &mut dyn FnMut(Transition)) -> Result<Self, String> {
        match next {
            Move::Wakes(wake_up) => self.wake(wake_up, seen)?,
            Move::Passes(time) => {
                self.processes.age();
                self.watch.pass(&self.supervisor.policy, time);
                rebase(&mut self.supervisor, NOW + time);
            }
            Move::Ends(slot) => self.processes.end(slot, Ending::Exited(3)),
            Move::Stops(by) => {
                self.processes.slots[MAIN_SLOT].life = Life::Stopped(by);
                self.unseen_stop = true;
            }
            Move::Continues => self.processes.slots[MAIN_SLOT].life = Life::Alive,
            Move::Forks => self.processes.fork(MAIN_SLOT),
            Move::Waits(slot) => self.processes.slots[slot].life = Life::Gone,
            Move::Vanishes => {
                self.processes.end(MAIN_SLOT, Ending::Exited(3));
                self.processes.slots[MAIN_SLOT].life = Life::Gone;
                self.vanished = true;
            }
        }
        // A stop that is over before it was waited for is never told.
        self.unseen_stop &= matches!(self.processes.slots[MAIN_SLOT].life, Life::Stopped(_));
        rebase(&mut self.supervisor, NOW);
        Ok(self)
    }

    fn wake(&mut self, wake_up: WakeUp, seen: &mut dyn FnMut(Transition)) -> Verdict {
        let orphaned = wake_up.orphaned;
        let mut step = |state: &mut Self, event| state.step(event, orphaned, seen);
        wake_up.signal.map_or(Ok(()), |heard| step(self, received(heard)))?;
        if wake_up.children {
            let main = self.processes.slots[MAIN_SLOT].life;
            if let (true, Life::Stopped(by)) = (std::mem::take(&mut self.unseen_stop), main) {
                step(self, Event::Stopped { pid: pid(MAIN_SLOT), by })?;
            }
            while let Some((slot, ending)) = { self.processes.zombies().next() } {
                self.processes.slots[slot].life = Life::Gone;
                step(self, Event::Reaped { pid: pid(slot), ending })?;
            }
            if self.processes.childless() {
                step(self, Event::Childless)?;
            }
        }
        wake_up.late.map_or(Ok(()), |heard| step(self, received(heard)))?;
        step(self, Event::Deadline)?;
        laws::settle(&self.supervisor, NOW)?;
        if self.supervisor.deadline().is_none_or(|at| at > NOW) && !self.over {
            let ended = !self.supervisor.is_running();
            self.watch.at_rest(&self.supervisor.policy, &self.processes, ended || self.vanished)?;
            self.never_frozen()?;
        }
        Ok(())
    }

    fn step(&mut self, event: Event, orphaned: bool, seen: &mut dyn FnMut(Transition)) -> Verdict {
        let before = self.supervisor.clone();
        let actions = self.supervisor.step(NOW, event);
        laws::step(&before, event, actions, &self.supervisor)?;
        seen(transitions::of(&before, event, actions, &self.supervisor));
        self.note(&before, event);
        for action in actions {
            self.watch.judge(&before.policy, event, action, &self.processes, self.unseen_stop)?;
            match action {
                Action::Send { signal, to, .. } => {
                    let reaped = self.processes.slots[MAIN_SLOT].life == Life::Gone && !self.vanished;
                    let of_main = matches!(to, Target::Main | Target::Group);
                    law(!reaped || !of_main, "a signal to a pid that was reaped")?;
                    self.processes.send(signal, to);
                }
                Action::Suspend if orphaned => self.step(Event::NotSuspended, orphaned, seen)?,
                Action::Exit(_) => self.exits()?,
                _ => {}
            }
        }
        let told = matches!(self.supervisor.phase, Phase::Grace { .. } | Phase::Kill { .. });
        self.processes.end_told |= told;
        Ok(())
    }

    fn note(&mut self, before: &Supervisor, event: Event) {
        match event {
            Event::Signal(Received { signal, origin, .. }) => {
                if let Route::Stop(_) = before.policy.routing.route(signal) {
                    if !before.is_running() {
                        self.watch.cut_short();
                    } else if origin == Origin::Kernel && !before.policy.own_group {
                        self.watch.told_by_terminal();
                    }
                }
            }
            Event::Reaped { pid, .. } if pid == before.main && before.is_running() => self.watch.main_ended(),
            _ => {}
        }
    }

    fn never_frozen(&self) -> Verdict {
        let stopped = match self.processes.slots[MAIN_SLOT].life {
            Life::Stopped(by) => by != Signal::STOP && !self.unseen_stop,
            _ => false,
        };
        let alone = matches!(self.supervisor.job_control, JobControl::Alone { .. });
        let soon = NOW + Duration::from_secs(1);
        let waits = self.supervisor.deadline().is_some_and(|at| at <= soon);
        law(!stopped || !alone || waits, "a stopped main process is continued within a second")
    }

    /// The laws of the exit.
    fn exits(&mut self) -> Verdict {
        let outcome = self.supervisor.outcome;
        law(!self.over, "the run ends once")?;
        self.over = true;
        law(self.vanished != outcome.ending.is_some(), "never before the main process")?;
        let ours = |(_, process): &(usize, &super::processes::Process)| process.parent != Parent::Outside;
        let left: Vec<_> = self.processes.living().filter(ours).collect();
        let unkillable = left.iter().any(|(_, process)| process.nature == Nature::Unkillable);
        // Or it has died since the last look.
        let late = self.processes.zombies().next().is_some();
        law(!outcome.left_behind || unkillable || late, "only what cannot be killed is left behind")?;
        let told = outcome.left_behind || self.supervisor.policy.grace.is_zero() || left.is_empty();
        law(told, "nobody is left untold and alive")
    }

    /// Equal fingerprints stand for equal states.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        hash(&self.supervisor, &mut hasher);
        (&self.processes, &self.watch, self.unseen_stop, self.vanished, self.over).hash(&mut hasher);
        hasher.finish()
    }

    /// The same of the supervisor alone.
    pub(super) fn supervisor_fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        hash(&self.supervisor, &mut hasher);
        hasher.finish()
    }

    /// The main process can still do something.
    pub(super) fn main_alive(&self) -> bool {
        self.processes.slots[MAIN_SLOT].life == Life::Alive
    }

    pub(super) fn has_news(&self) -> bool {
        self.unseen_stop || self.processes.zombies().next().is_some() || self.processes.childless()
    }

    pub(super) fn held_zombies(&self) -> impl Iterator<Item = usize> {
        (0..SLOTS).filter(|slot| {
            let process = &self.processes.slots[*slot];
            matches!((process.life, process.parent), (Life::Zombie(_), Parent::Slot(_)))
        })
    }
}

pub(super) fn received((signal, origin): Heard) -> Event {
    super::super::received(signal, origin)
}

/// Counts all times anew from a moment that is called NOW, and forgets what no decision depends on.
fn rebase(supervisor: &mut Supervisor, now: Duration) {
    let ahead = |at: Duration| NOW + at.saturating_sub(now);
    if let Some(held) = &mut supervisor.held {
        held.until = ahead(held.until);
    }
    supervisor.timeout_at = supervisor.timeout_at.map(ahead);
    let waits = supervisor.step_due().map(|at| at.saturating_sub(now));
    if let Some(climb) = &mut supervisor.climb {
        let after = supervisor.policy.escalation.get(climb.next).map(|step| step.after);
        climb.since = NOW - after.unwrap_or_default().saturating_sub(waits.unwrap_or_default());
    }
    if let JobControl::Alone { last, due } = &mut supervisor.job_control {
        *due = due.map(ahead);
        let ago = last.map(|at| now.saturating_sub(at)).filter(|ago| *ago < Duration::from_secs(1));
        *last = ago.map(|ago| NOW - ago);
    }
    supervisor.phase = match supervisor.phase {
        Phase::Grace { until } => Phase::Grace { until: ahead(until) },
        Phase::Kill { again, give_up, repeated } => {
            Phase::Kill { again: ahead(again), give_up: ahead(give_up), repeated }
        }
        phase => phase,
    };
    if !supervisor.is_running() {
        (supervisor.held, supervisor.climb, supervisor.timeout_at) = (None, None, None);
        supervisor.job_control = JobControl::Off;
    }
    // The laws compare these before and after each step.
    let outcome = &mut supervisor.outcome;
    outcome.forwarded = crate::policy::signal::SignalSet::EMPTY;
    outcome.steps_climbed = 0;
    outcome.killed_by_plan = false;
    if !outcome.stops.is_empty() {
        outcome.stops = crate::policy::signal::SignalSet::EMPTY.with(Signal::TERM);
    }
}

/// All but what never changes in a run.
fn hash(supervisor: &Supervisor, hasher: &mut DefaultHasher) {
    let Supervisor {
        policy,
        main: Pid(_),
        phase,
        held,
        climb,
        timeout_at,
        group_told,
        job_control,
        stopped_together,
        outcome,
    } = supervisor;
    policy.escalation.len().hash(hasher);
    (phase, held, climb, timeout_at, group_told, job_control, stopped_together, outcome).hash(hasher);
}

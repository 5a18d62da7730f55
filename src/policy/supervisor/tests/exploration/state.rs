//! One state of the whole: the supervisor, the processes, and what the laws remember. And what may happen next.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::super::laws::{Verdict, law};
use super::known::{Heard, Known, NOW, received};
use super::processes::{Life, MAIN_SLOT, Nature, Parent, Processes, SLOTS, pid};
use super::shapes::TERMINALS;
use super::watch::Watch;
use crate::policy::Rest;
use crate::policy::event::{Action, Event, Origin, Received, Target, Why};
use crate::policy::job_control::JobControl;
use crate::policy::routing::Route;
use crate::policy::signal::Signal;
use crate::policy::status::Ending;
use crate::policy::supervisor::Phase;

/// One wake-up of the loop, in its order. `late`: a signal between the reaping and the deadline, which the loop
/// does not take there; the supervisor is to bear it all the same.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WakeUp {
    pub(super) signal: Option<Heard>,
    pub(super) children: bool,
    pub(super) late: Option<Heard>,
    /// The kernel will not stop us: nobody above could continue us.
    pub(super) orphaned: bool,
    /// What the terminal is like turns out now.
    pub(super) terminal: Option<usize>,
    /// What is to become of the rest, which is of interest when the main process's end is seen.
    pub(super) rest: usize,
}

/// What may happen next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Move {
    Wakes(WakeUp),
    Passes(Duration),
    Ends(usize),
    /// Under which terminal, if that was of no interest before.
    Stops(Signal, Option<usize>),
    Continues,
    Forks,
    /// A living parent waits for its child.
    Waits(usize),
    /// A fault: the main process is gone without its end being seen.
    Vanishes,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct State {
    /// Its number among those that are known.
    pub(super) supervisor: usize,
    pub(super) processes: Processes,
    pub(super) watch: Watch,
    /// The main process's stop has not been waited for yet.
    pub(super) unseen_stop: bool,
    /// What the terminal is like is settled.
    pub(super) terminal: bool,
    pub(super) vanished: bool,
    pub(super) over: bool,
}

impl State {
    pub(super) fn apply(mut self, next: Move, known: &mut Known) -> Result<Self, String> {
        match next {
            Move::Wakes(wake_up) => self.wake(wake_up, known)?,
            Move::Passes(time) => {
                self.processes.age();
                self.watch.pass(&known.get(self.supervisor).policy, time);
                self.supervisor = known.later(self.supervisor, time)?;
            }
            Move::Ends(slot) => self.processes.end(slot, Ending::Exited(3)),
            Move::Stops(by, terminal) => {
                self.choose_terminal(terminal, known)?;
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
        Ok(self)
    }

    fn choose_terminal(&mut self, number: Option<usize>, known: &mut Known) -> Verdict {
        if let Some(number) = number {
            let mut supervisor = known.get(self.supervisor).clone();
            (supervisor.job_control, supervisor.policy.routing.suspend_after) = TERMINALS[number];
            self.supervisor = known.number(&supervisor, NOW)?;
            self.terminal = true;
        }
        Ok(())
    }

    fn wake(&mut self, wake_up: WakeUp, known: &mut Known) -> Verdict {
        self.choose_terminal(wake_up.terminal, known)?;
        let mut step = |state: &mut Self, event| state.step(event, wake_up, known);
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
        known.settle(self.supervisor)?;
        let supervisor = known.get(self.supervisor);
        if !known.is_due(self.supervisor) && !self.over {
            let ended = !supervisor.is_running();
            self.watch.at_rest(&supervisor.policy, &self.processes, ended || self.vanished)?;
            self.never_frozen(known)?;
        }
        Ok(())
    }

    fn step(&mut self, event: Event, wake_up: WakeUp, known: &mut Known) -> Verdict {
        let before = self.supervisor;
        let (after, actions) = known.step(before, event, wake_up.rest)?;
        self.supervisor = after;
        self.note(known, before, event);
        for action in actions.iter().copied() {
            self.watch.judge(&known.get(before).policy, event, action, &self.processes, self.unseen_stop)?;
            match action {
                Action::Send { signal, to, why, .. } => {
                    let reaped = self.processes.slots[MAIN_SLOT].life == Life::Gone && !self.vanished;
                    // The group of a leader that is gone is whoever is still found in it.
                    let of_main = to == Target::Main || to == Target::Group && why != Why::Final;
                    law(!reaped || !of_main, "a signal to a pid that was reaped")?;
                    self.processes.send(signal, to);
                }
                Action::Suspend if wake_up.orphaned => self.step(Event::NotSuspended, wake_up, known)?,
                Action::Exit(_) => self.exits(known)?,
                _ => {}
            }
        }
        let told = matches!(known.get(after).phase, Phase::Grace { .. } | Phase::Kill { .. });
        self.processes.end_told |= told;
        Ok(())
    }

    fn note(&mut self, known: &Known, before: usize, event: Event) {
        let before = known.get(before);
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

    fn never_frozen(&self, known: &Known) -> Verdict {
        let supervisor = known.get(self.supervisor);
        let stopped = match self.processes.slots[MAIN_SLOT].life {
            Life::Stopped(by) => by != Signal::STOP && !self.unseen_stop,
            _ => false,
        };
        let alone = matches!(supervisor.job_control, JobControl::Alone { .. });
        let soon = NOW + Duration::from_secs(1);
        let waits = supervisor.deadline().is_some_and(|at| at <= soon);
        law(!stopped || !alone || waits, "a stopped main process is continued within a second")
    }

    /// The laws of the exit.
    fn exits(&mut self, known: &Known) -> Verdict {
        let supervisor = known.get(self.supervisor);
        let (outcome, policy) = (supervisor.outcome, &supervisor.policy);
        law(!self.over, "the run ends once")?;
        self.over = true;
        law(self.vanished != outcome.ending.is_some(), "never before the main process")?;
        let ours = |(_, process): &(usize, &super::processes::Process)| process.parent != Parent::Outside;
        let left: Vec<_> = self.processes.living().filter(ours).collect();
        let unkillable = left.iter().any(|(_, process)| process.nature == Nature::Unkillable);
        // Or it has died since the last look.
        let late = self.processes.zombies().next().is_some();
        law(!outcome.left_behind || unkillable || late, "only what cannot be killed is left behind")?;
        let leaves = policy.grace.is_zero() || policy.rest != Rest::Stop;
        let told = outcome.left_behind || leaves || left.is_empty();
        law(told, "nobody is left untold and alive")
    }

    /// Equal fingerprints stand for equal states.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
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

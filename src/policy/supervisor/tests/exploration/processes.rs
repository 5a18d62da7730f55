//! A simulated process tree: parents, groups, stops, zombies, and what a signal does to each of them.

use crate::policy::event::{Pid, Target};
use crate::policy::signal::Signal;
use crate::policy::status::Ending;

/// Where a process stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Life {
    Unborn,
    Alive,
    /// By SIGSTOP or a terminal's stop signal.
    Stopped(Signal),
    Zombie(Ending),
    /// Reaped: the pid is free.
    Gone,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Parent {
    /// sexton itself: its own child, or an orphan that came to it.
    Us,
    /// Another process of the tree.
    Slot(usize),
    /// Nobody in this pid namespace: put in by an exec from outside.
    Outside,
}

/// What a process makes of signals.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Nature {
    /// SIGTERM ends it.
    Obeys,
    /// Only SIGKILL ends it.
    Ignores,
    /// It starts another process when it gets SIGTERM, and lives on.
    Forks,
    /// The first SIGKILL misses it: it was not there yet when the others were looked for.
    Slips,
    /// In an uninterruptible sleep for good.
    Unkillable,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Process {
    pub(super) life: Life,
    pub(super) parent: Parent,
    /// A member of the main process's group.
    pub(super) in_group: bool,
    pub(super) nature: Nature,
    /// SIGTERM came while it was stopped.
    term_waits: bool,
    /// Started in the present tick of the clock of start times.
    pub(super) fresh: bool,
    /// Started, in an earlier tick, before the last SIGTERM to the group, and a member of it.
    pub(super) told: bool,
    /// Was sent SIGTERM after the main process's end, or was born only after that.
    pub(super) told_at_the_end: bool,
}

impl Process {
    pub(super) const UNBORN: Self = Self {
        life: Life::Unborn,
        parent: Parent::Us,
        in_group: false,
        nature: Nature::Obeys,
        term_waits: false,
        fresh: false,
        told: false,
        told_at_the_end: false,
    };

    pub(super) const fn new(nature: Nature, parent: Parent, in_group: bool) -> Self {
        Self { life: Life::Alive, parent, in_group, nature, ..Self::UNBORN }
    }

    pub(super) const fn stopped(self, by: Signal) -> Self {
        Self { life: Life::Stopped(by), ..self }
    }

    pub(super) fn lives(&self) -> bool {
        matches!(self.life, Life::Alive | Life::Stopped(_))
    }
}

/// The main process, two others, and one that may be born.
pub(super) const SLOTS: usize = 4;
pub(super) const MAIN_SLOT: usize = 0;
const NEWCOMER: usize = SLOTS - 1;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Processes {
    pub(super) slots: [Process; SLOTS],
    /// Whatever was born later need not be told.
    pub(super) end_told: bool,
}

pub(super) fn pid(slot: usize) -> Pid {
    Pid(super::super::MAIN.0 + slot as i32)
}

impl Processes {
    pub(super) fn living(&self) -> impl Iterator<Item = (usize, &Process)> {
        self.slots.iter().enumerate().filter(|(_, process)| process.lives())
    }

    /// Our own children that wait to be reaped.
    pub(super) fn zombies(&self) -> impl Iterator<Item = (usize, Ending)> {
        self.slots.iter().enumerate().filter_map(|(slot, process)| match process.life {
            Life::Zombie(ending) if process.parent == Parent::Us => Some((slot, ending)),
            _ => None,
        })
    }

    pub(super) fn childless(&self) -> bool {
        let ours = |process: &&Process| process.parent == Parent::Us;
        !self.slots.iter().filter(ours).any(|p| p.lives() || matches!(p.life, Life::Zombie(_)))
    }

    pub(super) fn can_fork(&self) -> bool {
        self.slots[NEWCOMER].life == Life::Unborn
    }

    pub(super) fn fork(&mut self, parent: usize) {
        if self.can_fork() {
            let Process { in_group, nature, .. } = self.slots[parent];
            let nature = if nature == Nature::Forks { Nature::Ignores } else { nature };
            let newcomer = Process::new(nature, Parent::Slot(parent), in_group);
            let told_at_the_end = self.end_told;
            self.slots[NEWCOMER] = Process { fresh: true, told_at_the_end, ..newcomer };
        }
    }

    pub(super) fn end(&mut self, slot: usize, ending: Ending) {
        let outside = self.slots[slot].parent == Parent::Outside;
        self.slots[slot].life = if outside { Life::Gone } else { Life::Zombie(ending) };
        for orphan in self.slots.iter_mut().filter(|process| process.parent == Parent::Slot(slot)) {
            orphan.parent = Parent::Us;
        }
    }

    /// Time has passed: nobody was started in the present tick.
    pub(super) fn age(&mut self) {
        self.slots.iter_mut().for_each(|process| process.fresh = false);
    }

    /// kill(2), killpg(2), kill(-1) and a look at everybody who has not been told.
    pub(super) fn send(&mut self, signal: Signal, to: Target) {
        for slot in 0..SLOTS {
            let process = &mut self.slots[slot];
            let group_term = signal == Signal::TERM && to == Target::Group;
            let end_term = signal == Signal::TERM && matches!(to, Target::Everyone | Target::Untold);
            let reached = match to {
                Target::Main => slot == MAIN_SLOT,
                Target::Group => process.in_group,
                Target::Everyone => true,
                Target::Untold => !process.told,
            };
            if reached && process.lives() {
                process.told |= group_term && !process.fresh;
                process.told_at_the_end |= end_term;
                self.deliver(slot, signal);
            }
        }
    }

    fn deliver(&mut self, slot: usize, signal: Signal) {
        let process = &mut self.slots[slot];
        let killed = Ending::Killed { by: signal, core: false };
        match (signal, process.life, process.nature) {
            (Signal::KILL, _, Nature::Unkillable) => {}
            (Signal::KILL, _, Nature::Slips) => process.nature = Nature::Ignores,
            (Signal::KILL, ..) => self.end(slot, killed),
            (Signal::CONT, Life::Stopped(_), _) => {
                process.life = Life::Alive;
                if std::mem::take(&mut process.term_waits) {
                    self.deliver(slot, Signal::TERM);
                }
            }
            (Signal::TERM, Life::Stopped(_), Nature::Obeys | Nature::Forks) => process.term_waits = true,
            (Signal::TERM, Life::Alive, Nature::Obeys) => self.end(slot, killed),
            (Signal::TERM, Life::Alive, Nature::Forks) => {
                process.nature = Nature::Ignores;
                self.fork(slot);
            }
            // Whatever else may end a process is among the ends it may come to at any time.
            _ => {}
        }
    }
}

//! Zombies that a living parent holds: it does not wait for them, and no init can reap another's children.
//!
//! A look is one pass over all zombies and their ancestors. A program that reaps late has zombies at any moment, but never the same
//! ones for long; so a parent is named only when its oldest zombies were there at an earlier look already.

use std::fmt;
use std::time::Duration;

use crate::harmless::harmless;
use crate::policy::event::Pid;
use crate::proc::stat::{Comm, Stat, age};

/// Fewer are nobody's problem.
const MANY: usize = 20;

/// How long a parent may leave the same zombies unreaped and still be called merely late.
const PATIENCE: Duration = Duration::from_secs(2);

/// A parent that does not wait for its children.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The parent.
    pub parent: Pid,
    /// Its name.
    pub name: Comm,
    /// How many zombies it holds.
    pub zombies: usize,
    /// The zombie that was started first.
    pub oldest: Pid,
    /// That one's name.
    pub oldest_name: Comm,
    /// How long ago that one was started; when it died nobody knows.
    pub oldest_age: Duration,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { zombies, parent, name, .. } = self;
        write!(
            f,
            "{zombies} zombies are held by process {parent} ({}), which does not wait for them; \
             only process {parent} can reap them",
            harmless(name.as_bytes())
        )
    }
}

/// What is remembered from one look to the next: little, and only of parents that hold zombies.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Watcher {
    suspects: Vec<Suspect>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Suspect {
    parent: Pid,
    /// Its oldest zombies, at most [`MANY`].
    witnesses: Vec<Zombie>,
    /// Since when they have been there.
    since: Duration,
    /// How many zombies were spoken of last; 0 = not yet.
    said: usize,
}

/// A pid is used again, but not by a process of the same start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Zombie {
    parent: Pid,
    /// In ticks since boot.
    start: u64,
    pid: Pid,
}

/// Who was seen: enough to name parents and to walk up to them.
struct Person {
    pid: Pid,
    parent: Pid,
    name: Comm,
}

impl Watcher {
    /// One look at `stats`, zombies and their ancestors at least, at `now` (CLOCK_BOOTTIME): tells what is to be said. As PID 1 it is about
    /// the whole namespace, otherwise about the descendants of `own`. Zombies of our own are not held: we reap them.
    pub fn look(
        &mut self,
        stats: impl IntoIterator<Item = Stat>,
        own: Pid,
        now: Duration,
        mut tell: impl FnMut(&Finding),
    ) {
        let (people, zombies) = census(stats, own);
        let mut before = std::mem::take(&mut self.suspects);
        for held in zombies.chunk_by(|a, b| a.parent == b.parent) {
            let Some(oldest) = held.first() else { continue };
            if !ours(&people, oldest.parent, own) {
                continue;
            }
            let known = before.iter().position(|suspect| suspect.parent == oldest.parent);
            let mut suspect = match known.map(|index| before.swap_remove(index)) {
                Some(known) if known.has_witnesses(held) => known,
                known => Suspect {
                    parent: oldest.parent,
                    witnesses: held.get(..MANY).unwrap_or(held).to_vec(),
                    since: now,
                    said: known.map_or(0, |known| known.said),
                },
            };
            if suspect.must_be_named(held.len(), now) {
                suspect.said = held.len();
                if let Some(finding) = finding(&people, oldest, held.len(), now) {
                    tell(&finding);
                }
            }
            self.suspects.push(suspect);
        }
    }
}

impl Suspect {
    /// Are all that it is suspected for still there?
    fn has_witnesses(&self, held: &[Zombie]) -> bool {
        self.witnesses.len() == MANY && self.witnesses.iter().all(|witness| held.contains(witness))
    }

    fn must_be_named(&self, zombies: usize, now: Duration) -> bool {
        self.witnesses.len() == MANY
            && now.saturating_sub(self.since) >= PATIENCE
            && zombies >= self.said.saturating_mul(2)
    }
}

/// Everyone seen by pid, and the zombies that a parent in this namespace holds: by parent, the oldest first.
fn census(stats: impl IntoIterator<Item = Stat>, own: Pid) -> (Vec<Person>, Vec<Zombie>) {
    let mut people: Vec<Person> = Vec::new();
    let mut zombies = Vec::new();
    for stat in stats {
        // /proc lists by pid, so that nearly everyone comes last. Who was listed and is an ancestor too comes twice.
        let Err(place) = people.binary_search_by_key(&stat.pid, |person| person.pid) else { continue };
        people.insert(place, Person { pid: stat.pid, parent: stat.ppid, name: stat.comm });
        if stat.is_zombie() && stat.ppid != own && stat.ppid.0 > 0 {
            zombies.push(Zombie { parent: stat.ppid, start: stat.start, pid: stat.pid });
        }
    }
    zombies.sort_unstable();
    (people, zombies)
}

fn person(people: &[Person], pid: Pid) -> Option<&Person> {
    people.get(people.binary_search_by_key(&pid, |person| person.pid).ok()?)
}

/// Is `parent` there, and one whose zombies are our business?
fn ours(people: &[Person], parent: Pid, own: Pid) -> bool {
    let mut next = person(people, parent);
    if own.0 == 1 {
        return next.is_some();
    }
    // The chain of parents was not read at one moment: it may run in a circle, so it is followed only so far.
    for _ in people {
        match next {
            Some(ancestor) if ancestor.parent == own => return true,
            Some(ancestor) => next = person(people, ancestor.parent),
            None => break,
        }
    }
    false
}

fn finding(people: &[Person], oldest: &Zombie, zombies: usize, now: Duration) -> Option<Finding> {
    Some(Finding {
        parent: oldest.parent,
        name: person(people, oldest.parent)?.name,
        zombies,
        oldest: oldest.pid,
        oldest_name: person(people, oldest.pid)?.name,
        oldest_age: age(oldest.start, now),
    })
}

#[cfg(test)]
#[path = "zombies_tests.rs"]
mod tests;

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
    /// One look at `stats`, zombies and their ancestors at least, at `now` (CLOCK_BOOTTIME): what is to be said. As PID 1 it is about the whole
    /// namespace, otherwise about the descendants of `own`. Zombies of our own are not held: we reap them.
    pub fn look(&mut self, stats: impl IntoIterator<Item = Stat>, own: Pid, now: Duration) -> Vec<Finding> {
        let (people, zombies) = census(stats, own);
        let by_parent = zombies
            .chunk_by(|a, b| a.parent == b.parent)
            .filter(|held| held.first().is_some_and(|zombie| ours(&people, zombie.parent, own)));

        let mut findings = Vec::new();
        let mut suspects = Vec::new();
        for held in by_parent {
            let mut suspect = self.suspect(held, now);
            if suspect.must_be_named(held.len(), now) {
                suspect.said = held.len();
                findings.extend(finding(&people, held, now));
            }
            suspects.push(suspect);
        }
        self.suspects = suspects;
        findings
    }

    /// What is known of the parent of `held`: the old suspect if its witnesses are still there, else a new start.
    fn suspect(&self, held: &[Zombie], now: Duration) -> Suspect {
        let parent = held.first().map_or(Pid(0), |zombie| zombie.parent);
        let known = self.suspects.iter().find(|suspect| suspect.parent == parent);
        let still = |witness: &Zombie| held.binary_search(witness).is_ok();
        match known {
            Some(known) if known.witnesses.len() == MANY && known.witnesses.iter().all(still) => {
                known.clone()
            }
            _ => Suspect {
                parent,
                witnesses: held.get(..MANY).unwrap_or(held).to_vec(),
                since: now,
                said: known.map_or(0, |known| known.said),
            },
        }
    }
}

impl Suspect {
    fn must_be_named(&self, zombies: usize, now: Duration) -> bool {
        self.witnesses.len() == MANY
            && now.saturating_sub(self.since) >= PATIENCE
            && zombies >= self.said.saturating_mul(2)
    }
}

/// Everyone seen by pid, and the zombies that a parent in this namespace holds: by parent, the oldest first.
fn census(stats: impl IntoIterator<Item = Stat>, own: Pid) -> (Vec<Person>, Vec<Zombie>) {
    let mut people = Vec::new();
    let mut zombies = Vec::new();
    for stat in stats {
        // Zombies come by ascending pid, so that only an ancestor's place may be in between.
        if let Err(place) = search(&people, stat.pid) {
            people.insert(place, Person { pid: stat.pid, parent: stat.ppid, name: stat.comm });
        }
        if stat.is_zombie() && stat.ppid != own && stat.ppid.0 > 0 {
            zombies.push(Zombie { parent: stat.ppid, start: stat.start, pid: stat.pid });
        }
    }
    zombies.sort_unstable();
    // Who is an ancestor at first and a zombie then is read twice.
    zombies.dedup();
    (people, zombies)
}

fn person(people: &[Person], pid: Pid) -> Option<&Person> {
    people.get(search(people, pid).ok()?)
}

fn search(people: &[Person], pid: Pid) -> Result<usize, usize> {
    people.binary_search_by_key(&pid, |person| person.pid)
}

/// Is `parent` there, and one whose zombies are our business?
fn ours(people: &[Person], parent: Pid, own: Pid) -> bool {
    // The chain of parents was not read at one moment: it may run in a circle, so it is followed only so far.
    let chain = std::iter::successors(person(people, parent), |child| person(people, child.parent));
    let mut chain = chain.take(people.len());
    if own.0 == 1 { chain.next().is_some() } else { chain.any(|ancestor| ancestor.parent == own) }
}

fn finding(people: &[Person], held: &[Zombie], now: Duration) -> Option<Finding> {
    let oldest = held.first()?;
    Some(Finding {
        parent: oldest.parent,
        name: person(people, oldest.parent)?.name,
        zombies: held.len(),
        oldest: oldest.pid,
        oldest_name: person(people, oldest.pid)?.name,
        oldest_age: age(oldest.start, now),
    })
}

#[cfg(test)]
#[path = "zombies_tests.rs"]
mod tests;

//! SIGKILL for all that is below us where kill(-1) would reach others too, against those who fork meanwhile.
//!
//! A look at /proc is no moment in time: whoever is started behind it is missed. So it is repeated until it finds
//! nobody new, alive or dead, and nobody is reaped between: a pid that was seen stays what it is. Two things
//! keep the looks ahead of a storm of forks:
//!
//! - A process group is killed at one moment, forks under way included. Its number is certain where a dead
//!   child of ours bears it: the dead change no group, and the number is not given away until we reap.
//! - Those whose parents have died come to us. One list of the kernel's names them all, however many others
//!   the machine has, and no pid of it can be anybody else's: they are killed within microseconds.

use std::time::Duration;

use nix::errno::Errno;

use super::{Sender, kill, lives};
use crate::policy::event::Pid;
use crate::policy::signal::Signal;
use crate::proc::children;
use crate::proc::table::Table;
use crate::sys::clock::Clock;

/// Looks at all of /proc that are taken however long they take: the first finds every line of descent, alive or
/// dead, with the second all have died whose pids were found, which makes the groups certain.
const LEAST_SCANS: usize = 3;
/// And at most: whoever forks faster than this many is met again at the next SIGKILL.
const MOST_SCANS: usize = 64;
/// Looks at our own children alone before each of them.
const MOST_LOOKS: usize = 8;
/// At most as long, but for the least: those who have ended meanwhile fill the process table until somebody reaps them.
const SCAN_TIME: Duration = Duration::from_millis(50);

/// Processes or groups, ascending: a pid with its start time, or with 0 where the pid alone is enough. A BTreeSet would do
/// the same with ten times the code; most come in this order anyway.
#[derive(Default)]
struct Known(Vec<(Pid, u64)>);

impl Known {
    /// True the first time.
    fn insert(&mut self, pid: Pid, start: u64) -> bool {
        let place = self.0.binary_search(&(pid, start));
        if let Err(place) = place {
            self.0.insert(place, (pid, start));
        }
        place.is_err()
    }

    fn of(pids: &mut dyn Iterator<Item = Pid>) -> Self {
        let mut known = Self(pids.map(|pid| (pid, 0)).collect());
        known.0.sort_unstable();
        known.0.dedup();
        known
    }

    fn has(&self, pid: Pid) -> bool {
        self.0.binary_search(&(pid, 0)).is_ok()
    }
}

impl Sender {
    #[cold]
    #[inline(never)]
    pub(super) fn kill_descendants(&mut self) -> Result<(), Errno> {
        let clock = Clock::start();
        let mut met = Known::default();
        let mut children = Known::default();
        for scan in 1..=MOST_SCANS {
            let _ = (0..MOST_LOOKS).all(|_| kill_new_children(&mut children));
            let table = self.table().ok_or(Errno::ENOENT)?;
            let mut is_over = true;
            for stat in table.descendants_of(self.own) {
                if met.insert(stat.pid, stat.start) {
                    is_over = false;
                    if lives(stat) {
                        let _ = self.send_to_descendant(stat, Signal::KILL);
                    }
                }
            }
            for (group, _) in certain_groups(&table, self.own).0 {
                let _ = kill(-group.0, Signal::KILL);
            }
            let late = scan >= LEAST_SCANS && clock.elapsed() > SCAN_TIME;
            if is_over || late {
                break;
            }
        }
        Ok(())
    }
}

/// Kills those of our children that are not in `known` yet; false: there was none.
fn kill_new_children(known: &mut Known) -> bool {
    let mut found = false;
    for pid in children::of_self() {
        if known.insert(pid, 0) {
            found = true;
            let _ = kill(pid.0, Signal::KILL);
        }
    }
    found
}

/// The groups that dead children of ours belong to, and nobody who is not below us.
fn certain_groups(table: &Table, own: Pid) -> Known {
    let below = Known::of(&mut table.descendants_of(own).iter().map(|stat| stat.pid));
    let others = table.stats().iter().filter(|stat| !below.has(stat.pid));
    // Our own is among them, and where other pid namespaces take part the numbers 0 and 1 mean more than a group.
    let foreign = Known::of(&mut others.map(|stat| stat.pgrp));
    let dead = table.children(own).filter(|stat| stat.state == b'Z');
    Known::of(&mut dead.map(|stat| stat.pgrp).filter(|group| group.0 > 1 && !foreign.has(*group)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::stat::Stat;

    /// pid, parent, group, state.
    fn table(processes: &[(i32, i32, i32, char)]) -> Table {
        let line = |(pid, parent, group, state): &(i32, i32, i32, char)| {
            let line = format!("{pid} (x) {state} {parent} {group} {group} 0 -1{}", " 0".repeat(44));
            Stat::parse(line.as_bytes()).unwrap_or_else(|| panic!("no stat line: {line}"))
        };
        processes.iter().map(line).collect()
    }

    fn groups(processes: &[(i32, i32, i32, char)]) -> Vec<i32> {
        certain_groups(&table(processes), Pid(50)).0.into_iter().map(|(group, _)| group.0).collect()
    }

    #[test]
    fn a_dead_child_names_its_group() {
        assert_eq!(groups(&[(50, 1, 50, 'S'), (60, 50, 60, 'Z'), (61, 60, 60, 'S')]), [60]);
        assert_eq!(groups(&[(50, 1, 50, 'S'), (61, 50, 60, 'Z'), (70, 50, 70, 'Z')]), [60, 70]);
    }

    #[test]
    fn a_child_that_lives_or_is_somebody_else_s_names_none() {
        assert!(groups(&[(50, 1, 50, 'S'), (60, 50, 60, 'S'), (61, 60, 60, 'S')]).is_empty());
        assert!(groups(&[(50, 1, 50, 'S'), (60, 50, 61, 'S'), (61, 60, 62, 'Z')]).is_empty());
        assert!(groups(&[(50, 1, 50, 'S'), (60, 1, 60, 'Z')]).is_empty());
        assert!(groups(&[(50, 1, 50, 'S'), (60, 50, 60, 'X')]).is_empty());
    }

    #[test]
    fn a_group_with_a_stranger_is_not_touched() {
        assert!(groups(&[(50, 1, 50, 'S'), (61, 50, 60, 'Z'), (62, 1, 60, 'S')]).is_empty());
        assert!(groups(&[(50, 1, 40, 'S'), (61, 50, 40, 'Z')]).is_empty(), "our own");
    }

    #[test]
    fn the_numbers_0_and_1_are_no_groups() {
        assert!(groups(&[(50, 1, 50, 'S'), (60, 50, 0, 'Z'), (61, 50, 1, 'Z')]).is_empty());
    }
}

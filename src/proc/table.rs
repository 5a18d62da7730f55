//! A snapshot of all processes that the mounted /proc shows.
//!
//! It is taken process by process while they start, end and are adopted, so no two lines need be of the same
//! moment: parents may be missing, and a chain of parents may even run in a circle.

use std::iter;

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;

use super::number;
use super::stat::{Missing, Reader, Stat};
use crate::policy::event::Pid;

/// Reads those of whom `wanted` is true, and all their ancestors, one after the other and holding no more than one in
/// memory. An ancestor may come twice.
pub fn with_ancestors(wanted: impl FnMut(&Pid) -> bool) -> Result<impl Iterator<Item = Stat>, Errno> {
    let mut reader = Reader::default();
    let mut listed = listed()?.filter(wanted);
    let (mut ancestors, mut next) = (Vec::new(), 0);
    Ok(iter::from_fn(move || {
        loop {
            let pid = listed.next().or_else(|| {
                next += 1;
                ancestors.get(next - 1).copied()
            })?;
            if let Ok(stat) = reader.read(pid) {
                if stat.ppid.0 > 0 && !ancestors.contains(&stat.ppid) {
                    ancestors.push(stat.ppid);
                }
                return Some(stat);
            }
        }
    }))
}

fn listed() -> Result<impl Iterator<Item = Pid>, Errno> {
    // Not std's: that one panics when close(2) fails.
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    Ok(Dir::open(c"/proc", flags, Mode::empty())?
        .into_iter()
        // getdents(2) on a /proc that is unmounted meanwhile: what was read so far is what there is.
        .map_while(Result::ok)
        .filter_map(|entry| number(entry.file_name().to_bytes()).map(Pid)))
}

/// All processes at about one moment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Table {
    stats: Vec<Stat>,
    denied: usize,
}

impl FromIterator<Stat> for Table {
    fn from_iter<I: IntoIterator<Item = Stat>>(stats: I) -> Self {
        let mut stats: Vec<Stat> = stats.into_iter().collect();
        stats.sort_unstable_by_key(|stat| stat.pid);
        stats.dedup_by_key(|stat| stat.pid);
        Self { stats, denied: 0 }
    }
}

impl Table {
    /// Takes the snapshot; fails only if /proc itself cannot be listed.
    pub fn read() -> Result<Self, Errno> {
        let mut denied = 0;
        let mut reader = Reader::default();
        let seen = listed()?.filter_map(|pid| {
            let entry = reader.read(pid);
            denied += usize::from(entry == Err(Missing::Denied));
            entry.ok()
        });
        let table: Self = seen.collect();
        Ok(Self { denied, ..table })
    }

    /// How many processes were listed but may not be looked at.
    pub fn denied(&self) -> usize {
        self.denied
    }

    /// Everyone, by ascending pid.
    pub fn stats(&self) -> &[Stat] {
        &self.stats
    }

    /// The process with this pid.
    pub fn get(&self, pid: Pid) -> Option<&Stat> {
        self.stats.get(self.index(pid)?)
    }

    /// The children of `pid`, by ascending pid.
    pub fn children(&self, pid: Pid) -> impl Iterator<Item = &Stat> {
        self.stats.iter().filter(move |stat| stat.ppid == pid)
    }

    /// Everyone below `pid`, parents before their children; never `pid` itself.
    pub fn descendants_of(&self, pid: Pid) -> Vec<&Stat> {
        let mut by_parent: Vec<&Stat> = self.stats.iter().collect();
        by_parent.sort_unstable_by_key(|stat| (stat.ppid, stat.pid));
        let mut seen = vec![false; self.stats.len()];
        self.mark(&mut seen, pid);

        let mut found: Vec<&Stat> = Vec::new();
        let mut parent = pid;
        let mut next = 0;
        loop {
            let first = by_parent.partition_point(|stat| stat.ppid < parent);
            let children = by_parent.iter().skip(first).take_while(|stat| stat.ppid == parent);
            found.extend(children.filter(|stat| self.mark(&mut seen, stat.pid)));
            let Some(stat) = found.get(next) else { return found };
            parent = stat.pid;
            next += 1;
        }
    }

    fn index(&self, pid: Pid) -> Option<usize> {
        self.stats.binary_search_by_key(&pid, |stat| stat.pid).ok()
    }

    /// Notes that `pid` has been seen; true the first time.
    fn mark(&self, seen: &mut [bool], pid: Pid) -> bool {
        let slot = self.index(pid).and_then(|i| seen.get_mut(i));
        slot.is_some_and(|seen| !std::mem::replace(seen, true))
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;

//! Floor 3: `sexton --ps`, the process tree of this pid namespace.
//!
//! [`View::read`] gathers all facts at once; [`render()`] and [`json()`] are pure. A process that ends meanwhile is
//! shown as it was first seen, and what may not be seen is said.

mod json;
mod render;
mod tree;
mod units;
mod users;

use std::fmt::{self, Write};
use std::time::Duration;

use nix::errno::Errno;

pub use json::json;
pub use render::{RenderOptions, render};
use users::Users;

use crate::check::{Facts, Limits};
use crate::errno;
use crate::files::read_once;
use crate::policy::event::Pid;
use crate::proc::cgroup::{Cgroup, Memory, Pids};
use crate::proc::stat::{self, Comm, Stat};
use crate::proc::table::Table;
use crate::proc::{own, read_all};

/// What only the kernel's own calls tell; the caller asks them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Context {
    /// Our own pid.
    pub own: Pid,
    /// CLOCK_BOOTTIME.
    pub now: Duration,
    /// Bytes in a page of memory (`AT_PAGESZ`, `getauxval(3)`).
    pub page_size: u64,
}

/// What `--check` asks for, and no more.
pub fn facts(limits: &Limits) -> Facts {
    let cgroup = Cgroup::of_self();
    let pids = if limits.pids.is_some() { cgroup.pids() } else { Pids::default() };
    let mut facts = Facts {
        pids: pids.current,
        pids_max: pids.max,
        oom_kills: limits.oom.and_then(|_| cgroup.memory().oom_kills),
        ..Facts::default()
    };
    let count_threads = limits.pids.is_some() && pids.current.is_none();
    if limits.zombies.is_some() || count_threads {
        let table = Table::read().ok().filter(|table| !table.stats().is_empty());
        let stats = table.as_ref().map(Table::stats);
        facts.zombies = stats.map(|stats| stats.iter().filter(|stat| stat.is_zombie()).count() as u64);
        facts.pids = facts.pids.or_else(|| Some(stats?.iter().map(|stat| u64::from(stat.threads)).sum()));
    }
    facts
}

/// The longest part of a command line that is shown, in bytes.
const COMMAND: usize = 4096;

/// All that `--ps` shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct View {
    /// Everyone, parents before their children.
    processes: Vec<Process>,
    users: Users,
    pids: Pids,
    memory: Memory,
    unseen: Unseen,
}

/// One process.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Process {
    place: tree::Place,
    stat: Stat,
    /// Effective user id; None = it has ended meanwhile.
    uid: Option<u32>,
    /// The arguments with a NUL between two; empty for zombies and kernel threads.
    command: Vec<u8>,
    /// Resident memory in bytes.
    rss: u64,
    age: Duration,
    /// For a zombie, its parent.
    holder: Option<Comm>,
}

/// What could not be seen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Unseen {
    /// So many processes were listed, and may not be looked at.
    denied: usize,
    /// The `hidepid=` that /proc is mounted with.
    hidepid: Option<String>,
    /// /proc is that of another pid namespace.
    foreign: bool,
}

/// Why there is nothing to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unreadable {
    /// /proc cannot be listed.
    Refused(Errno),
    /// It shows no process.
    Empty,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(errno) => errno::Shown(*errno).fmt(f),
            Self::Empty => f.write_str("entity not found"),
        }
    }
}

impl View {
    /// Reads everything; fails only if /proc shows no process at all.
    pub fn read(context: Context) -> Result<Self, Unreadable> {
        let table = Table::read().map_err(Unreadable::Refused)?;
        if table.stats().is_empty() {
            return Err(Unreadable::Empty);
        }
        let mut buffer = vec![0; COMMAND];
        let mut path = String::new();
        let mut processes = Vec::new();
        for place in tree::order(table.stats()) {
            let Some(stat) = table.stats().get(place.index) else { continue };
            let command = command(stat, &mut path, &mut buffer);
            processes.push(Process {
                place,
                command,
                uid: stat::owner(stat.pid),
                holder: holder(&table, stat),
                rss: stat.rss.saturating_mul(context.page_size),
                age: stat.age(context.now),
                stat: *stat,
            });
        }
        let cgroup = Cgroup::of_self();
        Ok(Self {
            processes,
            users: Users::parse(&read_all(b"/etc/passwd").unwrap_or_default()),
            pids: cgroup.pids(),
            memory: cgroup.memory(),
            unseen: Unseen {
                denied: table.denied(),
                hidepid: own::hidepid(),
                foreign: !own::is_ours(context.own.0),
            },
        })
    }

    /// How many processes are in each of [`STATES`], and of how many threads all consist.
    fn totals(&self) -> ([u64; STATES.len()], u64) {
        let mut counts = [0; STATES.len()];
        let mut threads = 0;
        for process in &self.processes {
            for (count, (letter, _)) in counts.iter_mut().zip(STATES) {
                *count += u64::from(letter == process.letter());
            }
            threads += u64::from(process.stat.threads);
        }
        (counts, threads)
    }
}

/// The states of `proc_pid_stat(5)` by their letters, as /proc/PID/status spells them, the commonest first; and what
/// [`Process::letter`] has besides.
const STATES: [(u8, &str); 13] = [
    (b'R', "running"),
    (b'S', "sleeping"),
    (b'D', "disk sleep"),
    (b'T', "stopped"),
    (b't', "tracing stop"),
    (b'I', "idle"),
    (b'P', "parked"),
    (b'K', "wakekill"),
    (b'W', "waking"),
    (b'X', "dead"),
    (b'Z', "zombie"),
    (LEADER_ENDED, "leader ended"),
    (UNKNOWN, "unknown"),
];

const LEADER_ENDED: u8 = b'z';
const UNKNOWN: u8 = b'?';

impl Process {
    /// Which of [`STATES`] it is in.
    fn letter(&self) -> u8 {
        match self.stat.state {
            // Its leader has ended and its other threads have not: nobody can reap that one yet.
            b'Z' if !self.stat.is_zombie() => LEADER_ENDED,
            letter if STATES.iter().any(|(known, _)| *known == letter) => letter,
            _ => UNKNOWN,
        }
    }

    fn state(&self) -> &'static str {
        STATES.iter().find(|(letter, _)| *letter == self.letter()).map_or("", |(_, name)| name)
    }

    /// The arguments, each as it was given.
    fn arguments(&self) -> impl Iterator<Item = &[u8]> {
        self.command.split(|b| *b == 0).filter(|_| !self.command.is_empty())
    }
}

/// For a zombie, its parent.
fn holder(table: &Table, stat: &Stat) -> Option<Comm> {
    if stat.is_zombie() { table.get(stat.ppid).map(|parent| parent.comm) } else { None }
}

/// The command line (`proc_pid_cmdline(5)`).
fn command(stat: &Stat, path: &mut String, buffer: &mut [u8]) -> Vec<u8> {
    if stat.state == b'Z' {
        return Vec::new();
    }
    path.clear();
    let named = write!(path, "/proc/{}/cmdline", stat.pid);
    let bytes = named.ok().and_then(|()| read_once(path.as_bytes(), buffer).ok()).unwrap_or_default();
    without_padding(bytes).to_vec()
}

/// A title that was set over the arguments (setproctitle) leaves NULs or spaces behind it.
fn without_padding(command: &[u8]) -> &[u8] {
    let end = command.iter().rposition(|b| !matches!(b, 0 | b' ')).map_or(0, |last| last + 1);
    command.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod fixture;

#[cfg(test)]
mod tests {
    use super::fixture::{CONTEXT, stat, view};
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "starts a process")]
    fn this_test_sees_itself_and_a_zombie_of_its_own() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = Pid(i32::try_from(child.id()).unwrap());
        while !stat::read(pid).unwrap().is_zombie() {
            std::thread::sleep(Duration::from_millis(2));
        }
        let own = Pid(i32::try_from(std::process::id()).unwrap());
        let view = View::read(Context { own, ..CONTEXT }).unwrap();
        child.wait().unwrap();

        let find = |pid| view.processes.iter().find(|process| process.stat.pid == pid).unwrap();
        let me = find(own);
        let arguments: Vec<Vec<u8>> = me.arguments().map(<[u8]>::to_vec).collect();
        let given = std::env::args_os().map(std::os::unix::ffi::OsStringExt::into_vec);
        assert_eq!(arguments, given.collect::<Vec<_>>());
        assert!(me.uid.is_some() && me.rss > 0);
        assert!(!view.unseen.foreign);
        let zombie = find(pid);
        assert_eq!((zombie.state(), zombie.holder), ("zombie", Some(me.stat.comm)));
        assert_eq!(zombie.place.depth, me.place.depth + 1);
    }

    #[test]
    #[cfg_attr(miri, ignore = "opens a directory to look for numbers")]
    fn a_check_reads_only_what_it_needs() {
        let read = |limits: &str| facts(&limits.parse().unwrap());
        let oom = read("oom=5");
        assert_eq!((oom.zombies, oom.pids, oom.pids_max), (None, None, None));
        assert!(read("zombies=5").zombies.is_some());
        assert!(read("pids=5").pids.is_some_and(|pids| pids > 0));
    }

    #[test]
    fn titles_lose_their_padding() {
        for (command, shown) in [
            (&b"a\0b\0"[..], &b"a\0b"[..]),
            (b"title\0\0\0", b"title"),
            (b"nginx: x   \0", b"nginx: x"),
            (b"\0\0", b""),
        ] {
            assert_eq!(without_padding(command), shown);
        }
    }

    #[test]
    fn empty_arguments_are_arguments() {
        let view = view(&[(stat(1, 0, b"x"), b"x\0\0y"), (stat(2, 0, b"x"), b"")]);
        let arguments = |i: usize| view.processes[i].arguments().collect::<Vec<_>>();
        assert_eq!(arguments(0), [&b"x"[..], b"", b"y"]);
        assert!(arguments(1).is_empty());
    }
}

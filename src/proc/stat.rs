//! `/proc/PID/stat` (`proc_pid_stat(5)`): one line with most of what there is to know about a process.

use std::fmt;
use std::time::Duration;

use nix::errno::Errno;

use super::number;
use crate::files;
use crate::policy::event::Pid;

/// Clock ticks in a second, in which /proc counts time: USER_HZ, which is 100 in the userspace ABI of every
/// architecture sexton is built for (AT_CLKTCK of `getauxval(3)` says the same), whatever HZ the kernel runs at.
pub const TICKS_PER_SECOND: u64 = 100;

/// More than the longest line: 52 numbers of at most 20 digits and a name of at most 64 bytes.
const LONGEST: usize = 1280;

/// A process as its stat line describes it. Small and without pointers: a snapshot of 10,000 is one block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stat {
    /// Process id.
    pub pid: Pid,
    /// Parent; 0 = none in this pid namespace.
    pub ppid: Pid,
    /// Process group.
    pub pgrp: Pid,
    /// Session.
    pub session: Pid,
    /// Foreground process group of its terminal; -1 = none.
    pub tpgid: Pid,
    /// Controlling terminal's device number; 0 = none.
    pub tty_nr: i32,
    /// `R`, `S`, `D`, `Z`, `T`, …
    pub state: u8,
    /// The kernel's name for it.
    pub comm: Comm,
    /// Number of threads.
    pub threads: u32,
    /// CPU time in user mode, in ticks.
    pub utime: u64,
    /// CPU time in kernel mode, in ticks.
    pub stime: u64,
    /// When it was started, in ticks since boot (CLOCK_BOOTTIME, rounded down).
    pub start: u64,
    /// Address space in bytes.
    pub vsize: u64,
    /// Resident memory in pages.
    pub rss: u64,
}

impl Stat {
    /// Parses the contents of a stat file.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        // The name is whatever the process chose, `)` and newlines too, but behind it come only numbers.
        let open = bytes.iter().position(|b| *b == b'(')?;
        let close = bytes.iter().rposition(|b| *b == b')')?;
        let pid = number(bytes.get(..open)?.trim_ascii())?;
        let comm = Comm::new(bytes.get(open + 1..close)?);
        let mut fields = Fields(bytes.get(close + 1..)?);
        let state = match fields.word()? {
            [letter] => *letter,
            _ => return None,
        };
        // From the parent (the 4th of all fields) to the resident memory (the 24th).
        let mut numbers = [0; 21];
        for slot in &mut numbers {
            *slot = number::<i64>(fields.word()?)?;
        }
        let [ppid, pgrp, session, tty_nr, tpgid, _, _, _, _, _, utime, stime, ..] = numbers;
        let [.., threads, _, start, vsize, rss] = numbers;
        let pid_of = |number: i64| number.try_into().ok().map(Pid);
        Some(Self {
            pid: Pid(pid),
            state,
            comm,
            ppid: pid_of(ppid)?,
            pgrp: pid_of(pgrp)?,
            session: pid_of(session)?,
            tty_nr: tty_nr.try_into().ok()?,
            tpgid: pid_of(tpgid)?,
            utime: utime.try_into().ok()?,
            stime: stime.try_into().ok()?,
            threads: threads.try_into().ok()?,
            start: start.try_into().ok()?,
            vsize: vsize.try_into().ok()?,
            rss: rss.try_into().ok()?,
        })
    }

    /// Is it dead and not waited for? A dead thread group leader whose other threads live on shows `Z` as well, but
    /// nobody can reap that one yet.
    pub const fn is_zombie(&self) -> bool {
        self.state == b'Z' && self.threads <= 1
    }

    /// Was it certainly started before `moment` (CLOCK_BOOTTIME)? In the same tick nobody can tell, and the answer
    /// is no.
    pub const fn started_before(&self, moment: Duration) -> bool {
        self.start < ticks(moment)
    }

    /// How long ago it was started, as of `now` (CLOCK_BOOTTIME).
    pub const fn age(&self, now: Duration) -> Duration {
        age(self.start, now)
    }
}

/// How long ago a moment in ticks since boot was, as of `now` (CLOCK_BOOTTIME).
pub const fn age(start: u64, now: Duration) -> Duration {
    now.saturating_sub(Duration::from_millis(start.saturating_mul(1000 / TICKS_PER_SECOND)))
}

/// A time since boot as the kernel would round it for a stat file: down, to whole ticks.
pub const fn ticks(since_boot: Duration) -> u64 {
    since_boot.as_secs() * TICKS_PER_SECOND
        + since_boot.subsec_nanos() as u64 / (1_000_000_000 / TICKS_PER_SECOND)
}

/// Reads one process; None if there is no such process, or none that we may see.
pub fn read(pid: Pid) -> Option<Stat> {
    Reader::default().read(pid).ok()
}

/// The effective user id of a process: the owner of its directory in /proc. The files in there belong to root if the
/// process may not be dumped, the directory never does (the kernel keeps that for old ps programs).
pub fn owner(pid: Pid) -> Option<u32> {
    Some(files::stat(format!("/proc/{pid}").as_bytes()).ok()?.uid)
}

/// Why a process that was listed cannot be described.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Missing {
    /// It has ended meanwhile, which is ordinary.
    Gone,
    /// It is another user's and /proc is mounted with `hidepid=1`, or it cannot be read for another reason.
    Denied,
}

/// Reads many, with the same memory.
pub(super) struct Reader {
    path: String,
    buffer: [u8; LONGEST],
}

impl Default for Reader {
    fn default() -> Self {
        Self { path: String::new(), buffer: [0; LONGEST] }
    }
}

impl Reader {
    pub(super) fn read(&mut self, pid: Pid) -> Result<Stat, Missing> {
        use fmt::Write;
        self.path.clear();
        write!(self.path, "/proc/{pid}/stat").map_err(|_| Missing::Gone)?;
        match files::read_once(self.path.as_bytes(), &mut self.buffer) {
            Ok(line) => Stat::parse(line).ok_or(Missing::Gone),
            // ESRCH: it has ended since its file was opened.
            Err(Errno::ENOENT | Errno::ESRCH) => Err(Missing::Gone),
            Err(_) => Err(Missing::Denied),
        }
    }
}

/// A name as the kernel keeps it: up to 15 bytes of anything but NUL (TASK_COMM_LEN). Kernel threads, which may
/// have longer ones, are cut to that.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Comm {
    bytes: [u8; Self::LONGEST],
    length: u8,
}

impl Comm {
    /// Bytes in the longest name.
    pub const LONGEST: usize = 15;

    /// The first 15 bytes of `name`.
    pub fn new(name: &[u8]) -> Self {
        let mut bytes = [0; Self::LONGEST];
        let mut length = 0;
        for (to, from) in bytes.iter_mut().zip(name) {
            *to = *from;
            length += 1;
        }
        Self { bytes, length }
    }

    /// The name, as it is: bytes that the process chose.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

impl fmt::Debug for Comm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

/// The space-separated words that are left of a line.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn word(&mut self) -> Option<&'a [u8]> {
        let line = self.0.trim_ascii_start();
        let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
        let (word, rest) = line.split_at_checked(end)?;
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }
}

#[cfg(test)]
#[path = "stat_tests.rs"]
mod tests;

//! What may come of a fault: the same result, the same with something said, or a refusal. Nothing else.

use crate::calls::{by_number, errno_name};
use crate::harness::Ended;
use crate::notify::{Fault, MOST_CALLS, Role, Seen, When};
use std::collections::BTreeSet;

/// A run, in what can be compared.
#[derive(Clone, Debug)]
pub struct Result {
    pub code: Option<i32>,
    pub killed_by: Option<i32>,
    /// What the program said, without what differs from run to run.
    pub said: Vec<String>,
    /// What sexton said, without numbers.
    pub log: BTreeSet<String>,
    /// The file it was to write: its size, if it is there.
    pub file: Option<u64>,
    /// The test had to end the program, for sexton said it could not.
    pub was_killed: bool,
    /// Nothing is started; what is printed is an answer that differs from run to run.
    pub is_mode: bool,
    /// It did not end in time.
    pub hung: bool,
    pub seen: Seen,
}

/// Three seconds of CPU time: each run sleeps nearly all of its time, but not everyone's /proc is small.
const MOST_TICKS: u64 = 300;

/// What came of it, for the matrix.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// All as without the fault.
    Same,
    /// The program's status came out, and sexton said what it could not do.
    Said,
    /// Nothing was started, and sexton said why.
    Refused,
    /// Less was done, which is no more than a convenience, and is said at debug level if at all.
    Less,
}

impl Result {
    pub fn new(stdout: &str, ended: &Ended, log: &str) -> Self {
        Self {
            code: ended.code,
            killed_by: ended.killed_by,
            said: shape(stdout),
            log: log.lines().map(without_numbers).collect(),
            file: None,
            was_killed: false,
            is_mode: false,
            hung: false,
            seen: Seen::default(),
        }
    }

    pub fn brief(&self) -> String {
        let Self { code, said, log, file, .. } = self;
        let zombies = self.seen.at_exit.map(|(_, zombies)| zombies);
        let calls = if self.hung { format!(", trapped calls {:?}", self.seen.counts) } else { String::new() };
        format!(
            "exit status {code:?}, zombies {zombies:?}, file {file:?}, program {said:?}, log {log:?}{calls}"
        )
    }

    /// Compares with `base`, the same without a fault.
    pub fn judge(&self, base: &Self, fault: Fault) -> std::result::Result<Verdict, String> {
        let complains = self.log.difference(&base.log).any(|line| !line.is_empty());
        let made = self.seen.counts.get(&(fault.role, fault.number)).copied().unwrap_or(0);
        if self.hung {
            return Err("it hangs".to_owned());
        }
        if let Some(signal) = self.killed_by {
            return Err(format!("it is ended by signal {signal}"));
        }
        if made > MOST_CALLS {
            return Err(format!("it spins: {made} calls"));
        }
        let (ticks, zombies) = self.seen.at_exit.unwrap_or_default();
        if ticks > MOST_TICKS {
            return Err(format!("it has used {ticks} ticks of CPU time"));
        }
        let refusals: &[i32] = match () {
            () if self.is_mode => &[125, 1],
            // The kernel's answers to an execve, and what a look at the program says of it.
            () if fault.number == number(libc::SYS_execve) || fault.role == Role::Child => &[125, 126, 127],
            () if [Some(126), Some(127)].contains(&base.code) => &[125, 126, 127],
            () => &[125],
        };
        let is_refused = refusals.iter().any(|code| self.code == Some(*code));
        if self.said.is_empty() && is_refused && self.code != base.code && (complains || hits_the_log(fault))
        {
            return Ok(Verdict::Refused);
        }
        if zombies > base.seen.at_exit.unwrap_or_default().1 && !complains && !is_refused {
            return Err(format!("it leaves {zombies} zombies unreaped"));
        }
        let same = self.said == base.said && self.file.is_some() == base.file.is_some() && !self.was_killed;
        if self.code == base.code && same {
            return Ok(if complains { Verdict::Said } else { Verdict::Same });
        }
        let ended_as_it_must = self.code == base.code || self.was_killed && self.code == Some(137);
        if ended_as_it_must && (complains || hits_the_log(fault)) {
            return Ok(Verdict::Said);
        }
        // Where PID 1 cannot see who is left, everyone is told, also who was told before.
        let says_no_less = base.said.iter().all(|line| self.said.contains(line));
        if self.code == base.code
            && (is_convenience(fault) || says_no_less && self.said.len() > base.said.len())
        {
            return Ok(Verdict::Less);
        }
        Err("another result, and not a word".to_owned())
    }
}

fn number(call: libc::c_long) -> i32 {
    i32::try_from(call).expect("a number")
}

/// Lines that cannot be written are dropped; they may have been those that would tell.
fn hits_the_log(fault: Fault) -> bool {
    let calls = [
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_pwritev2,
        libc::SYS_sendto,
        libc::SYS_ppoll,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll,
    ];
    calls.into_iter().any(|call| number(call) == fault.number)
}

/// Without a subreaper orphans go to another process; the kernel's refusal is said at debug level. One of many that are
/// left, to whom one signal cannot be sent, is met again at the next.
fn is_convenience(fault: Fault) -> bool {
    let one_of_many = fault.number == number(libc::SYS_kill) && fault.when != When::Every;
    fault.role == Role::Sexton && (fault.number == number(libc::SYS_prctl) || one_of_many)
}

/// The program's lines, in an order of their own, up to what differs from run to run.
fn shape(stdout: &str) -> Vec<String> {
    let differs = [
        "env ",
        "arg ",
        "fd ",
        "pid ",
        "VmPeak",
        "Vm",
        "Rss",
        "Pid",
        "NSpid",
        "voluntary",
        "nonvoluntary",
        "{",
    ];
    let keep = [
        "Uid:",
        "Gid:",
        "Groups:",
        "Cap",
        "NoNewPrivs:",
        "Sig",
        "Shd",
        "Cpus_allowed:",
        "Max ",
        "umask",
        "nice",
    ];
    let is_table = stdout.contains("Uid:");
    let stays = |line: &&str| {
        let kept = !is_table || keep.iter().any(|start| line.starts_with(start));
        kept && !line.starts_with("SigQ") && !differs.iter().any(|start| line.starts_with(start))
    };
    let cut = |line: &str| {
        let end = [" code ", " (pid "].iter().filter_map(|part| line.find(part)).min().unwrap_or(line.len());
        line[..end].to_owned()
    };
    let mut lines: Vec<String> = stdout.lines().filter(stays).map(cut).collect();
    lines.sort_unstable();
    lines
}

fn without_numbers(line: &str) -> String {
    line.chars().filter(|c| !c.is_ascii_digit() && *c != '.').collect::<String>().replace("ms", "s")
}

/// `openat (child), ENOENT, 2nd time`
pub fn describe(fault: Fault) -> String {
    let name = by_number(fault.number).map_or("?", |row| row.name);
    let role = if fault.role == Role::Child { " (child)" } else { "" };
    let when = match fault.when {
        When::Nth(n) => format!("call {n}"),
        When::Every => "every call".to_owned(),
    };
    format!("{name}{role} {} at {when}", errno_name(fault.errno))
}

//! The wording of what a run says. Levels: debug for each step, info for what was asked for, warn for what
//! somebody will ask about.

use std::fmt::{self, Display};

use nix::errno::Errno;

use super::cues;
use crate::config::{Config, Cue, Leader};
use crate::errno;
use crate::harmless::harmless;
use crate::logging::{self, Level, Value};
use crate::policy::event::{Pid, Target, Why};
use crate::policy::signal::Signal;
use crate::policy::status::Ending;
use crate::proc::stat::Stat;
use crate::proc::wchan;
use crate::report::{Oom, duration};
use crate::sys::process;

/// So many processes are named in one line.
const MOST_NAMED: usize = 20;

/// An orphan that `--warn-orphans` asks for; `before` is what /proc said of it.
pub(super) fn orphan(config: &Config, pid: Pid, before: Option<&Stat>, ending: Ending) {
    if config.voice.lines(Cue::Orphan).next().is_some() {
        return cues::say(config, Cue::Orphan, &[('p', &pid)]);
    }
    match before {
        Some(stat) => {
            let age = duration(stat.age(process::boot_time()));
            let name = stat.comm.as_bytes();
            logging::warn!(
                pid = pid.0, name = Value::Bytes(name);
                "reaped orphan {}, {age} old, which {ending}", Named(stat)
            );
        }
        None => logging::warn!(pid = pid.0; "reaped orphan {pid}, which {ending}"),
    }
}

/// An orphan whose end raised the counter.
pub(super) fn out_of_memory(pid: Pid, before: Option<&Stat>, oom: Oom, kills: u64) {
    let named = before.map(Named);
    let who: &dyn Display = match &named {
        Some(named) => named,
        None => &pid,
    };
    let what = oom.sentence(kills);
    logging::warn!(
        pid = pid.0, oom_kills = kills;
        "process {who} was killed by SIGKILL: {what}; the main process lives on"
    );
}

/// Who is told, or killed.
pub(super) fn left(level: Level, why: Why, left: &[Stat], config: &Config) {
    if left.is_empty() {
        return;
    }
    let count = left.len();
    let list = List(left);
    let are = if count == 1 { "process is" } else { "processes are" };
    match (level, why) {
        (Level::Warn, Why::Final) => {
            let grace = duration(config.grace);
            logging::warn!(
                "{count} {are} still there {grace} after SIGTERM, or a second stop request came; killing {list}"
            );
        }
        (Level::Warn, _) => logging::warn!("killing the main process's group: {list}"),
        _ => logging::info!("{count} {are} left: {list}"),
    }
}

/// Who has survived even SIGKILL, and is given up.
pub(super) fn left_behind(left: &[Stat]) {
    let (count, list) = (left.len(), List(left));
    let (have, are) = if count == 1 { ("process has", "is") } else { ("processes have", "are") };
    if count == 0 {
        // Without /proc; or they fork too fast to be met; or all have ended in the last moment.
        logging::warn!("not everybody's end was seen after SIGKILL; whoever is left is left to the kernel");
    } else {
        logging::warn!("{count} {have} survived SIGKILL and {are} left to the kernel: {list}");
    }
}

/// Some processes, not all of them if there are many.
struct List<'a>(&'a [Stat]);

impl Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for stat in self.0.iter().take(MOST_NAMED) {
            write!(f, "{separator}{} in state {}", Named(stat), stat.state as char)?;
            // Where in the kernel it waits.
            if let Some(place) = wchan::read(stat.pid) {
                write!(f, ", waiting in {place}")?;
            }
            separator = ", ";
        }
        match self.0.len().saturating_sub(MOST_NAMED) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// A signal that could not be sent, said once.
pub(super) fn not_sent(signal: Signal, to: Target, main: Pid, errno: Errno) {
    let target = target(to, main);
    match errno {
        Errno::EPERM => {
            let user = crate::proc::stat::owner(main);
            let user = user.map_or_else(|| "another user".to_owned(), |uid| format!("user {uid}"));
            logging::warn!("cannot send {signal} to {target}: it runs as {user} and sexton lacks CAP_KILL");
        }
        Errno::ENOENT => logging::warn!(
            "whoever is left cannot be found, so nobody is told or killed: /proc is not mounted or not our own"
        ),
        errno => logging::warn!("cannot send {signal} to {target}: {}", errno::Shown(errno)),
    }
}

/// A target, in words.
pub(super) fn target(to: Target, main: Pid) -> impl Display {
    Aim(to, main)
}

struct Aim(Target, Pid);

impl Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let main = self.1;
        match self.0 {
            Target::Main => write!(f, "process {main}"),
            Target::Group => write!(f, "process group {main}"),
            Target::Everyone => f.write_str("all that is left"),
            Target::Untold => f.write_str("all that is left and has not been told"),
        }
    }
}

/// What the main process was to lead.
pub(super) fn leader(leader: Leader) -> &'static str {
    if leader == Leader::Session { "session" } else { "process group" }
}

/// `7 (java)`
struct Named<'a>(&'a Stat);

impl Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0.pid, harmless(self.0.comm.as_bytes()))
    }
}

//! The wording of what a run says. Levels: debug for each step, info for what was asked for, warn for what
//! somebody will ask about.

use nix::errno::Errno;

use super::cues;
use crate::config::{Config, Cue, Leader};
use crate::errno;
use crate::harmless::harmless;
use crate::logging;
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
            let name = harmless(stat.comm.as_bytes()).to_string();
            logging::warn!(pid = pid.0, name = name.as_str(); "reaped orphan {pid} ({name}), {age} old, which {ending}");
        }
        None => logging::warn!(pid = pid.0; "reaped orphan {pid}, which {ending}"),
    }
}

/// An orphan whose end raised the counter.
pub(super) fn out_of_memory(pid: Pid, before: Option<&Stat>, oom: Oom, kills: u64) {
    let who = before.map_or_else(|| pid.to_string(), named);
    let what = oom.sentence(kills);
    logging::warn!(
        pid = pid.0, oom_kills = kills;
        "process {who} was killed by SIGKILL: {what}; the main process lives on"
    );
}

/// Who is told, or killed.
pub(super) fn left(level: log::Level, why: Why, left: &[Stat], config: &Config) {
    if left.is_empty() {
        return;
    }
    let list = named_list(left);
    let count = left.len();
    let are = if count == 1 { "process is" } else { "processes are" };
    match (level, why) {
        (log::Level::Warn, Why::Final) => {
            let grace = duration(config.grace);
            logging::warn!(
                "{count} {are} still there {grace} after SIGTERM, or a second stop request came; killing {list}"
            );
        }
        (log::Level::Warn, _) => logging::warn!("killing the main process's group: {list}"),
        _ => logging::info!("{count} {are} left: {list}"),
    }
}

/// Who has survived even SIGKILL, and is given up.
pub(super) fn left_behind(left: &[Stat]) {
    let count = left.len();
    match count {
        // Without /proc; or they fork too fast to be met; or all have ended in the last moment.
        0 => logging::warn!(
            "not everybody's end was seen after SIGKILL; whoever is left is left to the kernel"
        ),
        1 => logging::warn!("1 process has survived SIGKILL and is left to the kernel: {}", named_list(left)),
        _ => logging::warn!(
            "{count} processes have survived SIGKILL and are left to the kernel: {}",
            named_list(left)
        ),
    }
}

fn named_list(left: &[Stat]) -> String {
    let names: Vec<String> = left.iter().take(MOST_NAMED).map(whereabouts).collect();
    let list = names.join(", ");
    match left.len().saturating_sub(MOST_NAMED) {
        0 => list,
        more => format!("{list} and {more} more"),
    }
}

/// Who it is, in which state, and where in the kernel it waits.
fn whereabouts(stat: &Stat) -> String {
    let place = wchan::read(stat.pid).map_or_else(String::new, |place| format!(", waiting in {place}"));
    format!("{} in state {}{place}", named(stat), stat.state as char)
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
pub(super) fn target(to: Target, main: Pid) -> String {
    match to {
        Target::Main => format!("process {main}"),
        Target::Group => format!("process group {main}"),
        Target::Everyone => "all that is left".to_owned(),
        Target::Untold => "all that is left and has not been told".to_owned(),
    }
}

/// What the main process was to lead.
pub(super) fn leader(leader: Leader) -> &'static str {
    if leader == Leader::Session { "session" } else { "process group" }
}

fn named(stat: &Stat) -> String {
    format!("{} ({})", stat.pid, harmless(stat.comm.as_bytes()))
}

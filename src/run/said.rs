//! The wording of what a run says. Levels: debug for each step, info for what was asked for, warn for what
//! somebody will ask about.

use std::fmt;
use std::time::Duration;

use nix::errno::Errno;

use super::cues;
use super::event_loop::Finished;
use crate::config::{Config, Cue, Leader};
use crate::harmless::harmless;
use crate::policy::event::{Pid, Target, Why};
use crate::policy::signal::Signal;
use crate::policy::status::{Ending, Outcome};
use crate::proc::stat::{Comm, Stat};
use crate::sys::process;

/// So many processes are named in one line.
const MOST_NAMED: usize = 20;

/// The last word: the exit status, and why the main process ended if nobody asked for that. `on_terminal`: it
/// had the terminal, whose ^C nobody else sees.
pub(super) fn farewell(config: &Config, finished: &Finished, on_terminal: bool) -> u8 {
    let outcome = &finished.outcome;
    let status = config.exit_map.status(outcome, config.voice.failure);
    match outcome.ending {
        None => log::error!("the end of main process {} was never seen; exit status {status}", finished.main),
        Some(ending) if needs_explanation(outcome, ending, on_terminal) => {
            log::warn!("{}", death(config, finished, ending, status));
        }
        Some(ending) => log::info!("main process {} {ending}; exit status {status}", finished.main),
    }
    cues::over(config, outcome, status);
    status
}

/// Was it none of the signals that were asked for, or a step that only sexton itself took?
fn needs_explanation(outcome: &Outcome, ending: Ending, on_terminal: bool) -> bool {
    let Some(signal) = ending.signal_meant() else { return outcome.timed_out };
    let interrupted = on_terminal && signal == Signal::INT;
    let planned = outcome.timed_out || outcome.killed_by_plan && signal == Signal::KILL;
    planned || !(outcome.forwarded.contains(signal) || interrupted)
}

fn death(config: &Config, finished: &Finished, ending: Ending, status: u8) -> String {
    let outcome = &finished.outcome;
    let subject = format!("main process {} ({})", finished.main, name_of(config, finished.name));
    let killed = matches!(ending, Ending::Killed { by: Signal::KILL, .. });
    let cause = if outcome.timed_out {
        Some("--timeout had run out")
    } else if outcome.killed_by_plan && killed {
        Some("it had not obeyed the stop request before --escalate's last step")
    } else {
        None
    };
    match (ending, cause) {
        (Ending::Exited(own), None) => {
            let signal = ending.signal_meant().map(|s| s.to_string()).unwrap_or_default();
            format!(
                "{subject} exited with status {own}, which a shell returns when its command was killed by {signal}"
            )
        }
        (_, cause) => {
            let colon = if cause.is_some() { ": " } else { "" };
            let (ran, rss) = (duration(finished.ran), memory(finished.usage.max_rss));
            let cause = cause.unwrap_or_default();
            format!("{subject} {ending} after {ran}, max rss {rss}{colon}{cause}; exit status {status}")
        }
    }
}

/// The kernel's name, or that of the program as it was given.
fn name_of(config: &Config, comm: Option<Comm>) -> String {
    let program = config.command.first().map(|p| p.as_encoded_bytes()).unwrap_or_default();
    let base = program.rsplit(|b| *b == b'/').next().unwrap_or_default();
    harmless(comm.unwrap_or_else(|| Comm::new(base)).as_bytes()).to_string()
}

/// An orphan that `--warn-orphans` asks for; `before` is what /proc said of it.
pub(super) fn orphan(config: &Config, pid: Pid, before: Option<&Stat>, ending: Ending) {
    if config.voice.lines(Cue::Orphan).next().is_some() {
        return cues::say(config, Cue::Orphan, &[('p', &pid)]);
    }
    match before {
        Some(stat) => {
            let age = duration(stat.age(process::boot_time()));
            log::warn!("reaped orphan {}, {age} old, which {ending}", named(stat));
        }
        None => log::warn!("reaped orphan {pid}, which {ending}"),
    }
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
            log::warn!(
                "{count} {are} still there {grace} after SIGTERM, or a second stop request came; killing {list}"
            );
        }
        (log::Level::Warn, _) => log::warn!("killing the main process's group: {list}"),
        _ => log::info!("{count} {are} left: {list}"),
    }
}

/// Who has survived even SIGKILL, and is given up.
pub(super) fn left_behind(left: &[Stat]) {
    let count = left.len();
    match count {
        0 => {}
        1 => log::warn!("1 process has survived SIGKILL and is left to the kernel: {}", named_list(left)),
        _ => log::warn!(
            "{count} processes have survived SIGKILL and are left to the kernel: {}",
            named_list(left)
        ),
    }
}

fn named_list(left: &[Stat]) -> String {
    let names: Vec<String> =
        left.iter().take(MOST_NAMED).map(|s| format!("{} in state {}", named(s), s.state as char)).collect();
    let list = names.join(", ");
    match left.len().saturating_sub(MOST_NAMED) {
        0 => list,
        more => format!("{list} and {more} more"),
    }
}

/// A signal that could not be sent, said once.
pub(super) fn not_sent(signal: Signal, to: Target, main: Pid, errno: Errno) {
    let target = target(to, main);
    match errno {
        Errno::EPERM => {
            let user = crate::proc::stat::owner(main);
            let user = user.map_or_else(|| "another user".to_owned(), |uid| format!("user {uid}"));
            log::warn!("cannot send {signal} to {target}: it runs as {user} and sexton lacks CAP_KILL");
        }
        Errno::ENOENT => log::debug!("cannot tell what is left: /proc is not mounted or not our own"),
        errno => log::warn!("cannot send {signal} to {target}: {errno}"),
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

/// `12ms`, `3.2s`, `41m`, `5h12m`, `3d4h`.
pub(super) fn duration(duration: Duration) -> impl fmt::Display {
    let (seconds, tenths) = (duration.as_secs(), duration.subsec_millis() / 100);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match seconds {
        0 => format!("{}ms", duration.subsec_millis()),
        1..60 if tenths == 0 => format!("{seconds}s"),
        1..60 => format!("{seconds}.{tenths}s"),
        60..3600 => format!("{minutes}m"),
        3600..86400 => format!("{hours}h{}m", minutes % 60),
        _ => format!("{days}d{}h", hours % 24),
    }
}

/// `812 KiB`, `212 MiB`.
fn memory(kib: u64) -> impl fmt::Display {
    if kib < 1024 { format!("{kib} KiB") } else { format!("{} MiB", kib / 1024) }
}

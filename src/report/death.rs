//! How the main process ended, as one sentence.

use std::ffi::OsString;

use super::oom::Verdict;
use super::units::{duration, memory, oom_kills};
use super::{Facts, Main};
use crate::harmless::harmless;
use crate::policy::event::{Origin, Received};
use crate::policy::signal::Signal;
use crate::policy::status::{Ending, Outcome};
use crate::proc::stat::Comm;

/// Will somebody ask why? An end by none of the signals that were asked for, or by a step that only sexton itself
/// took. `on_terminal`: the main process had the terminal, whose ^C nobody else sees.
pub fn is_unexpected(outcome: &Outcome, on_terminal: bool) -> bool {
    let Some(ending) = outcome.ending else { return true };
    let Some(signal) = ending.signal_meant() else { return outcome.timed_out };
    let interrupted = on_terminal && signal == Signal::INT;
    let planned = outcome.timed_out || outcome.killed_by_plan && signal == Signal::KILL;
    planned || !(outcome.forwarded.contains(signal) || interrupted)
}

/// The sentence.
pub fn line(facts: &Facts<'_>) -> String {
    let main = match &facts.main {
        Ok(main) => main,
        Err(reason) => return (*reason).to_owned(),
    };
    let status = facts.status;
    let Some(ending) = main.outcome.ending else {
        return format!("the end of main process {} was never seen; exit status {status}", main.pid);
    };
    let subject = format!("main process {} ({})", main.pid, name(facts.command, main.name));
    let stop = stop(main);
    if let (Ending::Exited(own), Some(signal)) = (ending, ending.signal_meant())
        && !main.outcome.timed_out
        && !main.outcome.forwarded.contains(signal)
    {
        let reason = reason(main, ending).1;
        let status = if status == own { String::new() } else { format!("; exit status {status}") };
        return format!(
            "{subject} exited with status {own}, which a shell returns when its command was killed by \
             {signal}{reason}{stop}{status}"
        );
    }
    let (with_rss, reason) = reason(main, ending);
    let rss = if with_rss { format!(", max rss {}", memory(main.max_rss)) } else { String::new() };
    format!("{subject} {ending} after {}{rss}{reason}{stop}; exit status {status}", duration(main.ran))
}

/// The reason behind a colon, if there is one to be named, and whether the memory that was used is worth a word.
fn reason(main: &Main<'_>, ending: Ending) -> (bool, String) {
    let killed = matches!(ending, Ending::Killed { by: Signal::KILL, .. });
    if main.outcome.timed_out {
        return (true, ": --timeout had run out".to_owned());
    }
    if main.outcome.killed_by_plan && killed {
        return (true, ": it had not obeyed the stop request before --escalate's last step".to_owned());
    }
    match main.memory() {
        Verdict::OutOfMemory(kills) => (false, format!(": {}", main.oom.sentence(kills))),
        Verdict::Likely(kills) => {
            let limit = memory(main.oom.limit.unwrap_or_default() / 1024);
            let kills = oom_kills(kills);
            (true, format!(": probably out of memory (limit {limit}, {kills}, maybe from before the start)"))
        }
        Verdict::Nothing => (true, String::new()),
    }
}

/// Whether, when and by whom a stop had been requested.
fn stop(main: &Main<'_>) -> String {
    let Some((received, at)) = main.tally.stop else { return String::new() };
    let before = duration(main.ran.saturating_sub(at));
    format!("; a stop had been requested {before} before ({} {})", received.signal, sender(received))
}

/// The pid that asked; 0 = a process outside; None = the kernel, for a terminal.
pub(super) fn sender_pid(received: Received) -> Option<i32> {
    (!matches!(received.origin, Origin::Kernel | Origin::Ourselves)).then_some(received.sender.0)
}

fn sender(received: Received) -> String {
    match (received.origin, received.sender.0) {
        (Origin::Kernel, _) if matches!(received.signal, Signal::INT | Signal::QUIT | Signal::WINCH) => {
            "from the terminal".to_owned()
        }
        (Origin::Kernel | Origin::Ourselves, _) => "from the kernel".to_owned(),
        (_, 0) => "from outside".to_owned(),
        (_, pid) => format!("from process {pid}"),
    }
}

/// The kernel's name, or that of the program as it was given.
pub(super) fn name(command: &[OsString], comm: Option<Comm>) -> String {
    let program = command.first().map(|p| p.as_encoded_bytes()).unwrap_or_default();
    let base = program.rsplit(|b| *b == b'/').next().unwrap_or_default();
    harmless(comm.unwrap_or_else(|| Comm::new(base)).as_bytes()).to_string()
}

#[cfg(test)]
#[path = "death_tests.rs"]
mod tests;

//! How the main process ended, as one sentence.

use std::ffi::OsString;
use std::fmt::{self, Write};

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
    let mut text = String::new();
    // Writing to memory does not fail.
    let _ = match &facts.main {
        Ok(main) => put(&mut text, facts, main),
        Err(reason) => text.write_str(reason),
    };
    text
}

fn put(text: &mut String, facts: &Facts<'_>, main: &Main<'_>) -> fmt::Result {
    let (pid, status, outcome) = (main.pid, facts.status, main.outcome);
    let Some(ending) = outcome.ending else {
        return write!(text, "the end of main process {pid} was never seen; exit status {status}");
    };
    write!(text, "main process {pid} ({})", harmless(name(facts.command, main.name).as_bytes()))?;
    let mut say_status = true;
    match (ending, ending.signal_meant()) {
        (Ending::Exited(own), Some(signal)) if !outcome.timed_out && !outcome.forwarded.contains(signal) => {
            write!(
                text,
                " exited with status {own}, which a shell returns when its command was killed by {signal}"
            )?;
            say_status = status != own;
            put_reason(text, main, ending, false)
        }
        _ => {
            write!(text, " {ending} after {}", duration(main.ran))?;
            put_reason(text, main, ending, true)
        }
    }?;
    if let Some((received, at)) = main.tally.stop {
        let before = duration(main.ran.saturating_sub(at));
        let sender = Sender(received);
        write!(text, "; a stop had been requested {before} before ({} from {sender})", received.signal)?;
    }
    if say_status { write!(text, "; exit status {status}") } else { Ok(()) }
}

/// The reason behind a colon, if there is one to be named; before it, unless memory is the reason, how much of that was used.
fn put_reason(text: &mut String, main: &Main<'_>, ending: Ending, with_memory: bool) -> fmt::Result {
    let killed = matches!(ending, Ending::Killed { by: Signal::KILL, .. });
    let (reason, verdict) = if main.outcome.timed_out {
        (": --timeout had run out", Verdict::Nothing)
    } else if main.outcome.killed_by_plan && killed {
        (": it had not obeyed the stop request before --escalate's last step", Verdict::Nothing)
    } else {
        ("", main.memory())
    };
    if let Verdict::OutOfMemory(kills) = verdict {
        return write!(text, ": {}", main.oom.sentence(kills));
    }
    if with_memory {
        write!(text, ", max rss {}", memory(main.max_rss))?;
    }
    text.push_str(reason);
    if let Verdict::Likely(kills) = verdict {
        let limit = memory(main.oom.limit.unwrap_or_default() / 1024);
        let kills = oom_kills(kills);
        write!(text, ": probably out of memory (limit {limit}, {kills}, maybe from before the start)")?;
    }
    Ok(())
}

/// The pid that asked; 0 = a process outside; None = the kernel, for a terminal.
pub(super) fn sender_pid(received: Received) -> Option<i32> {
    (!matches!(received.origin, Origin::Kernel | Origin::Ourselves)).then_some(received.sender.0)
}

/// Who asked.
struct Sender(Received);

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by_key = matches!(self.0.signal, Signal::INT | Signal::QUIT | Signal::WINCH);
        f.write_str(match (sender_pid(self.0), self.0.origin) {
            (None, Origin::Kernel) if by_key => "the terminal",
            (None, _) => "the kernel",
            (Some(0), _) => "outside",
            (Some(pid), _) => return write!(f, "process {pid}"),
        })
    }
}

/// The kernel's name, or that of the program as it was given.
pub(super) fn name(command: &[OsString], comm: Option<Comm>) -> Comm {
    let program = command.first().map(|p| p.as_encoded_bytes()).unwrap_or_default();
    let base = program.rsplit(|b| *b == b'/').next().unwrap_or_default();
    comm.unwrap_or_else(|| Comm::new(base))
}

#[cfg(test)]
#[path = "death_tests.rs"]
mod tests;

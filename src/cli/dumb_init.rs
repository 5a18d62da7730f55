//! dumb-init's command line.

use std::ffi::OsStr;

use log::{Level, LevelFilter};

use super::Command;
use super::draft::Draft;
use super::error::UsageError;
use super::getopt::{self, Known};
use super::personality::{Call, refuse};
use crate::config::{Config, Cue, Leader, Voice};
use crate::policy::signal::Signal;
use crate::policy::{Reach, Rest};
use crate::voice::Line;

const fn debug(cue: Cue, text: &'static str) -> Line {
    Line { cue, level: Level::Debug, text }
}

/// Its debug lines, word for word: its test suite and log scrapers match on them.
const SCRIPT: &[Line] = &[
    Line { cue: Cue::NotExecuted, level: Level::Error, text: "%c: %t" },
    debug(Cue::Started, "Child spawned with PID %p."),
    debug(Cue::LeadsSession, "setsid complete."),
    debug(Cue::ChildSignal, "Received signal %n."),
    debug(Cue::Received, "Received signal %n."),
    debug(Cue::HandedOff, "Ignoring tty hand-off signal %n."),
    debug(Cue::Rewritten, "Translating signal %n to %t."),
    debug(Cue::Swallowed, "Not forwarding signal 0 to children (ignored)."),
    debug(Cue::Forwarded, "Forwarded signal %n to children."),
    debug(Cue::Suspending, "Suspending self due to TTY signal."),
    debug(Cue::ChildExited, "A child with PID %p exited with exit status %n."),
    debug(Cue::ChildKilled, "A child with PID %p was terminated by signal %n."),
    debug(Cue::MainReaped, "Forwarded signal 15 to children."),
    debug(Cue::Over, "Child exited with status %n. Goodbye."),
];

pub(super) const VOICE: Voice = Voice {
    prefix: "[dumb-init] ",
    levels: [""; 5],
    script: SCRIPT,
    verbosity: LevelFilter::Warn,
    not_found: 2,
    cannot_run: 2,
    failure: 1,
};

const OPTIONS: [Known; 5] = [
    (b'c', "single-child", false),
    (b'r', "rewrite", true),
    (b'v', "verbose", false),
    (b'h', "help", false),
    (b'V', "version", false),
];

const VERSION: &str = "dumb-init v1.2.5\n";

const HELP: &str = "
Runs a command, forwards signals to it and reaps orphans.

   -c, --single-child   forward signals to the command alone, in this very session
   -r, --rewrite s:r    forward signal s as signal r, both numbers; r 0 swallows it
   -v, --verbose        debugging output on stderr
   -h, --help           this help
   -V, --version        the version

This is sexton, speaking dumb-init's command line; its variables, SEXTON_..., work as well.
";

const BAD_REWRITE: &str = "\
Usage: -r option takes <signum>:<signum>, where <signum> is between 1 and 31.
This option can be specified multiple times.
Use --help for full usage.
";

/// What the terminal stops a background job with: in a session of its own nothing but STOP would stop it.
const JOB_CONTROL: [Signal; 3] = [Signal::TSTP, Signal::TTIN, Signal::TTOU];

/// Reads the command line.
pub(super) fn parse(call: Call<'_>) -> Result<Command, UsageError> {
    let name = call.full_name();
    let words = match getopt::split(call.args(), &OPTIONS) {
        Ok(words) => words,
        Err(error) => return Ok(refuse(format!("{name}: {error}\n"), VOICE.failure)),
    };
    let mut verbose = call.variable("DUMB_INIT_DEBUG").is_some_and(|value| value == "1");
    let setsid = call.variable("DUMB_INIT_SETSID").is_none_or(|value| value != "0");
    if verbose {
        call.warnings.push("Running in debug mode.".to_owned());
        call.warnings.extend((!setsid).then(|| "Not running in setsid mode.".to_owned()));
    }
    let single = words.options.iter().any(|(letter, _)| *letter == b'c');
    let mut draft = Draft::new(presets(setsid && !single));
    let mut rewrites = Vec::new();
    for (letter, value) in &words.options {
        match letter {
            b'c' => {}
            b'v' => verbose = true,
            b'h' => {
                let usage = format!("{VERSION}Usage: {name} [option] command [[arg] ...]\n{HELP}");
                return Ok(refuse(usage, 0));
            }
            b'V' => return Ok(refuse(VERSION.to_owned(), 0)),
            _ => match rewrite(value) {
                Some(pair) => rewrites.push(pair),
                None => return Ok(refuse(BAD_REWRITE.to_owned(), VOICE.failure)),
            },
        }
    }
    if words.command.is_empty() {
        let usage = format!("Usage: {name} [option] program [args]\nTry {name} --help for full usage.\n");
        return Ok(refuse(usage, VOICE.failure));
    }
    if verbose {
        draft.config.voice.verbosity = LevelFilter::Debug;
    }
    call.apply_environment(&mut draft)?;
    draft.config.routing.rewrites.extend(rewrites);
    if single {
        draft.config.child.leader = Leader::None;
    }
    Ok(Command::Run(draft.finish(words.command)))
}

fn presets(setsid: bool) -> Config {
    let mut config = Config::with_voice(VOICE);
    config.routing.suspend_after = JOB_CONTROL.into_iter().collect();
    if setsid {
        config.child.leader = Leader::Session;
        config.rest = Rest::TellGroup;
        config.routing.rewrites.extend(JOB_CONTROL.map(|signal| (signal, Some(Signal::STOP))));
    } else {
        config.child.leader = Leader::None;
        config.reach = Reach::Main;
        config.rest = Rest::Leave;
    }
    config
}

/// `15:2`, `15:0`: numbers from 1 to 31 and nothing behind them (D8).
fn rewrite(value: &OsStr) -> Option<(Signal, Option<Signal>)> {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|n| digits && *n <= 31)
    };
    let (from, to) = value.to_str()?.split_once(':')?;
    Some((Signal::new(number(from)?)?, Signal::new(number(to)?)))
}

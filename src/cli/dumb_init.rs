//! dumb-init's command line.

use std::ffi::OsStr;

use log::{Level, LevelFilter};

use super::getopt::Known;
use super::launch::number;
use super::personality::{Call, Personality, Stop};
use crate::config::{Cue, Leader, Voice};
use crate::policy::signal::Signal;
use crate::policy::{Reach, Rest};
use crate::voice::Line;

const fn debug(cue: Cue, text: &'static str) -> Line {
    Line { cue, level: Level::Debug, text }
}

/// Its debug lines, word for word: its test suite and log scrapers match on them.
const SCRIPT: &[Line] = &[
    Line { cue: Cue::NotExecuted, level: Level::Error, text: "%c: %t" },
    Line { cue: Cue::NotForked, level: Level::Error, text: "Unable to fork. Exiting." },
    debug(
        Cue::TerminalGivenUp,
        "Detached from controlling tty, ignoring the first SIGHUP and SIGCONT we receive.",
    ),
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

pub(super) const PERSONALITY: Personality = Personality {
    names: &["dumb-init"],
    voice: Voice {
        prefix: "[dumb-init] ",
        levels: [""; 5],
        script: SCRIPT,
        verbosity: LevelFilter::Warn,
        not_found: 2,
        cannot_run: 2,
        failure: 1,
    },
    options: &OPTIONS,
    alone: None,
    misused: &["%c: %e\n"],
    no_program: Some(&["Usage: %c [option] program [args]\nTry %c --help for full usage.\n"]),
    presets,
    option,
};

const OPTIONS: [Known; 5] = [
    (b'c', "single-child", false),
    (b'r', "rewrite", true),
    (b'v', "verbose", false),
    (b'h', "help", false),
    (b'V', "version", false),
];

const VERSION: &str = "dumb-init v1.2.5\n";

const HELP: &str = "\
Usage: %c [option] command [[arg] ...]

Runs a command, forwards signals to it and reaps orphans.

   -c, --single-child   forward signals to the command alone, in this session
   -r, --rewrite s:r    forward signal s as signal r, both numbers; 0 swallows s
   -v, --verbose        debugging output on stderr
   -h, --help           this help
   -V, --version        the version

This is sexton; its variables, SEXTON_..., work as well.
";

const BAD_REWRITE: &str = "\
Usage: -r option takes <signum>:<signum>, where <signum> is between 1 and 31.
This option can be specified multiple times.
Use --help for full usage.
";

/// What the terminal stops a background job with: in a session of its own nothing but STOP would stop it.
const JOB_CONTROL: [Signal; 3] = [Signal::TSTP, Signal::TTIN, Signal::TTOU];

fn presets(call: &mut Call<'_>) {
    let debug = call.variable("DUMB_INIT_DEBUG").is_some_and(|value| value == "1");
    let no_setsid = call.variable("DUMB_INIT_SETSID").is_some_and(|value| value == "0");
    let single = no_setsid || call.has(b'c');
    for (now, note) in
        [(debug, "Running in debug mode."), (debug && no_setsid, "Not running in setsid mode.")]
    {
        call.notes.extend(now.then(|| note.to_owned()));
    }
    if debug || call.has(b'v') {
        call.draft.config.voice.verbosity = LevelFilter::Debug;
    }
    let config = &mut call.draft.config;
    config.routing.suspend_after = JOB_CONTROL.into_iter().collect();
    if single {
        config.child.leader = Leader::None;
        config.reach = Reach::Main;
        config.rest = Rest::Leave;
    } else {
        config.child.leader = Leader::Session;
        config.rest = Rest::TellGroup;
        for signal in JOB_CONTROL {
            config.routing.rewrites.push((signal, Some(Signal::STOP)));
        }
    }
}

fn option(call: &mut Call<'_>, letter: u8, value: &OsStr) -> Result<(), Stop> {
    match letter {
        // Once more, for our own variables may have said otherwise.
        b'c' => call.draft.config.child.leader = Leader::None,
        b'r' => {
            let pair = rewrite(value).ok_or(Stop::Say(&[BAD_REWRITE], PERSONALITY.voice.failure))?;
            call.draft.config.routing.rewrites.push(pair);
        }
        b'h' => return Err(Stop::Say(&[VERSION, HELP], 0)),
        b'V' => return Err(Stop::Say(&[VERSION], 0)),
        _ => {}
    }
    Ok(())
}

/// `15:2`, `15:0`: numbers from 1 to 31 and nothing behind them (D8).
fn rewrite(value: &OsStr) -> Option<(Signal, Option<Signal>)> {
    let (from, to) = value.to_str()?.split_once(':')?;
    let (from, to) = (number(from)?, number(to)?);
    let signal = |number: u64| Signal::new(number as i32);
    if from.max(to) > 31 { None } else { Some((signal(from)?, signal(to))) }
}

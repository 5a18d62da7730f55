//! dumb-init's command line.

use log::{Level, LevelFilter};

use super::personality::{Call, Effect, Known, Personality, Unfit};
use super::values;
use crate::config::{Config, Cue, Leader, Voice};
use crate::policy::signal::{Signal, SignalSet};
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
    misused: Some(&[]),
    no_program: Some(&["Usage: %c [option] program [args]\nTry %c --help for full usage.\n"]),
    presets,
};

static OPTIONS: [Known; 5] = [
    // Once more, for our own variables may have said otherwise.
    Known::new(b'c', "single-child", Effect::Set(|call| call.draft.config.child.leader = Leader::None)),
    Known::new(b'r', "rewrite", Effect::Take(rewrite, Unfit::Say(&[BAD_REWRITE]))),
    Known::new(b'v', "verbose", Effect::None),
    Known::new(b'h', "help", Effect::Say(&[VERSION, HELP])),
    Known::new(b'V', "version", Effect::Say(&[VERSION])),
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

/// What the terminal stops a background job with.
const JOB_CONTROL: SignalSet = SignalSet::EMPTY.with(Signal::TSTP).with(Signal::TTIN).with(Signal::TTOU);

/// In a session of its own nothing but STOP would stop it.
const STOPPED: [(Signal, Option<Signal>); 3] = [
    (Signal::TSTP, Some(Signal::STOP)),
    (Signal::TTIN, Some(Signal::STOP)),
    (Signal::TTOU, Some(Signal::STOP)),
];

fn presets(call: &mut Call<'_>) {
    let debug = call.variable("DUMB_INIT_DEBUG").is_some_and(|value| value == "1");
    let no_setsid = call.variable("DUMB_INIT_SETSID").is_some_and(|value| value == "0");
    let single = no_setsid || call.count(b'c') > 0;
    if debug {
        call.notes.push("Running in debug mode.".to_owned());
        if no_setsid {
            call.notes.push("Not running in setsid mode.".to_owned());
        }
    }
    if debug || call.count(b'v') > 0 {
        call.draft.config.voice.verbosity = LevelFilter::Debug;
    }
    let config = &mut call.draft.config;
    config.routing.suspend_after = JOB_CONTROL;
    if single {
        config.child.leader = Leader::None;
        config.reach = Reach::Main;
        config.rest = Rest::Leave;
    } else {
        config.child.leader = Leader::Session;
        config.rest = Rest::TellGroup;
        for stopped in &STOPPED {
            config.routing.rewrites.push(*stopped);
        }
    }
}

/// `15:2`, `15:0`: numbers from 1 to 31 and nothing behind them (D8).
fn rewrite(config: &mut Config, text: &str) -> Option<()> {
    let (from, to) = values::halves(text, ':');
    let (from, to) = (values::number(from)?, values::number(to?)?);
    let signal = |number: u64| Signal::new(number as i32);
    if from.max(to) > 31 {
        return None;
    }
    config.routing.rewrites.push((signal(from)?, signal(to)));
    Some(())
}

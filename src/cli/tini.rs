//! tini's command line, under which docker calls us too (docker-init).

use std::ffi::OsStr;

use log::{Level, LevelFilter};

use super::personality::{Call, Effect, Known, Personality, Unfit};
use super::values;
use crate::config::{Config, Cue, Voice};
use crate::policy::{Reach, Rest};
use crate::voice::Line;

/// All literal texts that tini's users look for; the rest of a line is ours. Everything goes to stderr (T14).
static LINES: [Line; 12] = {
    const fn line(cue: Cue, level: Level, text: &'static str) -> Line {
        Line { cue, level, text }
    }
    [
        line(
            Cue::NotPid1,
            Level::Warn,
            "not PID 1 and without -s: by tini's rules zombie reaping won't work here; sexton reaps all the same",
        ),
        line(Cue::NotForked, Level::Error, "fork failed: %t"),
        line(Cue::NotExecuted, Level::Error, "exec %c failed: %t"),
        line(Cue::Started, Level::Info, "Spawned child process '%c' with pid '%p'"),
        line(Cue::ChildSignal, Level::Debug, "Received SIGCHLD"),
        line(Cue::Forwarded, Level::Debug, "Passing signal: '%t'"),
        line(Cue::Reaped, Level::Debug, "Reaped child with pid: '%p'"),
        line(Cue::Orphan, Level::Warn, "Reaped zombie process with pid=%p"),
        line(Cue::MainExited, Level::Info, "Main child exited normally (with status '%n')"),
        line(Cue::MainKilled, Level::Info, "Main child exited with signal (with signal '%t')"),
        line(Cue::Over, Level::Trace, "Exiting: child has exited"),
        line(Cue::NotPid1, Level::Trace, "Registered as child subreaper"),
    ]
};

/// All but the last one.
const SCRIPT: &[Line] = LINES.split_at(LINES.len() - 1).0;

/// All but the first one: for an init that has been told to be a subreaper.
const SUBREAPER: &[Line] = LINES.split_at(1).1;

pub(super) const PERSONALITY: Personality = Personality {
    names: &["tini", "tini-static", "docker-init"],
    voice: Voice {
        prefix: "[%l tini (%p)] ",
        levels: ["FATAL", "WARN ", "INFO ", "DEBUG", "TRACE"],
        script: SCRIPT,
        verbosity: LevelFilter::Warn,
        not_found: 127,
        cannot_run: 126,
        failure: 1,
    },
    options: &OPTIONS,
    alone: Some(("--version", &["tini version 0.19.0 - git.%g\n"])),
    misused: Some(&[HELP]),
    no_program: Some(&[HELP]),
    presets,
};

static OPTIONS: [Known; 8] = [
    Known::new(b'h', "", Effect::Answer(&[HELP])),
    Known::new(b's', "", Effect::None),
    Known::new(b'p', "", Effect::Take(parent_death, Unfit::Log("Not a valid option for -p: %g"))),
    Known::new(b'v', "", Effect::None),
    Known::new(b'w', "", Effect::Set(|call| call.draft.config.warn_orphans = true)),
    Known::new(b'g', "", Effect::Set(|call| call.draft.config.reach = Reach::Group)),
    Known::new(b'e', "", Effect::Take(forgive, Unfit::Log("Not a valid option for -e: %g"))),
    Known::new(b'l', "", Effect::Answer(&[LICENCE])),
];

/// The version is the one whose interface is spoken, in the form that `docker info` takes apart.
const HELP: &str = "\
%n (tini version 0.19.0 - git.%g)
Usage: %n [OPTION]... [--] PROGRAM [ARG]... | --version

Runs PROGRAM under the supervision of a valid init process.

  --version  print the version
  -h         print this help
  -s         be a child subreaper (sexton always is one where it is not PID 1)
  -p SIGNAL  receive SIGNAL, such as SIGKILL, when the parent dies
  -v         more verbose output; up to three times
  -w         warn of each zombie that is reaped
  -g         send signals to the program's process group
  -e CODE    report exit status CODE, 0 to 255, as 0; repeatable
  -l         print the licence

Variables: TINI_SUBREAPER as -s, TINI_KILL_PROCESS_GROUP as -g, TINI_VERBOSITY
from 0 to 4 (1 if it is not set). sexton's own, SEXTON_..., work as well.
";

/// Also what any other personality says of our licence.
pub(super) const LICENCE: &str = "\
This is sexton, speaking %n's command line with none of its code.
It may be used under the terms of the MIT licence or of the Apache licence,
version 2.0, at your option (MIT OR Apache-2.0).
";

fn presets(call: &mut Call<'_>) {
    let counted = 1 + call.count(b'v') as i32;
    // Where both speak, the variable counts.
    let verbosity = call.variable("TINI_VERBOSITY").map_or(counted, number);
    let subreaper = call.is_on("TINI_SUBREAPER") || call.count(b's') > 0;
    let group = call.is_on("TINI_KILL_PROCESS_GROUP");
    let config = &mut call.draft.config;
    config.reach = if group { Reach::Group } else { Reach::Main };
    config.rest = Rest::Leave;
    if subreaper {
        config.voice.script = SUBREAPER;
    }
    config.voice.verbosity = match verbosity {
        ..=0 => LevelFilter::Error,
        1 => LevelFilter::Warn,
        2 => LevelFilter::Info,
        3 => LevelFilter::Debug,
        4.. => LevelFilter::Trace,
    };
    // Who silences tini's warnings means ours as well.
    config.log.level = config.log.level.min(config.voice.verbosity);
}

/// As atoi(3): what is no number is 0.
fn number(value: &OsStr) -> i32 {
    value.to_str().and_then(|text| text.trim_ascii().parse::<i64>().ok()?.try_into().ok()).unwrap_or(0)
}

/// Names alone, SIG included, of signals below the real-time ones.
fn parent_death(config: &mut Config, text: &str) -> Option<()> {
    let signal = values::signal(text).filter(|signal| text.starts_with("SIG") && !signal.is_realtime())?;
    config.parent_death = Some(signal);
    Some(())
}

/// As strtol(3) reads it: blanks and a sign in front are fine, and nothing at all is 0.
fn forgive(config: &mut Config, text: &str) -> Option<()> {
    let code = match text.trim_ascii_start() {
        "" => 0,
        text => text.parse::<i64>().ok()?.try_into().ok()?,
    };
    config.exit_map.remaps.push((code, 0));
    Some(())
}

//! tini's command line, under which docker calls us too (docker-init).

use std::ffi::OsStr;

use log::{Level, LevelFilter};

use super::draft::Draft;
use super::error::UsageError;
use super::getopt::{self, Known};
use super::personality::{Call, GIT, answer, refuse};
use super::{Command, values};
use crate::config::{Config, Cue, Voice};
use crate::policy::{Reach, Rest};
use crate::voice::Line;

/// All literal texts that tini's users look for; the rest of a line is ours. Everything goes to stderr (T14).
const SCRIPT: &[Line] = &[
    Line {
        cue: Cue::NotPid1,
        level: Level::Warn,
        text: "not PID 1 and without -s: by tini's rules zombie reaping won't work here; sexton reaps all the same",
    },
    Line { cue: Cue::NotExecuted, level: Level::Error, text: "exec %c failed: %t" },
    Line { cue: Cue::Started, level: Level::Info, text: "Spawned child process '%c' with pid '%p'" },
    Line { cue: Cue::ChildSignal, level: Level::Debug, text: "Received SIGCHLD" },
    Line { cue: Cue::Forwarded, level: Level::Debug, text: "Passing signal: '%t'" },
    Line { cue: Cue::Reaped, level: Level::Debug, text: "Reaped child with pid: '%p'" },
    Line { cue: Cue::Orphan, level: Level::Warn, text: "Reaped zombie process with pid=%p" },
    Line { cue: Cue::MainExited, level: Level::Info, text: "Main child exited normally (with status '%n')" },
    Line {
        cue: Cue::MainKilled,
        level: Level::Info,
        text: "Main child exited with signal (with signal '%t')",
    },
];

pub(super) const VOICE: Voice = Voice {
    prefix: "[%l tini (%p)] ",
    levels: ["FATAL", "WARN ", "INFO ", "DEBUG", "TRACE"],
    script: SCRIPT,
    verbosity: LevelFilter::Warn,
    not_found: 127,
    cannot_run: 126,
    failure: 1,
};

/// The same for an init that has been told to be a subreaper.
const SUBREAPER: &[Line] = match SCRIPT {
    [_, rest @ ..] => rest,
    [] => &[],
};

const OPTIONS: [Known; 8] = [
    (b'h', "", false),
    (b's', "", false),
    (b'p', "", true),
    (b'v', "", false),
    (b'w', "", false),
    (b'g', "", false),
    (b'e', "", true),
    (b'l', "", false),
];

/// The version whose interface is spoken, in the form that `docker info` takes apart.
const VERSION: &str = "tini version 0.19.0 - git.";

const HELP: &str = "
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

Variables: TINI_SUBREAPER as -s, TINI_KILL_PROCESS_GROUP as -g, TINI_VERBOSITY from
0 to 4 (1 if it is not set). sexton's own, SEXTON_..., work as well.
";

const LICENCE: &str = "\
This is sexton, speaking tini's command line.
It may be used under the terms of the MIT licence or of the Apache licence, version 2.0,
at your option (MIT OR Apache-2.0).
";

/// Reads the command line.
pub(super) fn parse(call: Call<'_>) -> Result<Command, UsageError> {
    let name = call.name();
    let help = || {
        format!(
            "{name} ({VERSION}{GIT})\nUsage: {name} [OPTION]... [--] PROGRAM [ARG]... | --version\n{HELP}"
        )
    };
    if let [_, only] = call.args()
        && only == "--version"
    {
        return Ok(answer(format!("{VERSION}{GIT}\n")));
    }
    let words = match getopt::split(call.args(), &OPTIONS) {
        Ok(words) => words,
        Err(error) => {
            // tini has no long option; its getopt takes the second dash for a letter.
            let error = if error.contains("'--") { "invalid option -- '-'" } else { &error };
            return Ok(refuse(format!("{}: {error}\n{}", call.full_name(), help()), VOICE.failure));
        }
    };
    let mut draft = Draft::new(Config { reach: Reach::Main, rest: Rest::Leave, ..Config::with_voice(VOICE) });
    let mut subreaper = call.is_on("TINI_SUBREAPER");
    if call.is_on("TINI_KILL_PROCESS_GROUP") {
        draft.config.reach = Reach::Group;
    }
    // Where both speak, the variable counts.
    let counted = 1 + words.options.iter().filter(|(letter, _)| *letter == b'v').count() as i32;
    let verbosity = call.variable("TINI_VERBOSITY").map_or(counted, number);
    if verbosity <= 0 {
        draft.config.log.level = LevelFilter::Error;
    }
    call.apply_environment(&mut draft)?;
    for (letter, value) in &words.options {
        let config = &mut draft.config;
        let unfit = || {
            UsageError::Foreign(format!("Not a valid option for -{}: {}", *letter as char, value.display()))
        };
        match letter {
            b'h' => return Ok(answer(help())),
            b'l' => return Ok(answer(LICENCE.to_owned())),
            b's' => subreaper = true,
            b'v' => {}
            b'w' => config.warn_orphans = true,
            b'g' => config.reach = Reach::Group,
            b'p' => config.parent_death = Some(signal(value).ok_or_else(unfit)?),
            _ => config.exit_map.remaps.push((code(value).ok_or_else(unfit)?, 0)),
        }
    }
    if words.command.is_empty() {
        return Ok(refuse(help(), VOICE.failure));
    }
    let config = &mut draft.config;
    config.voice.script = if subreaper { SUBREAPER } else { SCRIPT };
    config.voice.verbosity = match verbosity {
        ..=0 => LevelFilter::Error,
        1 => LevelFilter::Warn,
        2 => LevelFilter::Info,
        3 => LevelFilter::Debug,
        4.. => LevelFilter::Trace,
    };
    Ok(Command::Run(draft.finish(words.command)))
}

/// As atoi(3): what is no number is 0.
fn number(value: &OsStr) -> i32 {
    value.to_str().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// Names alone, SIG included, of signals below the real-time ones.
fn signal(value: &OsStr) -> Option<crate::policy::signal::Signal> {
    let text = value.to_str().filter(|text| text.starts_with("SIG"))?;
    values::signal(text).filter(|signal| !signal.is_realtime())
}

/// As strtol(3) reads it: blanks and a sign in front are fine, and nothing at all is 0.
fn code(value: &OsStr) -> Option<u8> {
    match value.to_str()?.trim_start() {
        "" => Some(0),
        text => text.parse().ok(),
    }
}

//! catatonit's command line, under which podman calls us too (podman-init), for containers and for pods.

use std::ffi::OsStr;

use log::{Level, LevelFilter};

use super::getopt::Known;
use super::personality::{Call, Personality, Stop};
use super::tini::LICENCE;
use crate::config::{Cue, Voice};
use crate::policy::{Reach, Rest};
use crate::voice::Line;

const fn debug(cue: Cue, text: &'static str) -> Line {
    Line { cue, level: Level::Debug, text }
}

/// Its lines, word for word, but those of its faults.
const SCRIPT: &[Line] = &[
    Line { cue: Cue::NotForked, level: Level::Error, text: "failed to fork child: %t" },
    Line { cue: Cue::NotForked, level: Level::Error, text: "failed to spawn pid1: %t" },
    Line { cue: Cue::NotExecuted, level: Level::Error, text: "failed to exec pid1: %t" },
    debug(Cue::Started, "pid1 (%p) spawned: %c"),
    debug(Cue::OtherExited, "child process %p exited with code %n"),
    debug(Cue::OtherKilled, "child process %p exited due to signal %n"),
    debug(Cue::Childless, "got ECHILD: no children left to monitor"),
];

pub(super) const PERSONALITY: Personality = Personality {
    names: &["catatonit", "podman-init"],
    voice: Voice {
        prefix: "%l (catatonit:%p): ",
        levels: ["ERROR", "WARN", "INFO", "DEBUG", "DEBUG"],
        not_found: 1,
        cannot_run: 1,
        failure: 1,
        script: SCRIPT,
        verbosity: LevelFilter::Error,
    },
    options: &OPTIONS,
    alone: None,
    misused: &["%c: %e\n", USAGE],
    no_program: Some(&["ERROR (catatonit:%p): missing program name\n", USAGE]),
    presets,
    option,
};

const OPTIONS: [Known; 5] =
    [(b'g', "", false), (b'h', "", false), (b'L', "", false), (b'P', "", false), (b'V', "version", false)];

/// The version whose interface is spoken; docker wants to read `tini`.
const VERSION: &str = "tini version 0.1.7_catatonit\n";

const USAGE: &str = "usage: catatonit [-ghLPV] [--] <progname> [<arguments>...]\n";

const HELP: &str = "
  -g             forward signals to the program's process group
  -h             print this help
  -L             print the licence
  -P             run no program: wait and reap until TERM or INT
  -V, --version  print the version

CATATONIT_DEBUG turns debugging output on. This is sexton; its own variables,
SEXTON_..., work as well.
";

fn presets(call: &mut Call<'_>) {
    if call.variable("CATATONIT_DEBUG").is_some() {
        call.draft.config.voice.verbosity = LevelFilter::Debug;
    }
    call.draft.config.reach = Reach::Main;
    call.draft.config.rest = Rest::Leave;
}

fn option(call: &mut Call<'_>, letter: u8, _: &OsStr) -> Result<(), Stop> {
    match letter {
        b'g' => call.draft.config.reach = Reach::Group,
        b'h' => return Err(Stop::Say(&[USAGE, HELP], 0)),
        b'L' => return Err(Stop::Answer(&[LICENCE])),
        b'V' => return Err(Stop::Answer(&[VERSION])),
        _ => call.pause = true,
    }
    Ok(())
}

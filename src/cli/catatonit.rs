//! catatonit's command line, under which podman calls us too (podman-init), for containers and for pods.

use log::{Level, LevelFilter};

use super::personality::{Call, Effect, Known, Personality};
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
    misused: Some(&[USAGE]),
    no_program: Some(&["ERROR (catatonit:%p): missing program name\n", USAGE]),
    presets,
};

static OPTIONS: [Known; 5] = [
    Known::new(b'g', "", Effect::Set(|call| call.draft.config.reach = Reach::Group)),
    Known::new(b'h', "", Effect::Say(&[USAGE, HELP])),
    Known::new(b'L', "", Effect::Answer(&[LICENCE])),
    Known::new(b'P', "", Effect::Set(|call| call.pause = true)),
    Known::new(b'V', "version", Effect::Answer(&[VERSION])),
];

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

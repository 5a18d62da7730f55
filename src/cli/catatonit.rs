//! catatonit's command line, under which podman calls us too (podman-init), for containers and for pods.

use log::LevelFilter;

use super::Command;
use super::draft::Draft;
use super::error::UsageError;
use super::getopt::{self, Known};
use super::personality::{Call, answer, refuse};
use crate::config::{Config, Voice};
use crate::policy::{Reach, Rest};

pub(super) const VOICE: Voice = Voice {
    prefix: "%l (catatonit:%p): ",
    levels: ["ERROR", "WARN", "INFO", "DEBUG", "DEBUG"],
    not_found: 1,
    cannot_run: 1,
    failure: 1,
    ..Voice::SEXTON
};

const OPTIONS: [Known; 5] =
    [(b'g', "", false), (b'h', "", false), (b'L', "", false), (b'P', "", false), (b'V', "version", false)];

/// The version whose interface is spoken; docker wants to read `tini`.
const VERSION: &str = "tini version 0.1.7_catatonit\n";

const USAGE: &str = "usage: catatonit [-ghLPV] [--] PROGRAM [ARG]...\n";

const HELP: &str = "
  -g             forward signals to the program's process group
  -h             print this help
  -L             print the licence
  -P             run no program: wait and reap until TERM or INT
  -V, --version  print the version

CATATONIT_DEBUG turns debugging output on. This is sexton, speaking catatonit's
command line; its own variables, SEXTON_..., work as well.
";

const LICENCE: &str = "\
This is sexton, speaking catatonit's command line; none of catatonit's code is in it.
It may be used under the terms of the MIT licence or of the Apache licence, version 2.0,
at your option (MIT OR Apache-2.0).
";

/// Reads the command line.
pub(super) fn parse(call: Call<'_>) -> Result<Command, UsageError> {
    let name = call.full_name();
    let refused = |why: String| Ok(refuse(format!("{name}: {why}\n{USAGE}"), VOICE.failure));
    let words = match getopt::split(call.args(), &OPTIONS) {
        Ok(words) => words,
        Err(error) => return refused(error),
    };
    let mut draft = Draft::new(Config { reach: Reach::Main, rest: Rest::Leave, ..Config::with_voice(VOICE) });
    if call.variable("CATATONIT_DEBUG").is_some() {
        draft.config.log.level = LevelFilter::Debug;
    }
    call.apply_environment(&mut draft)?;
    let mut pause = false;
    for (letter, _) in &words.options {
        match letter {
            b'g' => draft.config.reach = Reach::Group,
            b'h' => return Ok(refuse(format!("{USAGE}{HELP}"), 0)),
            b'L' => return Ok(answer(LICENCE.to_owned())),
            b'V' => return Ok(answer(VERSION.to_owned())),
            _ => pause = true,
        }
    }
    if words.command.is_empty() && !pause {
        return refused("no program to run was given".to_owned());
    }
    let config = draft.finish(words.command);
    Ok(if pause { Command::Pause(config) } else { Command::Run(config) })
}

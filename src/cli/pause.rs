//! The command line of Kubernetes' pause: hardly any. It holds a pod's namespaces and reaps.

use log::{Level, LevelFilter};

use super::Command;
use super::draft::Draft;
use super::error::UsageError;
use super::personality::{Call, GIT, answer};
use crate::config::{Config, Cue, Voice};
use crate::voice::Line;

pub(super) const VOICE: Voice = Voice {
    prefix: "",
    script: &[Line { cue: Cue::PauseOver, level: Level::Warn, text: "Shutting down, got signal: %t" }],
    verbosity: LevelFilter::Warn,
    failure: 1,
    ..Voice::SEXTON
};

/// Reads the command line: `-v` anywhere, and all else is passed over.
pub(super) fn parse(call: Call<'_>) -> Result<Command, UsageError> {
    if call.args().iter().skip(1).any(|word| word == "-v") {
        return Ok(answer(format!("pause.c 3.10 - git.{GIT}\n")));
    }
    let mut draft = Draft::new(Config::with_voice(VOICE));
    call.apply_environment(&mut draft)?;
    Ok(Command::Pause(draft.finish(Vec::new())))
}

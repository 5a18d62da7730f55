//! The command line of Kubernetes' pause: hardly any. It holds a pod's namespaces and reaps.

use log::{Level, LevelFilter};

use super::personality::{Effect, Known, Personality};
use crate::config::{Cue, Voice};
use crate::voice::Line;

pub(super) const PERSONALITY: Personality = Personality {
    names: &["pause"],
    voice: Voice {
        prefix: "",
        script: &[Line { cue: Cue::PauseOver, level: Level::Warn, text: "Shutting down, got signal: %t" }],
        verbosity: LevelFilter::Warn,
        failure: 1,
        ..Voice::SEXTON
    },
    options: &[Known::new(b'v', "", Effect::Answer(&["pause.c 3.10 - git.%g\n"]))],
    alone: None,
    misused: None,
    no_program: None,
    presets: |_| {},
};

//! Nothing was started: why, and the exit status that says so.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use nix::errno::Errno;

use super::cues;
use crate::config::{Config, Cue};
use crate::diagnose::exec::{self, Attempt, ExecClass, Setup, Step};
use crate::harmless::harmless;
use crate::sys::child::SpawnStep;
use crate::sys::spawn::SpawnError;
use crate::sys::start;

/// Why nothing was started.
#[derive(Debug)]
pub(super) enum Refusal {
    /// A system call that sexton cannot do without.
    Call(&'static str, Errno),
    /// The program itself.
    Spawn(SpawnError),
}

impl Refusal {
    /// Says it, and returns the exit status.
    pub(super) fn explain(&self, config: &Config) -> u8 {
        match self {
            Self::Call(call, errno) => {
                log::error!("cannot use {call}: {errno}");
                log::error!("help: sexton cannot do without it; allow it in the seccomp profile");
                config.voice.failure
            }
            Self::Spawn(error) => not_spawned(config, error),
        }
    }
}

fn not_spawned(config: &Config, error: &SpawnError) -> u8 {
    let nothing = OsStr::new("");
    let step = match error.step {
        SpawnStep::Prepare | SpawnStep::Exec => Step::Exec,
        SpawnStep::Shell => Step::Shell,
        SpawnStep::Clone => Step::Clone,
        SpawnStep::Directory => Step::Setup(Setup::Directory, nothing),
        SpawnStep::Mask => Step::Setup(Setup::Signals, nothing),
    };
    let explanation = exec::explain(&Attempt {
        command: &config.command,
        path: start::variable(b"PATH"),
        candidate: error.candidate.as_deref().map(Path::new),
        directory: None,
        user: None,
        step,
        errno: error.errno,
    });
    let program = config.command.first().map_or(nothing, OsString::as_os_str);
    let program = harmless(program.as_encoded_bytes());
    if matches!(step, Step::Exec | Step::Shell) {
        cues::say(config, Cue::NotExecuted, &[('c', &program), ('t', &error.errno.desc())]);
    }
    log::error!("cannot execute {program}: {}", explanation.reason);
    if let Some(help) = explanation.help {
        log::error!("help: {help}");
    }
    match explanation.class {
        ExecClass::NotFound => config.voice.not_found,
        ExecClass::CannotRun => config.voice.cannot_run,
        ExecClass::Failed => config.voice.failure,
    }
}

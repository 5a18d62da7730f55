//! Nothing was started: why, and the exit status that says so.

use std::ffi::{CStr, OsStr, OsString};

use nix::errno::Errno;

use super::{cues, launch};
use crate::config::{Config, Cue};
use crate::diagnose::exec::{self, Attempt, ExecClass, Identity, Setup, Step};
use crate::errno;
use crate::harmless::harmless;
use crate::logging;
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
    /// Says it, and returns the exit status and the reason.
    pub(super) fn explain(&self, config: &Config) -> (u8, String) {
        match self {
            Self::Call(call, errno) => {
                let help = "sexton cannot do without it; allow it in the seccomp profile";
                let reason = format!("cannot use {call}: {}", errno::Shown(*errno));
                say(&reason, Some(help));
                (config.voice.failure, reason)
            }
            Self::Spawn(error) => not_spawned(config, error),
        }
    }
}

/// What went wrong, and what would help if that is known.
pub(super) fn say(what: &str, help: Option<&str>) {
    logging::error!("{what}");
    if let Some(help) = help {
        logging::error!("help: {help}");
    }
}

fn not_spawned(config: &Config, error: &SpawnError) -> (u8, String) {
    let step = match error.step {
        SpawnStep::Prepare | SpawnStep::Exec => Step::Exec,
        SpawnStep::Shell => Step::Shell,
        SpawnStep::Clone => Step::Clone,
        SpawnStep::Directory => Step::Setup(Setup::Directory),
        SpawnStep::Mask => Step::Setup(Setup::Signals),
        SpawnStep::Launch(step) => {
            return (config.voice.failure, launch::explain(&config.child, step, error.errno));
        }
    };
    let identity = error.identity.as_ref();
    let user = identity.map(|user| Identity { uid: user.uid(), groups: user.groups().to_vec() });
    let environment: Vec<&[u8]> = start::environment().map(CStr::to_bytes).collect();
    let explanation = exec::explain(&Attempt {
        command: &config.command,
        path: start::variable(b"PATH"),
        candidate: error.candidate.as_deref().map(OsStr::as_encoded_bytes),
        directory: config.child.workdir.as_ref().map(|path| path.as_os_str().as_encoded_bytes()),
        environment: &environment,
        user: user.as_ref(),
        step,
        errno: error.errno,
    });
    let program = config.command.first().map_or(OsStr::new(""), OsString::as_os_str);
    let program = harmless(program.as_encoded_bytes());
    let facts: cues::Facts<'_> = &[('c', &program), ('t', &errno::text(error.errno))];
    match step {
        Step::Exec | Step::Shell => cues::say(config, Cue::NotExecuted, facts),
        Step::Clone => cues::say(config, Cue::NotForked, facts),
        Step::Setup(_) => {}
    }
    // Of the program's limits the diagnosis sees only those that sexton has itself.
    let help = launch::limit_to_blame(&config.child, error.errno).or(explanation.help);
    let reason = format!("cannot execute {program}: {}", explanation.reason);
    say(&reason, help.as_deref());
    let status = match explanation.class {
        ExecClass::NotFound => config.voice.not_found,
        ExecClass::CannotRun => config.voice.cannot_run,
        ExecClass::Failed => config.voice.failure,
    };
    (status, reason)
}

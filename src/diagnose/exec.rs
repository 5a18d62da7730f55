//! Why a program could not be started. An errno is one word for many causes: ENOENT is a missing file, a missing
//! interpreter, a missing loader and a carriage return (T15).
//!
//! First the facts are gathered, by looking at the files once more; then a pure function finds the cause that fits
//! both the facts and the errno. Files may have changed in between: where nothing fits, the errno is all that is
//! said.

use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

use nix::errno::Errno;

pub use super::permission::Identity;
use super::permission::Mode;
pub use super::setup::Setup;
use super::{facts, faults, limits, setup};
use crate::errno::text;
use crate::harmless::harmless;

/// A start that failed.
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    /// The program as given, and its arguments.
    pub command: &'a [OsString],
    /// The PATH that was searched; None = it was not set.
    pub path: Option<&'a OsStr>,
    /// The file that the errno is about, where a search in PATH came to that.
    pub candidate: Option<&'a [u8]>,
    /// The working directory that the program would have had; None = our own.
    pub directory: Option<&'a [u8]>,
    /// The entries of the environment that the program would have had.
    pub environment: &'a [&'a [u8]],
    /// Whom the program would have run as; None = as ourselves.
    pub user: Option<&'a Identity>,
    /// What failed.
    pub step: Step,
    /// How.
    pub errno: Errno,
}

/// A step of a start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Making a process.
    Clone,
    /// Something that has to be done before the program.
    Setup(Setup),
    /// Executing the program.
    Exec,
    /// Executing `/bin/sh` for a script without `#!`.
    Shell,
}

/// What kind of failure it is; each has an exit status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExecClass {
    /// There is no such program.
    NotFound,
    /// It is there but cannot run.
    CannotRun,
    /// It never came to that.
    Failed,
}

/// The cause, in words that follow `cannot execute NAME: `.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// Which exit status it means.
    pub class: ExecClass,
    /// The cause.
    pub reason: String,
    /// What would help, if that is known.
    pub help: Option<String>,
}

/// It is written piece by piece, each by a call: a sentence is put together from what many causes share.
impl Explanation {
    pub(super) fn new(class: ExecClass) -> Self {
        Self { class, reason: String::new(), help: None }
    }

    /// Goes on with this text.
    #[inline(never)]
    pub(super) fn say(&mut self, text: &str) {
        self.reason.push_str(text);
    }

    /// Goes on with a text and a name, which is made fit for a line.
    #[inline(never)]
    pub(super) fn name(&mut self, before: &str, name: &[u8]) {
        let _ = write!(self.reason, "{before}{}", harmless(name));
    }

    /// Goes on with a text and a number.
    #[inline(never)]
    pub(super) fn number(&mut self, before: &str, number: u64) {
        let _ = write!(self.reason, "{before}{number}");
    }

    /// Goes on with what an errno means.
    #[inline(never)]
    pub(super) fn errno(&mut self, errno: Errno) {
        self.say(&text(errno));
    }

    /// Goes on with `: mode 0700 (rwx------), owner 1000:1000`.
    #[inline(never)]
    pub(super) fn mode_and_owner(&mut self, mode: Mode) {
        let _ = write!(self.reason, ": {mode}, owner {}:{}", mode.uid, mode.gid);
    }

    /// Says what would help, a name in the middle included.
    #[inline(never)]
    pub(super) fn help(&mut self, before: &str, name: &[u8], after: &str) {
        self.help = Some(format!("{before}{}{after}", harmless(name)));
    }
}

/// Finds the cause.
pub fn explain(attempt: &Attempt<'_>) -> Explanation {
    let mut explanation = Explanation::new(ExecClass::Failed);
    let said = &mut explanation;
    match (attempt.step, attempt.errno) {
        (Step::Setup(what), errno) => setup::explain(said, what, errno),
        (_, Errno::EAGAIN) => limits::processes(said),
        (Step::Clone, errno) => {
            said.say("no process can be made: ");
            said.errno(errno);
        }
        (_, Errno::E2BIG) => limits::arguments(said, attempt.command, attempt.environment),
        (_, errno @ (Errno::ENOMEM | Errno::EMFILE | Errno::ENFILE)) => said.errno(errno),
        (Step::Exec | Step::Shell, _) => faults::explain(said, attempt, &facts::gather(attempt)),
    }
    explanation
}

impl<'a> Attempt<'a> {
    /// The program as given.
    pub(super) fn program(&self) -> &'a [u8] {
        self.command.first().map_or(b"", |program| program.as_bytes())
    }

    /// Is the program looked for in PATH?
    pub(super) fn searches(&self) -> bool {
        !self.program().contains(&b'/')
    }
}

/// Is this what execve(2) says when a file, or something on the way to it, is not there?
pub(super) fn means_absent(errno: Errno) -> bool {
    matches!(errno, Errno::ENOENT | Errno::ENOTDIR | Errno::ENAMETOOLONG | Errno::ESTALE | Errno::ENODEV)
}

// They execute files, which Miri cannot.
#[cfg(test)]
#[cfg(not(miri))]
#[path = "exec_tests.rs"]
mod tests;

//! Why a program could not be started. An errno is one word for many causes: ENOENT is a missing file, a missing
//! interpreter, a missing loader and a carriage return (T15).
//!
//! First the facts are gathered, by looking at the files once more; then a pure function finds the cause that fits
//! both the facts and the errno. Files may have changed in between: where nothing fits, the errno is all that is
//! said.

use std::ffi::{OsStr, OsString};
use std::fmt::{self, Display};
use std::os::unix::ffi::OsStrExt;

use nix::errno::Errno;

pub use super::permission::Identity;
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

impl Explanation {
    pub(super) fn new(class: ExecClass, reason: fmt::Arguments<'_>) -> Self {
        Self { class, reason: std::fmt::format(reason), help: None }
    }

    pub(super) fn help(self, help: fmt::Arguments<'_>) -> Self {
        Self { help: Some(std::fmt::format(help)), ..self }
    }
}

/// Finds the cause.
pub fn explain(attempt: &Attempt<'_>) -> Explanation {
    match (attempt.step, attempt.errno) {
        (Step::Setup(what), errno) => setup::explain(what, errno),
        (_, Errno::EAGAIN) => limits::processes(),
        (Step::Clone, errno) => {
            Explanation::new(ExecClass::Failed, format_args!("no process can be made: {}", text(errno)))
        }
        (_, Errno::E2BIG) => limits::arguments(attempt.command, attempt.environment),
        (_, errno @ (Errno::ENOMEM | Errno::EMFILE | Errno::ENFILE)) => {
            Explanation::new(ExecClass::Failed, format_args!("{}", text(errno)))
        }
        (Step::Exec | Step::Shell, _) => faults::explain(attempt, &facts::gather(attempt)),
    }
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

/// A file name, fit for a line.
pub(super) fn shown(name: &[u8]) -> impl Display + '_ {
    harmless(name)
}

#[cfg(test)]
#[path = "exec_tests.rs"]
mod tests;

//! Floor 1: arguments and environment in, [`Command`] out. Nothing is read, started or printed here.
//!
//! Each command line is one parser file that ends at a [`Config`]; `table` lists our flags once, for the parser,
//! `--help` and the README. Other inits' command lines get a parser of their own beside `sexton` and take our
//! variables by the same `environment`.

mod catatonit;
mod draft;
mod dumb_init;
mod environment;
mod error;
mod flags;
mod getopt;
mod help;
mod launch;
mod mode;
mod pause;
mod personality;
mod sexton;
mod table;
mod tini;
mod values;

use std::ffi::OsString;
use std::path::PathBuf;

pub use error::UsageError;
pub use help::{help, markdown};

use crate::check::Limits;
use crate::config::{Config, Voice};

/// The answer to `--version`.
pub const VERSION: &str = concat!("sexton ", env!("CARGO_PKG_VERSION"), " - git.", env!("SEXTON_GIT_COMMIT"));

/// The variables that are read: those that begin so.
pub const PREFIXES: [&[u8]; 4] = [b"SEXTON_", b"TINI_", b"DUMB_INIT_", b"CATATONIT_"];

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Run a program.
    Run(Box<Config>),
    /// Print the process tree.
    Ps {
        /// As JSON.
        json: bool,
    },
    /// Compare with limits.
    Check(Limits),
    /// Run no program: wait and reap. The command is empty.
    Pause(Box<Config>),
    /// Copy this binary to that place.
    Install(PathBuf),
    /// Print another init's text.
    Say(Answer),
    /// Print [`help()`].
    Help,
    /// Print [`VERSION`].
    Version,
}

/// A text and what it means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// With the last line's end.
    pub text: String,
    /// Where it goes: standard error or output.
    pub to_stderr: bool,
    /// The exit status.
    pub status: u8,
}

/// What sexton was started with.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The arguments, argv\[0\] included.
    pub args: &'a [OsString],
    /// The environment: names and values.
    pub env: &'a [(OsString, OsString)],
    /// Started set-uid or the like (`AT_SECURE`, `getauxval(3)`): whoever wrote the environment is not trusted.
    pub secure: bool,
}

/// What was understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parsed {
    /// What to do, or why nothing can be done.
    pub result: Result<Command, UsageError>,
    /// How to say it.
    pub voice: &'static Voice,
    /// To be logged once it is known how: one line each, without a prefix.
    pub warnings: Vec<String>,
}

/// Reads a command line and its environment.
// Apart from whoever runs what this yields: its stack would be room that a whole run pays for.
#[inline(never)]
pub fn parse(input: Input<'_>) -> Parsed {
    let mut warnings = Vec::new();
    let (result, voice) = match personality::choose(input.args) {
        Ok((Some(personality), args)) => {
            let input = Input { args, ..input };
            (personality::parse(personality, input, &mut warnings), &personality.voice)
        }
        Ok((None, _)) => (sexton::parse(input, &mut warnings), &Voice::SEXTON),
        Err(error) => (Err(error), &Voice::SEXTON),
    };
    Parsed { result, voice, warnings }
}

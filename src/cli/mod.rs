//! Floor 1: arguments and environment in, [`Command`] out. Nothing is read, started or printed here.
//!
//! Each command line is one parser file that ends at a [`Config`]; `table` lists our flags once, for the parser,
//! `--help` and the README. Other inits' command lines get a parser of their own beside `sexton` and take our
//! variables by the same `environment`.

mod draft;
mod environment;
mod error;
mod flags;
mod help;
mod launch;
mod mode;
mod sexton;
mod table;
mod values;

use std::ffi::OsString;

pub use error::UsageError;
pub use help::{help, markdown};

use crate::check::Limits;
use crate::config::Config;

/// The answer to `--version`.
pub const VERSION: &str = concat!("sexton ", env!("CARGO_PKG_VERSION"), " - git.", env!("SEXTON_GIT_COMMIT"));

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
    /// Print [`help()`].
    Help,
    /// Print [`VERSION`].
    Version,
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
    /// To be logged once it is known how: one line each, without a prefix.
    pub warnings: Vec<String>,
}

/// Reads a command line and its environment.
pub fn parse(input: Input<'_>) -> Parsed {
    let mut warnings = Vec::new();
    let result = sexton::parse(input, &mut warnings);
    Parsed { result, warnings }
}

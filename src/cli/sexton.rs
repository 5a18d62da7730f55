//! Our own command line.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::draft::Draft;
use super::error::{UsageError, nearest};
use super::flags::{self, Flag, Opt};
use super::mode::{self, Mode};
use super::{Command, Input, environment};
use crate::config::Config;

/// A flag as it was given; None = without a value.
pub(super) type Given = (&'static Flag, Option<OsString>);

/// Reads arguments and environment. What is odd but no error goes to `warnings`.
pub(super) fn parse(input: Input<'_>, warnings: &mut Vec<String>) -> Result<Command, UsageError> {
    let (given, command) = lex(input.args)?;
    match given.last() {
        Some((Flag { option: Opt::Help, .. }, _)) => return Ok(Command::Help),
        Some((Flag { option: Opt::Version, .. }, _)) => return Ok(Command::Version),
        _ => {}
    }
    let mode = match mode::of(&given, &command)? {
        Mode::Now(command) => return Ok(command),
        mode => mode,
    };
    let mut draft = Draft::new(Config::new(Vec::new()));
    if !input.secure {
        environment::apply(&mut draft, input.env, warnings)?;
    }
    for (flag, value) in given {
        let word = value.as_deref().unwrap_or(OsStr::new("on"));
        if draft.set(flag.option, word).is_none() {
            return Err(unfit(flag, word.to_owned()));
        }
    }
    match mode {
        Mode::Pause => Ok(Command::Pause(draft.finish(command))),
        _ if command.is_empty() => Err(UsageError::NoProgram),
        _ => Ok(Command::Run(draft.finish(command))),
    }
}

/// Splits the arguments into flags and the program with its own arguments. `--help` and `--version` end the
/// splitting: whatever stands behind them does not matter.
fn lex(args: &[OsString]) -> Result<(Vec<Given>, Vec<OsString>), UsageError> {
    // Nearly every command line begins with the program, and is spared the search for options.
    match args {
        [_, separator, command @ ..] if separator == "--" => Ok((Vec::new(), command.to_vec())),
        [_, command @ ..] if command.first().is_some_and(|word| !word.as_bytes().starts_with(b"-")) => {
            Ok((Vec::new(), command.to_vec()))
        }
        _ => lex_options(args),
    }
}

#[inline(never)]
fn lex_options(args: &[OsString]) -> Result<(Vec<Given>, Vec<OsString>), UsageError> {
    let mut parser = lexopt::Parser::from_args(args.iter().skip(1));
    let mut given: Vec<Given> = Vec::new();
    // The word that is being read, kept because lexopt's names of options have lost what is not UTF-8.
    let mut word = OsStr::new("");
    loop {
        if let Some(rest) = parser.try_raw_args() {
            let next = args.len().saturating_sub(rest.as_slice().len());
            word = args.get(next).map_or(word, OsString::as_os_str);
        }
        let flag = match parser.next() {
            Ok(Some(lexopt::Arg::Long(name))) => flags::long(name).ok_or_else(|| unknown_long(name, word))?,
            Ok(Some(lexopt::Arg::Short(letter))) => {
                flags::short(letter).ok_or_else(|| unknown_short(letter, word))?
            }
            Ok(Some(lexopt::Arg::Value(program))) => {
                let mut command = vec![program];
                if let Some(rest) = parser.try_raw_args() {
                    rest.for_each(|argument| command.push(argument));
                }
                return Ok((given, command));
            }
            Ok(None) => return Ok((given, Vec::new())),
            // A switch with a value: lexopt notices when it is asked for what comes next.
            Err(error) => return Err(unwanted(error, given.last(), word)),
        };
        let value = match flag.value {
            Some(kind) if kind.is_optional() => parser.optional_value(),
            Some(kind) => Some(
                parser
                    .value()
                    .map_err(|_| UsageError::MissingValue { option: flag.long, expected: kind.expected })?,
            ),
            None => None,
        };
        given.push((flag, value));
        if matches!(flag.option, Opt::Help | Opt::Version) {
            return Ok((given, Vec::new()));
        }
    }
}

#[cold]
#[inline(never)]
pub(super) fn unfit(flag: &Flag, value: OsString) -> UsageError {
    let expected = flag.value.map_or("no value, since it is a switch", |kind| kind.expected);
    UsageError::BadValue { setting: format!("--{}", flag.long), value, expected }
}

#[cold]
#[inline(never)]
fn unwanted(error: lexopt::Error, last: Option<&Given>, word: &OsStr) -> UsageError {
    match (error, last) {
        (lexopt::Error::UnexpectedValue { value, .. }, Some((flag, _))) => unfit(flag, value),
        // lexopt has no other error here; its own text would pull in code for nothing.
        _ => UsageError::UnknownOption { given: word.to_owned(), nearest: None },
    }
}

#[cold]
#[inline(never)]
fn unknown_long(name: &str, word: &OsStr) -> UsageError {
    let given = word.as_bytes().split(|byte| *byte == b'=').next().unwrap_or_default();
    let nearest = nearest(name, &mut flags::all().map(|flag| flag.long));
    UsageError::UnknownOption { given: OsStr::from_bytes(given).to_owned(), nearest }
}

#[cold]
#[inline(never)]
fn unknown_short(letter: char, word: &OsStr) -> UsageError {
    let given = match letter {
        char::REPLACEMENT_CHARACTER => word.to_owned(),
        _ => format!("-{letter}").into(),
    };
    UsageError::UnknownOption { given, nearest: None }
}

#[cfg(test)]
#[path = "sexton_tests.rs"]
mod tests;

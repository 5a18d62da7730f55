//! Our own command line.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::draft::Draft;
use super::error::{UsageError, nearest};
use super::flags::{self, Flag, Opt};
use super::{Command, Input, environment, mode};

/// A flag as it was given; a switch, and a value that was left out, is the word that its variable would take.
pub(super) type Given = (&'static Flag, OsString);

/// Flags, and the program with its own arguments.
type Lexed<'a> = (Vec<Given>, &'a [OsString]);

/// Reads arguments and environment. What is odd but no error goes to `warnings`.
pub(super) fn parse(input: Input<'_>, warnings: &mut Vec<String>) -> Result<Command, UsageError> {
    let (given, command) = lex(input.args)?;
    let mode = mode::of(&given, command)?;
    if let Some(option) = mode
        && option.0.option != Opt::Pause
    {
        return mode::command(option, &given);
    }
    let mut draft = Draft::new();
    if !input.secure {
        environment::apply(&mut draft, input.env, warnings)?;
    }
    for (flag, value) in &given {
        if draft.set(flag.option, value).is_none() {
            return Err(unfit(flag, value));
        }
    }
    if mode.is_none() && command.is_empty() {
        return Err(UsageError::plain("no program to run was given; 'sexton --help' shows the usage"));
    }
    let config = draft.finish(command);
    Ok(if mode.is_some() { Command::Pause(config) } else { Command::Run(config) })
}

/// Splits the arguments. `--help` and `--version` end the splitting: whatever stands behind them does not matter.
fn lex(args: &[OsString]) -> Result<Lexed<'_>, UsageError> {
    // Nearly every command line begins with the program, and is spared the search for options.
    match args {
        [_, separator, command @ ..] if matches!(separator.as_bytes(), [b'-', b'-']) => {
            Ok((Vec::new(), command))
        }
        [_, command @ ..] if command.first().is_some_and(|word| !word.as_bytes().starts_with(b"-")) => {
            Ok((Vec::new(), command))
        }
        _ => lex_options(args),
    }
}

#[inline(never)]
fn lex_options(args: &[OsString]) -> Result<Lexed<'_>, UsageError> {
    let args = args.get(1..).unwrap_or_default();
    let mut parser = lexopt::Parser::from_args(args);
    let mut given: Vec<Given> = Vec::new();
    // The word that is being read, kept because lexopt's names of options have lost what is not UTF-8.
    let mut word = OsStr::new("");
    loop {
        if let Some(rest) = parser.try_raw_args() {
            word = last(args, rest.as_slice().len()).first().map_or(word, OsString::as_os_str);
        }
        let name = match parser.next() {
            Ok(Some(name)) => name,
            Ok(None) => return Ok((given, &[])),
            // A switch with a value: lexopt notices when it is asked for what comes next.
            Err(error) => return Err(unwanted(error, given.last(), word)),
        };
        let flag = match name {
            lexopt::Arg::Long(name) => flags::long(name),
            lexopt::Arg::Short(letter) => flags::short(letter),
            lexopt::Arg::Value(_) => {
                let behind = parser.try_raw_args().map_or(0, |rest| rest.as_slice().len());
                return Ok((given, last(args, behind + 1)));
            }
        };
        let Some(flag) = flag else { return Err(unknown(&name, word)) };
        let mut value = None;
        if let Some(kind) = flag.value {
            value = parser.optional_value();
            if value.is_none() && !kind.is_optional() {
                value = parser.try_raw_args().and_then(|mut rest| rest.next());
                if value.is_none() {
                    let template = "no value was given for --%n: expected %e";
                    return Err(UsageError::new(template, b"", flag.long, kind.expected));
                }
            }
        }
        given.push((flag, value.unwrap_or_else(|| "on".into())));
        if matches!(flag.option, Opt::Help | Opt::Version) {
            return Ok((given, &[]));
        }
    }
}

/// So many of the last words.
fn last(args: &[OsString], count: usize) -> &[OsString] {
    args.get(args.len().saturating_sub(count)..).unwrap_or_default()
}

#[cold]
#[inline(never)]
pub(super) fn unfit(flag: &Flag, value: &OsStr) -> UsageError {
    let expected = flag.value.map_or("no value, since it is a switch", |kind| kind.expected);
    UsageError::new("cannot use '%g' for --%n: expected %e", value.as_bytes(), flag.long, expected)
}

#[cold]
#[inline(never)]
fn unwanted(error: lexopt::Error, last: Option<&Given>, word: &OsStr) -> UsageError {
    match (error, last) {
        (lexopt::Error::UnexpectedValue { value, .. }, Some((flag, _))) => unfit(flag, &value),
        // lexopt has no other error here; its own text would pull in code for nothing.
        _ => unknown(&lexopt::Arg::Short(char::REPLACEMENT_CHARACTER), word),
    }
}

#[cold]
#[inline(never)]
fn unknown(name: &lexopt::Arg<'_>, word: &OsStr) -> UsageError {
    let word = word.as_bytes();
    let mut buffer = [0; 4];
    let (template, given, nearest) = match name {
        lexopt::Arg::Long(name) => {
            let given = word.split(|byte| *byte == b'=').next().unwrap_or_default();
            match nearest(name, &mut flags::all().map(|flag| flag.long)) {
                None => ("unknown option '%g'", given, ""),
                Some(long) => ("unknown option '%g'; did you mean '--%n'?", given, long),
            }
        }
        lexopt::Arg::Short(letter) if *letter != char::REPLACEMENT_CHARACTER => {
            ("unknown option '-%g'", letter.encode_utf8(&mut buffer).as_bytes(), "")
        }
        _ => ("unknown option '%g'", word, ""),
    };
    UsageError::new(template, given, nearest, "")
}

#[cfg(test)]
#[path = "sexton_tests.rs"]
mod tests;

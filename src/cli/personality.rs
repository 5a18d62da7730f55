//! Which init's command line is spoken: by the name we are called by, or by `--as NAME` as the first argument. A
//! personality is data and two functions; what all of them have in common is here.

use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::os::unix::ffi::OsStrExt;

use super::draft::Draft;
use super::error::UsageError;
use super::getopt::{self, Known, Words};
use super::{Answer, Command, Input, catatonit, dumb_init, environment, pause, tini};
use crate::config::{Config, Voice};
use crate::harmless::harmless;
use crate::voice::fill;

/// A text in pieces, for those that begin or end alike: `%c` is what we were called, `%n` the same without a path,
/// `%g` the commit, `%p` our pid and `%e` what getopt says is wrong.
pub(super) type Text = &'static [&'static str];

/// Another init's command line.
pub(super) struct Personality {
    pub(super) names: &'static [&'static str],
    pub(super) voice: Voice,
    pub(super) options: &'static [Known],
    /// A word that is an option where it is the only one, and the answer to it.
    pub(super) alone: Option<(&'static str, Text)>,
    /// The answer to words that getopt does not understand; empty: they are passed over.
    pub(super) misused: Text,
    /// The answer to no program at all; None: none is needed.
    pub(super) no_program: Option<Text>,
    /// What holds before any option, by its variables.
    pub(super) presets: fn(&mut Call<'_>),
    /// One option and its value. An error ends the parsing.
    pub(super) option: fn(&mut Call<'_>, u8, &OsStr) -> Result<(), Stop>,
}

/// Why nothing is run.
pub(super) enum Stop {
    /// There is a text to print on standard output, and all is well.
    Answer(Text),
    /// The same on standard error, with this exit status.
    Say(Text, u8),
    /// A value that does not fit, to be logged: this, and the value behind it.
    Unfit(&'static str),
    /// One of our own variables.
    Variable(UsageError),
}

static PERSONALITIES: [&Personality; 4] =
    [&tini::PERSONALITY, &dumb_init::PERSONALITY, &catatonit::PERSONALITY, &pause::PERSONALITY];

/// Whose command line `args` is, and the arguments without `--as`. None: our own.
pub(super) fn choose(args: &[OsString]) -> Result<(Option<&'static Personality>, &[OsString]), UsageError> {
    match (named(args), args) {
        (None, [_, flag, rest @ ..]) if flag == "--as" => match named(rest) {
            Some(personality) => Ok((Some(personality), rest)),
            None => Err(UsageError::BadValue {
                setting: "--as".to_owned(),
                value: rest.first().cloned().unwrap_or_default(),
                expected: "tini, tini-static, docker-init, dumb-init, catatonit, podman-init or pause",
            }),
        },
        (personality, args) => Ok((personality, args)),
    }
}

fn named(args: &[OsString]) -> Option<&'static Personality> {
    let name = base(args.first()?);
    // Most runs end here, and need not fetch the others' names from memory.
    if name == b"sexton" {
        return None;
    }
    PERSONALITIES.into_iter().find(|one| one.names.iter().any(|own| own.as_bytes() == name))
}

fn base(path: &OsStr) -> &[u8] {
    path.as_bytes().rsplit(|byte| *byte == b'/').next().unwrap_or_default()
}

/// A call under another init's name, as far as it has been read.
pub(super) struct Call<'a> {
    input: Input<'a>,
    /// To be logged when the run begins.
    pub(super) notes: &'a mut Vec<String>,
    /// The options, before they are looked at one by one.
    pub(super) letters: Vec<u8>,
    pub(super) draft: Draft,
    /// No program is to be run.
    pub(super) pause: bool,
}

impl Call<'_> {
    /// A variable of that init. Whoever wrote the environment of a set-uid start is not trusted.
    pub(super) fn variable(&self, name: &str) -> Option<&OsStr> {
        let env = if self.input.secure { &[] } else { self.input.env };
        env.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_os_str())
    }

    /// Is a variable there that means on by being there? `0` is off (T17).
    pub(super) fn is_on(&self, name: &str) -> bool {
        self.variable(name).is_some_and(|value| value != "0")
    }

    /// Is this option among the words?
    pub(super) fn has(&self, letter: u8) -> bool {
        self.letters.contains(&letter)
    }
}

/// Reads a command line. `notes` are to be logged when the run begins.
#[cold]
#[inline(never)]
pub(super) fn parse(
    personality: &'static Personality,
    input: Input<'_>,
    notes: &mut Vec<String>,
) -> Result<Command, UsageError> {
    let mut wrong = String::new();
    let (text, to_stderr, status) = match read(personality, input, notes, &mut wrong) {
        Ok(command) => return Ok(command),
        Err(Stop::Variable(error)) => return Err(error),
        Err(Stop::Unfit(template)) => return Err(UsageError::Foreign(template.to_owned() + &wrong)),
        Err(Stop::Answer(text)) => (text, false, 0),
        Err(Stop::Say(text, status)) => (text, true, status),
    };
    let called = input.args.first().map(OsString::as_os_str).unwrap_or_default();
    let (name, called) = (harmless(base(called)), harmless(called.as_bytes()));
    let facts: &[(char, &dyn Display)] = &[
        ('c', &called),
        ('n', &name),
        ('g', &env!("SEXTON_GIT_COMMIT")),
        ('p', &std::process::id()),
        ('e', &wrong),
    ];
    let mut said = String::new();
    text.iter().for_each(|piece| said.push_str(&fill(piece, facts)));
    Ok(Command::Say(Answer { text: said, to_stderr, status }))
}

/// Presets, then our own variables, then the options. `wrong` is what the error is about.
fn read(
    personality: &'static Personality,
    input: Input<'_>,
    notes: &mut Vec<String>,
    wrong: &mut String,
) -> Result<Command, Stop> {
    if let (Some((option, text)), [_, only]) = (personality.alone, input.args)
        && only == option
    {
        return Err(Stop::Answer(text));
    }
    let failure = personality.voice.failure;
    let words = match getopt::split(input.args, personality.options) {
        Ok(words) => words,
        Err(_) if personality.misused.is_empty() => Words::default(),
        Err((template, option)) => {
            *wrong = fill(template, &[('o', &harmless(option))]);
            return Err(Stop::Say(personality.misused, failure));
        }
    };
    let letters = words.options.iter().map(|(letter, _)| *letter).collect();
    let draft = Draft::new(Config::new(Vec::new()));
    let mut call = Call { input, notes, letters, draft, pause: personality.no_program.is_none() };
    call.draft.config.voice = personality.voice;
    (personality.presets)(&mut call);
    if !input.secure {
        environment::apply(&mut call.draft, input.env, call.notes).map_err(Stop::Variable)?;
    }
    for (letter, value) in words.options {
        (personality.option)(&mut call, letter, value).inspect_err(|_| {
            *wrong = harmless(value.as_bytes()).to_string();
        })?;
    }
    match personality.no_program {
        Some(text) if words.command.is_empty() && !call.pause => Err(Stop::Say(text, failure)),
        _ if call.pause => Ok(Command::Pause(call.draft.finish(Vec::new()))),
        _ => Ok(Command::Run(call.draft.finish(words.command.to_vec()))),
    }
}

#[cfg(test)]
#[path = "personality_tests.rs"]
mod tests;

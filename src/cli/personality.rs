//! Which init's command line is spoken: by the name we are called by, or by `--as NAME` as the first argument. A
//! personality is data and a function; what all of them have in common is here.

use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::os::unix::ffi::OsStrExt;

use super::draft::Draft;
use super::error::UsageError;
use super::getopt::{self, Given, Words};
use super::{Answer, Command, Input, catatonit, dumb_init, environment, pause, tini};
use crate::config::{Config, Voice};
use crate::harmless::harmless;
use crate::voice::fill;

/// A text in pieces, for those that begin or end alike: `%c` is what we were called, `%n` the same without a path,
/// `%g` the commit, `%p` our pid and `%o` the option that is wrong.
pub(super) type Text = &'static [&'static str];

/// Another init's command line.
pub(super) struct Personality {
    pub(super) names: &'static [&'static str],
    pub(super) voice: Voice,
    pub(super) options: &'static [Known],
    /// A word that is an option where it is the only one, and the answer to it.
    pub(super) alone: Option<(&'static str, Text)>,
    /// The answer to words that getopt does not understand, behind what is wrong; None: they are passed over.
    pub(super) misused: Option<Text>,
    /// The answer to no program at all; None: none is needed.
    pub(super) no_program: Option<Text>,
    /// What holds before any option, by its variables.
    pub(super) presets: fn(&mut Call<'_>),
}

/// An option.
pub(super) struct Known {
    pub(super) letter: u8,
    /// Its long name; empty = none.
    pub(super) long: &'static str,
    pub(super) effect: Effect,
}

/// What an option does.
pub(super) enum Effect {
    /// Nothing, or nothing yet: the presets have looked for it.
    None,
    /// This text is printed on standard output, and all is well.
    Answer(Text),
    /// The same on standard error.
    Say(Text),
    /// It takes no value.
    Set(fn(&mut Call<'_>)),
    /// It takes a value; None = that does not fit.
    Take(fn(&mut Config, &str) -> Option<()>, Unfit),
}

/// The answer to a value that does not fit.
pub(super) enum Unfit {
    /// This is logged, with the value for `%g`.
    Log(&'static str),
    /// This is printed on standard error.
    Say(Text),
}

impl Known {
    pub(super) const fn new(letter: u8, long: &'static str, effect: Effect) -> Self {
        Self { letter, long, effect }
    }

    /// Does it take a value?
    pub(super) fn takes(&self) -> bool {
        matches!(self.effect, Effect::Take(..))
    }
}

static PERSONALITIES: [&Personality; 4] =
    [&tini::PERSONALITY, &dumb_init::PERSONALITY, &catatonit::PERSONALITY, &pause::PERSONALITY];

/// Whose command line `args` is, and the arguments without `--as`. None: our own.
pub(super) fn choose(args: &[OsString]) -> Result<(Option<&'static Personality>, &[OsString]), UsageError> {
    match (named(args), args) {
        (None, [_, flag, rest @ ..]) if flag == "--as" => match named(rest) {
            Some(personality) => Ok((Some(personality), rest)),
            None => {
                let known = "tini, tini-static, docker-init, dumb-init, catatonit, podman-init or pause";
                let given = rest.first().map(|name| name.as_bytes()).unwrap_or_default();
                Err(UsageError::new("cannot use '%g' for --as: expected %e", given, "", known))
            }
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
    options: &'a [Given<'a>],
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

    /// How often this option is among the words.
    pub(super) fn count(&self, letter: u8) -> usize {
        self.options.iter().filter(|(option, _)| option.letter == letter).count()
    }
}

/// Reads a command line: presets, then our own variables, then the options. `notes` are to be logged when the run
/// begins.
#[cold]
#[inline(never)]
pub(super) fn parse(
    personality: &'static Personality,
    input: Input<'_>,
    notes: &mut Vec<String>,
) -> Result<Command, UsageError> {
    let failure = personality.voice.failure;
    if let (Some((option, text)), [_, only]) = (personality.alone, input.args)
        && only == option
    {
        return Ok(say(input, text, false, 0));
    }
    let words = match (getopt::split(input.args, personality.options), personality.misused) {
        (Ok(words), _) => words,
        (Err(_), None) => Words::default(),
        (Err((template, option)), Some(text)) => {
            let mut answer = answer(input, &["%c: ", template, "\n"], option);
            answer.push_str(&self::answer(input, text, b""));
            return Ok(Command::Say(Answer { text: answer, to_stderr: true, status: failure }));
        }
    };
    let draft = Draft::new();
    let pause = personality.no_program.is_none();
    let mut call = Call { input, notes, options: &words.options, draft, pause };
    call.draft.config.voice = personality.voice;
    (personality.presets)(&mut call);
    if !input.secure {
        environment::apply(&mut call.draft, input.env, call.notes)?;
    }
    for (option, value) in &words.options {
        match option.effect {
            Effect::None => {}
            Effect::Answer(text) => return Ok(say(input, text, false, 0)),
            Effect::Say(text) => return Ok(say(input, text, true, 0)),
            Effect::Set(set) => set(&mut call),
            Effect::Take(take, ref unfit) => {
                let taken = value.to_str().and_then(|text| take(&mut call.draft.config, text));
                match unfit {
                    _ if taken.is_some() => {}
                    Unfit::Log(template) => {
                        return Err(UsageError::new(template, value.as_bytes(), "", ""));
                    }
                    Unfit::Say(text) => return Ok(say(input, text, true, failure)),
                }
            }
        }
    }
    match personality.no_program {
        _ if call.pause => Ok(Command::Pause(call.draft.finish(&[]))),
        Some(text) if words.command.is_empty() => Ok(say(input, text, true, failure)),
        _ => Ok(Command::Run(call.draft.finish(words.command))),
    }
}

fn say(input: Input<'_>, text: Text, to_stderr: bool, status: u8) -> Command {
    Command::Say(Answer { text: answer(input, text, b""), to_stderr, status })
}

/// A text with its blanks filled in; `option` is what `%o` stands for.
fn answer(input: Input<'_>, text: &[&str], option: &[u8]) -> String {
    let called = input.args.first().map(OsString::as_os_str).unwrap_or_default();
    let facts: &[(char, &dyn Display)] = &[
        ('c', &harmless(called.as_bytes())),
        ('n', &harmless(base(called))),
        ('g', &env!("SEXTON_GIT_COMMIT")),
        ('p', &std::process::id()),
        ('o', &harmless(option)),
    ];
    let mut said = String::new();
    for piece in text {
        said.push_str(&fill(piece, facts));
    }
    said
}

#[cfg(test)]
#[path = "personality_tests.rs"]
mod tests;

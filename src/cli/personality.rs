//! Which init's command line is spoken: by the name we are called by, or by `--as NAME` as the first argument.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::draft::Draft;
use super::error::UsageError;
use super::{Answer, Command, Input, catatonit, dumb_init, environment, pause, tini};
use crate::config::Voice;
use crate::harmless::harmless;

/// The commit, as versions name it.
pub(super) const GIT: &str = env!("SEXTON_GIT_COMMIT");

/// Another init's command line.
pub(super) struct Personality {
    names: &'static [&'static str],
    pub(super) voice: Voice,
    pub(super) parse: fn(Call<'_>) -> Result<Command, UsageError>,
}

static PERSONALITIES: [Personality; 4] = [
    Personality { names: &["tini", "tini-static", "docker-init"], voice: tini::VOICE, parse: tini::parse },
    Personality { names: &["dumb-init"], voice: dumb_init::VOICE, parse: dumb_init::parse },
    Personality { names: &["catatonit", "podman-init"], voice: catatonit::VOICE, parse: catatonit::parse },
    Personality { names: &["pause"], voice: pause::VOICE, parse: pause::parse },
];

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
    PERSONALITIES.iter().find(|personality| personality.names.iter().any(|own| own.as_bytes() == name))
}

fn base(path: &OsStr) -> &[u8] {
    path.as_bytes().rsplit(|byte| *byte == b'/').next().unwrap_or_default()
}

/// A call under another init's name.
pub(super) struct Call<'a> {
    pub(super) input: Input<'a>,
    pub(super) warnings: &'a mut Vec<String>,
}

impl<'a> Call<'a> {
    /// The arguments, the name in front.
    pub(super) fn args(&self) -> &'a [OsString] {
        self.input.args
    }

    /// What we were called, as it was given: messages of getopt(3) begin with it.
    pub(super) fn full_name(&self) -> String {
        self.input.args.first().map(|name| harmless(name.as_bytes()).to_string()).unwrap_or_default()
    }

    /// The same without a path.
    pub(super) fn name(&self) -> String {
        self.input.args.first().map(|name| harmless(base(name)).to_string()).unwrap_or_default()
    }

    /// A variable of that init. Whoever wrote the environment of a set-uid start is not trusted.
    pub(super) fn variable(&self, name: &str) -> Option<&'a OsStr> {
        let env = if self.input.secure { &[] } else { self.input.env };
        env.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_os_str())
    }

    /// Is a variable there that means on by being there? `0` is off (T17).
    pub(super) fn is_on(&self, name: &str) -> bool {
        self.variable(name).is_some_and(|value| value != "0")
    }

    /// Our own variables, over the presets of that init and under its options.
    pub(super) fn apply_environment(self, draft: &mut Draft) -> Result<(), UsageError> {
        if self.input.secure {
            return Ok(());
        }
        environment::apply(draft, self.input.env, self.warnings)
    }
}

/// Text on stdout, and all is well.
pub(super) fn answer(text: String) -> Command {
    Command::Say(Answer { text, to_stderr: false, status: 0 })
}

/// Text on stderr.
pub(super) fn refuse(text: String, status: u8) -> Command {
    Command::Say(Answer { text, to_stderr: true, status })
}

#[cfg(test)]
#[path = "personality_tests.rs"]
mod tests;

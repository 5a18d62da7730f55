//! Options that do something else than to run a program.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::Command;
use super::error::UsageError;
use super::flags::{Flag, Opt};
use super::sexton::{Given, unfit};
use crate::check::{Limits, LimitsError};

/// The option that asks for something else; of several the last one counts. None = a program is to run.
pub(super) fn of<'a>(given: &'a [Given], program: &[OsString]) -> Result<Option<&'a Given>, UsageError> {
    // Most command lines have no option at all.
    if given.is_empty() { Ok(None) } else { chosen(given, program) }
}

#[inline(never)]
fn chosen<'a>(given: &'a [Given], program: &[OsString]) -> Result<Option<&'a Given>, UsageError> {
    let mut mode = None;
    for option in given {
        match option.0.option {
            Opt::Help | Opt::Version | Opt::Ps | Opt::Check | Opt::Pause | Opt::Install => {
                mode = Some(option)
            }
            _ => {}
        }
    }
    match (mode, program.first()) {
        (Some((Flag { option: Opt::Help | Opt::Version, .. }, _)), _) => {}
        (Some((flag, _)), Some(program)) => {
            let template = "--%n starts no program, but '%g' was given";
            return Err(UsageError::new(template, program.as_bytes(), flag.long, ""));
        }
        (Some((Flag { option: Opt::Ps, .. }, _)), None) => {}
        _ if is_json(given) => {
            return Err(UsageError::plain("--json goes with --ps alone; the log has --log-format json"));
        }
        _ => {}
    }
    Ok(mode)
}

fn is_json(given: &[Given]) -> bool {
    given.iter().any(|(flag, _)| flag.option == Opt::Json)
}

/// What is done instead.
#[inline(never)]
pub(super) fn command((flag, value): &Given, given: &[Given]) -> Result<Command, UsageError> {
    Ok(match flag.option {
        Opt::Help => Command::Help,
        Opt::Version => Command::Version,
        Opt::Ps => Command::Ps { json: is_json(given) },
        Opt::Check => Command::Check(limits(flag, value)?),
        _ => Command::Install(value.into()),
    })
}

fn limits(flag: &Flag, value: &OsStr) -> Result<Limits, UsageError> {
    let text = value.to_str().ok_or_else(|| unfit(flag, value))?;
    let refused =
        |error: LimitsError| UsageError::new("cannot use --check: %g", error.to_string().as_bytes(), "", "");
    text.parse().map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Input, parse};

    fn parsed(line: &str) -> Result<Command, String> {
        let args: Vec<OsString> =
            ["sexton"].into_iter().chain(line.split_whitespace()).map(Into::into).collect();
        parse(Input { args: &args, env: &[], secure: false }).result.map_err(|error| error.to_string())
    }

    #[test]
    fn a_mode_is_instead_of_a_program() {
        assert_eq!(parsed("--ps"), Ok(Command::Ps { json: false }));
        assert_eq!(parsed("--json --ps"), Ok(Command::Ps { json: true }));
        assert_eq!(parsed("--json --help"), Ok(Command::Help));
        assert_eq!(parsed("--json --ps --version ls"), Ok(Command::Version));
        let limits = "zombies=5".parse().unwrap();
        assert_eq!(parsed("--check zombies=5"), Ok(Command::Check(limits)));
        assert_eq!(parsed("--ps --check=zombies=5"), Ok(Command::Check(limits)), "the last one counts");
    }

    #[test]
    fn nonsense_is_a_usage_error() {
        for (line, said) in [
            ("--ps ls", "--ps starts no program, but 'ls' was given"),
            ("--check oom=0 -- ls", "--check starts no program, but 'ls' was given"),
            ("--json", "--json goes with --ps alone; the log has --log-format json"),
            ("--json ls", "--json goes with --ps alone; the log has --log-format json"),
            ("--json --check oom=0", "--json goes with --ps alone; the log has --log-format json"),
            (
                "--check pids=x\u{1b}",
                "cannot use --check: pids=x\\x1b: expected a number, or a percentage from 0% to 100%",
            ),
        ] {
            assert_eq!(parsed(line), Err(said.to_owned()), "{line}");
        }
    }
}

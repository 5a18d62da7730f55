//! Options that do something else than to run a program.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::Command;
use super::error::UsageError;
use super::flags::{Flag, Opt};
use super::sexton::{Given, unfit};
use crate::check::{Limits, LimitsError};

/// What is to be done.
pub(super) enum Mode {
    /// A program is to run.
    Run,
    /// None is, but our variables hold all the same.
    Pause,
    /// Something else altogether.
    Now(Command),
}

/// What the options ask for. Of several modes the last one counts.
pub(super) fn of(given: &[Given], program: &[OsString]) -> Result<Mode, UsageError> {
    // Most command lines have no option at all.
    if given.is_empty() { Ok(Mode::Run) } else { chosen(given, program) }
}

#[inline(never)]
fn chosen(given: &[Given], program: &[OsString]) -> Result<Mode, UsageError> {
    let is_mode = |option| {
        matches!(option, Opt::Help | Opt::Version | Opt::Ps | Opt::Check | Opt::Pause | Opt::Install)
    };
    let mode = given.iter().rfind(|(flag, _)| is_mode(flag.option));
    let json = given.iter().any(|(flag, _)| flag.option == Opt::Json);
    let Some((flag, value)) = mode else { return if json { Err(json_of_nothing()) } else { Ok(Mode::Run) } };
    if let Some(program) = program.first() {
        let template = "--%n starts no program, but '%g' was given";
        return Err(UsageError::new(template, program.as_bytes(), flag.long, ""));
    }
    Ok(Mode::Now(match flag.option {
        Opt::Help => Command::Help,
        Opt::Version => Command::Version,
        Opt::Ps => Command::Ps { json },
        _ if json => return Err(json_of_nothing()),
        Opt::Check => Command::Check(limits(flag, value)?),
        Opt::Install => Command::Install(value.into()),
        _ => return Ok(Mode::Pause),
    }))
}

fn json_of_nothing() -> UsageError {
    UsageError::new("--json goes with --ps alone; the log has --log-format json", b"", "", "")
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

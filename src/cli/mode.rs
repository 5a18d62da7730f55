//! Options that do something else than to run a program.

use std::ffi::OsString;

use super::Command;
use super::error::UsageError;
use super::flags::{Flag, Opt};
use super::sexton::{Given, unfit};

/// What they ask for; None = nothing, a program is to run. Of several modes the last one counts.
pub(super) fn of(given: &[Given], program: &[OsString]) -> Option<Result<Command, UsageError>> {
    let mode = given.iter().rfind(|(flag, _)| matches!(flag.option, Opt::Ps | Opt::Check));
    let json = given.iter().any(|(flag, _)| flag.option == Opt::Json);
    match (mode, program.first()) {
        (Some((flag, _)), Some(program)) => {
            Some(Err(UsageError::ProgramTooMany { option: flag.long, program: program.clone() }))
        }
        (Some((Flag { option: Opt::Ps, .. }, _)), None) => Some(Ok(Command::Ps { json })),
        _ if json => Some(Err(UsageError::JsonOfNothing)),
        (Some((flag, value)), None) => Some(check(flag, value.clone().unwrap_or_default())),
        (None, _) => None,
    }
}

fn check(flag: &Flag, limits: OsString) -> Result<Command, UsageError> {
    match limits.to_str().map(str::parse) {
        Some(limits) => limits.map(Command::Check).map_err(UsageError::Limits),
        None => Err(unfit(flag, limits)),
    }
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

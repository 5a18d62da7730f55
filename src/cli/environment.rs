//! `SEXTON_…` variables: the same flags as on the command line, for those who cannot change it.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::draft::Draft;
use super::error::{UsageError, nearest};
use super::flags::{self, PREFIX};
use super::table::{LEVEL, SWITCHED};
use crate::harmless::harmless;

/// Verbosity, for which the command line has `-v` and `-q`.
const LOG: &str = "SEXTON_LOG";

/// What Kubernetes injects for a Service that is called sexton begins with these.
const SERVICE: [&str; 2] = ["SEXTON_SERVICE_", "SEXTON_PORT"];

/// Sets what `env` asks for. Known names are noted as consumed, unknown ones answered with a warning.
pub(super) fn apply(
    draft: &mut Draft,
    env: &[(OsString, OsString)],
    warnings: &mut Vec<String>,
) -> Result<(), UsageError> {
    if env.iter().any(|(name, _)| begins(name, PREFIX)) { apply_all(draft, env, warnings) } else { Ok(()) }
}

#[inline(never)]
fn apply_all(
    draft: &mut Draft,
    env: &[(OsString, OsString)],
    warnings: &mut Vec<String>,
) -> Result<(), UsageError> {
    let mut ours: Vec<_> = env.iter().filter(|(name, _)| begins(name, PREFIX)).collect();
    let flags = flags::all().filter_map(|flag| Some((flag.variable()?, Some(flag))));
    let known: Vec<_> = flags.chain([(LOG.to_owned(), None)]).collect();
    // In the order of the table, so that the order of the environment decides nothing.
    for (variable, flag) in &known {
        // Of two equal names the first counts, as for getenv(3).
        let Some((name, value)) = ours.iter().find(|(name, _)| name == variable.as_str()) else { continue };
        ours.retain(|(other, _)| other != name);
        draft.config.child.consumed.push(name.clone());
        let (repeatable, expected) = match flag {
            Some(flag) => (flag.repeatable, flag.value.unwrap_or(&SWITCHED).expected),
            None => (false, LEVEL.expected),
        };
        if value.is_empty() {
            continue;
        }
        for item in value.as_bytes().split(|byte| repeatable && *byte == b',').map(OsStr::from_bytes) {
            let done = match flag {
                Some(flag) => draft.set(flag.option, item),
                None => draft.set_level(item),
            };
            if done.is_none() {
                return Err(UsageError::BadValue { setting: variable.clone(), value: item.into(), expected });
            }
        }
    }
    for (name, _) in ours {
        if !SERVICE.iter().any(|service| begins(name, service)) {
            warnings.push(unknown(name, &mut known.iter().map(|(variable, _)| variable.as_str())));
        }
    }
    Ok(())
}

fn begins(name: &OsStr, with: &str) -> bool {
    name.as_bytes().starts_with(with.as_bytes())
}

/// The warning for a name that nobody knows.
#[cold]
#[inline(never)]
fn unknown(name: &OsStr, known: &mut dyn Iterator<Item = &str>) -> String {
    let nearest = match name.to_str().and_then(|name| name.strip_prefix(PREFIX)) {
        // Options whose variable has another name.
        Some("VERBOSE" | "QUIET") => Some(LOG.strip_prefix(PREFIX).unwrap_or(LOG)),
        Some(rest) => nearest(rest, &mut known.filter_map(|variable| variable.strip_prefix(PREFIX))),
        None => None,
    };
    let shown = harmless(name.as_bytes());
    match nearest {
        Some(rest) => format!("unknown variable {shown} is ignored; did you mean {PREFIX}{rest}?"),
        None => format!("unknown variable {shown} is ignored"),
    }
}

#[cfg(test)]
#[path = "environment_tests.rs"]
mod tests;

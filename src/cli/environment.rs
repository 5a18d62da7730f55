//! `SEXTON_…` variables: the same flags as on the command line, for those who cannot change it.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::draft::Draft;
use super::error::{UsageError, nearest, worded};
use super::flags::{self, PREFIX};
use super::table::{LOG, SWITCHED};

/// What Kubernetes injects for a Service that is called sexton begins with these, behind the prefix.
const SERVICE: [&[u8]; 2] = [b"SERVICE_", b"PORT"];

/// Sets what `env` asks for. Known names are noted as consumed, unknown ones answered with a warning.
pub(super) fn apply(
    draft: &mut Draft,
    env: &[(OsString, OsString)],
    warnings: &mut Vec<String>,
) -> Result<(), UsageError> {
    if env.iter().any(|(name, _)| own(name).is_some()) { apply_all(draft, env, warnings) } else { Ok(()) }
}

/// What follows the prefix in a name of ours.
fn own(name: &OsStr) -> Option<&[u8]> {
    name.as_bytes().strip_prefix(PREFIX.as_bytes())
}

#[inline(never)]
fn apply_all(
    draft: &mut Draft,
    env: &[(OsString, OsString)],
    warnings: &mut Vec<String>,
) -> Result<(), UsageError> {
    let mut known = Vec::new();
    for flag in flags::all() {
        if flag.variable {
            known.push((flag.capitals(), flag));
        }
    }
    known.push((LOG.capitals(), &LOG));
    // In the order of the table, so that the order of the environment decides nothing.
    for (variable, flag) in &known {
        // Of two equal names the first counts, as for getenv(3).
        let found = env.iter().find(|(name, _)| own(name) == Some(variable.as_bytes()));
        let Some((name, value)) = found else { continue };
        draft.config.child.consumed.push(name.clone());
        if value.is_empty() {
            continue;
        }
        for item in value.as_bytes().split(|byte| flag.repeatable && *byte == b',') {
            if draft.set(flag.option, OsStr::from_bytes(item)).is_none() {
                let expected = flag.value.unwrap_or(&SWITCHED).expected;
                let template = "cannot use '%g' for SEXTON_%n: expected %e";
                return Err(UsageError::new(template, item, variable, expected));
            }
        }
    }
    for (name, _) in env {
        let Some(rest) = own(name) else { continue };
        let is_known = known.iter().any(|(variable, _)| variable.as_bytes() == rest);
        if !is_known && !SERVICE.iter().any(|service| rest.starts_with(service)) {
            warnings.push(unknown(name, rest, &mut known.iter().map(|(variable, _)| variable.as_str())));
        }
    }
    Ok(())
}

/// The warning for a name that nobody knows.
#[cold]
#[inline(never)]
fn unknown(name: &OsStr, rest: &[u8], known: &mut dyn Iterator<Item = &str>) -> String {
    let nearest = match str::from_utf8(rest) {
        // Options whose variable has another name.
        Ok("VERBOSE" | "QUIET") => Some("LOG"),
        Ok(rest) => nearest(rest, known),
        Err(_) => None,
    };
    let template = match nearest {
        Some(_) => "unknown variable %g is ignored; did you mean SEXTON_%n?",
        None => "unknown variable %g is ignored",
    };
    worded(template, name.as_bytes(), nearest.unwrap_or_default(), "")
}

#[cfg(test)]
#[path = "environment_tests.rs"]
mod tests;

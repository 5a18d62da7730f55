//! What is wrong with a command line or a variable, in the user's words.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStrExt;

use crate::check::LimitsError;
use crate::harmless::harmless;

/// Why nothing was started.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UsageError {
    /// There is no program to run.
    NoProgram,
    /// A program together with an option that starts none.
    ProgramTooMany {
        /// The option's long name.
        option: &'static str,
        /// The program.
        program: OsString,
    },
    /// `--json` without what it belongs to.
    JsonOfNothing,
    /// The limits of `--check` make no sense.
    Limits(LimitsError),
    /// In another init's words.
    Foreign(String),
    /// There is no such option.
    UnknownOption {
        /// As it was given, without a value behind `=`.
        given: OsString,
        /// The long name that comes nearest.
        nearest: Option<&'static str>,
    },
    /// An option that takes a value is the last word.
    MissingValue {
        /// Its long name.
        option: &'static str,
        /// What a value looks like.
        expected: &'static str,
    },
    /// The value does not fit.
    BadValue {
        /// The option with its dashes, or the variable.
        setting: String,
        /// As it was given.
        value: OsString,
        /// What a value looks like.
        expected: &'static str,
    },
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProgram => f.write_str("no program to run was given; 'sexton --help' shows the usage"),
            Self::ProgramTooMany { option, program } => {
                write!(f, "--{option} starts no program, but '{}' was given", harmless(program.as_bytes()))
            }
            Self::JsonOfNothing => f.write_str("--json goes with --ps alone; the log has --log-format json"),
            Self::Limits(error) => {
                write!(f, "cannot use --check: {}", harmless(error.to_string().as_bytes()))
            }
            Self::Foreign(text) => f.write_str(text),
            Self::UnknownOption { given, nearest } => {
                write!(f, "unknown option '{}'", harmless(given.as_bytes()))?;
                match nearest {
                    Some(long) => write!(f, "; did you mean '--{long}'?"),
                    None => Ok(()),
                }
            }
            Self::MissingValue { option, expected } => {
                write!(f, "no value was given for --{option}: expected {expected}")
            }
            Self::BadValue { setting, value, expected } => {
                write!(f, "cannot use '{}' for {setting}: expected {expected}", harmless(value.as_bytes()))
            }
        }
    }
}

impl std::error::Error for UsageError {}

/// The known name that `given` is most likely a slip of: one that it begins, or one that differs in a third of its
/// letters at most.
pub(super) fn nearest<'a>(given: &str, known: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut best = None;
    for name in known {
        let most = given.len().max(name.len()) / 3;
        // A length that is too far off alone spares a long comparison.
        let distance = match given.len().abs_diff(name.len()) {
            _ if given.len() > 1 && name.starts_with(given) => 1,
            difference if difference > most => continue,
            _ => strsim::osa_distance(given, name),
        };
        if distance <= most && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_a_likely_one_or_none() {
        let known = ["group", "grace", "timeout", "stop-ok", "stop-delay", "single-child", "verbose"];
        for (given, expected) in [
            ("grce", Some("grace")),
            ("gruop", Some("group")),
            ("timout", Some("timeout")),
            ("stop_delay", Some("stop-delay")),
            ("singlechild", Some("single-child")),
            ("verb", Some("verbose")),
            ("Grace", Some("grace")),
            ("", None),
            ("x", None),
            ("g", None),
            ("colour", None),
            ("grace-period-of-the-main-process", None),
        ] {
            assert_eq!(nearest(given, &mut known.into_iter()), expected, "{given}");
        }
    }

    #[test]
    fn of_several_likely_names_the_nearest_counts_and_the_first_of_two() {
        for (given, known, expected) in [
            ("abcdxx", ["abcdef", "abcdxf"], Some("abcdxf")),
            ("abcdxx", ["abcdxf", "abcdef"], Some("abcdxf")),
            ("group3", ["group1", "group2"], Some("group1")),
            // A third of the letters is missing, and more than a third.
            ("tiout", ["grace", "timeout"], Some("timeout")),
            ("tiut", ["grace", "timeout"], None),
        ] {
            assert_eq!(nearest(given, &mut known.into_iter()), expected, "{given}");
        }
    }

    #[test]
    fn a_word_of_any_length_is_compared_in_no_time() {
        assert_eq!(nearest(&"x".repeat(1 << 20), &mut ["grace"].into_iter()), None);
    }
}

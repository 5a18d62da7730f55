//! What is wrong with a command line or a variable, in the user's words.

use std::fmt;

use crate::harmless::harmless;
use crate::voice::fill;

/// Why nothing was started, in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UsageError(String);

impl UsageError {
    pub(super) fn plain(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// See [`worded`].
    #[cold]
    pub(super) fn new(template: &str, given: &[u8], name: &str, expected: &str) -> Self {
        Self(worded(template, given, name, expected))
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// `template` with the user's own words for `%g`, made harmless, one of our names for `%n`, and what a value looks
/// like for `%e`.
#[cold]
#[inline(never)]
pub(super) fn worded(template: &str, given: &[u8], name: &str, expected: &str) -> String {
    fill(template, &[('g', &harmless(given)), ('n', &name), ('e', &expected)])
}

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

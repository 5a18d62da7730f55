//! The list of other inits' faults (`docs/other-inits.md`) and the tests that bear their numbers: neither has one that
//! the other lacks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const LIST: &str = include_str!("../docs/other-inits.md");

/// `T13`, in whichever case.
fn number(word: &str) -> Option<String> {
    let digits = word.strip_prefix(['T', 'D', 'C', 'P', 't', 'd', 'c', 'p'])?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| word.to_uppercase())
}

/// The numbers in the list, each with its line.
fn listed() -> Vec<(String, &'static str)> {
    let lines = LIST.lines().filter_map(|line| line.strip_prefix("- ")?.split_once(": "));
    lines.filter_map(|(word, line)| Some((number(word)?, line))).collect()
}

/// The numbers that the names of functions below `folder` begin with.
fn in_names(folder: &str) -> BTreeSet<String> {
    texts(folder).iter().flat_map(|text| names(text)).flat_map(numbers_of).collect()
}

/// The texts of all Rust files below a folder of the project.
fn texts(folder: &str) -> Vec<String> {
    fn walk(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    found
}

/// The names of functions.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.trim_start().strip_prefix("fn ")?.split(['(', '<']).next())
}

/// `t4_t5_both` bears two.
fn numbers_of(name: &str) -> impl Iterator<Item = String> {
    name.split('_').map_while(number)
}

#[test]
fn every_fault_has_a_test_and_every_number_is_listed() {
    let listed: BTreeSet<String> = listed().into_iter().map(|(number, _)| number).collect();
    assert_eq!(in_names("tests"), listed);
}

#[test]
fn the_list_has_no_gaps() {
    for letter in ["T", "D", "C", "P"] {
        let own: Vec<String> = listed()
            .into_iter()
            .map(|(number, _)| number)
            .filter(|number| number.starts_with(letter))
            .collect();
        let expected: Vec<String> = (1..=own.len()).map(|i| format!("{letter}{i}")).collect();
        assert_eq!(own, expected);
        assert!(own.len() >= 8, "{own:?}");
    }
}

#[test]
fn an_original_is_seen_to_fail_or_the_reason_is_said() {
    let suite = texts("tests/compliance").concat();
    let shown: BTreeSet<String> = suite.split('"').filter_map(number).collect();
    for (number, line) in listed() {
        let excused = number.starts_with('P') || line.contains("Not shown: ");
        assert_ne!(shown.contains(&number), excused, "{number}: {line}");
    }
}

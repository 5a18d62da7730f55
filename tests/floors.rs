//! The architecture as a test: which floor may see which, how long a file may be, where `unsafe` may stand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs
)]

use std::fs;
use std::path::{Path, PathBuf};

/// A file has one subject; tests included, this is room enough for it.
const LONGEST_FILE: usize = 300;

/// Each floor with those below that it may see. `harmless` and `config` are data and may be seen by all but policy.
const FLOORS: &[(&str, &[&str])] = &[
    ("policy", &[]),
    ("harmless", &[]),
    ("json", &["harmless"]),
    ("timestamp", &[]),
    ("errno", &[]),
    ("files", &["errno"]),
    ("voice", &[]),
    ("config", &["policy", "voice"]),
    ("accounts", &["config"]),
    ("check", &[]),
    ("cli", &["policy", "config", "harmless", "check", "voice"]),
    ("install", &["harmless", "errno", "files"]),
    ("inputs", &["accounts", "cli", "config", "diagnose", "proc"]),
    ("proc", &["policy", "harmless", "files"]),
    ("sys", &["policy", "config", "accounts", "proc", "errno", "files"]),
    ("diagnose", &["policy", "proc", "harmless", "errno", "files"]),
    ("logging", &["config", "harmless", "json", "timestamp", "sys"]),
    ("report", &["policy", "proc", "harmless", "json", "timestamp"]),
    ("ps", &["policy", "proc", "diagnose", "harmless", "json", "check", "errno", "files"]),
    (
        "run",
        &["policy", "config", "errno", "proc", "sys", "diagnose", "report", "logging", "harmless", "voice"],
    ),
];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 20, "the sources were not found");
    found
}

/// The floor of a file: its first folder below `src`, or its own name there.
fn floor(path: &Path) -> String {
    let below = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = below.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").trim_end_matches("_tests").to_owned()
}

fn is_test(path: &Path) -> bool {
    let below = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    below
        .components()
        .any(|part| part.as_os_str().to_str().unwrap().trim_end_matches(".rs").ends_with("tests"))
}

/// The code of a file without its comments and its test module.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let end = text.find("#[cfg(test)]").unwrap_or(text.len());
    text[..end].lines().filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn no_floor_sees_one_above_it() {
    for (path, text) in sources() {
        let own = floor(&path);
        if is_test(&path) || own == "main" || own == "lib" {
            continue;
        }
        let (_, below) =
            FLOORS.iter().find(|(name, _)| *name == own).unwrap_or_else(|| panic!("unknown floor {own}"));
        for line in code(&text) {
            for used in line.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let allowed = used == own || below.contains(&used.as_str());
                assert!(allowed, "{}: {own} may not see {used}: {line}", path.display());
            }
        }
    }
}

#[test]
fn the_policy_touches_nothing() {
    for (path, text) in sources().into_iter().filter(|(path, _)| floor(path) == "policy" && !is_test(path)) {
        for line in code(&text) {
            for outside in ["std::env", "std::fs", "std::io", "std::process", "Instant", "nix::", "log::"] {
                assert!(!line.contains(outside), "{}: {line}", path.display());
            }
        }
    }
}

#[test]
fn unsafe_stands_in_sys_and_at_main_alone_each_with_its_reason() {
    for (path, text) in sources() {
        let own = floor(&path);
        let lines: Vec<&str> = text.lines().collect();
        for (i, line) in lines.iter().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let words = line.replace("unsafe_code", "").replace("#[unsafe(no_mangle)]", "");
            if !words.contains("unsafe") {
                continue;
            }
            assert!(own == "sys" || own == "main", "{}:{}: unsafe outside src/sys", path.display(), i + 1);
            if words.contains("unsafe {") && !is_test(&path) {
                let near = lines.iter().take(i + 1).rev().take(8).any(|l| l.contains("SAFETY:"));
                assert!(near, "{}:{}: an unsafe block without its reason", path.display(), i + 1);
            }
        }
    }
}

/// The comment that these lines begin with, on one line.
fn comment(lines: &[&str]) -> String {
    let comment = lines.iter().map(|line| line.trim()).take_while(|line| line.starts_with("//"));
    let words: Vec<&str> = comment.map(|line| line.trim_start_matches('/').trim()).collect();
    words.join(" ").trim_start_matches("SAFETY: ").to_owned()
}

/// `cargo test --test floors unsafe -- --nocapture` prints the list.
#[test]
fn every_unsafe_block_is_counted_and_listed_with_its_reason() {
    let mut blocks = 0;
    let mut reasons = 0;
    for (path, text) in sources().into_iter().filter(|(path, _)| !is_test(path)) {
        let end = text.find("#[cfg(test)]").unwrap_or(text.len());
        let lines: Vec<&str> = text[..end].lines().collect();
        let is_code = |line: &&&str| !line.trim_start().starts_with("//");
        let found = lines.iter().filter(is_code).map(|line| line.matches("unsafe {").count()).sum::<usize>();
        let implementations = lines.iter().filter(|line| line.starts_with("unsafe impl")).count();
        if found + implementations == 0 {
            continue;
        }
        let below = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
        println!("{}: {found} blocks, {implementations} implementations", below.display());
        blocks += found + implementations;
        for (i, _) in lines.iter().enumerate().filter(|(_, line)| line.contains("SAFETY:")) {
            reasons += 1;
            println!("  {}: {}", i + 1, comment(&lines[i..]));
        }
    }
    println!("{blocks} in all, {reasons} reasons");
    assert!(blocks > 40, "the blocks were not found");
    assert!(reasons >= blocks, "{blocks} blocks, and only {reasons} reasons");
}

#[test]
fn a_file_has_one_subject() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(
            lines <= LONGEST_FILE,
            "{} has {lines} lines: is there a second subject in it?",
            path.display()
        );
    }
}

#[test]
fn nothing_is_printed_past_the_log() {
    for (path, text) in sources().into_iter().filter(|(path, _)| !is_test(path)) {
        for line in code(&text) {
            let loud = ["println!", "eprintln!", "print!(", "dbg!", "todo!", "unimplemented!", "panic!("];
            assert!(loud.iter().all(|word| !line.contains(word)), "{}: {line}", path.display());
        }
    }
}

//! Tells the program which commit it is built from: `SEXTON_GIT_COMMIT`, seven hex digits.
//!
//! The variable of that name comes first, for builds whose context has no `.git`. Else the files of git are read
//! directly, so that no git command is needed; whatever is missing or strange yields `0000000` and never an error.

#![allow(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SEXTON_GIT_COMMIT");
    let given = std::env::var("SEXTON_GIT_COMMIT").ok();
    let commit = given.as_deref().and_then(abbreviated).or_else(|| abbreviated(&head(Path::new("."))?));
    println!("cargo::rustc-env=SEXTON_GIT_COMMIT={}", commit.as_deref().unwrap_or("0000000"));
}

/// The first seven digits of what looks like a commit.
fn abbreviated(commit: &str) -> Option<String> {
    let digits = commit.trim().get(..7)?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| digits.to_ascii_lowercase())
}

/// The commit that is checked out in `tree`. A repository further up is not ours: a source archive may be unpacked
/// inside any.
fn head(tree: &Path) -> Option<String> {
    let dot_git = tree.join(".git");
    let git = match fs::read_to_string(&dot_git) {
        // A worktree or a submodule names its directory in a file.
        Ok(link) => tree.join(link.strip_prefix("gitdir:")?.trim()),
        Err(_) => dot_git,
    };
    let head = read(&git.join("HEAD"))?;
    let Some(reference) = head.strip_prefix("ref:").map(str::trim) else { return Some(head) };
    // Worktrees share the references of the repository they belong to.
    let common = read(&git.join("commondir")).map_or(git.clone(), |path| git.join(path.trim()));
    read(&common.join(reference)).or_else(|| packed(&common, reference))
}

/// A reference in git's list of packed ones.
fn packed(common: &Path, reference: &str) -> Option<String> {
    // The next commit writes the reference into a file of its own.
    if let Some(directory) = common.join(reference).ancestors().skip(1).find(|path| path.is_dir()) {
        watch(directory.to_owned());
    }
    let list = read(&common.join("packed-refs"))?;
    let line = list.lines().find(|line| line.split_once(' ').is_some_and(|(_, name)| name == reference))?;
    Some(line.to_owned())
}

/// Reads a file that decides which commit this is.
fn read(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    watch(path.to_owned());
    Some(text)
}

/// Builds again when this changes.
fn watch(path: PathBuf) {
    println!("cargo::rerun-if-changed={}", path.display());
}

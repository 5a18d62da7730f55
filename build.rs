//! Tells the program which commit it is built from: `SEXTON_GIT_COMMIT`, seven hex digits.
//!
//! The variable of that name comes first, for builds whose context has no `.git`. Else the files of git are read
//! directly, so that no git command is needed; whatever is missing or strange yields `0000000` and never an error.
//!
//! Besides, it spares an ordinary build one shared library.

#![allow(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, str};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SEXTON_GIT_COMMIT");
    // The static binary is linked by it, and cargo does not look at what a linker reads.
    println!("cargo::rerun-if-changed=docker/start-sections.ld");
    let given = env::var("SEXTON_GIT_COMMIT").ok();
    let commit = given.as_deref().and_then(abbreviated).or_else(|| abbreviated(&head(Path::new("."))?));
    println!("cargo::rustc-env=SEXTON_GIT_COMMIT={}", commit.as_deref().unwrap_or("0000000"));
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    // None: nothing is spared, and that is no error.
    let _ = without_libgcc_s();
}

/// What std wants of libgcc_s.so is in libgcc_eh.a as well. With it in the program the loader has one library less to find, to
/// map and to relocate, a tenth of the start. Nothing is changed where there is no such archive, or where it might be another machine's.
fn without_libgcc_s() -> Option<()> {
    let variable = |name| env::var(name).ok();
    let gnu = variable("CARGO_CFG_TARGET_OS")? == "linux" && variable("CARGO_CFG_TARGET_ENV")? == "gnu";
    if !gnu || variable("HOST")? != variable("TARGET")? {
        return None;
    }
    let linker = variable("RUSTC_LINKER").unwrap_or_else(|| "cc".to_owned());
    let answer = Command::new(linker).arg("-print-file-name=libgcc_eh.a").output().ok()?.stdout;
    // A name that it does not know comes back as it was.
    let archive = Path::new(str::from_utf8(&answer).ok()?.trim());
    let folder = PathBuf::from(variable("OUT_DIR")?);
    if !archive.is_absolute() {
        return None;
    }
    // The linker takes a script for a library, and looks here first.
    fs::write(folder.join("libgcc_s.so"), "GROUP ( -lgcc_eh -lgcc -lc )\n").ok()?;
    println!("cargo::rustc-link-arg-bins=-L{}", folder.display());
    Some(())
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

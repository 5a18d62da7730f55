//! `--install PATH`: the running binary copied, whole or not at all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Ended, Mode, Scratch, needs_root, sexton_only, test_name};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

const SEXTON: &str = env!("CARGO_BIN_EXE_sexton");

#[track_caller]
fn install(path: &Path) -> Ended {
    let words = [SEXTON.as_ref(), "--install".as_ref(), path.as_os_str()];
    Mode::Bare.command(words).run()
}

/// What lies in a directory.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[track_caller]
fn is_a_whole_copy(path: &Path) {
    let meta = fs::symlink_metadata(path).unwrap();
    assert!(meta.is_file(), "{} is no file", path.display());
    assert_eq!(meta.permissions().mode() & 0o7777, 0o755);
    assert!(fs::read(path).unwrap() == fs::read(SEXTON).unwrap(), "the copy differs");
}

#[test]
fn the_copy_runs() {
    sexton_only!("--install");
    let scratch = Scratch::new();
    let path = scratch.join("init");
    install(&path).expect_code(0).expect_silence();
    is_a_whole_copy(&path);
    assert_eq!(names(scratch.path()), ["init"]);
    Mode::Bare
        .command([path.as_os_str(), "sh".as_ref(), "-c".as_ref(), "exit 3".as_ref()])
        .run()
        .expect_code(3);
    // A copy copies itself.
    let again = scratch.join("again");
    let words = [path.as_os_str(), "--install".as_ref(), again.as_os_str()];
    Mode::Bare.command(words).run().expect_code(0);
    is_a_whole_copy(&again);
}

#[test]
fn the_umask_takes_no_bits_away() {
    sexton_only!("--install");
    let scratch = Scratch::new();
    let script = format!("umask 077; exec {SEXTON} --install {}", scratch.join("x").display());
    Mode::Bare.shell(&script).run().expect_code(0);
    is_a_whole_copy(&scratch.join("x"));
}

#[test]
fn a_file_or_link_in_its_place_is_replaced_and_never_followed() {
    sexton_only!("--install");
    let scratch = Scratch::new();
    let precious = scratch.file("precious", "precious", 0o600);
    fs::create_dir(scratch.join("directory")).unwrap();
    symlink(&precious, scratch.join("to-file")).unwrap();
    symlink(scratch.join("directory"), scratch.join("to-directory")).unwrap();
    symlink("/nowhere", scratch.join("to-nothing")).unwrap();
    scratch.file("old", "old", 0o444);
    for name in ["to-file", "to-directory", "to-nothing", "old"] {
        install(&scratch.join(name)).expect_code(0).expect_silence();
        is_a_whole_copy(&scratch.join(name));
    }
    assert_eq!(fs::read(precious).unwrap(), b"precious");
    assert!(names(&scratch.join("directory")).is_empty());
}

#[test]
fn a_directory_is_a_usage_error_that_says_what_was_meant() {
    sexton_only!("--install");
    let scratch = Scratch::new();
    let path = scratch.path().display().to_string();
    for given in [path.clone(), format!("{path}/"), format!("{path}/."), format!("{path}/new/")] {
        let ended = install(Path::new(&given));
        ended.expect_code(125).expect_said(&["directory", "/sexton'"]);
    }
    let ended = install(&scratch.join("no/such/file"));
    ended.expect_code(125).expect_said(&["no directory", "no/such'"]);
    install(Path::new("/etc/passwd/sexton")).expect_code(125).expect_said(&["no directory '/etc/passwd'"]);
    install(Path::new("")).expect_code(125);
    assert!(names(scratch.path()).is_empty());
}

#[test]
fn a_full_disk_leaves_what_was_there() {
    sexton_only!("--install");
    needs_root!("mounting a small file system");
    let scratch = Scratch::new();
    let disk = scratch.path().display();
    let script = format!(
        "mount -t tmpfs -o size=64k none {disk} && echo old > {disk}/sexton && \
         {{ {SEXTON} --install {disk}/sexton; code=$?; ls -A {disk}; cat {disk}/sexton; exit $code; }}"
    );
    let ended = Mode::Bare.command(["unshare", "--mount", "sh", "-c", &script]).run();
    ended.expect_code(125).expect_said(&["No space left"]);
    assert_eq!(ended.stdout, "sexton\nold\n");
}

#[test]
fn leftovers_of_a_copy_that_was_killed_are_no_obstacle() {
    sexton_only!("--install");
    let scratch = Scratch::new();
    let path = scratch.path().display();
    // The process has the shell's pid; its first choice of a name is taken.
    let script = format!("touch {path}/.sexton-$$-0; exec {SEXTON} --install {path}/sexton");
    Mode::Bare.shell(&script).run().expect_code(0);
    is_a_whole_copy(&scratch.join("sexton"));
    assert_eq!(names(scratch.path()).len(), 2);
}

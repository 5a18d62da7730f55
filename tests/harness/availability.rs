//! What this machine, and the init under test, can do. A test that cannot run says so by name.

use super::command::init_under_test;
use super::kernel;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// A test that this machine cannot run: listed, and in CI a failure.
#[track_caller]
pub fn not_here(name: &str, reason: &str) {
    note(&format!("NOT RUN: {name}: {reason}"));
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{name} must run in CI, but: {reason}");
}

/// A test that has no meaning for the init under test.
pub fn not_applicable(name: &str, reason: &str) {
    note(&format!("NOT APPLICABLE: {name}: {reason}"));
}

/// To the real stderr, which the test harness does not capture, and to `target/not-run.txt`.
fn note(line: &str) {
    let line = format!("{line}\n");
    kernel::write_all(2, line.as_bytes());
    let path = std::env::current_exe().ok().and_then(|exe| Some(exe.ancestors().nth(3)?.join("not-run.txt")));
    let file = path.and_then(|path| std::fs::File::options().append(true).create(true).open(path).ok());
    if let Some(mut file) = file {
        drop(file.write_all(line.as_bytes()));
    }
}

/// Whether sexton, under its own name, is under test: its options are available.
pub fn is_sexton() -> bool {
    match init_under_test().as_slice() {
        [only] => std::path::Path::new(only)
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("sexton")),
        _ => false,
    }
}

pub fn is_root() -> bool {
    kernel::effective_uid() == 0
}

/// Whether an init can be PID 1 of a namespace of its own here; if not, says so for the test `name`.
pub fn can_be_pid1(name: &str) -> bool {
    static PROBE: OnceLock<Result<(), String>> = OnceLock::new();
    let probe = PROBE.get_or_init(|| {
        let mut command = unshare();
        let output = command.arg("true").stdin(Stdio::null()).output();
        let output = output.map_err(|error| format!("unshare cannot be run: {error}"))?;
        let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if output.status.success() { Ok(()) } else { Err(format!("no pid namespace: {stderr}")) }
    });
    if let Err(reason) = probe {
        not_here(name, reason);
    }
    probe.is_ok()
}

/// `unshare`, ready for the command that is to be PID 1.
pub fn unshare() -> Command {
    let mut command = Command::new("unshare");
    if !is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--pid", "--fork", "--kill-child", "--mount-proc"]);
    command
}

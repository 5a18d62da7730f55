//! From real files through the real execve(2) to the words.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::super::elf::Machine;
use super::super::elf::tests::program;
use super::*;

use ExecClass::{CannotRun, Failed, NotFound};

/// A directory that goes away with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("sexton-exec-{}-{count}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn file(&self, name: &str, mode: u32, content: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn attempt(command: &[OsString], errno: Errno) -> Attempt<'_> {
    Attempt {
        command,
        path: None,
        candidate: None,
        directory: None,
        environment: &[],
        user: None,
        step: Step::Exec,
        errno,
    }
}

/// Executes it and explains the errno. The tests of other threads fork, and may hold a file open for writing that
/// this one has just written: ETXTBSY goes away by itself.
fn executed(program: &Path, arguments: &[&str]) -> (Errno, Explanation) {
    loop {
        let result = Command::new(program).args(arguments).stdout(Stdio::null()).spawn();
        let errno = Errno::from_raw(result.expect_err("it ran").raw_os_error().unwrap());
        if errno != Errno::ETXTBSY {
            let command: Vec<_> = [program.as_os_str()]
                .into_iter()
                .chain(arguments.iter().map(OsStr::new))
                .map(OsString::from)
                .collect();
            return (errno, explain(&attempt(&command, errno)));
        }
    }
}

fn check(program: &Path, class: ExecClass, reason: &str) {
    let (errno, explanation) = executed(program, &[]);
    assert_eq!(explanation.class, class, "{explanation:?}");
    assert!(explanation.reason.contains(reason), "{errno} {explanation:?}");
}

#[test]
fn files_that_are_not_there() {
    let scratch = Scratch::new();
    scratch.file("file", 0o755, b"");
    symlink("nowhere", scratch.path("dangling")).unwrap();
    symlink("nowhere", scratch.path("away")).unwrap();
    symlink("circle", scratch.path("circle")).unwrap();
    let here = scratch.0.display();
    for (name, class, reason) in [
        ("none", NotFound, "No such file or directory".to_owned()),
        ("no/such/file", NotFound, format!("the directory {here}/no does not exist")),
        ("file/x", NotFound, format!("{here}/file is not a directory")),
        ("dangling", NotFound, "it is a symbolic link to nowhere, which does not exist".to_owned()),
        ("away/x", NotFound, format!("{here}/away is a symbolic link to nowhere")),
        ("circle", CannotRun, format!("the symbolic link {here}/circle leads in a circle")),
    ] {
        check(&scratch.path(name), class, &reason);
    }
    check(&scratch.path(&"x".repeat(300)), NotFound, "File name too long");
}

#[test]
fn files_that_may_not_be_executed() {
    let scratch = Scratch::new();
    check(&scratch.file("plain", 0o640, b"#!/bin/sh\n"), CannotRun, "mode 0640 (rw-r-----)");
    check(&scratch.0, CannotRun, "it is a directory");
    nix::unistd::mkfifo(&scratch.path("fifo"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    check(&scratch.path("fifo"), CannotRun, "it is a FIFO");
    check(Path::new("/dev/null"), CannotRun, "it is a device");
    let script = format!("#!{}\n", scratch.path("plain").display());
    check(&scratch.file("by-plain", 0o755, script.as_bytes()), CannotRun, "plain has no execute permission");
}

#[test]
fn scripts_whose_interpreter_fails() {
    let scratch = Scratch::new();
    for (content, reason) in [
        (&b"#!/no/such/interpreter -e\n"[..], "its interpreter /no/such/interpreter does not exist"),
        (b"#!/bin/sh\r\necho\r\n", "its line endings are CRLF, so that the interpreter is not /bin/sh but"),
        (b"\xef\xbb\xbf#!/bin/sh\n", "it begins with a byte-order mark, which hides its #! line"),
        (b"#!  \n", "it names no interpreter in its #! line"),
        (b"#!/dev/null\n", "its interpreter /dev/null is a device"),
        (b"#!/tmp\n", "its interpreter /tmp is a directory"),
        (&[&b"#!/"[..], &[b'x'; 300]].concat(), "longer than the kernel reads"),
    ] {
        check(&scratch.file("script", 0o755, content), CannotRun, reason);
    }
}

#[test]
fn a_script_that_is_interpreted_by_a_script_and_so_on() {
    let scratch = Scratch::new();
    for i in 0..8 {
        let next = scratch.path(&(i + 1).to_string());
        scratch.file(&i.to_string(), 0o755, format!("#!{}\n", next.display()).as_bytes());
    }
    check(&scratch.path("0"), CannotRun, "its interpreter is a script, whose interpreter is a script");
}

#[test]
fn programs_that_cannot_be_loaded() {
    let scratch = Scratch::new();
    let native = Machine::native().unwrap();
    let foreign =
        Machine { number: if native.number == 22 { 62 } else { 22 }, wide: true, big: native.number != 22 };
    let intact = program(native, Some(b"/no/such/loader"));
    let mut object = intact.clone();
    object[16] = 1;
    let strange = Machine { number: 999, wide: true, big: false };
    for (content, reason) in [
        (program(foreign, None), format!("it is a program for {foreign}, but this machine is {native}")),
        (program(strange, None), "machine number 999 (64-bit, little-endian)".to_owned()),
        (intact.clone(), "its loader /no/such/loader does not exist".to_owned()),
        (intact[..30].to_vec(), "it is a program that is cut short".to_owned()),
        (intact[..80].to_vec(), "it is a program that is cut short".to_owned()),
        (intact[..intact.len() - 4].to_vec(), "it is a program that is cut short".to_owned()),
        (object, "it is an ELF file, but an object file".to_owned()),
        (b"MZ\0\0".to_vec(), "it is a Windows program".to_owned()),
        (vec![0; 5000], "it is full of zeros".to_owned()),
        (b"a\0b".to_vec(), "it is neither a program for Linux nor a script".to_owned()),
    ] {
        check(&scratch.file("program", 0o755, &content), CannotRun, &reason);
    }
    let lua = scratch.file("lua", 0o755, &program(foreign, None));
    let script = format!("#!{}\n", lua.display());
    check(&scratch.file("script", 0o755, script.as_bytes()), CannotRun, "lua is a program for");
}

#[test]
fn a_program_that_is_being_written() {
    let scratch = Scratch::new();
    let path = scratch.file("busy", 0o755, b"#!/bin/sh\n");
    let _writer = fs::OpenOptions::new().append(true).open(&path).unwrap();
    let error = Command::new(&path).spawn().expect_err("it ran");
    let command = [path.into_os_string()];
    let explanation = explain(&attempt(&command, Errno::from_raw(error.raw_os_error().unwrap())));
    assert_eq!(
        (explanation.class, explanation.reason.as_str()),
        (CannotRun, "Text file busy: it is open for writing")
    );
}

#[test]
fn arguments_that_are_too_long() {
    let (errno, explanation) = executed(Path::new("/bin/true"), &["x", &"y".repeat(16 << 20)]);
    assert_eq!((errno, explanation.class), (Errno::E2BIG, CannotRun));
    assert!(explanation.reason.contains("argument 2"), "{explanation:?}");
}

#[test]
fn names_that_path_does_not_have() {
    let scratch = Scratch::new();
    scratch.file("beside", 0o755, b"#!/bin/sh\n");
    let said = |program: &str, path: Option<&str>| {
        let command = [OsString::from(program)];
        let path = path.map(OsStr::new);
        let directory = Some(scratch.0.as_os_str().as_bytes());
        explain(&Attempt { path, directory, ..attempt(&command, Errno::ENOENT) })
    };
    for (program, path, reason, help) in [
        ("nginxx", Some("/a:/b"), "not found in PATH (/a:/b)", ""),
        ("nginxx", None, "not found in the default PATH (/usr/local/sbin:", ""),
        ("nginxx", Some(""), "not found: PATH is empty", ""),
        ("beside", Some("/a"), "not found in PATH (/a)", "./beside"),
        ("", Some("/a"), "the name of the program is empty", "variable"),
        ("nginx -g daemon", Some("/a"), "not found", "separate words"),
        ("bash", Some("/a"), "not found", "exec form"),
        ("exec", Some("/a"), "not found", "sh -c"),
        ("A=b", Some("/a"), "not found", "env NAME=VALUE"),
        ("x\n", Some("/\u{202e}"), "not found in PATH (/\\xe2\\x80\\xae)", ""),
    ] {
        let explanation = said(program, path);
        assert_eq!(explanation.class, NotFound);
        assert!(explanation.reason.starts_with(reason), "{explanation:?}");
        assert!(explanation.help.as_deref().unwrap_or_default().contains(help), "{explanation:?}");
        assert_eq!(explanation.help.is_some(), !help.is_empty(), "{explanation:?}");
    }
}

#[test]
fn a_file_in_path_that_lacks_its_interpreter_is_found_all_the_same() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.path("bin")).unwrap();
    scratch.file("bin/tool", 0o755, b"#!/no/such/interpreter\n");
    let command = [OsString::from("tool")];
    // Relative: it is looked for in the program's directory, not in ours.
    let explanation = explain(&Attempt {
        path: Some(OsStr::new("/nowhere:bin")),
        candidate: Some(b"/nowhere/tool"),
        directory: Some(scratch.0.as_os_str().as_bytes()),
        ..attempt(&command, Errno::ENOENT)
    });
    assert_eq!(explanation.class, CannotRun);
    assert_eq!(explanation.reason, "its interpreter /no/such/interpreter does not exist");
}

#[test]
fn what_another_user_may_not_do() {
    let scratch = Scratch::new();
    fs::set_permissions(&scratch.0, fs::Permissions::from_mode(0o700)).unwrap();
    let script = scratch.file("script", 0o755, b"#!/bin/sh\n");
    let stranger = Identity { uid: 4_000_000, groups: vec![4_000_000] };
    let command = [script.into_os_string()];
    let denied = Attempt { user: Some(&stranger), ..attempt(&command, Errno::EACCES) };
    let explanation = explain(&denied);
    assert_eq!(explanation.class, CannotRun);
    let directory = format!("user 4000000 may not search the directory {}", scratch.0.display());
    assert!(explanation.reason.contains(&directory), "{explanation:?}");

    let command = [OsString::from("script")];
    let path = scratch.0.as_os_str();
    let denied = Attempt { command: &command, path: Some(path), ..denied };
    assert!(explain(&denied).reason.contains(&directory), "found by us, not by that user");
    let command = [OsString::from("other")];
    let explanation = explain(&Attempt { command: &command, ..denied });
    assert_eq!(explanation.class, NotFound);
    assert!(explanation.reason.contains("of which user 4000000 may not search"), "{explanation:?}");
}

#[test]
fn what_fails_before_the_program_is_a_failure_of_ours() {
    let command = [OsString::from("/bin/true")];
    let said = |step, errno| explain(&Attempt { step, ..attempt(&command, errno) });
    for (step, errno, reason) in [
        (Step::Clone, Errno::EAGAIN, "the limit of processes is reached"),
        (Step::Clone, Errno::ENOSYS, "no process can be made: "),
        (Step::Setup(Setup::Directory), Errno::EACCES, "sexton cannot go back to the working dir"),
        (Step::Setup(Setup::Signals), Errno::EINVAL, "sexton cannot restore the signal mask: In"),
        (Step::Exec, Errno::EMFILE, "Too many open files"),
    ] {
        let explanation = said(step, errno);
        assert_eq!(explanation.class, Failed);
        assert!(explanation.reason.starts_with(reason), "{explanation:?}");
    }
    let explanation = said(Step::Shell, Errno::EACCES);
    assert_eq!(explanation.class, CannotRun);
    assert!(explanation.reason.ends_with("left to /bin/sh, which cannot be executed: Permission denied"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_panics_or_steers_the_terminal(content: Vec<u8>, name in "[^/\0]{1,40}", errno in 1..134_i32) {
        let scratch = Scratch::new();
        let program = scratch.path(&name);
        let _ = fs::write(&program, content);
        let command = [program.into_os_string()];
        let explanation = explain(&attempt(&command, Errno::from_raw(errno)));
        prop_assert!(!explanation.reason.contains(char::is_control));
        prop_assert!(!explanation.help.unwrap_or_default().contains(char::is_control));
    }
}

//! Constructed facts: what this machine cannot be brought to do in a test.

use std::ffi::{OsStr, OsString};

use super::super::permission::Mode;
use super::*;

const USER: u32 = 1000;

fn file(content: Content) -> File {
    File {
        kind: Kind::Regular,
        mode: Mode { bits: 0o755, uid: 0, gid: 0 },
        noexec: None,
        unsearchable: None,
        content,
    }
}

fn script(interpreter: &str) -> Content {
    Content::Script(Shebang::Interpreter(interpreter.into()))
}

fn elf(number: u16, wide: bool, loader: &str) -> Content {
    Content::Elf(Elf {
        machine: Some(Machine { number, wide, big: false }),
        loader: Some(loader.into()),
        fault: None,
    })
}

fn link(role: Role, path: &str, state: State) -> Link {
    Link { role, path: path.into(), state }
}

fn program(file: File) -> Link {
    link(Role::Program, "/app", State::Present(file))
}

fn explained(program: &str, errno: Errno, chain: Vec<Link>) -> (ExecClass, String, String) {
    let command = [OsString::from(program)];
    let attempt = Attempt {
        command: &command,
        path: Some(OsStr::new("/usr/bin:/bin")),
        candidate: None,
        directory: None,
        environment: &[],
        user: None,
        step: Step::Exec,
        errno,
    };
    let user = Identity { uid: USER, groups: vec![USER] };
    let mut explanation = Explanation::new(ExecClass::Failed);
    explain(&mut explanation, &attempt, &Facts { chain, unsearchable: None, beside: false, user });
    (explanation.class, explanation.reason, explanation.help.unwrap_or_default())
}

#[test]
#[cfg_attr(miri, ignore = "words errnos in its own way")]
fn permission_denied() {
    let plain = || file(Content::Text);
    let mode = |bits, uid, gid| Mode { bits, uid, gid };
    let barred = Obstacle::Unsearchable("/root".into(), Some(mode(0o700, 0, 0)));
    for (file, reason) in [
        (
            File { noexec: Some("/data".into()), mode: mode(0o644, 0, 0), ..plain() },
            "it lies on a filesystem that is mounted noexec, at /data",
        ),
        (File { mode: mode(0o644, 0, 0), ..plain() }, "it has no execute permission: mode 0644 (rw-r--r--)"),
        (
            File { mode: mode(0o750, 0, 5), ..plain() },
            "it may not be executed by user 1000: mode 0750 (rwxr-x---), owner 0:5",
        ),
        (
            File { unsearchable: Some(barred.clone()), ..plain() },
            "it cannot be reached: user 1000 may not search the directory /root: mode 0700 (rwx------), owner 0:0",
        ),
        (File { kind: Kind::Directory, ..plain() }, "it is a directory"),
        (File { kind: Kind::Special("a FIFO"), ..plain() }, "it is a FIFO"),
        (plain(), "Permission denied, although its mode allows it"),
    ] {
        let (class, said, _) = explained("/app", Errno::EACCES, vec![program(file)]);
        assert_eq!((class, said.as_str()), (ExecClass::CannotRun, reason));
    }
    let loader = link(
        Role::Loader,
        "/lib/ld.so",
        State::Present(File { mode: mode(0o644, 0, 0), ..file(Content::Text) }),
    );
    let chain = vec![program(file(elf(62, true, "/lib/ld.so"))), loader];
    let (_, said, help) = explained("/app", Errno::EACCES, chain);
    assert_eq!(said, "its loader /lib/ld.so has no execute permission: mode 0644 (rw-r--r--)");
    assert_eq!(help, "chmod +x /lib/ld.so (Dockerfile: COPY --chmod=755)");
}

#[test]
fn missing_links() {
    let absent = |role, path| link(role, path, State::Absent(Obstacle::NoFile));
    for (content, role, path, reason, help) in [
        (
            script("/bin/bash"),
            Role::Interpreter,
            "/bin/bash",
            "its interpreter /bin/bash does not exist",
            "install",
        ),
        (
            script("/bin/sh\r"),
            Role::Interpreter,
            "/bin/sh\r",
            "its line endings are CRLF, so that the interpreter is not /bin/sh but \"/bin/sh\\x0d\", which does not exist",
            "make its line endings LF: sed -i 's/\\r$//' /app",
        ),
        (
            elf(62, true, "/lib64/ld-linux-x86-64.so.2"),
            Role::Loader,
            "/lib64/ld-linux-x86-64.so.2",
            "its loader /lib64/ld-linux-x86-64.so.2 does not exist",
            "it was built for glibc",
        ),
        (
            elf(62, true, "/lib/ld-musl-x86_64.so.1"),
            Role::Loader,
            "/lib/ld-musl-x86_64.so.1",
            "its loader /lib/ld-musl-x86_64.so.1 does not exist",
            "it was built for musl",
        ),
        (
            elf(3, false, "/lib/ld-linux.so.2"),
            Role::Loader,
            "/lib/ld-linux.so.2",
            "its loader /lib/ld-linux.so.2 does not exist",
            if usize::BITS == 64 { "it is a 32-bit program" } else { "it was built for glibc" },
        ),
        (elf(62, true, "/x"), Role::Loader, "/x", "its loader /x does not exist", "copy the loader"),
    ] {
        let (class, said, helped) =
            explained("/app", Errno::ENOENT, vec![program(file(content)), absent(role, path)]);
        assert_eq!((class, said.as_str()), (ExecClass::CannotRun, reason));
        assert!(helped.starts_with(help), "{helped}");
    }
    let python = link(Role::Interpreter, "/bin/python", State::Present(file(elf(62, true, "/lib/ld.so"))));
    let chain = vec![program(file(script("/bin/python"))), python, absent(Role::Loader, "/lib/ld.so")];
    let (_, said, help) = explained("app", Errno::ENOENT, chain);
    assert_eq!(said, "the loader /lib/ld.so of /bin/python does not exist");
    assert!(help.contains("glibc"));
}

#[test]
fn other_machines_are_named_with_ours() {
    let native = Machine::native().unwrap();
    for number in [22, 40] {
        let (class, said, help) =
            explained("/app", Errno::ENOEXEC, vec![program(file(elf(number, number == 22, "/ld")))]);
        let its = Machine { number, wide: number == 22, big: false };
        assert_eq!(class, ExecClass::CannotRun);
        assert_eq!(said, format!("it is a program for {its}, but this machine is {native}"));
        assert!(native.platform().is_none_or(|platform| help.ends_with(platform)));
    }
    let interpreter = link(Role::Interpreter, "/bin/lua", State::Present(file(elf(22, true, "/ld"))));
    let (_, said, _) =
        explained("/app", Errno::ENOEXEC, vec![program(file(script("/bin/lua"))), interpreter]);
    assert!(said.starts_with("its interpreter /bin/lua is a program for"), "{said}");
}

#[test]
#[cfg_attr(miri, ignore = "words errnos in its own way")]
fn what_the_facts_do_not_explain_keeps_its_errno() {
    for (errno, reason, help) in [
        (Errno::EPERM, "Operation not permitted", "file capabilities"),
        (Errno::ENOENT, "No such file or directory, although the file is there", "binfmt_misc"),
        (Errno::ELIBBAD, "Accessing a corrupted shared library", ""),
        (Errno::ETXTBSY, "Text file busy: it is open for writing", "rename"),
    ] {
        let (class, said, helped) = explained("/app", errno, vec![program(file(Content::Unread))]);
        assert_eq!((class, said.as_str()), (ExecClass::CannotRun, reason));
        assert!(helped.contains(help), "{helped}");
    }
}

#[test]
fn in_path_the_file_that_was_found_is_named() {
    let found = Link { path: "/usr/bin/app".into(), ..program(file(Content::Unread)) };
    let mut directory = file(Content::Unread);
    directory.kind = Kind::Directory;
    let chain = vec![Link { state: State::Present(directory), ..found.clone() }];
    assert_eq!(explained("app", Errno::EACCES, chain).1, "/usr/bin/app is a directory");
    let dangling =
        Obstacle::Dangling { link: "/usr/bin/app".into(), target: "../lib/\x1b".into(), is_file: true };
    let (class, said, _) =
        explained("app", Errno::ENOENT, vec![Link { state: State::Absent(dangling), ..found }]);
    assert_eq!(class, ExecClass::NotFound);
    assert_eq!(
        said,
        "found in PATH, but /usr/bin/app is a symbolic link to ../lib/\\x1b, which does not exist"
    );
}

//! `--user`, `--chdir`, `--no-new-privs`: who the program is, who the init is afterwards, and what it can no
//! longer be made to do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Ended, Mode, Pipe, Pty, Running, Scratch, Sexton, both, needs_root, sexton_only, test_name};
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, fchown};

const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh
no sense at all
app:x:4001:4002:An App:/srv/app:/sbin/nologin
plain:x:4011:4011::
";
const GROUP: &str = "root:x:0:
app:x:4002:
www:x:4003:other,app
:::
more:x:4004:app
others:x:4005:other
";
/// Capabilities by number.
const CAP_KILL: &str = "5";
const CAP_SETGID: &str = "6";

/// An image's passwd and group files in place of this machine's.
struct Image {
    scratch: Scratch,
}

impl Image {
    fn new() -> Self {
        let scratch = Scratch::new();
        scratch.file("passwd", PASSWD, 0o644);
        scratch.file("group", GROUP, 0o644);
        Self { scratch }
    }

    fn in_place(&self, run: Sexton) -> Sexton {
        let path = |name: &str| self.scratch.join(name).to_str().unwrap().to_owned();
        let bind = |name: &str| ["bind".to_owned(), path(name), format!("/etc/{name}")];
        run.before(bind("passwd")).before(bind("group"))
    }
}

/// The value of a line of /proc/PID/status that was printed, its words joined by single blanks.
fn field(text: &str, name: &str) -> String {
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}:")));
    line.unwrap_or_else(|| panic!("no {name} in {text}")).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// User, group and all groups as `Uid` and `Gid` show them when all four are the same.
#[track_caller]
fn check_ids(status: &str, uid: u32, gid: u32, groups: &str) {
    let four = |id: u32| [id; 4].map(|id| id.to_string()).join(" ");
    assert_eq!(field(status, "Uid"), four(uid), "{status}");
    assert_eq!(field(status, "Gid"), four(gid), "{status}");
    assert_eq!(field(status, "Groups"), groups, "{status}");
}

fn status_of(run: &Running, pid: i32) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/status"))
        .unwrap_or_else(|error| panic!("{error}: {}", run.seen()))
}

fn variables(ended: &Ended) -> Vec<&str> {
    let mut found: Vec<&str> =
        ["env HOME=", "env USER=", "env LOGNAME="].iter().flat_map(|start| ended.lines(start)).collect();
    found.sort_unstable();
    found
}

both! {
    fn a_user_by_name_or_number_with_the_groups_of_the_image(mode: Mode) {
        sexton_only!("--user");
        needs_root!("to become another user");
        let image = Image::new();
        for (user, uid, gid, groups, name, home) in [
            ("app", 4001, 4002, "4002 4003 4004", "app", "/srv/app"),
            ("4001", 4001, 4002, "4002 4003 4004", "app", "/srv/app"),
            ("app:www", 4001, 4003, "4003", "app", "/srv/app"),
            ("app:77", 4001, 77, "77", "app", "/srv/app"),
            ("plain", 4011, 4011, "4011", "plain", "/"),
            ("4999", 4999, 0, "0", "4999", "/"),
            ("4999:others", 4999, 4005, "4005", "4999", "/"),
        ] {
            let run = image.in_place(mode.child(["show", "status", "status", "exit", "0"])).options(["--user", user]);
            let ended = run.env("HOME", "/root").env("USER", "root").env("LOGNAME", "root").env("OTHER", "kept").run();
            ended.expect_code(0).expect_silence();
            check_ids(&ended.stdout, uid, gid, groups);
            let expected = [format!("env HOME={home}"), format!("env LOGNAME={name}"), format!("env USER={name}")];
            assert_eq!(variables(&ended), expected, "{user}");
            assert_eq!(ended.lines("env OTHER="), ["env OTHER=kept"]);
            assert_eq!(field(&ended.stdout, "CapPrm"), "0000000000000000");
        }
    }
}

both! {
    fn the_variable_does_the_same_and_is_not_passed_on(mode: Mode) {
        sexton_only!("--user");
        needs_root!("to become another user");
        let run = Image::new();
        let run = run.in_place(mode.child(["show", "status", "status", "exit", "0"])).env("SEXTON_USER", "app:more");
        let ended = run.run();
        ended.expect_code(0).expect_silence();
        check_ids(&ended.stdout, 4001, 4004, "4004");
        assert!(ended.lines("env SEXTON_").is_empty(), "{ended:#?}");
    }
}

both! {
    fn whoever_is_in_no_file_is_refused_before_anything_is_started(mode: Mode) {
        sexton_only!("--user");
        needs_root!("to mount a passwd file");
        let image = Image::new();
        for (user, said) in [
            ("nobody-here", "sexton: cannot set --user nobody-here: /etc/passwd has no such user\n"),
            ("4294967295", "sexton: cannot set --user 4294967295: /etc/passwd has no such user\n"),
            ("app:nowhere", "sexton: cannot set --user app:nowhere: /etc/group has no such group\n"),
        ] {
            let ended = image.in_place(mode.child(["say", "started"])).options(["--user", user]).run();
            ended.expect_code(125).expect_said(&[said]);
            assert_eq!(ended.stdout, "");
        }
    }
}

both! {
    fn an_image_without_these_files_knows_numbers(mode: Mode) {
        sexton_only!("--user");
        needs_root!("to become another user");
        let empty = Scratch::new();
        std::fs::set_permissions(empty.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let bind = ["bind", empty.path().to_str().unwrap(), "/etc"];
        let run = |user: &str| mode.child(["show", "status"]).before(bind).options(["--user", user]).run();
        check_ids(&run("4001:4002").expect_code(0).stdout, 4001, 4002, "4002");
        run("app").expect_code(125).expect_said(&["/etc/passwd has no such user"]);
    }
}

both! {
    fn a_passwd_file_that_is_none_is_refused_without_a_wait(mode: Mode) {
        sexton_only!("--user");
        needs_root!("to mount a passwd file");
        let image = Image::new();
        let scratch = Scratch::new();
        let fifo = harness::Gate::new(scratch.join("fifo"));
        for (instead, said) in [
            (fifo.path().to_str().unwrap(), "sexton: cannot set --user app: /etc/passwd has no such user\n"),
            ("/dev/zero", "sexton: cannot set --user app: cannot read /etc/passwd: File too large"),
        ] {
            let run = image.in_place(mode.child(["say", "started"])).before(["bind", instead, "/etc/passwd"]);
            run.options(["--user", "app"]).run().expect_code(125).expect_said(&[said]);
        }
    }
}

both! {
    fn sexton_gives_up_the_same_privileges_and_still_does_its_work(mode: Mode) {
        sexton_only!("--user");
        needs_root!("to become another user");
        let image = Image::new();
        let run = image.in_place(mode.child(["leave", "plain,orphan", "record", "15"])).options(["--user", "app"]).spawn();
        run.wait_ready("");
        // Whoever forwards has left the start behind; the program is ready before that.
        run.signal(libc::SIGUSR1);
        run.wait_for_line(&format!("signal {} ", libc::SIGUSR1));
        let status = status_of(&run, run.init);
        check_ids(&status, 4001, 4002, "4002 4003 4004");
        for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
            assert_eq!(field(&status, set), "0000000000000000", "{status}");
        }
        run.signal(libc::SIGTERM);
        let ended = run.wait();
        // Both that were left have been told and have ended: nothing had to be killed.
        ended.expect_code(0).expect_silence();
        assert_eq!(ended.stdout.lines().filter(|line| line.ends_with("end")).count(), 3, "{ended:#?}");
    }
}

both! {
    fn the_program_can_neither_trace_sexton_nor_read_its_memory(mode: Mode) {
        sexton_only!("--user");
        needs_root!("to become another user");
        let same_user = mode.child(["pry", "status"]).before(["as-uid", "4001"]).options(["--user", "4001"]);
        let changed = mode.child(["pry", "status"]).options(["--user", "4001"]);
        for run in [same_user, changed] {
            let ended = run.run();
            ended.expect_code(0);
            let denied: Vec<String> =
                ["mem", "environ", "maps", "fd"].iter().map(|file| format!("pry {file} errno {}", libc::EACCES)).collect();
            assert_eq!(ended.lines("pry ")[..4], denied, "{ended:#?}");
            assert_eq!(ended.lines("pry trace"), [format!("pry trace errno {}", libc::EPERM)], "{ended:#?}");
            assert_eq!(ended.lines("dumpable "), ["dumpable 1"], "the program itself is as any other: {ended:#?}");
        }
    }
}

both! {
    fn without_privileges_one_s_own_user_is_as_good_as_none(mode: Mode) {
        sexton_only!("--user");
        needs_root!("to become an ordinary user first");
        let image = Image::new();
        // A runtime that sets the group itself (runAsGroup) is left its way.
        for (user, name, home) in [
            ("4001", "app", "/srv/app"),
            ("app", "app", "/srv/app"),
            ("4001:4001", "app", "/srv/app"),
        ] {
            let run = image.in_place(mode.child(["show", "status", "status"])).before(["as-uid", "4001"]);
            let ended = run.options(["--user", user]).run();
            ended.expect_code(0).expect_silence();
            check_ids(&ended.stdout, 4001, 4001, "");
            let expected = [format!("env HOME={home}"), format!("env LOGNAME={name}"), format!("env USER={name}")];
            assert_eq!(variables(&ended), expected, "{user}");
        }
    }
}

both! {
    fn without_privileges_any_other_user_or_group_is_refused(mode: Mode) {
        sexton_only!("--user");
        needs_root!("to become an ordinary user first");
        let image = Image::new();
        for user in ["4002", "root", "plain", "4001:4002", "app:www"] {
            let run = image.in_place(mode.child(["say", "started"])).before(["as-uid", "4001"]);
            let ended = run.options(["--user", user]).run();
            let refused = format!("sexton: cannot set --user {user}: Operation not permitted (os error 1)\n");
            ended.expect_code(125).expect_said(&[&refused, "sexton: help: ", "CAP_SETUID and CAP_SETGID"]);
            assert_eq!(ended.stdout, "");
        }
    }
}

both! {
    fn root_without_the_capability_is_told_which(mode: Mode) {
        sexton_only!("--user");
        needs_root!("to drop a capability");
        let run = |user: &str| mode.child(["show", "status"]).before(["without-cap", CAP_SETGID]).options(["--user", user]);
        run("4001").run().expect_code(125).expect_said(&["cannot set --user 4001: Operation not permitted", "CAP_SETGID"]);
        run("0").run().expect_code(0).expect_silence();
    }
}

#[test]
fn a_user_namespace_that_denies_groups_is_named() {
    sexton_only!("--user");
    needs_root!("to become an ordinary user first");
    let inside = |command: &[&str]| {
        let mut words = vec!["unshare", "--user", "--map-root-user"];
        words.extend(command);
        Mode::Bare.command(words).before(["as-uid", "4001"]).run()
    };
    if inside(&["true"]).code != Some(0) {
        harness::not_here(&test_name!(), "an ordinary user can make no user namespace");
        return;
    }
    let sexton = &harness::init_under_test()[0];
    let ended = inside(&[sexton, "--user", "4001", "true"]);
    ended
        .expect_code(125)
        .expect_said(&["cannot set --user 4001: Operation not permitted", "/proc/self/setgroups says deny"]);
    inside(&[sexton, "--user", "0", "true"]).expect_code(0).expect_silence();
}

both! {
    fn the_user_can_open_pipes_of_ours_by_their_names_and_files_keep_their_owner(mode: Mode) {
        sexton_only!("--user");
        needs_root!("--user");
        let script = "echo again >/dev/stdout && cat </dev/stdin";
        for (owner, code, output) in [(0, 0, "again\nread\n"), (4711, 2, "")] {
            let (input, printed) = (Pipe::new(), Pipe::new());
            File::from(input.writer).write_all(b"read\n").unwrap();
            fchown(&printed.writer, Some(owner), None).unwrap();
            let run = mode.shell(script).stdin(input.reader).stdout(printed.writer).options(["--user", "65534"]);
            let mut run = run.spawn();
            run.wait_for_end().expect_code(code);
            assert_eq!(String::from_utf8(harness::read_to_end(printed.reader)).unwrap(), output);
            assert_eq!(std::fs::metadata(run.scratch.join("stderr")).unwrap().uid(), 0);
        }
    }
}

both! {
    fn the_user_can_open_a_container_s_terminal_and_no_other(mode: Mode) {
        sexton_only!("--user");
        needs_root!("--user");
        let pty = Pty::new();
        let run = mode.shell("echo again >/dev/stdout").options(["--user", "65534"]);
        pty.attach(run).run().expect_code(if mode == Mode::Pid1 { 0 } else { 2 });
        assert_eq!(pty.shown().contains("again\r\n"), mode == Mode::Pid1, "{}", pty.shown());
    }
}

both! {
    fn the_old_directory_is_kept_even_if_the_user_could_not_enter_it(mode: Mode) {
        sexton_only!("--user");
        needs_root!("to become another user");
        let scratch = Scratch::new();
        let directory = scratch.join("private");
        std::fs::create_dir(&directory).unwrap();
        std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o700)).unwrap();
        let path = directory.to_str().unwrap();
        let run = mode.command(["readlink", "/proc/self/cwd"]).before(["cd", path]).options(["--user", "4001"]);
        let ended = run.run();
        ended.expect_code(0).expect_silence();
        assert_eq!(ended.stdout.trim_end(), path);
    }
}

both! {
    fn a_directory_is_entered_from_the_old_one_and_the_program_found_there(mode: Mode) {
        sexton_only!("--chdir");
        let scratch = Scratch::new();
        std::fs::create_dir(scratch.join("below")).unwrap();
        scratch.file("below/program", "#!/bin/sh\npwd\n", 0o755);
        let (here, below) = (scratch.path().to_str().unwrap().to_owned(), scratch.join("below"));
        for directory in ["below", "./below/../below", below.to_str().unwrap()] {
            let run = mode.command(["./program"]).before(["cd", &here]).options(["--chdir", directory]);
            let ended = run.env("PWD", "").run();
            ended.expect_code(0).expect_silence();
            assert_eq!(ended.stdout.trim_end(), below.to_str().unwrap());
        }
        let run = mode.command(["./nothing"]).before(["cd", &here]).options(["--chdir", "below"]).run();
        run.expect_code(127);
    }
}

both! {
    fn a_directory_that_cannot_be_entered_is_named(mode: Mode) {
        sexton_only!("--chdir");
        let scratch = Scratch::new();
        let file = scratch.file("file", "", 0o644);
        let run = |directory: &str| mode.child(["say", "started"]).options(["--chdir", directory]).run();
        run("/nowhere").expect_code(125).expect_said(&["sexton: cannot set --chdir /nowhere: No such file or directory"]);
        run(file.to_str().unwrap()).expect_code(125).expect_said(&["file: Not a directory"]);
        assert_eq!(run("a\nb").expect_code(125).stderr, "sexton: cannot set --chdir a\\x0ab: No such file or directory (os error 2)\n");
    }
}

both! {
    fn a_directory_is_entered_as_the_new_user(mode: Mode) {
        sexton_only!("--chdir");
        needs_root!("to become another user");
        let scratch = Scratch::new();
        for (name, owner) in [("theirs", 4001), ("ours", 0)] {
            let directory = scratch.join(name);
            std::fs::create_dir(&directory).unwrap();
            std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o700)).unwrap();
            chown(&directory, Some(owner), Some(owner)).unwrap();
        }
        let run = |name: &str| {
            let directory = scratch.join(name);
            let options = ["--user", "4001:4001", "--chdir", directory.to_str().unwrap()];
            mode.command(["readlink", "/proc/self/cwd"]).options(options).run()
        };
        assert!(run("theirs").expect_code(0).expect_silence().stdout.ends_with("theirs\n"));
        run("ours").expect_code(125).expect_said(&["/ours: Permission denied", "help: it is entered with the permissions of --user"]);
    }
}

both! {
    fn a_program_that_only_root_may_execute_is_explained_for_the_user(mode: Mode) {
        sexton_only!("--user");
        needs_root!("to become another user");
        let scratch = Scratch::new();
        let program = scratch.file("program", "#!/bin/sh\n", 0o700);
        let ended = mode.command([&program]).options(["--user", "4001:4002"]).run();
        ended.expect_code(126).expect_said(&["user 4001"]);
    }
}

both! {
    fn privileges_come_after_what_needs_them_and_before_what_does_not(mode: Mode) {
        sexton_only!("--user");
        needs_root!("to become another user");
        // A lower niceness is for root, no_new_privs for anybody.
        let options = ["--user", "4001:4002", "--nice", "-3", "--no-new-privs", "--umask", "027"];
        let bare = mode.child(["status"]).before(["without-cap", CAP_KILL]);
        let bare: i32 = harness::numbers(bare.run().lines("nice ")[0])[0].try_into().unwrap();
        let ended = mode.child(["show", "status", "status"]).options(options).run();
        ended.expect_code(0).expect_silence();
        check_ids(&ended.stdout, 4001, 4002, "4002");
        assert_eq!(ended.lines("nice "), [format!("nice {}", (bare - 3).max(-20))]);
        assert_eq!(field(&ended.stdout, "NoNewPrivs"), "1");
        assert_eq!(ended.lines("umask "), ["umask 027"]);
    }
}

/// The child program, owned by root and set-uid; None if the file system forgets such bits.
fn setuid_child(scratch: &Scratch, name: &str) -> Option<String> {
    let path = scratch.join("setuid");
    // By another process: a descriptor of ours that writes could live on in a fork, and ETXTBSY with it.
    let copied = std::process::Command::new("cp").arg(harness::child_program()).arg(&path).status();
    assert!(copied.is_ok_and(|status| status.success()), "cp");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o4755)).unwrap();
    let path = path.to_str().unwrap().to_owned();
    let ended = Mode::Bare.command([&path, "show", "status"]).before(["as-uid", "4001"]).run();
    if field(&ended.stdout, "Uid") == "4001 0 0 0" {
        return Some(path);
    }
    harness::not_here(name, "the temporary directory is on a file system without set-uid programs");
    None
}

both! {
    fn no_new_privs_takes_its_power_from_a_setuid_program(mode: Mode) {
        sexton_only!("--no-new-privs");
        needs_root!("to make a set-uid program");
        let scratch = Scratch::new();
        let Some(program) = setuid_child(&scratch, &test_name!()) else { return };
        let run = |options: &[&str]| mode.command([&program, "show", "status"]).options(options).run();
        let with = run(&["--user", "4001:4002", "--no-new-privs"]);
        check_ids(&with.expect_code(0).stdout, 4001, 4002, "4002");
        assert_eq!(field(&with.stdout, "CapPrm"), "0000000000000000");
        let without = run(&["--user", "4001:4002"]);
        assert_eq!(field(&without.expect_code(0).stdout, "Uid"), "4001 0 0 0");
        assert_eq!(field(&without.stdout, "NoNewPrivs"), "0");
    }
}

both! {
    fn a_setuid_program_that_left_its_user_is_said_once_and_harms_nothing(mode: Mode) {
        sexton_only!("--user");
        needs_root!("to make a set-uid program");
        let scratch = Scratch::new();
        let Some(program) = setuid_child(&scratch, &test_name!()) else { return };
        let run = mode.command([&program, "as-uid", "0", "record", "15"]).options(["--user", "4001:4002"]).spawn();
        let main = run.wait_ready("");
        for _ in 0..3 {
            run.signal(libc::SIGUSR1);
            run.signal(libc::SIGTERM);
        }
        run.wait_for_log("runs as user 0 and sexton lacks CAP_KILL");
        // From outside it can be ended, and sexton reports it as ever.
        harness::kill(main, libc::SIGTERM);
        let ended = run.wait();
        ended.expect_code(0);
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:#?}");
    }
}

#[test]
fn the_parent_s_death_is_told_although_the_ids_have_changed() {
    sexton_only!("--parent-death-signal");
    needs_root!("to become another user");
    let scratch = Scratch::new();
    let mut gate = harness::Gate::new(scratch.join("gate"));
    let sexton = &harness::init_under_test()[0];
    let script = r#""$sexton" -p USR1 -u 4001:4002 -- "$child" record 10 & read -r _ <"$gate"; exit 0"#;
    let run = Mode::Bare.shell(script).env("sexton", sexton).env("gate", gate.path()).spawn();
    run.wait_for_line("ready");
    gate.reached();
    gate.open();
    // What ends here is the shell above, and sexton lives on: this is no early end.
    let said = |start: &str| harness::eventually(|| !run.lines(start).is_empty(), start);
    said(&format!("signal {} ", libc::SIGUSR1));
    said("end");
}

#[test]
fn a_parent_that_is_gone_before_its_death_was_asked_for_is_told_of() {
    sexton_only!("--parent-death-signal");
    // As a grandchild it holds the program's start up, and sexton is the shell's own child.
    let strace = ["strace", "-D", "-f", "-qq", "-o", "/dev/null"];
    if !std::process::Command::new(strace[0])
        .args(&strace[1..])
        .arg("true")
        .status()
        .is_ok_and(|s| s.success())
    {
        harness::not_here(&test_name!(), "needs strace, and to be allowed to trace");
        return;
    }
    let scratch = Scratch::new();
    let mut gate = harness::Gate::new(scratch.join("gate"));
    let delay = "-e trace=execve -e inject=execve:delay_enter=1500000";
    let script = format!(
        r#"{} {delay} "$sexton" -p USR1 -- "$child" record 10 & read -r _ <"$gate"; exit 0"#,
        strace.join(" ")
    );
    let sexton = &harness::init_under_test()[0];
    // Blocked, it waits for the program, which is no program yet when it comes.
    let run = Mode::Bare.shell(&script).before(["block", &libc::SIGUSR1.to_string()]);
    let run = run.env("sexton", sexton).env("gate", gate.path()).spawn();
    let begun = || {
        let below = run.below();
        let sextons: Vec<_> = below.iter().filter(|process| process.name == "sexton").collect();
        sextons.iter().any(|process| sextons.iter().any(|parent| parent.pid == process.parent))
    };
    harness::eventually(begun, "sexton has made its child, which is not the program yet");
    gate.reached();
    gate.open();
    // What ends here is the shell above, and sexton lives on: this is no early end.
    let said = |start: &str| harness::eventually(|| !run.lines(start).is_empty(), start);
    said(&format!("signal {} ", libc::SIGUSR1));
    said("end");
}

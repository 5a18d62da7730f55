//! A program that cannot be executed: the exit status says which kind of failure, stderr why.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Ended, Mode, Scratch, both, needs_root, sexton_only, test_name};
use std::path::Path;

/// Runs a program of which nothing may be seen but the init's explanation.
#[track_caller]
fn fails(mode: Mode, program: impl AsRef<Path>, code: i32) -> Ended {
    let ended = mode.command([program.as_ref().as_os_str()]).run();
    ended.expect_code(code);
    assert!(ended.stdout.is_empty(), "{ended:#?}");
    ended
}

/// Fails unless sexton, if that is under test, says all of this, whatever the case.
#[track_caller]
fn explained(ended: &Ended, parts: &[&str]) {
    if harness::is_sexton() {
        let said = ended.stderr.to_lowercase();
        for part in parts {
            assert!(said.contains(&part.to_lowercase()), "stderr was to have {part:?}: {ended:#?}");
        }
        assert!(said.starts_with("sexton: "), "{ended:#?}");
    }
}

both! {
    fn not_in_path_is_127_and_the_path_is_shown(mode: Mode) {
        let ended = mode.command(["no-such-program"]).env("PATH", "/usr/bin:/usr/sbin:/bin").run();
        ended.expect_code(127);
        explained(&ended, &["no-such-program", "PATH", "/usr/bin:/usr/sbin:/bin"]);
    }
}

both! {
    fn no_such_file_is_127(mode: Mode) {
        explained(&fails(mode, "/no/such/file", 127), &["/no/such/file"]);
        fails(mode, "", 127);
    }
}

both! {
    fn t15_a_path_through_a_file_is_127(mode: Mode) {
        explained(&fails(mode, "/etc/passwd/program", 127), &["/etc/passwd/program"]);
    }
}

both! {
    fn t15_a_loop_of_links_is_126(mode: Mode) {
        let scratch = Scratch::new();
        std::os::unix::fs::symlink(scratch.join("loop"), scratch.join("loop")).unwrap();
        explained(&fails(mode, scratch.join("loop"), 126), &["loop"]);
    }
}

both! {
    fn a_directory_is_126(mode: Mode) {
        explained(&fails(mode, "/usr", 126), &["/usr", "directory"]);
    }
}

both! {
    fn no_x_bit_is_126_and_the_mode_is_shown(mode: Mode) {
        let scratch = Scratch::new();
        let file = scratch.file("program", "#!/bin/sh\necho ran\n", 0o644);
        explained(&fails(mode, file, 126), &["program", "644"]);
    }
}

both! {
    fn t15_a_script_s_missing_interpreter_is_126_and_named(mode: Mode) {
        let scratch = Scratch::new();
        let file = scratch.file("script", "#!/no/such/interpreter -x\necho ran\n", 0o755);
        explained(&fails(mode, file, 126), &["script", "/no/such/interpreter"]);
    }
}

both! {
    fn t15_crlf_line_endings_are_126_and_called_out(mode: Mode) {
        let scratch = Scratch::new();
        let file = scratch.file("script", "#!/bin/sh\r\necho ran\r\n", 0o755);
        explained(&fails(mode, file, 126), &["script", "/bin/sh", "CRLF"]);
    }
}

both! {
    fn a_script_without_an_interpreter_line_runs_under_sh(mode: Mode) {
        let scratch = Scratch::new();
        let file = scratch.file("script", "echo \"ran with $1 and $#\"; exit 3\n", 0o755);
        let ended = mode.command([file.as_os_str(), "a b".as_ref(), "".as_ref()]).run();
        ended.expect_code(3).expect_silence();
        assert_eq!(ended.stdout, "ran with a b and 2\n");
    }
}

both! {
    fn an_empty_file_runs_under_sh(mode: Mode) {
        let scratch = Scratch::new();
        mode.command([scratch.file("empty", "", 0o755)]).run().expect_code(0).expect_silence();
    }
}

/// The child program with something changed.
fn changed_program(scratch: &Scratch, change: impl Fn(&mut [u8])) -> std::path::PathBuf {
    let mut bytes = std::fs::read(harness::child_program()).unwrap();
    change(&mut bytes);
    scratch.file("program", bytes, 0o755)
}

both! {
    fn t15_an_elf_for_another_machine_is_126_and_both_are_named(mode: Mode) {
        let scratch = Scratch::new();
        let (own, number, other) =
            if cfg!(target_arch = "x86_64") { ("x86", 183_u16, "aarch64") } else { ("aarch64", 62, "x86") };
        let file = changed_program(&scratch, |bytes| bytes[18..20].copy_from_slice(&number.to_le_bytes()));
        let ended = fails(mode, file, 126);
        explained(&ended, &["program", own, other]);
        assert!(!ended.stderr.to_lowercase().contains("syntax error"), "it was fed to a shell: {ended:#?}");
    }
}

both! {
    fn t15_a_missing_elf_loader_is_126_and_named(mode: Mode) {
        let scratch = Scratch::new();
        let file = changed_program(&scratch, |bytes| {
            let at = bytes.windows(8).position(|bytes| bytes == b"ld-linux").expect("a loader's name");
            bytes[at..at + 8].copy_from_slice(b"no-loadr");
        });
        explained(&fails(mode, file, 126), &["program", "no-loadr"]);
    }
}

both! {
    fn t15_what_is_neither_program_nor_script_is_126(mode: Mode) {
        let scratch = Scratch::new();
        fails(mode, scratch.file("nuls", b"echo ran\n\0\0\0\n", 0o755), 126);
        fails(mode, scratch.file("stump", b"\x7fELF\x02\x01\x01", 0o755), 126);
    }
}

both! {
    fn a_file_system_without_exec_is_126_and_said(mode: Mode) {
        needs_root!("a file system mounted noexec");
        let scratch = Scratch::new();
        let directory = scratch.join("noexec");
        std::fs::create_dir(&directory).unwrap();
        let before = ["noexec", directory.to_str().unwrap()];
        let ended = mode.command([directory.join("program")]).before(before).run();
        ended.expect_code(126);
        explained(&ended, &["program", "noexec"]);
    }
}

both! {
    fn the_path_is_searched_past_files_that_cannot_run(mode: Mode) {
        let scratch = Scratch::new();
        for (directory, bits) in [("one", 0o644), ("two", 0o755)] {
            std::fs::create_dir(scratch.join(directory)).unwrap();
            scratch.file(&format!("{directory}/my-program"), format!("#!/bin/sh\necho {directory}\n"), bits);
        }
        let [one, two] = ["one", "two"].map(|name| scratch.join(name).display().to_string());
        let path = format!("{one}:/no/such:{two}:/usr/bin:/bin");
        let ended = mode.command(["my-program"]).env("PATH", path).run();
        ended.expect_code(0).expect_silence();
        assert_eq!(ended.stdout, "two\n");
        let ended = mode.command(["my-program"]).env("PATH", format!("{one}:/usr/bin:/bin")).run();
        ended.expect_code(126);
        explained(&ended, &["my-program", "644"]);
    }
}

both! {
    fn without_path_the_usual_directories_are_searched(mode: Mode) {
        mode.command(["true"]).before(["unset", "PATH"]).run().expect_code(0).expect_silence();
    }
}

both! {
    fn what_fails_before_the_exec_is_125(mode: Mode) {
        sexton_only!("--user and --chdir");
        let ended = mode.child(["say", "ran"]).options(["--chdir", "/no/such/directory"]).run();
        ended.expect_code(125).expect_said(&["sexton: ", "/no/such/directory"]);
        let ended = mode.child(["say", "ran"]).options(["--user", "no-such-user"]).run();
        ended.expect_code(125).expect_said(&["sexton: ", "no-such-user"]);
    }
}

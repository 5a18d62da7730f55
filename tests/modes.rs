//! `--ps` and `--check`: what there is, seen from inside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Ended, Mode, Sexton, init_under_test, needs_root, pid1, sexton_only, test_name};

/// Runs sexton itself with these words.
fn with(words: &[&str]) -> Ended {
    Sexton::new(words).without_separator().run()
}

/// Runs sexton as PID 1 with a script as its program; `$sexton` is sexton once more.
fn inside(script: &str) -> Ended {
    let [sexton] = init_under_test().try_into().unwrap();
    Mode::Pid1.shell(script).env("sexton", sexton).run()
}

pid1! {
    fn the_tree_shows_the_namespace_and_who_holds_zombies(_mode: Mode) {
        sexton_only!("--ps");
        let script = "\"$child\" zombies 3 record 12 & while \"$sexton\" --check zombies=2 >/dev/null; do :; done; \
                      \"$sexton\" --ps; kill -12 $!; wait";
        let ended = inside(script);
        ended.expect_code(0).expect_silence();
        let lines: Vec<&str> = ended.stdout.lines().filter(|line| !line.starts_with("ready")).collect();
        assert!(lines[0].starts_with("PID  PPID  USER"), "{ended:#?}");
        assert!(lines[1].trim_start().starts_with("1 ") && lines[1].contains(" -- sh -c "), "{ended:#?}");
        assert!(lines.iter().filter(|line| line.contains(" zombie ") && line.contains("held by ")).count() >= 1);
        assert!(ended.stdout.contains("├─ ") && ended.stdout.contains(" zombies"), "{ended:#?}");
        assert!(!ended.stdout.contains('\u{1b}'), "no terminal, no colour: {ended:#?}");
    }
}

pid1! {
    fn what_proc_hides_from_this_user_is_said(_mode: Mode) {
        sexton_only!("--ps");
        needs_root!("to mount /proc");
        for (hidden, denied) in [(1, true), (2, false)] {
            // Of two processes the program is the user's own, and PID 1 is root's.
            let ended = inside(&format!(
                "mount -t proc -o hidepid={hidden} proc /proc && exec \"$child\" as-uid 65534 exec \"$sexton\" --ps"
            ));
            ended.expect_code(0).expect_silence();
            assert!(ended.stdout.contains("\n1 process, 1 thread: 1 running\n"), "{ended:#?}");
            assert_eq!(ended.stdout.contains("\nnot shown: 1 of other users, which may not be looked at\n"), denied);
            // Since Linux 5.8 the kernel has words for these numbers.
            let said = ended.lines("/proc is mounted with hidepid=");
            assert!(said.len() == 1 && said[0].ends_with(": processes of other users may be missing"), "{ended:#?}");
        }
    }
}

pid1! {
    fn json_has_the_same_facts(_mode: Mode) {
        sexton_only!("--ps --json");
        let ended = inside("\"$sexton\" --ps --json");
        ended.expect_code(0).expect_silence();
        let object: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        let processes = object["processes"].as_array().unwrap();
        assert_eq!(processes.len(), 3, "{ended:#?}");
        assert_eq!((&processes[0]["pid"], &processes[1]["ppid"]), (&1.into(), &1.into()));
        assert_eq!(object["totals"]["processes"], 3);
    }
}

pid1! {
    fn a_check_tells_what_is_passed(_mode: Mode) {
        sexton_only!("--check");
        let script = "\"$child\" zombies 3 record 12 & while \"$sexton\" --check zombies=2 >/dev/null; do :; done; \
                      \"$sexton\" --check zombies=3; echo $?; \"$sexton\" --check zombies=2,pids=1; echo $?; kill -12 $!; wait";
        let ended = inside(script);
        let lines: Vec<&str> = ended.stdout.lines().filter(|line| !line.starts_with("ready")).collect();
        assert_eq!(lines[..2], ["0", "zombies: 3, more than 2"], "{ended:#?}");
        assert!(lines[2].starts_with("pids: ") && lines[3] == "1", "{ended:#?}");
    }
}

#[test]
fn nonsense_is_a_usage_error() {
    sexton_only!("--check");
    with(&["--check", "zombies"])
        .expect_code(125)
        .expect_said(&["cannot use --check: 'zombies' is no limit"]);
    with(&["--check"]).expect_code(125).expect_said(&["no value was given for --check: expected zombies=N"]);
    with(&["--ps", "ls"]).expect_code(125).expect_said(&["--ps starts no program"]);
}

#[test]
fn a_full_disk_is_said() {
    sexton_only!("--ps");
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let ended = Sexton::new(["--ps"]).without_separator().stdout(full).run();
    ended.expect_code(125).expect_said(&["cannot write to standard output: No space left"]);
}

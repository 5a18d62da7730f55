//! The promises of SECURITY.md, each tried by a program that means harm. Some more stand where their subject is: `privileges`
//! (tracing, memory), `report` (links), `stop` and `leftovers` (neighbours), `log` (full, closed, slow).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Mode, Running, Scratch, both, init_under_test, needs_root, pid1, sexton_only, test_name};
use std::fs;

pid1! {
    fn no_signal_from_inside_ends_pid_1_however_it_is_sent(mode: Mode) {
        let run = mode.child(["block-all", "assault", "record"]).spawn();
        let main = run.wait_ready("");
        run.wait_for_line("signal 64 ");
        assert!(harness::process(run.init).is_some_and(|init| init.state == 'S'), "{}", run.seen());
        harness::kill(main, libc::SIGKILL);
        run.wait().expect_code(137);
    }
}

both! {
    fn nothing_of_sexton_is_open_to_a_program_of_the_same_user(mode: Mode) {
        sexton_only!("--user");
        needs_root!("to become another user");
        let ended = mode.child(["pry-deeper"]).options(["--user", "4001:4001"]).run();
        ended.expect_code(0).expect_silence();
        let lines = ended.lines("pry ");
        assert_eq!(lines.len(), 11, "{ended:#?}");
        for line in lines {
            let refused = [libc::EPERM, libc::EACCES].map(|errno| format!(" errno {errno}"));
            assert!(refused.iter().any(|end| line.ends_with(end)), "{line}: {ended:#?}");
        }
    }
}

both! {
    fn a_report_stays_where_it_was_opened(mode: Mode) {
        sexton_only!("--report");
        let scratch = Scratch::new();
        let precious = scratch.file("precious", "mine", 0o644);
        let report = scratch.join("report");
        let script = format!("cd {0} && mv report moved && ln -s precious report; exit 3", scratch.path().display());
        let ended = mode.shell(&script).options(["--report", report.to_str().unwrap()]).run();
        ended.expect_code(3).expect_silence();
        assert_eq!(fs::read(&precious).unwrap(), b"mine");
        assert!(fs::read_to_string(scratch.join("moved")).unwrap().contains("\"exit_status\""));
    }
}

both! {
    fn a_termination_message_goes_nowhere_else(mode: Mode) {
        sexton_only!("--termination-log");
        for replace in [
            "ln -s precious message",
            "ln precious message",
            "ln -s empty message",
            "ln empty message",
            "mkdir message",
            // Nobody reads from it, and to open it would wait for ever.
            "mkfifo message",
            "true",
        ] {
            let scratch = Scratch::new();
            let precious = scratch.file("precious", "mine", 0o644);
            let empty = scratch.file("empty", "", 0o644);
            let message = scratch.file("message", "", 0o644);
            let script = format!("cd {} && rm message && {replace}; exit 3", scratch.path().display());
            let option = format!("--termination-log={}", message.display());
            let ended = mode.shell(&script).options([option]).run();
            ended.expect_code(3).expect_said(&["cannot write the termination message to "]);
            assert_eq!(ended.stderr.lines().count(), 1, "{replace}: {ended:#?}");
            assert_eq!(fs::read(&precious).unwrap(), b"mine", "{replace}");
            assert_eq!(fs::read(&empty).unwrap(), b"", "{replace}");
        }
    }
}

both! {
    fn a_termination_message_is_written_with_the_program_s_privileges(mode: Mode) {
        sexton_only!("--termination-log");
        needs_root!("to become another user");
        let scratch = Scratch::new();
        // What only root may write to, reached through a directory that the program has put there.
        let root_s = scratch.file("message", "", 0o600);
        let option = format!("--termination-log={}", root_s.display());
        let ended = mode.child(["exit", "3"]).options([option, "--user=4001:4001".to_owned()]).run();
        ended.expect_code(3).expect_said(&["cannot write the termination message to "]);
        assert_eq!(fs::read(&root_s).unwrap(), b"");
    }
}

/// The name of a program that would write lines of its own, and colour them.
const NAME: &str = "x\nsexton: \u{1b}[31";

both! {
    fn a_hostile_name_is_harmless_in_every_line(mode: Mode) {
        sexton_only!("its own lines");
        for format in ["text", "json"] {
            let words = ["name", NAME, "killed-orphans", "3", "9", "orphans", "3", "zombies", "25", "leave", "deaf-orphan,plain"];
            let words = words.iter().copied().chain(["on", "10", "die", "11"]);
            let options = ["-vvv", "-w", "--watch=20ms", "--grace=50ms", "--log-format", format];
            let run = mode.child(words).options(options).spawn();
            run.wait_ready("");
            run.wait_for_log("zombies are held by process ");
            run.signal(libc::SIGUSR1);
            let ended = run.wait();
            ended.expect_code(139);
            let named = ended.stderr.lines().filter(|line| line.contains("x\\x0asexton: \\x1b[31") || line.contains("x\\\\x0a"));
            assert!(named.count() >= 6, "its name is in many lines: {ended:#?}");
            for line in ended.stderr.lines() {
                assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
                match format {
                    "json" => assert!(serde_json::from_str::<serde_json::Value>(line).is_ok_and(|v| v.is_object()), "{line}"),
                    _ => assert!(line.starts_with("sexton: ") && !line.starts_with("sexton: \u{1b}"), "{line:?}"),
                }
            }
        }
    }
}

fn memory(run: &Running) -> u64 {
    let text = harness::field(run.init, "RssAnon:").unwrap_or_default();
    text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

both! {
    fn a_program_can_fill_neither_log_nor_memory(mode: Mode) {
        sexton_only!("its own lines");
        // Each orphan has a name of its own; each round there are more zombies that are held.
        let words = ["many-names", "300", "zombies", "25", "ready", "on", "10", "many-names", "3000", "zombies", "60"];
        let words = words.iter().copied().chain(["say", "done", "on", "12", "exit", "0"]);
        let run = mode.child(words).options(["--watch=10ms"]).spawn();
        run.wait_ready("");
        run.eventually(|run| run.below().len() <= 26, "the first orphans are reaped");
        run.wait_for_log("zombies are held by process ");
        let before = memory(&run);
        run.signal(libc::SIGUSR1);
        run.wait_for_line("done");
        run.eventually(|run| run.below().len() <= 86, "the other orphans are reaped");
        let after = memory(&run);
        run.wait_for_lines("ready", 3);
        run.signal(libc::SIGUSR2);
        let ended = run.wait();
        ended.expect_code(0);
        assert!(after <= before + 64, "{before} KiB of its own, then {after}: {ended:#?}");
        assert!(ended.stderr.lines().count() < 12, "{ended:#?}");
    }
}

// The number of a process that sexton knew is somebody else's now, who has nothing to do with sexton.
#[test]
fn a_pid_that_is_used_again_is_not_signalled() {
    sexton_only!("--grace");
    needs_root!("to choose the next pid of a namespace");
    if !harness::can_be_pid1(&test_name!()) {
        return;
    }
    let scratch = Scratch::new();
    let gate = scratch.join("gate");
    assert!(std::process::Command::new("mkfifo").arg(&gate).status().unwrap().success());
    let [sexton] = init_under_test().try_into().unwrap();
    let script = "\"$sexton\" --grace 1h -- \"$child\" leave deaf-orphan on 10 exit 3 & sexton=$!
        main=$(cat \"$gate\")
        echo $((main - 1)) > /proc/sys/kernel/ns_last_pid
        \"$child\" setsid name stranger record 12 &
        wait $sexton; echo \"sexton $?\"; wait";
    let run = Mode::Pid1.command([""]).init(["sh", "-c", script]);
    let run = run.env("sexton", sexton).env("child", harness::child_program()).env("gate", &gate).spawn();
    let main = run.wait_ready("");
    let inner = *harness::numbers(&run.lines("ready")[0]).last().unwrap();
    let supervisor = harness::process(main).unwrap().parent;
    harness::kill(supervisor, libc::SIGUSR1);
    run.eventually(|_| harness::process(main).is_none(), "the main process is reaped");
    fs::write(&gate, inner.to_string()).unwrap();
    run.wait_for_lines("ready", 2);
    assert_eq!(run.lines("ready")[0], run.lines("ready")[1], "the pid is used again: {}", run.seen());
    let stranger = run.wait_ready("");
    // Everything that sexton forwards or says to a group or to those who are left.
    for signal in [libc::SIGHUP, libc::SIGUSR1, libc::SIGWINCH, libc::SIGTERM] {
        harness::kill(supervisor, signal);
    }
    run.wait_for_line("sexton 3");
    assert!(run.lines("signal ").iter().all(|line| !line.contains("signal 15")), "{}", run.seen());
    assert_eq!(run.lines("signal ").len(), 0, "the stranger has heard of nothing: {}", run.seen());
    harness::kill(stranger, libc::SIGUSR2);
    run.wait_for_line("signal 12 ");
    run.wait().expect_code(0);
}

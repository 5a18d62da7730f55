//! No program: a pod's namespaces held together, and what is left there reaped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Mode, Running, Sexton, both, sexton_only, test_name};

/// The init as a pause under the name `name`, as the parent of processes that it has never started: they were
/// started before it became this program.
fn pause(mode: Mode, name: &str, options: &[&str], before: &[&str]) -> Running {
    let mut init = vec![env!("CARGO_BIN_EXE_sexton"), "--as", name];
    if name == "sexton" {
        init.truncate(1);
    }
    let none: [&str; 0] = [];
    let run = Sexton::new(none).init(init.iter().chain(options)).before(before);
    let run = (if mode == Mode::Pid1 { run.as_pid1() } else { run }).spawn();
    run.eventually(|run| state(run.init) == 'S' && is_sexton(run.init), "it has fallen asleep");
    run
}

const NAMES: [(&str, &[&str]); 3] = [("sexton", &["--pause"]), ("catatonit", &["-P"]), ("pause", &[])];

both! {
    fn it_ends_on_term_and_int_with_0_and_on_nothing_else(mode: Mode) {
        sexton_only!("--pause");
        for (name, options) in NAMES {
            for end in [libc::SIGTERM, libc::SIGINT] {
                let mut run = pause(mode, name, options, &["leave", "kid"]);
                run.wait_ready("kid");
                harness::signals().filter(|s| ![libc::SIGTERM, libc::SIGINT].contains(s)).for_each(|s| run.signal(s));
                // It has taken them all when none is waiting.
                run.eventually(|run| pending(run.init) == 0, "every signal is taken");
                assert!(!run.has_ended(), "{}", run.seen());
                assert!(run.lines("kid: signal ").is_empty(), "nothing is forwarded: {}", run.seen());
                run.signal(end);
                let ended = run.wait_for_end();
                ended.expect_code(0);
                assert_eq!(ended.stderr.contains("PID 1"), mode != Mode::Pid1, "{ended:#?}");
                assert_eq!(ended.stderr.contains("Shutting down, got signal"), name == "pause", "{ended:#?}");
            }
        }
    }
}

both! {
    fn it_reaps_what_is_left_to_it(mode: Mode) {
        sexton_only!("--pause");
        // The zombies ended before it was this program, and no signal tells of them.
        let run = pause(mode, "sexton", &["--pause"], &["zombies", "20", "leave", "kid,session"]);
        let (kid, session) = (run.wait_ready("kid"), run.wait_ready("session"));
        run.eventually(|run| run.below().len() == 2, "the zombies are reaped");
        harness::kill(kid, libc::SIGUSR2);
        harness::kill(session, libc::SIGTERM);
        run.eventually(|run| run.below().is_empty(), "they are reaped");
        run.signal(libc::SIGTERM);
        run.wait().expect_code(0);
    }
}

both! {
    fn it_sleeps_while_nothing_happens(mode: Mode) {
        sexton_only!("--pause");
        let run = pause(mode, "pause", &[], &["leave", "kid"]);
        run.wait_ready("kid");
        let before = switches(run.init);
        harness::next_tick();
        harness::next_tick();
        assert_eq!(switches(run.init), before, "it woke up for nothing");
    }
}

fn pending(pid: i32) -> u64 {
    let set = |name| harness::field(pid, name).and_then(|text| u64::from_str_radix(&text, 16).ok());
    set("SigPnd:").unwrap_or(0) | set("ShdPnd:").unwrap_or(0)
}

fn state(pid: i32) -> char {
    harness::process(pid).map_or('?', |process| process.state)
}

/// The program that was started first becomes the pause.
fn is_sexton(pid: i32) -> bool {
    harness::process(pid).is_some_and(|process| process.name == "sexton")
}

fn switches(pid: i32) -> Option<String> {
    harness::field(pid, "voluntary_ctxt_switches:")
}

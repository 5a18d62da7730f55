//! Every ended process is reaped, and the main process's ending becomes the exit status.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Gate, Mode, Running, Scratch, both, sexton_only, test_name};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

const SIGCHLD: &str = "17";

/// The statuses a shell, a signal or an init could be confused about come first.
const STATUSES: [i32; 14] = [0, 1, 2, 42, 124, 125, 126, 127, 128, 129, 137, 143, 192, 255];

both! {
    fn the_exit_status_is_the_main_process_s(mode: Mode) {
        for status in STATUSES {
            mode.child(["exit", &status.to_string()]).run().expect_code(status);
        }
    }
}

#[test]
fn p7_every_exit_status_is_passed_on() {
    for status in 0..=255 {
        Mode::Subreaper.child(["exit", &status.to_string()]).run().expect_code(status);
    }
}

/// The signals that end a process which has not prepared for them.
fn deadly() -> impl Iterator<Item = i32> {
    let harmless = [libc::SIGCHLD, libc::SIGCONT, libc::SIGURG, libc::SIGWINCH];
    let stops = [libc::SIGSTOP, libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU];
    (1..=64).filter(move |signal| !harmless.contains(signal) && !stops.contains(signal))
}

both! {
    fn p7_a_death_by_any_signal_is_128_and_its_number(mode: Mode) {
        for signal in deadly() {
            mode.child(["die", &signal.to_string()]).run().expect_code(128 + signal);
        }
    }
}

both! {
    fn t2_an_inherited_ignored_sigchld_does_not_hide_the_end(mode: Mode) {
        mode.child(["exit", "3"]).before(["ignore", SIGCHLD]).run().expect_code(3);
        mode.child(["orphans", "5", "die", "15"]).before(["ignore", SIGCHLD]).run().expect_code(143);
    }
}

both! {
    fn an_inherited_blocked_sigchld_does_not_hide_the_end(mode: Mode) {
        mode.child(["orphans", "5", "exit", "3"]).before(["block", SIGCHLD]).run().expect_code(3);
    }
}

/// Waits until nothing but the main process is left below the init, in whatever state.
#[track_caller]
fn wait_until_all_are_reaped(run: &Running) {
    run.eventually(|run| run.below().len() == 1, "every orphan is reaped");
}

both! {
    fn hundreds_of_orphans_leave_no_zombies(mode: Mode) {
        let run = mode.child(["orphans", "400", "sleep"]).spawn();
        run.wait_ready("");
        wait_until_all_are_reaped(&run);
    }
}

both! {
    fn orphans_that_real_time_signals_ended_are_reaped(mode: Mode) {
        let run = mode.child(["killed-orphans", "20", "36", "killed-orphans", "20", "64", "record", "12"]).spawn();
        run.wait_ready("");
        wait_until_all_are_reaped(&run);
        run.signal(libc::SIGUSR2);
        run.wait().expect_code(0);
    }
}

both! {
    fn p6_the_statuses_of_orphans_are_not_the_main_process_s(mode: Mode) {
        mode.child(["orphans", "100", "exit", "5"]).run().expect_code(5);
        mode.child(["killed-orphans", "30", "15", "exit", "6"]).run().expect_code(6);
    }
}

both! {
    fn signals_arrive_while_orphans_are_reaped(mode: Mode) {
        let run = mode.child(["block-all", "leave", "kid", "orphans", "1000", "record"]).spawn();
        run.wait_ready("kid");
        for count in 1..=20 {
            run.signal(50);
            run.wait_for_lines("kid: signal 50 ", count);
        }
        run.wait_ready("");
        run.wait_for_lines("signal 50 ", 20);
    }
}

/// Signals that come faster than they can be taken, until this is dropped.
struct Flood {
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Flood {
    fn of(signal: i32, init: i32) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let flood = |_| {
            let (over, process) = (Arc::clone(&over), harness::open_process(init));
            std::thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    harness::try_send(&process, signal);
                }
            })
        };
        let threads = (0..2).map(flood).collect();
        Self { over, threads }
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        self.threads.drain(..).for_each(|thread| drop(thread.join()));
    }
}

both! {
    fn a_flood_of_signals_does_not_keep_the_dead_waiting(mode: Mode) {
        // SIGHUP is handed out before SIGCHLD, real-time signals are behind it.
        for signal in [libc::SIGHUP, 40] {
            let scratch = Scratch::new();
            let gates = ["orphans", "end"].map(|name| Gate::new(scratch.join(name)));
            let [orphans, end] = [gates[0].path(), gates[1].path()].map(|path| path.to_str().unwrap());
            let words = ["ignore", &signal.to_string(), "gate", orphans, "orphans", "300", "gate", end, "exit", "7"];
            // All processes of a user share one queue's worth of room: a full one would fail timers elsewhere (RLIMIT_SIGPENDING).
            let mut run = mode.child(words).before(["limit", "11", "8192"]).spawn();
            let [mut orphans, mut end] = gates;
            orphans.reached();
            let flood = Flood::of(signal, run.init);
            orphans.open();
            end.reached();
            wait_until_all_are_reaped(&run);
            end.open();
            run.wait_for_end().expect_code(7);
            drop(flood);
        }
    }
}

/// The kernel hands out SIGHUP before SIGCHLD, so that a flood without a gap would hide every end. strace makes one.
#[test]
fn behind_signals_without_end_the_dead_are_found() {
    sexton_only!("which system calls it takes signals with");
    if std::process::Command::new("strace").arg("--version").output().is_err() {
        return harness::not_here(&test_name!(), "needs strace");
    }
    let scratch = Scratch::new();
    let trace = scratch.join("trace");
    let strace = ["strace", "-o", trace.to_str().unwrap(), "-e", "trace=rt_sigtimedwait,wait4"];
    let mut words: Vec<String> = strace.map(str::to_owned).to_vec();
    words.extend(["-e", "inject=rt_sigtimedwait:retval=1"].map(str::to_owned));
    words.extend(harness::init_under_test());
    words.extend(["--".to_owned(), harness::child_program().to_str().unwrap().to_owned()]);
    words.extend(["orphans", "20", "exit", "7"].map(str::to_owned));
    Mode::Bare.command(words).before(["ignore", "1"]).run().expect_code(7);
    let trace = std::fs::read_to_string(trace).unwrap();
    assert!(trace.contains("INJECTED"), "nothing was injected: {trace}");
    assert!(!trace.contains("SIGCHLD) ="), "a SIGCHLD was taken: {trace}");
}

/// strace holds sexton where the start of the program returns to it.
#[test]
fn a_program_that_ends_before_its_parent_runs_again_is_reaped() {
    if std::process::Command::new("strace").arg("--version").output().is_err() {
        return harness::not_here(&test_name!(), "needs strace");
    }
    for (word, value, status) in [("exit", "0", 0), ("exit", "7", 7), ("die", "9", 137), ("die", "15", 143)] {
        let scratch = Scratch::new();
        let trace = scratch.join("trace");
        let calls = "clone,?clone3,?fork,?vfork";
        let mut words = ["strace", "-o", trace.to_str().unwrap(), "-e"].map(str::to_owned).to_vec();
        words.extend([
            format!("trace={calls}"),
            "-e".to_owned(),
            format!("inject={calls}:delay_exit=300000"),
        ]);
        words.extend(harness::init_under_test());
        words.extend(["--".to_owned(), harness::child_program().to_str().unwrap().to_owned()]);
        words.extend([word, value].map(str::to_owned));
        Mode::Bare.command(words).run().expect_code(status);
        let trace = std::fs::read_to_string(trace).unwrap();
        assert!(trace.contains("(DELAYED)"), "it was not held: {trace}");
    }
}

both! {
    fn on_one_processor_no_ending_is_missed(mode: Mode) {
        for round in 0..8 {
            let ended = mode.child(["exit", &round.to_string()]).before(["one-processor"]).run();
            ended.expect_code(round).expect_silence();
            mode.child(["orphans", "3", "die", "9"]).before(["one-processor"]).run().expect_code(137);
        }
    }
}

both! {
    fn zombies_that_their_parent_holds_hinder_nothing(mode: Mode) {
        let run = mode.child(["zombies", "30", "record", "12"]).spawn();
        run.wait_ready("");
        assert_eq!(run.below().iter().filter(|p| p.state == 'Z').count(), 30, "{}", run.seen());
        run.signal(libc::SIGUSR2);
        run.wait().expect_code(0);
    }
}

both! {
    fn silent_when_all_is_well(mode: Mode) {
        let ended = mode.child(["orphans", "10", "exit", "0"]).run();
        ended.expect_code(0).expect_silence();
        assert!(ended.stdout.is_empty(), "{ended:#?}");
    }
}

/// How often process `pid` went to sleep.
fn sleeps(pid: i32) -> u64 {
    let field = harness::field(pid, "voluntary_ctxt_switches:");
    field.and_then(|text| text.parse().ok()).expect("voluntary_ctxt_switches")
}

both! {
    fn t16_nothing_wakes_an_idle_init(mode: Mode) {
        let run = mode.child(["sleep"]).spawn();
        run.wait_ready("");
        run.eventually(|run| harness::process(run.init).is_some_and(|p| p.state == 'S'), "the init sleeps");
        let before = sleeps(run.init);
        // Not a wait for anything: the interval that is measured.
        std::thread::sleep(std::time::Duration::from_millis(2500));
        let woken = sleeps(run.init) - before;
        assert!(woken == 0, "woken {woken} times in 2.5 s\n{}", run.seen());
    }
}

both! {
    fn a_stopped_and_continued_main_process_is_not_an_ended_one(mode: Mode) {
        let run = mode.child(["record", "12"]).spawn();
        let main = run.wait_ready("");
        for _ in 0..3 {
            harness::kill(main, libc::SIGSTOP);
            run.eventually(|_| harness::process(main).is_some_and(|p| p.state == 'T'), "it is stopped");
            harness::kill(main, libc::SIGCONT);
            run.eventually(|_| harness::process(main).is_some_and(|p| p.state == 'S'), "it goes on");
        }
        run.signal(libc::SIGUSR2);
        run.wait().expect_code(0);
    }
}

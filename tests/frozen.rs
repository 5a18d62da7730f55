//! A suspended program, a frozen container: after the thaw no two steps come at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Mode, Running, both, needs_root, process, sexton_only, test_name};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What stops everything in it, and lets it go on.
enum Freezer {
    /// A group of our own in the freezer hierarchy (version 1).
    Hierarchy(PathBuf),
    /// A group of our own with `cgroup.freeze` (version 2).
    Unified(PathBuf),
    /// SIGSTOP to sexton itself, where there is no freezer.
    Stop(i32),
}

impl Freezer {
    /// For the init of `run` and all that is below it.
    fn new(run: &Running) -> Self {
        let name = format!("sexton-test-{}-{}", std::process::id(), run.init);
        let own = |root: &str, file: &str| {
            let group = Path::new(root).join(&name);
            std::fs::create_dir(&group).ok()?;
            let usable = group.join(file).exists();
            if !usable {
                drop(std::fs::remove_dir(&group));
            }
            usable.then_some(group)
        };
        let unified = || {
            own("/sys/fs/cgroup/unified", "cgroup.freeze").or_else(|| own("/sys/fs/cgroup", "cgroup.freeze"))
        };
        let freezer = match own("/sys/fs/cgroup/freezer", "freezer.state") {
            Some(group) => Self::Hierarchy(group),
            None => unified().map_or(Self::Stop(run.init), Self::Unified),
        };
        if let Self::Hierarchy(group) | Self::Unified(group) = &freezer {
            for pid in run.below().iter().map(|below| below.pid).chain([run.init]) {
                std::fs::write(group.join("cgroup.procs"), pid.to_string()).expect("move into the cgroup");
            }
        }
        freezer
    }

    fn freeze(&self) {
        match self {
            Self::Hierarchy(group) => {
                std::fs::write(group.join("freezer.state"), "FROZEN").expect("freeze");
                let state = || std::fs::read_to_string(group.join("freezer.state")).unwrap_or_default();
                harness::eventually(|| state().trim() == "FROZEN", "it is frozen");
            }
            Self::Unified(group) => {
                std::fs::write(group.join("cgroup.freeze"), "1").expect("freeze");
                let events = || std::fs::read_to_string(group.join("cgroup.events")).unwrap_or_default();
                harness::eventually(|| events().contains("frozen 1"), "it is frozen");
            }
            Self::Stop(pid) => {
                harness::kill(*pid, libc::SIGSTOP);
                harness::eventually(|| process(*pid).is_some_and(|p| p.state == 'T'), "it is stopped");
            }
        }
    }

    fn thaw(&self) {
        match self {
            Self::Hierarchy(group) => std::fs::write(group.join("freezer.state"), "THAWED").expect("thaw"),
            Self::Unified(group) => std::fs::write(group.join("cgroup.freeze"), "0").expect("thaw"),
            Self::Stop(pid) => harness::kill(*pid, libc::SIGCONT),
        }
    }

    /// Freezes for so long: there is nothing to wait for but time.
    fn hold_for(&self, time: Duration) {
        self.freeze();
        std::thread::sleep(time);
        self.thaw();
    }
}

impl Drop for Freezer {
    fn drop(&mut self) {
        match self {
            Self::Hierarchy(group) | Self::Unified(group) => {
                drop(std::fs::write(group.join("freezer.state"), "THAWED"));
                drop(std::fs::write(group.join("cgroup.freeze"), "0"));
                let group = &*group;
                let _ = harness::happens(|| std::fs::remove_dir(group).is_ok());
            }
            Self::Stop(_) => {}
        }
    }
}

/// When the program got `signal`, in milliseconds.
#[track_caller]
fn time_of(run: &Running, signal: i32) -> i64 {
    *harness::numbers(&run.wait_for_line(&format!("signal {signal} at "))).last().unwrap()
}

/// A step later than this after the one before shows that it waited: a full wait, less what the program itself
/// may have been late to see the first of the two.
const APART: i64 = 250;
const STEPS: &str = "300ms:QUIT,300ms:USR1,300ms:KILL";

both! {
    fn no_two_steps_of_the_plan_come_at_once(mode: Mode) {
        sexton_only!("--escalate");
        // The plan starts so late that there is time to freeze it.
        let options = ["-v", "--stop-delay", "2s", "--escalate", STEPS];
        let run = mode.child(["record-times"]).options(options).spawn();
        run.wait_ready("");
        let freezer = Freezer::new(&run);
        run.signal(libc::SIGTERM);
        run.wait_for_log("holding SIGTERM back");
        // Across the delay and all the steps.
        freezer.hold_for(Duration::from_millis(3500));
        let (term, quit, usr1) = (time_of(&run, 15), time_of(&run, 3), time_of(&run, 10));
        let seen = Instant::now();
        let ended = run.wait();
        ended.expect_code(137);
        assert!(quit - term >= APART, "TERM and QUIT are {} ms apart: {ended:#?}", quit - term);
        assert!(usr1 - quit >= APART, "QUIT and USR1 are {} ms apart: {ended:#?}", usr1 - quit);
        let took = seen.elapsed();
        assert!(took >= Duration::from_millis(100), "KILL came {took:?} after USR1 was seen: {ended:#?}");
        drop(freezer);
    }
}

both! {
    fn frozen_between_two_steps(mode: Mode) {
        sexton_only!("--escalate");
        let run = mode.child(["record-times"]).options(["--escalate", "300ms:QUIT,1s:USR1,300ms:KILL"]).spawn();
        run.wait_ready("");
        let freezer = Freezer::new(&run);
        run.signal(libc::SIGTERM);
        time_of(&run, 3);
        // Across USR1 and KILL.
        freezer.hold_for(Duration::from_millis(2000));
        time_of(&run, 10);
        let seen = Instant::now();
        let ended = run.wait();
        let took = seen.elapsed();
        ended.expect_code(137);
        assert!(took >= Duration::from_millis(100), "KILL came {took:?} after USR1 was seen: {ended:#?}");
        drop(freezer);
    }
}

both! {
    fn the_timeout_and_the_plan_do_not_come_at_once(mode: Mode) {
        sexton_only!("--timeout");
        let run = mode.child(["record-times"]).options(["--timeout", "2s", "--escalate", STEPS]).spawn();
        run.wait_ready("");
        let freezer = Freezer::new(&run);
        freezer.hold_for(Duration::from_millis(3500));
        let (term, quit, usr1) = (time_of(&run, 15), time_of(&run, 3), time_of(&run, 10));
        let ended = run.wait();
        ended.expect_code(124);
        assert!(quit - term >= APART, "TERM and QUIT are {} ms apart: {ended:#?}", quit - term);
        assert!(usr1 - quit >= APART, "QUIT and USR1 are {} ms apart: {ended:#?}", usr1 - quit);
        drop(freezer);
    }
}

both! {
    fn a_frozen_grace_is_over_but_not_forgotten(mode: Mode) {
        sexton_only!("--grace");
        let run = mode.child(["leave", "deaf", "on", "10", "exit", "3"]).options(["--grace", "1s"]).spawn();
        run.wait_ready("");
        let deaf = run.wait_ready("deaf");
        let freezer = Freezer::new(&run);
        run.signal(libc::SIGUSR1);
        run.wait_for_line("deaf: signal 15 ");
        // Across the grace and all patience after it.
        freezer.hold_for(Duration::from_secs(4));
        let ended = run.wait();
        ended.expect_code(3);
        assert!(!ended.stderr.contains("left to the kernel"), "{ended:#?}");
        assert!(process(deaf).is_none(), "{deaf} is still there");
        drop(freezer);
    }
}

#[test]
fn what_is_frozen_and_cannot_be_killed_is_named_and_left() {
    sexton_only!("--grace");
    needs_root!("a freezer");
    let run = Mode::Subreaper.child(["leave", "deaf", "on", "10", "exit", "3"]).options(["--grace", "100ms"]);
    let mut run = run.spawn();
    run.wait_ready("");
    let deaf = run.wait_ready("deaf");
    let group = Path::new("/sys/fs/cgroup/freezer").join(format!("sexton-test-{}-deaf", std::process::id()));
    if std::fs::create_dir(&group).is_err() {
        // With version 2, SIGKILL reaches what is frozen: there is nothing to show.
        return harness::not_applicable(&test_name!(), "no freezer of version 1");
    }
    let freezer = Freezer::Hierarchy(group.clone());
    std::fs::write(group.join("cgroup.procs"), deaf.to_string()).expect("move into the cgroup");
    freezer.freeze();
    run.signal(libc::SIGUSR1);
    let start = Instant::now();
    let ended = run.wait_for_end();
    let took = start.elapsed();
    ended.expect_code(3).expect_said(&["left to the kernel", &format!("{deaf} (child) in state D")]);
    assert!(took >= Duration::from_secs(2), "it had no patience: {took:?} {ended:#?}");
    freezer.thaw();
    harness::eventually(|| process(deaf).is_none_or(|p| p.state == 'Z'), "SIGKILL reaches it after the thaw");
}

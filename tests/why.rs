//! Why it ended: out of memory, a full process table, held zombies. In a cgroup of the test's own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Mode, Running, both, not_here, pid1, sexton_only, test_name};
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A cgroup of the test's own, gone with it.
struct Group {
    path: PathBuf,
    limit: &'static str,
}

impl Group {
    /// Below our own in the hierarchy of `controller`, or in the one of version 2; None: not to be had here.
    fn new(name: &str, controller: &str, limits: [&'static str; 2]) -> Option<Self> {
        let made = Self::make(controller, limits);
        if made.is_none() {
            not_here(name, &format!("needs root and a {controller} cgroup to make one in"));
        }
        made
    }

    fn make(controller: &str, [v1, v2]: [&'static str; 2]) -> Option<Self> {
        let membership = fs::read_to_string("/proc/self/cgroup").ok()?;
        let line = |start: &str| {
            membership.lines().filter_map(|line| line.split_once(':')).find_map(|(_, rest)| {
                let (names, path) = rest.split_once(':')?;
                let ours =
                    if start.is_empty() { names.is_empty() } else { names.split(',').any(|n| n == start) };
                ours.then(|| path.trim_start_matches('/').to_owned())
            })
        };
        let v1 = line(controller).map(|path| (format!("/sys/fs/cgroup/{controller}/{path}"), v1));
        let v2 = line("").map(|path| (format!("/sys/fs/cgroup/{path}"), v2));
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let unique = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        [v1, v2].into_iter().flatten().find_map(|(parent, limit)| {
            let path = PathBuf::from(parent).join(format!("sexton-test-{unique}"));
            fs::create_dir(&path).ok()?;
            let group = Self { path, limit };
            group.path.join(limit).exists().then_some(group)
        })
    }

    fn limited(self, value: &str) -> Self {
        fs::write(self.path.join(self.limit), value).unwrap();
        self
    }

    fn memory(name: &str) -> Option<Self> {
        Some(Self::new(name, "memory", ["memory.limit_in_bytes", "memory.max"])?.limited("33554432"))
    }

    fn processes(&self) -> String {
        self.path.join("cgroup.procs").to_str().unwrap().to_owned()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        harness::happens(|| fs::remove_dir(&self.path).is_ok());
    }
}

both! {
    fn out_of_memory_is_named(mode: Mode) {
        sexton_only!("the wording of other inits is theirs");
        let Some(group) = Group::memory(&test_name!()) else { return };
        let run = mode.child(["hog", "200", "exit", "0"]).before(["join", &group.processes()]);
        let ended = run.options(["--watch", "1h"]).run();
        ended.expect_code(137);
        ended.expect_said(&["(child) was killed by SIGKILL after ", ": out of memory (limit 32 MiB, 1 oom kill); exit status 137"]);
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:#?}");
    }
}

both! {
    fn a_command_that_was_out_of_memory_is_named(mode: Mode) {
        sexton_only!("the wording of other inits is theirs");
        let Some(group) = Group::memory(&test_name!()) else { return };
        let run = mode.shell("\"$child\" hog 200; exit $?").before(["join", &group.processes()]);
        let ended = run.options(["--watch", "1h"]).run();
        ended.expect_code(137);
        ended.expect_said(&["(sh) exited with status 137, which a shell returns", ": out of memory (limit 32 MiB, 1 oom kill)"]);
    }
}

both! {
    fn a_kill_by_somebody_is_no_want_of_memory(mode: Mode) {
        sexton_only!("the wording of other inits is theirs");
        let Some(group) = Group::memory(&test_name!()) else { return };
        // The counter is not zero, but that was before.
        let earlier = Mode::Bare.child(["short-hog", "200", "exit", "0"]).before(["join", &group.processes()]).run();
        earlier.expect_code(0);
        for options in [["--watch", "1h"], ["--watch", "5m"]] {
            let run = mode.child(["die", "9"]).before(["join", &group.processes()]);
            let ended = run.options(options).run();
            ended.expect_code(137).expect_said(&["was killed by SIGKILL after ", "; exit status 137"]);
            assert!(!ended.stderr.contains("memory"), "{ended:#?}");
        }
    }
}

both! {
    fn an_orphan_that_was_out_of_memory_is_named_while_the_program_lives_on(mode: Mode) {
        sexton_only!("the wording of other inits is theirs");
        let Some(group) = Group::memory(&test_name!()) else { return };
        let run = mode.child(["orphan-hog", "200", "record", "12"]).before(["join", &group.processes()]);
        let run = run.options(["--watch", "1h"]).spawn();
        run.wait_ready("");
        run.wait_for_log("(child) was killed by SIGKILL: out of memory (limit 32 MiB, 1 oom kill); the main process lives on");
        run.signal(libc::SIGUSR2);
        assert_eq!(run.wait().expect_code(0).stderr.lines().count(), 1);
    }
}

both! {
    fn a_helper_that_was_out_of_memory_is_noticed_by_the_watch(mode: Mode) {
        sexton_only!("--watch");
        let Some(group) = Group::memory(&test_name!()) else { return };
        let run = mode.child(["short-hog", "200", "record", "12"]).before(["join", &group.processes()]);
        let run = run.options(["--watch", "100ms"]).spawn();
        run.wait_ready("");
        run.wait_for_log("below the main process, which lives on, the kernel has killed: out of memory (limit 32 MiB, 1 oom kill)");
        // What the main process has survived is not the reason of its own end.
        let main = run.below()[0].pid;
        harness::kill(main, libc::SIGKILL);
        let ended = run.wait();
        ended.expect_code(137).expect_said(&["was killed by SIGKILL after "]);
        assert!(!ended.stderr.lines().last().unwrap().contains("memory"), "{ended:#?}");
    }
}

both! {
    fn a_full_process_table_is_named(mode: Mode) {
        sexton_only!("--watch");
        let Some(group) = Group::new(&test_name!(), "pids", ["pids.max"; 2]) else { return };
        let group = group.limited("12");
        let run = mode.child(["forks", "20", "record", "12"]).before(["join", &group.processes()]);
        let run = run.options(["--watch", "100ms", "--grace", "1s"]).spawn();
        run.wait_ready("");
        run.wait_for_log("12 of at most 12 processes and threads (pids.max) are in use");
        run.wait_for_log("the limit of 12 processes and threads (pids.max) has refused a fork ");
        run.signal(libc::SIGUSR2);
        let ended = run.wait();
        ended.expect_code(0);
        assert_eq!(ended.stderr.lines().filter(|line| line.contains("pids.max")).count(), 2, "once each: {ended:#?}");
    }
}

both! {
    fn who_reaps_late_is_no_holder_of_zombies(mode: Mode) {
        sexton_only!("--watch");
        // Thirty zombies at any moment, never the same ones for long.
        let script = "i=0; while [ $i -lt 60 ]; do \
                      for j in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do true & done; \
                      sleep 0.05; wait; i=$((i + 1)); done";
        mode.shell(script).options(["--watch", "50ms"]).run().expect_code(0).expect_silence();
    }
}

both! {
    fn held_zombies_are_named_with_their_parent_and_again_when_they_have_doubled(mode: Mode) {
        sexton_only!("--watch");
        let run = mode.child(["zombies", "30", "on", "10", "zombies", "10", "holder", "21", "on", "12", "zombies", "20", "record", "12"]);
        let run = run.options(["--watch", "50ms"]).spawn();
        let pid = *harness::numbers(&run.wait_for_line("ready")).last().unwrap();
        run.wait_for_log("30 zombies are held by process ");
        run.signal(libc::SIGUSR1);
        run.wait_for_lines("ready", 2);
        // Who is named now has been looked at twice, and the 40 with it.
        run.wait_for_log("21 zombies are held by process ");
        run.signal(libc::SIGUSR2);
        run.wait_for_lines("ready", 3);
        run.wait_for_log("60 zombies are held by process ");
        run.signal(libc::SIGUSR2);
        let ended = run.wait();
        ended.expect_code(0);
        let said: Vec<&str> = ended.stderr.lines().collect();
        assert_eq!(said.len(), 3, "{ended:#?}");
        for (line, number) in [(said[0], 30), (said[2], 60)] {
            let parent = format!(
                "sexton: {number} zombies are held by process {pid} (child), which does not wait for them; \
                 only process {pid} can reap them; the oldest is "
            );
            assert!(line.starts_with(&parent) && line.contains(" (child), started ") && line.ends_with(" ago"), "{line}");
        }
    }
}

/// How often the init has gone to sleep, which with a short `--watch` it does after each look.
fn looks(run: &Running) -> u64 {
    let count = harness::field(run.init, "voluntary_ctxt_switches:");
    count.expect("the init runs").parse().unwrap()
}

/// How often it has read anything, and how much memory of its own it has, in KiB.
fn reads_and_memory(run: &Running) -> (u64, u64) {
    let io = fs::read_to_string(format!("/proc/{}/io", run.init)).unwrap();
    let reads = io.lines().find_map(|line| line.strip_prefix("syscr: ")).unwrap().parse().unwrap();
    let memory = harness::field(run.init, "RssAnon:").unwrap();
    (reads, memory.trim_end_matches(" kB").parse().unwrap())
}

both! {
    fn held_zombies_are_named_where_pidfd_open_is_refused(mode: Mode) {
        sexton_only!("--watch");
        let refused = [libc::ENOSYS.to_string(), libc::SYS_pidfd_open.to_string()];
        let run = mode.child(["zombies", "30", "record", "12"]).before(["without-calls", &refused[0], &refused[1]]);
        let run = run.options(["--watch", "50ms"]).spawn();
        run.wait_ready("");
        run.wait_for_log("30 zombies are held by process ");
    }
}

pid1! {
    fn a_look_at_a_thousand_processes_reads_little_and_keeps_nothing(mode: Mode) {
        sexton_only!("--watch");
        if !harness::has_pidfds() || !fs::exists("/proc/self/io").unwrap() {
            not_here(&test_name!(), "needs pidfd_open(2) and /proc/PID/io");
            return;
        }
        let run = mode.child(["on", "10", "forks", "1000", "record", "12"]).options(["--watch", "500ms"]).spawn();
        run.wait_ready("");
        let begin = looks(&run);
        run.eventually(|run| looks(run) > begin + 2, "it has looked at few");
        let (_, memory_before) = reads_and_memory(&run);
        run.signal(libc::SIGUSR1);
        assert_eq!(run.wait_for_line("forked"), "forked 1000");
        let begin = looks(&run);
        let (reads_before, _) = reads_and_memory(&run);
        run.eventually(|run| looks(run) >= begin + 3, "it has looked at many");
        let (reads, memory) = reads_and_memory(&run);
        let looks = looks(&run) - begin;
        assert!(reads - reads_before < looks * 300, "{} reads for {looks} looks", reads - reads_before);
        assert!(memory <= memory_before + 64, "from {memory_before} to {memory} KiB");
    }
}

both! {
    fn by_whom_a_stop_had_been_requested(mode: Mode) {
        sexton_only!("the wording of other inits is theirs");
        let run = mode.child(["record"]).options(["--escalate", "100ms"]).spawn();
        run.wait_ready("");
        run.signal(libc::SIGTERM);
        let ended = run.wait();
        let from = if mode == Mode::Pid1 { "(SIGTERM from outside)".to_owned() } else { format!("(SIGTERM from process {})", std::process::id()) };
        ended.expect_code(137).expect_said(&["it had not obeyed the stop request before --escalate's last step; a stop had been requested ", &from]);
    }
}

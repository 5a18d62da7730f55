//! `--rlimit`, `--nice`, `--oom-score-adj`, `--cpu-list`, `--umask`: what the program finds, and that the limits
//! are those that real programs run into.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Ended, Mode, Scratch, both, needs_root, sexton_only, test_name};
use std::collections::HashMap;

/// Capabilities by number.
const CAP_SYS_NICE: &str = "23";
const CAP_SYS_RESOURCE: &str = "24";

/// Every limit by the name that prlimit has for it, by the kernel's name in /proc/PID/limits, and a soft and a
/// hard value that any process may set and a small program can live with. Two that start at zero stay there.
const LIMITS: [(&str, &str, &str, &str); 16] = [
    ("as", "Max address space", "4294967296", "8589934592"),
    ("core", "Max core file size", "3", "5"),
    ("cpu", "Max cpu time", "100", "200"),
    ("data", "Max data size", "4294967296", "8589934592"),
    ("fsize", "Max file size", "1048576", "2097152"),
    ("locks", "Max file locks", "3", "5"),
    ("memlock", "Max locked memory", "4096", "8192"),
    ("msgqueue", "Max msgqueue size", "3", "5"),
    ("nice", "Max nice priority", "0", "0"),
    ("nofile", "Max open files", "30", "50"),
    ("nproc", "Max processes", "3000", "5000"),
    ("rss", "Max resident set", "3", "5"),
    ("rtprio", "Max realtime priority", "0", "0"),
    ("rttime", "Max realtime timeout", "3000", "5000"),
    ("sigpending", "Max pending signals", "3", "5"),
    ("stack", "Max stack size", "1048576", "2097152"),
];

/// Soft and hard limits by the kernel's names, from `show limits`.
fn limits(ended: &Ended) -> HashMap<String, (String, String)> {
    let lines = ended.stdout.lines().filter(|line| line.starts_with("Max "));
    lines
        .map(|line| {
            let (name, values) = line.split_at(26);
            let mut values = values.split_whitespace().map(str::to_owned);
            (name.trim().to_owned(), (values.next().unwrap(), values.next().unwrap()))
        })
        .collect()
}

fn bare() -> HashMap<String, (String, String)> {
    limits(&Mode::Bare.child(["show", "limits"]).run())
}

#[track_caller]
fn limited(mode: Mode, options: &[&str]) -> HashMap<String, (String, String)> {
    let ended = mode.child(["show", "limits"]).options(options).run();
    ended.expect_code(0).expect_silence();
    limits(&ended)
}

both! {
    fn every_limit_arrives_and_no_other_changes(mode: Mode) {
        sexton_only!("--rlimit");
        let before = bare();
        for (name, kernel, soft, hard) in LIMITS {
            let mut expected = before.clone();
            expected.insert(kernel.to_owned(), (soft.to_owned(), hard.to_owned()));
            assert_eq!(limited(mode, &["--rlimit", &format!("{name}={soft}:{hard}")]), expected, "{name}");
        }
    }
}

both! {
    fn all_at_once_and_by_the_variable(mode: Mode) {
        sexton_only!("--rlimit");
        let all: Vec<String> = LIMITS.iter().map(|(name, _, soft, hard)| format!("{name}={soft}:{hard}")).collect();
        let ended = mode.child(["show", "limits"]).env("SEXTON_RLIMIT", all.join(",")).run();
        ended.expect_code(0).expect_silence();
        let found = limits(&ended);
        for (_, kernel, soft, hard) in LIMITS {
            assert_eq!(found[kernel], (soft.to_owned(), hard.to_owned()), "{kernel}");
        }
    }
}

both! {
    fn a_soft_limit_alone_leaves_the_hard_one(mode: Mode) {
        sexton_only!("--rlimit");
        let (_, hard) = bare()["Max open files"].clone();
        let of = |options: &[&str]| limited(mode, options)["Max open files"].clone();
        assert_eq!(of(&["--rlimit", "nofile=20"]), ("20".to_owned(), hard.clone()));
        assert_eq!(of(&["--rlimit", "nofile=max"]), (hard.clone(), hard.clone()));
        assert_eq!(of(&["--rlimit", "nofile=max:40"]), ("40".to_owned(), "40".to_owned()));
        assert_eq!(of(&["--rlimit", "nofile=20", "--rlimit", "nofile=max:40"]), ("40".to_owned(), "40".to_owned()));
    }
}

both! {
    fn unlimited_is_what_an_unlimited_hard_limit_allows(mode: Mode) {
        sexton_only!("--rlimit");
        let ended = mode.child(["show", "limits"]).options(["--rlimit", "cpu=unlimited"]).run();
        if bare()["Max cpu time"].1 == "unlimited" {
            ended.expect_code(0);
            assert_eq!(limits(&ended)["Max cpu time"], ("unlimited".to_owned(), "unlimited".to_owned()));
        } else {
            ended.expect_code(125);
        }
    }
}

both! {
    fn a_hard_limit_that_may_not_be_raised_is_named(mode: Mode) {
        sexton_only!("--rlimit");
        let options = ["--rlimit", "core=0", "--rlimit", "nofile=41:42"];
        let limit = |run: harness::Sexton| run.before(["limit", "7", "40", "without-cap", CAP_SYS_RESOURCE]);
        let ended = limit(mode.child(["say", "started"])).options(options).run();
        assert_eq!(ended.expect_code(125).stdout, "");
        ended.expect_said(&[
            "sexton: cannot set --rlimit nofile=41:42: Operation not permitted (os error 1)\n",
            "sexton: help: to raise a hard limit needs CAP_SYS_RESOURCE",
        ]);
        // The soft one takes it along, which needs the same.
        let ended = limit(mode.child(["say", "started"])).options(["--rlimit", "nofile=unlimited"]).run();
        ended.expect_code(125).expect_said(&["cannot set --rlimit nofile=unlimited: Operation not permitted"]);
    }
}

both! {
    fn nofile_ends_in_emfile(mode: Mode) {
        sexton_only!("--rlimit");
        let ended = mode.child(["open-all"]).options(["--rlimit", "nofile=20"]).run();
        ended.expect_code(0).expect_silence();
        assert_eq!(ended.stdout, format!("opened below 20 errno {}\n", libc::EMFILE));
    }
}

both! {
    fn as_ends_in_python_s_memory_error(mode: Mode) {
        sexton_only!("--rlimit");
        let python = |script: &str| mode.command(["python3", "-c", script]).options(["--rlimit", "as=1073741824"]).run();
        if python("print('ready')").stdout != "ready\n" {
            harness::not_here(&test_name!(), "there is no python3");
            return;
        }
        python("bytearray(4 << 30)").expect_code(1).expect_said(&["MemoryError"]);
    }
}

both! {
    fn cpu_ends_in_sigxcpu(mode: Mode) {
        sexton_only!("--rlimit");
        let options = ["--rlimit", "cpu=1", "--rlimit", "core=0"];
        let mut run = mode.command(["sh", "-c", "while :; do :; done"]).options(options).spawn();
        // One second of CPU time may be many on a busy machine.
        let _ = (0..9).any(|_| harness::happens(|| run.has_ended()));
        let ended = run.wait_for_end();
        ended.expect_code(152).expect_said(&["(sh) was killed by SIGXCPU after ", "; exit status 152\n"]);
    }
}

both! {
    fn stack_ends_in_a_segmentation_fault(mode: Mode) {
        sexton_only!("--rlimit");
        let deep = |limit: &str| mode.child(["recurse", "2000"]).options(["--rlimit", limit, "--rlimit", "core=0"]).run();
        deep("stack=67108864").expect_code(0).expect_silence();
        deep("stack=524288").expect_code(139).expect_said(&["(child) was killed by SIGSEGV after "]);
    }
}

both! {
    fn nproc_refuses_to_fork(mode: Mode) {
        sexton_only!("--rlimit");
        needs_root!("to become a user whose processes can be counted");
        // A user of this test alone: all of its processes count, and after the start sexton is one of them.
        let user = 1_000_000 + std::process::id() * 2 + u32::from(mode == Mode::Pid1);
        let script = "for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; echo all";
        let run = |limit: &str| {
            let options = ["--user".to_owned(), format!("{user}:{user}"), format!("--rlimit=nproc={limit}")];
            mode.command(["sh", "-c", script]).options(options).run()
        };
        run("20:20").expect_code(0).expect_silence();
        let refused = run("4:4");
        // dash gives up where it cannot fork.
        refused.expect_code(2);
        assert!(refused.stderr.to_lowercase().contains("fork"), "{refused:#?}");
        assert_eq!(refused.stdout, "");
        let options = ["--user".to_owned(), format!("{user}:{user}")];
        let another = mode.child(["sleep"]).options(options).spawn();
        another.wait_ready("");
        run("0:0").expect_code(125).expect_said(&["the limit of processes", "help: --rlimit nproc=0:0 counts"]);
    }
}

/// What a dying program says, with this limit, in a directory where a core may be written.
fn death(mode: Mode, limit: &str) -> Ended {
    let scratch = Scratch::new();
    let options = ["--rlimit", limit, "--chdir", scratch.path().to_str().unwrap()];
    mode.command(["sh", "-c", "kill -SEGV $$"]).options(options).run()
}

both! {
    fn a_core_of_zero_is_none(mode: Mode) {
        sexton_only!("--rlimit");
        let pattern = std::fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
        if pattern.starts_with('|') || pattern.trim().is_empty() {
            harness::not_applicable(&test_name!(), "cores go to a program, which no limit keeps from being dumped");
            return;
        }
        let ended = death(mode, "core=0");
        ended.expect_code(139).expect_said(&["was killed by SIGSEGV after "]);
        assert!(!ended.stderr.contains("core dumped"), "{ended:#?}");
        if bare()["Max core file size"].1 != "unlimited" || pattern.starts_with('/') {
            harness::not_applicable(&test_name!(), "no core may be written here");
            return;
        }
        death(mode, "core=unlimited").expect_code(139).expect_said(&["was killed by SIGSEGV (core dumped) after "]);
    }
}

both! {
    fn a_small_stack_is_blamed_for_the_arguments_that_do_not_fit(mode: Mode) {
        sexton_only!("--rlimit");
        let long = "x".repeat(100_000);
        let run = |limit: &str| mode.child(["exit", "0", &long, &long]).options(["--rlimit", limit]).run();
        run("stack=1048576").expect_code(0).expect_silence();
        let blamed = ["Argument list too long", "help: --rlimit stack=400000 leaves a quarter"];
        run("stack=400000").expect_code(126).expect_said(&blamed);
    }
}

fn nice_of(ended: &Ended) -> i64 {
    harness::numbers(ended.lines("nice ")[0])[0]
}

both! {
    fn nice_is_relative(mode: Mode) {
        sexton_only!("--nice");
        let before = nice_of(&mode.child(["status"]).run());
        for (by, expected) in [("3", before + 3), ("0", before), ("40", 19)] {
            let ended = mode.child(["status"]).options(["--nice", by]).run();
            ended.expect_code(0).expect_silence();
            assert_eq!(nice_of(&ended), expected.min(19), "{by}");
        }
        let ended = mode.child(["status"]).options(["--nice", "-1"]).before(["without-cap", CAP_SYS_NICE]).run();
        // Who is not root may have been given a limit that allows it.
        if harness::is_root() {
            ended.expect_code(125).expect_said(&["sexton: cannot set --nice -1: Permission denied", "CAP_SYS_NICE"]);
        }
    }
}

both! {
    fn the_oom_score_is_the_program_s_alone(mode: Mode) {
        sexton_only!("--oom-score-adj");
        let own = std::fs::read_to_string("/proc/self/oom_score_adj").unwrap();
        let run = mode.child(["show", "oom_score_adj", "sleep"]).options(["--oom-score-adj", "789"]).spawn();
        run.wait_ready("");
        assert_eq!(run.lines("789").len(), 1, "{}", run.seen());
        let sexton = std::fs::read_to_string(format!("/proc/{}/oom_score_adj", run.init)).unwrap();
        assert_eq!(sexton, own);
        run.signal(libc::SIGTERM);
        run.wait().expect_code(143);
    }
}

both! {
    fn a_lower_oom_score_needs_a_capability(mode: Mode) {
        sexton_only!("--oom-score-adj");
        let run = mode.child(["say", "started"]).before(["without-cap", CAP_SYS_RESOURCE]);
        let ended = run.options(["--oom-score-adj", "-1000"]).run();
        ended.expect_code(125).expect_said(&["sexton: cannot set --oom-score-adj -1000: Permission denied", "CAP_SYS_RESOURCE"]);
        assert_eq!(ended.stdout, "");
    }
}

both! {
    fn a_positive_oom_score_needs_none_and_goes_with_a_user(mode: Mode) {
        sexton_only!("--oom-score-adj");
        needs_root!("to become an ordinary user first");
        let options = ["--oom-score-adj", "900", "--user", "4001"];
        for before in [&["as-uid", "4001"][..], &[]] {
            let ended = mode.child(["show", "oom_score_adj"]).before(before).options(options).run();
            ended.expect_code(0).expect_silence();
            assert_eq!(ended.stdout, "900\n");
        }
    }
}

both! {
    fn without_proc_the_oom_score_cannot_be_set(mode: Mode) {
        sexton_only!("--oom-score-adj");
        needs_root!("to hide /proc");
        let run = mode.child(["say", "started"]).before(["hide-proc"]).options(["--oom-score-adj", "5"]).run();
        run.expect_code(125).expect_said(&["cannot set --oom-score-adj 5: No such file or directory", "/proc must be mounted"]);
    }
}

/// The CPUs that this process may use.
fn allowed_cpus() -> Vec<u32> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap();
    let number = |text: &str| text.trim().parse::<u32>().unwrap();
    let ranges = list.split(',').map(|item| item.split_once('-').unwrap_or((item, item)));
    ranges.flat_map(|(first, last)| number(first)..=number(last)).collect()
}

both! {
    fn the_program_runs_on_the_listed_cpus_only(mode: Mode) {
        sexton_only!("--cpu-list");
        let cpus = allowed_cpus();
        for cpu in [cpus[0], cpus[cpus.len() - 1]] {
            let list = format!("{cpu},{cpu}-{cpu}");
            let ended = mode.child(["show", "status"]).options(["--cpu-list", &list]).run();
            ended.expect_code(0).expect_silence();
            assert_eq!(ended.lines("Cpus_allowed_list:"), [format!("Cpus_allowed_list:\t{cpu}")]);
        }
        // As the kernel writes it: with a range, where there are two neighbours.
        let own = std::fs::read_to_string("/proc/self/status").unwrap();
        let all = own.lines().find(|line| line.starts_with("Cpus_allowed_list:")).unwrap();
        let list = all.split_once('\t').unwrap().1;
        let ended = mode.child(["show", "status"]).options(["--cpu-list", list]).run();
        assert_eq!(ended.expect_code(0).expect_silence().lines("Cpus_allowed_list:"), [all]);
        let run = mode.child(["sleep"]).options(["--cpu-list", &cpus[0].to_string()]).spawn();
        run.wait_ready("");
        let status = std::fs::read_to_string(format!("/proc/{}/status", run.init)).unwrap();
        assert!(status.lines().any(|line| line == all), "sexton itself runs where it ran: {status}");
    }
}

both! {
    fn a_cpu_that_is_not_there_is_named(mode: Mode) {
        sexton_only!("--cpu-list");
        let first = allowed_cpus()[0];
        for list in [format!("{first},8190-8191"), "8190".to_owned()] {
            let ended = mode.child(["say", "started"]).options(["--cpu-list", &list]).run();
            ended.expect_code(125).expect_said(&["sexton: cannot set --cpu-list: there is no CPU 8190 for the program\n"]);
            assert_eq!(ended.stdout, "");
        }
        let ended = mode.child(["say", "started"]).options(["--cpu-list", "8192"]).run();
        ended.expect_code(125).expect_said(&["cannot use '8192' for --cpu-list: expected numbers of CPUs below 8192"]);
    }
}

both! {
    fn the_mask_of_new_files_is_the_program_s_alone(mode: Mode) {
        sexton_only!("--umask");
        let before = mode.child(["status"]).run();
        for (given, shown) in [("0", "umask 000"), ("77", "umask 077"), ("0777", "umask 777")] {
            let ended = mode.child(["status"]).options(["--umask", given]).run();
            ended.expect_code(0).expect_silence();
            assert_eq!(ended.lines("umask "), [shown]);
        }
        let run = mode.child(["sleep"]).options(["--umask", "077"]).spawn();
        run.wait_ready("");
        let status = std::fs::read_to_string(format!("/proc/{}/status", run.init)).unwrap();
        let mask = status.lines().find_map(|line| line.strip_prefix("Umask:")).unwrap().trim();
        assert_eq!(before.lines("umask "), [format!("umask {}", mask.trim_start_matches('0')).replace("umask 22", "umask 022")]);
    }
}

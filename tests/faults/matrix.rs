//! The matrix itself: traced, tried, printed.

use crate::calls::{EXEMPT, ROWS, by_number};
use crate::harness::{self, Mode, Scratch, can_be_pid1, deadline, sexton_only, test_name};
use crate::judge::{Result, Verdict, describe};
use crate::notify::{Counts, Fault, Listener, Role, When};
use crate::scenarios::{Driver, FarEnd, SCENARIOS, Scenario};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Later occurrences of a call are like the earlier ones.
const LATEST: u32 = 8;

/// One in so many is tried, unless all are asked for.
const PART: u64 = 40;

/// One run from its start to its end.
fn perform(scenario: &Scenario, mode: Mode, fault: Option<Fault>) -> Result {
    let scratch = Scratch::new();
    let trapped = fault.map_or("all".to_owned(), |fault| {
        let always = [libc::SYS_execve, libc::SYS_exit_group, libc::SYS_rt_sigprocmask];
        let numbers = always
            .into_iter()
            .chain([libc::c_long::from(fault.number)])
            .chain(scenario.without.iter().copied())
            .collect::<BTreeSet<_>>();
        numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    });
    let (mut run, far_end) = scenario.start(mode, &scratch, &trapped);
    let mut listener = Listener::of(&run, fault, scenario.without);
    let end = Instant::now() + deadline();
    let mut was_killed = false;
    let mut hung = false;
    {
        let mut stages = Driver::new(scratch.join("log"));
        while !run.has_ended() {
            listener.serve(2);
            (scenario.drive)(&mut stages, &run);
            if Instant::now() > end || listener.spins() {
                hung = true;
                break;
            }
        }
        was_killed |= stages.has_killed;
    }
    let seen = std::mem::take(&mut listener.seen);
    let is_mode = scenario.name.starts_with("--") && scenario.name != "--watch";
    let result = |ended: &harness::Ended, log: &str| Result {
        is_mode,
        file: scenario
            .file
            .and_then(|name| Some(std::fs::metadata(scratch.join(name)).ok()?.len()))
            .filter(|n| *n > 0),
        was_killed,
        hung,
        seen: seen.clone(),
        ..Result::new(if is_mode { "" } else { &ended.stdout }, ended, log)
    };
    if hung {
        let ended =
            harness::Ended { code: None, killed_by: None, stdout: run.stdout(), stderr: run.stderr() };
        return result(&ended, &ended.stderr);
    }
    let ended = run.wait_for_end();
    // Whoever else may hold the far end open must be gone first.
    drop(run);
    drop(listener);
    let log = match far_end {
        FarEnd::File => ended.stderr.clone(),
        FarEnd::Pipe(mut reader) => text(&mut reader),
        FarEnd::Socket(mut socket) => text(&mut socket),
        FarEnd::Terminal(pty) => match scenario.log {
            crate::scenarios::Log::Terminal => pty.shown(),
            _ => std::fs::read_to_string(scratch.join("log")).unwrap_or_default(),
        },
    };
    result(&ended, &log)
}

fn text(reader: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    drop(reader.read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What can be tried of a call that was made `count` times.
fn faults(role: Role, number: i32, count: u32) -> Vec<Fault> {
    let Some(row) = by_number(number) else { return Vec::new() };
    let mut faults = Vec::new();
    for errno in row.all_errnos() {
        let mut add = |when| faults.push(Fault { role, number, errno, when });
        add(When::Every);
        if row.once() {
            (1..=count.min(LATEST)).for_each(|n| add(When::Nth(n)));
        }
    }
    faults
}

fn hash(what: &impl std::hash::Hash) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    what.hash(&mut hasher);
    std::hash::Hasher::finish(&hasher)
}

struct Job {
    scenario: &'static Scenario,
    mode: Mode,
    fault: Fault,
    base: usize,
}

#[test]
fn whatever_fails_the_program_runs_or_nothing_is_started() {
    sexton_only!("its system calls");
    let probe = Mode::Bare.child(["trap", "9999", "exit", "0"]).run();
    if probe.code != Some(0) {
        harness::not_here(&test_name!(), &format!("seccomp has no listeners: {}", probe.stderr.trim()));
        return;
    }
    let pid1 = can_be_pid1(&test_name!());
    let all = std::env::var("SEXTON_FAULTS").is_ok_and(|wish| wish == "all");
    let only = std::env::var("SEXTON_FAULTS_IN").unwrap_or_default();
    let began = Instant::now();
    let mut bases = Vec::new();
    let mut jobs = Vec::new();
    let mut possible = 0;
    let mut tried = BTreeSet::new();
    let mut made: BTreeMap<(Role, i32), u32> = Counts::new();
    for scenario in SCENARIOS.iter().filter(|scenario| scenario.name.contains(&only)) {
        for mode in scenario.modes.iter().copied().filter(|mode| *mode != Mode::Pid1 || pid1) {
            let traced = perform(scenario, mode, None);
            assert!(!traced.hung && traced.killed_by.is_none(), "{} {mode:?}: {traced:#?}", scenario.name);
            assert!(!traced.seen.counts.is_empty(), "{}: nothing was traced: {traced:#?}", scenario.name);
            for ((role, number), count) in &traced.seen.counts {
                *made.entry((*role, *number)).or_default() += count;
                let is_without = scenario.without.contains(&libc::c_long::from(*number));
                for fault in faults(*role, *number, *count).into_iter().filter(|_| !is_without) {
                    possible += 1;
                    // Each way of each call to fail at least once, and a part of the others.
                    let is_new = tried.insert((*role, *number, fault.errno));
                    // How often a call is made varies; which faults are tried must not.
                    let name =
                        (scenario.name, mode == Mode::Pid1, *number, fault.errno, format!("{fault:?}"));
                    // Who always tries again would spin, and each place decides for itself.
                    let may_spin = fault.errno == libc::EINTR && fault.when == When::Every;
                    if all || is_new || may_spin || hash(&name) % PART == 0 {
                        jobs.push(Job { scenario, mode, fault, base: bases.len() });
                    }
                }
            }
            bases.push(traced);
        }
    }
    let is_known = |number: i32| {
        by_number(number).is_some() || EXEMPT.iter().any(|(_, end)| *end == libc::c_long::from(number))
    };
    let unknown: Vec<i32> =
        made.keys().map(|(_, number)| *number).filter(|number| !is_known(*number)).collect();
    assert!(unknown.is_empty(), "these system calls are in no row of calls.rs: {unknown:?}");
    let next = AtomicUsize::new(0);
    let verdicts = Mutex::new(BTreeMap::<(Role, i32), BTreeMap<Verdict, u32>>::new());
    let failures = Mutex::new(Vec::new());
    let work = || {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut result = perform(job.scenario, job.mode, Some(job.fault));
            if result.judge(&bases[job.base], job.fault).is_err() {
                // On a busy machine a run without any fault differs from another now and then; a fault shows twice.
                result = perform(job.scenario, job.mode, Some(job.fault));
            }
            match result.judge(&bases[job.base], job.fault) {
                Ok(verdict) => {
                    let mut verdicts = verdicts.lock().expect("no panic");
                    let row = verdicts.entry((job.fault.role, job.fault.number)).or_default();
                    *row.entry(verdict).or_default() += 1;
                }
                Err(why) => {
                    let name = job.scenario.name;
                    let fault = describe(job.fault);
                    println!("FAILED: {fault}, {name}, {:?}: {why}", job.mode);
                    let (with, without) = (result.brief(), bases[job.base].brief());
                    let what = format!(
                        "{fault}, {name}, {:?}: {why}\n   with: {with}\nwithout: {without}",
                        job.mode
                    );
                    failures.lock().expect("no panic").push(what);
                }
            }
        }
    };
    let workers = std::thread::available_parallelism().map_or(2, |n| n.get());
    std::thread::scope(|scope| {
        (0..workers).for_each(|_| drop(scope.spawn(work)));
    });
    print_matrix(&verdicts.into_inner().expect("no panic"));
    println!("{} of {possible} faults tried in {:.0?}", jobs.len(), began.elapsed());
    let failures = failures.into_inner().expect("no panic");
    assert!(failures.is_empty(), "{} of {} failed:\n{}", failures.len(), jobs.len(), failures.join("\n\n"));
}

fn print_matrix(verdicts: &BTreeMap<(Role, i32), BTreeMap<Verdict, u32>>) {
    println!("{:<24}{:>8}{:>8}{:>8}{:>8}", "system call", "same", "said", "refused", "less");
    for ((role, number), row) in verdicts {
        let name = by_number(*number).map_or("?", |row| row.name);
        let role = if *role == Role::Child { " (child)" } else { "" };
        let count = |verdict| row.get(&verdict).copied().unwrap_or(0);
        let [same, said, refused, less] =
            [Verdict::Same, Verdict::Said, Verdict::Refused, Verdict::Less].map(count);
        println!("{:<24}{same:>8}{said:>8}{refused:>8}{less:>8}", format!("{name}{role}"));
    }
    let unused: Vec<&str> = ROWS
        .iter()
        .filter(|row| !verdicts.keys().any(|(_, number)| libc::c_long::from(*number) == row.number))
        .map(|row| row.name)
        .collect();
    println!("not made in this build: {}", unused.join(", "));
    let exempt: Vec<&str> = EXEMPT.iter().map(|(name, _)| *name).collect();
    println!("not tried: {}", exempt.join(", "));
}

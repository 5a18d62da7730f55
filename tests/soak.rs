//! Orphans, stops and signals at full speed against sexton as PID 1, for as long as asked for, and an oracle that knows what
//! must have arrived and been reaped. Nothing is lost, no zombie is older than a moment, memory and descriptors stay.
//!
//! Three seconds by default; `SEXTON_SOAK=60` makes it a minute, `SEXTON_SOAK_SEED` repeats a run as far as the machine does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod harness;

use harness::{Mode, Pipe, Running, all_processes, deadline, eventually, pid1, sexton_only, test_name};
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Unacknowledged real-time signals: far fewer than the kernel can queue, even where others of the same user have some.
const WINDOW: u64 = 512;
/// A zombie may be this old, on a busy machine.
const MOMENT: Duration = Duration::from_secs(4);
/// The highest number is taken last: whoever has taken it, sexton or the program, has taken all that came before. TERM would
/// overtake what is still on its way.
const LAST: i32 = 64;
/// These carry a number that counts up.
const WITH_PAYLOAD: std::ops::Range<i32> = 38..50;
/// Resident memory of its own that a run may gain after its first second: a few pages of a stack or of a page table.
const MOST_GROWTH_KIB: u64 = 64;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn number_from(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// What the program has said.
#[derive(Default)]
struct Heard {
    ready: bool,
    acked: u64,
    wrong: Vec<String>,
    spawned: Option<String>,
    counts: Option<String>,
}

fn listen(reader: impl std::io::Read + Send + 'static) -> Arc<Mutex<Heard>> {
    let heard = Arc::new(Mutex::new(Heard::default()));
    let told = Arc::clone(&heard);
    std::thread::spawn(move || {
        for line in BufReader::new(reader).lines().map_while(Result::ok) {
            let mut told = told.lock().unwrap();
            match line.split_once(' ') {
                Some(("acked", count)) => told.acked = count.parse().unwrap(),
                Some(("spawned", rest)) => told.spawned = Some(rest.to_owned()),
                Some(("counts", rest)) => told.counts = Some(rest.to_owned()),
                Some(("ready", _)) => told.ready = true,
                _ => told.wrong.push(line),
            }
        }
    });
    heard
}

/// The zombies that wait for the init, since when they have been seen.
#[derive(Default)]
struct Zombies {
    seen: HashMap<(i32, u64), Instant>,
    oldest: Duration,
}

impl Zombies {
    fn look(&mut self, init: i32) {
        let now = Instant::now();
        let waiting = all_processes().into_iter().filter(|p| p.parent == init && p.state == 'Z');
        let waiting: Vec<(i32, u64)> = waiting.map(|p| (p.pid, start_time(p.pid))).collect();
        self.seen.retain(|zombie, _| waiting.contains(zombie));
        for zombie in waiting {
            let since = self.seen.entry(zombie).or_insert(now);
            self.oldest = self.oldest.max(now - *since);
        }
    }
}

/// A pid alone is soon somebody else's.
fn start_time(pid: i32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let field = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(19)?.parse().ok());
    field.unwrap_or(0)
}

/// Resident memory of its own in KiB, and how many descriptors are open.
fn size(run: &Running) -> (u64, usize) {
    let memory = harness::field(run.init, "RssAnon:").unwrap_or_default();
    let memory = memory.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(0);
    (memory, harness::open_descriptors(run.init).len())
}

/// What was sent, by number.
struct Sent {
    counts: [u64; 65],
    real_time: u64,
}

impl Sent {
    fn send(&mut self, run: &Running, signal: i32) {
        let index = usize::try_from(signal).unwrap();
        self.counts[index] += 1;
        self.real_time += u64::from(signal >= 34);
        if WITH_PAYLOAD.contains(&signal) {
            run.queue(signal, i32::try_from(self.counts[index]).unwrap());
        } else {
            run.signal(signal);
        }
    }
}

/// Stops sexton itself for a moment. It hears of its continuation as of any signal.
fn stop_for_a_moment(run: &Running, sent: &mut Sent) {
    run.signal(libc::SIGSTOP);
    eventually(|| harness::process(run.init).is_none_or(|p| p.state == 'T'), "sexton is stopped");
    sent.send(run, libc::SIGCONT);
}

pid1! {
    fn nothing_is_lost_and_nothing_grows(mode: Mode) {
        sexton_only!("--report");
        soak(mode, number_from("SEXTON_SOAK").unwrap_or(3), &[]);
    }
}

// Every pid is used again many times a second.
pid1! {
    fn nothing_is_lost_where_pids_are_few(mode: Mode) {
        sexton_only!("--report");
        let outside = std::fs::read_to_string("/proc/sys/kernel/pid_max").unwrap();
        let few = mode.child(["exit", "0"]).before(["few-pids", "400"]).env("OUTSIDE_PID_MAX", outside.trim()).run();
        if few.code == Some(77) || !harness::is_root() {
            harness::not_here(&test_name!(), "this kernel has no pid_max for a namespace alone (Linux 6.14), or not root");
            return;
        }
        soak(mode, number_from("SEXTON_SOAK").map_or(3, |seconds| seconds / 6), &["few-pids", "400"]);
    }
}

// More than the kernel queues: what it has taken arrives, or the loss is said.
pid1! {
    fn a_flood_that_overflows_is_said_once_and_is_over_with_its_end(mode: Mode) {
        sexton_only!("what it says");
        let count = if number_from("SEXTON_SOAK").is_some() { 1_000_000 } else { 50_000 };
        let run = mode.child(["record-count", "12"]).before(["limit", "11", "300"]).spawn();
        run.wait_ready("");
        let taken = (0..count).filter(|_| run.try_queue(40, 7)).count();
        assert!(taken < count, "it never overflowed");
        // The highest number is taken last. Others of the same user may have filled the room that there is again.
        let arrives = |run: &Running| {
            run.try_queue(64, 7);
            !run.lines("first 64").is_empty()
        };
        run.eventually(arrives, "signals arrive again");
        run.signal(libc::SIGUSR2);
        let ended = run.wait();
        ended.expect_code(0);
        let arrived = usize::try_from(harness::numbers(ended.lines("count 40 ")[0])[1]).unwrap();
        let said = ended.stderr.matches("cannot send SIGRT").count();
        println!("{count} sent, {taken} taken, {arrived} arrived; said: {}", ended.stderr.trim());
        assert!(arrived <= taken && said <= 1 && (arrived == taken || said == 1), "{arrived} of {taken}: {}", ended.stderr);
    }
}

// In crowds that lose their parent at one blow.
pid1! {
    fn a_hundred_thousand_orphans_leave_nothing_behind(mode: Mode) {
        sexton_only!("--report");
        let (scratch, crowds) = (harness::Scratch::new(), if number_from("SEXTON_SOAK").is_some() { 99 } else { 4 });
        let report = scratch.join("report");
        let words = ["crowds", "1", "1000", "on", "10", "crowds", &crowds.to_string(), "1000", "on", "12", "exit", "3"];
        let run = mode.child(words).options(["--report", report.to_str().unwrap()]).spawn();
        run.wait_ready("");
        run.eventually(|run| run.below().len() == 1, "the first crowd is reaped");
        let early = size(&run);
        run.signal(libc::SIGUSR1);
        (1..=crowds).for_each(|count| drop(run.wait_for_lines("crowd", count + 1)));
        run.eventually(|run| run.below().len() == 1, "all are reaped");
        let late = size(&run);
        run.signal(libc::SIGUSR2);
        run.wait().expect_code(3).expect_silence();
        let told: serde_json::Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
        let reaped = told["orphans"]["reaped"].as_i64();
        println!("{reaped:?} orphans; {early:?} KiB and descriptors after the first crowd, {late:?} at the end");
        assert_eq!(reaped, i64::try_from(1000 * (crowds + 1)).ok(), "every orphan is reaped once");
        assert!(late.0 <= early.0 + MOST_GROWTH_KIB && late.1 == early.1, "{early:?}, then {late:?}");
    }
}

fn soak(mode: Mode, seconds: u64, before: &[&str]) {
    let outside = std::fs::read_to_string("/proc/sys/kernel/pid_max").unwrap();
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let seed = number_from("SEXTON_SOAK_SEED").unwrap_or(u64::from(clock.subsec_nanos()) % 1_000_000);
    println!("SEXTON_SOAK={seconds} SEXTON_SOAK_SEED={seed}");
    let scratch = harness::Scratch::new();
    let report = scratch.join("report");
    let Pipe { reader, writer } = Pipe::new();
    let words = ["soak".to_owned(), seed.to_string(), seconds.to_string()];
    let run = mode.child(words).options(["--report", report.to_str().unwrap()]).stdout(writer);
    let run = run.before(before).env("OUTSIDE_PID_MAX", outside.trim());
    let mut run = run.spawn();
    let heard = listen(reader);
    eventually(|| heard.lock().unwrap().ready, "the program is ready");

    let mut random = Random(seed | 1);
    let kinds: Vec<i32> = harness::signals().filter(|signal| *signal != LAST).collect();
    let mut sent = Sent { counts: [0; 65], real_time: 0 };
    let mut zombies = Zombies::default();
    let mut early = None;
    let began = Instant::now();
    let (mut looked, mut stopped) = (began, began);
    let mut progress = (0, began);
    while heard.lock().unwrap().spawned.is_none() {
        assert!(!run.has_ended(), "sexton has ended: {}", run.seen());
        let acked = heard.lock().unwrap().acked;
        if acked != progress.0 {
            progress = (acked, Instant::now());
        }
        if sent.real_time - acked < WINDOW {
            let signal = kinds[usize::try_from(random.below(kinds.len() as u64)).unwrap()];
            sent.send(&run, signal);
        } else {
            assert!(progress.1.elapsed() < deadline(), "signals no longer arrive: {}", run.seen());
            std::thread::yield_now();
        }
        if looked.elapsed() > Duration::from_millis(50) {
            looked = Instant::now();
            zombies.look(run.init);
            if early.is_none() && began.elapsed() > Duration::from_secs(1) {
                early = Some(size(&run));
            }
        }
        if stopped.elapsed() > Duration::from_millis(700) {
            stopped = Instant::now();
            stop_for_a_moment(&run, &mut sent);
        }
        assert!(began.elapsed() < Duration::from_secs(seconds) + deadline(), "no end: {}", run.seen());
    }
    run.eventually(|run| run.below().len() == 1, "only the main process is left");
    let (early, late) = (early.unwrap_or_else(|| size(&run)), size(&run));
    run.signal(LAST);
    let ended = run.wait_for_end();
    ended.expect_code(0).expect_silence();
    eventually(|| heard.lock().unwrap().counts.is_some(), "the counts are read");

    let heard = heard.lock().unwrap();
    assert_eq!(heard.wrong, [""; 0], "payloads in their order, and nothing else said");
    let numbers = harness::numbers(heard.spawned.as_deref().unwrap());
    let (spawned, failed) = (numbers[0], numbers[1]);
    let mut arrived = [0_u64; 65];
    for pair in heard.counts.as_deref().unwrap().split(' ') {
        let (signal, count) = pair.split_once(':').unwrap();
        arrived[signal.parse::<usize>().unwrap()] = count.parse().unwrap();
    }
    for signal in kinds.iter().map(|signal| usize::try_from(*signal).unwrap()) {
        let (sent, arrived) = (sent.counts[signal], arrived[signal]);
        if signal >= 34 {
            assert_eq!(arrived, sent, "signal {signal}");
        } else if signal == 18 {
            // Stop requests are followed by one; a stop discards those that wait.
        } else if (20..=22).contains(&signal) {
            // A SIGCONT discards stops that wait (signal(7)).
            assert!(arrived <= sent, "signal {signal}: {arrived} of {sent}");
        } else {
            assert!(arrived <= sent && (arrived > 0) == (sent > 0), "signal {signal}: {arrived} of {sent}");
        }
    }
    let told: serde_json::Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
    let reaped = told["orphans"]["reaped"].as_i64();
    let all: u64 = sent.counts.iter().sum();
    println!(
        "{all} signals sent, {} of them real-time; {spawned} orphans ({failed} could not be made), {reaped:?} reaped; \
             the oldest zombie was {:?}; {early:?} KiB and descriptors after a second, {late:?} at the end",
        sent.real_time, zombies.oldest
    );
    assert_eq!(reaped, Some(spawned), "every orphan is reaped once");
    assert!(zombies.oldest < MOMENT, "a zombie was {:?} old", zombies.oldest);
    assert!(
        late.0 <= early.0 + MOST_GROWTH_KIB,
        "memory grows: {early:?} KiB and descriptors, then {late:?}"
    );
    assert_eq!(late.1, early.1, "descriptors grow");
}

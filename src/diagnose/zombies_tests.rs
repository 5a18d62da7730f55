use super::*;
use proptest::prelude::*;

const INIT: Pid = Pid(1);
const NOTHING: [usize; 0] = [];

impl Watcher {
    fn findings(&mut self, stats: impl IntoIterator<Item = Stat>, own: Pid, now: Duration) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.look(stats, own, now, |finding| findings.push(*finding));
        findings
    }
}

fn stat(pid: i32, ppid: i32, name: &str, state: char, start: u64) -> Stat {
    let line = format!("{pid} ({name}) {state} {ppid} 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 {start} 0 0");
    Stat::parse(line.as_bytes()).unwrap()
}

/// sexton, a server below it, and that server's zombies by pid.
fn leak(zombies: impl IntoIterator<Item = i32>) -> Vec<Stat> {
    let mut stats = vec![stat(1, 0, "sexton", 'S', 1), stat(7, 1, "node", 'S', 5)];
    stats.extend(zombies.into_iter().map(|pid| stat(pid, 7, "sh", 'Z', pid as u64)));
    stats
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn said(watcher: &mut Watcher, stats: Vec<Stat>, seconds: u64) -> Vec<usize> {
    watcher.findings(stats, INIT, at(seconds)).iter().map(|finding| finding.zombies).collect()
}

#[test]
fn the_second_look_names_the_parent() {
    let mut watcher = Watcher::default();
    assert_eq!(watcher.findings(leak(100..613), INIT, at(10)), []);
    let findings = watcher.findings(leak(100..613), INIT, at(310));
    assert_eq!(
        findings,
        [Finding {
            parent: Pid(7),
            name: Comm::new(b"node"),
            zombies: 513,
            oldest: Pid(100),
            oldest_name: Comm::new(b"sh"),
            oldest_age: at(309),
        }]
    );
    assert_eq!(
        findings[0].to_string(),
        "513 zombies are held by process 7 (node), which does not wait for them; only process 7 can reap them"
    );
}

#[test]
fn it_is_said_again_only_when_the_number_has_doubled() {
    let mut w = Watcher::default();
    assert_eq!(said(&mut w, leak(100..120), 10), NOTHING);
    assert_eq!(said(&mut w, leak(100..120), 20), [20]);
    assert_eq!(said(&mut w, leak(100..120), 30), NOTHING);
    assert_eq!(said(&mut w, leak(100..139), 40), NOTHING);
    assert_eq!(said(&mut w, leak(100..140), 50), [40]);
    assert_eq!(said(&mut w, leak(100..140), 60), NOTHING);
    // Some were reaped, and more came: others hold the place now, but 40 is what was said.
    assert_eq!(said(&mut w, leak(110..180), 70), NOTHING);
    assert_eq!(said(&mut w, leak(110..180), 80), NOTHING);
    assert_eq!(said(&mut w, leak(110..190), 90), [80]);
}

#[test]
fn a_parent_that_reaped_all_starts_anew() {
    let mut w = Watcher::default();
    assert_eq!(said(&mut w, leak(100..200), 10), NOTHING);
    assert_eq!(said(&mut w, leak(100..200), 20), [100]);
    assert_eq!(said(&mut w, leak([]), 30), NOTHING);
    assert_eq!(w, Watcher::default());
    assert_eq!(said(&mut w, leak(200..220), 40), NOTHING);
    assert_eq!(said(&mut w, leak(200..220), 50), [20]);
}

#[test]
fn nineteen_are_not_worth_a_word() {
    let mut w = Watcher::default();
    for seconds in [10, 20, 30] {
        assert_eq!(said(&mut w, leak(100..119), seconds), NOTHING);
    }
}

#[test]
fn a_program_that_reaps_late_is_not_accused() {
    let mut w = Watcher::default();
    let rounds = if cfg!(miri) { 4 } else { 50 };
    for round in 0..rounds {
        let first = 100 + 60 * round;
        assert_eq!(said(&mut w, leak(first..first + 60), 10 * round as u64), NOTHING, "round {round}");
    }
    // Nor if a few are never reaped: those few are not many.
    for round in 0..rounds {
        let first = 100 + 60 * round;
        assert_eq!(said(&mut w, leak((50..60).chain(first..first + 60)), 500 + round as u64), NOTHING);
    }
}

#[test]
fn two_looks_in_quick_succession_are_one() {
    let mut w = Watcher::default();
    for milliseconds in [0, 500, 1000, 1999] {
        assert_eq!(w.findings(leak(100..200), INIT, Duration::from_millis(milliseconds)), []);
    }
    assert_eq!(said(&mut w, leak(100..200), 2), [100]);
}

#[test]
fn a_pid_that_is_used_again_is_another_process() {
    let mut w = Watcher::default();
    assert_eq!(said(&mut w, leak(100..130), 10), NOTHING);
    let reused: Vec<Stat> = leak(100..130).into_iter().map(|s| Stat { start: s.start + 1000, ..s }).collect();
    assert_eq!(said(&mut w, reused, 20), NOTHING);
}

#[test]
fn our_own_zombies_and_those_from_outside_are_not_held() {
    let mut w = Watcher::default();
    let stats = || {
        let ours = (100..200).map(|pid| stat(pid, 1, "orphan", 'Z', 9));
        let outside = (200..300).map(|pid| stat(pid, 0, "exec", 'Z', 9));
        let unseen = (300..400).map(|pid| stat(pid, 50, "lost", 'Z', 9));
        let living = (400..500).map(|pid| stat(pid, 7, "sh", 'S', 9));
        leak([]).into_iter().chain(ours).chain(outside).chain(unseen).chain(living).collect()
    };
    for seconds in [10, 20] {
        assert_eq!(said(&mut w, stats(), seconds), NOTHING);
    }
}

#[test]
fn not_pid_1_looks_at_its_own_descendants_only() {
    let stats = || {
        let mut stats = leak(100..130);
        stats.extend([
            stat(50, 7, "sexton", 'S', 6),
            stat(51, 50, "sh", 'S', 6),
            stat(52, 51, "node", 'S', 6),
        ]);
        stats.extend((200..225).map(|pid| stat(pid, 52, "sh", 'Z', 9)));
        stats.extend((300..350).map(|pid| stat(pid, 50, "ours", 'Z', 9)));
        stats
    };
    let mut w = Watcher::default();
    assert_eq!(w.findings(stats(), Pid(50), at(10)), []);
    let findings = w.findings(stats(), Pid(50), at(20));
    assert_eq!(findings.iter().map(|f| (f.parent.0, f.zombies)).collect::<Vec<_>>(), [(52, 25)]);
    let mut init = Watcher::default();
    assert_eq!(said(&mut init, stats(), 10), NOTHING);
    assert_eq!(said(&mut init, stats(), 20), [30, 50, 25]);
}

#[test]
fn a_circle_of_parents_ends() {
    let mut stats = vec![stat(30, 31, "a", 'S', 1), stat(31, 30, "b", 'S', 1)];
    stats.extend((100..130).map(|pid| stat(pid, 30, "z", 'Z', 1)));
    assert_eq!(Watcher::default().findings(stats, Pid(50), at(1)), []);
}

#[test]
fn a_name_cannot_break_the_line() {
    let finding = Finding {
        parent: Pid(7),
        name: Comm::new(b"a\n\xff\x1b[0m"),
        zombies: 20,
        oldest: Pid(8),
        oldest_name: Comm::default(),
        oldest_age: at(1),
    };
    assert!(finding.to_string().contains("process 7 (a\\x0a\\xff\\x1b[0m), which"));
}

proptest! {
    #[test]
    fn any_table_ends_and_speaks_of_many_only(rows in proptest::collection::vec((0..60, 0..60, "[ZS]"), 0..120)) {
        let mut w = Watcher::default();
        let stats = || rows.iter().map(|(pid, ppid, state)| stat(*pid, *ppid, "x", state.chars().next().unwrap(), 1));
        let _ = w.findings(stats(), INIT, at(1));
        for finding in w.findings(stats(), INIT, at(9)) {
            prop_assert!(finding.zombies >= MANY);
            prop_assert!(finding.parent.0 > 1);
        }
        let _ = w.findings(stats(), Pid(5), at(10));
    }
}

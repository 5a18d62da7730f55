//! What is counted for the report.

use super::{MAIN, Supervisor, play, policy};
use crate::policy::event::{Origin, Pid, Received};
use crate::policy::signal::Signal;
use std::time::Duration;

#[test]
fn each_orphan_and_each_signal_is_counted_where_it_belongs() {
    let supervisor = play(
        policy(),
        &[
            (50, "orphan 0", ""),
            (60, "orphan-killed KILL", ""),
            (100, "TERM", "TERM group, CONT group wake"),
            (200, "HUP", "HUP group"),
            (300, "TERM", "TERM group, CONT group wake"),
            (400, "exits 0", "take terminal"),
            (400, "due", "TERM untold final, CONT everyone final"),
            (500, "orphan 0", ""),
            (600, "orphan-killed TERM", ""),
            (5400, "due", "KILL everyone final"),
            (5401, "orphan-killed KILL", ""),
            (5402, "orphan-killed TERM", ""),
            (5403, "childless", "exit"),
        ],
    );
    let tally = supervisor.tally();
    assert_eq!((tally.reaped, tally.terminated, tally.killed), (6, 2, 1));
    assert_eq!(tally.forwarded().collect::<Vec<_>>(), [(Signal::HUP, 1), (Signal::TERM, 2)]);
    let first = Received { signal: Signal::TERM, origin: Origin::Process, sender: Pid(0), uid: 0 };
    assert_eq!(tally.stop, Some((first, Duration::from_millis(100))));
}

#[test]
fn it_runs_until_the_main_process_has_ended() {
    assert!(Supervisor::new(policy(), MAIN).is_running());
    assert!(play(policy(), &[(0, "orphan 0", "")]).is_running());
    assert!(!play(policy(), &[(0, "exits 0", "take terminal")]).is_running());
}

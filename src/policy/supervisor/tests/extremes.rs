//! Durations as long as a word can hold: nothing overflows, and nothing is due too early.

use std::time::Duration;

use super::{event, plan, policy, seconds};
use crate::policy::job_control::JobControl;
use crate::policy::signal::Signal;
use crate::policy::supervisor::{Policy, Supervisor};

const FOREVER: Duration = Duration::MAX;

#[test]
fn an_endless_wait_is_never_over() {
    let mut escalation = plan(&[(0, "QUIT"), (0, "KILL")]);
    escalation.iter_mut().for_each(|step| step.after = Duration::from_secs(u64::MAX));
    let endless =
        Policy { stop_delay: FOREVER, escalation, grace: FOREVER, timeout: Some(FOREVER), ..policy() };
    let mut supervisor = Supervisor::new(endless, super::MAIN);
    for words in ["TERM", "INT", "due", "exits 0", "due", "due"] {
        let actions = supervisor.step(seconds(9), event(words)).iter().count();
        assert!(actions <= 4, "{words}");
        assert!(words == "exits 0" || supervisor.deadline() > Some(seconds(1 << 62)), "{words}");
    }
}

/// The clock itself at its end: each kind of deadline is computed there.
#[test]
fn the_end_of_time_is_no_panic() {
    for job_control in [JobControl::Off, JobControl::ALONE, JobControl::UNDER_SHELL] {
        for escalation in [vec![], plan(&[(1, "KILL")])] {
            let policy = Policy {
                stop_delay: seconds(1),
                escalation,
                timeout: Some(seconds(1)),
                job_control,
                ..policy()
            };
            let mut supervisor = Supervisor::new(policy, super::MAIN);
            let words =
                ["TERM", "stopped TSTP", "not-suspended", "stopped TSTP", "due", "due", "due", "exits 0"];
            for words in words.into_iter().chain(["due"; 6]) {
                supervisor.step(FOREVER, event(words));
            }
            assert_eq!(supervisor.deadline(), None, "it has ended");
        }
    }
}

/// A clock that was read a little earlier than the last time changes nothing.
#[test]
fn a_clock_that_stands_still_or_goes_back_is_no_panic() {
    let mut supervisor = Supervisor::new(Policy { job_control: JobControl::ALONE, ..policy() }, super::MAIN);
    for (at, words) in [(9, "stopped TSTP"), (3, "stopped TSTP"), (0, "TERM"), (0, "due"), (0, "exits 0")] {
        supervisor.step(seconds(at), event(words));
    }
    assert!(supervisor.outcome().stops.contains(Signal::TERM));
}

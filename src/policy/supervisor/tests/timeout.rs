//! `--timeout`: the longest run of the main process.

use super::{plan, play, policy, seconds};
use crate::policy::Reach;
use crate::policy::routing::Routing;
use crate::policy::signal::Signal;
use crate::policy::supervisor::Policy;

fn limited() -> Policy {
    Policy { timeout: Some(seconds(60)), ..policy() }
}

#[test]
fn term_and_after_the_grace_kill() {
    let supervisor = play(
        limited(),
        &[
            (0, "next", "60000"),
            (59_999, "due", ""),
            (60_000, "due", "TERM group timeout, CONT group wake"),
            (60_000, "next", "65000"),
            (65_000, "due", "KILL group step"),
            (65_000, "next", "never"),
        ],
    );
    assert!(supervisor.outcome().timed_out && supervisor.outcome().killed_by_plan);
}

#[test]
fn without_grace_kill_comes_at_once() {
    play(
        Policy { grace: seconds(0), ..limited() },
        &[
            (60_000, "due", "TERM group timeout, CONT group wake"),
            (60_000, "next", "60000"),
            (60_000, "due", "KILL group step"),
        ],
    );
}

#[test]
fn kill_goes_to_the_whole_group() {
    play(
        Policy { reach: Reach::Main, ..limited() },
        &[(60_000, "due", "TERM main timeout, CONT main wake"), (65_000, "due", "KILL group step")],
    );
}

#[test]
fn term_goes_as_rewritten_and_as_itself_if_that_is_drop() {
    for (to, sent) in [(Some(Signal::INT), "INT"), (None, "TERM")] {
        let routing = Routing { rewrites: vec![(Signal::TERM, to)], ..Routing::default() };
        let sent = format!("{sent} group timeout, CONT group wake");
        play(Policy { routing, ..limited() }, &[(60_000, "due", &sent)]);
    }
}

#[test]
fn the_plan_follows_instead_of_the_grace() {
    play(
        Policy { escalation: plan(&[(2, "QUIT"), (3, "KILL")]), ..limited() },
        &[
            (60_000, "due", "TERM group timeout, CONT group wake"),
            (62_000, "due", "QUIT group step, CONT group wake"),
            (65_000, "due", "KILL group step"),
        ],
    );
}

#[test]
fn a_plan_under_way_goes_on() {
    play(
        Policy { escalation: plan(&[(20, "KILL")]), ..limited() },
        &[
            (50_000, "TERM", "TERM group, CONT group wake"),
            (60_000, "due", "TERM group timeout, CONT group wake"),
            (60_000, "next", "70000"),
        ],
    );
}

#[test]
fn a_plan_used_up_begins_again() {
    play(
        Policy { escalation: plan(&[(2, "QUIT")]), ..limited() },
        &[
            (0, "TERM", "TERM group, CONT group wake"),
            (2000, "due", "QUIT group step, CONT group wake"),
            (60_000, "due", "TERM group timeout, CONT group wake"),
            (62_000, "due", "QUIT group step, CONT group wake"),
            (62_000, "next", "never"),
        ],
    );
}

#[test]
fn without_a_plan_the_grace_is_counted_from_the_timeout_whatever_was_asked_before() {
    play(
        limited(),
        &[
            (1000, "TERM", "TERM group, CONT group wake"),
            (60_000, "due", "TERM group timeout, CONT group wake"),
            (60_000, "next", "65000"),
        ],
    );
}

#[test]
fn no_delay_and_a_held_term_is_not_sent_as_well() {
    play(
        Policy { stop_delay: seconds(90), ..limited() },
        &[
            (0, "TERM", "hold 90"),
            (60_000, "due", "TERM group timeout, CONT group wake"),
            (60_000, "next", "65000"),
            (61_000, "TERM", "TERM group, CONT group wake"),
            (65_000, "due", "KILL group step"),
            (90_000, "due", ""),
        ],
    );
}

#[test]
fn after_it_no_stop_request_is_delayed() {
    play(
        Policy { stop_delay: seconds(90), ..limited() },
        &[
            (60_000, "due", "TERM group timeout, CONT group wake"),
            (61_000, "TERM", "TERM group, CONT group wake"),
        ],
    );
}

#[test]
fn after_a_thaw_a_held_term_and_the_timeout_are_one_signal() {
    play(
        Policy { stop_delay: seconds(9), ..limited() },
        &[
            (55_000, "TERM", "hold 9"),
            (90_000, "due", "TERM group timeout, CONT group wake"),
            (90_000, "due", ""),
            (90_000, "next", "95000"),
        ],
    );
}

#[test]
fn after_a_thaw_an_overdue_step_waits_its_time_behind_the_timeout() {
    play(
        Policy { escalation: plan(&[(20, "KILL")]), ..limited() },
        &[
            (50_000, "TERM", "TERM group, CONT group wake"),
            (900_000, "due", "TERM group timeout, CONT group wake"),
            (900_000, "due", ""),
            (900_000, "next", "920000"),
        ],
    );
}

#[test]
fn a_main_process_that_ended_in_time_did_not_time_out() {
    let supervisor = play(
        limited(),
        &[
            (60_000, "exits 3", "take terminal"),
            (60_000, "due", "TERM everyone final, CONT everyone final"),
            (65_000, "due", "KILL everyone final"),
        ],
    );
    assert!(!supervisor.outcome().timed_out);
}

#[test]
fn a_timeout_tells_the_group() {
    play(
        limited(),
        &[
            (60_000, "due", "TERM group timeout, CONT group wake"),
            (61_000, "killed TERM", "take terminal"),
            (61_000, "due", "TERM untold final, CONT everyone final"),
        ],
    );
}

#[test]
fn a_step_that_is_due_with_the_timeout_waits_once_more() {
    let escalation = plan(&[(2, "QUIT"), (3, "KILL")]);
    let policy = || Policy { escalation: escalation.clone(), ..policy() };
    let begin =
        [(0, "TERM", "TERM group, CONT group wake"), (2000, "due", "QUIT group step, CONT group wake")];
    let timeout = "TERM group timeout, CONT group wake";
    // At the same moment; and both overdue after a thaw.
    for (limit, at, next) in [(5, 5000, "8000"), (6, 7000, "10000")] {
        let due = [(at, "due", timeout), (at, "next", next), (at + 3000, "due", "KILL group step")];
        play(Policy { timeout: Some(seconds(limit)), ..policy() }, &[&begin[..], &due[..]].concat());
    }
    // Before it.
    let due = [(4000, "due", timeout), (4000, "next", "5000"), (5000, "due", "KILL group step")];
    play(Policy { timeout: Some(seconds(4)), ..policy() }, &[&begin[..], &due[..]].concat());
}

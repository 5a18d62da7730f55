//! `--stop-delay`: the first SIGTERM is held back.

use super::{plan, play, policy, seconds, signal};
use crate::policy::routing::Routing;
use crate::policy::signal::Signal;
use crate::policy::supervisor::Policy;

fn delayed() -> Policy {
    Policy { stop_delay: seconds(10), ..policy() }
}

#[test]
fn the_first_term_is_held_and_released_when_its_time_has_come() {
    let supervisor = play(
        delayed(),
        &[
            (1000, "TERM", "hold 10"),
            (1000, "next", "11000"),
            (10_999, "due", ""),
            (11_000, "due", "TERM group released, CONT group wake"),
            (11_000, "next", "never"),
            (12_000, "TERM", "TERM group, CONT group wake"),
        ],
    );
    assert!(supervisor.outcome().stops.contains(Signal::TERM));
}

#[test]
fn a_held_term_has_been_sent_to_nobody() {
    let supervisor = play(delayed(), &[(0, "TERM", "hold 10")]);
    assert!(supervisor.outcome().stops.is_empty() && supervisor.outcome().forwarded.is_empty());
}

#[test]
fn a_second_stop_request_sends_the_held_one_first_and_then_itself() {
    play(
        delayed(),
        &[
            (0, "TERM", "hold 10"),
            (2000, "INT", "TERM group released, CONT group wake, INT group, CONT group wake"),
            (2000, "next", "never"),
        ],
    );
    play(
        delayed(),
        &[
            (0, "TERM", "hold 10"),
            (2000, "TERM", "TERM group released, CONT group wake, TERM group, CONT group wake"),
        ],
    );
}

#[test]
fn other_signals_pass_meanwhile() {
    play(delayed(), &[(0, "TERM", "hold 10"), (1, "HUP", "HUP group"), (2, "next", "10000")]);
}

#[test]
fn other_stop_requests_are_never_delayed_and_leave_no_first_term_to_hold() {
    play(
        delayed(),
        &[
            (0, "INT", "INT group, CONT group wake"),
            (0, "RTMIN+3", "RTMIN+3 group, CONT group wake"),
            (1, "TERM", "TERM group, CONT group wake"),
        ],
    );
}

#[test]
fn the_main_process_s_end_ends_the_delay_and_everyone_is_told_then() {
    let supervisor = play(
        delayed(),
        &[
            (0, "TERM", "hold 10"),
            (3000, "exits 0", "take terminal"),
            (3000, "due", "TERM everyone final, CONT everyone final"),
            (3000, "next", "8000"),
        ],
    );
    assert!(supervisor.outcome().stops.is_empty(), "it did not end of the stop request");
}

#[test]
fn term_is_held_as_received_and_released_as_rewritten() {
    let rewrites = vec![(Signal::TERM, Some(signal("QUIT"))), (Signal::HUP, Some(Signal::TERM))];
    let routing = Routing { rewrites, ..Routing::default() };
    play(
        Policy { routing, ..delayed() },
        &[
            (0, "HUP", "TERM group"),
            (0, "TERM", "hold 10"),
            (10_000, "due", "QUIT group released, CONT group wake"),
        ],
    );
}

#[test]
fn a_payload_does_not_outlive_the_delay() {
    play(
        delayed(),
        &[(0, "queued TERM", "hold 10"), (10_000, "due", "TERM group released, CONT group wake")],
    );
}

#[test]
fn the_plan_is_counted_from_the_release() {
    let escalation = plan(&[(4, "KILL")]);
    play(
        Policy { escalation, ..delayed() },
        &[
            (0, "TERM", "hold 10"),
            (30_000, "due", "TERM group released, CONT group wake"),
            (30_000, "due", ""),
            (30_000, "next", "34000"),
        ],
    );
}

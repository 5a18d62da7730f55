//! What becomes of a received signal while the main process lives.

use super::{play, policy, signal};
use crate::policy::Reach;
use crate::policy::event::Origin;
use crate::policy::routing::{Route, Routing};
use crate::policy::signal::Signal;
use crate::policy::supervisor::{Policy, Supervisor};

fn rewriting(rewrites: &[(&str, Option<&str>)]) -> Policy {
    let rewrites = rewrites.iter().map(|(from, to)| (signal(from), to.map(signal))).collect();
    Policy { routing: Routing { rewrites, ..Routing::default() }, ..policy() }
}

fn single() -> Policy {
    Policy { reach: Reach::Main, ..policy() }
}

#[test]
fn every_signal_goes_to_the_group_and_a_stop_request_is_followed_by_cont() {
    for signal in Signal::all() {
        let mut supervisor = Supervisor::new(policy(), super::MAIN);
        let heard = super::said(supervisor.step(super::seconds(1), super::received(signal, Origin::Process)));
        let name = signal.to_string();
        let name = name.strip_prefix("SIG").unwrap_or(&name);
        let expected = match policy().routing.route(signal) {
            Route::Drop => String::new(),
            Route::Forward(_) => format!("{name} group"),
            Route::Stop(_) => format!("{name} group, CONT group wake"),
        };
        assert_eq!(heard, expected);
    }
}

#[test]
fn with_single_child_only_the_main_process_is_told() {
    play(
        single(),
        &[
            (0, "HUP", "HUP main"),
            (0, "TERM", "TERM main, CONT main wake"),
            (0, "exits 0", "take terminal"),
            // The group has heard nothing, so everybody is told.
            (0, "due", "TERM everyone final, CONT everyone final"),
        ],
    );
}

#[test]
fn a_rewritten_stop_request_is_sent_as_rewritten_and_still_wakes() {
    play(
        rewriting(&[("TERM", Some("QUIT")), ("INT", None), ("HUP", Some("USR1"))]),
        &[
            (0, "TERM", "QUIT group, CONT group wake"),
            (0, "INT", ""),
            (0, "HUP", "USR1 group"),
            (0, "next", "never"),
        ],
    );
}

#[test]
fn a_swallowed_stop_signal_is_no_stop_request() {
    let mut policy = rewriting(&[("TERM", None)]);
    policy.escalation = super::plan(&[(3, "KILL")]);
    policy.stop_delay = super::seconds(9);
    let supervisor = play(policy, &[(0, "TERM", ""), (0, "next", "never")]);
    assert!(supervisor.outcome().stops.is_empty());
}

#[test]
fn every_repeated_stop_request_is_forwarded() {
    let line = (0, "TERM", "TERM group, CONT group wake");
    let supervisor = play(policy(), &[line; 5]);
    assert_eq!(supervisor.outcome().stops.iter().collect::<Vec<_>>(), [Signal::TERM]);
}

#[test]
fn a_payload_goes_to_the_main_process_but_a_stop_request_to_the_usual_target() {
    play(
        policy(),
        &[
            (0, "queued USR1", "USR1 main with payload"),
            (0, "queued RTMIN+5", "RTMIN+5 main with payload"),
            (0, "queued TERM", "TERM group, CONT group wake"),
        ],
    );
    play(single(), &[(0, "queued TERM", "TERM main with payload, CONT main wake")]);
    // A TERM that is not a stop request goes to the main process alone: its group has not been told.
    let mut odd = policy();
    odd.routing.stop_signals = [Signal::INT].into_iter().collect();
    play(
        odd,
        &[
            (0, "queued TERM", "TERM main with payload"),
            (0, "exits 0", "take terminal"),
            (0, "due", "TERM everyone final, CONT everyone final"),
        ],
    );
}

#[test]
fn a_signal_of_our_own_making_is_not_forwarded() {
    play(policy(), &[(0, "ourselves PIPE", ""), (0, "ourselves TERM", ""), (0, "PIPE", "PIPE group")]);
}

#[test]
fn without_a_group_what_the_terminal_sent_is_not_sent_again() {
    let none = Policy { own_group: false, reach: Reach::Main, ..policy() };
    let supervisor = play(
        none,
        &[
            (0, "terminal INT", ""),
            (0, "terminal QUIT", ""),
            (0, "terminal TSTP", ""),
            (0, "terminal WINCH", ""),
            (0, "terminal HUP", "HUP main"),
            (0, "INT", "INT main, CONT main wake"),
        ],
    );
    assert!(supervisor.outcome().forwarded.contains(Signal::QUIT), "the terminal asked for it");
    play(policy(), &[(0, "terminal INT", "INT group, CONT group wake")]);
}

/// The program has it already, but it is a stop request all the same.
#[test]
fn an_interrupt_from_the_terminal_counts_as_a_stop_request_without_a_group() {
    let escalation = super::plan(&[(3, "KILL")]);
    let stop_delay = super::seconds(9);
    let none = Policy { own_group: false, reach: Reach::Main, escalation, stop_delay, ..policy() };
    let supervisor = play(
        none.clone(),
        &[
            (1000, "terminal INT", ""),
            (1000, "next", "4000"),
            (2000, "TERM", "TERM main, CONT main wake"),
            (4000, "due", "KILL main step"),
        ],
    );
    assert!(supervisor.outcome().stops.contains(Signal::INT));
    play(
        none,
        &[
            (1000, "TERM", "hold 9"),
            (2000, "terminal INT", "TERM main released, CONT main wake"),
            (2000, "next", "5000"),
        ],
    );
}

#[test]
fn a_term_made_by_a_rewrite_tells_the_group() {
    play(
        rewriting(&[("HUP", Some("TERM"))]),
        &[
            (0, "HUP", "TERM group"),
            (0, "exits 0", "take terminal"),
            (0, "due", "TERM untold final, CONT everyone final"),
        ],
    );
    // The other way round nobody has heard TERM.
    play(
        rewriting(&[("TERM", Some("HUP"))]),
        &[
            (0, "TERM", "HUP group, CONT group wake"),
            (0, "exits 0", "take terminal"),
            (0, "due", "TERM everyone final, CONT everyone final"),
        ],
    );
}

#[test]
fn an_orphan_s_end_or_stop_changes_nothing() {
    play(
        policy(),
        &[(0, "orphan 1", ""), (0, "orphan-stopped TSTP", ""), (0, "due", ""), (0, "next", "never")],
    );
}

#[test]
fn a_group_that_is_sexton_s_own_is_never_signalled() {
    let shared = Policy { own_group: false, ..policy() };
    play(
        shared,
        &[
            (0, "HUP", "HUP main"),
            (0, "TERM", "TERM main, CONT main wake"),
            (0, "queued TERM", "TERM main with payload, CONT main wake"),
        ],
    );
}

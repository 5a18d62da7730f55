//! After the main process has ended: told, given the grace, killed, left behind.

use super::{play, policy, seconds, signal};
use crate::policy::Rest;
use crate::policy::routing::Routing;
use crate::policy::signal::Signal;
use crate::policy::status::Ending;
use crate::policy::supervisor::Policy;

#[test]
fn with_nothing_left_the_exit_follows_at_once() {
    let supervisor = play(
        policy(),
        &[(0, "exits 3", "take terminal"), (0, "childless", "exit"), (0, "next", "never"), (0, "due", "")],
    );
    assert_eq!(supervisor.outcome().ending, Some(Ending::Exited(3)));
}

#[test]
fn the_rest_is_told_and_woken_and_left_as_soon_as_the_last_is_gone() {
    play(
        policy(),
        &[
            (100, "exits 0", "take terminal"),
            (100, "due", "TERM everyone final, CONT everyone final"),
            (100, "next", "5100"),
            (2000, "orphan 0", ""),
            (2000, "due", ""),
            (2000, "next", "5100"),
            (3000, "orphan 0", ""),
            (3000, "childless", "exit"),
        ],
    );
}

#[test]
fn whoever_has_been_told_is_not_told_twice() {
    play(
        policy(),
        &[
            (0, "TERM", "TERM group, CONT group wake"),
            (0, "killed TERM", "take terminal"),
            (0, "due", "TERM untold final, CONT everyone final"),
            (0, "next", "5000"),
        ],
    );
    // Background jobs ignore INT: it tells nobody anything.
    play(
        policy(),
        &[
            (0, "INT", "INT group, CONT group wake"),
            (0, "killed INT", "take terminal"),
            (0, "due", "TERM everyone final, CONT everyone final"),
        ],
    );
}

#[test]
fn after_the_grace_kill_repeated_and_after_two_seconds_left_behind() {
    let mut script = vec![
        (0, "exits 0", "take terminal"),
        (0, "due", "TERM everyone final, CONT everyone final"),
        (4999, "due", ""),
        (5000, "due", "KILL everyone final"),
        (5000, "next", "5100"),
    ];
    script.extend((1..20).map(|i| (5000 + i * 100, "due", "KILL everyone again")));
    script.extend([(6999, "due", ""), (7000, "due", "exit"), (9000, "due", ""), (9000, "TERM", "")]);
    let supervisor = play(policy(), &script);
    assert!(supervisor.outcome().left_behind);
}

#[test]
fn whoever_obeys_the_kill_is_not_left_behind() {
    let supervisor = play(
        policy(),
        &[
            (0, "exits 0", "take terminal"),
            (0, "due", "TERM everyone final, CONT everyone final"),
            (5000, "due", "KILL everyone final"),
            (5001, "orphan 137", ""),
            (5001, "childless", "exit"),
        ],
    );
    assert!(!supervisor.outcome().left_behind);
}

#[test]
fn late_repeats_do_not_put_the_end_off() {
    play(
        policy(),
        &[
            (0, "exits 0", "take terminal"),
            (0, "due", "TERM everyone final, CONT everyone final"),
            (5000, "due", "KILL everyone final"),
            (6950, "due", "KILL everyone again"),
            (6950, "next", "7000"),
            (7000, "due", "exit"),
        ],
    );
}

#[test]
fn after_a_thaw_the_kill_is_repeated_before_anybody_is_left_behind() {
    play(
        policy(),
        &[
            (0, "exits 0", "take terminal"),
            (0, "due", "TERM everyone final, CONT everyone final"),
            (5000, "due", "KILL everyone final"),
            (90_000, "due", "KILL everyone again"),
            (90_000, "due", ""),
            (90_000, "next", "90100"),
            (90_100, "due", "exit"),
        ],
    );
}

#[test]
fn a_stop_request_in_the_grace_means_kill_now() {
    for stop in ["TERM", "INT", "RTMIN+3", "queued TERM", "terminal INT"] {
        play(
            policy(),
            &[
                (0, "exits 0", "take terminal"),
                (0, "due", "TERM everyone final, CONT everyone final"),
                (700, "HUP", ""),
                (700, "ourselves TERM", ""),
                (700, "next", "5000"),
                (800, stop, ""),
                (800, "due", "KILL everyone final"),
                // One more changes nothing.
                (850, stop, ""),
                (850, "next", "900"),
            ],
        );
    }
}

#[test]
fn a_swallowed_stop_signal_does_not_cut_the_grace_short() {
    let routing = Routing { rewrites: vec![(Signal::TERM, None)], ..Routing::default() };
    play(
        Policy { routing, ..policy() },
        &[
            (0, "exits 0", "take terminal"),
            (0, "due", "TERM everyone final, CONT everyone final"),
            (1, "TERM", ""),
            (1, "due", ""),
            (1, "next", "5000"),
        ],
    );
}

#[test]
fn a_stop_request_in_the_wake_up_of_the_main_process_s_end() {
    // Taken before the reaping: forwarded as ever, for the pid is still the main process's.
    play(
        policy(),
        &[
            (0, "TERM", "TERM group, CONT group wake"),
            (0, "exits 0", "take terminal"),
            (0, "due", "TERM untold final, CONT everyone final"),
        ],
    );
    // Taken after it: the grace is over before it began.
    play(policy(), &[(0, "exits 0", "take terminal"), (0, "TERM", ""), (0, "due", "KILL everyone final")]);
}

#[test]
fn without_grace_the_exit_comes_with_the_end() {
    let supervisor = play(
        Policy { grace: seconds(0), ..policy() },
        &[(0, "killed SEGV", "take terminal, exit"), (0, "childless", ""), (0, "due", "")],
    );
    let by = signal("SEGV");
    assert_eq!(supervisor.outcome().ending, Some(Ending::Killed { by, core: false }));
}

#[test]
fn no_child_left_ends_the_run_in_every_phase() {
    let end = (9000, "childless", "exit");
    let lines = [
        (0, "TERM", "hold 1"),
        (1000, "due", "TERM group released, CONT group wake"),
        (2000, "exits 0", "take terminal"),
        (2000, "due", "TERM untold final, CONT everyone final"),
        (7000, "due", "KILL everyone final"),
    ];
    for length in 0..=lines.len() {
        let script: Vec<_> = lines.iter().take(length).copied().chain([end]).collect();
        let supervisor = play(Policy { stop_delay: seconds(1), ..policy() }, &script);
        assert_eq!(supervisor.outcome().ending.is_none(), length < 3, "an end never seen is a fault");
    }
}

#[test]
fn a_pid_used_again_does_not_change_the_ending() {
    let supervisor = play(
        policy(),
        &[
            (0, "exits 3", "take terminal"),
            (0, "exits 4", ""),
            (0, "due", "TERM everyone final, CONT everyone final"),
            (0, "exits 5", ""),
            (0, "stopped TSTP", ""),
            (0, "childless", "exit"),
        ],
    );
    assert_eq!(supervisor.outcome().ending, Some(Ending::Exited(3)));
}

#[test]
fn what_is_left_is_left_alone_where_the_personality_says_so() {
    let left = Policy { rest: Rest::Leave, ..policy() };
    play(left, &[(0, "exits 0", "take terminal, exit"), (0, "due", ""), (0, "next", "never")]);
    // Its last TERM is no forwarded one: a rewrite does not touch it (D4).
    let routing = Routing { rewrites: vec![(Signal::TERM, None)], ..Routing::default() };
    let policy = Policy { routing, rest: Rest::TellGroup, ..policy() };
    play(
        policy,
        &[
            (0, "exits 0", "take terminal"),
            (0, "TERM", ""),
            (0, "due", "TERM group final, CONT group final, exit"),
            (0, "next", "never"),
        ],
    );
}

#[test]
fn a_group_that_is_sexton_s_own_is_not_told() {
    let shared = Policy { own_group: false, rest: Rest::TellGroup, ..policy() };
    play(shared, &[(0, "exits 0", "take terminal, exit"), (0, "next", "never")]);
}

//! `--escalate`: what follows a stop request that is not obeyed.

use super::{plan, play, policy};
use crate::policy::Reach;
use crate::policy::supervisor::Policy;

fn two_steps() -> Policy {
    Policy { escalation: plan(&[(20, "QUIT"), (5, "KILL")]), ..policy() }
}

#[test]
fn steps_follow_a_stop_request_one_after_the_other() {
    let supervisor = play(
        two_steps(),
        &[
            (0, "next", "never"),
            (1000, "INT", "INT group, CONT group wake"),
            (1000, "next", "21000"),
            (20_999, "due", ""),
            (21_000, "due", "QUIT group step, CONT group wake"),
            (21_000, "next", "26000"),
            (26_000, "due", "KILL group step"),
            (26_000, "next", "never"),
            (99_000, "due", ""),
        ],
    );
    assert_eq!(supervisor.outcome().steps_climbed, 2);
    assert!(supervisor.outcome().killed_by_plan);
}

#[test]
fn a_plan_need_not_end_in_kill() {
    let supervisor = play(
        Policy { escalation: plan(&[(2, "QUIT")]), ..policy() },
        &[
            (0, "TERM", "TERM group, CONT group wake"),
            (2000, "due", "QUIT group step, CONT group wake"),
            (2000, "next", "never"),
        ],
    );
    assert!(!supervisor.outcome().killed_by_plan);
}

#[test]
fn after_a_thaw_no_two_steps_fire_at_once() {
    play(
        two_steps(),
        &[
            (0, "TERM", "TERM group, CONT group wake"),
            (1_000_000, "due", "QUIT group step, CONT group wake"),
            (1_000_000, "due", ""),
            (1_000_000, "next", "1005000"),
        ],
    );
}

#[test]
fn repeated_stop_requests_do_not_restart_the_plan() {
    play(
        two_steps(),
        &[
            (0, "TERM", "TERM group, CONT group wake"),
            (15_000, "TERM", "TERM group, CONT group wake"),
            (15_000, "next", "20000"),
            (20_000, "due", "QUIT group step, CONT group wake"),
            (24_000, "INT", "INT group, CONT group wake"),
            (24_000, "next", "25000"),
            (25_000, "due", "KILL group step"),
            (26_000, "TERM", "TERM group, CONT group wake"),
            (26_000, "next", "never"),
        ],
    );
}

#[test]
fn kill_goes_to_the_whole_group_even_with_single_child() {
    play(
        Policy { reach: Reach::Main, ..two_steps() },
        &[
            (0, "TERM", "TERM main, CONT main wake"),
            (20_000, "due", "QUIT main step, CONT main wake"),
            (25_000, "due", "KILL group step"),
        ],
    );
    // A group that is shared with sexton is never signalled.
    play(
        Policy { reach: Reach::Main, own_group: false, ..two_steps() },
        &[
            (0, "TERM", "TERM main, CONT main wake"),
            (20_000, "due", "QUIT main step, CONT main wake"),
            (25_000, "due", "KILL main step"),
        ],
    );
}

#[test]
fn p5_the_plan_ends_with_the_main_process() {
    play(
        two_steps(),
        &[
            (0, "TERM", "TERM group, CONT group wake"),
            (20_000, "killed TERM", "take terminal"),
            (20_000, "due", "TERM untold final, CONT everyone final"),
            (21_000, "due", ""),
            (25_000, "due", "KILL everyone final"),
        ],
    );
}

#[test]
fn a_term_step_tells_the_group() {
    play(
        Policy { escalation: plan(&[(1, "TERM")]), ..policy() },
        &[
            (0, "INT", "INT group, CONT group wake"),
            (1000, "due", "TERM group step, CONT group wake"),
            (2000, "exits 0", "take terminal"),
            (2000, "due", "TERM untold final, CONT everyone final"),
        ],
    );
}

#[test]
fn steps_without_a_wait_are_taken_one_a_wake_up() {
    play(
        Policy { escalation: plan(&[(0, "QUIT"), (0, "KILL")]), ..policy() },
        &[
            (0, "TERM", "TERM group, CONT group wake"),
            (0, "due", "QUIT group step, CONT group wake"),
            (0, "due", "KILL group step"),
            (0, "due", ""),
        ],
    );
}

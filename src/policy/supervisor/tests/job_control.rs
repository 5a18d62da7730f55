//! A stopped main process, with and without a job-control shell above.

use super::{play, policy};
use crate::policy::job_control::JobControl;
use crate::policy::routing::Routing;
use crate::policy::signal::Signal;
use crate::policy::supervisor::Policy;

fn with(job_control: JobControl) -> Policy {
    Policy { job_control, ..policy() }
}

#[test]
fn without_a_terminal_a_stop_is_nobody_s_business() {
    play(with(JobControl::Off), &[(0, "stopped TSTP", ""), (0, "next", "never"), (0, "CONT", "CONT group")]);
}

#[test]
fn with_nobody_above_it_is_continued_at_once_but_once_a_second() {
    play(
        with(JobControl::ALONE),
        &[
            (5000, "stopped TSTP", "hand terminal, CONT group wake"),
            (5300, "stopped TTIN", ""),
            (5300, "next", "6000"),
            (5999, "due", ""),
            (6000, "due", "hand terminal, CONT group wake"),
            (6000, "next", "never"),
            (8000, "stopped TTOU", "hand terminal, CONT group wake"),
        ],
    );
}

#[test]
fn with_nobody_above_a_sigstop_is_respected() {
    play(with(JobControl::ALONE), &[(0, "stopped STOP", ""), (0, "next", "never")]);
    play(
        with(JobControl::ALONE),
        &[
            (0, "stopped TSTP", "hand terminal, CONT group wake"),
            (300, "stopped TSTP", ""),
            // Somebody has continued it since, and stopped it for good.
            (600, "stopped STOP", ""),
            (600, "next", "never"),
            (1000, "due", ""),
        ],
    );
}

#[test]
fn under_a_shell_we_stop_too_and_fg_hands_the_terminal_on() {
    play(
        with(JobControl::UNDER_SHELL),
        &[
            (0, "stopped TSTP", "suspend"),
            (9, "CONT", "hand terminal, CONT group"),
            (9, "stopped STOP", "suspend"),
            (9, "next", "never"),
        ],
    );
}

#[test]
fn a_shell_that_turns_out_not_to_be_there_cannot_continue_us() {
    play(
        with(JobControl::UNDER_SHELL),
        &[
            (0, "stopped TSTP", "suspend"),
            (0, "not-suspended", "hand terminal, CONT group wake"),
            (100, "stopped TSTP", ""),
            (1000, "due", "hand terminal, CONT group wake"),
        ],
    );
    play(
        with(JobControl::UNDER_SHELL),
        &[
            (0, "stopped STOP", "suspend"),
            (0, "not-suspended", ""),
            (0, "next", "never"),
            (0, "stopped TSTP", "hand terminal, CONT group wake"),
        ],
    );
}

#[test]
fn other_processes_stops_and_stray_refusals_are_nothing() {
    for job_control in [JobControl::Off, JobControl::ALONE, JobControl::UNDER_SHELL] {
        play(with(job_control), &[(0, "orphan-stopped TSTP", "")]);
    }
    play(with(JobControl::Off), &[(0, "not-suspended", "")]);
    play(with(JobControl::ALONE), &[(0, "not-suspended", ""), (0, "next", "never")]);
}

#[test]
fn the_terminal_is_taken_back_when_the_main_process_has_ended() {
    play(
        with(JobControl::ALONE),
        &[
            (0, "stopped TSTP", "hand terminal, CONT group wake"),
            (1, "stopped TSTP", ""),
            (2, "exits 0", "take terminal"),
            (2, "stopped TSTP", ""),
            (2, "not-suspended", ""),
            (2, "due", "TERM everyone final, CONT everyone final"),
            (1000, "due", ""),
        ],
    );
}

fn suspending(job_control: JobControl) -> Policy {
    let routing = Routing {
        suspend_after: [Signal::TSTP].into_iter().collect(),
        rewrites: vec![(Signal::TSTP, Some(Signal::STOP))],
        ..Routing::default()
    };
    Policy { routing, ..with(job_control) }
}

#[test]
fn a_signal_that_suspends_us_is_forwarded_first() {
    play(
        suspending(JobControl::Off),
        &[
            (0, "TSTP", "STOP group, suspend alone after SIGTSTP"),
            (0, "stopped STOP", ""),
            (9, "CONT", "CONT group"),
            (9, "ourselves TSTP", ""),
        ],
    );
}

#[test]
fn who_has_stopped_together_with_the_main_process_does_not_stop_twice() {
    play(
        suspending(JobControl::UNDER_SHELL),
        &[
            (0, "TSTP", "STOP group, suspend alone after SIGTSTP"),
            (5, "stopped STOP", ""),
            (5, "CONT", "hand terminal, CONT group"),
            (6, "stopped TSTP", "suspend"),
        ],
    );
    // The main process has caught the first one and never stopped.
    play(
        suspending(JobControl::UNDER_SHELL),
        &[
            (0, "TSTP", "STOP group, suspend alone after SIGTSTP"),
            (5, "CONT", "hand terminal, CONT group"),
            (6, "stopped TSTP", "suspend"),
        ],
    );
}

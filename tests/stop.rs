//! What happens to everything that is left when the main process has ended.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Ended, Mode, both, process, test_name};

/// Fails unless `name` was told once, by TERM and CONT, and ended of its own accord.
#[track_caller]
fn was_told(ended: &Ended, name: &str) {
    assert_eq!(ended.lines(&format!("{name}: signal 15 ")).len(), 1, "{name}: {ended:#?}");
    assert_eq!(ended.lines(&format!("{name}: end")).len(), 1, "{name}: {ended:#?}");
}

/// Fails unless `name` was told exactly once, and could clean up.
#[track_caller]
fn had_its_time(ended: &Ended, name: &str) {
    let lines = ended.lines(&format!("{name}: "));
    let said: Vec<&str> = lines.iter().filter_map(|line| line.split_once(": ")).map(|pair| pair.1).collect();
    assert!(said.len() == 3 && said[1..] == ["term", "clean"], "{name}: {ended:#?}");
}

both! {
    fn t13_what_is_left_is_told_and_has_its_time(mode: Mode) {
        let ended = mode.child(["leave", "plain,slow", "exit", "3"]).run();
        ended.expect_code(3);
        was_told(&ended, "plain");
        had_its_time(&ended, "slow");
    }
}

both! {
    fn t13_d7_groups_and_sessions_of_their_own_are_told(mode: Mode) {
        let ended = mode.child(["leave", "group,session", "exit", "0"]).run();
        ended.expect_code(0);
        was_told(&ended, "group");
        was_told(&ended, "session");
    }
}

both! {
    fn t13_orphans_are_told(mode: Mode) {
        let ended = mode.child(["leave", "orphan,slow-orphan", "exit", "0"]).run();
        ended.expect_code(0);
        was_told(&ended, "orphan");
        had_its_time(&ended, "slow-orphan");
    }
}

both! {
    fn t13_t12_what_is_left_and_stopped_is_told_and_continued(mode: Mode) {
        let run = mode.child(["leave", "stopped", "on", "10", "exit", "4"]).spawn();
        run.wait_ready("");
        let stopped = run.wait_ready("stopped");
        run.eventually(|_| process(stopped).is_some_and(|p| p.state == 'T'), "it is stopped");
        run.signal(libc::SIGUSR1);
        run.wait().expect_code(4);
        assert!(process(stopped).is_none(), "it is still there");
    }
}

both! {
    fn the_death_of_the_main_process_is_followed_by_the_same(mode: Mode) {
        let run = mode.child(["leave", "slow", "ready", "sleep"]).spawn();
        let main = run.wait_ready("");
        harness::kill(main, libc::SIGKILL);
        let ended = run.wait();
        ended.expect_code(137);
        had_its_time(&ended, "slow");
    }
}

both! {
    fn case_a_whom_the_group_s_term_told_is_not_told_twice(mode: Mode) {
        let run = mode.shell("\"$child\" slow-cleanup 600; true").spawn();
        run.wait_ready("");
        harness::next_tick();
        run.signal(libc::SIGTERM);
        let ended = run.wait();
        ended.expect_code(143);
        assert_eq!(ended.lines("term").len(), 1, "{ended:#?}");
        assert_eq!(ended.lines("clean").len(), 1, "{ended:#?}");
        assert!(ended.lines("second").is_empty(), "{ended:#?}");
    }
}

both! {
    fn whom_the_group_s_term_did_not_reach_is_told_at_the_end(mode: Mode) {
        let run = mode.child(["leave", "slow,session,group", "record", "15"]).spawn();
        run.wait_ready("");
        harness::next_tick();
        run.signal(libc::SIGTERM);
        let ended = run.wait();
        ended.expect_code(0);
        had_its_time(&ended, "slow");
        was_told(&ended, "session");
        was_told(&ended, "group");
    }
}

both! {
    fn an_int_does_not_count_as_told(mode: Mode) {
        let run = mode.child(["leave", "plain", "record", "2"]).spawn();
        run.wait_ready("");
        run.signal(libc::SIGINT);
        run.wait_for_line("plain: signal 2 ");
        let ended = run.wait();
        ended.expect_code(0);
        was_told(&ended, "plain");
    }
}

both! {
    fn who_was_started_after_the_term_is_told(mode: Mode) {
        let run = mode.child(["on", "15", "leave", "plain", "exit", "0"]).spawn();
        run.wait_ready("");
        harness::next_tick();
        run.signal(libc::SIGTERM);
        let ended = run.wait();
        ended.expect_code(0);
        was_told(&ended, "plain");
    }
}

#[test]
fn only_its_own_descendants_are_told() {
    let neighbour = Mode::Bare.child(["record"]).spawn();
    let pid = neighbour.wait_ready("");
    let ended = Mode::Subreaper.child(["leave", "plain,session", "exit", "0"]).run();
    ended.expect_code(0);
    was_told(&ended, "plain");
    harness::kill(pid, libc::SIGWINCH);
    neighbour.wait_for_line("signal 28 ");
    assert_eq!(neighbour.lines("signal ").len(), 1, "{}", neighbour.seen());
}

both! {
    fn a_stop_request_while_the_rest_ends_means_kill_now(mode: Mode) {
        let run = mode.child(["leave", "deaf", "on", "10", "exit", "6"]).spawn();
        run.wait_ready("");
        run.signal(libc::SIGUSR1);
        run.wait_for_line("deaf: signal 15 ");
        run.wait_for_line("deaf: signal 18 ");
        run.signal(libc::SIGTERM);
        let ended = run.wait();
        ended.expect_code(6);
        assert_eq!(ended.lines("deaf: signal 15 ").len(), 1, "{ended:#?}");
    }
}

both! {
    fn p8_the_last_one_s_end_is_the_init_s(mode: Mode) {
        let run = mode.child(["leave", "deaf", "on", "10", "exit", "7"]).spawn();
        run.wait_ready("");
        let deaf = run.wait_ready("deaf");
        run.signal(libc::SIGUSR1);
        run.wait_for_line("deaf: signal 15 ");
        harness::kill(deaf, libc::SIGKILL);
        run.wait().expect_code(7);
    }
}

both! {
    fn what_ignores_everything_is_killed_in_the_end(mode: Mode) {
        let ended = mode.child(["leave", "deaf", "exit", "8"]).run();
        ended.expect_code(8);
        assert_eq!(ended.lines("deaf: signal 15 ").len(), 1, "{ended:#?}");
    }
}

//! dumb-init: what is forwarded as something else.

use crate::harness::{Mode, kill, process, signals};
use crate::suite::{agree, fault};

const DUMB_INIT: &str = "dumb-init";

#[test]
fn signals_are_rewritten() {
    // Every signal that can be caught below the real-time ones, each to another one.
    let pairs: Vec<(i32, i32)> =
        signals().filter(|s| *s < 32).map(|from| (from, if from % 2 == 0 { 12 } else { 10 })).collect();
    agree(DUMB_INIT, |init| {
        let words: Vec<String> = pairs.iter().map(|(from, to)| format!("{from}:{to}")).collect();
        let options: Vec<&str> = words.iter().flat_map(|pair| ["-r", pair.as_str()]).collect();
        let run = init.child(Mode::Subreaper, &options, &["record"]).spawn();
        run.wait_ready("");
        for (from, to) in pairs.iter().filter(|(from, _)| !(20..=22).contains(from)) {
            let start = format!("signal {to} ");
            let before = run.lines(&start).len();
            run.signal(*from);
            run.wait_for_lines(&start, before + 1);
        }
    });
}

#[test]
fn a_signal_can_be_swallowed_and_the_last_rewrite_counts() {
    agree(DUMB_INIT, |init| {
        let options = ["-r", "1:0", "-r", "2:12", "--rewrite=2:3", "--rewrite", "12:10", "--rewr=31:9"];
        let run = init.child(Mode::Subreaper, &options, &["record"]).spawn();
        run.wait_ready("");
        run.signal(libc::SIGHUP);
        run.signal(libc::SIGINT);
        run.wait_for_line("signal 3 ");
        run.signal(libc::SIGUSR2);
        run.wait_for_line("signal 10 ");
        assert!(run.lines("signal 1 ").is_empty() && run.lines("signal 12 ").is_empty(), "{}", run.seen());
        run.signal(libc::SIGSYS);
        run.wait().expect_code(137);
    });
}

#[test]
fn bad_rewrites_are_refused_with_their_usage() {
    const USAGE: &str = "Usage: -r option takes <signum>:<signum>, where <signum> is between 1 and 31.\n\
        This option can be specified multiple times.\nUse --help for full usage.\n";
    agree(DUMB_INIT, |init| {
        for bad in ["", "herp", "herp:derp", "15", "15::12", "15:derp", "1:32", "32:1", "0:15", "15:-1", ":"]
        {
            let ended = init.words(&["-r", bad, "touch", "/nowhere/at-all"]).run();
            ended.expect_code(1);
            assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", USAGE), "{bad}");
        }
    });
}

#[test]
fn d8_nothing_may_stand_behind_a_number() {
    fault(DUMB_INIT, "D8", "what stands behind the number is passed over", |init| {
        init.words(&["-r", "15:12junk", "true"]).run().expect_code(1);
    });
}

#[test]
fn a_signal_can_be_rewritten_to_every_other() {
    agree(DUMB_INIT, |init| {
        for to in 1..=31 {
            for options in [&[][..], &["-c"]] {
                let pair = format!("10:{to}");
                let run =
                    init.child(Mode::Subreaper, &[options, &["-r", &pair]].concat(), &["record"]).spawn();
                let main = run.wait_ready("");
                run.signal(libc::SIGUSR1);
                match to {
                    libc::SIGKILL => drop(run.wait().expect_code(137)),
                    libc::SIGSTOP => {
                        run.eventually(|_| process(main).is_some_and(|p| p.state == 'T'), "it has stopped");
                        kill(main, libc::SIGCONT);
                    }
                    to => drop(run.wait_for_line(&format!("signal {to} "))),
                }
            }
        }
    });
}

#[test]
fn every_signal_can_be_swallowed() {
    agree(DUMB_INIT, |init| {
        let swallowed = || (1..32).filter(|signal| *signal != libc::SIGUSR2);
        let words: Vec<String> = swallowed().map(|signal| format!("{signal}:0")).collect();
        let options: Vec<&str> = words.iter().flat_map(|pair| ["-r", pair.as_str()]).collect();
        let run = init.child(Mode::Subreaper, &options, &["record"]).spawn();
        run.wait_ready("");
        // Those of job control suspend the init besides, which is another test's subject.
        let can_be_sent = |signal: &i32| signals().any(|one| one == *signal) && !(20..=22).contains(signal);
        for (round, signal) in swallowed().filter(can_be_sent).enumerate() {
            run.signal(signal);
            run.signal(libc::SIGUSR2);
            let lines = run.wait_for_lines("signal ", round + 1);
            assert!(lines.iter().all(|line| line.starts_with("signal 12 ")), "{signal}: {}", run.seen());
        }
    });
}

#[test]
fn what_never_arrives_can_be_rewritten_all_the_same() {
    agree(DUMB_INIT, |init| {
        let options = ["-r", "9:10", "-r", "17:10", "-r", "19:10"];
        init.child(Mode::Subreaper, &options, &["orphans", "3", "exit", "3"]).run().expect_code(3);
    });
}

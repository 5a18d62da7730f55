//! What every init must do, whatever its options: statuses, signals, the end of what was forwarded.

use crate::harness::{Mode, Pty, can_be_pid1, kill, process, signals, test_name};
use crate::suite::{agree, fault};

/// Each init with the options under which it forwards to one process and complains of nothing.
const ALL: [(&str, &[&str]); 3] = [("tini", &["-s", "--"]), ("dumb-init", &["-c"]), ("catatonit", &["--"])];

/// Signals that end a process, and that nobody keeps for himself.
fn deadly() -> impl Iterator<Item = i32> {
    signals().filter(|signal| !matches!(signal, 17..=23 | 28))
}

fn list(numbers: impl Iterator<Item = i32>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_exit_status_is_the_program_s() {
    for (name, options) in ALL {
        agree(name, |init| {
            let script = format!(
                "for i in $(seq 0 255); do $init {} sh -c \"exit $i\" 2>&1; [ $? = $i ] || echo wrong $i; done",
                options.join(" ")
            );
            assert_eq!(init.script(&script).stdout.matches("wrong").count(), 0);
        });
    }
}

#[test]
fn every_signal_that_kills_the_program_is_128_and_its_number() {
    for (name, options) in ALL {
        agree(name, |init| {
            let script = format!(
                "for i in {}; do $init {} $child die $i 2>/dev/null; [ $? = $((128+i)) ] || echo wrong $i; done",
                list(deadly()),
                options.join(" ")
            );
            assert_eq!(init.script(&script).stdout, "");
        });
    }
}

/// Sends each of `sent` and waits for it to arrive.
fn each_arrives(name: &str, options: &[&str], mode: Mode, sent: &[i32], number: Option<&'static str>) {
    let case = |init: &crate::suite::Init| {
        let run = init.child(mode, options, &["record"]).spawn();
        run.wait_ready("");
        for signal in sent {
            run.signal(*signal);
            init.wait_for_line(&run, &format!("signal {signal} "));
        }
    };
    match number {
        None => agree(name, case),
        Some(number) => fault(name, number, "it is not forwarded, or ends the init", case),
    }
}

/// T11, and catatonit's C6 as well: what a process sent although it is the kernel's to send.
const KERNEL_S: [i32; 7] =
    [libc::SIGABRT, libc::SIGTRAP, libc::SIGSYS, libc::SIGFPE, libc::SIGILL, libc::SIGBUS, libc::SIGSEGV];
/// Left out by all: TTIN and TTOU by tini (T11), all three by catatonit (C2), and rewritten by dumb-init.
const JOB_CONTROL: [i32; 3] = [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU];

fn all_but(without: &[i32]) -> Vec<i32> {
    signals().filter(|signal| !without.contains(signal)).collect()
}

#[test]
fn every_signal_is_forwarded() {
    let easy = all_but(&[KERNEL_S.as_slice(), &JOB_CONTROL].concat());
    let modes = [Mode::Subreaper, Mode::Pid1];
    let count = if can_be_pid1(&test_name!()) { 2 } else { 1 };
    for mode in modes.into_iter().take(count) {
        each_arrives("tini", &["-s", "--"], mode, &easy, None);
        each_arrives("tini", &["-g", "-s", "--"], mode, &easy, None);
        each_arrives("tini", &["-s", "--"], mode, &[libc::SIGTSTP], None);
        each_arrives("catatonit", &["--"], mode, &easy, None);
        each_arrives("catatonit", &["-g", "--"], mode, &easy, None);
        each_arrives("dumb-init", &[], mode, &all_but(&JOB_CONTROL), None);
        each_arrives("dumb-init", &["-c"], mode, &all_but(&JOB_CONTROL), None);
    }
}

#[test]
fn t11_c6_signals_of_the_kernel_s_kind_are_forwarded() {
    for signal in KERNEL_S.into_iter().chain([libc::SIGTTIN, libc::SIGTTOU]) {
        each_arrives("tini", &["-s", "--"], Mode::Subreaper, &[signal], Some("T11"));
    }
    for signal in KERNEL_S {
        each_arrives("catatonit", &["--"], Mode::Subreaper, &[signal], Some("C6"));
    }
}

#[test]
fn c2_job_control_signals_are_forwarded() {
    for signal in JOB_CONTROL {
        each_arrives("catatonit", &["--"], Mode::Subreaper, &[signal], Some("C2"));
    }
}

#[test]
fn t2_an_inherited_ignored_sigchld_hides_no_end() {
    for (name, options) in ALL {
        let case = |init: &crate::suite::Init| {
            let run = init.child(Mode::Subreaper, options, &["exit", "3"]).before(["ignore", "17"]).spawn();
            init.end(run).expect_code(3);
        };
        match name {
            // dumb-init sets SIGCHLD to its default, as we do.
            "dumb-init" => agree(name, case),
            _ => fault(name, "T2", "the kernel reaps, and the init waits for ever", case),
        }
    }
}

#[test]
fn t12_a_stopped_program_obeys() {
    for (name, options) in ALL {
        fault(name, "T12", "TERM reaches a stopped process, which sleeps on for want of a CONT", |init| {
            let run =
                init.child(Mode::Subreaper, options, &["ready", "stop-self", "19", "record", "15"]).spawn();
            let main = run.wait_ready("");
            run.eventually(|_| process(main).is_some_and(|p| p.state == 'T'), "it is stopped");
            run.signal(libc::SIGTERM);
            init.end(run).expect_code(143);
        });
    }
}

#[test]
fn t13_as_pid_1_what_is_left_is_told_and_given_its_time() {
    if !crate::harness::can_be_pid1("compliance t13") {
        return;
    }
    for (name, options) in ALL {
        fault(name, "T13", "the kernel kills what is left with the init, untold", |init| {
            let ended = init.child(Mode::Pid1, options, &["leave", "slow,session", "exit", "3"]).run();
            ended.expect_code(3);
            assert_eq!(ended.lines("slow: clean").len(), 1, "{ended:#?}");
            assert_eq!(ended.lines("session: end").len(), 1, "{ended:#?}");
        });
        agree(name, |init| {
            let child = init.child(Mode::Pid1, options, &["leave", "plain,session", "exit", "3"]);
            let ended = child.env("SEXTON_GRACE", "0").run();
            ended.expect_code(3);
            assert_eq!(ended.lines("session: signal").len(), 0, "{ended:#?}");
        });
    }
}

#[test]
fn the_program_has_the_terminal_and_its_interrupt_ends_it() {
    for (name, options) in ALL {
        agree(name, |init| {
            let pty = Pty::new();
            let words = ["to-output", "read-tty", "reset", "sleep"];
            let run = pty.attach(init.child(Mode::Subreaper, options, &words)).spawn();
            run.wait_for_line("reading");
            pty.type_in("word\n");
            run.wait_for_line("read word");
            run.wait_ready("");
            pty.type_in("\x03");
            run.wait().expect_code(130);
        });
    }
}

#[test]
fn not_as_pid_1_what_is_left_is_left_alone() {
    for (name, options) in ALL {
        agree(name, |init| {
            let mut run =
                init.child(Mode::Subreaper, options, &["leave", "kid,session", "exit", "3"]).spawn();
            let left = [run.wait_ready("kid"), run.wait_ready("session")];
            run.wait_for_end().expect_code(3);
            kill(left[0], libc::SIGUSR2);
            kill(left[1], libc::SIGTERM);
            run.wait_for_line("kid: signal 12 ");
            run.wait_for_line("session: signal 15 ");
            assert_eq!(run.lines("kid: signal ").len(), 1, "{}", run.seen());
            assert_eq!(run.lines("session: signal ").len(), 1, "{}", run.seen());
        });
    }
}

#[test]
fn t19_a_payload_arrives() {
    for (name, options) in ALL {
        fault(name, "T19", "kill(2) has no payload", |init| {
            let run = init.child(Mode::Subreaper, options, &["record"]).spawn();
            run.wait_ready("");
            run.queue(libc::SIGUSR1, 42);
            init.wait_for_line(&run, "signal 10 ");
            assert!(run.lines("signal 10 ")[0].ends_with("value 42"), "{}", run.seen());
        });
    }
}

#[test]
fn our_own_variables_work_under_every_name() {
    for (name, options) in ALL {
        agree(name, |init| {
            if init.is_original {
                return;
            }
            let child = || init.child(Mode::Subreaper, options, &["status"]);
            let ended = child().env("SEXTON_REMAP_EXIT", "0:7").run();
            ended.expect_code(7);
            assert!(!ended.stdout.contains("env SEXTON_"), "{ended:#?}");
            let ended = child().env("SEXTON_GRACE", "soon").run();
            ended.expect_code(1).expect_said(&["SEXTON_GRACE", "soon"]);
            assert!(ended.stdout.is_empty());
        });
    }
}

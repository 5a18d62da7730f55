//! The init leads the session of a terminal, as under `docker run -it`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Mode, Pty, Running, Sexton, both, sexton_only, test_name};
use std::process::Stdio;

const INTERRUPT: &str = "\x03";
const SUSPEND: &str = "\x1a";

/// Starts it on a terminal of its own and waits until the program is ready.
#[track_caller]
fn start(run: Sexton) -> (Pty, Running) {
    let pty = Pty::new();
    let run = pty.attach(run).spawn();
    run.wait_ready("");
    (pty, run)
}

/// Types ^C; the main process and its child must get it, each of them once.
#[track_caller]
fn interrupt_arrives_once(pty: &Pty, run: &Running) {
    pty.type_in(INTERRUPT);
    run.wait_for_line("signal 2 ");
    run.wait_for_line("kid: signal 2 ");
    run.signal(libc::SIGUSR1);
    run.wait_for_line("signal 10 ");
    assert_eq!(run.lines("signal 2 ").len(), 1, "{}", run.seen());
    assert_eq!(run.lines("kid: signal 2 ").len(), 1, "{}", run.seen());
}

both! {
    fn an_interrupt_arrives_once(mode: Mode) {
        let (pty, run) = start(mode.child(["to-output", "leave", "kid", "record"]));
        interrupt_arrives_once(&pty, &run);
    }
}

both! {
    fn d6_an_interrupt_arrives_once_with_single_child(mode: Mode) {
        sexton_only!("-c");
        let (pty, run) = start(mode.child(["to-output", "leave", "kid", "record"]).options(["-c"]));
        interrupt_arrives_once(&pty, &run);
    }
}

both! {
    fn d6_an_interrupt_arrives_once_in_every_kind_of_group(mode: Mode) {
        sexton_only!("--leader");
        for leader in ["group", "session", "none"] {
            let options = ["--leader", leader];
            let (pty, run) = start(mode.child(["to-output", "leave", "kid", "record"]).options(options));
            interrupt_arrives_once(&pty, &run);
            assert!(run.lines("signal 1 ").is_empty(), "the hand-over was heard: {}", run.seen());
        }
    }
}

both! {
    fn the_program_has_the_terminal(mode: Mode) {
        let pty = Pty::new();
        let run = pty.attach(mode.child(["read-tty", "exit", "3"])).spawn();
        pty.wait_for("reading", 1);
        pty.type_in("hello\n");
        pty.wait_for("read hello", 1);
        run.wait().expect_code(3);
    }
}

both! {
    fn a_session_of_its_own_takes_the_terminal_along(mode: Mode) {
        sexton_only!("--leader");
        let pty = Pty::new();
        let run = pty.attach(mode.child(["read-tty", "exit", "3"]).options(["--leader=session"])).spawn();
        pty.wait_for("reading", 1);
        pty.type_in("hello\n");
        pty.wait_for("read hello", 1);
        run.wait().expect_code(3);
    }
}

both! {
    fn t8_a_program_whose_stdin_is_no_terminal_can_read_it(mode: Mode) {
        let pty = Pty::new();
        let run = pty.attach(mode.child(["read-tty", "exit", "3"])).stdin(Stdio::null()).spawn();
        pty.wait_for("reading", 1);
        pty.type_in("hello\n");
        pty.wait_for("read hello", 1);
        run.wait().expect_code(3);
    }
}

both! {
    fn t8_an_interrupt_reaches_all_though_stdin_is_no_terminal(mode: Mode) {
        let pty = Pty::new();
        let run = pty.attach(mode.child(["to-output", "leave", "kid", "record"])).stdin(Stdio::null()).spawn();
        run.wait_ready("");
        interrupt_arrives_once(&pty, &run);
    }
}

both! {
    fn t6_a_suspend_key_does_not_freeze_the_container(mode: Mode) {
        let (pty, run) = start(mode.child(["to-output", "record-but", "20"]));
        for count in 1..=2 {
            pty.type_in(SUSPEND);
            run.wait_for_lines("signal 18 ", count);
            pty.type_in(INTERRUPT);
            run.wait_for_lines("signal 2 ", count);
        }
        assert!(harness::process(run.init).is_some_and(|p| p.state == 'S'), "{}", run.seen());
    }
}

both! {
    fn a_program_that_somebody_stopped_stays_stopped(mode: Mode) {
        let (_pty, run) = start(mode.child(["to-output", "record"]));
        let main = run.wait_ready("");
        harness::kill(main, libc::SIGSTOP);
        run.eventually(|_| harness::process(main).is_some_and(|p| p.state == 'T'), "it is stopped");
        run.signal(libc::SIGUSR1);
        // Longer than a program that may not stop would be left alone.
        std::thread::sleep(std::time::Duration::from_millis(1300));
        assert!(harness::process(main).is_some_and(|p| p.state == 'T'), "{}", run.seen());
        harness::kill(main, libc::SIGCONT);
        run.wait_for_line("signal 10 ");
    }
}

both! {
    fn a_new_size_of_the_terminal_arrives(mode: Mode) {
        let (pty, run) = start(mode.child(["to-output", "record"]));
        pty.resize(40, 100);
        run.wait_for_line("signal 28 ");
        run.signal(libc::SIGUSR1);
        run.wait_for_line("signal 10 ");
        assert_eq!(run.lines("signal 28 ").len(), 1, "{}", run.seen());
    }
}

both! {
    fn the_end_of_the_terminal_arrives(mode: Mode) {
        let (pty, run) = start(mode.child(["to-output", "record"]).stderr(Stdio::null()));
        pty.hang_up();
        run.wait_for_line("signal 1 ");
    }
}

both! {
    fn a_shell_as_the_program_has_job_control(mode: Mode) {
        let pty = Pty::new();
        let run = pty.attach(interactive_shell(mode)).spawn();
        pty.wait_for("prompt@", 1);
        pty.type_in("sleep 1000\n");
        run.eventually(|run| run.below().iter().any(|p| p.name == "sleep" && p.group == pty.foreground()), "it sleeps");
        pty.type_in(SUSPEND);
        pty.wait_for("prompt@", 2);
        pty.type_in("fg\n");
        let sleeps = |run: &Running| {
            let below = run.below();
            below.iter().any(|p| p.name == "sleep" && p.state == 'S' && p.group == pty.foreground())
        };
        run.eventually(sleeps, "it sleeps again");
        pty.type_in(INTERRUPT);
        pty.wait_for("prompt@", 3);
        pty.type_in("exit 7\n");
        run.wait().expect_code(7);
    }
}

/// A shell that prompts with `prompt@`; `$child` is the child program.
fn interactive_shell(mode: Mode) -> Sexton {
    let bash = ["bash", "--noprofile", "--norc", "--noediting", "-i"];
    let shell = if std::path::Path::new("/bin/bash").exists() { &bash as &[&str] } else { &["sh", "-i"] };
    mode.command(shell)
        .env("child", harness::child_program())
        .env("PS1", "prompt@ ")
        .env("HISTFILE", "/dev/null")
}

both! {
    fn an_interrupt_ends_the_grace(mode: Mode) {
        sexton_only!("--grace");
        let child = mode.child(["to-output", "leave", "deaf", "on", "10", "exit", "3"]);
        let (pty, run) = start(child.options(["--grace", "1h"]).stderr(Stdio::null()));
        run.signal(libc::SIGUSR1);
        run.wait_for_line("deaf: signal 15 ");
        run.eventually(|run| harness::process(run.init).is_some_and(|p| p.group == pty.foreground()), "the init has the terminal");
        pty.type_in(INTERRUPT);
        run.wait().expect_code(3);
    }
}

//! The init below a shell on a terminal: it leaves to the shell what is the shell's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Mode, Pty, Running, Sexton, process};

const INTERRUPT: &str = "\x03";
const SUSPEND: &str = "\x1a";

/// A command that runs on a terminal, with `$init` and `$child` at hand.
fn on_terminal(pty: &Pty, command: &[&str]) -> Running {
    let run: Sexton = Mode::Bare.command(command).env("init", harness::init_under_test().join(" "));
    let run = run.env("child", harness::child_program()).env("PS1", "prompt@ ").env("HISTFILE", "/dev/null");
    pty.attach(run).spawn()
}

/// An interactive shell that has shown its first prompt, `prompt@`.
fn interactive_shell(pty: &Pty) -> Running {
    let bash = std::path::Path::new("/bin/bash").exists();
    let bash_words = ["bash", "--noprofile", "--norc", "--noediting", "-i"];
    let run = on_terminal(pty, if bash { &bash_words } else { &["sh", "-i"] });
    pty.wait_for("prompt@", 1);
    run
}

/// The init that the shell has started.
fn init_below(run: &Running) -> i32 {
    let init = run.below().into_iter().find(|p| p.parent == run.init);
    init.unwrap_or_else(|| panic!("the shell has no child: {}", run.seen())).pid
}

#[test]
fn t6_suspended_below_a_shell_the_prompt_returns() {
    let pty = Pty::new();
    let run = interactive_shell(&pty);
    pty.type_in("$init \"$child\" to-output record-but 20 12; echo \"status $?\"\n");
    run.wait_ready("");
    let init = init_below(&run);
    for round in 1..=2 {
        pty.type_in(SUSPEND);
        pty.wait_for("prompt@", 1 + round);
        assert!(process(init).is_some_and(|p| p.state == 'T'), "{}", run.seen());
        assert_eq!(pty.foreground(), run.init, "the shell has the terminal: {}", run.seen());
        pty.type_in("fg\n");
        run.wait_for_lines("signal 18 ", round);
        run.eventually(|_| pty.foreground() != run.init, "the terminal is the program's again");
        pty.type_in(INTERRUPT);
        run.wait_for_lines("signal 2 ", round);
    }
    let main = run.wait_ready("");
    harness::kill(main, libc::SIGUSR2);
    pty.wait_for("prompt@", 4);
    pty.type_in("echo \"the end: $?\"\n");
    pty.wait_for("the end: 0", 1);
}

#[test]
fn t7_in_the_background_the_terminal_is_the_shell_s() {
    let pty = Pty::new();
    let run = interactive_shell(&pty);
    pty.type_in("$init \"$child\" to-output record 12 &\n");
    let main = run.wait_ready("");
    pty.type_in("echo \"still $((40 + 2))\"\n");
    pty.wait_for("still 42", 1);
    assert_eq!(pty.foreground(), run.init, "{}", run.seen());
    pty.type_in("fg\n");
    run.eventually(|_| pty.foreground() != run.init, "the terminal is the program's");
    harness::kill(main, libc::SIGUSR2);
    pty.type_in("echo \"again $((40 + 3))\"\n");
    pty.wait_for("again 43", 1);
}

#[test]
fn t6_interrupted_below_a_shell_the_program_ends() {
    let pty = Pty::new();
    let run = interactive_shell(&pty);
    pty.type_in("$init \"$child\" to-output sleep\n");
    run.wait_ready("");
    pty.type_in(INTERRUPT);
    pty.wait_for("prompt@", 2);
    pty.type_in("echo \"the end: $?\"\n");
    pty.wait_for("the end: 130", 1);
}

#[test]
fn t9_a_script_can_read_the_terminal_afterwards() {
    let pty = Pty::new();
    let script = "$init \"$child\" exit 3; echo \"status $?\"; read line < /dev/tty; echo \"got $line\"";
    let run = on_terminal(&pty, &["sh", "-c", script]);
    pty.wait_for("status 3", 1);
    pty.type_in("hello\n");
    pty.wait_for("got hello", 1);
    run.wait().expect_code(0);
}

#[test]
fn t8_in_a_script_s_pipe_the_program_can_read_the_terminal() {
    let pty = Pty::new();
    let run = on_terminal(&pty, &["sh", "-c", "echo | $init \"$child\" read-tty exit 3; echo \"status $?\""]);
    pty.wait_for("reading", 1);
    pty.type_in("hello\n");
    pty.wait_for("read hello", 1);
    pty.wait_for("status 3", 1);
    run.wait().expect_code(0);
}

#[test]
fn t8_t9_two_inits_in_one_pipe_end() {
    let pty = Pty::new();
    let script = "$init sh -c 'echo one' | $init cat; read line < /dev/tty; echo \"got $line\"";
    let run = on_terminal(&pty, &["sh", "-c", script]);
    pty.wait_for("one", 1);
    pty.type_in("hello\n");
    pty.wait_for("got hello", 1);
    run.wait().expect_code(0);
}

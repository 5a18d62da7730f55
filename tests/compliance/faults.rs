//! Faults of the originals that have to do with no option of theirs: the log, terminals, idling. T1 and D2 are races,
//! which an original does not lose each time, and T7 needs an interactive shell: docs/other-inits.md says how to see those.

use crate::harness::{self, Mode, Pipe, Pty, Running};
use crate::suite::fault;

const TINI: &str = "tini";
const OPTIONS: [&str; 2] = ["-s", "--"];

#[test]
fn t4_a_closed_log_does_not_hurt_the_program() {
    fault(TINI, "T4", "SIGPIPE of its own log is forwarded", |init| {
        let Pipe { reader, writer } = Pipe::new();
        drop(reader);
        let words = ["to-output", "orphans", "3", "record", "12"];
        let run = init.child(Mode::Subreaper, &["-s", "-w", "--"], &words).stderr(writer).spawn();
        run.wait_ready("");
        run.eventually(|run| run.below().len() == 1, "the orphans are reaped");
        run.signal(libc::SIGUSR2);
        run.wait_for_line("end");
        assert!(run.lines("signal 13 ").is_empty(), "{}", run.seen());
    });
}

#[test]
fn t5_a_full_log_does_not_hide_the_end() {
    fault(TINI, "T5", "it waits for somebody to read", |init| {
        let Pipe { reader, writer } = Pipe::new();
        let child = init.child(Mode::Subreaper, &["-s", "-w", "--"], &["orphans", "20", "exit", "3"]);
        init.end(child.before(["fill", "2"]).stderr(writer).spawn()).expect_code(3);
        drop(reader);
    });
}

#[test]
fn t6_a_suspend_key_does_not_freeze_the_container() {
    fault(TINI, "T6", "the program stays stopped, and nobody is there who could continue it", |init| {
        let pty = Pty::new();
        let words = ["to-output", "record-but", "20"];
        let run = pty.attach(init.child(Mode::Subreaper, &OPTIONS, &words)).spawn();
        run.wait_ready("");
        pty.type_in("\x1a");
        init.wait_for_line(&run, "signal 18 ");
    });
}

#[test]
fn t8_a_program_whose_stdin_is_no_terminal_can_read_it() {
    fault(TINI, "T8", "the terminal is not handed over, and reading it stops the program", |init| {
        let pty = Pty::new();
        let child = init.child(Mode::Subreaper, &OPTIONS, &["to-output", "read-tty", "exit", "3"]);
        let run = pty.attach(child).stdin(std::process::Stdio::null()).spawn();
        run.wait_for_line("reading");
        pty.type_in("word\n");
        init.wait_for_line(&run, "read word");
    });
}

#[test]
fn t9_a_script_can_read_the_terminal_afterwards() {
    fault(TINI, "T9", "the terminal is not given back, and reading it stops the script", |init| {
        let pty = Pty::new();
        let script = "$init -s -- \"$child\" exit 3; echo \"status $?\" >>\"$TEST_OUTPUT\"
            read line </dev/tty; echo \"got $line\" >>\"$TEST_OUTPUT\"";
        let run = pty.attach(Mode::Bare.shell(script).env("init", init.path())).spawn();
        run.wait_for_line("status 3");
        pty.type_in("word\n");
        init.wait_for_line(&run, "got word");
    });
}

#[test]
fn t16_nothing_wakes_an_idle_init() {
    fault(TINI, "T16", "it looks for zombies once a second", |init| {
        let run = init.child(Mode::Subreaper, &OPTIONS, &["sleep"]).spawn();
        run.wait_ready("");
        run.eventually(|run| harness::process(run.init).is_some_and(|p| p.state == 'S'), "it sleeps");
        let sleeps = || harness::field(run.init, "voluntary_ctxt_switches:");
        let before = sleeps();
        // Not a wait for anything: the interval that is measured.
        std::thread::sleep(std::time::Duration::from_millis(2500));
        assert_eq!(sleeps(), before, "{}", run.seen());
    });
}

#[test]
fn t18_a_reader_sees_the_end_of_what_the_program_closes() {
    fault(TINI, "T18", "it holds all that it has inherited", |init| {
        let Pipe { reader, writer } = Pipe::new();
        let run = init.child(Mode::Subreaper, &OPTIONS, &["to-output", "sleep"]).stdout(writer).spawn();
        run.wait_ready("");
        let holds = |run: &Running| {
            harness::open_descriptors(run.init).iter().any(|(_, file)| file.starts_with("pipe:"))
        };
        init.eventually(&run, |run| !holds(run), "it has let go of the pipe");
        assert!(harness::read_to_end(reader).is_empty());
    });
}

#[test]
fn d1_a_closed_log_does_not_keep_it_busy() {
    fault("dumb-init", "D1", "it tries for ever to say that it cannot say it", |init| {
        let Pipe { reader, writer } = Pipe::new();
        drop(reader);
        let child = init.child(Mode::Subreaper, &["-v"], &["exit", "3"]);
        init.end(child.stderr(writer).spawn()).expect_code(3);
    });
}

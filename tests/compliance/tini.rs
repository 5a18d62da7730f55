//! tini: each option and variable, and what it does.

use crate::harness::{Mode, can_be_pid1, kill, needs_root, test_name};
use crate::suite::{Init, agree, fault};

const TINI: &str = "tini";

#[test]
fn each_exit_status_can_be_remapped_alone() {
    agree(TINI, |init| {
        let script = "for i in $(seq 0 255); do
            $init -s -e $i -- sh -c \"exit $i\" 2>/dev/null || echo wrong $i
        done
        others=$(for i in $(seq 0 255); do [ $i = 77 ] || echo \"-e $i\"; done)
        $init -s $others -- sh -c 'exit 77'; echo $?
        $init -s $others -e 77 -- sh -c 'exit 77'; echo $?
        $init -s -e 137 -- sh -c 'kill -9 $$' 2>/dev/null; echo $?
        $init -s -e '' -- sh -c 'exit 3'; echo $?
        $init -s -e ' 3' -e +4 -- sh -c 'exit 4'; echo $?";
        assert_eq!(init.script(script).stdout, "77\n0\n0\n3\n0\n");
    });
}

#[test]
fn wrong_words_are_refused_with_1_and_nothing_is_started() {
    const WRONG: [&str; 20] = [
        "-x touch $f",
        "-sx touch $f",
        "--yolo touch $f",
        "--help touch $f",
        "--version touch $f",
        "-v --version",
        "--versio",
        "-p",
        "-p foo touch $f",
        "-p TERM touch $f",
        "-p 15 touch $f",
        "-p SIGRTMIN touch $f",
        "-p sigterm touch $f",
        "-e",
        "-e foo touch $f",
        "-e 256 touch $f",
        "-e -1 touch $f",
        "-e 3x touch $f",
        "-e 1:0 touch $f",
        "--",
    ];
    agree(TINI, |init| {
        for words in WRONG {
            let script =
                format!("f=$PWD/never-$$; $init {words}; code=$?; [ -e $f ] && echo started; exit $code");
            let ended = init.script(&script);
            ended.expect_code(1);
            assert!(ended.stdout.is_empty() && !ended.stderr.is_empty(), "{words}: {ended:#?}");
        }
        init.words(&[]).run().expect_code(1);
    });
}

#[test]
fn exec_failures_have_two_statuses() {
    agree(TINI, |init| {
        for (program, code) in
            [("no-such-program", 127), ("/no/such/file", 127), ("/etc/passwd", 126), ("/etc", 126)]
        {
            init.words(&["-s", program]).run().expect_code(code);
        }
    });
    for program in ["/etc/passwd/x", "/bin/sh/"] {
        fault(TINI, "T15", "every other errno is 1, as a usage error", |init| {
            let code = init.words(&["-s", program]).run().code;
            assert!(matches!(code, Some(126 | 127)), "{code:?}");
        });
    }
    fault(TINI, "T15", "an ELF file for another machine is fed to the shell", |init| {
        let script =
            "f=$(mktemp); printf '\\177ELF\\2\\1\\1\\0\\0\\0\\0\\0\\0\\0\\0\\0\\2\\0\\363\\3\\1\\0\\0\\0' >$f
            chmod +x $f; $init -s $f; code=$?; rm $f; exit $code";
        init.script(script).expect_code(126);
    });
}

#[test]
fn t17_options_end_at_the_program() {
    fault(TINI, "T17", "it takes the program's options for its own", |init| {
        let ended = init.words(&["-s", "echo", "-l"]).run();
        assert_eq!(ended.expect_code(0).stdout, "-l\n");
    });
    agree(TINI, |init| {
        let ended = init.words(&["-s", "--", "echo", "-l", "--", "-s"]).run();
        assert_eq!(ended.expect_code(0).stdout, "-l -- -s\n");
    });
}

/// Whether USR1 reaches the main process's child as well.
fn group_is_told(init: &Init, options: &[&str], variable: Option<(&str, &str)>, expected: bool) {
    let mut child = init.child(Mode::Subreaper, options, &["leave", "kid", "record"]);
    if let Some((name, value)) = variable {
        child = child.env(name, value);
    }
    let run = child.spawn();
    let (kid, _) = (run.wait_ready("kid"), run.wait_ready(""));
    run.signal(libc::SIGUSR1);
    run.wait_for_line("signal 10 ");
    // Behind what is already there, whoever sent it.
    kill(kid, libc::SIGTERM);
    run.wait_for_line("kid: signal 15 ");
    // 10 is delivered before 15: it is there by now or never.
    assert_eq!(run.lines("kid: signal 10 ").len(), usize::from(expected), "{}", run.seen());
}

#[test]
fn the_group_is_told_if_asked_for() {
    agree(TINI, |init| {
        group_is_told(init, &["-s", "--"], None, false);
        group_is_told(init, &["-s", "-g", "--"], None, true);
        group_is_told(init, &["-sg", "--"], None, true);
        group_is_told(init, &["-s", "--"], Some(("TINI_KILL_PROCESS_GROUP", "1")), true);
        group_is_told(init, &["-s", "--"], Some(("TINI_KILL_PROCESS_GROUP", "")), true);
    });
    fault(TINI, "T17", "a variable that says 0 means on", |init| {
        group_is_told(init, &["-s", "--"], Some(("TINI_KILL_PROCESS_GROUP", "0")), false);
    });
}

#[test]
fn the_parent_s_death_is_a_signal() {
    agree(TINI, |init| {
        let script = "$init -s -p SIGUSR2 -- $child record 12 &
            until grep -q ready $TEST_OUTPUT; do :; done";
        let run = Mode::Bare.shell(script).env("init", init.path()).spawn();
        run.wait_for_line("signal 12 ");
        run.wait_for_line("end");
    });
}

#[test]
fn every_name_of_a_signal_is_known_to_p() {
    agree(TINI, |init| {
        let script =
            "for s in HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM CHLD CONT STOP \
                          TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH SYS
            do $init -s -p SIG$s -- sh -c 'exit 7'; [ $? = 7 ] || echo $s; done";
        assert_eq!(init.script(script).expect_silence().stdout, "");
    });
}

#[test]
fn orphans_come_to_a_subreaper() {
    for (options, variable) in [(&["-s", "--"][..], None), (&["--"], Some("")), (&["--"], Some("1"))] {
        agree(TINI, |init| {
            let mut child = init.child(Mode::Subreaper, options, &["leave", "orphan", "record"]);
            if let Some(value) = variable {
                child = child.env("TINI_SUBREAPER", value);
            }
            let run = child.spawn();
            let (orphan, _) = (run.wait_ready("orphan"), run.wait_ready(""));
            let parent = || crate::harness::process(orphan).map(|orphan| orphan.parent);
            assert_eq!(parent(), Some(run.init), "{}", run.seen());
            kill(orphan, libc::SIGTERM);
            run.eventually(|_| parent().is_none(), "it is reaped");
        });
    }
}

#[test]
fn t10_closed_standard_input_is_no_obstacle() {
    fault(TINI, "T10", "the program is not run", |init| {
        init.script("$init -s -- sh -c 'exit 3' <&-").expect_code(3);
    });
}

#[test]
fn t3_a_signal_that_may_not_be_sent_ends_nothing() {
    needs_root!("a child of another user");
    const CAP_KILL: &str = "5";
    fault(TINI, "T3", "a harmless SIGWINCH ends it", |init| {
        let child = init.child(Mode::Subreaper, &["-s", "--"], &["as-uid", "65534", "record", "12"]);
        let run = child.before(["without-cap", CAP_KILL]).spawn();
        let main = run.wait_ready("");
        run.signal(libc::SIGWINCH);
        init.eventually(&run, |run| run.stderr().contains("SIGWINCH"), "it says so");
        kill(main, libc::SIGUSR2);
        init.end(run).expect_code(0);
    });
}

#[test]
fn as_pid_1_it_needs_no_option() {
    if !can_be_pid1(&test_name!()) {
        return;
    }
    agree(TINI, |init| {
        let ended = init.child(Mode::Pid1, &["--"], &["orphans", "3", "exit", "3"]).run();
        ended.expect_code(3).expect_silence();
        assert!(ended.stdout.is_empty());
    });
}

//! The exact texts: people and their tools search logs for them.

use std::time::Duration;

use super::super::fixture::Run;
use super::*;

fn said(run: &Run) -> String {
    line(&run.facts())
}

#[test]
fn killed_by_a_signal() {
    let mut run = Run::ended("python3", Ending::Killed { by: Signal::SEGV, core: true });
    run.ran = Duration::from_millis(3_200);
    assert_eq!(
        said(&run),
        "main process 7 (python3) was killed by SIGSEGV (core dumped) after 3.2s, max rss 212 MiB; exit status 139"
    );
    for by in Signal::all() {
        assert_eq!(
            said(&Run::killed("a", by)),
            format!(
                "main process 7 (a) was killed by {by} after 41m, max rss 212 MiB; exit status {}",
                128 + by.number()
            )
        );
    }
}

#[test]
fn out_of_memory() {
    assert_eq!(
        said(&Run::killed("java", Signal::KILL).oom(Some(0), 1)),
        "main process 7 (java) was killed by SIGKILL after 41m: out of memory (limit 512 MiB, 1 oom kill); \
         exit status 137"
    );
    let mut run = Run::killed("java", Signal::KILL).oom(Some(1), 3);
    run.oom.limit = None;
    assert_eq!(
        said(&run),
        "main process 7 (java) was killed by SIGKILL after 41m: out of memory (no limit of its own, 2 oom kills); \
         exit status 137"
    );
}

#[test]
fn a_kill_from_elsewhere_is_no_want_of_memory() {
    let plain = "main process 7 (java) was killed by SIGKILL after 41m, max rss 212 MiB; exit status 137";
    assert_eq!(said(&Run::killed("java", Signal::KILL).oom(Some(2), 2)), plain);
    assert_eq!(said(&Run::killed("java", Signal::KILL).oom(None, 0)), plain);
    assert_eq!(
        said(&Run::killed("java", Signal::KILL).oom(None, 3)),
        plain,
        "it had half of the limit at most"
    );
    let mut other = Run::killed("java", Signal::SEGV).oom(Some(0), 1);
    assert!(!said(&other).contains("memory"), "another process was killed");
    other.outcome.ending = Some(Ending::Exited(1));
    assert!(!said(&other).contains("memory"));
}

#[test]
fn what_is_not_known_is_not_claimed() {
    let mut run = Run::killed("java", Signal::KILL).oom(None, 3);
    run.max_rss = 500 << 10;
    assert_eq!(
        said(&run),
        "main process 7 (java) was killed by SIGKILL after 41m, max rss 500 MiB: probably out of memory \
         (limit 512 MiB, 3 oom kills, maybe from before the start); exit status 137"
    );
    assert_eq!(run.facts().cause().word(), "signaled");
}

#[test]
fn a_status_that_speaks_of_a_signal() {
    let shell = Run::ended("sh", Ending::Exited(137));
    assert_eq!(
        said(&shell),
        "main process 7 (sh) exited with status 137, which a shell returns when its command was killed by SIGKILL"
    );
    assert_eq!(
        said(&shell.oom(Some(0), 1)),
        "main process 7 (sh) exited with status 137, which a shell returns when its command was killed by SIGKILL: \
         out of memory (limit 512 MiB, 1 oom kill)"
    );
    let mut mapped = Run::ended("sh", Ending::Exited(139));
    mapped.status = 0;
    assert!(said(&mapped).ends_with("was killed by SIGSEGV; exit status 0"), "{}", said(&mapped));
}

#[test]
fn exited() {
    assert_eq!(
        said(&Run::ended("sh", Ending::Exited(3))),
        "main process 7 (sh) exited with status 3 after 41m, max rss 212 MiB; exit status 3"
    );
    let asked = Run::ended("java", Ending::Exited(143)).stopped(Signal::TERM, Origin::Process, 0);
    assert_eq!(
        said(&asked),
        "main process 7 (java) exited with status 143 after 41m, max rss 212 MiB; \
         a stop had been requested 10s before (SIGTERM from outside); exit status 143"
    );
}

#[test]
fn by_whom_a_stop_had_been_requested() {
    for (signal, origin, sender, words) in [
        (Signal::TERM, Origin::Process, 0, "SIGTERM from outside"),
        (Signal::TERM, Origin::Queued(5), 12, "SIGTERM from process 12"),
        (Signal::INT, Origin::Kernel, 0, "SIGINT from the terminal"),
        (Signal::PIPE, Origin::Kernel, 0, "SIGPIPE from the kernel"),
    ] {
        assert_eq!(
            said(&Run::killed("node", Signal::KILL).stopped(signal, origin, sender)),
            format!(
                "main process 7 (node) was killed by SIGKILL after 41m, max rss 212 MiB; \
                 a stop had been requested 10s before ({words}); exit status 137"
            )
        );
    }
}

#[test]
fn timeout_and_escalation() {
    let mut run = Run::killed("node", Signal::TERM);
    run.outcome.timed_out = true;
    run.status = 124;
    assert_eq!(
        said(&run),
        "main process 7 (node) was killed by SIGTERM after 41m, max rss 212 MiB: --timeout had run out; \
         exit status 124"
    );
    run.outcome.ending = Some(Ending::Exited(137));
    assert!(said(&run).contains("exited with status 137 after 41m, max rss 212 MiB: --timeout had run out"));
    let mut run = Run::killed("node", Signal::KILL).stopped(Signal::TERM, Origin::Process, 0).oom(Some(0), 1);
    run.outcome.killed_by_plan = true;
    assert_eq!(
        said(&run),
        "main process 7 (node) was killed by SIGKILL after 41m, max rss 212 MiB: it had not obeyed the stop request \
         before --escalate's last step; a stop had been requested 10s before (SIGTERM from outside); exit status 137"
    );
}

#[test]
fn no_end_and_no_beginning() {
    let mut run = Run::killed("node", Signal::KILL);
    run.outcome.ending = None;
    run.status = 125;
    assert_eq!(said(&run), "the end of main process 7 was never seen; exit status 125");
    let mut facts = run.facts();
    facts.main = Err("cannot execute x: not in PATH");
    assert_eq!(line(&facts), "cannot execute x: not in PATH");
}

#[test]
fn names_are_harmless_and_arguments_are_not_shown() {
    let mut run = Run::killed("a\nb\u{1b}[31m", Signal::SEGV);
    assert!(said(&run).starts_with("main process 7 (a\\x0ab\\x1b[31m) was killed"), "{}", said(&run));
    run.name = "";
    let mut facts = run.facts();
    if let Ok(main) = &mut facts.main {
        main.name = None;
    }
    assert!(line(&facts).starts_with("main process 7 (a\\x0ab\\x1b[31m) was killed"), "of the command");
    assert!(!line(&facts).contains("secret"));
}

#[test]
fn what_was_asked_for_is_expected() {
    let expected = |run: &Run, terminal| !is_unexpected(&run.outcome, terminal);
    assert!(expected(&Run::ended("a", Ending::Exited(1)), false));
    assert!(expected(&Run::killed("a", Signal::TERM).stopped(Signal::TERM, Origin::Process, 0), false));
    assert!(expected(&Run::ended("a", Ending::Exited(143)).stopped(Signal::TERM, Origin::Process, 0), false));
    assert!(expected(&Run::killed("a", Signal::INT), true), "^C");
    assert!(!expected(&Run::killed("a", Signal::INT), false));
    assert!(!expected(&Run::killed("a", Signal::KILL).stopped(Signal::TERM, Origin::Process, 0), false));
}

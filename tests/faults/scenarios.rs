//! Runs that together make every system call sexton makes.

use crate::harness::{
    Mode, Pipe, Pty, Running, Scratch, Sexton, all_processes, deadline, is_root, next_tick, try_kill,
};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Where the log goes, which decides how it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Log {
    File,
    Pipe,
    Socket,
    Terminal,
}

/// A run, and what is done to it from outside.
pub struct Scenario {
    pub name: &'static str,
    pub modes: &'static [Mode],
    pub log: Log,
    /// On a terminal of its own, as a session's leader.
    pub terminal: bool,
    pub make: fn(Mode, &Scratch) -> Sexton,
    /// Called every few milliseconds until the end.
    pub drive: fn(&mut Driver, &Running),
    /// What the kernel knows nothing of here: the ways around these calls are to be tried as well.
    pub without: &'static [libc::c_long],
    /// Its result is a file of this name, which is there or its absence is said.
    pub file: Option<&'static str>,
}

/// What has been done to a run so far.
pub struct Driver {
    /// Where its log is, if that is not where it usually is.
    log: PathBuf,
    is_done: bool,
    began: Instant,
    complaint: Option<Instant>,
    stopped: Option<Instant>,
    /// sexton said that it cannot send, and the test has ended the program in its place.
    pub has_killed: bool,
}

/// After a complaint the program still has this long to end by itself.
const PATIENCE: Duration = Duration::from_millis(150);

impl Driver {
    pub fn new(log: PathBuf) -> Self {
        Self { log, is_done: false, began: Instant::now(), complaint: None, stopped: None, has_killed: false }
    }

    /// Once: what is to happen when `holds`.
    fn once(&mut self, run: &Running, holds: impl Fn(&Running) -> bool, act: impl Fn(&Running)) {
        if !self.is_done && holds(run) {
            act(run);
            self.is_done = true;
        }
    }

    /// A program that sexton says it cannot signal is ended by the test.
    fn kill_if_sexton_cannot(&mut self, run: &Running) {
        let log = std::fs::read_to_string(&self.log).unwrap_or_else(|_| run.stderr());
        let complains = ["cannot send", "cannot receive"].iter().any(|part| log.contains(part));
        // It may have been the log that failed.
        let is_late = self.began.elapsed() > deadline() / 3;
        let since = self.complaint.get_or_insert_with(Instant::now);
        if !complains && !is_late {
            self.complaint = None;
        } else if since.elapsed() > PATIENCE && !self.has_killed {
            self.has_killed = true;
            for process in run.below().iter().filter(|process| process.state != 'Z') {
                try_kill(process.pid, libc::SIGKILL);
            }
        }
    }
}

fn zombies(run: &Running) -> usize {
    all_processes().iter().filter(|process| process.parent == run.init && process.state == 'Z').count()
}

fn nothing(_: &mut Driver, _: &Running) {}

fn is_ready(run: &Running) -> bool {
    !run.lines("ready").is_empty()
}

fn term_when_ready(driver: &mut Driver, run: &Running) {
    driver.once(run, is_ready, |run| run.signal(libc::SIGTERM));
    driver.kill_if_sexton_cannot(run);
}

const BOTH: &[Mode] = &[Mode::Pid1, Mode::Subreaper];
const ONE: &[Mode] = &[Mode::Subreaper];
const PID1: &[Mode] = &[Mode::Pid1];

const PLAIN: Scenario = Scenario {
    name: "",
    modes: BOTH,
    log: Log::File,
    terminal: false,
    make: |mode, _| mode.child(["say", "started", "exit", "7"]),
    drive: nothing,
    without: &[],
    file: None,
};

/// All of them.
pub const SCENARIOS: &[Scenario] = &[
    Scenario { name: "an ordinary run", ..PLAIN },
    Scenario {
        name: "a log in a file",
        make: |mode, _| mode.child(["say", "started", "exit", "7"]).options(["-vv"]),
        ..PLAIN
    },
    Scenario {
        name: "a log in a pipe",
        modes: ONE,
        log: Log::Pipe,
        make: |mode, _| mode.child(["say", "started", "die", "9"]).options(["-v"]),
        ..PLAIN
    },
    Scenario {
        name: "a log in a socket",
        modes: ONE,
        log: Log::Socket,
        make: |mode, _| mode.child(["say", "started", "die", "9"]).options(["-v", "--log-format=json"]),
        ..PLAIN
    },
    Scenario {
        name: "a log on a terminal",
        modes: ONE,
        log: Log::Terminal,
        terminal: true,
        make: |mode, _| mode.child(["to-output", "say", "started", "die", "9"]).options(["-v"]),
        ..PLAIN
    },
    Scenario {
        name: "signals",
        make: |mode, _| mode.child(["record", "64"]),
        drive: |driver, run| {
            driver.once(run, is_ready, |run| {
                // The last one is the one with the highest number, which is taken last.
                run.signal(libc::SIGUSR1);
                run.queue(40, 7);
                run.signal(41);
                run.signal(libc::SIGTERM);
                run.signal(64);
            });
            driver.kill_if_sexton_cannot(run);
        },
        ..PLAIN
    },
    Scenario {
        name: "signals without rt_sigtimedwait",
        without: &[libc::SYS_rt_sigtimedwait],
        make: |mode, _| mode.child(["record", "15"]),
        drive: term_when_ready,
        ..PLAIN
    },
    Scenario {
        name: "an ordinary run without rt_sigtimedwait and signalfd",
        modes: ONE,
        without: &[libc::SYS_rt_sigtimedwait, libc::SYS_signalfd4],
        ..PLAIN
    },
    Scenario { name: "an ordinary run without wait4", without: &[libc::SYS_wait4], modes: PID1, ..PLAIN },
    Scenario {
        name: "an ordinary run without close_range",
        without: &[libc::SYS_close_range],
        modes: ONE,
        ..PLAIN
    },
    Scenario {
        name: "orphans",
        make: |mode, _| mode.child(["orphans", "3", "killed-orphans", "2", "9", "record", "15"]),
        drive: |driver, run| {
            driver.once(run, |run| is_ready(run) && zombies(run) == 0, |run| run.signal(libc::SIGTERM));
            driver.kill_if_sexton_cannot(run);
        },
        ..PLAIN
    },
    Scenario {
        name: "orphans with --warn-orphans",
        make: |mode, _| {
            mode.child(["orphans", "3", "killed-orphans", "2", "9", "record", "15"]).options(["-w"])
        },
        drive: |driver, run| {
            driver.once(run, |run| is_ready(run) && zombies(run) == 0, |run| run.signal(libc::SIGTERM));
            driver.kill_if_sexton_cannot(run);
        },
        ..PLAIN
    },
    Scenario {
        name: "what is left",
        make: |mode, _| {
            let script = "\"$child\" leave plain sleep & exec \"$child\" leave deaf-orphan on 10 exit 3";
            mode.shell(script).options(["-c", "--grace", "80ms"])
        },
        drive: |driver, run| {
            let others = ["plain: ready", "deaf-orphan: ready"];
            let all_there = |run: &Running| {
                run.lines("ready").len() == 2 && others.iter().all(|name| run.lines(name).len() == 1)
            };
            driver.once(run, all_there, |run| run.signal(libc::SIGUSR1));
            driver.kill_if_sexton_cannot(run);
        },
        ..PLAIN
    },
    Scenario {
        name: "what was told",
        make: |mode, _| {
            mode.child(["leave", "deaf,session", "record", "15"]).options(["--grace", "80ms", "-v"])
        },
        drive: |driver, run| {
            driver.once(run, is_ready, |run| {
                // Whoever is started in the same tick counts as not told.
                next_tick();
                run.signal(libc::SIGTERM);
            });
            driver.kill_if_sexton_cannot(run);
        },
        ..PLAIN
    },
    Scenario {
        name: "launch options",
        make: |mode, scratch| {
            let directory = scratch.path().to_str().expect("UTF-8");
            let options = [
                "--rlimit=nofile=30",
                "--rlimit=core=0:0",
                "--nice=1",
                "--umask=027",
                "--oom-score-adj=500",
                "--no-new-privs",
                "--cpu-list=0",
                "--chdir",
                directory,
            ];
            let user: &[&str] = if is_root() { &["--user", "4001:4002"] } else { &[] };
            let words = ["show", "status", "show", "limits", "show", "oom_score_adj", "status", "exit", "5"];
            mode.child(words).options(options).options(user)
        },
        ..PLAIN
    },
    Scenario {
        name: "a report and a termination message",
        make: |mode, scratch| {
            let report = scratch.join("report").display().to_string();
            let message = scratch.file("message", "", 0o600).display().to_string();
            let options = ["--report", &report, &format!("--termination-log={message}")];
            mode.child(["say", "started", "die", "10"]).options(options)
        },
        file: Some("report"),
        ..PLAIN
    },
    Scenario {
        name: "--watch",
        make: |mode, _| mode.child(["zombies", "2", "on", "10", "exit", "4"]).options(["--watch", "20ms"]),
        drive: |driver, run| {
            // Twice at least, or it says why not; without /proc it never says anything, and looks all the same.
            let looked = |run: &Running| run.stderr().contains("sexton: ") || switches(run) > 5;
            driver.once(run, |run| is_ready(run) && looked(run), |run| run.signal(libc::SIGUSR1));
            driver.kill_if_sexton_cannot(run);
        },
        ..PLAIN
    },
    Scenario {
        name: "a stop on a terminal",
        terminal: true,
        make: |mode, _| {
            mode.child(["to-output", "say", "started", "stop-self", "20", "say", "again", "exit", "4"])
        },
        drive: |driver, run| {
            // A sexton that knows of no terminal leaves it stopped, and so the test goes on with it.
            let stopped = run.below().into_iter().find(|process| process.state == 'T');
            let since = driver.stopped.get_or_insert_with(Instant::now);
            match stopped {
                None => driver.stopped = None,
                Some(main) if since.elapsed() > 3 * PATIENCE => try_kill(main.pid, libc::SIGCONT),
                Some(_) => {}
            }
            driver.kill_if_sexton_cannot(run);
        },
        ..PLAIN
    },
    Scenario {
        name: "a stop below a shell",
        modes: ONE,
        make: |mode, _| mode.child(["stop-self", "19", "record", "15"]),
        drive: |driver, run| {
            let stopped = |run: &Running| run.below().iter().any(|process| process.state == 'T');
            driver.once(run, stopped, |run| run.signal(libc::SIGTERM));
            driver.kill_if_sexton_cannot(run);
        },
        ..PLAIN
    },
    Scenario {
        name: "a session of its own",
        terminal: true,
        make: |mode, _| {
            mode.child(["to-output", "say", "started", "exit", "4"]).options(["--leader", "session"])
        },
        ..PLAIN
    },
    Scenario {
        name: "a time that runs out",
        make: |mode, _| {
            mode.child(["record"]).options(["--timeout", "40ms", "--escalate", "40ms:QUIT,40ms:KILL"])
        },
        drive: |driver, run| driver.kill_if_sexton_cannot(run),
        ..PLAIN
    },
    Scenario {
        name: "a parent to outlive",
        make: |mode, _| mode.child(["record", "15"]).options(["-p", "USR2", "-e", "0:6"]),
        drive: term_when_ready,
        ..PLAIN
    },
    Scenario {
        name: "a program that is not there",
        modes: ONE,
        make: |mode, _| mode.command(["no-such-program-anywhere"]),
        ..PLAIN
    },
    Scenario {
        name: "a script whose interpreter is not there",
        modes: ONE,
        make: |mode, scratch| mode.command([scratch.file("script", "#!/bin/sh\r\necho ran\r\n", 0o755)]),
        ..PLAIN
    },
    Scenario {
        name: "a script without #!",
        modes: ONE,
        make: |mode, scratch| mode.command([scratch.file("script", "echo started; exit 6\n", 0o755)]),
        ..PLAIN
    },
    Scenario {
        name: "--pause",
        modes: PID1,
        make: |mode, _| mode.command([] as [&str; 0]).without_separator().options(["--pause", "-v"]),
        // Again and again: before it holds them, PID 1 is spared signals.
        drive: |_, run| try_kill(run.init, libc::SIGTERM),
        ..PLAIN
    },
    Scenario {
        name: "--ps",
        modes: PID1,
        make: |mode, _| mode.command(["--ps"]).without_separator(),
        ..PLAIN
    },
    Scenario {
        name: "--check",
        modes: PID1,
        make: |mode, _| mode.command(["--check", "zombies=500,pids=100%,oom=1000000"]).without_separator(),
        ..PLAIN
    },
    Scenario {
        name: "--install",
        modes: ONE,
        make: |mode, scratch| {
            let target = scratch.join("copy").display().to_string();
            mode.command(["--install", &target]).without_separator()
        },
        file: Some("copy"),
        ..PLAIN
    },
    Scenario {
        name: "--version",
        modes: ONE,
        make: |mode, _| mode.command(["--version"]).without_separator(),
        ..PLAIN
    },
];

/// How often a process has gone to sleep.
fn switches(run: &Running) -> u32 {
    let field = crate::harness::field(run.init, "voluntary_ctxt_switches:");
    field.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// The far end of a log.
pub enum FarEnd {
    File,
    Pipe(File),
    Socket(UnixStream),
    Terminal(Pty),
}

impl Scenario {
    /// Starts it, with its log where it belongs.
    pub fn start(&self, mode: Mode, scratch: &Scratch, trapped: &str) -> (Running, FarEnd) {
        let run = (self.make)(mode, scratch).before(["trap", trapped]);
        let pty = self.terminal.then(Pty::new);
        let run = match &pty {
            Some(pty) => pty.attach(run),
            None => run,
        };
        match (self.log, pty) {
            (Log::Pipe, _) => {
                let Pipe { reader, writer } = Pipe::new();
                (run.stderr(writer).spawn(), FarEnd::Pipe(reader))
            }
            (Log::Socket, _) => {
                let (near, far) = UnixStream::pair().expect("a pair of sockets");
                (run.stderr(OwnedFd::from(near)).spawn(), FarEnd::Socket(far))
            }
            (Log::Terminal, Some(pty)) => (run.spawn(), FarEnd::Terminal(pty)),
            (_, Some(pty)) => {
                let log = File::create(scratch.join("log")).expect("a log");
                (run.stderr(log).spawn(), FarEnd::Terminal(pty))
            }
            _ => (run.spawn(), FarEnd::File),
        }
    }
}

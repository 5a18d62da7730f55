//! A started init: what can be seen of it, done to it, and how it ends.

use super::command::Mode;
use super::processes::{self, Process, descendants, inner_pid};
use super::{Scratch, deadline, happens, kernel};
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};

pub struct Running {
    /// The init, or the `unshare` above it.
    process: Child,
    pub init: i32,
    pub mode: Mode,
    pub scratch: Scratch,
    mark: String,
    words: Vec<OsString>,
    status: Option<ExitStatus>,
}

/// How a run ended, and what was printed.
#[derive(Debug)]
pub struct Ended {
    /// The exit status, or None if a signal ended the init.
    pub code: Option<i32>,
    pub killed_by: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Running {
    #[track_caller]
    pub(super) fn new(
        process: Child,
        mode: Mode,
        scratch: Scratch,
        mark: String,
        words: Vec<OsString>,
    ) -> Self {
        let own = i32::try_from(process.id()).expect("a pid");
        let mut running = Self { process, init: own, mode, scratch, mark, words, status: None };
        if mode == Mode::Pid1 {
            running.init = 0;
            let found = happens(|| {
                let children = || processes::all_processes().into_iter().filter(|p| p.parent == own);
                running.init = children().map(|child| child.pid).next().unwrap_or(0);
                running.init != 0 || running.has_ended()
            });
            assert!(found, "unshare started nothing: {}", running.seen());
        }
        running
    }

    pub fn stdout(&self) -> String {
        self.read("stdout")
    }

    pub fn stderr(&self) -> String {
        self.read("stderr")
    }

    fn read(&self, name: &str) -> String {
        String::from_utf8_lossy(&std::fs::read(self.scratch.join(name)).unwrap_or_default()).into_owned()
    }

    /// Everything that helps to understand a failure.
    pub fn seen(&self) -> String {
        let below = descendants(self.init);
        let below: Vec<String> =
            below.iter().map(|p| format!("{} ({}) {} ppid {}", p.pid, p.name, p.state, p.parent)).collect();
        let words: Vec<_> = self.words.iter().map(|word| word.to_string_lossy()).collect();
        format!(
            "{:?}: {}\n  init {} status {:?}\n  below: {below:?}\n  stdout: {:?}\n  stderr: {:?}",
            self.mode,
            words.join(" "),
            self.init,
            self.status,
            self.stdout(),
            self.stderr()
        )
    }

    /// Sends a signal to the init, from outside its namespace if it has one.
    #[track_caller]
    pub fn signal(&self, signal: i32) {
        kernel::kill(self.init, signal);
    }

    /// Sends a signal with a payload to the init.
    #[track_caller]
    pub fn queue(&self, signal: i32, value: i32) {
        kernel::queue(self.init, signal, value);
    }

    /// The same; false if the kernel's queue is full.
    pub fn try_queue(&self, signal: i32, value: i32) -> bool {
        kernel::try_queue(self.init, signal, value)
    }

    /// Waits until `holds`, and says what was seen if that does not happen, or if the init ends before and leaves
    /// nobody behind who could bring it about.
    #[track_caller]
    pub fn eventually(&self, mut holds: impl FnMut(&Self) -> bool, what: &str) {
        let mut gone = false;
        let happened = happens(|| {
            // In this order: what the init did at its very end counts.
            gone = self.init_is_gone() && self.nobody_is_left();
            holds(self) || gone
        });
        let happened = happened && (!gone || holds(self));
        let waited =
            if gone { "the init has ended, waited".to_owned() } else { format!("waited {:?}", deadline()) };
        assert!(happened, "{waited} in vain until {what}\n{}", self.seen());
    }

    /// Whether there is an init that has ended, and the test has not asked for that.
    fn init_is_gone(&self) -> bool {
        let ended = || processes::process(self.init).is_none_or(|init| init.state == 'Z');
        self.mode != Mode::Bare && self.status.is_none() && ended()
    }

    fn nobody_is_left(&self) -> bool {
        processes::marked(&self.mark).is_empty()
    }

    /// Waits for a line on stdout that begins with `start`, and returns it.
    #[track_caller]
    pub fn wait_for_line(&self, start: &str) -> String {
        self.wait_for_lines(start, 1).remove(0)
    }

    /// Waits for `count` lines on stdout that begin with `start`.
    #[track_caller]
    pub fn wait_for_lines(&self, start: &str, count: usize) -> Vec<String> {
        self.eventually(
            |run| run.lines(start).len() >= count,
            &format!("there are {count} lines that begin with {start:?}"),
        );
        self.lines(start)
    }

    /// The complete lines on stdout that begin with `start`.
    pub fn lines(&self, start: &str) -> Vec<String> {
        let text = self.stdout();
        let complete = text.rsplit_once('\n').map_or("", |(lines, _)| lines);
        complete.lines().filter(|line| line.starts_with(start)).map(str::to_owned).collect()
    }

    /// Waits for a line on stderr that has `part` in it.
    #[track_caller]
    pub fn wait_for_log(&self, part: &str) {
        self.eventually(|run| run.stderr().contains(part), &format!("stderr has {part:?}"));
    }

    /// Waits for `NAME: ready (pid N)` (no name: `ready (pid N)`); the pid is one of our own namespace.
    #[track_caller]
    pub fn wait_ready(&self, name: &str) -> i32 {
        let start = if name.is_empty() { "ready".to_owned() } else { format!("{name}: ready") };
        let line = self.wait_for_line(&start);
        let inner = i32::try_from(*super::numbers(&line).last().expect("a pid")).expect("a pid");
        self.outer(inner)
    }

    /// The pid that a process of the init's namespace has in ours.
    #[track_caller]
    pub fn outer(&self, inner: i32) -> i32 {
        if self.mode != Mode::Pid1 {
            return inner;
        }
        let found = descendants(self.init).into_iter().find(|p| inner_pid(p.pid) == Some(inner));
        found.unwrap_or_else(|| panic!("no process has pid {inner} inside: {}", self.seen())).pid
    }

    /// All processes below the init.
    pub fn below(&self) -> Vec<Process> {
        descendants(self.init)
    }

    /// Whether the init has ended.
    pub fn has_ended(&mut self) -> bool {
        if self.status.is_none() {
            self.status = self.process.try_wait().expect("wait for the init");
        }
        self.status.is_some()
    }

    /// Waits for the init's end.
    #[track_caller]
    pub fn wait(mut self) -> Ended {
        self.wait_for_end()
    }

    /// The same, for a test that has something to look at afterwards.
    #[track_caller]
    pub fn wait_for_end(&mut self) -> Ended {
        let ended = happens(|| self.has_ended());
        assert!(ended, "the init has not ended after {:?}\n{}", deadline(), self.seen());
        let status = self.status.expect("has ended");
        Ended {
            code: status.code(),
            killed_by: status.signal(),
            stdout: self.stdout(),
            stderr: self.stderr(),
        }
    }
}

impl Ended {
    /// Fails unless the exit status is `code`.
    #[track_caller]
    pub fn expect_code(&self, code: i32) -> &Self {
        assert!(self.code == Some(code), "exit status {code} was expected: {self:#?}");
        self
    }

    /// Fails unless nothing was said on stderr.
    #[track_caller]
    pub fn expect_silence(&self) -> &Self {
        assert!(self.stderr.is_empty(), "nothing was to be said: {self:#?}");
        self
    }

    /// Fails unless stderr has every one of these.
    #[track_caller]
    pub fn expect_said(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(self.stderr.contains(part), "stderr was to have {part:?}: {self:#?}");
        }
        self
    }

    /// The lines on stdout that begin with `start`.
    pub fn lines(&self, start: &str) -> Vec<&str> {
        self.stdout.lines().filter(|line| line.starts_with(start)).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.mode == Mode::Pid1 && !self.has_ended() {
            // The kernel ends a namespace with its PID 1.
            kernel::try_kill(self.init, libc::SIGKILL);
        }
        drop(self.process.kill());
        drop(self.process.wait());
        for pid in processes::marked(&self.mark) {
            kernel::try_kill(pid, libc::SIGKILL);
        }
    }
}

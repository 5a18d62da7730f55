//! What is to be started, and how.

use super::availability::unshare;
use super::running::Running;
use super::scratch::Scratch;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How the init runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// As PID 1 of a pid namespace of its own.
    Pid1,
    /// As an ordinary process.
    Subreaper,
    /// Not at all: the program alone, for comparison.
    Bare,
}

impl Mode {
    /// The init with the test's own child program, which performs `words`.
    pub fn child<W: AsRef<OsStr>>(self, words: impl IntoIterator<Item = W>) -> Sexton {
        let mut command = vec![child_program().into_os_string()];
        command.extend(words.into_iter().map(|word| word.as_ref().to_owned()));
        self.command(command)
    }

    /// The init with any program.
    pub fn command<W: AsRef<OsStr>>(self, words: impl IntoIterator<Item = W>) -> Sexton {
        Sexton { mode: self, ..Sexton::new(words) }
    }

    /// The init with a shell script; `$child` is the child program.
    pub fn shell(self, script: &str) -> Sexton {
        self.command(["sh", "-c", script]).env("child", child_program())
    }
}

/// The words of the command line that `SEXTON_UNDER_TEST` stands for.
pub fn init_under_test() -> Vec<String> {
    let other = std::env::var("SEXTON_UNDER_TEST").unwrap_or_default();
    let words: Vec<String> = other.split_whitespace().map(str::to_owned).collect();
    if words.is_empty() { vec![env!("CARGO_BIN_EXE_sexton").to_owned()] } else { words }
}

/// The program of `tests/fixtures/child`, which lies beside the test executable's directory. `cargo test` builds
/// it, `cargo test --test NAME` does not.
pub fn child_program() -> PathBuf {
    let exe = std::env::current_exe().expect("the path of the test executable");
    let path = exe.parent().and_then(|deps| Some(deps.parent()?.join("examples/child")));
    let path = path.expect("the test executable lies in target/PROFILE/deps");
    let built = std::fs::metadata(&path).and_then(|meta| meta.modified()).ok();
    let sources = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/child"));
    let newest =
        sources.into_iter().flatten().filter_map(|file| file.ok()?.metadata().ok()?.modified().ok()).max();
    assert!(
        built.is_some() && newest <= built,
        "{} is missing or old: `cargo build --example child`",
        path.display()
    );
    path
}

/// A command line in the making: the init under test, its options, and the program it is to start.
pub struct Sexton {
    mode: Mode,
    options: Vec<OsString>,
    command: Vec<OsString>,
    before: Vec<OsString>,
    init: Option<Vec<OsString>>,
    environment: Vec<(OsString, OsString)>,
    stdin: Option<Stdio>,
    stdout: Option<Stdio>,
    stderr: Option<Stdio>,
    terminal: Option<File>,
    separator: bool,
}

impl Sexton {
    pub fn new<W: AsRef<OsStr>>(command: impl IntoIterator<Item = W>) -> Self {
        Self {
            mode: Mode::Subreaper,
            options: Vec::new(),
            command: command.into_iter().map(|word| word.as_ref().to_owned()).collect(),
            before: Vec::new(),
            init: None,
            environment: Vec::new(),
            stdin: None,
            stdout: None,
            stderr: None,
            terminal: None,
            separator: true,
        }
    }

    pub fn as_pid1(mut self) -> Self {
        self.mode = Mode::Pid1;
        self
    }

    /// Options of sexton: the test must have asked with `sexton_only!` before.
    #[track_caller]
    pub fn options<W: AsRef<OsStr>>(mut self, options: impl IntoIterator<Item = W>) -> Self {
        assert!(super::is_sexton() || self.mode == Mode::Bare, "options need `sexton_only!` in the test");
        self.options.extend(options.into_iter().map(|option| option.as_ref().to_owned()));
        self
    }

    /// Leaves the `--` out, where it is ours to leave out.
    pub fn without_separator(mut self) -> Self {
        self.separator = false;
        self
    }

    /// Another init than the one under test, with its options.
    pub fn init<W: AsRef<OsStr>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.init = Some(words.into_iter().map(|word| word.as_ref().to_owned()).collect());
        self
    }

    /// Words for the child program that becomes the init: what it does before the exec.
    pub fn before<W: AsRef<OsStr>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.before.extend(words.into_iter().map(|word| word.as_ref().to_owned()));
        self
    }

    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    pub fn stdin(mut self, stdin: impl Into<Stdio>) -> Self {
        self.stdin = Some(stdin.into());
        self
    }

    pub fn stdout(mut self, stdout: impl Into<Stdio>) -> Self {
        self.stdout = Some(stdout.into());
        self
    }

    pub fn stderr(mut self, stderr: impl Into<Stdio>) -> Self {
        self.stderr = Some(stderr.into());
        self
    }

    /// In a new session with this controlling terminal: see `Pty::attach`.
    pub(super) fn on_terminal(mut self, terminal: File, standard: [File; 3]) -> Self {
        let [stdin, stdout, stderr] = standard;
        self.terminal = Some(terminal);
        self.stdin(stdin).stdout(stdout).stderr(stderr)
    }

    /// The words after those of the wrapper: init, options, program.
    fn words(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = Vec::new();
        if let Some(init) = &self.init {
            words.extend(init.iter().cloned());
        } else if self.mode != Mode::Bare {
            words.extend(init_under_test().into_iter().map(OsString::from));
            if !self.separator && words.last().is_some_and(|last| last == "--") {
                words.pop();
            }
            words.extend(self.options.iter().cloned());
            if super::is_sexton() && self.separator {
                words.push("--".into());
            }
        }
        words.extend(self.command.iter().cloned());
        words
    }

    #[track_caller]
    pub fn spawn(self) -> Running {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let mark = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let scratch = Scratch::new();
        let capture = |name: &str| -> Stdio {
            File::options().append(true).create(true).open(scratch.join(name)).expect("capture").into()
        };
        let words = self.words();
        let child = child_program();
        let mut command = match self.mode {
            Mode::Pid1 => unshare(),
            Mode::Subreaper | Mode::Bare => Command::new(&child),
        };
        if self.mode == Mode::Pid1 {
            command.arg(&child);
        }
        if let Some(terminal) = &self.terminal {
            // A session can be made by a process only that does not lead a group already.
            command.args(["setsid", "controlling-tty"]).arg(terminal_name(terminal));
        }
        if self.terminal.is_none() || self.mode == Mode::Pid1 {
            command.process_group(0);
        }
        command.arg("reset").args(&self.before).arg("exec").args(&words);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if ["SEXTON_", "TINI_", "DUMB_INIT_", "CATATONIT_"].iter().any(|prefix| text.starts_with(prefix))
            {
                command.env_remove(&name);
            }
        }
        command.envs(self.environment).env("TEST_MARK", &mark);
        command.env("TEST_OUTPUT", scratch.join("stdout"));
        command.stdin(self.stdin.unwrap_or_else(Stdio::null));
        command.stdout(self.stdout.unwrap_or_else(|| capture("stdout")));
        command.stderr(self.stderr.unwrap_or_else(|| capture("stderr")));
        let process = command.spawn().unwrap_or_else(|error| panic!("start {command:?}: {error}"));
        drop(command);
        Running::new(process, self.mode, scratch, format!("TEST_MARK={mark}"), words)
    }

    /// Starts it and waits for its end.
    #[track_caller]
    pub fn run(self) -> super::Ended {
        self.spawn().wait()
    }
}

/// The path of a terminal.
fn terminal_name(terminal: &File) -> PathBuf {
    use std::os::fd::AsRawFd;
    std::fs::read_link(format!("/proc/self/fd/{}", terminal.as_raw_fd())).expect("the terminal's name")
}

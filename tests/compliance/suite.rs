//! How a case is run: against sexton under an original's name, then against the original.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::harness::{Ended, Mode, Running, Scratch, Sexton, child_program, deadline, not_here, process};

/// An original's fault is looked for this long: where it hangs, waiting longer would show nothing else.
const PATIENCE: Duration = Duration::from_millis(1500);

/// What stands before a pid in the inits' lines, and before no other number.
const BEFORE_PIDS: [&str; 10] = [
    "tini (",
    "catatonit:",
    "dumb-init:",
    "PID ",
    "pid '",
    "pid: '",
    "pid=",
    "main process ",
    "pid1 (",
    "child process ",
];

/// Who is under test.
pub struct Init {
    path: PathBuf,
    pub is_original: bool,
    patience: Duration,
}

/// What a case is expected to do.
#[derive(Clone, Copy)]
enum Expected {
    /// Both pass.
    Agreement,
    /// The original fails, by the fault of this number.
    FaultOfOriginal(&'static str, &'static str),
}

/// Both pass.
#[track_caller]
pub fn agree(name: &str, case: impl Fn(&Init)) {
    run(name, Expected::Agreement, &case);
}

/// sexton passes, and the original is seen to fail: by the fault of that number, in these words.
#[track_caller]
pub fn fault(name: &str, number: &'static str, why: &'static str, case: impl Fn(&Init)) {
    run(name, Expected::FaultOfOriginal(number, why), &case);
}

#[track_caller]
fn run(name: &str, expected: Expected, case: &dyn Fn(&Init)) {
    case(&Init { path: ours(name), is_original: false, patience: deadline() });
    let path = Path::new("/usr/bin").join(name);
    if !path.exists() {
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        return not_here(&format!("{test} against the original"), &format!("{} is missing", path.display()));
    }
    let original = |patience| Init { path: path.clone(), is_original: true, patience };
    match expected {
        Expected::Agreement => case(&original(deadline())),
        Expected::FaultOfOriginal(number, why) => {
            let verdict = catch_unwind(AssertUnwindSafe(|| case(&original(PATIENCE))));
            assert!(verdict.is_err(), "{name} passes what is listed as its fault {number}: {why}");
        }
    }
}

/// sexton under an original's name: a link in a folder beside the binary.
fn ours(name: &str) -> PathBuf {
    let sexton = Path::new(env!("CARGO_BIN_EXE_sexton"));
    let names = sexton.parent().expect("target/PROFILE").join("names");
    std::fs::create_dir_all(&names).expect("create a folder for the names");
    let link = names.join(name);
    match std::os::unix::fs::symlink(sexton, &link) {
        // By another test, or an earlier run.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        made => made.unwrap_or_else(|error| panic!("{}: {error}", link.display())),
    }
    link
}

impl Init {
    /// The init with these options and the test's own child program.
    pub fn child(&self, mode: Mode, options: &[&str], words: &[&str]) -> Sexton {
        let program = child_program().into_os_string();
        let words = std::iter::once(program).chain(words.iter().map(OsString::from));
        mode.command(words).init(self.with(options))
    }

    /// The init with these words, whatever they are.
    pub fn words(&self, words: &[&str]) -> Sexton {
        Mode::Subreaper.command::<&str>([]).init(self.with(words))
    }

    fn with(&self, options: &[&str]) -> impl Iterator<Item = OsString> {
        let path = self.path.clone().into_os_string();
        std::iter::once(path).chain(options.iter().map(OsString::from))
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The init as a user who may have no process more. For root alone.
    pub fn without_processes(&self, options: &[&str]) -> Sexton {
        let limit = libc::RLIMIT_NPROC.to_string();
        let child = self.child(Mode::Subreaper, options, &["exit", "3"]);
        child.before(["as-uid", "65534", "limit", &limit, "0"])
    }

    /// A shell script in which `$init` is the init: many short runs in one.
    pub fn script(&self, script: &str) -> Ended {
        Mode::Bare.shell(script).env("init", &self.path).run()
    }

    /// The end of a run whose program is a script without an interpreter.
    pub fn no_interpreter(&self, options: &[&str]) -> Ended {
        let scratch = Scratch::new();
        let script = scratch.file("script", "#!/no/such/interpreter\n", 0o755);
        self.words(&[options, &[script.to_str().unwrap()]].concat()).run()
    }

    /// Polls until `holds`: as long as it takes, but not for an original's fault.
    #[track_caller]
    pub fn eventually(&self, run: &Running, mut holds: impl FnMut(&Running) -> bool, what: &str) {
        let mut end = Instant::now() + self.patience;
        let mut ended = false;
        loop {
            if !ended && process(run.init).is_none_or(|init| init.state == 'Z') {
                // What it has left behind may have something to say, but not for long.
                ended = true;
                end = end.min(Instant::now() + PATIENCE / 3);
            }
            let over = Instant::now() >= end;
            if holds(run) {
                return;
            }
            assert!(!over, "waited in vain until {what}: {}", run.seen());
            std::thread::sleep(Duration::from_millis(3));
        }
    }

    /// Waits for a line on stdout.
    #[track_caller]
    pub fn wait_for_line(&self, run: &Running, start: &str) {
        self.eventually(run, |run| !run.lines(start).is_empty(), &format!("there is a line {start:?}"));
    }

    /// Waits for the end.
    #[track_caller]
    pub fn end(&self, mut run: Running) -> Ended {
        let end = Instant::now() + self.patience;
        while !run.has_ended() {
            assert!(Instant::now() < end, "it does not end: {}", run.seen());
            std::thread::sleep(Duration::from_millis(3));
        }
        run.wait()
    }

    /// What was said, with the init's path shortened to its name and all its own pids to N: comparable.
    pub fn comparable(&self, text: &str) -> String {
        let name = self.path.file_name().unwrap().to_str().unwrap();
        let text = text.replace(self.path.to_str().unwrap(), name);
        let mut shown = String::new();
        let mut digits = String::new();
        for c in text.chars().chain(['\0']) {
            if c.is_ascii_digit() {
                digits.push(c);
                continue;
            }
            let is_pid = !digits.is_empty() && BEFORE_PIDS.iter().any(|before| shown.ends_with(before));
            shown.push_str(if is_pid { "N" } else { &digits });
            digits.clear();
            shown.extend((c != '\0').then_some(c));
        }
        shown
    }
}

//! All that is known before the fork, as plain data. Every command line, ours or another init's, ends here;
//! nothing below `cli/` knows which one it was.

use std::ffi::OsString;
use std::os::fd::RawFd;
use std::path::PathBuf;
use std::time::Duration;

use crate::policy::routing::Routing;
use crate::policy::signal::Signal;
use crate::policy::status::ExitMap;
use crate::policy::{Reach, Rest, Step};
pub use crate::voice::{Cue, Voice};

/// How often `--watch` looks unless it is told otherwise.
pub const WATCH: Duration = Duration::from_secs(300);

/// One run of one program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// The program and its arguments; never empty. Bytes, as they came.
    pub command: Vec<OsString>,
    /// Who receives forwarded signals.
    pub reach: Reach,
    /// Rewrites and stop signals.
    pub routing: Routing,
    /// How long the first SIGTERM is held back.
    pub stop_delay: Duration,
    /// What follows a stop request that is not obeyed; empty = nothing.
    pub escalation: Vec<Step>,
    /// After the main process has ended: time between TERM and KILL for whatever is left; zero = leave at once.
    pub grace: Duration,
    /// What happens to whatever is left when we are not PID 1. (As PID 1 it is always stopped: the kernel would
    /// end it untold.)
    pub rest: Rest,
    /// Longest run of the main process.
    pub timeout: Option<Duration>,
    /// Exit status remaps and `--stop-ok`.
    pub exit_map: ExitMap,
    /// Signal that sexton receives when its own parent dies (`PR_SET_PDEATHSIG(2const)`).
    pub parent_death: Option<Signal>,
    /// How the program is started.
    pub child: ChildSetup,
    /// Verbosity and format of the log.
    pub log: LogConfig,
    /// Log each orphan that is reaped.
    pub warn_orphans: bool,
    /// How often to look for held zombies and a filling process table; None = never.
    pub watch: Option<Duration>,
    /// Where the JSON exit report goes.
    pub report: Option<PathBuf>,
    /// Where the one-line termination message goes.
    pub termination_log: Option<PathBuf>,
    /// How this personality speaks and what its failures are called.
    pub voice: Voice,
}

impl Config {
    /// Our own defaults around a command.
    pub fn new(command: Vec<OsString>) -> Self {
        Self {
            command,
            reach: Reach::Group,
            routing: Routing::default(),
            stop_delay: Duration::ZERO,
            escalation: Vec::new(),
            grace: Duration::from_secs(5),
            rest: Rest::Stop,
            timeout: None,
            exit_map: ExitMap::default(),
            parent_death: None,
            child: ChildSetup::default(),
            log: LogConfig::default(),
            warn_orphans: false,
            watch: Some(WATCH),
            report: None,
            termination_log: None,
            voice: Voice::SEXTON,
        }
    }
}

/// What the main process leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Leader {
    /// A process group of its own (`setpgid(2)`).
    #[default]
    Group,
    /// A session of its own (`setsid(2)`).
    Session,
    /// Nothing: it stays in sexton's group.
    None,
}

/// What happens to the program between clone and exec.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ChildSetup {
    /// Group, session or neither.
    pub leader: Leader,
    /// `--user`.
    pub user: Option<UserSpec>,
    /// `--chdir`.
    pub workdir: Option<PathBuf>,
    /// `--umask`.
    pub umask: Option<u32>,
    /// `--nice`, relative.
    pub nice: Option<i32>,
    /// `--oom-score-adj`.
    pub oom_score_adj: Option<i32>,
    /// `--cpu-list`: the numbers, ascending.
    pub cpus: Option<Vec<u32>>,
    /// `--rlimit`, in order.
    pub rlimits: Vec<Rlimit>,
    /// `--no-new-privs`.
    pub no_new_privs: bool,
    /// Names of environment variables that sexton has consumed and the program does not get.
    pub consumed: Vec<OsString>,
}

/// `USER[:GROUP]` as written: names or numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UserSpec {
    /// A user's name or number.
    pub user: OsString,
    /// A group's name or number.
    pub group: Option<OsString>,
}

/// One `--rlimit`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rlimit {
    /// The name as `prlimit(1)` spells it.
    pub name: &'static str,
    /// The kernel's number for it.
    pub resource: u32,
    /// The soft limit, `u64::MAX` = unlimited; None = raise it to the hard one.
    pub soft: Option<u64>,
    /// The hard limit; None = unchanged, or raised to the soft one if that is above it.
    pub hard: Option<u64>,
}

/// What is logged and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LogConfig {
    /// The most that is said.
    pub level: log::LevelFilter,
    /// Text or JSON.
    pub format: LogFormat,
    /// The descriptor that the lines go to.
    pub fd: RawFd,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { level: log::LevelFilter::Warn, format: LogFormat::Text, fd: 2 }
    }
}

/// One line a record, either way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LogFormat {
    /// `sexton: message`
    #[default]
    Text,
    /// One JSON object.
    Json,
}

//! Starting the main process: prepare everything, clone, and learn the exact errno of what failed.
//!
//! clone(CLONE_VM | CLONE_VFORK) with a stack of its own: the parent sleeps until the child has executed the
//! program or ended, and both see the same memory, so step and errno come back without a pipe. std's Command
//! is no use here: it leaves the mask held and 32 and 33 ignored (P4). See `clone(2)`.
#![allow(unsafe_code)]

use std::ffi::{OsStr, OsString, c_void};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;

use nix::errno::Errno;

use super::child::{Failure, Orders, Progress, SpawnStep, child_main};
use super::environment::Environment;
use super::identity::Identity;
use super::launch::Launch;
use super::signals::Inherited;
use super::start;
use super::texts::Texts;
use crate::config::{Config, Leader};
use crate::policy::event::Pid;

/// Where a program without a slash is looked for when PATH is not set.
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Deep enough for a debug build; the child calls few functions and none of them recurses.
const STACK_BYTES: usize = 32 * 1024;

const PAGE: usize = 4096;

/// Everything the child needs, allocated before it exists.
#[derive(Debug)]
pub struct Recipe {
    candidates: Texts,
    arguments: Texts,
    environment: Environment,
    launch: Option<Launch>,
}

/// A main process that runs.
#[derive(Clone, Debug)]
pub struct Spawned {
    /// Its pid.
    pub pid: Pid,
    /// Why it does not lead a group or session of its own, though it should.
    pub not_leading: Option<Errno>,
    /// Whom it runs as, if that was asked for.
    pub identity: Option<Box<Identity>>,
}

/// Why there is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpawnError {
    /// What failed.
    pub step: SpawnStep,
    /// How.
    pub errno: Errno,
    /// The file that could not be executed, where it came that far.
    pub candidate: Option<OsString>,
    /// Whom it would have run as, where it came that far.
    pub identity: Option<Box<Identity>>,
}

impl From<Failure> for SpawnError {
    fn from(failure: Failure) -> Self {
        Self { step: failure.step, errno: failure.errno, candidate: None, identity: None }
    }
}

/// What the child is to find as it was.
#[derive(Debug)]
pub struct Surroundings<'a> {
    /// The mask and dispositions.
    pub inherited: Inherited,
    /// The working directory, unless it is inherited.
    pub directory: Option<&'a OwnedFd>,
    /// The terminal that is to become the child's.
    pub terminal: Option<RawFd>,
}

impl Recipe {
    /// Allocates all that the child will use.
    pub fn prepare(config: &Config, own: Pid) -> Result<Self, SpawnError> {
        let invalid = |errno| SpawnError::from(Failure::new(SpawnStep::Prepare, errno));
        let program = config.command.first().map_or(OsStr::new(""), OsString::as_os_str);
        let mut arguments = Texts::default();
        for argument in &config.command {
            arguments.push(&[argument.as_bytes()]).map_err(invalid)?;
        }
        let candidates = candidates(program.as_bytes()).map_err(invalid)?;
        let launch = Launch::prepare(&config.child)?;
        let identity = launch.as_ref().and_then(|launch| launch.identity.as_deref());
        let set = identity.map_or_else(Vec::new, Identity::variables);
        let environment = Environment::prepare(&config.child.consumed, set, own);
        Ok(Self { candidates, arguments, environment, launch })
    }

    /// Starts the program. All signals are held in the child too until just before it executes the program.
    pub fn spawn(mut self, leader: Leader, around: &Surroundings<'_>) -> Result<Spawned, SpawnError> {
        let candidates = self.candidates.pointers(&[]);
        // One place in front: a script without #! is run as `/bin/sh FILE ARG...`.
        let mut arguments = self.arguments.pointers(&[c"/bin/sh".as_ptr()]);
        let mut orders = Orders {
            leader,
            launch: self.launch.as_ref(),
            terminal: around.terminal.unwrap_or(-1),
            directory: around.directory.map_or(-1, AsRawFd::as_raw_fd),
            mask: around.inherited.mask,
            ignore_child: around.inherited.child_ignored,
            candidates: candidates.as_ptr(),
            arguments: arguments.as_mut_ptr(),
            environment: self.environment.array(),
            listen_pid: self.environment.listen_pid(),
            progress: Progress::default(),
        };
        let pid = clone_child(&mut orders).map_err(|errno| Failure::new(SpawnStep::Clone, errno))?;
        let Progress { not_leading, failure } = orders.progress;
        let identity = self.launch.and_then(|launch| launch.identity);
        match failure {
            None => Ok(Spawned { pid, not_leading, identity }),
            Some(failure) => Err(failed(pid, failure, &self.candidates, identity)),
        }
    }
}

#[cold]
#[inline(never)]
fn failed(pid: Pid, failure: Failure, candidates: &Texts, identity: Option<Box<Identity>>) -> SpawnError {
    collect(pid);
    let candidate = failure.candidate.and_then(|i| candidates.get(i));
    let candidate = candidate.map(|path| OsStr::from_bytes(path).to_owned());
    SpawnError { step: failure.step, errno: failure.errno, candidate, identity }
}

fn clone_child(orders: &mut Orders<'_>) -> Result<Pid, Errno> {
    // Not on our own stack: a frame of many pages is touched page by page, and all of them would stay.
    // Not a Box either, which ends us when there is no memory for it.
    let mut stack = Vec::<u8>::new();
    stack.try_reserve_exact(STACK_BYTES).map_err(|_| Errno::ENOMEM)?;
    let end = stack.spare_capacity_mut().as_mut_ptr_range().end;
    // What the child needs of it fits a page, so let it be one.
    let top = end.map_addr(|address| address & !(PAGE - 1)).cast::<c_void>();
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
    let orders: *mut c_void = std::ptr::from_mut(orders).cast();
    // SAFETY: stack and orders outlive the child's use of them: CLONE_VFORK lets us go on only when the child
    // has executed the program or ended. The stack grows down from its aligned end.
    match unsafe { libc::clone(child_main, top, flags, orders) } {
        -1 => Err(Errno::last()),
        pid => Ok(Pid(pid)),
    }
}

/// Reaps a child that has failed; it is ending, so this waits for a moment only. Where that cannot be, our own end is near.
fn collect(pid: Pid) {
    const INTERRUPTIONS: usize = 8;
    for _ in 0..INTERRUPTIONS {
        // SAFETY: waitpid accepts a null status pointer.
        if unsafe { libc::waitpid(pid.0, std::ptr::null_mut(), 0) } != -1 || Errno::last() != Errno::EINTR {
            break;
        }
    }
}

/// The paths that are tried for `name`, as execvp(3) does it; an empty element of PATH is the working directory.
fn candidates(name: &[u8]) -> Result<Texts, Errno> {
    let mut candidates = Texts::default();
    if name.contains(&b'/') || name.is_empty() {
        candidates.push(&[name])?;
        return Ok(candidates);
    }
    let path = start::variable(b"PATH").unwrap_or(OsStr::new(DEFAULT_PATH));
    // On the stack: it would be the only constant behind the first 64 KiB that a start needs (docker/start-sections.ld).
    let slash = [b'/'];
    for directory in path.as_bytes().split(|b| *b == b':') {
        let directory = if directory.is_empty() { b"." } else { directory };
        candidates.push(&[directory, &slash, name])?;
    }
    Ok(candidates)
}

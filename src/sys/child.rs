//! Between clone and exec: system calls on prepared memory only.
//!
//! The memory is the parent's, which sleeps. Nothing here allocates, logs, panics or takes a lock; ids and
//! masks are set by raw system calls. All signals are held until the last moment. What only helps (a group of
//! its own, the terminal) may fail; the rest ends the child, with step and errno left in `Progress`.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_void};
use std::os::fd::RawFd;

use nix::errno::Errno;

use super::descriptors;
use super::launch::{Launch, LaunchStep};
use super::signals::{self, set_mask};
use crate::config::Leader;

/// What the child has to do, in memory it shares with the parent.
#[derive(Debug)]
pub(super) struct Orders<'a> {
    pub(super) leader: Leader,
    /// The launch options, if there are any.
    pub(super) launch: Option<&'a Launch>,
    /// The terminal that becomes the child's, or -1.
    pub(super) terminal: RawFd,
    /// The working directory to go back to, or -1.
    pub(super) directory: RawFd,
    pub(super) mask: u64,
    pub(super) ignore_child: bool,
    /// Paths to try, up to a null pointer.
    pub(super) candidates: *const *const c_char,
    /// `/bin/sh`, then the program's arguments, up to a null pointer.
    pub(super) arguments: *mut *const c_char,
    pub(super) environment: *const *const c_char,
    /// `LISTEN_PID=` with room for a number behind it, or null.
    pub(super) listen_pid: *mut u8,
    pub(super) progress: Progress,
}

/// What became of it.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Progress {
    /// Why there is no group or session of its own.
    pub(super) not_leading: Option<Errno>,
    /// What ended the child before the program ran.
    pub(super) failure: Option<Failure>,
}

/// A step that failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failure {
    pub(super) step: SpawnStep,
    pub(super) errno: Errno,
    /// Which of the paths, if it came to that.
    pub(super) candidate: Option<usize>,
}

impl Failure {
    pub(super) fn new(step: impl Into<SpawnStep>, errno: Errno) -> Self {
        Self { step: step.into(), errno, candidate: None }
    }
}

impl From<LaunchStep> for SpawnStep {
    fn from(step: LaunchStep) -> Self {
        Self::Launch(step)
    }
}

/// The steps of a start, in their order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SpawnStep {
    /// Arguments that the kernel can take.
    Prepare,
    /// A new process.
    Clone,
    /// Back into the working directory.
    Directory,
    /// A launch option.
    Launch(LaunchStep),
    /// The mask as it was inherited.
    Mask,
    /// The program itself.
    Exec,
    /// `/bin/sh` for a script without `#!`.
    Shell,
}

/// The child's whole life. Its argument points to its [`Orders`].
pub(super) extern "C" fn child_main(orders: *mut c_void) -> c_int {
    // SAFETY: the parent passes a valid Orders and sleeps until we are done with it.
    let orders = unsafe { &mut *orders.cast::<Orders<'_>>() };
    lead(orders);
    if orders.terminal >= 0 {
        hand_terminal(orders);
    }
    orders.progress.failure = Some(match get_ready(orders) {
        Ok(()) => execute(orders),
        Err(failure) => failure,
    });
    // SAFETY: _exit runs no handler of the parent's.
    unsafe { libc::_exit(127) }
}

/// Privileges go last: the old working directory may be one that the new user cannot enter.
fn get_ready(orders: &Orders<'_>) -> Result<(), Failure> {
    if let Some(launch) = orders.launch {
        launch.before_directory()?;
    }
    enter_directory(orders)?;
    if let Some(launch) = orders.launch {
        launch.after_directory()?;
    }
    restore_signals(orders)
}

/// The group or session must exist before the parent goes on: afterwards no signal can miss it (T1).
fn lead(orders: &mut Orders<'_>) {
    // SAFETY: both calls take plain numbers.
    let result = unsafe {
        match orders.leader {
            Leader::Group => libc::syscall(libc::SYS_setpgid, 0, 0),
            Leader::Session => libc::syscall(libc::SYS_setsid),
            Leader::None => 0,
        }
    };
    if result == -1 {
        orders.progress.not_leading = Some(Errno::last());
    }
}

#[inline(never)]
fn hand_terminal(orders: &Orders<'_>) {
    if orders.progress.not_leading.is_some() {
        return;
    }
    // SAFETY: TIOCSPGRP reads one pid, TIOCSCTTY takes a number; SIGTTOU is held, so neither stops us.
    unsafe {
        let own: libc::pid_t = libc::syscall(libc::SYS_getpid) as libc::pid_t;
        match orders.leader {
            Leader::Group => libc::ioctl(orders.terminal, libc::TIOCSPGRP, &raw const own),
            Leader::Session => libc::ioctl(orders.terminal, libc::TIOCSCTTY, 0),
            Leader::None => 0,
        };
    }
}

fn enter_directory(orders: &Orders<'_>) -> Result<(), Failure> {
    if orders.directory < 0 {
        return Ok(());
    }
    descriptors::change_directory(orders.directory).map_err(|errno| Failure::new(SpawnStep::Directory, errno))
}

fn restore_signals(orders: &Orders<'_>) -> Result<(), Failure> {
    if !orders.listen_pid.is_null() {
        name_listen_pid(orders);
    }
    if orders.ignore_child {
        signals::handle_child(libc::SIG_IGN);
    }
    set_mask(orders.mask).map(drop).map_err(|errno| Failure::new(SpawnStep::Mask, errno))
}

/// Writes our pid behind `LISTEN_PID=`: only the child knows it.
#[cold]
#[inline(never)]
fn name_listen_pid(orders: &Orders<'_>) {
    // SAFETY: getpid takes no argument.
    let mut rest = unsafe { libc::syscall(libc::SYS_getpid) } as u32;
    let mut digits = [0_u8; 10];
    let mut count = 0;
    for digit in &mut digits {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        count += 1;
        if rest == 0 {
            break;
        }
    }
    for (i, digit) in digits.iter().take(count).rev().enumerate() {
        // SAFETY: the parent left room for ten digits and a NUL behind these eleven bytes.
        unsafe { *orders.listen_pid.add(b"LISTEN_PID=".len() + i) = *digit };
    }
}

/// Tries each path as execvp(3) does; returns only when none could be executed.
fn execute(orders: &mut Orders<'_>) -> Failure {
    let mut best = Failure { step: SpawnStep::Exec, errno: Errno::ENOENT, candidate: Some(0) };
    for i in 0.. {
        // SAFETY: the array ends with a null pointer, at which this loop ends.
        let path = unsafe { *orders.candidates.add(i) };
        if path.is_null() {
            break;
        }
        // SAFETY: path, arguments and environment are null-terminated and prepared by the parent; the first
        // argument is the shell's, for the case below.
        unsafe { libc::execve(path, orders.arguments.add(1), orders.environment) };
        let errno = Errno::last();
        let this = Failure { step: SpawnStep::Exec, errno, candidate: Some(i) };
        match errno {
            Errno::ENOEXEC => return if is_script(path) { execute_shell(orders, path, i) } else { this },
            // A file that may not be executed is a better answer than none, but the search goes on.
            Errno::EACCES => best = this,
            // What is there but lacks its interpreter is told from what is not there by the diagnosis.
            Errno::ENOENT | Errno::ENOTDIR | Errno::ENAMETOOLONG | Errno::ESTALE | Errno::ENODEV => {
                if best.errno != Errno::EACCES {
                    best.errno = errno;
                }
            }
            _ => return this,
        }
    }
    best
}

/// A file without `#!` and without a NUL in its first 256 bytes is a script for `/bin/sh`; an ELF never is (T15).
#[cold]
#[inline(never)]
fn is_script(path: *const c_char) -> bool {
    let mut head = [0_u8; 256];
    // SAFETY: path is NUL-terminated; O_NONBLOCK so that no FIFO can hold us up; head is as long as told.
    let length = unsafe {
        let fd = libc::open(path, libc::O_RDONLY | libc::O_CLOEXEC | libc::O_NONBLOCK);
        if fd < 0 {
            return false;
        }
        let length = libc::read(fd, head.as_mut_ptr().cast(), head.len());
        libc::close(fd);
        length
    };
    let Some(head) = usize::try_from(length).ok().and_then(|n| head.get(..n)) else { return false };
    // A byte-order mark hides the #! from the kernel; the shell would run the wrong language.
    let first = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    !first.starts_with(b"#!") && !head.starts_with(b"\x7fELF") && !head.contains(&0)
}

#[cold]
#[inline(never)]
fn execute_shell(orders: &mut Orders<'_>, path: *const c_char, candidate: usize) -> Failure {
    // SAFETY: the array has `/bin/sh` and at least the program's own name, which makes room for the path.
    unsafe {
        *orders.arguments.add(1) = path;
        libc::execve(*orders.arguments, orders.arguments, orders.environment);
    }
    Failure { step: SpawnStep::Shell, errno: Errno::last(), candidate: Some(candidate) }
}

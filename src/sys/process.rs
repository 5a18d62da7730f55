//! Facts about ourselves, and what the kernel can be asked to do for us.
#![allow(unsafe_code)]

use std::os::fd::{AsFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::unistd;

use crate::policy::event::Pid;
use crate::policy::signal::Signal;

/// Our own pid.
pub fn own_pid() -> Pid {
    // SAFETY: gettid takes no argument. It is the only thread's; musl remembers it and spares the system call.
    Pid(unsafe { libc::gettid() })
}

/// Our parent's pid; 0 if it is in another pid namespace.
pub fn parent_pid() -> Pid {
    Pid(unistd::getppid().as_raw())
}

/// Do we lead our session (`setsid(2)`)?
pub fn leads_session(own: Pid) -> bool {
    unistd::getsid(None).is_ok_and(|sid| sid.as_raw() == own.0)
}

/// Orphans below become our children (`PR_SET_CHILD_SUBREAPER(2const)`).
pub fn become_subreaper() -> Result<(), Errno> {
    prctl::set_child_subreaper(true)
}

/// Asks for `signal` when our parent ends (`PR_SET_PDEATHSIG(2const)`). nix's signals end at 31.
pub fn ask_for_parent_death(signal: Signal) -> Result<(), Errno> {
    // SAFETY: this prctl takes a plain number.
    super::check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, signal.number()) }.into()).map(drop)
}

/// May we send signals at all? Signal 0 goes nowhere (`kill(2)`).
pub fn may_signal(own: Pid) -> Result<(), Errno> {
    // SAFETY: kill takes plain numbers.
    super::check(unsafe { libc::kill(own.0, 0) }.into()).map(drop)
}

/// Has `pid` ended, and nobody waited for it? Where that cannot be asked, it may have. The kernel knows it in half the
/// time that it takes to write a stat file.
pub fn may_have_ended(pid: Pid) -> bool {
    let pidfd = match open_pidfd(pid) {
        Ok(pidfd) => pidfd,
        Err(errno) => return errno != Errno::ESRCH,
    };
    // It can be read when all threads have ended, as is_zombie() means it.
    let mut ended = [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)];
    poll(&mut ended, PollTimeout::ZERO) != Ok(0)
}

/// A descriptor that means this process, and never another one that gets its number later (`pidfd_open(2)`).
pub(super) fn open_pidfd(pid: Pid) -> Result<OwnedFd, Errno> {
    // SAFETY: pidfd_open takes plain numbers.
    let fd = super::check(unsafe { libc::syscall(libc::SYS_pidfd_open, pid.0, 0) })?;
    // SAFETY: the call has just made this descriptor; nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
}

/// Time since boot, suspended time included: the clock of /proc/PID/stat's start times (`clock_gettime(2)`).
pub fn boot_time() -> Duration {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: now lives across the call.
    unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &raw mut now) };
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// Bytes in a page of memory.
pub fn page_size() -> u64 {
    // SAFETY: getauxval only reads the vector that the kernel laid out.
    match unsafe { libc::getauxval(libc::AT_PAGESZ) } {
        0 => 4096,
        size => size,
    }
}

/// Leaves at once: no atexit handler, no flush. There is nothing to flush.
pub fn exit(status: u8) -> ! {
    // SAFETY: _exit never returns and touches no memory of ours.
    unsafe { libc::_exit(status.into()) }
}

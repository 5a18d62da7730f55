//! Facts about ourselves, and what the kernel can be asked to do for us.
#![allow(unsafe_code)]

use std::time::Duration;

use nix::errno::Errno;
use nix::sys::prctl;
use nix::unistd;

use crate::policy::event::Pid;
use crate::policy::signal::Signal;

/// Our own pid.
pub fn own_pid() -> Pid {
    Pid(unistd::getpid().as_raw())
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

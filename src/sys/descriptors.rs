//! Descriptors: opening them above the standard ones, and letting go of all that are not needed.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::time::Duration;

use nix::dir::{Dir, Entry};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::Mode;
use nix::unistd::{chdir, close};

use super::check;

/// Opens a file, close-on-exec and above the standard descriptors. The raw call: musl's open spends a second one
/// on close-on-exec, for kernels that did not know it.
pub(super) fn open(path: &CStr, flags: i32) -> Result<OwnedFd, Errno> {
    let flags = flags | libc::O_CLOEXEC;
    // SAFETY: path is NUL-terminated; without O_CREAT there is no mode.
    let fd = check(unsafe { libc::syscall(libc::SYS_openat, libc::AT_FDCWD, path.as_ptr(), flags) })?;
    // SAFETY: the call has just made this descriptor; nobody else knows it.
    above_standard(unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
}

/// The beginning of a small file of the kernel's, by two system calls. The descriptor stays open: whoever calls this
/// closes all but some next ([`close_all_but`]).
pub fn peek<'b>(path: &CStr, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let fd = open(path, libc::O_RDONLY).ok()?;
    let length = nix::unistd::read(&fd, buffer).ok()?;
    let _ = fd.into_raw_fd();
    buffer.get(..length)
}

/// Moves a descriptor out of 0 to 2: one that was closed at the start stays closed, and nothing of ours may
/// lie where the log or the program would write (T10).
pub(super) fn above_standard(fd: OwnedFd) -> Result<OwnedFd, Errno> {
    if fd.as_raw_fd() > 2 {
        return Ok(fd);
    }
    let moved = fcntl(&fd, FcntlArg::F_DUPFD_CLOEXEC(3))?;
    // SAFETY: fcntl has just made this descriptor; nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(moved) })
}

/// Opens the working directory and leaves it for `/`, so that no file system stays busy because of us. None: it
/// could not be opened (no permission, no longer there); the program inherits it and [`leave_directory`] follows.
pub fn exchange_directory() -> Option<OwnedFd> {
    // A C string: for any other nix has a buffer of 1 KiB on the stack, a page that would stay.
    let old = open(c".", libc::O_PATH | libc::O_DIRECTORY).ok()?;
    chdir(c"/").ok()?;
    Some(old)
}

/// Goes back to a working directory.
pub fn enter_directory(directory: &OwnedFd) {
    let _ = change_directory(directory.as_raw_fd());
}

/// The raw call: where it is refused, musl's would try a path in /proc.
pub(super) fn change_directory(directory: RawFd) -> Result<(), Errno> {
    // SAFETY: fchdir takes a plain number.
    check(unsafe { libc::syscall(libc::SYS_fchdir, directory) }).map(drop)
}

/// Leaves the working directory for `/`.
pub fn leave_directory() {
    let _ = chdir(c"/");
}

/// Closes every descriptor but those in `keep`.
pub fn close_all_but(keep: &mut [RawFd]) {
    keep.sort_unstable();
    let mut first = 0;
    for &kept in keep.iter() {
        if kept > first {
            close_range(first, kept - 1);
        }
        first = first.max(kept + 1);
    }
    close_range(first, RawFd::MAX);
}

fn close_range(first: RawFd, last: RawFd) {
    // SAFETY: closing descriptors touches no memory; the callers keep no owner of any in this range.
    let done = unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
    if done != 0 {
        // Before Linux 5.9, or refused by a sandbox.
        close_each(first, last);
    }
}

fn close_each(first: RawFd, last: RawFd) {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let listed = Dir::open(c"/proc/self/fd", flags, Mode::empty()).and_then(|directory| {
        let number = |entry: Entry| crate::proc::number(entry.file_name().to_bytes());
        directory.into_iter().map(|entry| entry.map(number)).collect::<Result<Vec<Option<RawFd>>, _>>()
    });
    let inside = |fd: &RawFd| (first..=last).contains(fd);
    match listed {
        Ok(open) => open.into_iter().flatten().filter(inside).for_each(close_raw),
        Err(_) => (first..=last.min(most_descriptors())).for_each(close_raw),
    }
}

fn close_raw(fd: RawFd) {
    let _ = close(fd);
}

/// No descriptor has a higher number, unless the limit was lowered after it was opened.
fn most_descriptors() -> RawFd {
    const CAP: RawFd = 65_536;
    let mut limit = libc::rlimit64 { rlim_cur: 0, rlim_max: 0 };
    let keep = std::ptr::null::<libc::rlimit64>();
    // SAFETY: limit lives across the call.
    let read =
        unsafe { libc::syscall(libc::SYS_prlimit64, 0, libc::RLIMIT_NOFILE, keep, &raw mut limit) == 0 };
    if read { RawFd::try_from(limit.rlim_cur).map_or(CAP, |n| n.min(CAP)) } else { CAP }
}

/// A descriptor that the signals in `mask` can be read from.
pub(super) fn signal_descriptor(mask: u64) -> Result<OwnedFd, Errno> {
    let flags = libc::SFD_CLOEXEC | libc::SFD_NONBLOCK;
    // SAFETY: the mask lives across the call and is as long as the call is told.
    let fd =
        check(unsafe { libc::syscall(libc::SYS_signalfd4, -1, &raw const mask, size_of::<u64>(), flags) })?;
    // SAFETY: the call has just made this descriptor; nobody else knows it.
    above_standard(unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
}

/// Waits for this long, or a little less.
pub(super) fn pause(time: Duration) {
    let timeout = PollTimeout::try_from(time).unwrap_or(PollTimeout::ZERO);
    if poll(&mut [], timeout).is_err() {
        let time = libc::timespec { tv_sec: 0, tv_nsec: time.subsec_nanos().into() };
        // SAFETY: the timespec lives across the call. Not std's sleep, which panics where it is refused.
        unsafe { libc::nanosleep(&raw const time, std::ptr::null_mut()) };
    }
}

/// Waits until `fd` can be read; false when the time is over or the wait was interrupted.
pub(super) fn wait_readable(fd: &OwnedFd, timeout: Option<Duration>) -> Result<bool, Errno> {
    // Rounded up: waking a little late beats waking twice. Nothing of 128 bits is divided, which would be a function of its own.
    let milliseconds = timeout.map(|t| t.saturating_add(Duration::from_nanos(999_999)).as_millis());
    let timeout =
        milliseconds.map_or(PollTimeout::NONE, |ms| PollTimeout::try_from(ms).unwrap_or(PollTimeout::MAX));
    match poll(&mut [PollFd::new(fd.as_fd(), PollFlags::POLLIN)], timeout) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::EINTR) => Ok(false),
        Err(errno) => Err(errno),
    }
}

//! System calls that std has no name for. Signals go to single processes only.
#![allow(unsafe_code, clippy::undocumented_unsafe_blocks)]

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// Sends `signal` to the one process `pid`.
#[track_caller]
pub fn kill(pid: i32, signal: i32) {
    assert!(pid > 1, "a test must never signal {pid}");
    let failed = unsafe { libc::kill(pid, signal) } != 0;
    assert!(!failed, "kill({pid}, {signal}): {}", std::io::Error::last_os_error());
}

/// Sends `signal` if the process is still there.
pub fn try_kill(pid: i32, signal: i32) {
    if pid > 1 {
        unsafe { libc::kill(pid, signal) };
    }
}

/// Sends `signal` with a payload to the one process `pid`.
#[track_caller]
pub fn queue(pid: i32, signal: i32, value: i32) {
    assert!(try_queue(pid, signal, value), "sigqueue({pid}, {signal}): {}", std::io::Error::last_os_error());
}

/// The same; false if there is no room for it, or nobody to get it.
#[track_caller]
pub fn try_queue(pid: i32, signal: i32, value: i32) -> bool {
    assert!(pid > 1, "a test must never signal {pid}");
    let pointer = std::ptr::without_provenance_mut(value.cast_unsigned() as usize);
    unsafe { libc::sigqueue(pid, signal, libc::sigval { sival_ptr: pointer }) == 0 }
}

/// Attaches to a process as a debugger does, and lets go of it.
pub fn trace_for_a_moment(pid: i32) -> std::io::Result<()> {
    let nothing = std::ptr::null_mut::<libc::c_void>();
    let failed =
        |result: libc::c_long| if result < 0 { Err(std::io::Error::last_os_error()) } else { Ok(()) };
    failed(unsafe { libc::ptrace(libc::PTRACE_ATTACH, pid, nothing, nothing) })?;
    failed(unsafe { libc::waitpid(pid, std::ptr::null_mut(), libc::__WALL) }.into())?;
    failed(unsafe { libc::ptrace(libc::PTRACE_DETACH, pid, nothing, nothing) })
}

/// Whether the kernel knows pidfd_open(2).
pub fn has_pidfds() -> bool {
    let pidfd = unsafe { libc::syscall(libc::SYS_pidfd_open, std::process::id(), 0) };
    i32::try_from(pidfd).is_ok_and(|pidfd| unsafe { libc::close(pidfd) } == 0)
}

pub fn effective_uid() -> u32 {
    unsafe { libc::geteuid() }
}

/// The descriptors that are open in process `pid`.
pub fn open_descriptors(pid: i32) -> Vec<(i32, String)> {
    let Ok(entries) = std::fs::read_dir(format!("/proc/{pid}/fd")) else { return Vec::new() };
    let mut found: Vec<_> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let target = std::fs::read_link(entry.path()).ok()?;
            Some((entry.file_name().to_str()?.parse().ok()?, target.display().to_string()))
        })
        .collect();
    found.sort_unstable();
    found
}

/// The flags of an open file, which all who share it see.
pub fn status_flags(descriptor: &impl std::os::fd::AsRawFd) -> i32 {
    unsafe { libc::fcntl(descriptor.as_raw_fd(), libc::F_GETFL) }
}

pub fn write_all(descriptor: RawFd, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let wrote = unsafe { libc::write(descriptor, bytes.as_ptr().cast(), bytes.len()) };
        let Ok(wrote) = usize::try_from(wrote) else { return };
        bytes = &bytes[wrote..];
    }
}

/// Every signal that can be caught and that nobody keeps for himself.
pub fn signals() -> impl Iterator<Item = i32> {
    let reserved = [libc::SIGKILL, libc::SIGSTOP, libc::SIGCHLD, 32, 33];
    (1..=64).filter(move |signal| !reserved.contains(signal))
}

/// Opens the one process `pid`, however its number may be used later.
pub fn open_process(pid: i32) -> OwnedFd {
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    assert!(fd >= 0, "pidfd_open({pid}): {}", std::io::Error::last_os_error());
    unsafe { OwnedFd::from_raw_fd(i32::try_from(fd).unwrap()) }
}

/// Sends `signal` to an opened process if it is still there.
pub fn try_send(process: &OwnedFd, signal: i32) {
    let none = std::ptr::null::<libc::siginfo_t>();
    unsafe { libc::syscall(libc::SYS_pidfd_send_signal, process.as_raw_fd(), signal, none, 0) };
}

//! One log line to a descriptor that the program shares.
//!
//! `O_NONBLOCK` belongs to the open file description, so it would hit the program too, and a plain `write(2)`
//! blocks when nobody reads (T5). Each kind of descriptor has its own way out:
//!
//! - sockets: `MSG_DONTWAIT | MSG_NOSIGNAL`;
//! - pipes: `pwritev2(2)` with `RWF_NOWAIT`, which is free of the race between `poll(2)` and `write(2)`;
//! - all else, and pipes before Linux 6.4 or under gVisor: `poll(2)`, then one `write(2)`. Another writer may take
//!   the room in between, and a file may wait for its disk: that much cannot be helped.
#![allow(unsafe_code)]

use nix::errno::Errno;
use std::mem::MaybeUninit;
use std::os::fd::RawFd;

/// What became of the line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WriteOutcome {
    /// All of it was written.
    Written,
    /// Only its beginning was written: the next line has to start with a newline.
    Torn,
    /// There was no room.
    WouldBlock,
    /// The descriptor is closed, nobody reads from it any more, or the file may grow no further. To try again
    /// would raise SIGPIPE or SIGXFSZ again (T4), or write to whatever gets this number next.
    Dead,
    /// Any other error, such as a full disk.
    Failed,
}

/// An interrupted call is repeated this often; with all signals held it hardly ever is.
const INTERRUPTIONS: usize = 8;

/// The most bytes at a time to a terminal. `poll(2)` tells whether a terminal has room, not how much, and a
/// larger `write(2)` then waits for the rest. Drivers count their room in units of 256 bytes.
const TERMINAL_ROOM: usize = 256;

/// Writes `line`, which should not be longer than `PIPE_BUF`, without ever waiting for a reader.
pub fn write_line(fd: RawFd, line: &[u8]) -> WriteOutcome {
    let kind = match file_type(fd) {
        Ok(kind) => kind,
        Err(libc::EBADF) => return WriteOutcome::Dead,
        Err(_) => 0,
    };
    match kind {
        libc::S_IFSOCK => outcome(send(fd, line), line.len()),
        libc::S_IFIFO => write_to_pipe(fd, line),
        libc::S_IFCHR if is_terminal(fd) => write_in_pieces(fd, line),
        _ => write_if_ready(fd, line),
    }
}

fn write_to_pipe(fd: RawFd, line: &[u8]) -> WriteOutcome {
    // Asked first, a pipe without readers says so and raises no SIGPIPE.
    let ready = ready(fd);
    if matches!(ready, Ok(events) if events & libc::POLLERR != 0) {
        return WriteOutcome::Dead;
    }
    match write_nowait(fd, line) {
        // EPERM: a seccomp profile that has never heard of the call.
        Err(libc::EOPNOTSUPP | libc::ENOSYS | libc::EINVAL | libc::EPERM) => write_when(ready, fd, line),
        result => outcome(result, line.len()),
    }
}

fn write_in_pieces(fd: RawFd, line: &[u8]) -> WriteOutcome {
    // The newline goes alone: the driver translates it apart from the text before it, which may have taken the
    // last of the room.
    let (text, newline) = line.split_at(line.len().saturating_sub(1));
    let mut torn = false;
    for piece in text.chunks(TERMINAL_ROOM).chain([newline]) {
        match write_if_ready(fd, piece) {
            WriteOutcome::Written => torn = true,
            WriteOutcome::WouldBlock | WriteOutcome::Failed if torn => return WriteOutcome::Torn,
            other => return other,
        }
    }
    WriteOutcome::Written
}

fn write_if_ready(fd: RawFd, line: &[u8]) -> WriteOutcome {
    write_when(ready(fd), fd, line)
}

fn write_when(ready: Result<i16, i32>, fd: RawFd, line: &[u8]) -> WriteOutcome {
    match ready {
        Ok(events) if events & libc::POLLNVAL != 0 => WriteOutcome::Dead,
        Ok(events) if events & libc::POLLOUT != 0 => outcome(write(fd, line), line.len()),
        Ok(_) => WriteOutcome::WouldBlock,
        // Not allowed to ask: it is better to say nothing than to hang.
        Err(_) => WriteOutcome::Failed,
    }
}

fn outcome(result: Result<usize, i32>, length: usize) -> WriteOutcome {
    match result {
        Ok(written) if written == length => WriteOutcome::Written,
        Ok(0) | Err(libc::EAGAIN) => WriteOutcome::WouldBlock,
        Ok(_) => WriteOutcome::Torn,
        Err(libc::EPIPE | libc::EBADF | libc::EFBIG) => WriteOutcome::Dead,
        Err(_) => WriteOutcome::Failed,
    }
}

fn file_type(fd: RawFd) -> Result<libc::mode_t, i32> {
    let mut status = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: the kernel writes at most one struct stat there.
    call(&mut || unsafe { libc::fstat(fd, status.as_mut_ptr()) } as isize)?;
    // SAFETY: the call succeeded, so it has filled the struct.
    Ok(unsafe { status.assume_init() }.st_mode & libc::S_IFMT)
}

fn is_terminal(fd: RawFd) -> bool {
    super::tty::columns(fd).is_some()
}

/// The events of `poll(2)` right now.
fn ready(fd: RawFd) -> Result<i16, i32> {
    let mut poll = libc::pollfd { fd, events: libc::POLLOUT, revents: 0 };
    // SAFETY: one struct, alive across the call, and the count says one.
    call(&mut || unsafe { libc::poll(&raw mut poll, 1, 0) } as isize)?;
    Ok(poll.revents)
}

fn send(fd: RawFd, line: &[u8]) -> Result<usize, i32> {
    let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
    // SAFETY: pointer and length are those of one living slice.
    call(&mut || unsafe { libc::send(fd, line.as_ptr().cast(), line.len(), flags) })
}

fn write(fd: RawFd, line: &[u8]) -> Result<usize, i32> {
    // SAFETY: pointer and length are those of one living slice.
    call(&mut || unsafe { libc::write(fd, line.as_ptr().cast(), line.len()) })
}

/// `pwritev2(2)` at the current position. Called raw: musl has no such function before 1.2.5, and glibc's emulates.
fn write_nowait(fd: RawFd, line: &[u8]) -> Result<usize, i32> {
    let vector = libc::iovec { iov_base: line.as_ptr().cast_mut().cast(), iov_len: line.len() };
    let here: libc::c_long = -1;
    let count: libc::c_long = 1;
    let (fd, flags) = (libc::c_long::from(fd), libc::c_long::from(libc::RWF_NOWAIT));
    // SAFETY: one vector over one living slice, which the kernel only reads.
    call(
        &mut || unsafe { libc::syscall(libc::SYS_pwritev2, fd, &raw const vector, count, here, here, flags) }
            as isize,
    )
}

fn call(system_call: &mut dyn FnMut() -> isize) -> Result<usize, i32> {
    for _ in 0..INTERRUPTIONS {
        if let Ok(done) = usize::try_from(system_call()) {
            return Ok(done);
        }
        match Errno::last_raw() {
            libc::EINTR => {}
            errno => return Err(errno),
        }
    }
    Err(libc::EINTR)
}

#[cfg(test)]
#[path = "nonblocking_write_tests.rs"]
mod tests;

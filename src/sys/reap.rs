//! Waiting for children: one system call for each call here, never blocking. See `wait4(2)`, `waitid(2)`.
//!
//! libc, not nix: nix's `waitpid` reaps a child that a real-time signal killed and then answers EINVAL, and the
//! ending is lost. Where wait4 fails (a sandbox refuses it), the raw waitid does the same.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::time::Duration;

use nix::errno::Errno;

use super::check;
use crate::policy::event::Pid;
use crate::policy::signal::Signal;
use crate::policy::status::Ending;

/// Whom to wait for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whom {
    /// Any child.
    Any,
    /// This one.
    One(Pid),
}

/// What a child has used, with its own waited-for children (`getrusage(2)`).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Usage {
    /// Time in user mode.
    pub user: Duration,
    /// Time in the kernel.
    pub system: Duration,
    /// The largest resident set of a single process, in KiB.
    pub max_rss: u64,
}

/// What has happened to a child.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// It has ended.
    Ended(Ending),
    /// A signal has stopped it.
    Stopped(Signal),
}

/// An answer of the kernel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// This child.
    Changed(Pid, Change),
    /// There are children, and nothing has happened to them.
    Nothing,
    /// There is no such child.
    Childless,
}

/// Takes the next change; an ended child is gone then and its pid is free.
pub fn reap(whom: Whom) -> Result<(Answer, Usage), Errno> {
    let pid = match whom {
        Whom::Any => -1,
        Whom::One(pid) => pid.0,
    };
    let mut status = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    let options = libc::WNOHANG | libc::WUNTRACED;
    // SAFETY: status and usage live across the call.
    let result = check(unsafe { libc::wait4(pid, &raw mut status, options, usage.as_mut_ptr()) }.into());
    // SAFETY: zeroed plain data, filled by the kernel.
    let usage = unsafe { usage.assume_init() };
    match result {
        Ok(0) => Ok((Answer::Nothing, Usage::default())),
        Ok(pid) => Ok((answer(pid as i32, change_of(status)), usage_of(&usage))),
        Err(Errno::ECHILD) => Ok((Answer::Childless, Usage::default())),
        Err(_) => {
            let options = libc::WNOHANG | libc::WEXITED | libc::WSTOPPED;
            // Nobody would come again for a child that this has missed.
            waitid(whom, options).or_else(|_| waitid(whom, options))
        }
    }
}

/// Looks at the next change and leaves it in place: an ended child keeps its pid and its entry in /proc.
pub fn peek(whom: Whom) -> Result<Answer, Errno> {
    let options = libc::WNOHANG | libc::WEXITED | libc::WSTOPPED | libc::WNOWAIT;
    waitid(whom, options).map(|(answer, _)| answer)
}

/// The raw system call: unlike the C library's, it tells the usage too.
fn waitid(whom: Whom, options: i32) -> Result<(Answer, Usage), Errno> {
    let (kind, id) = match whom {
        Whom::Any => (libc::P_ALL, 0),
        Whom::One(pid) => (libc::P_PID, pid.0),
    };
    let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: info and usage live across the call.
    let result = check(unsafe {
        libc::syscall(libc::SYS_waitid, kind, id, info.as_mut_ptr(), options, usage.as_mut_ptr())
    });
    // SAFETY: zeroed plain data, filled by the kernel.
    let (info, usage) = unsafe { (info.assume_init(), usage.assume_init()) };
    match result {
        Ok(_) => {
            // SAFETY: waitid fills these two, or leaves them zero when nothing has happened.
            let (pid, status) = unsafe { (info.si_pid(), info.si_status()) };
            Ok((
                if pid == 0 { Answer::Nothing } else { answer(pid, change_by(info.si_code, status)) },
                usage_of(&usage),
            ))
        }
        Err(Errno::ECHILD) => Ok((Answer::Childless, Usage::default())),
        Err(errno) => Err(errno),
    }
}

fn answer(pid: i32, change: Option<Change>) -> Answer {
    change.map_or(Answer::Nothing, |change| Answer::Changed(Pid(pid), change))
}

/// A wait status as wait4 packs it.
fn change_of(status: i32) -> Option<Change> {
    if libc::WIFEXITED(status) {
        Some(Change::Ended(Ending::Exited(libc::WEXITSTATUS(status) as u8)))
    } else if libc::WIFSTOPPED(status) {
        Signal::new(libc::WSTOPSIG(status)).map(Change::Stopped)
    } else {
        let core = libc::WCOREDUMP(status);
        Signal::new(libc::WTERMSIG(status)).map(|by| Change::Ended(Ending::Killed { by, core }))
    }
}

/// A wait status as waitid unpacks it.
fn change_by(code: i32, status: i32) -> Option<Change> {
    match code {
        libc::CLD_STOPPED | libc::CLD_TRAPPED => Signal::new(status).map(Change::Stopped),
        _ => ending_by(code, status).map(Change::Ended),
    }
}

/// An ending as a siginfo tells it (`sigaction(2)`, SIGCHLD).
pub(super) fn ending_by(code: i32, status: i32) -> Option<Ending> {
    match code {
        libc::CLD_EXITED => Some(Ending::Exited(status as u8)),
        libc::CLD_KILLED | libc::CLD_DUMPED => {
            Signal::new(status).map(|by| Ending::Killed { by, core: code == libc::CLD_DUMPED })
        }
        _ => None,
    }
}

fn usage_of(usage: &libc::rusage) -> Usage {
    let time = |t: libc::timeval| Duration::new(t.tv_sec as u64, (t.tv_usec as u32).saturating_mul(1000));
    Usage { user: time(usage.ru_utime), system: time(usage.ru_stime), max_rss: usage.ru_maxrss as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wait_statuses_are_unpacked() {
        for (status, change) in [
            (0, Change::Ended(Ending::Exited(0))),
            (255 << 8, Change::Ended(Ending::Exited(255))),
            (15, Change::Ended(Ending::Killed { by: Signal::TERM, core: false })),
            (0x80 | 11, Change::Ended(Ending::Killed { by: Signal::SEGV, core: true })),
            (64, Change::Ended(Ending::Killed { by: Signal::RTMAX, core: false })),
            (20 << 8 | 0x7f, Change::Stopped(Signal::TSTP)),
        ] {
            assert_eq!(change_of(status), Some(change), "{status:#x}");
        }
    }
}

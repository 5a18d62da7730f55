//! The controlling terminal: finding it, giving it away, taking it back, and stopping ourselves for a shell.
//!
//! All signals are held, so TIOCSPGRP from the background is allowed (no SIGTTOU). See `tcsetpgrp(3)`,
//! `ioctl_tty(2)`.
#![allow(unsafe_code)]

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::unistd::{Pid as NixPid, getpgrp, tcgetpgrp, tcsetpgrp};

use super::{check, descriptors, signals};
use crate::policy::event::Pid;
use crate::policy::signal::Signal;

/// Our controlling terminal.
#[derive(Debug)]
pub struct Terminal {
    fd: OwnedFd,
    /// Its foreground group, when that was ours at the start: only then it is ours to give (T7).
    given_by: Option<NixPid>,
    /// The main process leads a session of its own with it.
    in_new_session: bool,
}

/// How many columns the terminal at this descriptor has, 0 if it does not know; None: it is no terminal
/// (`TIOCGWINSZ(2const)`).
pub fn columns(fd: RawFd) -> Option<usize> {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: size is what this request fills, and lives across the call.
    check(unsafe { libc::ioctl(fd, libc::TIOCGWINSZ, &raw mut size) }.into()).ok()?;
    Some(size.ws_col.into())
}

impl Terminal {
    /// The controlling terminal, if there is one. Standard input may well be a pipe (T8) or closed (T10).
    pub fn find() -> Option<Self> {
        let flags = libc::O_RDWR | libc::O_NOCTTY | libc::O_NONBLOCK;
        let fd = match descriptors::open(c"/dev/tty", flags) {
            Ok(fd) => fd,
            Err(Errno::ENXIO) => return None,
            // An image without /dev/tty can still have been given its terminal.
            Err(_) => [0, 1, 2].into_iter().find_map(duplicate_if_ours)?,
        };
        let group = getpgrp();
        let given_by = tcgetpgrp(&fd).ok().filter(|foreground| *foreground == group);
        Some(Self { fd, given_by, in_new_session: false })
    }

    /// The descriptor, for the child and for the list of those to keep.
    pub fn fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    /// Were we in the foreground at the start?
    pub fn is_ours_to_give(&self) -> bool {
        self.given_by.is_some()
    }

    /// Gives the terminal up, so that the child's new session can take it. The kernel sends HUP and CONT to the
    /// foreground group for it; they carry our own pid and are passed over when they are taken.
    pub fn give_up(&mut self) -> Result<(), Errno> {
        // SAFETY: TIOCNOTTY takes no argument.
        check(unsafe { libc::ioctl(self.fd(), libc::TIOCNOTTY) }.into())?;
        self.in_new_session = true;
        Ok(())
    }

    /// Makes the main process's group the foreground one, if our own group is that at the moment.
    pub fn hand_to(&self, main: Pid) {
        let ours = tcgetpgrp(&self.fd).is_ok_and(|foreground| foreground == getpgrp());
        if ours && !self.in_new_session {
            let _ = tcsetpgrp(&self.fd, NixPid::from_raw(main.0));
        }
    }

    /// Takes the terminal back from a main process that never ran.
    pub fn take_back(&self) {
        if let Some(group) = self.given_by {
            let _ = tcsetpgrp(&self.fd, group);
        }
    }

    /// Takes the terminal back from the main process's group, so that ^C reaches us and whoever started us can
    /// read again (T9).
    pub fn take_from(&self, main: Pid) {
        if self.in_new_session {
            // Its session is gone with its leader; a session leader without a terminal may take it again.
            // SAFETY: TIOCSCTTY takes a plain number.
            unsafe { libc::ioctl(self.fd(), libc::TIOCSCTTY, 0) };
        }
        let Some(group) = self.given_by else { return };
        let theirs = tcgetpgrp(&self.fd).is_ok_and(|foreground| foreground.as_raw() == main.0);
        if theirs || self.in_new_session {
            let _ = tcsetpgrp(&self.fd, group);
        }
    }
}

fn duplicate_if_ours(fd: RawFd) -> Option<OwnedFd> {
    // SAFETY: a standard descriptor is only borrowed for the two calls; if it is closed they say EBADF.
    let borrowed = unsafe { BorrowedFd::borrow_raw(fd) };
    tcgetpgrp(borrowed).ok()?;
    let copy = fcntl(borrowed.as_fd(), FcntlArg::F_DUPFD_CLOEXEC(3)).ok()?;
    // SAFETY: fcntl has just made this descriptor; nobody else knows it.
    Some(unsafe { std::os::fd::FromRawFd::from_raw_fd(copy) })
}

/// Stops this process and nobody else until SIGCONT. PID 1 of a namespace cannot be stopped from within.
pub fn suspend_alone() {
    // SAFETY: kill takes plain numbers.
    unsafe { libc::kill(libc::getpid(), libc::SIGSTOP) };
}

/// Stops our whole group as ^Z would, so that a shell above sees its job stop. Returns when we are continued;
/// false if the kernel did not stop us, because our group is orphaned and nobody could continue it.
pub fn suspend() -> bool {
    // The other members first: a shell waits until every process of the job has stopped. Ours stays held.
    // SAFETY: kill takes plain numbers; 0 is our own group, which is the shell's job.
    unsafe { libc::kill(0, Signal::TSTP.number()) };
    let held = signals::set_mask(signals::all_but(Signal::TSTP));
    // Here we are stopped: the pending TSTP has its default action unless the group is orphaned.
    if let Ok(mask) = held {
        let _ = signals::set_mask(mask);
    }
    // Only SIGCONT ends a stop, and it is held and waits to be passed on.
    signals::is_pending(Signal::CONT)
}

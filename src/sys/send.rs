//! Sending signals: to the main process, its group, or all that is left. See `kill(2)`, `pidfd_open(2)`.
//!
//! kill(-1) is said here alone, and only as PID 1, where it reaches our own pid namespace and nothing else.
//! Otherwise "all that is left" are our own descendants, and no pid is trusted: a child of ours keeps its pid
//! until we reap it, and for everyone further down a pidfd is opened before the chain of parents is read, so
//! that the signal can only reach a process which was found to be ours.
#![allow(unsafe_code)]

mod kill;

use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

use nix::errno::Errno;

use super::{check, process};
use crate::policy::event::{Origin, Pid, Received, Target};
use crate::policy::signal::Signal;
use crate::proc::stat::{self, Stat};
use crate::proc::table::Table;

/// A chain of parents longer than this is no chain.
const DEEPEST: usize = 4096;

/// Sends on behalf of one run.
#[derive(Debug)]
pub struct Sender {
    own: Pid,
    main: Pid,
    /// The main process has been reaped: its pid, and the number of its group, may be somebody else's.
    main_is_gone: bool,
    /// When the main process's group was last sent SIGTERM, on the clock of start times.
    told: Option<Duration>,
    /// /proc is mounted and speaks of our own pid namespace; looked at when it is first needed.
    proc_is_ours: bool,
}

impl Sender {
    /// For `main`, as seen by `own`, which is our pid.
    pub fn new(own: Pid, main: Pid) -> Self {
        Self { own, main, main_is_gone: false, told: None, proc_is_ours: false }
    }

    /// From now on the main process's group is only who is still found in it among those below us.
    pub fn main_is_gone(&mut self) {
        self.main_is_gone = true;
    }

    /// Sends `signal`; with a payload as sigqueue(3) does. ESRCH means that nobody is left there; ENOENT that
    /// without /proc nobody can be found.
    pub fn send(&mut self, signal: Signal, to: Target, payload: Option<Received>) -> Result<(), Errno> {
        match to {
            Target::Main => match payload {
                Some(received) => queue(self.main, signal, received),
                None => kill(self.main.0, signal),
            },
            Target::Group if self.main_is_gone => {
                let main = self.main;
                self.send_to_descendants(signal, &|stat| stat.pgrp == main)
            }
            Target::Group => {
                if signal == Signal::TERM {
                    // Before the signal is sent: who is started after it has not been told.
                    self.told = Some(process::boot_time());
                }
                kill(-self.main.0, signal)
            }
            Target::Everyone if self.own.0 == 1 => kill(-1, signal),
            Target::Everyone if signal == Signal::KILL => self.kill_descendants(),
            Target::Everyone => self.send_to_descendants(signal, &|_| true),
            Target::Untold => {
                let (main, told) = (self.main, self.told.unwrap_or_default());
                let untold = |stat: &Stat| stat.pgrp != main || !stat.started_before(told);
                match self.own.0 {
                    1 => self.send_in_namespace(signal, &untold),
                    _ => self.send_to_descendants(signal, &untold),
                }
            }
        }
    }

    /// Whoever is left and lives: as PID 1 in the whole namespace, otherwise our own descendants. None: /proc
    /// cannot tell.
    pub fn left(&mut self) -> Option<Vec<Stat>> {
        let (own, table) = (self.own, self.table()?);
        let everyone: Vec<&Stat> = match own.0 {
            1 => table.stats().iter().filter(|stat| stat.pid != own).collect(),
            _ => table.descendants_of(own),
        };
        Some(everyone.into_iter().filter(|stat| lives(stat)).copied().collect())
    }

    fn table(&mut self) -> Option<Table> {
        self.proc_is_ours = self.proc_is_ours || crate::proc::own::is_ours(self.own.0);
        if !self.proc_is_ours {
            return None;
        }
        // Where we are missing ourselves, others are too.
        let read = || Table::read().ok().filter(|table| table.get(self.own).is_some());
        read().filter(|table| table.denied() == 0).or_else(read)
    }

    #[cold]
    #[inline(never)]
    fn send_in_namespace(&mut self, signal: Signal, wanted: &dyn Fn(&Stat) -> bool) -> Result<(), Errno> {
        let Some(left) = self.left() else { return kill(-1, signal) };
        for stat in left.iter().filter(|stat| wanted(stat)) {
            let _ = kill(stat.pid.0, signal);
        }
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn send_to_descendants(&mut self, signal: Signal, wanted: &dyn Fn(&Stat) -> bool) -> Result<(), Errno> {
        for stat in self.left().ok_or(Errno::ENOENT)?.iter().filter(|stat| wanted(stat)) {
            let _ = self.send_to_descendant(stat, signal);
        }
        Ok(())
    }

    fn send_to_descendant(&self, stat: &Stat, signal: Signal) -> Result<(), Errno> {
        if stat.ppid == self.own {
            return kill(stat.pid.0, signal);
        }
        let pidfd = process::open_pidfd(stat.pid)?;
        match self.chain(stat.pid) {
            // Read twice: a parent's pid may have been reused between two steps of the first walk.
            Some(chain) if self.chain(stat.pid).as_ref() == Some(&chain) => send_through(&pidfd, signal),
            _ => Err(Errno::ESRCH),
        }
    }

    /// The pids from `pid` up to the child of ours that it descends from.
    fn chain(&self, pid: Pid) -> Option<Vec<Pid>> {
        let mut chain = vec![pid];
        while chain.len() < DEEPEST {
            let parent = stat::read(*chain.last()?)?.ppid;
            if parent == self.own {
                return Some(chain);
            }
            if parent.0 <= 1 {
                return None;
            }
            chain.push(parent);
        }
        None
    }
}

fn lives(stat: &Stat) -> bool {
    !matches!(stat.state, b'Z' | b'X' | b'x')
}

/// nix's signals end at 31.
fn kill(pid: i32, signal: Signal) -> Result<(), Errno> {
    // SAFETY: kill takes plain numbers.
    check(unsafe { libc::kill(pid, signal.number()) }.into()).map(drop)
}

/// The beginning of the kernel's siginfo for a signal with a payload; the rest of its 128 bytes is zero.
#[repr(C)]
struct QueuedInfo {
    signo: i32,
    errno: i32,
    code: i32,
    #[cfg(target_pointer_width = "64")]
    padding: i32,
    pid: i32,
    uid: u32,
    value: usize,
}

/// rt_sigqueueinfo(2) lets the original sender's pid through with the payload.
fn queue(to: Pid, signal: Signal, received: Received) -> Result<(), Errno> {
    let Origin::Queued(value) = received.origin else { return kill(to.0, signal) };
    let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
    let start = QueuedInfo {
        signo: signal.number(),
        errno: 0,
        code: libc::SI_QUEUE,
        #[cfg(target_pointer_width = "64")]
        padding: 0,
        pid: received.sender.0,
        uid: received.uid,
        value: value as usize,
    };
    // SAFETY: QueuedInfo is the layout of siginfo_t's beginning, shorter and aligned no more strictly.
    unsafe { info.as_mut_ptr().cast::<QueuedInfo>().write(start) };
    // SAFETY: info lives across the call.
    check(unsafe { libc::syscall(libc::SYS_rt_sigqueueinfo, to.0, signal.number(), info.as_ptr()) }).map(drop)
}

fn send_through(pidfd: &OwnedFd, signal: Signal) -> Result<(), Errno> {
    let no_info = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: a null siginfo means that of kill(2).
    check(unsafe {
        libc::syscall(libc::SYS_pidfd_send_signal, pidfd.as_raw_fd(), signal.number(), no_info, 0)
    })
    .map(drop)
}

//! Receiving signals: all of them are held from the first instruction on and taken one by one.
//!
//! A held signal is queued even when it is ignored, and even for PID 1, whose default actions the kernel skips.
//! Nothing is ever delivered asynchronously, so there is no handler and no race. Masks are raw 64-bit words:
//! glibc's set functions leave 32 and 33 out, musl's 34 too. See `rt_sigtimedwait(2)`, `signalfd(2)`.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

use nix::errno::Errno;

use super::alarm::Alarm;
use super::clock::Clock;
use super::{check, descriptors, reap};
use crate::policy::Uptime;
use crate::policy::event::{Origin, Pid, Received};
use crate::policy::signal::Signal;
use crate::policy::status::Ending;

const ALL: u64 = u64::MAX;
const MASK_BYTES: usize = size_of::<u64>();

/// What the caller of sexton had set up, for the program to get back.
#[derive(Clone, Copy, Debug)]
pub struct Inherited {
    /// Its signal mask.
    pub mask: u64,
    /// SIGCHLD was ignored: the kernel would reap by itself and wait would only say ECHILD (T2).
    pub child_ignored: bool,
}

/// Holds every signal and makes sure that SIGCHLD is one.
pub fn hold_all() -> Result<Inherited, Errno> {
    let mask = set_mask(ALL)?;
    Ok(Inherited { mask, child_ignored: handle_child(libc::SIG_DFL) == libc::SIG_IGN })
}

/// The kernel's struct sigaction for whoever has no handler of his own; only its first word is then not zero.
#[repr(C)]
struct Disposition {
    handler: libc::sighandler_t,
    rest: [usize; 4],
}

/// Sets what becomes of SIGCHLD and returns what it was. The raw call: the child uses it too, and musl's takes a lock.
pub(super) fn handle_child(handler: libc::sighandler_t) -> libc::sighandler_t {
    let new = Disposition { handler, rest: [0; 4] };
    let mut old = Disposition { handler: libc::SIG_DFL, rest: [0; 4] };
    let (new, old_place) = (&raw const new, &raw mut old);
    // SAFETY: both live across the call and are as long as the kernel's; SIG_DFL and SIG_IGN are no functions.
    unsafe { libc::syscall(libc::SYS_rt_sigaction, libc::SIGCHLD, new, old_place, MASK_BYTES) };
    old.handler
}

/// Replaces the signal mask and returns the old one.
pub(super) fn set_mask(mask: u64) -> Result<u64, Errno> {
    let mut old = 0_u64;
    // SAFETY: both words live across the call and are as long as the call is told.
    check(unsafe {
        libc::syscall(libc::SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const mask, &raw mut old, MASK_BYTES)
    })?;
    Ok(old)
}

/// The mask that leaves only `signal` through.
pub(super) fn all_but(signal: Signal) -> u64 {
    ALL & !(1 << (signal.number() - 1))
}

/// Is `signal` held and waiting (`rt_sigpending(2)`)?
pub(super) fn is_pending(signal: Signal) -> bool {
    let mut set = 0_u64;
    // SAFETY: the word lives across the call and is as long as the call is told.
    let result = unsafe { libc::syscall(libc::SYS_rt_sigpending, &raw mut set, MASK_BYTES) };
    result == 0 && set >> (signal.number() - 1) & 1 == 1
}

/// What was taken from the queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notice {
    /// A signal.
    Signal(Received),
    /// SIGCHLD: something may have happened to children, to this one among others. Only a hint, they coalesce.
    Child {
        /// The child that it speaks of; 0 if it speaks of none.
        pid: Pid,
        /// How that one has ended; None: it has not, or nobody knows yet.
        ending: Option<Ending>,
    },
}

/// The parts of a siginfo that matter here.
struct Info {
    number: i32,
    code: i32,
    pid: i32,
    uid: u32,
    status: i32,
    value: u64,
}

/// How signals are taken.
#[derive(Debug)]
enum Way {
    /// rt_sigtimedwait: one call each, no descriptor.
    Wait,
    /// signalfd, where the first fails.
    Descriptor(OwnedFd),
    /// Neither is to be had: children are looked for at intervals, and nothing is received.
    Blind,
}

/// Looking for children without SIGCHLD: this often.
const BLIND_INTERVAL: Duration = Duration::from_millis(50);

/// So many waits in a row that end before their time and bring nothing: this way of waiting does not wait.
const MOST_IN_VAIN: u32 = 64;

/// The queue of held signals.
#[derive(Debug)]
pub struct Inbox {
    own: Pid,
    way: Way,
    in_vain: u32,
    alarm: Alarm,
}

impl Inbox {
    /// `own` is our pid: what we sent ourselves is told from the rest by it.
    pub fn new(own: Pid) -> Self {
        Self { own, way: Way::Wait, in_vain: 0, alarm: Alarm::Unused }
    }

    /// Can nothing be received at all?
    pub fn is_blind(&self) -> bool {
        matches!(self.way, Way::Blind)
    }

    /// The next signal; waits until `deadline`, for ever without one, or a little longer: `now` is the last look at the
    /// clock. None: as for [`take`](Self::take).
    pub fn wait(&mut self, now: Uptime, deadline: Option<Uptime>) -> Option<Notice> {
        let left = deadline.map(|at| at.saturating_sub(now));
        let is_set = deadline.zip(left).is_some_and(|(at, left)| self.alarm.is_set(at, left));
        self.take(left.filter(|_| !is_set))
    }

    /// At this moment, and not before, a SIGCHLD can be taken: until then nobody needs to look at a clock for it.
    pub fn tells_when(&self, at: Uptime) -> bool {
        self.alarm.is_for(at)
    }

    /// The next signal; waits at most `timeout`, for ever without one. None: the time is over, or the wait was
    /// interrupted (a stop and continue, a tracer); the caller looks at its clock and comes again.
    pub fn take(&mut self, timeout: Option<Duration>) -> Option<Notice> {
        loop {
            // The first one in vain is not measured: a clock costs what a signal must not.
            let begun = (self.in_vain > 0).then(Clock::start);
            let taken = match &self.way {
                Way::Wait => self.timed_wait(timeout),
                Way::Descriptor(fd) => self.read_descriptor(fd, timeout),
                Way::Blind => return blind(timeout),
            };
            match taken {
                Ok(Some(notice)) => {
                    self.in_vain = 0;
                    return Some(notice);
                }
                // Nobody waited.
                Ok(None) if timeout == Some(Duration::ZERO) => return None,
                Ok(None) if self.in_vain < MOST_IN_VAIN => {
                    let is_over =
                        begun.zip(timeout).is_some_and(|(begun, timeout)| begun.elapsed() >= timeout);
                    self.in_vain = if is_over { 0 } else { self.in_vain + 1 };
                    return None;
                }
                Ok(None) | Err(_) => self.degrade(),
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn degrade(&mut self) {
        self.in_vain = 0;
        self.way = match (&self.way, descriptors::signal_descriptor(ALL)) {
            (Way::Wait, Ok(fd)) => Way::Descriptor(fd),
            _ => Way::Blind,
        };
    }

    fn timed_wait(&self, timeout: Option<Duration>) -> Result<Option<Notice>, Errno> {
        let timespec = timeout.map(timespec);
        let pointer = timespec.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
        let set = ALL;
        // SAFETY: set, info and the timespec, if any, live across the call.
        let result = check(unsafe {
            libc::syscall(libc::SYS_rt_sigtimedwait, &raw const set, info.as_mut_ptr(), pointer, MASK_BYTES)
        });
        match result {
            Ok(number) => {
                // SAFETY: zeroed plain data, filled by the kernel.
                let info = unsafe { info.assume_init() };
                // SAFETY: the bytes behind si_pid and si_uid are initialised whatever the code, zero if unused.
                let (pid, uid) = unsafe { (info.si_pid(), info.si_uid()) };
                // SAFETY: as above; the payload is read as a plain word.
                let value = unsafe { info.si_value().sival_ptr } as u64;
                // SAFETY: as above.
                let status = unsafe { info.si_status() };
                Ok(self.notice(&Info { number: number as i32, code: info.si_code, pid, uid, status, value }))
            }
            Err(Errno::EAGAIN | Errno::EINTR) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    // Where the first way works this is never needed, and must not make it larger.
    #[cold]
    #[inline(never)]
    fn read_descriptor(&self, fd: &OwnedFd, timeout: Option<Duration>) -> Result<Option<Notice>, Errno> {
        if !descriptors::wait_readable(fd, timeout)? {
            return Ok(None);
        }
        let mut info = MaybeUninit::<libc::signalfd_siginfo>::zeroed();
        let size = size_of::<libc::signalfd_siginfo>();
        // SAFETY: info is as long as the read is told.
        match check(unsafe { libc::read(fd.as_raw_fd(), info.as_mut_ptr().cast(), size) } as libc::c_long) {
            Ok(_) => {
                // SAFETY: zeroed plain data, filled by the kernel.
                let info = unsafe { info.assume_init() };
                Ok(self.notice(&Info {
                    number: info.ssi_signo as i32,
                    code: info.ssi_code,
                    pid: info.ssi_pid as i32,
                    uid: info.ssi_uid,
                    status: info.ssi_status,
                    value: info.ssi_ptr,
                }))
            }
            Err(Errno::EAGAIN | Errno::EINTR) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    fn notice(&self, info: &Info) -> Option<Notice> {
        let Info { code, pid, uid, value, .. } = *info;
        let signal = Signal::new(info.number)?;
        if signal == Signal::CHLD {
            // A full queue loses the details of a SIGCHLD (code SI_USER, pid 0), never the SIGCHLD.
            let pid = Pid(if code > 0 { pid } else { 0 });
            return Some(Notice::Child { pid, ending: reap::ending_by(code, info.status) });
        }
        let origin = match code {
            libc::SI_USER if pid == self.own.0 => Origin::Ourselves,
            libc::SI_QUEUE => Origin::Queued(value),
            // SI_USER, SI_TKILL, timers, message queues: somebody below or outside asked for it.
            code if code <= 0 => Origin::Process,
            _ => Origin::Kernel,
        };
        let (sender, uid) = if origin == Origin::Kernel { (Pid(0), 0) } else { (Pid(pid), uid) };
        Some(Notice::Signal(Received { signal, origin, sender, uid }))
    }
}

#[cold]
#[inline(never)]
fn blind(timeout: Option<Duration>) -> Option<Notice> {
    if timeout == Some(Duration::ZERO) {
        return None;
    }
    descriptors::pause(timeout.map_or(BLIND_INTERVAL, |t| t.min(BLIND_INTERVAL)));
    Some(Notice::Child { pid: Pid(0), ending: None })
}

pub(super) fn timespec(duration: Duration) -> libc::timespec {
    libc::timespec {
        tv_sec: libc::time_t::try_from(duration.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: duration.subsec_nanos() as libc::c_long,
    }
}

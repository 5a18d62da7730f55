//! One wake-up in the far future, so that a wait needs no time limit of its own.
//!
//! A limit costs each rt_sigtimedwait(2) a timer that is set up and taken down again, and a busy run waits thousands of
//! times a second for a moment that is minutes away. The timer here is set once for a moment and sends us SIGCHLD, which
//! is a hint and nothing more: whoever takes it looks at the children and at the clock. Where it falls together with a
//! child's, one of the two stands for both. See `timer_create(2)`, `sigevent(3type)`.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::time::Duration;

use nix::errno::Errno;

use super::check;
use super::signals::timespec;
use crate::policy::Uptime;

/// Nearer than this, a wait may as well have a limit.
const FAR: Duration = Duration::from_secs(1);

/// The timer, as far as it has come.
#[derive(Debug)]
pub(super) enum Alarm {
    /// Nobody has waited yet. A run that is over with its first wake-up is spared the two system calls.
    Unused,
    /// The second wait will make it.
    Wanted,
    /// It is there, and goes off at this moment.
    Set(i32, Uptime),
    /// The kernel has none for us.
    Refused,
}

impl Alarm {
    /// Will it go off at this moment, or has it gone off?
    pub(super) fn is_for(&self, at: Uptime) -> bool {
        matches!(self, Self::Set(_, moment) if *moment == at)
    }

    /// Can whoever waits until `at`, which is `left` from now, wait without a limit?
    pub(super) fn is_set(&mut self, at: Uptime, left: Duration) -> bool {
        if left < FAR {
            return false;
        }
        *self = match self {
            Self::Set(_, moment) if *moment == at => return true,
            Self::Unused => Self::Wanted,
            Self::Wanted => create().and_then(|timer| set(timer, at, left)).unwrap_or(Self::Refused),
            Self::Set(timer, _) => set(*timer, at, left).unwrap_or(Self::Refused),
            Self::Refused => Self::Refused,
        };
        matches!(self, Self::Set(..))
    }
}

/// By raw system calls: the C library's would reach for threads.
fn create() -> Result<i32, Errno> {
    let mut timer = 0_i32;
    let mut event = MaybeUninit::<libc::sigevent>::zeroed();
    // SAFETY: zeroed plain data; a zero payload and the fields that matter.
    let event = unsafe {
        let event = event.assume_init_mut();
        event.sigev_notify = libc::SIGEV_SIGNAL;
        event.sigev_signo = libc::SIGCHLD;
        &raw const *event
    };
    // SAFETY: event and timer live across the call.
    check(unsafe { libc::syscall(libc::SYS_timer_create, libc::CLOCK_MONOTONIC, event, &raw mut timer) })?;
    Ok(timer)
}

fn set(timer: i32, at: Uptime, left: Duration) -> Result<Alarm, Errno> {
    let once = libc::itimerspec { it_interval: timespec(Duration::ZERO), it_value: timespec(left) };
    let old = std::ptr::null_mut::<libc::itimerspec>();
    // SAFETY: the value lives across the call; nobody asks for the old one.
    check(unsafe { libc::syscall(libc::SYS_timer_settime, timer, 0, &raw const once, old) })?;
    Ok(Alarm::Set(timer, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Uptime = Duration::from_secs(300);

    #[test]
    fn it_is_made_for_the_second_wait_and_set_once_for_a_moment() {
        let mut alarm = Alarm::Unused;
        assert!(!alarm.is_set(AT, AT), "the first wait has its own limit");
        assert!(alarm.is_set(AT, AT));
        let Alarm::Set(timer, _) = alarm else { panic!("{alarm:?}") };
        assert!(alarm.is_set(AT, AT / 2), "whoever comes later waits for the same");
        assert!(!alarm.is_set(AT, FAR - Duration::from_millis(1)), "what is near is not left to it");
        assert!(alarm.is_set(AT * 2, AT));
        assert!(matches!(alarm, Alarm::Set(same, at) if same == timer && at == AT * 2), "{alarm:?}");
    }

    #[test]
    fn where_the_kernel_has_none_every_wait_has_its_limit() {
        let mut alarm = Alarm::Refused;
        assert!(!alarm.is_set(AT, AT) && !alarm.is_set(AT, AT));
    }
}

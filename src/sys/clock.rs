//! How long a run has lasted, by the monotonic clock. See `clock_gettime(2)`.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::time::Duration;

use crate::policy::Uptime;

/// Stands at zero when it is made.
#[derive(Debug)]
pub struct Clock {
    origin: Duration,
}

impl Clock {
    /// By a plain system call: the first use of the vDSO costs several page faults, and a short run never has another.
    pub fn start() -> Self {
        let mut now = MaybeUninit::<libc::timespec>::zeroed();
        // SAFETY: the timespec lives across the call.
        let result =
            unsafe { libc::syscall(libc::SYS_clock_gettime, libc::CLOCK_MONOTONIC, now.as_mut_ptr()) };
        // SAFETY: zeroed plain data, filled by the kernel.
        let origin = if result == 0 { unsafe { now.assume_init() } } else { monotonic() };
        Self { origin: duration(&origin) }
    }

    /// Time since then.
    pub fn elapsed(&self) -> Uptime {
        duration(&monotonic()).saturating_sub(self.origin)
    }
}

fn monotonic() -> libc::timespec {
    let mut now = MaybeUninit::<libc::timespec>::zeroed();
    // SAFETY: the timespec lives across the call; this clock always exists.
    unsafe {
        libc::clock_gettime(libc::CLOCK_MONOTONIC, now.as_mut_ptr());
        now.assume_init()
    }
}

fn duration(time: &libc::timespec) -> Duration {
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_asking_read_the_same_clock() {
        let before = duration(&monotonic());
        let clock = Clock::start();
        let after = duration(&monotonic());
        assert!(before <= clock.origin && clock.origin <= after);
        let first = clock.elapsed();
        let second = clock.elapsed();
        assert!(first <= second && second <= duration(&monotonic()));
    }
}

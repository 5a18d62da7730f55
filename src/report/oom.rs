//! Was it killed for want of memory? The kernel does not tell whom it killed, only counts, for the whole cgroup.

use std::fmt;

use super::units::{memory, oom_kills};

/// The memory cgroup's `oom_kill` counter around a run, and its limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Oom {
    /// The counter when the run began; None = not read, or not to be had.
    pub before: Option<u64>,
    /// When it was last looked at while the main process lived, whom the kills until then so did not end.
    pub last: Option<u64>,
    /// When the main process had ended.
    pub after: Option<u64>,
    /// The limit in bytes; None = none, or not known.
    pub limit: Option<u64>,
}

/// What can be said of a death by SIGKILL.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// Nothing.
    Nothing,
    /// The counter rose by this much.
    OutOfMemory(u64),
    /// It is not zero, but may have been so before the run; and the process had filled most of the limit.
    Likely(u64),
}

impl Oom {
    /// Kills in the whole run, if that is known.
    pub fn kills(&self) -> Option<u64> {
        Some(self.after?.saturating_sub(self.before?))
    }

    /// Did the counter rise since it was last looked at? `max_rss`: the most that the dead process had, in KiB.
    pub(super) fn verdict(&self, max_rss: u64) -> Verdict {
        let half = self.limit.is_some_and(|limit| max_rss.saturating_mul(1024) >= limit / 2);
        match (self.last.or(self.before), self.after) {
            (Some(last), Some(after)) if after > last => Verdict::OutOfMemory(after - last),
            (None, Some(after)) if after > 0 && half => Verdict::Likely(after),
            _ => Verdict::Nothing,
        }
    }

    /// `out of memory (limit 512 MiB, 1 oom kill)`
    pub fn sentence(self, kills: u64) -> impl fmt::Display {
        Sentence { limit: self.limit, kills }
    }
}

struct Sentence {
    limit: Option<u64>,
    kills: u64,
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.limit {
            Some(limit) => write!(f, "out of memory (limit {}", memory(limit / 1024)),
            None => f.write_str("out of memory (no limit of its own"),
        }?;
        write!(f, ", {})", oom_kills(self.kills))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: u64 = 64 << 20;
    const FULL: u64 = 60 << 10;

    fn verdict(before: Option<u64>, last: Option<u64>, after: Option<u64>, max_rss: u64) -> Verdict {
        Oom { before, last, after, limit: Some(LIMIT) }.verdict(max_rss)
    }

    #[test]
    fn a_counter_that_rose_is_a_reason() {
        assert_eq!(verdict(Some(0), None, Some(1), 0), Verdict::OutOfMemory(1));
        assert_eq!(verdict(Some(3), None, Some(5), 0), Verdict::OutOfMemory(2));
        assert_eq!(verdict(Some(3), None, Some(3), FULL), Verdict::Nothing);
    }

    #[test]
    fn kills_that_the_main_process_survived_are_no_reason() {
        assert_eq!(verdict(Some(0), Some(2), Some(2), FULL), Verdict::Nothing);
        assert_eq!(verdict(Some(0), Some(2), Some(3), FULL), Verdict::OutOfMemory(1));
        assert_eq!(verdict(None, Some(2), Some(3), FULL), Verdict::OutOfMemory(1));
    }

    #[test]
    fn without_a_beginning_nothing_is_claimed() {
        assert_eq!(verdict(None, None, Some(0), FULL), Verdict::Nothing);
        assert_eq!(verdict(None, None, Some(1), 2 << 10), Verdict::Nothing);
        assert_eq!(verdict(None, None, Some(1), FULL), Verdict::Likely(1));
        assert_eq!(verdict(Some(1), None, None, FULL), Verdict::Nothing);
        assert_eq!(Oom { after: Some(1), ..Oom::default() }.verdict(FULL), Verdict::Nothing);
    }
}

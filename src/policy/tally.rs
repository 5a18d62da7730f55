//! What a run has come to: counted as it happens, told when it is over.

use super::Uptime;
use super::event::Received;
use super::signal::Signal;

/// Counters, and the first stop request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tally {
    /// The first stop request, as it was received, and when.
    pub stop: Option<(Received, Uptime)>,
    /// Orphans reaped, those below included.
    pub reaped: u64,
    /// Orphans that ended in their grace, after they had been told to.
    pub terminated: u64,
    /// Orphans that had to be killed.
    pub killed: u64,
    /// How often each signal was sent on, by number.
    forwarded: [u32; 65],
}

impl Default for Tally {
    fn default() -> Self {
        Self { stop: None, reaped: 0, terminated: 0, killed: 0, forwarded: [0; 65] }
    }
}

impl Tally {
    pub(super) fn note_stop(&mut self, received: Received, now: Uptime) {
        self.stop.get_or_insert((received, now));
    }

    pub(super) fn note_forwarded(&mut self, signal: Signal) {
        if let Some(count) = self.forwarded.get_mut(signal.number() as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// The signals that were sent on because they had been received, as they were sent, and how often.
    pub fn forwarded(&self) -> impl Iterator<Item = (Signal, u32)> {
        let counts = self.forwarded.iter().zip(0..).filter(|(count, _)| **count > 0);
        counts.filter_map(|(count, number)| Some((Signal::new(number)?, *count)))
    }
}

//! From a received signal to what becomes of it: rewritten, a stop request, or dropped.

use super::signal::{Signal, SignalSet};

/// The rewrite table and the stop signals.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Routing {
    /// One entry for each rewritten signal; None swallows it. The last one for a signal wins.
    pub rewrites: Vec<(Signal, Option<Signal>)>,
    /// Which received signals are stop requests.
    pub stop_signals: SignalSet,
    /// Received signals after which we stop ourselves, until SIGCONT.
    pub suspend_after: SignalSet,
}

impl Default for Routing {
    fn default() -> Self {
        let rtmin_3 = Signal::new(Signal::RTMIN.number() + 3);
        Self {
            rewrites: Vec::new(),
            stop_signals: [Signal::TERM, Signal::INT].into_iter().chain(rtmin_3).collect(),
            suspend_after: SignalSet::EMPTY,
        }
    }
}

/// What becomes of a received signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Route {
    /// It is sent on as this signal.
    Forward(Signal),
    /// It asks the main process to stop, and is sent on as this signal.
    Stop(Signal),
    /// Nobody gets it.
    Drop,
}

impl Routing {
    /// The signal that `signal` is sent on as; None = swallowed.
    pub fn rewritten(&self, signal: Signal) -> Option<Signal> {
        match self.rewrites.iter().rev().find(|(from, _)| *from == signal) {
            Some((_, to)) => *to,
            None => Some(signal),
        }
    }

    /// Where a received signal goes. Stop signals are matched as received; a swallowed one is no stop request.
    pub fn route(&self, signal: Signal) -> Route {
        let kept = matches!(signal, Signal::KILL | Signal::STOP | Signal::CHLD) || signal.is_reserved();
        match self.rewritten(signal) {
            Some(to) if !kept && self.stop_signals.contains(signal) => Route::Stop(to),
            Some(to) if !kept => Route::Forward(to),
            _ => Route::Drop,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routing(rewrites: &[(Signal, Option<Signal>)]) -> Routing {
        Routing { rewrites: rewrites.to_vec(), ..Routing::default() }
    }

    #[test]
    fn everything_that_can_be_caught_is_forwarded() {
        let dropped: Vec<i32> =
            Signal::all().filter(|s| routing(&[]).route(*s) == Route::Drop).map(Signal::number).collect();
        assert_eq!(dropped, [9, 17, 19, 32, 33]);
    }

    #[test]
    fn stop_signals_are_matched_as_received() {
        let r = routing(&[(Signal::TERM, Some(Signal::HUP)), (Signal::INT, None)]);
        assert_eq!(r.route(Signal::TERM), Route::Stop(Signal::HUP));
        assert_eq!(r.route(Signal::INT), Route::Drop);
        assert_eq!(r.route(Signal::HUP), Route::Forward(Signal::HUP));
    }

    #[test]
    fn the_last_rewrite_of_a_signal_wins_and_rewrites_do_not_chain() {
        let r = routing(&[
            (Signal::HUP, None),
            (Signal::HUP, Some(Signal::TERM)),
            (Signal::TERM, Some(Signal::WINCH)),
        ]);
        assert_eq!(r.route(Signal::HUP), Route::Forward(Signal::TERM));
    }

    #[test]
    fn a_child_signal_may_be_rewritten_to_by_nobody() {
        assert_eq!(routing(&[(Signal::CHLD, Some(Signal::TERM))]).route(Signal::CHLD), Route::Drop);
    }
}

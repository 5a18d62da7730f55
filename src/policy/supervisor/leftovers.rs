//! After the main process has ended: whatever is left is told, given its grace, killed, and at last let be.

use std::time::Duration;

use super::{Phase, Supervisor};
use crate::policy::event::{Action, Actions, Origin, Received, Target, Why};
use crate::policy::routing::Route;
use crate::policy::signal::Signal;
use crate::policy::status::Ending;
use crate::policy::{Rest, Uptime};

/// How long SIGKILL may take before what is left is left to the kernel (uninterruptible sleep).
const KILL_PATIENCE: Duration = Duration::from_secs(2);
/// How often SIGKILL is repeated in that time: without kill(-1) a scan of descendants can miss a fork.
const KILL_INTERVAL: Duration = Duration::from_millis(100);

impl Supervisor {
    pub(super) fn main_ended(&mut self, ending: Ending, out: &mut Actions) {
        self.outcome.ending = Some(ending);
        out.push(Action::TakeTerminal);
        self.phase = Phase::Tell;
        match self.policy.rest {
            Rest::Stop if !self.policy.grace.is_zero() => {}
            Rest::TellGroup if self.policy.own_group => {}
            Rest::Stop | Rest::Leave | Rest::TellGroup => self.exit(out),
        }
    }

    pub(super) fn count_orphan(&mut self, ending: Ending) {
        self.tally.reaped += 1;
        match (self.phase, ending) {
            (Phase::Grace { .. }, _) => self.tally.terminated += 1,
            (Phase::Kill { .. }, Ending::Killed { by: Signal::KILL, .. }) => self.tally.killed += 1,
            _ => {}
        }
    }

    /// A stop request now means: no more patience. Every other signal has nobody left to go to.
    #[inline(never)]
    pub(super) fn cut_short(&mut self, now: Uptime, received: Received) {
        let stop = matches!(self.policy.routing.route(received.signal), Route::Stop(_));
        let stops = self.policy.rest == Rest::Stop;
        if stop && stops && received.origin != Origin::Ourselves && !matches!(self.phase, Phase::Kill { .. })
        {
            self.phase = Phase::Grace { until: now };
        }
    }

    #[inline(never)]
    pub(super) fn final_deadline(&mut self, now: Uptime, out: &mut Actions) {
        match self.phase {
            Phase::Tell if self.policy.rest == Rest::TellGroup => {
                self.group_told = true;
                self.send_final(Signal::TERM, Target::Group, out);
                self.send_final(Signal::CONT, Target::Group, out);
                self.exit(out);
            }
            Phase::Tell => {
                let to = if self.group_told { Target::Untold } else { Target::Everyone };
                self.send_final(Signal::TERM, to, out);
                self.send_final(Signal::CONT, Target::Everyone, out);
                self.phase = Phase::Grace { until: now.saturating_add(self.policy.grace) };
            }
            Phase::Grace { until } if until <= now => {
                self.send_final(Signal::KILL, Target::Everyone, out);
                let again = now.saturating_add(KILL_INTERVAL);
                let give_up = now.saturating_add(KILL_PATIENCE);
                self.phase = Phase::Kill { again, give_up, repeated: false };
            }
            // The time is over and nobody was killed twice: it was spent frozen, so there is a little more of it.
            Phase::Kill { give_up, repeated: false, .. } if give_up <= now => {
                self.kill_again(now, now.saturating_add(KILL_INTERVAL), out);
            }
            Phase::Kill { give_up, .. } if give_up <= now => {
                self.outcome.left_behind = true;
                self.exit(out);
            }
            Phase::Kill { again, give_up, .. } if again <= now => self.kill_again(now, give_up, out),
            _ => {}
        }
    }

    fn kill_again(&mut self, now: Uptime, give_up: Uptime, out: &mut Actions) {
        let (signal, to) = (Signal::KILL, Target::Everyone);
        out.push(Action::Send { signal, to, why: Why::Repeated, payload: None });
        self.phase = Phase::Kill { again: now.saturating_add(KILL_INTERVAL), give_up, repeated: true };
    }

    fn send_final(&mut self, signal: Signal, to: Target, out: &mut Actions) {
        out.push(Action::Send { signal, to, why: Why::Final, payload: None });
    }
}

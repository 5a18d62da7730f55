//! All supervisors that were met, by number, and what time and every event make of them: judged once, then looked
//! up. Each is kept in its normal form, in which all times are relative and all is forgotten that no decision
//! depends on any more, so that they repeat and are finite in number.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::time::Duration;

use super::super::laws::{self, Verdict, law};
use super::super::{MAIN, seconds};
use super::shapes::{RESTS, TERMINALS};
use super::transitions::{self, Transition};
use crate::policy::Rest;
use crate::policy::event::{Action, Actions, Event, Origin, Pid};
use crate::policy::job_control::JobControl;
use crate::policy::signal::{Signal, SignalSet};
use crate::policy::status::Outcome;
use crate::policy::supervisor::{Phase, Policy, Supervisor};

/// It is always now: after each step all times are counted from here again.
pub(super) const NOW: Duration = Duration::from_secs(1 << 20);

/// A signal as it comes from outside.
pub(super) type Heard = (Signal, Origin);

const QUIT: Signal = Signal::new(3).unwrap();
const USR1: Signal = Signal::new(10).unwrap();
const USR2: Signal = Signal::new(12).unwrap();
const RTMIN_3: Signal = Signal::new(37).unwrap();

/// From outside, at any time. USR2 is rewritten to TERM in every shape.
pub(super) const SIGNALS: [Heard; 6] = [
    (Signal::TERM, Origin::Process),
    (Signal::HUP, Origin::Process),
    (Signal::INT, Origin::Process),
    (Signal::CONT, Origin::Process),
    (USR2, Origin::Process),
    (Signal::INT, Origin::Kernel),
];
/// To every supervisor, but not to be followed further: to the processes they are one of the above or nothing.
/// USR1 is swallowed in every shape.
pub(super) const OTHER_SIGNALS: [Heard; 8] = [
    (RTMIN_3, Origin::Process),
    (USR1, Origin::Process),
    (QUIT, Origin::Kernel),
    (Signal::TSTP, Origin::Kernel),
    (Signal::CHLD, Origin::Process),
    (Signal::TERM, Origin::Ourselves),
    (Signal::TERM, Origin::Queued(1)),
    (Signal::HUP, Origin::Queued(2)),
];

/// The supervisor after a step, and what it asked for.
type Stepped = (usize, Rc<[Action]>);

#[derive(Default)]
pub(super) struct Known {
    supervisors: Vec<Supervisor>,
    numbers: HashMap<u64, usize>,
    steps: HashMap<(usize, Event, Option<usize>), Stepped>,
    later: HashMap<(usize, Duration), usize>,
    /// Those of which deadlines alone have been shown to come to an end.
    rested: HashSet<usize>,
    pub(super) reached: BTreeSet<Transition>,
}

impl Known {
    pub(super) fn get(&self, number: usize) -> &Supervisor {
        &self.supervisors[number]
    }

    pub(super) fn len(&self) -> usize {
        self.supervisors.len()
    }

    /// The number of a supervisor whose times are counted from `now`. One that is new is judged.
    pub(super) fn number(&mut self, raw: &Supervisor, now: Duration) -> Result<usize, String> {
        let mut normal = raw.clone();
        normalize(&mut normal, now);
        let mut hasher = DefaultHasher::new();
        hash(&normal, &mut hasher);
        let fingerprint = hasher.finish();
        if let Some(number) = self.numbers.get(&fingerprint) {
            return Ok(*number);
        }
        let number = self.supervisors.len();
        self.numbers.insert(fingerprint, number);
        self.supervisors.push(normal);
        self.judge(number)?;
        Ok(number)
    }

    /// One step, by every law that holds of a step. `rest`: what is to become of the rest, if the main process's end
    /// turns out to be seen.
    pub(super) fn step(&mut self, number: usize, event: Event, rest: usize) -> Result<Stepped, String> {
        let ends = match event {
            Event::Reaped { pid, .. } => pid == MAIN,
            event => event == Event::Childless,
        };
        let rest = (ends && self.get(number).is_running()).then_some(rest);
        if let Some(known) = self.steps.get(&(number, event, rest)) {
            return Ok(known.clone());
        }
        let (after, actions) = self.try_step(number, event, rest)?;
        let next = self.number(&after, NOW)?;
        if !after.is_running() {
            same_future(&after, &self.supervisors[next])?;
        }
        let stepped = (next, actions.iter().collect::<Rc<[Action]>>());
        self.steps.insert((number, event, rest), stepped.clone());
        Ok(stepped)
    }

    fn try_step(
        &mut self,
        number: usize,
        event: Event,
        rest: Option<usize>,
    ) -> Result<(Supervisor, Actions), String> {
        let mut before = self.supervisors[number].clone();
        if let Some(rest) = rest {
            let (rest, grace) = RESTS[rest];
            before.policy = Policy { rest, grace: seconds(grace), ..before.policy };
        }
        let mut after = before.clone();
        let actions = after.step(NOW, event);
        laws::step(&before, event, actions, &after)?;
        if after.is_running() {
            independent(&before, event, actions)?;
        }
        self.reached.insert(transitions::of(&before, event, actions, &after));
        Ok((after, actions))
    }

    /// The same supervisor after `time` in which nothing happened.
    pub(super) fn later(&mut self, number: usize, time: Duration) -> Result<usize, String> {
        if let Some(known) = self.later.get(&(number, time)) {
            return Ok(*known);
        }
        let supervisor = self.supervisors[number].clone();
        let next = self.number(&supervisor, NOW + time)?;
        self.later.insert((number, time), next);
        Ok(next)
    }

    /// What is due now, or waits for nothing.
    pub(super) fn is_due(&self, number: usize) -> bool {
        self.get(number).deadline().is_some_and(|at| at <= NOW)
    }

    /// Deadlines at one and the same moment, until none is due then: the law is that this is soon.
    pub(super) fn settle(&mut self, mut number: usize) -> Verdict {
        for _ in 0..self.get(number).policy.escalation.len() + 5 {
            if !self.is_due(number) {
                return Ok(());
            }
            number = self.step(number, Event::Deadline, 0)?.0;
        }
        Err("a deadline that stays due makes the loop spin".into())
    }

    /// Every supervisor hears some of the signals that are not followed further; several are alike in all that matters
    /// to these.
    fn judge(&mut self, number: usize) -> Verdict {
        for heard in OTHER_SIGNALS.into_iter().skip(number % 4).step_by(4) {
            self.try_step(number, received(heard), None)?;
        }
        Ok(())
    }

    /// What holds of a supervisor if nothing ever happens again but that time passes.
    pub(super) fn come_to_rest(&mut self, first: usize) -> Verdict {
        let running = self.get(first).is_running();
        let mut number = first;
        // Each wait once, a plan once more after the timeout, 20 times KILL.
        let most = 2 * self.get(first).policy.escalation.len() + 30;
        for _ in 0..most {
            if self.rested.contains(&number) {
                self.rested.insert(first);
                return Ok(());
            }
            let Some(at) = self.get(number).deadline() else {
                self.rested.insert(number);
                self.rested.insert(first);
                law(running || self.get(number).phase == Phase::Done, "deadlines alone end a run")?;
                return laws::rests(self.get(number));
            };
            number = self.later(number, at.saturating_sub(NOW))?;
            number = self.step(number, Event::Deadline, 0)?.0;
        }
        Err("deadlines do not come to an end".into())
    }
}

/// While the main process lives nothing depends on what is to become of the rest, nor on the grace, unless it has
/// to stand for a plan after the timeout: these are chosen when the main process has ended.
fn independent(before: &Supervisor, event: Event, actions: Actions) -> Verdict {
    let mut other = before.clone();
    other.policy.rest = if before.policy.rest == Rest::Leave { Rest::TellGroup } else { Rest::Leave };
    if before.policy.timeout.is_none() || !before.policy.escalation.is_empty() {
        other.policy.grace = seconds(100);
    }
    // A terminal is chosen with the first event that has to do with one.
    let of_terminal = match event {
        Event::Signal(received) => [Signal::CONT, Signal::HUP].contains(&received.signal),
        event => matches!(event, Event::Stopped { .. } | Event::NotSuspended),
    };
    if before.job_control == JobControl::Off && !of_terminal {
        (other.job_control, other.policy.routing.suspend_after) = TERMINALS[3];
    }
    law(other.step(NOW, event) == actions, "a choice that does not matter yet matters")
}

/// What was forgotten after the main process's end makes no difference.
fn same_future(raw: &Supervisor, normal: &Supervisor) -> Verdict {
    let events = [Event::Deadline, received(SIGNALS[0])];
    let same = events.into_iter().all(|event| {
        let (mut raw, mut normal) = (raw.clone(), normal.clone());
        let (first, second) = (raw.step(NOW, event), normal.step(NOW, event));
        let kinds =
            |actions: &Actions| actions.iter().map(|a| std::mem::discriminant(&a)).collect::<Vec<_>>();
        raw.deadline() == normal.deadline() && kinds(&first) == kinds(&second)
    });
    law(same, "a wait for the main process outlives it")
}

pub(super) fn received((signal, origin): Heard) -> Event {
    super::super::received(signal, origin)
}

/// Counts all times anew from a moment that is called NOW, and forgets what no decision depends on.
fn normalize(supervisor: &mut Supervisor, now: Duration) {
    let ahead = |at: Duration| NOW + at.saturating_sub(now);
    if let Some(held) = &mut supervisor.held {
        held.until = ahead(held.until);
    }
    supervisor.timeout_at = supervisor.timeout_at.map(ahead);
    let waits = supervisor.step_due().map(|at| at.saturating_sub(now));
    if let Some(climb) = &mut supervisor.climb {
        let after = supervisor.policy.escalation.get(climb.next).map(|step| step.after);
        climb.since = NOW - after.unwrap_or_default().saturating_sub(waits.unwrap_or_default());
    }
    if let JobControl::Alone { last, due } = &mut supervisor.job_control {
        *due = due.map(ahead);
        let ago = last.map(|at| now.saturating_sub(at)).filter(|ago| *ago < Duration::from_secs(1));
        *last = ago.map(|ago| NOW - ago);
    }
    supervisor.phase = match supervisor.phase {
        Phase::Grace { until } => Phase::Grace { until: ahead(until) },
        Phase::Kill { again, give_up, repeated } => {
            Phase::Kill { again: ahead(again), give_up: ahead(give_up), repeated }
        }
        phase => phase,
    };
    supervisor.tally = crate::policy::tally::Tally::default();
    // The laws compare these before and after each step.
    let outcome = &mut supervisor.outcome;
    outcome.forwarded = SignalSet::EMPTY;
    outcome.steps_climbed = 0;
    outcome.killed_by_plan = false;
    if !outcome.stops.is_empty() {
        outcome.stops = SignalSet::EMPTY.with(Signal::TERM);
    }
    if !supervisor.is_running() {
        let Policy { routing, reach, own_group, grace, rest, .. } = supervisor.policy.clone();
        let outcome = Outcome { stops: SignalSet::EMPTY, timed_out: false, ..supervisor.outcome };
        let (phase, group_told) = (supervisor.phase, supervisor.group_told);
        let policy = Policy { routing, reach, own_group, grace, rest, ..super::super::policy() };
        *supervisor = Supervisor { phase, group_told, outcome, ..Supervisor::new(policy, MAIN) };
    }
}

fn hash(supervisor: &Supervisor, hasher: &mut DefaultHasher) {
    let Supervisor {
        policy,
        main: Pid(_),
        phase,
        held,
        climb,
        timeout_at,
        group_told,
        job_control,
        stopped_together,
        outcome,
        // Counted for the report alone.
        tally: _,
    } = supervisor;
    let Policy { routing, reach, own_group, stop_delay, escalation, grace, rest, timeout, job_control: _ } =
        policy;
    // All shapes rewrite the same signals.
    routing.suspend_after.is_empty().hash(hasher);
    (reach, own_group, stop_delay, escalation, grace, rest, timeout).hash(hasher);
    (phase, held, climb, timeout_at, group_told, job_control, stopped_together, outcome).hash(hasher);
}

//! Breadth-first search, with the way to a broken law.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::time::Duration;

use super::super::laws;
use super::processes::MAIN_SLOT;
use super::state::{Heard, Move, NOW, State, WakeUp, received};
use super::transitions::{self, Transition};
use crate::policy::event::Origin;
use crate::policy::job_control::JobControl;
use crate::policy::signal::Signal;
use crate::policy::supervisor::{Phase, Supervisor};

/// Time passes in steps of this, or to the next deadline.
const TICK: Duration = Duration::from_secs(1);
/// As long as a suspended machine sleeps.
const SLEEP: Duration = Duration::from_secs(3600);

pub(super) struct Search<'a> {
    seen: HashSet<u64>,
    /// For each state: the one it came from, and how.
    trail: Vec<(usize, Option<Move>)>,
    waiting: VecDeque<(usize, State)>,
    /// Supervisors by themselves.
    judged: HashSet<u64>,
    reached: &'a mut BTreeSet<Transition>,
    pub(super) moves: usize,
}

impl<'a> Search<'a> {
    pub(super) fn new(start: State, reached: &'a mut BTreeSet<Transition>) -> Self {
        let mut search = Self {
            judged: HashSet::new(),
            seen: HashSet::new(),
            trail: Vec::new(),
            waiting: VecDeque::new(),
            reached,
            moves: 0,
        };
        search.add(start, 0, None);
        search
    }

    pub(super) fn states(&self) -> usize {
        self.seen.len()
    }

    /// Looks at up to `limit` states; true: there are no more.
    pub(super) fn run(&mut self, limit: usize) -> bool {
        for turn in 0..limit {
            // A few states far away are worth more than all that are near.
            let next = if turn % 2 == 0 { self.waiting.pop_front() } else { self.waiting.pop_back() };
            let Some((number, state)) = next else { return true };
            if self.judged.insert(state.supervisor_fingerprint())
                && let Err(law) = judge(&state.supervisor, self.reached)
            {
                self.fail(&law, number, None, &state);
            }
            if state.over {
                continue;
            }
            for next in moves(&state) {
                self.moves += 1;
                let reached = &mut *self.reached;
                match state.clone().apply(next, &mut |transition| {
                    reached.insert(transition);
                }) {
                    Ok(after) => self.add(after, number, Some(next)),
                    Err(law) => self.fail(&law, number, Some(next), &state),
                }
            }
        }
        self.waiting.is_empty()
    }

    fn add(&mut self, state: State, from: usize, by: Option<Move>) {
        if self.seen.insert(state.fingerprint()) {
            self.trail.push((from, by));
            self.waiting.push_back((self.trail.len() - 1, state));
        }
    }

    fn fail(&self, law: &str, mut number: usize, last: Option<Move>, state: &State) -> ! {
        let mut way: Vec<Move> = last.into_iter().collect();
        while let (from, Some(by)) = self.trail[number] {
            way.push(by);
            number = from;
        }
        way.reverse();
        panic!("{law}\nafter {way:#?}\nfrom {:#?}\nwith {:#?}", state.supervisor, state.processes);
    }
}

/// What holds of a supervisor whatever happens next.
fn judge(supervisor: &Supervisor, reached: &mut BTreeSet<Transition>) -> laws::Verdict {
    let rest = laws::come_to_rest(supervisor, NOW)?;
    let ended = !supervisor.is_running();
    laws::law(!ended || rest.phase == Phase::Done, "deadlines alone end a run whose main process has ended")?;
    for event in SIGNALS.into_iter().chain(OTHER_SIGNALS).map(received) {
        let mut after = supervisor.clone();
        let actions = after.step(NOW, event);
        laws::step(supervisor, event, actions, &after)?;
        reached.insert(transitions::of(supervisor, event, actions, &after));
    }
    Ok(())
}

const QUIT: Signal = Signal::new(3).unwrap();
const USR1: Signal = Signal::new(10).unwrap();
const USR2: Signal = Signal::new(12).unwrap();
const RTMIN_3: Signal = Signal::new(37).unwrap();

/// From outside, at any time. USR2 is rewritten to TERM in every shape.
const SIGNALS: [Heard; 6] = [
    (Signal::TERM, Origin::Process),
    (Signal::HUP, Origin::Process),
    (Signal::INT, Origin::Process),
    (Signal::CONT, Origin::Process),
    (USR2, Origin::Process),
    (Signal::INT, Origin::Kernel),
];
/// To every supervisor, but not to be followed further: to the processes they are one of the above or nothing.
/// USR1 is swallowed in every shape.
const OTHER_SIGNALS: [Heard; 8] = [
    (RTMIN_3, Origin::Process),
    (USR1, Origin::Process),
    (QUIT, Origin::Kernel),
    (Signal::TSTP, Origin::Kernel),
    (Signal::CHLD, Origin::Process),
    (Signal::TERM, Origin::Ourselves),
    (Signal::TERM, Origin::Queued(1)),
    (Signal::HUP, Origin::Queued(2)),
];

fn moves(state: &State) -> Vec<Move> {
    let mut moves = Vec::new();
    wake_ups(state, &mut moves);
    let wait = state.supervisor.deadline().map(|at| at.saturating_sub(NOW));
    if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
        moves.push(Move::Passes(wait));
    }
    if wait.is_none_or(|wait| wait > TICK) {
        moves.push(Move::Passes(TICK));
    }
    moves.push(Move::Passes(SLEEP));
    moves.extend(state.processes.living().map(|(slot, _)| Move::Ends(slot)));
    moves.extend(state.held_zombies().map(Move::Waits));
    let main = &state.processes.slots[MAIN_SLOT];
    if state.main_alive() {
        moves.extend([Signal::TSTP, Signal::STOP].map(Move::Stops));
        moves.push(Move::Vanishes);
        moves.extend(state.processes.can_fork().then_some(Move::Forks));
    } else if main.lives() {
        moves.push(Move::Continues);
    }
    moves
}

fn wake_ups(state: &State, moves: &mut Vec<Move>) {
    let own_group = state.supervisor.policy.own_group;
    let heard = SIGNALS.into_iter().filter(|(_, origin)| !own_group || *origin != Origin::Kernel);
    moves.extend(heard.map(|heard| Move::Wakes(WakeUp { signal: Some(heard), ..WakeUp::default() })));
    if !state.has_news() {
        // With nothing to be taken it is time that wakes.
        moves.push(Move::Wakes(WakeUp::default()));
        return;
    }
    let children = WakeUp { children: true, ..WakeUp::default() };
    moves.push(Move::Wakes(children));
    for heard in [SIGNALS[0], SIGNALS[1]] {
        moves.push(Move::Wakes(WakeUp { signal: Some(heard), ..children }));
    }
    for heard in [SIGNALS[0], SIGNALS[1], OTHER_SIGNALS[1]] {
        moves.push(Move::Wakes(WakeUp { late: Some(heard), ..children }));
    }
    if matches!(state.supervisor.job_control, JobControl::UnderShell { .. }) {
        moves.push(Move::Wakes(WakeUp { orphaned: true, ..children }));
    }
}

//! The search: nearest first, each state once, with the way to a broken law.
//!
//! Near is what few *events* lie before: signals, ends, stops, forks, jumps of the clock. The loop's wake-ups and the
//! time until they come cost nothing, so every state that is found is followed to the end of its run.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::known::{Known, NOW, OTHER_SIGNALS, SIGNALS};
use super::processes::{Life, MAIN_SLOT};
use super::shapes::{RESTS, TERMINALS};
use super::state::{Move, State, WakeUp};
use crate::policy::job_control::JobControl;
use crate::policy::signal::Signal;

/// Time passes in steps of this, or to the next deadline.
const TICK: Duration = Duration::from_secs(1);
/// As long as a suspended machine sleeps.
const SLEEP: Duration = Duration::from_secs(3600);

#[derive(Default)]
pub(super) struct Search {
    pub(super) known: Known,
    /// How many events may still follow.
    seen: HashMap<u64, usize>,
    /// For each state that was met: the one it came from, and how.
    trail: Vec<(usize, Option<Move>)>,
    /// By the number of events that may follow, while the main process lives and after its end.
    waiting: [Vec<VecDeque<(usize, State)>>; 2],
    pub(super) moves: usize,
}

impl Search {
    pub(super) fn states(&self) -> usize {
        self.seen.len()
    }

    /// Adds a state behind which `events` may follow.
    pub(super) fn add(&mut self, state: State, events: usize, from: usize, by: Option<Move>) {
        let known = self.seen.entry(state.fingerprint()).or_insert(usize::MAX);
        if *known == usize::MAX || *known < events {
            *known = events;
            self.trail.push((from, by));
            let ended = usize::from(!self.known.get(state.supervisor).is_running());
            let waiting = &mut self.waiting[ended];
            waiting.resize_with(waiting.len().max(events + 1), VecDeque::new);
            waiting[events].push_back((self.trail.len() - 1, state));
        }
    }

    /// Looks at all states; `after`: events that may follow the main process's end.
    pub(super) fn run(&mut self, after: usize) {
        for ended in [false, true] {
            let waiting = usize::from(ended);
            while let Some(events) = self.waiting[waiting].iter().rposition(|queue| !queue.is_empty()) {
                if let Some((number, state)) = self.waiting[waiting][events].pop_front()
                    && !state.over
                {
                    self.look(number, state, events, after);
                }
            }
        }
    }

    fn look(&mut self, number: usize, state: State, events: usize, after: usize) {
        let ended = !self.known.get(state.supervisor).is_running();
        if let Err(law) = self.known.come_to_rest(state.supervisor) {
            self.fail(&law, number, Move::Passes(Duration::ZERO), &state);
        }
        let mut next = Vec::new();
        moves(&state, &self.known, &mut next);
        for (is_event, next) in next {
            let left = if is_event { events.checked_sub(1) } else { Some(events) };
            let Some(left) = left else { continue };
            self.moves += 1;
            match state.apply(next, &mut self.known) {
                Ok(met) => {
                    let ends = !ended && !self.known.get(met.supervisor).is_running();
                    self.add(met, if ends { after } else { left }, number, Some(next));
                }
                Err(law) => self.fail(&law, number, next, &state),
            }
        }
    }

    fn fail(&self, law: &str, mut number: usize, last: Move, state: &State) -> ! {
        let mut way = vec![last];
        while let (from, Some(by)) = self.trail[number] {
            way.push(by);
            number = from;
        }
        way.reverse();
        let supervisor = self.known.get(state.supervisor);
        panic!("{law}\nafter {way:#?}\nfrom {supervisor:#?}\nwith {:#?}", state.processes);
    }
}

/// What may come next; true: an event, of which there may be a few only.
fn moves(state: &State, known: &Known, moves: &mut Vec<(bool, Move)>) {
    let supervisor = known.get(state.supervisor);
    let main = &state.processes.slots[MAIN_SLOT];
    wake_ups(state, known, moves);
    let wait = supervisor.deadline().map(|at| at.saturating_sub(NOW));
    if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
        moves.push((false, Move::Passes(wait)));
    }
    if wait.is_none_or(|wait| wait > TICK) {
        moves.push((false, Move::Passes(TICK)));
    }
    moves.push((true, Move::Passes(SLEEP)));
    // The main process's end is free: it comes at every moment of every course.
    moves.extend(state.processes.living().map(|(slot, _)| (slot != MAIN_SLOT, Move::Ends(slot))));
    moves.extend(state.held_zombies().map(|slot| (true, Move::Waits(slot))));
    if state.main_alive() {
        for by in [Signal::TSTP, Signal::STOP] {
            moves.extend(terminals(state).map(|terminal| (true, Move::Stops(by, terminal))));
        }
        moves.push((true, Move::Vanishes));
        moves.extend(state.processes.can_fork().then_some((true, Move::Forks)));
    } else if main.lives() {
        moves.push((true, Move::Continues));
    }
}

/// Those that it may turn out to be.
fn terminals(state: &State) -> impl Iterator<Item = Option<usize>> {
    let open = !state.terminal;
    open.then_some(0..TERMINALS.len()).into_iter().flatten().map(Some).chain((!open).then_some(None))
}

fn wake_ups(state: &State, known: &Known, moves: &mut Vec<(bool, Move)>) {
    let supervisor = known.get(state.supervisor);
    let main = &state.processes.slots[MAIN_SLOT];
    let own_group = supervisor.policy.own_group;
    let heard = SIGNALS.into_iter().filter(|(_, origin)| !own_group || *origin == SIGNALS[0].1);
    let wakes = |wake_up: WakeUp| (true, Move::Wakes(wake_up));
    for (signal, origin) in heard {
        let of_terminal = [Signal::CONT, Signal::HUP].contains(&signal);
        let signal = Some((signal, origin));
        let terminals = terminals(state).filter(|terminal| terminal.is_none() || of_terminal);
        let terminals = terminals.chain((!of_terminal && !state.terminal).then_some(None));
        moves.extend(terminals.map(|terminal| wakes(WakeUp { signal, terminal, ..WakeUp::default() })));
    }
    if !state.has_news() {
        // With nothing to be taken it is time that wakes.
        moves.push((false, Move::Wakes(WakeUp::default())));
        return;
    }
    let children = WakeUp { children: true, ..WakeUp::default() };
    let ended = supervisor.is_running() && (state.vanished || matches!(main.life, Life::Zombie(_)));
    for rest in 0..if ended { RESTS.len() } else { 1 } {
        let children = WakeUp { rest, ..children };
        moves.push((false, Move::Wakes(children)));
        moves.push(wakes(WakeUp { signal: Some(SIGNALS[0]), ..children }));
        for heard in [SIGNALS[0], SIGNALS[4], OTHER_SIGNALS[1]] {
            moves.push(wakes(WakeUp { late: Some(heard), ..children }));
        }
    }
    if matches!(supervisor.job_control, JobControl::UnderShell { .. }) {
        moves.push((false, Move::Wakes(WakeUp { orphaned: true, ..children })));
    }
}

//! The names of the transitions, and the table of them in docs/stopping.md, which has to be complete and true.

use std::collections::BTreeSet;

use crate::policy::event::{Action, Actions, Event, Origin, Why};
use crate::policy::routing::Route;
use crate::policy::signal::Signal;
use crate::policy::supervisor::{Phase, Supervisor};

/// State, event, next state.
pub(super) type Transition = (&'static str, &'static str, &'static str);

const DOCS: &str = include_str!("../../../../../docs/stopping.md");
const STATES: [&str; 7] = ["running", "held", "stopping", "ended", "grace", "kill", "done"];

pub(super) fn of(before: &Supervisor, event: Event, actions: Actions, after: &Supervisor) -> Transition {
    (state(before), name(before, event, actions), state(after))
}

fn state(supervisor: &Supervisor) -> &'static str {
    match supervisor.phase {
        Phase::Running if supervisor.held.is_some() => "held",
        Phase::Running if supervisor.climb.is_some() => "stopping",
        Phase::Running => "running",
        Phase::Tell => "ended",
        Phase::Grace { .. } => "grace",
        Phase::Kill { .. } => "kill",
        Phase::Done => "done",
    }
}

fn name(before: &Supervisor, event: Event, actions: Actions) -> &'static str {
    match event {
        Event::Signal(received) if received.origin == Origin::Ourselves => "dropped signal",
        Event::Signal(received) => match before.policy.routing.route(received.signal) {
            Route::Drop => "dropped signal",
            Route::Forward(_) => "other signal",
            Route::Stop(_) if actions.iter().any(|a| matches!(a, Action::Hold { .. })) => "first SIGTERM",
            Route::Stop(_) => "stop request",
        },
        Event::Reaped { pid, .. } if pid == before.main => "main process ends",
        Event::Reaped { .. } => "another child ends",
        Event::Stopped { .. } => "main process stops",
        Event::NotSuspended => "no shell above",
        Event::Childless => "no child left",
        Event::Deadline => actions.iter().next().map_or("nothing due", due),
    }
}

fn due(first: Action) -> &'static str {
    match first {
        Action::Send { why: Why::Released, .. } => "delay over",
        Action::Send { why: Why::Timeout, .. } => "timeout over",
        Action::Send { why: Why::Escalation, .. } => "step due",
        Action::Send { why: Why::Final, signal: Signal::TERM, .. } => "wake-up over",
        Action::Send { why: Why::Final, .. } => "grace over",
        Action::Send { why: Why::Repeated, .. } => "still alive",
        Action::Exit(_) => "patience over",
        Action::HandTerminal => "continuation due",
        _ => "not named",
    }
}

/// The rows of the table, with each of several states and events spelt out.
fn documented() -> BTreeSet<(String, String, String)> {
    let lines = DOCS.lines().skip_while(|line| *line != "<!-- transitions -->");
    let rows = lines.take_while(|line| *line != "<!-- /transitions -->").filter(|line| line.starts_with('|'));
    let mut table = BTreeSet::new();
    for row in rows.skip(2) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, states, events, _, next, _] = cells[..] else { panic!("five bars in: {row}") };
        for (state, event) in states.split(", ").flat_map(|s| events.split(", ").map(move |e| (s, e))) {
            let next = if next == "same" { state } else { next };
            assert!(STATES.contains(&state) && STATES.contains(&next), "no such state: {row}");
            let new = table.insert((state.to_owned(), event.to_owned(), next.to_owned()));
            assert!(new, "said twice: {row}");
        }
    }
    table
}

/// Every transition of the table was reached, and none that is not in it.
pub(super) fn check(reached: &BTreeSet<Transition>) {
    let reached: BTreeSet<(String, String, String)> = reached
        .iter()
        .filter(|(_, event, _)| *event != "nothing due")
        .map(|(state, event, next)| ((*state).into(), (*event).into(), (*next).into()))
        .collect();
    let documented = documented();
    let never: Vec<_> = documented.difference(&reached).collect();
    let missing: Vec<_> = reached.difference(&documented).collect();
    assert!(never.is_empty(), "in docs/stopping.md but never reached: {never:#?}");
    assert!(missing.is_empty(), "reached but not in docs/stopping.md: {missing:#?}");
    for state in STATES {
        assert!(reached.iter().any(|(from, _, to)| from == state || to == state), "never in {state}");
    }
}

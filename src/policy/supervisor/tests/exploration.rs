//! All sequences of a few events, for every shape of a policy, over a simulated process tree that may fork, ignore,
//! stop and die at any moment, on a clock that may jump.
//!
//! An event is a signal, a stop, a fork, another process's end, a jump of the clock, the main process's end unseen. Wake-ups,
//! the time between them and the main process's end are no events: they come at every moment of every sequence, so that
//! each is followed to the end of its run. States in which all times are relative repeat; each is looked at once. Each
//! step is judged by the laws of a step, by those of the kernel (nobody is signalled whose pid is free), and by the
//! test's own account of time. From each state deadlines alone must come to rest.
//!
//! What makes no difference until something happens is chosen only then, and that it makes none is one of the laws: what
//! becomes of the rest at the main process's end, and the terminal with the first stop.
//!
//! `SEXTON_EXPLORE=A,B,C` looks farther: A events before the main process's end where it is alone, B where it is not, C
//! after it, as in `SEXTON_EXPLORE=3,1,1 cargo test --lib exploration`. Nearer than the default not every transition is reached.

mod known;
mod processes;
mod search;
mod shapes;
mod state;
mod transitions;
mod watch;

use std::io::Write;

use search::Search;

/// Some seconds in an unoptimised build.
const EVENTS: [usize; 3] = [2, 1, 1];

#[test]
fn every_law_holds_in_every_state() {
    let depth = std::env::var("SEXTON_EXPLORE").ok().map(|text| {
        let numbers: Vec<usize> = text.split(',').filter_map(|number| number.parse().ok()).collect();
        <[usize; 3]>::try_from(numbers).unwrap_or_else(|_| panic!("SEXTON_EXPLORE is three numbers: 2,1,1"))
    });
    let [alone, together, after] = depth.unwrap_or(EVENTS);
    let mut search = Search::default();
    let starts = shapes::starts(&mut search.known);
    for start in &starts {
        let events = if start.alone { alone } else { together };
        search.add(start.state, events + usize::from(start.farther), 0, None);
    }
    search.run(after);
    // Past the capture of tests that pass: the gate shows it.
    let said = writeln!(
        std::io::stderr(),
        "explored {} states, {} moves, {} supervisors, {} kinds of transition: every sequence of up to {alone} events \
         before the main process's end ({together} in a crowd) and {after} after it, {} policies on {} process trees, \
         each with {} ways to treat the rest",
        search.states(),
        search.moves,
        search.known.len(),
        search.known.reached.len(),
        shapes::policies().len(),
        starts.len() / shapes::policies().len(),
        shapes::RESTS.len(),
    );
    drop(said);
    transitions::check(&search.known.reached);
}

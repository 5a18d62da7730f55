//! All sequences of events, for every shape of a policy, over a simulated process tree that may fork, ignore,
//! stop and die at any moment.
//!
//! A search over states in which all times are relative, so that they repeat and are finite in number. Each step
//! is judged by the laws of a step, by those of the kernel (nobody is signalled whose pid is free), and by the
//! test's own account of time. From each state deadlines alone must come to rest.
//!
//! A few combinations of policy and process tree are looked at to the last state, of all the others some states
//! near and far. `SEXTON_EXPLORE=N` looks at N of each instead; 0 means all, which takes an optimised build and
//! hours: `SEXTON_EXPLORE=0 cargo test --release --lib exploration -- --nocapture`.

mod processes;
mod search;
mod shapes;
mod state;
mod transitions;
mod watch;

use std::collections::BTreeSet;

use search::Search;

/// States of each combination that is not looked at to the last one: some seconds in an unoptimised build.
const STATES_EACH: usize = 8;

#[test]
fn every_law_holds_in_every_state() {
    let limit = std::env::var("SEXTON_EXPLORE").ok().and_then(|number| number.parse().ok());
    let limit = match limit.unwrap_or(STATES_EACH) {
        0 => usize::MAX,
        limit => limit,
    };
    let mut reached = BTreeSet::new();
    let (mut combinations, mut complete, mut states, mut moves) = (0, 0, 0, 0);
    for start in shapes::starts() {
        let mut search = Search::new(start.state, &mut reached);
        let all = search.run(if start.thorough { usize::MAX } else { limit });
        combinations += 1;
        complete += usize::from(all);
        states += search.states();
        moves += search.moves;
    }
    println!(
        "explored {states} states, {moves} transitions of {} kinds; {combinations} combinations of policy and \
         process tree, {complete} of them to the last state",
        reached.len()
    );
    transitions::check(&reached);
}

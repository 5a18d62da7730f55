//! Every shape of a policy, and the process trees it is tried on.

use std::time::Duration;

use super::super::{MAIN, plan, seconds, signal};
use super::known::{Known, NOW};
use super::processes::{Nature, Parent, Process, Processes};
use super::state::State;
use super::watch::Watch;
use crate::policy::job_control::JobControl;
use crate::policy::routing::Routing;
use crate::policy::signal::{Signal, SignalSet};
use crate::policy::supervisor::{Policy, Supervisor};
use crate::policy::{Reach, Rest};

const PLANS: [&[(u64, &str)]; 5] =
    [&[], &[(2, "KILL")], &[(2, "QUIT")], &[(1, "QUIT"), (2, "KILL")], &[(1, "TERM"), (0, "QUIT")]];
const REACHES: [(Reach, bool); 3] = [(Reach::Group, true), (Reach::Main, true), (Reach::Main, false)];
/// Kinds of terminal, and signals after which sexton stops itself alone, for which HUP stands; chosen with the first event
/// that has to do with a terminal.
pub(super) const TERMINALS: [(JobControl, SignalSet); 4] = [
    (JobControl::Off, SignalSet::EMPTY),
    (JobControl::ALONE, SignalSet::EMPTY),
    (JobControl::UNDER_SHELL, SignalSet::EMPTY),
    (JobControl::UNDER_SHELL, SignalSet::EMPTY.with(Signal::HUP)),
];
/// What becomes of the rest; chosen when the main process has ended.
pub(super) const RESTS: [(Rest, u64); 4] =
    [(Rest::Stop, 2), (Rest::Stop, 0), (Rest::Leave, 2), (Rest::TellGroup, 0)];

/// All that makes a difference while the main process lives.
pub(super) fn policies() -> Vec<Policy> {
    let mut policies = Vec::new();
    for stop_delay in [0, 2] {
        for escalation in PLANS {
            for (timeout, grace) in [(None, 2), (Some(3), 2), (Some(3), 0)] {
                // Without a plan the grace stands for one after the timeout.
                if grace == 0 && !escalation.is_empty() {
                    continue;
                }
                for (reach, own_group) in REACHES {
                    policies.push(Policy {
                        routing: routing(),
                        reach,
                        own_group,
                        stop_delay: seconds(stop_delay),
                        escalation: plan(escalation),
                        grace: seconds(grace),
                        rest: Rest::Stop,
                        timeout: timeout.map(seconds),
                        job_control: JobControl::Off,
                    });
                }
            }
        }
    }
    policies
}

fn routing() -> Routing {
    let rewrites = vec![(signal("USR1"), None), (signal("USR2"), Some(Signal::TERM))];
    Routing { rewrites, ..Routing::default() }
}

/// The main process, two others, and room for one that is born later.
fn trees() -> Vec<Processes> {
    use Nature::{Forks, Ignores, Obeys, Slips, Unkillable};
    let main = |nature| Process::new(nature, Parent::Us, true);
    let member = |nature| Process::new(nature, Parent::Slot(0), true);
    let daemon = |nature| Process::new(nature, Parent::Us, false);
    let outsider = Process::new(Obeys, Parent::Outside, false);
    let none = Process::UNBORN;
    let tree = |main, first, second| Processes { slots: [main, first, second, none], end_told: false };
    vec![
        tree(main(Ignores), none, none),
        tree(main(Obeys), member(Ignores), none),
        tree(main(Ignores), member(Forks), none),
        tree(main(Forks), member(Obeys).stopped(Signal::STOP), daemon(Slips)),
        tree(main(Obeys), daemon(Unkillable), outsider),
    ]
}

/// Where a search begins: the main process has been started.
pub(super) struct Start {
    pub(super) state: State,
    /// There is nobody else yet.
    pub(super) alone: bool,
    /// A policy on which one event more is tried.
    pub(super) farther: bool,
}

/// Every policy on every tree.
pub(super) fn starts(known: &mut Known) -> Vec<Start> {
    let mut starts = Vec::new();
    for policy in policies() {
        let farther =
            policy.escalation.is_empty() && policy.timeout.is_none() && !policy.stop_delay.is_zero();
        let mut supervisor = Supervisor::new(policy.clone(), MAIN);
        supervisor.timeout_at = policy.timeout.map(|timeout: Duration| NOW + timeout);
        let supervisor = known.number(&supervisor, NOW).unwrap_or_else(|law| panic!("{law}: {policy:#?}"));
        for (tree, processes) in trees().into_iter().enumerate() {
            let watch = Watch::default();
            let (unseen_stop, terminal, vanished, over) = (false, false, false, false);
            let state = State { supervisor, processes, watch, unseen_stop, terminal, vanished, over };
            starts.push(Start { state, alone: tree == 0, farther });
        }
    }
    starts
}

//! Every shape of a policy, and the process trees it is tried on.

use std::time::Duration;

use super::super::{MAIN, plan, seconds, signal};
use super::processes::{Nature, Parent, Process, Processes};
use super::state::{NOW, State};
use super::watch::Watch;
use crate::policy::Reach;
use crate::policy::job_control::JobControl;
use crate::policy::routing::Routing;
use crate::policy::signal::Signal;
use crate::policy::supervisor::{Policy, Supervisor};

const PLANS: [&[(u64, &str)]; 5] =
    [&[], &[(2, "KILL")], &[(2, "QUIT")], &[(1, "QUIT"), (2, "KILL")], &[(1, "TERM"), (0, "QUIT")]];
const REACHES: [(Reach, bool); 3] = [(Reach::Group, true), (Reach::Main, true), (Reach::Main, false)];
const JOB_CONTROLS: [JobControl; 3] = [JobControl::Off, JobControl::ALONE, JobControl::UNDER_SHELL];

pub(super) fn policies() -> Vec<Policy> {
    let mut policies = Vec::new();
    for stop_delay in [0, 2] {
        for escalation in PLANS {
            for grace in [0, 2] {
                for timeout in [None, Some(3)] {
                    for (reach, own_group) in REACHES {
                        for job_control in JOB_CONTROLS {
                            policies.push(Policy {
                                routing: routing(),
                                reach,
                                own_group,
                                stop_delay: seconds(stop_delay),
                                escalation: plan(escalation),
                                grace: seconds(grace),
                                rest: crate::policy::Rest::Stop,
                                timeout: timeout.map(seconds),
                                job_control,
                            });
                        }
                    }
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
        tree(main(Obeys), none, none),
        tree(main(Obeys), member(Ignores), none),
        tree(main(Ignores), member(Forks), none),
        tree(main(Forks), member(Obeys).stopped(Signal::STOP), daemon(Slips)),
        tree(main(Obeys), daemon(Unkillable), outsider),
    ]
}

/// Where a search begins.
pub(super) struct Start {
    pub(super) state: State,
    /// One of the few that are looked at to the last state every time.
    pub(super) thorough: bool,
}

/// Every policy on every tree, at the moment the main process has been started.
pub(super) fn starts() -> impl Iterator<Item = Start> {
    policies().into_iter().flat_map(|policy| {
        trees().into_iter().enumerate().map(move |(tree, processes)| {
            let mut supervisor = Supervisor::new(policy.clone(), MAIN);
            supervisor.timeout_at = policy.timeout.map(|timeout: Duration| NOW + timeout);
            let state = State {
                supervisor,
                processes,
                watch: Watch::default(),
                unseen_stop: false,
                vanished: false,
                over: false,
            };
            Start { state, thorough: tree == 0 && is_thorough(&policy) }
        })
    })
}

/// The main process alone, with all its time limits: under every plan that is none or goes to the end, and with
/// every kind of terminal.
fn is_thorough(policy: &Policy) -> bool {
    let terminal = policy.job_control != JobControl::Off;
    let planned = policy.escalation.is_empty() || !terminal && policy.escalation == plan(PLANS[3]);
    let limited = terminal == policy.grace.is_zero() && !(terminal && policy.stop_delay.is_zero());
    policy.reach == Reach::Group && planned && limited && !(terminal && policy.timeout.is_some())
}

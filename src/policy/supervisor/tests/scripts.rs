//! Laws over random scripts: any events, in any order, at any pace, under any policy.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::laws::{self, law};
use super::{MAIN, ORPHAN};
use crate::policy::event::{Event, Origin, Pid, Received};
use crate::policy::job_control::JobControl;
use crate::policy::routing::Routing;
use crate::policy::signal::{Signal, SignalSet};
use crate::policy::status::Ending;
use crate::policy::supervisor::{Phase, Policy, Supervisor};
use crate::policy::{Reach, Rest, Step};

fn any_signal() -> impl Strategy<Value = Signal> {
    let common = prop::sample::select(vec![Signal::TERM, Signal::INT, Signal::HUP, Signal::CONT]);
    let any = prop::sample::select(Signal::all().collect::<Vec<_>>());
    prop_oneof![3 => common, 1 => any]
}

/// Short, long, and as long as a word can hold.
fn any_duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        2 => Just(Duration::ZERO),
        6 => (0_u64..10_000).prop_map(Duration::from_millis),
        1 => any::<u64>().prop_map(Duration::from_secs),
        1 => Just(Duration::MAX),
    ]
}

fn any_ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        any::<u8>().prop_map(Ending::Exited),
        (any_signal(), any::<bool>()).prop_map(|(by, core)| Ending::Killed { by, core }),
    ]
}

fn any_event() -> impl Strategy<Value = Event> {
    let origin = prop_oneof![
        4 => Just(Origin::Process),
        1 => Just(Origin::Kernel),
        1 => Just(Origin::Ourselves),
        1 => any::<u64>().prop_map(Origin::Queued),
    ];
    let pid = prop_oneof![Just(MAIN), Just(ORPHAN)];
    let stop = prop::sample::select(vec![Signal::STOP, Signal::TSTP, Signal::TTIN, Signal::TTOU]);
    prop_oneof![
        8 => (any_signal(), origin).prop_map(|(signal, origin)| {
            Event::Signal(Received { signal, origin, sender: Pid(3), uid: 4 })
        }),
        2 => (pid.clone(), any_ending()).prop_map(|(pid, ending)| Event::Reaped { pid, ending }),
        2 => (pid, stop).prop_map(|(pid, by)| Event::Stopped { pid, by }),
        1 => Just(Event::NotSuspended),
        6 => Just(Event::Deadline),
    ]
}

fn any_routing() -> impl Strategy<Value = Routing> {
    let stops = vec(any_signal(), 0..4).prop_map(|signals| signals.into_iter().collect::<SignalSet>());
    let suspends = vec(any_signal(), 0..2).prop_map(|signals| signals.into_iter().collect::<SignalSet>());
    let stops = prop_oneof![2 => Just(Routing::default().stop_signals), 1 => stops];
    let rewrites = vec((any_signal(), prop::option::of(any_signal())), 0..3);
    (rewrites, stops, suspends).prop_map(|(rewrites, stop_signals, suspend_after)| Routing {
        rewrites,
        stop_signals,
        suspend_after,
    })
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let step = (any_duration(), any_signal()).prop_map(|(after, send)| Step { after, send });
    let kill = any_duration().prop_map(|after| Step { after, send: Signal::KILL });
    let plan = (vec(step, 0..3), prop::option::of(kill)).prop_map(|(mut steps, kill)| {
        steps.extend(kill);
        steps
    });
    let reach = prop::sample::select(vec![(Reach::Group, true), (Reach::Main, true), (Reach::Main, false)]);
    let job_control = prop::sample::select(vec![JobControl::Off, JobControl::ALONE, JobControl::UNDER_SHELL]);
    let rest = prop::sample::select(vec![Rest::Stop, Rest::Stop, Rest::Leave, Rest::TellGroup]);
    let waits = (any_duration(), any_duration(), prop::option::of(any_duration()));
    (any_routing(), reach, waits, plan, job_control, rest).prop_map(
        |(routing, (reach, own_group), (stop_delay, grace, timeout), escalation, job_control, rest)| Policy {
            routing,
            reach,
            own_group,
            stop_delay,
            escalation,
            grace,
            rest,
            timeout,
            job_control,
        },
    )
}

/// What the loop does with it: the events of a wake-up one after the other, the deadline last.
type WakeUp = (Duration, Vec<Event>);

fn any_script() -> impl Strategy<Value = Vec<WakeUp>> {
    let pause = (0_u64..4000).prop_map(Duration::from_millis);
    vec((pause, vec(any_event(), 0..4)), 0..12)
}

/// Plays a script and checks every law on the way.
fn play(policy: Policy, script: &[WakeUp]) -> Result<Supervisor, String> {
    let mut supervisor = Supervisor::new(policy, MAIN);
    let mut now = Duration::ZERO;
    for (pause, events) in script {
        now += *pause;
        for event in events.iter().chain([&Event::Deadline]) {
            let before = supervisor.clone();
            let actions = supervisor.step(now, *event);
            laws::step(&before, *event, actions, &supervisor).map_err(|law| format!("{law}: {event:?}"))?;
        }
        laws::settle(&supervisor, now)?;
    }
    let rest = laws::come_to_rest(&supervisor, now)?;
    law(rest.phase == Phase::Done || rest.is_running(), "deadlines end a run whose main process has ended")?;
    Ok(supervisor)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_law_holds_in_every_script(policy in any_policy(), script in any_script()) {
        let verdict = play(policy, &script);
        prop_assert!(verdict.is_ok(), "{}", verdict.err().unwrap_or_default());
    }

    #[test]
    fn no_child_left_ends_every_script(policy in any_policy(), script in any_script()) {
        let mut supervisor = play(policy, &script).unwrap_or_else(|law| panic!("{law}"));
        let running = supervisor.phase != Phase::Done;
        let exits = supervisor.step(Duration::from_secs(1 << 20), Event::Childless).iter().count();
        prop_assert_eq!(exits, usize::from(running));
        prop_assert!(supervisor.phase == Phase::Done);
    }
}

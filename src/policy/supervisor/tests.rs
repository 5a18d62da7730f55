//! Tests of the state machine: tables by subject, laws over random scripts, and the exploration of all states.

mod delay;
mod escalation;
mod exploration;
mod extremes;
mod forwarding;
mod job_control;
mod laws;
mod leftovers;
mod scripts;
mod tally;
mod timeout;

use std::time::Duration;

use super::{Policy, Supervisor};
use crate::policy::event::{Action, Actions, Event, Origin, Pid, Received, Target, Why};
use crate::policy::job_control::JobControl;
use crate::policy::routing::Routing;
use crate::policy::signal::Signal;
use crate::policy::status::Ending;
use crate::policy::{Reach, Rest, Step};

const MAIN: Pid = Pid(7);
const ORPHAN: Pid = Pid(9);

/// The defaults of the command line.
fn policy() -> Policy {
    Policy {
        routing: Routing::default(),
        reach: Reach::Group,
        own_group: true,
        stop_delay: Duration::ZERO,
        escalation: Vec::new(),
        grace: seconds(5),
        rest: Rest::Stop,
        timeout: None,
        job_control: JobControl::Off,
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn signal(name: &str) -> Signal {
    name.parse().unwrap_or_else(|()| panic!("no signal: {name}"))
}

fn plan(steps: &[(u64, &str)]) -> Vec<Step> {
    steps.iter().map(|(after, name)| Step { after: seconds(*after), send: signal(name) }).collect()
}

fn received(signal: Signal, origin: Origin) -> Event {
    Event::Signal(Received { signal, origin, sender: Pid(0), uid: 0 })
}

/// One line of a script: the time in milliseconds, what happens, what the supervisor then wants. See [`event`]
/// and [`said`] for the words; `next` asks for the deadline.
type Line<'a> = (u64, &'a str, &'a str);

/// Plays a script from the beginning.
fn play(policy: Policy, script: &[Line<'_>]) -> Supervisor {
    let mut supervisor = Supervisor::new(policy, MAIN);
    for (number, (at, words, expected)) in script.iter().enumerate() {
        let now = Duration::from_millis(*at);
        let heard = match *words {
            "next" => supervisor.deadline().map_or("never".into(), |at| at.as_millis().to_string()),
            words => said(supervisor.step(now, event(words))),
        };
        assert_eq!(heard, *expected, "line {number} at {at} ms: {words}");
    }
    supervisor
}

fn event(words: &str) -> Event {
    match *words.split(' ').collect::<Vec<_>>() {
        ["due"] => Event::Deadline,
        ["childless"] => Event::Childless,
        ["not-suspended"] => Event::NotSuspended,
        ["stopped", by] => Event::Stopped { pid: MAIN, by: signal(by) },
        ["orphan-stopped", by] => Event::Stopped { pid: ORPHAN, by: signal(by) },
        ["exits", status] => {
            Event::Reaped { pid: MAIN, ending: Ending::Exited(status.parse().unwrap_or(255)) }
        }
        ["killed", by] => Event::Reaped { pid: MAIN, ending: Ending::Killed { by: signal(by), core: false } },
        ["orphan", status] => {
            Event::Reaped { pid: ORPHAN, ending: Ending::Exited(status.parse().unwrap_or(255)) }
        }
        ["orphan-killed", by] => {
            Event::Reaped { pid: ORPHAN, ending: Ending::Killed { by: signal(by), core: false } }
        }
        ["terminal", name] => received(signal(name), Origin::Kernel),
        ["ourselves", name] => received(signal(name), Origin::Ourselves),
        ["queued", name] => received(signal(name), Origin::Queued(42)),
        [name] => received(signal(name), Origin::Process),
        _ => panic!("no event: {words}"),
    }
}

/// Actions in words, such as `TERM group, CONT group wake`.
fn said(actions: Actions) -> String {
    actions.iter().map(words).collect::<Vec<_>>().join(", ")
}

fn words(action: Action) -> String {
    let (signal, to, why, payload) = match action {
        Action::Send { signal, to, why, payload } => (signal, to, why, payload),
        Action::Hold { delay } => return format!("hold {}", delay.as_secs()),
        Action::HandTerminal => return "hand terminal".into(),
        Action::TakeTerminal => return "take terminal".into(),
        Action::Suspend => return "suspend".into(),
        Action::SuspendAlone { after } => return format!("suspend alone after {after}"),
        Action::Exit(_) => return "exit".into(),
    };
    let to = match to {
        Target::Main => "main",
        Target::Group => "group",
        Target::Everyone => "everyone",
        Target::Untold => "untold",
    };
    let why = match why {
        Why::Forwarded => "",
        Why::Released => " released",
        Why::Wake => " wake",
        Why::Escalation => " step",
        Why::Timeout => " timeout",
        Why::Final => " final",
        Why::Repeated => " again",
    };
    let payload = if payload.is_some() { " with payload" } else { "" };
    let signal = signal.to_string();
    format!("{} {to}{why}{payload}", signal.strip_prefix("SIG").unwrap_or(&signal))
}

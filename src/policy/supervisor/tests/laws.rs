//! What holds for every single step, whatever came before. The random scripts and the exploration both check it.

use crate::policy::Rest;
use crate::policy::Uptime;
use crate::policy::event::{Action, Actions, Event, Origin, Received, Target, Why};
use crate::policy::routing::Route;
use crate::policy::signal::Signal;
use crate::policy::supervisor::{Phase, Supervisor};

/// A broken law, in words.
pub(super) type Verdict = Result<(), String>;

pub(super) fn law(holds: bool, text: &str) -> Verdict {
    if holds { Ok(()) } else { Err(text.into()) }
}

/// A signal that was sent, and to whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Sent {
    signal: Signal,
    to: Target,
    why: Why,
}

fn sent(actions: Actions) -> Vec<Sent> {
    let sent = |action| match action {
        Action::Send { signal, to, why, .. } => Some(Sent { signal, to, why }),
        _ => None,
    };
    actions.iter().filter_map(sent).collect()
}

/// Judges one step from `before` to `after`.
pub(super) fn step(before: &Supervisor, event: Event, actions: Actions, after: &Supervisor) -> Verdict {
    untimed(before, event, actions, after)?;
    exit(before, event, actions, after)?;
    ending(before, event, after)?;
    let sent = sent(actions);
    targets(before, &sent)?;
    wakes(&sent)?;
    book_keeping(before, event, &sent, after)?;
    match event {
        Event::Signal(received) if before.is_running() => heard(before, received, &sent, after),
        Event::Signal(_) => law(actions == Actions::default(), "a signal after the end is sent to nobody"),
        Event::Deadline => due(&sent),
        _ => law(
            sent.iter().all(|sent| sent.why == Why::Wake && sent.signal == Signal::CONT),
            "nothing is sent but for a signal or a deadline",
        ),
    }
}

/// What the loop takes for untimed comes out the same at any time.
fn untimed(before: &Supervisor, event: Event, actions: Actions, after: &Supervisor) -> Verdict {
    if before.heeds_time(&event) {
        return Ok(());
    }
    let mut late = before.clone();
    let same = late.step(Uptime::MAX, event) == actions && late == *after;
    law(same, "the moment of an untimed event matters")
}

/// One exit, always last, and silence after it.
fn exit(before: &Supervisor, event: Event, actions: Actions, after: &Supervisor) -> Verdict {
    if before.phase == Phase::Done {
        law(actions == Actions::default(), "no action follows the exit")?;
        return law(before == after, "the exit is final");
    }
    let is_exit = |action: &Action| matches!(action, Action::Exit(_));
    let count = actions.iter().filter(is_exit).count();
    let done = after.phase == Phase::Done;
    law(count == usize::from(done), "the exit is asked for once, when the run is over")?;
    law(event != Event::Childless || done, "no child left ends the run")?;
    if !done {
        return Ok(());
    }
    law(
        actions.iter().last() == Some(Action::Exit(after.outcome)),
        "the exit is last and tells the outcome",
    )?;
    law(!after.is_running() && after.deadline().is_none(), "a run that is over waits for nothing")?;
    let ended = after.outcome.ending.is_some() || event == Event::Childless;
    law(ended, "nothing but its end ends us")
}

/// The main process's first end counts.
fn ending(before: &Supervisor, event: Event, after: &Supervisor) -> Verdict {
    let expected = match event {
        Event::Reaped { pid, ending } if pid == before.main && before.is_running() => Some(ending),
        _ => before.outcome.ending,
    };
    law(after.outcome.ending == expected, "the ending is the main process's first")
}

/// The main process and its group while it lives, all the others when it has ended.
fn targets(before: &Supervisor, sent: &[Sent]) -> Verdict {
    let left_alone = before.policy.rest == Rest::Leave && !before.is_running();
    law(!left_alone || sent.is_empty(), "the rest is left alone")?;
    for sent in sent {
        let of_main = matches!(sent.to, Target::Main | Target::Group);
        if before.policy.rest == Rest::TellGroup && before.phase == Phase::Tell {
            // The last word, to the group of a leader that has just ended.
            law((sent.to, sent.why) == (Target::Group, Why::Final), "the group is told and nobody else")?;
            continue;
        }
        law(of_main == before.is_running(), "a target that is gone, or not to be reached yet")?;
        law(sent.to != Target::Group || before.policy.own_group, "our own group is never signalled")?;
        let late = matches!(sent.why, Why::Final | Why::Repeated);
        law(late != of_main, "a reason that does not fit the target")?;
    }
    Ok(())
}

/// Every stop signal but KILL is followed by SIGCONT to the same target.
fn wakes(sent: &[Sent]) -> Verdict {
    for (index, stop) in sent.iter().enumerate() {
        let wakes = matches!(stop.why, Why::Released | Why::Timeout | Why::Escalation);
        if wakes && stop.signal != Signal::KILL {
            let expected = Sent { signal: Signal::CONT, to: stop.to, why: Why::Wake };
            law(sent.get(index + 1) == Some(&expected), "a stopped process could not obey")?;
        }
    }
    Ok(())
}

/// What is remembered of signals is what was sent.
fn book_keeping(before: &Supervisor, event: Event, sent: &[Sent], after: &Supervisor) -> Verdict {
    let told = sent.iter().any(|sent| sent.signal == Signal::TERM && sent.to == Target::Group);
    law(after.group_told == (before.group_told || told), "the group has been told if it was sent TERM")?;
    let of_main = sent.iter().filter(|sent| matches!(sent.to, Target::Main | Target::Group));
    let mut forwarded = before.outcome.forwarded;
    for sent in of_main.filter(|sent| !matches!(sent.why, Why::Wake | Why::Final)) {
        forwarded = forwarded.with(sent.signal);
    }
    if let Event::Signal(received) = event
        && before.is_running()
        && terminal_told(before, received)
    {
        forwarded = forwarded.with(received.signal);
    }
    law(after.outcome.forwarded == forwarded, "what was sent is what was asked for")
}

/// The program shares the terminal's foreground group with us and has this signal already.
fn terminal_told(before: &Supervisor, received: Received) -> bool {
    let keys = [Signal::INT, Signal::QUIT, Signal::TSTP, Signal::WINCH];
    !before.policy.own_group
        && received.origin == Origin::Kernel
        && keys.contains(&received.signal)
        && before.policy.routing.route(received.signal) != Route::Drop
}

/// A received signal is sent on as it is rewritten, once; a stop request is never lost.
fn heard(before: &Supervisor, received: Received, sent: &[Sent], after: &Supervisor) -> Verdict {
    let route = before.policy.routing.route(received.signal);
    if received.origin == Origin::Ourselves || route == Route::Drop {
        law(sent.is_empty(), "a dropped signal is never sent")?;
        let suspends = before.policy.routing.suspend_after.contains(received.signal);
        let nothing = before == after;
        return law(nothing || suspends && received.origin != Origin::Ourselves, "and changes nothing");
    }
    let stop = matches!(route, Route::Stop(_));
    let asked = before.held.is_some() || before.outcome.timed_out || !before.outcome.stops.is_empty();
    let delayed = !before.policy.stop_delay.is_zero();
    let first_term = stop && received.signal == Signal::TERM && delayed && !asked;
    law(after.held.is_some() == (first_term || before.held.is_some() && !stop), "the first SIGTERM is held")?;
    if first_term {
        return law(sent.is_empty(), "nobody is told while it is held");
    }
    let mut expected = Vec::new();
    let to = if before.policy.own_group { before.reach() } else { Target::Main };
    let cont = Sent { signal: Signal::CONT, to, why: Why::Wake };
    if let Some(held) = before.held.filter(|_| stop) {
        expected.extend([Sent { signal: held.send, to, why: Why::Released }, cont]);
    }
    match route {
        _ if terminal_told(before, received) => {}
        Route::Stop(signal) => expected.extend([Sent { signal, to, why: Why::Forwarded }, cont]),
        Route::Forward(signal) => {
            let to = if matches!(received.origin, Origin::Queued(_)) { Target::Main } else { to };
            expected.push(Sent { signal, to, why: Why::Forwarded });
        }
        Route::Drop => {}
    }
    law(sent == expected, "a signal is sent on once, as rewritten, behind the one that is held")
}

/// A deadline invents no received signal and takes one step at most.
fn due(sent: &[Sent]) -> Verdict {
    law(sent.iter().all(|sent| sent.why != Why::Forwarded), "nothing was received")?;
    let wakes = |sent: &&Sent| sent.why != Why::Wake && sent.signal != Signal::CONT;
    law(sent.iter().filter(wakes).count() <= 1, "one step at most")
}

/// Deadlines alone, each when it is due, until nothing is waited for: the law is that this is soon.
pub(super) fn come_to_rest(supervisor: &Supervisor, mut now: Uptime) -> Result<Supervisor, String> {
    let mut supervisor = supervisor.clone();
    // Each wait once, a plan once more after the timeout, 20 times KILL.
    let most = 2 * supervisor.policy.escalation.len() + 30;
    for _ in 0..most {
        let Some(at) = supervisor.deadline() else {
            rests(&supervisor)?;
            return Ok(supervisor);
        };
        now = now.max(at);
        let before = supervisor.clone();
        let actions = supervisor.step(now, Event::Deadline);
        step(&before, Event::Deadline, actions, &supervisor)?;
    }
    Err("deadlines do not come to an end".into())
}

/// What holds of a supervisor that waits for no deadline.
pub(super) fn rests(supervisor: &Supervisor) -> Verdict {
    law(supervisor.held.is_none() || !supervisor.is_running(), "a held SIGTERM is sent in the end")?;
    let limited = supervisor.policy.timeout.is_some() && supervisor.outcome.ending.is_none();
    law(!limited || !supervisor.is_running() || supervisor.outcome.timed_out, "time runs out")?;
    law(supervisor.step_due().is_none() || !supervisor.is_running(), "every step is taken")
}

/// Deadlines at one and the same moment, until none is due then: the law is that this is soon.
pub(super) fn settle(supervisor: &Supervisor, now: Uptime) -> Verdict {
    if supervisor.deadline().is_none_or(|at| at > now) {
        return Ok(());
    }
    let mut supervisor = supervisor.clone();
    for _ in 0..supervisor.policy.escalation.len() + 5 {
        if supervisor.deadline().is_none_or(|at| at > now) {
            return Ok(());
        }
        let before = supervisor.clone();
        let actions = supervisor.step(now, Event::Deadline);
        step(&before, Event::Deadline, actions, &supervisor)?;
    }
    Err("a deadline that stays due makes the loop spin".into())
}

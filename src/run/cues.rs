//! What a personality's script says of a run's moments. Our own voice has no script: all of this is silent there.

use crate::config::{Config, Cue};
use crate::logging;
use crate::policy::event::{Origin, Pid, Received};
use crate::policy::signal::Signal;
use crate::policy::status::{Ending, Outcome};
use crate::voice::fill;

/// What belongs to a moment: see [`crate::voice::Line`].
pub(super) type Facts<'a> = &'a [(char, &'a dyn std::fmt::Display)];

/// Says the lines of `cue`.
pub(super) fn say(config: &Config, cue: Cue, facts: Facts<'_>) {
    for line in config.voice.lines(cue) {
        logging::recite(line.level, &fill(line.text, facts));
    }
}

/// A signal, by number and name.
pub(super) fn signal(config: &Config, cue: Cue, signal: Signal) {
    if config.voice.script.is_empty() {
        return;
    }
    say(config, cue, &[('n', &signal.number()), ('t', &signal)]);
}

/// A signal was taken; what becomes of it follows.
pub(super) fn received(config: &Config, received: Received) {
    // Our own: every signal comes by here.
    if config.voice.script.is_empty() {
        return;
    }
    signal(config, Cue::Received, received.signal);
    let rewritten = config.routing.rewritten(received.signal);
    match (received.origin, received.signal) {
        (Origin::Ourselves, Signal::HUP | Signal::CONT) => signal(config, Cue::HandedOff, received.signal),
        (Origin::Ourselves, _) => {}
        _ if rewritten != Some(received.signal) => {
            let to = rewritten.map_or(0, Signal::number);
            say(config, Cue::Rewritten, &[('n', &received.signal.number()), ('t', &to)]);
            if rewritten.is_none() {
                say(config, Cue::Swallowed, &[]);
            }
        }
        _ => {}
    }
}

/// A child was reaped.
pub(super) fn reaped(config: &Config, pid: Pid, ending: Ending, is_main: bool) {
    // Our own: every child comes by here.
    if config.voice.script.is_empty() {
        return;
    }
    say(config, Cue::Reaped, &[('p', &pid)]);
    let (any, other, number) = match ending {
        Ending::Exited(status) => (Cue::ChildExited, Cue::OtherExited, status.into()),
        Ending::Killed { by, .. } => (Cue::ChildKilled, Cue::OtherKilled, by.number()),
    };
    let facts: Facts<'_> = &[('p', &pid), ('n', &number)];
    say(config, any, facts);
    if !is_main {
        say(config, other, facts);
    }
}

/// All is over.
pub(super) fn over(config: &Config, outcome: &Outcome, status: u8) {
    match outcome.ending {
        Some(Ending::Exited(own)) => say(config, Cue::MainExited, &[('n', &own)]),
        Some(Ending::Killed { by, .. }) => signal(config, Cue::MainKilled, by),
        None => {}
    }
    say(config, Cue::Over, &[('n', &status)]);
}

//! The last word: how it ended, in the log, in the report and in the termination message.

use log::Level;

use super::cues;
use super::event_loop::EventLoop;
use super::outlets::Outlets;
use super::refusal::Refusal;
use crate::config::Config;
use crate::logging::{self, Value};
use crate::policy::status::Ending;
use crate::report::{self, Facts, Main};

/// Says it and returns the exit status.
pub(super) fn farewell(run: &EventLoop<'_>, outlets: &Outlets) -> u8 {
    let config = run.config;
    let outcome = run.supervisor.outcome();
    let status = config.exit_map.status(outcome, config.voice.failure);
    let level = match outcome.ending {
        None => Level::Error,
        Some(_) if report::is_unexpected(outcome, run.finished.on_terminal) => Level::Warn,
        Some(_) => Level::Info,
    };
    if !logging::wants(level) && !outlets.are_wanted() {
        cues::over(config, outcome, status);
        return status;
    }
    tell(run, outlets, (level, status));
    status
}

/// Apart from the rest, whose stack must not have room for it from the start.
#[inline(never)]
fn tell(run: &EventLoop<'_>, outlets: &Outlets, (level, status): (Level, u8)) {
    let EventLoop { config, supervisor, finished, counters, .. } = run;
    let (outcome, usage) = (supervisor.outcome(), finished.usage);
    let main = Main {
        pid: finished.main,
        name: finished.name,
        outcome,
        tally: supervisor.tally(),
        ran: finished.ran(),
        cpu: (usage.user, usage.system),
        max_rss: usage.max_rss,
        oom: counters.oom(),
    };
    let mut facts = Facts {
        command: &config.command,
        status,
        time: outlets.time(),
        main: Ok(main),
        forks_refused: counters.forks_refused(),
        dropped: logging::dropped(),
    };
    say(level, &facts);
    cues::over(config, outcome, status);
    facts.dropped = logging::dropped();
    outlets.write(&facts);
}

fn say(level: Level, facts: &Facts<'_>) {
    let Ok(main) = &facts.main else { return };
    let signal = main.outcome.ending.and_then(Ending::signal_meant);
    let fields = [
        ("pid", main.pid.0.into()),
        ("cause", facts.cause().word().into()),
        ("signal", signal.as_ref().map(|signal| Value::Shown(signal)).into()),
        ("exit_status", u32::from(facts.status).into()),
        ("ran_ms", (main.ran.as_millis() as u64).into()),
        ("max_rss_kib", main.max_rss.into()),
        ("oom_kills", main.oom.kills().into()),
    ];
    logging::say(level, format_args!("{}", report::line(facts)), &fields);
}

/// The program could not be started: says why and returns the exit status.
#[inline(never)]
pub(super) fn not_started(config: &Config, outlets: &Outlets, refusal: &Refusal) -> u8 {
    let (status, reason) = refusal.explain(config);
    if outlets.are_wanted() {
        let dropped = logging::dropped();
        let time = outlets.time();
        let (command, main) = (&config.command[..], Err(reason.as_str()));
        outlets.write(&Facts { command, status, time, main, forks_refused: None, dropped });
    }
    status
}

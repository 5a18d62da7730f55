//! The exit report: `docs/exit-report.schema.json` says what each field means.

use super::death::{name, sender_pid};
use super::{Facts, Main};
use crate::json::{Value, add, fill};
use crate::policy::status::Ending;
use crate::policy::tally::Tally;
use crate::timestamp::rfc3339;

/// The version of the schema. It grows with every change that a reader could stumble over.
const VERSION: u32 = 1;

const END: &str = concat!(
    r#"],"start":%,"end":%,"cause":%,"reason":%,"exit_status":%,"program_status":%,"signal":%,"core":%,"#,
    r#""stop_request":"#
);

const STOP_REQUEST: &str = r#"{"signal":%,"sender":%,"time":%,"steps_climbed":%}"#;

const COUNTS: &str = concat!(
    r#","user_time_ms":%,"system_time_ms":%,"max_rss_kib":%,"#,
    r#""orphans":{"reaped":%,"terminated":%,"killed":%},"signals_forwarded":{"#
);

const REST: &str = r#"},"oom_kills":%,"forks_refused":%,"dropped_log_lines":%}"#;

/// One object in one line.
pub fn json(facts: &Facts<'_>) -> Vec<u8> {
    let main = facts.main.as_ref().ok();
    let name = main.map(|main| name(facts.command, main.name));
    let head = [
        VERSION.into(),
        main.map(|main| main.pid.0).into(),
        name.as_ref().map(|name| Value::Bytes(name.as_bytes())).into(),
    ];
    let mut text = String::new();
    fill(&mut text, r#"{"version":%,"pid":%,"name":%,"command":["#, &head);
    facts.command.iter().for_each(|word| add(&mut text, "%", &[Value::Bytes(word.as_encoded_bytes())]));
    put_end(&mut text, facts);
    let none = Tally::default();
    let counts = main.map_or(&none, |main| main.tally);
    let numbers = [
        main.map(|main| main.cpu.0.as_millis() as u64).into(),
        main.map(|main| main.cpu.1.as_millis() as u64).into(),
        main.map(|main| main.max_rss).into(),
        counts.reaped.into(),
        counts.terminated.into(),
        counts.killed.into(),
    ];
    fill(&mut text, COUNTS, &numbers);
    for (signal, count) in counts.forwarded() {
        add(&mut text, "%:%", &[Value::Shown(&signal), count.into()]);
    }
    let oom_kills = main.and_then(|main| main.oom.kills());
    fill(&mut text, REST, &[oom_kills.into(), facts.forks_refused.into(), facts.dropped.into()]);
    text.push('\n');
    text.into_bytes()
}

/// How it ended, and who had asked for that.
fn put_end(text: &mut String, facts: &Facts<'_>) {
    let ending = facts.main.as_ref().ok().and_then(|main| main.outcome.ending);
    let (signal, core, status) = match &ending {
        Some(Ending::Killed { by, core }) => (Value::Shown(by), *core, Value::Null),
        Some(Ending::Exited(status)) => (Value::Null, false, Value::Count((*status).into())),
        None => (Value::Null, false, Value::Null),
    };
    let (start, end) = (rfc3339(facts.time.0), rfc3339(facts.time.1));
    let values = [
        Value::Shown(&start),
        Value::Shown(&end),
        facts.cause().word().into(),
        facts.main.as_ref().err().copied().into(),
        u32::from(facts.status).into(),
        status,
        signal,
        core.into(),
    ];
    fill(text, END, &values);
    let Ok(Main { outcome, tally: Tally { stop: Some((received, at)), .. }, .. }) = facts.main else {
        return text.push_str("null");
    };
    let time = rfc3339(facts.time.0.checked_add(*at).unwrap_or(facts.time.1));
    let signal = Value::Shown(&received.signal);
    let sender = sender_pid(*received).into();
    fill(text, STOP_REQUEST, &[signal, sender, Value::Shown(&time), outcome.steps_climbed.into()]);
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;

//! The exit report: `docs/exit-report.schema.json` says what each field means.

use std::time::Duration;

use super::death::{name, sender_pid};
use super::{Facts, Main};
use crate::json::{Json, Value};
use crate::policy::status::Ending;
use crate::policy::tally::Tally;
use crate::timestamp::rfc3339;

/// The version of the schema. It grows with every change that a reader could stumble over.
const VERSION: u32 = 1;

/// One object in one line.
pub fn json(facts: &Facts<'_>) -> Vec<u8> {
    let main = facts.main.as_ref().ok();
    let ending = main.and_then(|main| main.outcome.ending);
    let (signal, core, status) = match &ending {
        Some(Ending::Killed { by, core }) => (Some(Value::Shown(by)), *core, None),
        Some(Ending::Exited(status)) => (None, false, Some(u32::from(*status))),
        None => (None, false, None),
    };
    let name = main.map(|main| name(facts.command, main.name));
    let mut json = Json::default();
    json.open("{");
    json.field("version", VERSION);
    json.field("pid", main.map(|main| main.pid.0));
    json.field("name", name.as_ref().map(|name| Value::Bytes(name.as_bytes())));
    json.begin("command", "[");
    facts.command.iter().for_each(|word| json.value(Value::Bytes(word.as_encoded_bytes())));
    json.close("]");
    json.field("start", Value::Shown(&rfc3339(facts.time.0)));
    json.field("end", Value::Shown(&rfc3339(facts.time.1)));
    json.field("cause", facts.cause().word());
    json.field("reason", facts.main.as_ref().err().copied());
    json.field("exit_status", u32::from(facts.status));
    json.field("program_status", status);
    json.field("signal", signal);
    json.field("core", core);
    put_stop_request(&mut json, facts);
    json.field("user_time_ms", main.map(|main| milliseconds(main.cpu.0)));
    json.field("system_time_ms", main.map(|main| milliseconds(main.cpu.1)));
    json.field("max_rss_kib", main.map(|main| main.max_rss));
    put_counts(&mut json, main.map_or(&Tally::default(), |main| main.tally));
    json.field("oom_kills", main.and_then(|main| main.oom.kills()));
    json.field("forks_refused", facts.forks_refused);
    json.field("dropped_log_lines", facts.dropped);
    json.close("}");
    json.finish()
}

fn milliseconds(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1000).saturating_add(duration.subsec_millis().into())
}

fn put_stop_request(json: &mut Json, facts: &Facts<'_>) {
    let Ok(Main { outcome, tally: Tally { stop: Some((received, at)), .. }, .. }) = facts.main else {
        return json.field("stop_request", Value::Null);
    };
    let time = facts.time.0.checked_add(*at).unwrap_or(facts.time.1);
    json.begin("stop_request", "{");
    json.field("signal", Value::Shown(&received.signal));
    json.field("sender", sender_pid(*received));
    json.field("time", Value::Shown(&rfc3339(time)));
    json.field("steps_climbed", outcome.steps_climbed);
    json.close("}");
}

fn put_counts(json: &mut Json, tally: &Tally) {
    json.begin("orphans", "{");
    json.field("reaped", tally.reaped);
    json.field("terminated", tally.terminated);
    json.field("killed", tally.killed);
    json.close("}");
    json.begin("signals_forwarded", "{");
    for (signal, count) in tally.forwarded() {
        json.field(&signal.to_string(), count);
    }
    json.close("}");
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;

//! The exit report: `docs/exit-report.schema.json` says what each field means.

use std::ffi::OsString;
use std::time::Duration;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::death::{name, sender_pid};
use super::{Facts, Main};
use crate::harmless::harmless;
use crate::policy::status::Ending;
use crate::timestamp::rfc3339;

/// The version of the schema. It grows with every change that a reader could stumble over.
const VERSION: u32 = 1;

/// One object in one line.
pub fn json(facts: &Facts<'_>) -> Vec<u8> {
    // Writing to memory does not fail.
    let mut bytes = serde_json::to_vec(facts).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

impl Serialize for Facts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let main = self.main.as_ref().ok();
        let ending = main.and_then(|main| main.outcome.ending);
        let signal = match ending {
            Some(Ending::Killed { by, .. }) => Some(by.to_string()),
            _ => None,
        };
        let own_status = match ending {
            Some(Ending::Exited(status)) => Some(status),
            _ => None,
        };
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("version", &VERSION)?;
        object.serialize_entry("pid", &main.map(|main| main.pid.0))?;
        object.serialize_entry("name", &main.map(|main| name(self.command, main.name)))?;
        object.serialize_entry("command", &Command(self.command))?;
        object.serialize_entry("start", &rfc3339(self.time.0).to_string())?;
        object.serialize_entry("end", &rfc3339(self.time.1).to_string())?;
        object.serialize_entry("cause", self.cause().word())?;
        object.serialize_entry("reason", &self.main.as_ref().err())?;
        object.serialize_entry("exit_status", &self.status)?;
        object.serialize_entry("program_status", &own_status)?;
        object.serialize_entry("signal", &signal)?;
        object.serialize_entry("core", &matches!(ending, Some(Ending::Killed { core: true, .. })))?;
        object.serialize_entry("stop_request", &main.and_then(|main| StopRequest::of(main, self)))?;
        object.serialize_entry("user_time_ms", &main.map(|main| milliseconds(main.cpu.0)))?;
        object.serialize_entry("system_time_ms", &main.map(|main| milliseconds(main.cpu.1)))?;
        object.serialize_entry("max_rss_kib", &main.map(|main| main.max_rss))?;
        object.serialize_entry("orphans", &Orphans(main))?;
        object.serialize_entry("signals_forwarded", &Forwarded(main))?;
        object.serialize_entry("oom_kills", &main.and_then(|main| main.oom.kills()))?;
        object.serialize_entry("forks_refused", &self.forks_refused)?;
        object.serialize_entry("dropped_log_lines", &self.dropped)?;
        object.end()
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Arguments are bytes.
struct Command<'a>(&'a [OsString]);

impl Serialize for Command<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|word| harmless(word.as_encoded_bytes()).to_string()))
    }
}

struct StopRequest {
    signal: String,
    sender: Option<i32>,
    time: String,
    steps_climbed: u32,
}

impl StopRequest {
    fn of(main: &Main<'_>, facts: &Facts<'_>) -> Option<Self> {
        let (received, at) = main.tally.stop?;
        Some(Self {
            signal: received.signal.to_string(),
            sender: sender_pid(received),
            time: rfc3339(facts.time.0.checked_add(at).unwrap_or(facts.time.1)).to_string(),
            steps_climbed: main.outcome.steps_climbed,
        })
    }
}

impl Serialize for StopRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("signal", &self.signal)?;
        object.serialize_entry("sender", &self.sender)?;
        object.serialize_entry("time", &self.time)?;
        object.serialize_entry("steps_climbed", &self.steps_climbed)?;
        object.end()
    }
}

struct Orphans<'a>(Option<&'a Main<'a>>);

impl Serialize for Orphans<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let counts = self.0.map(|main| [main.tally.reaped, main.tally.terminated, main.tally.killed]);
        serializer.collect_map(["reaped", "terminated", "killed"].into_iter().zip(counts.unwrap_or_default()))
    }
}

struct Forwarded<'a>(Option<&'a Main<'a>>);

impl Serialize for Forwarded<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let counts = self.0.into_iter().flat_map(|main| main.tally.forwarded());
        serializer.collect_map(counts.map(|(signal, count)| (signal.to_string(), count)))
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;

//! The same facts as one JSON object.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Process, View};
use crate::harmless::harmless;

/// The object, in one line. What is not known is null. Names and arguments are bytes: control characters and what is
/// no UTF-8 are written as `\xNN`.
pub fn json(view: &View) -> Vec<u8> {
    // Writing to memory does not fail.
    let mut bytes = serde_json::to_vec(view).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

impl Serialize for View {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("version", &1)?;
        object.serialize_entry("processes", &Processes(self))?;
        object.serialize_entry("totals", &Totals(self))?;
        object.serialize_entry(
            "pids",
            &Fields([
                ("current", self.pids.current),
                ("max", self.pids.max),
                ("forks_refused", self.pids.refused),
            ]),
        )?;
        object.serialize_entry(
            "memory",
            &Fields([
                ("current_bytes", self.memory.current),
                ("limit_bytes", self.memory.limit),
                ("oom_kills", self.memory.oom_kills),
            ]),
        )?;
        object.serialize_entry("unseen", &Unseen(self))?;
        object.end()
    }
}

struct Processes<'a>(&'a View);

impl Serialize for Processes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.processes.iter().map(|process| One(self.0, process)))
    }
}

struct One<'a>(&'a View, &'a Process);

impl Serialize for One<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(view, process) = self;
        let stat = &process.stat;
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("pid", &stat.pid.0)?;
        object.serialize_entry("ppid", &stat.ppid.0)?;
        object.serialize_entry("depth", &process.place.depth)?;
        object.serialize_entry("state", process.state())?;
        object.serialize_entry("uid", &process.uid)?;
        object.serialize_entry("user", &process.uid.and_then(|uid| view.users.name(uid)).map(Shown))?;
        object.serialize_entry("threads", &stat.threads)?;
        object.serialize_entry("rss_bytes", &process.rss)?;
        object.serialize_entry("age_seconds", &process.age.as_secs())?;
        object.serialize_entry("name", &Shown(stat.comm.as_bytes()))?;
        object.serialize_entry("arguments", &Arguments(process))?;
        object.serialize_entry("held_by", &stat.is_zombie().then_some(Holder(process)))?;
        object.end()
    }
}

struct Arguments<'a>(&'a Process);

impl Serialize for Arguments<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.arguments().map(Shown))
    }
}

struct Holder<'a>(&'a Process);

impl Serialize for Holder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("pid", &self.0.stat.ppid.0)?;
        object.serialize_entry("name", &self.0.holder.as_ref().map(|name| Shown(name.as_bytes())))?;
        object.end()
    }
}

struct Totals<'a>(&'a View);

impl Serialize for Totals<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (states, threads) = self.0.totals();
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("processes", &self.0.processes.len())?;
        object.serialize_entry("threads", &threads)?;
        object.serialize_entry("states", &States(&states))?;
        object.end()
    }
}

struct States<'a>(&'a [(&'static str, usize)]);

impl Serialize for States<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

struct Fields([(&'static str, Option<u64>); 3]);

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0)
    }
}

struct Unseen<'a>(&'a View);

impl Serialize for Unseen<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let unseen = &self.0.unseen;
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("denied", &unseen.denied)?;
        object.serialize_entry("hidepid", &unseen.hidepid.as_ref().map(|value| Shown(value.as_bytes())))?;
        object.serialize_entry("foreign_proc", &unseen.foreign)?;
        object.end()
    }
}

/// Bytes that others chose.
struct Shown<'a>(&'a [u8]);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&harmless(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{container, view};
    use super::*;
    use serde_json::{Value, json as value};

    fn parsed(view: &View) -> Value {
        serde_json::from_slice(&json(view)).unwrap()
    }

    fn process(object: &Value, pid: i64) -> Value {
        let processes = object["processes"].as_array().unwrap();
        processes.iter().find(|process| process["pid"] == pid).unwrap().clone()
    }

    #[test]
    fn a_process() {
        assert_eq!(
            process(&parsed(&container()), 7),
            value!({
                "pid": 7, "ppid": 1, "depth": 1, "state": "sleeping", "uid": 0, "user": "root", "threads": 11,
                "rss_bytes": 222_298_112, "age_seconds": 99_999, "name": "node",
                "arguments": ["node", "server.js"], "held_by": null,
            })
        );
    }

    #[test]
    fn zombies_name_their_holder() {
        let object = parsed(&container());
        let zombie = process(&object, 31);
        assert_eq!(zombie["held_by"], value!({ "pid": 7, "name": "node" }));
        assert_eq!(zombie["arguments"], value!([]));
        assert_eq!(process(&object, 41)["held_by"], value!({ "pid": 0, "name": null }));
        assert_eq!(process(&object, 34)["held_by"], Value::Null, "a leader whose threads live");
    }

    #[test]
    fn names_and_arguments_are_harmless() {
        let object = parsed(&container());
        assert_eq!(process(&object, 33)["name"], "a)\\x0ab");
        assert_eq!(process(&object, 32)["arguments"], value!(["evil", "\\x1b[31m\\xff", "日本語"]));
    }

    #[test]
    fn totals_and_limits() {
        let object = parsed(&container());
        assert_eq!(object["totals"]["states"]["zombie"], 3);
        assert_eq!(object["totals"]["processes"], 9);
        assert_eq!(object["pids"], value!({ "current": 34, "max": 100, "forks_refused": 3 }));
        assert_eq!(object["memory"]["oom_kills"], 1);
    }

    #[test]
    fn what_is_not_known_is_null() {
        let mut view = view(&[]);
        view.memory = Default::default();
        view.pids = Default::default();
        view.unseen = super::super::Unseen { denied: 2, hidepid: Some("1".into()), foreign: true };
        assert_eq!(
            parsed(&view),
            value!({
                "version": 1, "processes": [],
                "totals": { "processes": 0, "threads": 0, "states": {} },
                "pids": { "current": null, "max": null, "forks_refused": null },
                "memory": { "current_bytes": null, "limit_bytes": null, "oom_kills": null },
                "unseen": { "denied": 2, "hidepid": "1", "foreign_proc": true },
            })
        );
    }

    #[test]
    fn it_is_one_line() {
        let bytes = json(&container());
        assert_eq!(bytes.iter().position(|b| *b == b'\n'), Some(bytes.len() - 1));
    }
}

//! The same facts as one JSON object.

use serde_json::{Map, Value, json};

use super::{Process, View};
use crate::harmless::harmless;

/// The object, in one line. What is not known is null. Names and arguments are bytes: control characters and what is
/// no UTF-8 are written as `\xNN`.
pub fn json(view: &View) -> Vec<u8> {
    let (states, threads) = view.totals();
    let states: Map<String, Value> =
        states.into_iter().map(|(name, number)| (name.to_owned(), number.into())).collect();
    let object = json!({
        "version": 1,
        "processes": view.processes.iter().map(|process| one(view, process)).collect::<Vec<_>>(),
        "totals": { "processes": view.processes.len(), "threads": threads, "states": states },
        "pids": {
            "current": view.pids.current,
            "max": view.pids.max,
            "forks_refused": view.pids.refused,
        },
        "memory": {
            "current_bytes": view.memory.current,
            "limit_bytes": view.memory.limit,
            "oom_kills": view.memory.oom_kills,
        },
        "unseen": {
            "denied": view.unseen.denied,
            "hidepid": view.unseen.hidepid.as_deref().map(|value| shown(value.as_bytes())),
            "foreign_proc": view.unseen.foreign,
        },
    });
    let mut bytes = object.to_string().into_bytes();
    bytes.push(b'\n');
    bytes
}

fn one(view: &View, process: &Process) -> Value {
    let stat = &process.stat;
    let held_by = stat.is_zombie().then(
        || json!({ "pid": stat.ppid.0, "name": process.holder.map(|parent| shown(parent.as_bytes())) }),
    );
    json!({
        "pid": stat.pid.0,
        "ppid": stat.ppid.0,
        "depth": process.place.depth,
        "state": process.state(),
        "uid": process.uid,
        "user": process.uid.and_then(|uid| view.users.name(uid)).map(shown),
        "threads": stat.threads,
        "rss_bytes": process.rss,
        "age_seconds": process.age.as_secs(),
        "name": shown(stat.comm.as_bytes()),
        "arguments": process.arguments().map(shown).collect::<Vec<_>>(),
        "held_by": held_by,
    })
}

fn shown(bytes: &[u8]) -> String {
    harmless(bytes).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::Unseen;
    use super::super::fixture::{container, view};
    use super::*;

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
            json!({
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
        assert_eq!(zombie["held_by"], json!({ "pid": 7, "name": "node" }));
        assert_eq!(zombie["arguments"], json!([]));
        assert_eq!(process(&object, 41)["held_by"], json!({ "pid": 0, "name": null }));
        assert_eq!(process(&object, 34)["held_by"], Value::Null, "a leader whose threads live");
    }

    #[test]
    fn names_and_arguments_are_harmless() {
        let object = parsed(&container());
        assert_eq!(process(&object, 33)["name"], "a)\\x0ab");
        assert_eq!(process(&object, 32)["arguments"], json!(["evil", "\\x1b[31m\\xff", "日本語"]));
    }

    #[test]
    fn totals_and_limits() {
        let object = parsed(&container());
        assert_eq!(object["totals"]["states"]["zombie"], 3);
        assert_eq!(object["totals"]["processes"], 9);
        assert_eq!(object["pids"], json!({ "current": 34, "max": 100, "forks_refused": 3 }));
        assert_eq!(object["memory"]["oom_kills"], 1);
    }

    #[test]
    fn what_is_not_known_is_null() {
        let mut view = view(&[]);
        view.memory = Default::default();
        view.pids = Default::default();
        view.unseen = Unseen { denied: 2, hidepid: Some("1".into()), foreign: true };
        assert_eq!(
            parsed(&view),
            json!({
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

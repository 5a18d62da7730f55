//! The same facts as one JSON object: `docs/ps.schema.json` says what each field means.

use super::{Process, STATES, View};
use crate::json::{Json, Value};

/// The object, in one line. What is not known is null. Names and arguments are bytes: control characters and what is
/// no UTF-8 are written as `\xNN`.
pub fn json(view: &View) -> Vec<u8> {
    let mut json = Json::default();
    json.open("{");
    json.field("version", 1);
    json.begin("processes", "[");
    view.processes.iter().for_each(|process| put_process(&mut json, view, process));
    json.close("]");
    put_totals(&mut json, view);
    json.begin("pids", "{");
    json.field("current", view.pids.current);
    json.field("max", view.pids.max);
    json.field("forks_refused", view.pids.refused);
    json.close("}");
    json.begin("memory", "{");
    json.field("current_bytes", view.memory.current);
    json.field("limit_bytes", view.memory.limit);
    json.field("oom_kills", view.memory.oom_kills);
    json.close("}");
    json.begin("unseen", "{");
    json.field("denied", view.unseen.denied);
    json.field("hidepid", view.unseen.hidepid.as_deref());
    json.field("foreign_proc", view.unseen.foreign);
    json.close("}");
    json.close("}");
    json.finish()
}

fn put_process(json: &mut Json, view: &View, process: &Process) {
    let stat = &process.stat;
    json.open("{");
    json.field("pid", stat.pid.0);
    json.field("ppid", stat.ppid.0);
    json.field("depth", process.place.depth);
    json.field("state", process.state());
    json.field("uid", process.uid);
    json.field("user", process.uid.and_then(|uid| view.users.name(uid)).map(Value::Bytes));
    json.field("threads", stat.threads);
    json.field("rss_bytes", process.rss);
    json.field("age_seconds", process.age.as_secs());
    json.field("name", Value::Bytes(stat.comm.as_bytes()));
    json.begin("arguments", "[");
    process.arguments().for_each(|argument| json.value(Value::Bytes(argument)));
    json.close("]");
    if stat.is_zombie() {
        json.begin("held_by", "{");
        json.field("pid", stat.ppid.0);
        json.field("name", process.holder.as_ref().map(|name| Value::Bytes(name.as_bytes())));
        json.close("}");
    } else {
        json.field("held_by", Value::Null);
    }
    json.close("}");
}

fn put_totals(json: &mut Json, view: &View) {
    let (counts, threads) = view.totals();
    json.begin("totals", "{");
    json.field("processes", view.processes.len());
    json.field("threads", threads);
    json.begin("states", "{");
    for (count, (_, name)) in counts.into_iter().zip(STATES) {
        if count > 0 {
            json.field(name, count);
        }
    }
    json.close("}");
    json.close("}");
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{container, view};
    use super::{View, json};
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

    /// The tests in Docker validate real answers with a library; this keeps names and words of both sides together.
    #[test]
    fn the_schema_has_every_field_and_every_state() {
        let schema: Value = serde_json::from_str(include_str!("../../docs/ps.schema.json")).unwrap();
        let object = parsed(&container());
        let zombie = process(&object, 31);
        let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let parts = &schema["properties"];
        let process = &schema["$defs"]["process"];
        for (value, schema) in [
            (&object, &schema),
            (&object["totals"], &parts["totals"]),
            (&object["pids"], &parts["pids"]),
            (&object["memory"], &parts["memory"]),
            (&object["unseen"], &parts["unseen"]),
            (&zombie, process),
            (&zombie["held_by"], &process["properties"]["held_by"]),
        ] {
            let mut required: Vec<String> = serde_json::from_value(schema["required"].clone()).unwrap();
            required.sort();
            assert_eq!((names(value), names(&schema["properties"])), (required.clone(), required));
        }
        assert_eq!(parts["version"]["const"], object["version"]);
        let states = super::super::STATES.map(|(_, name)| name);
        assert_eq!(schema["$defs"]["state"]["enum"], value!(states));
    }

    #[test]
    fn it_is_one_line() {
        let bytes = json(&container());
        assert_eq!(bytes.iter().position(|b| *b == b'\n'), Some(bytes.len() - 1));
    }
}

//! The same facts as one JSON object: `docs/ps.schema.json` says what each field means.

use super::{Process, STATES, View};
use crate::json::{Value, add, fill};

const PROCESS: &str = concat!(
    r#"{"pid":%,"ppid":%,"depth":%,"state":%,"uid":%,"user":%,"threads":%,"rss_bytes":%,"age_seconds":%,"#,
    r#""name":%,"arguments":["#
);

const HELD_BY: &str = r#"],"held_by":{"pid":%,"name":%}}"#;

const TOTALS: &str = r#"],"totals":{"processes":%,"threads":%,"states":{"#;

const LIMITS: &str = concat!(
    r#"}},"pids":{"current":%,"max":%,"forks_refused":%},"#,
    r#""memory":{"current_bytes":%,"limit_bytes":%,"oom_kills":%},"#,
    r#""unseen":{"denied":%,"hidepid":%,"foreign_proc":%}}"#,
    "\n"
);

/// The object, in one line. What is not known is null. Names and arguments are bytes: control characters and what is
/// no UTF-8 are written as `\xNN`.
pub fn json(view: &View) -> Vec<u8> {
    let mut text = String::from(r#"{"version":1,"processes":["#);
    view.processes.iter().for_each(|process| put_process(&mut text, view, process));
    let (counts, threads) = view.totals();
    fill(&mut text, TOTALS, &[view.processes.len().into(), threads.into()]);
    for (count, (_, name)) in counts.into_iter().zip(STATES) {
        if count > 0 {
            add(&mut text, "%:%", &[name.into(), count.into()]);
        }
    }
    let limits = [
        view.pids.current.into(),
        view.pids.max.into(),
        view.pids.refused.into(),
        view.memory.current.into(),
        view.memory.limit.into(),
        view.memory.oom_kills.into(),
        view.unseen.denied.into(),
        view.unseen.hidepid.as_deref().into(),
        view.unseen.foreign.into(),
    ];
    fill(&mut text, LIMITS, &limits);
    text.into_bytes()
}

fn put_process(text: &mut String, view: &View, process: &Process) {
    let stat = &process.stat;
    let values = [
        stat.pid.0.into(),
        stat.ppid.0.into(),
        process.place.depth.into(),
        process.state().into(),
        process.uid.into(),
        process.uid.and_then(|uid| view.users.name(uid)).map(Value::Bytes).into(),
        stat.threads.into(),
        process.rss.into(),
        process.age.as_secs().into(),
        Value::Bytes(stat.comm.as_bytes()),
    ];
    add(text, PROCESS, &values);
    process.arguments().for_each(|argument| add(text, "%", &[Value::Bytes(argument)]));
    if stat.is_zombie() {
        let holder = process.holder.as_ref().map(|name| Value::Bytes(name.as_bytes()));
        fill(text, HELD_BY, &[stat.ppid.0.into(), holder.into()]);
    } else {
        fill(text, r#"],"held_by":null}"#, &[]);
    }
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

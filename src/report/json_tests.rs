use serde_json::{Value, json};

use super::super::Facts;
use super::super::fixture::Run;
use super::VERSION;
use crate::policy::event::Origin;
use crate::policy::signal::Signal;
use crate::policy::status::Ending;

fn schema() -> Value {
    serde_json::from_str(include_str!("../../docs/exit-report.schema.json")).unwrap()
}

fn report(facts: &Facts<'_>) -> Value {
    let bytes = super::json(facts);
    assert_eq!(bytes.iter().position(|b| *b == b'\n'), Some(bytes.len() - 1), "one line");
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn all_that_there_is_to_say() {
    let mut run = Run::killed("java", Signal::KILL).stopped(Signal::TERM, Origin::Process, 0).oom(Some(0), 1);
    run.outcome.steps_climbed = 2;
    (run.tally.reaped, run.tally.terminated, run.tally.killed) = (5, 2, 1);
    assert_eq!(
        report(&run.facts()),
        json!({
            "version": 1, "pid": 7, "name": "java", "command": ["/usr/bin/java", "--secret=1"],
            "start": "2023-11-14T22:13:20.000Z", "end": "2023-11-14T22:54:20.250Z",
            "cause": "oom", "reason": null, "exit_status": 137, "program_status": null, "signal": "SIGKILL",
            "core": false,
            "stop_request": {
                "signal": "SIGTERM", "sender": 0, "time": "2023-11-14T22:54:10.000Z", "steps_climbed": 2,
            },
            "user_time_ms": 1500, "system_time_ms": 20, "max_rss_kib": 217_088,
            "orphans": { "reaped": 5, "terminated": 2, "killed": 1 },
            "signals_forwarded": {}, "oom_kills": 1, "forks_refused": 2, "dropped_log_lines": 1,
        })
    );
}

#[test]
fn causes() {
    let mut timed_out = Run::killed("a", Signal::TERM);
    timed_out.outcome.timed_out = true;
    let mut unseen = Run::killed("a", Signal::TERM);
    unseen.outcome.ending = None;
    for (run, cause) in [
        (Run::ended("a", Ending::Exited(137)), "exited"),
        (Run::ended("a", Ending::Exited(137)).oom(Some(1), 2), "oom"),
        (Run::killed("a", Signal::SEGV), "signaled"),
        (timed_out, "timeout"),
        (unseen, "unknown"),
    ] {
        assert_eq!(report(&run.facts())["cause"], cause);
    }
}

#[test]
fn a_program_that_was_not_started() {
    let run = Run::killed("a", Signal::KILL);
    let mut facts = run.facts();
    facts.main = Err("cannot execute a: not in PATH");
    let object = report(&facts);
    assert_eq!(
        (&object["cause"], &object["reason"]),
        (&"exec-failed".into(), &"cannot execute a: not in PATH".into())
    );
    assert_eq!(
        (&object["pid"], &object["signal"], &object["stop_request"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(object["orphans"], json!({ "reaped": 0, "terminated": 0, "killed": 0 }));
}

/// The tests in Docker validate real reports with a library; this keeps names and words of both sides together.
#[test]
fn the_schema_has_every_field_and_every_cause() {
    let run = Run::killed("a", Signal::KILL).stopped(Signal::TERM, Origin::Process, 0);
    let object = report(&run.facts());
    let schema = schema();
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let mut required: Vec<String> = serde_json::from_value(schema["required"].clone()).unwrap();
    required.sort();
    assert_eq!(names(&object), required);
    assert_eq!(names(&schema["properties"]), required);
    assert_eq!(schema["properties"]["version"]["const"], VERSION);
    let stop = &schema["properties"]["stop_request"]["properties"];
    assert_eq!(names(&object["stop_request"]), names(stop));
    for cause in ["exited", "signaled", "oom", "timeout", "exec-failed", "unknown"] {
        assert!(schema["properties"]["cause"]["enum"].as_array().unwrap().contains(&cause.into()));
    }
}

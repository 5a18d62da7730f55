//! The exit report and the termination message.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Mode, Scratch, both, needs_root, sexton_only, test_name};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

fn report(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text:?}"))
}

both! {
    fn the_report_tells_the_whole_run(mode: Mode) {
        sexton_only!("--report");
        let scratch = Scratch::new();
        let path = scratch.file("report", "an older and longer text".repeat(1000), 0o600);
        let run = mode.child(["orphans", "3", "leave", "orphan,deaf", "record", "12"]);
        let run = run.options(["--grace", "300ms", "--report", path.to_str().unwrap()]).spawn();
        run.wait_ready("");
        for signal in [libc::SIGHUP, libc::SIGHUP, libc::SIGTERM, libc::SIGUSR2] {
            run.signal(signal);
            run.wait_for_line(&format!("signal {signal} "));
        }
        run.wait().expect_code(0);
        let object = report(&path);
        assert_eq!(object["cause"], "exited");
        assert_eq!((&object["exit_status"], &object["program_status"], &object["signal"]), (&json!(0), &json!(0), &Value::Null));
        assert_eq!(object["stop_request"]["signal"], "SIGTERM");
        let sender = if mode == Mode::Pid1 { 0 } else { std::process::id() };
        assert_eq!(object["stop_request"]["sender"], sender);
        assert_eq!(object["signals_forwarded"], json!({ "SIGHUP": 2, "SIGTERM": 1, "SIGUSR2": 1 }));
        assert_eq!(object["orphans"], json!({ "reaped": 5, "terminated": 1, "killed": 1 }), "{object:#}");
        assert_eq!(object["command"][1], "orphans");
        assert!(object["max_rss_kib"].as_u64().unwrap() > 100 && object["start"].as_str() < object["end"].as_str());
    }
}

both! {
    fn a_program_that_cannot_be_executed_is_reported_too(mode: Mode) {
        sexton_only!("--report");
        let scratch = Scratch::new();
        let (path, line) = (scratch.join("report"), scratch.file("line", "", 0o600));
        let options = [format!("--report={}", path.display()), format!("--termination-log={}", line.display())];
        mode.command(["no-such-program"]).options(options).run().expect_code(127);
        let object = report(&path);
        assert_eq!((&object["cause"], &object["exit_status"], &object["pid"]), (&json!("exec-failed"), &json!(127), &Value::Null));
        assert!(object["reason"].as_str().unwrap().starts_with("cannot execute no-such-program: "), "{object:#}");
        assert!(fs::read_to_string(line).unwrap().starts_with("cannot execute no-such-program: "));
    }
}

both! {
    fn no_report_goes_where_a_link_leads(mode: Mode) {
        sexton_only!("--report");
        let scratch = Scratch::new();
        let precious = scratch.file("precious", "mine", 0o600);
        symlink(&precious, scratch.join("symlink")).unwrap();
        fs::hard_link(&precious, scratch.join("link")).unwrap();
        for (name, why) in [("symlink", "it is a symbolic link"), ("link", "it has more than one link"), (".", "it is no regular file")] {
            let path = scratch.join(name);
            let ended = mode.child(["exit", "3"]).options(["--report", path.to_str().unwrap()]).run();
            ended.expect_code(3).expect_said(&["sexton: there will be no report in ", why]);
            assert_eq!(ended.stderr.lines().count(), 1, "{ended:#?}");
        }
        assert_eq!(fs::read(&precious).unwrap(), b"mine");
    }
}

both! {
    fn a_full_disk_is_said_and_nothing_more(mode: Mode) {
        sexton_only!("--report");
        let scratch = Scratch::new();
        let path = scratch.join("report");
        // A limit of the size of files stands for the disk.
        let run = mode.child(["exit", "3"]).before(["limit", "1", "100"]);
        let stderr = harness::Pipe::new();
        let run = run.stderr(stderr.writer).options(["--report", path.to_str().unwrap()]).run();
        run.expect_code(3);
        let said = String::from_utf8(harness::read_to_end(stderr.reader)).unwrap();
        assert_eq!(said, "sexton: cannot write the report: File too large (os error 27)\n");
        assert_eq!(fs::read(&path).unwrap(), b"", "no half of a report");
    }
}

both! {
    fn the_report_is_out_of_reach_for_the_program(mode: Mode) {
        sexton_only!("--report, --user");
        needs_root!("--user");
        let scratch = Scratch::new();
        let path = scratch.join("report");
        // 0 to 2 and that of the directory itself: the report's is none of them.
        let script = "ls /proc/self/fd | wc -l";
        let plain = mode.shell(script).run();
        let ended = mode.shell(script).options(["--user", "65534", "--report", path.to_str().unwrap()]).run();
        ended.expect_code(0).expect_silence();
        assert_eq!(plain.stdout, ended.stdout);
        assert_eq!(report(&path)["cause"], "exited");
    }
}

both! {
    fn the_termination_message_is_one_line_in_an_empty_file(mode: Mode) {
        sexton_only!("--termination-log");
        let scratch = Scratch::new();
        let (empty, full) = (scratch.file("empty", "", 0o600), scratch.file("full", "the program's own", 0o600));
        let option = |path: &Path| format!("--termination-log={}", path.display());
        mode.child(["die", "11"]).options([option(&empty)]).run().expect_code(139);
        let line = fs::read_to_string(&empty).unwrap();
        assert!(line.starts_with("main process ") && line.contains("(child) was killed by SIGSEGV after "), "{line}");
        assert_eq!(line.find('\n'), Some(line.len() - 1));
        assert!(line.ends_with("; exit status 139\n"), "{line}");
        mode.child(["exit", "1"]).options([option(&full)]).run().expect_code(1).expect_silence();
        assert_eq!(fs::read(&full).unwrap(), b"the program's own");
        let missing = scratch.join("missing");
        let ended = mode.child(["exit", "1"]).options([option(&missing)]).run();
        ended.expect_code(1).expect_said(&["cannot write the termination message to ", "No such file or directory"]);
        assert!(!missing.exists());
        symlink(&empty, scratch.join("symlink")).unwrap();
        mode.child(["exit", "1"]).options([option(&scratch.join("symlink"))]).run().expect_said(&["it is a symbolic link"]);
    }
}

both! {
    fn the_variables_do_the_same(mode: Mode) {
        sexton_only!("SEXTON_REPORT");
        let scratch = Scratch::new();
        let (path, line) = (scratch.join("report"), scratch.file("line", "", 0o600));
        let run = mode.child(["exit", "4"]).env("SEXTON_REPORT", &path).env("SEXTON_TERMINATION_LOG", &line);
        run.run().expect_code(4).expect_silence();
        assert_eq!(report(&path)["exit_status"], 4);
        assert!(fs::read_to_string(&line).unwrap().contains("exited with status 4"));
    }
}

/// Whoever reads it while it is written sees nothing of it or all of it.
#[test]
fn the_report_is_one_write() {
    sexton_only!("--report");
    if std::process::Command::new("strace").arg("--version").output().is_err() {
        return harness::not_here(&test_name!(), "needs strace");
    }
    let scratch = Scratch::new();
    let (trace, path) = (scratch.join("trace"), scratch.join("report"));
    let strace = ["strace", "-P", path.to_str().unwrap(), "-o", trace.to_str().unwrap()];
    let mut words: Vec<String> = strace.map(str::to_owned).to_vec();
    words.extend(["-e", "trace=write,writev,pwrite64,pwritev,pwritev2"].map(str::to_owned));
    words.extend(harness::init_under_test());
    words.extend(["--report", path.to_str().unwrap(), "--"].map(str::to_owned));
    words.extend([harness::child_program().to_str().unwrap(), "exit", "7"].map(str::to_owned));
    Mode::Bare.command(words).run().expect_code(7);
    let trace = fs::read_to_string(trace).unwrap();
    let length = fs::metadata(&path).unwrap().len();
    let writes: Vec<&str> = trace.lines().filter(|line| line.contains("write")).collect();
    assert_eq!(writes.len(), 1, "{trace}");
    assert!(writes[0].ends_with(&format!("= {length}")), "{length} bytes: {trace}");
}

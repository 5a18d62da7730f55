//! The log as its reader sees it.

use std::io::Read;
use std::os::fd::AsRawFd;

use proptest::prelude::*;

use super::line::LONGEST;
use super::*;
use crate::config::LogFormat;

fn style(format: LogFormat) -> Style {
    Style { voice: Voice::SEXTON, format }
}

fn line(format: LogFormat, message: &str, fields: Fields<'_>) -> String {
    style(format).render(Level::Warn, format_args!("{message}"), fields)
}

fn text(message: &str) -> String {
    line(LogFormat::Text, message, &[])
}

fn json(message: &str, fields: Fields<'_>) -> serde_json::Value {
    let line = line(LogFormat::Json, message, fields);
    assert!(line.ends_with('\n') && line.len() <= LONGEST);
    serde_json::from_str(&line).unwrap()
}

#[test]
fn text_lines_begin_with_the_name_and_show_controls_as_escapes() {
    for (message, expected) in [
        ("main process 7 (sh) exited", "sexton: main process 7 (sh) exited\n"),
        ("two\nsexton: lines", "sexton: two\\x0asexton: lines\n"),
        ("\x1b[2J\r\u{202e}", "sexton: \\x1b[2J\\x0d\\xe2\\x80\\xae\n"),
    ] {
        assert_eq!(text(message), expected);
    }
}

#[test]
fn long_text_is_cut_at_a_character() {
    let line = text(&"é".repeat(5000));
    assert!(line.ends_with("é...\n"));
    assert!((LONGEST - 1..=LONGEST).contains(&line.len()));
    let fits = "x".repeat(LONGEST - "sexton: \n".len());
    assert_eq!(text(&fits), format!("sexton: {fits}\n"));
}

#[test]
fn json_lines_have_time_level_message_and_typed_fields() {
    let fields = [
        ("pid", 7_u32.into()),
        ("delta", (-3).into()),
        ("core", true.into()),
        ("name", "a\"\n".into()),
        ("nothing", Value::Null),
    ];
    let object = json("died\n", &fields);
    let time = object["time"].as_str().unwrap();
    assert_eq!((time.len(), &time[10..11], &time[19..20], &time[23..]), (24, "T", ".", "Z"));
    let expected = serde_json::json!({
        "time": time, "level": "warn", "message": "died\\x0a", "pid": 7, "delta": -3, "core": true,
        "name": "a\"\\x0a", "nothing": null,
    });
    assert_eq!(object, expected);
}

#[test]
fn long_json_stays_json_and_keeps_its_fields_if_they_fit() {
    let object = json(&"\"é".repeat(4000), &[("pid", 7.into())]);
    assert!(object["message"].as_str().unwrap().ends_with("..."));
    assert_eq!(object["pid"], 7);
    let name = "\\".repeat(5000);
    let object = json("died", &[("name", name.as_str().into())]);
    assert_eq!(object["message"], "died");
    assert_eq!(object.get("name"), None);
}

#[test]
fn a_display_that_fails_is_no_panic() {
    struct Broken;
    impl std::fmt::Display for Broken {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            Err(std::fmt::Error)
        }
    }
    let line = style(LogFormat::Json).render(Level::Warn, format_args!("before {Broken}"), &[]);
    let object: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(object["message"], "before ");
}

#[test]
#[cfg_attr(miri, ignore = "asks with poll whether a pipe has room")]
fn dropped_lines_are_counted_and_told_once_there_is_room() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    for (format, expected) in [
        (LogFormat::Text, "sexton: 2 log lines were dropped\nsexton: after\nsexton: later\n"),
        (LogFormat::Json, "\"message\":\"2 log lines were dropped\"}\n"),
    ] {
        let log = Facade { setup: OnceLock::new(), logger: OnceLock::new() };
        log.setup.get_or_init(|| Setup { style: style(format), fd: writer.as_raw_fd() });
        let say = |message: &str| log.write(Level::Warn, format_args!("{message}"), &[]);
        let page = "x".repeat(LONGEST);
        for _ in 0..16 {
            say(&page);
        }
        let before = dropped();
        say("lost");
        say("lost");
        assert_eq!(dropped() - before, 2);
        reader.read_exact(&mut [0; 16 * LONGEST]).unwrap();
        say("after");
        say("later");
        let mut read = [0; 4096];
        let length = reader.read(&mut read).unwrap();
        let read = std::str::from_utf8(&read[..length]).unwrap();
        assert!(read.contains(expected), "{read}");
        assert_eq!(read.lines().count(), 3);
    }
}

#[test]
#[cfg_attr(miri, ignore = "asks with poll whether a pipe has room")]
fn the_facade_is_silent_until_it_is_installed_and_speaks_to_the_descriptor_it_was_given() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    crate::logging::error!("nobody hears this");
    let config = LogConfig { level: log::LevelFilter::Warn, format: LogFormat::Text, fd: writer.as_raw_fd() };
    install(config, Voice::SEXTON);
    crate::logging::info!("too quiet");
    assert!(FACADE.logger.get().is_none(), "built before there was anything to say");
    crate::logging::warn!(pid = 7; "heard");
    install(LogConfig { fd: 2, ..config }, Voice::SEXTON);
    // As a library would, which asks first.
    assert!(log::log_enabled!(Level::Warn) && !log::log_enabled!(Level::Info));
    log::error!("again");
    log::logger().flush();
    let mut read = [0; 4096];
    let length = reader.read(&mut read).unwrap();
    let read = std::str::from_utf8(&read[..length]).unwrap();
    assert!(read.contains("sexton: heard\n") && read.contains("sexton: again\n"), "{read}");
    log::set_max_level(log::LevelFilter::Off);
}

/// Miri takes minutes for a long one.
const REPEATED: usize = if cfg!(miri) { 3 } else { 200 };

proptest! {
    #[test]
    fn any_message_becomes_one_short_line(message: String, repeat in 1..REPEATED, key: String) {
        let message = message.repeat(repeat);
        let line = text(&message);
        prop_assert!(line.len() <= LONGEST);
        prop_assert_eq!(line.find(char::is_control), Some(line.len() - 1));
        json(&message, &[(key.as_str(), message.as_str().into())]);
    }
}

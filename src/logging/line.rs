//! One record as one line, in text or JSON: no control characters, and short enough for a pipe to take it whole.

use std::fmt::{Arguments, Write};
use std::time::SystemTime;

use log::Level;

use super::Fields;
use crate::config::{LogFormat, Voice};
use crate::harmless::{self, harmless};
use crate::json::{Value, add, fill};
use crate::timestamp::rfc3339;

/// `PIPE_BUF`: what a pipe takes whole or not at all, the newline included.
pub(super) const LONGEST: usize = 4096;

const CUT: &str = "...";

/// How lines look.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) voice: Voice,
    pub(super) format: LogFormat,
}

impl Style {
    /// The line for this message, newline included.
    pub(super) fn render(&self, level: Level, message: Arguments<'_>, fields: Fields<'_>) -> String {
        let mut line = match self.format {
            LogFormat::Text => {
                let mut text = clean(format_args!("{}{message}", self.voice.begin(level)));
                cut(&mut text, LONGEST - 1);
                text
            }
            LogFormat::Json => json_line(level, message, fields),
        };
        line.push('\n');
        line
    }
}

/// Formats without a panic when a `Display` fails, and without anything that could forge a second line.
fn clean(value: Arguments<'_>) -> String {
    let mut raw = String::new();
    let _ = raw.write_fmt(value);
    harmless(raw.as_bytes()).to_string()
}

fn cut(text: &mut String, most: usize) {
    if text.len() > most {
        harmless::cut(text, most.saturating_sub(CUT.len()));
        text.push_str(CUT);
    }
}

fn json_line(level: Level, message: Arguments<'_>, fields: Fields<'_>) -> String {
    let time = rfc3339(SystemTime::now()).to_string();
    let mut message = clean(message);
    let line = object(&time, level, &message, fields);
    let excess = line.len().saturating_sub(LONGEST - 1);
    if excess == 0 {
        return line;
    }
    // Escaping only lengthens: a message shorter by the excess makes the line shorter by at least as much.
    let keep_fields = message.len() >= excess + CUT.len();
    let most = if keep_fields { message.len() - excess } else { LONGEST / 3 };
    cut(&mut message, most);
    object(&time, level, &message, if keep_fields { fields } else { &[] })
}

fn object(time: &str, level: Level, message: &str, fields: Fields<'_>) -> String {
    let mut text = String::new();
    let head = [time, Voice::SEXTON.name(level), message].map(Value::from);
    fill(&mut text, r#"{"time":%,"level":%,"message":%"#, &head);
    fields.iter().for_each(|(name, value)| add(&mut text, "%:%", &[Value::from(*name), *value]));
    text.push('}');
    text
}

//! One record as one line, in text or JSON: no control characters, and short enough for a pipe to take it whole.

use std::fmt::{Display, Write};
use std::time::SystemTime;

use log::Record;
use log::kv::{self, Key, Value, VisitSource, VisitValue};

use crate::config::{LogFormat, Voice};
use crate::harmless::harmless;
use crate::json::{self, Json};
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
    /// The line for this record, newline included.
    pub(super) fn render(self, record: &Record<'_>) -> Vec<u8> {
        let mut line = match self.format {
            LogFormat::Text => {
                let mut text = clean(format_args!("{}{}", self.voice.begin(record.level()), record.args()));
                cut(&mut text, LONGEST - 1);
                text.into_bytes()
            }
            LogFormat::Json => json_line(record),
        };
        line.push(b'\n');
        line
    }
}

/// Formats without a panic when a `Display` fails, and without anything that could forge a second line.
fn clean(value: impl Display) -> String {
    let mut raw = String::new();
    let _ = write!(raw, "{value}");
    let mut text = String::with_capacity(raw.len());
    let _ = write!(text, "{}", harmless(raw.as_bytes()));
    text
}

fn cut(text: &mut String, most: usize) {
    if text.len() > most {
        let end = most.saturating_sub(CUT.len());
        let end = (0..=end).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
        text.truncate(end);
        text.push_str(CUT);
    }
}

fn json_line(record: &Record<'_>) -> Vec<u8> {
    let time = clean(rfc3339(SystemTime::now()));
    let mut message = clean(record.args());
    let line = object(&time, record, &message, true);
    let excess = line.len().saturating_sub(LONGEST - 1);
    if excess == 0 {
        return line;
    }
    // Escaping only lengthens: a message shorter by the excess makes the line shorter by at least as much.
    let keep_fields = message.len() >= excess + CUT.len();
    let spare = if keep_fields { message.len() - excess } else { LONGEST / 3 };
    cut(&mut message, spare);
    object(&time, record, &message, keep_fields)
}

fn object(time: &str, record: &Record<'_>, message: &str, fields: bool) -> Vec<u8> {
    let mut json = Json::default();
    json.open('{');
    json.field("time", time);
    json.field("level", record.level().as_str().to_ascii_lowercase().as_str());
    json.field("message", message);
    if fields {
        let _ = record.key_values().visit(&mut Fields(&mut json));
    }
    json.close('}');
    let mut line = json.finish();
    // Every line gets its end where it is rendered.
    line.pop();
    line
}

/// Puts a record's key-values (integers, strings, booleans) into the JSON object.
struct Fields<'a>(&'a mut Json);

impl<'kvs> VisitSource<'kvs> for Fields<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), kv::Error> {
        value.visit(Field { object: self.0, key: key.as_str() })
    }
}

struct Field<'a> {
    object: &'a mut Json,
    key: &'a str,
}

impl Field<'_> {
    fn put<'v>(&mut self, value: impl Into<json::Value<'v>>) -> Result<(), kv::Error> {
        self.object.field(self.key, value);
        Ok(())
    }
}

impl VisitValue<'_> for Field<'_> {
    /// Floats, 128-bit integers and whatever was captured by its `Display` or `Debug`: left out, since formatting
    /// them would bring in the formatter of floats, 20 KB.
    fn visit_any(&mut self, _: Value<'_>) -> Result<(), kv::Error> {
        Ok(())
    }

    fn visit_null(&mut self) -> Result<(), kv::Error> {
        self.put(json::Value::Null)
    }

    fn visit_u64(&mut self, value: u64) -> Result<(), kv::Error> {
        self.put(value)
    }

    fn visit_i64(&mut self, value: i64) -> Result<(), kv::Error> {
        self.put(json::Value::Number(value))
    }

    fn visit_bool(&mut self, value: bool) -> Result<(), kv::Error> {
        self.put(value)
    }

    fn visit_str(&mut self, value: &str) -> Result<(), kv::Error> {
        self.put(value)
    }
}

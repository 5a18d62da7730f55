//! JSON as it is written here: one line, without blanks, from templates in which each `%` stands for a value.
//!
//! By hand, since a generic serializer is compiled once for every type that goes through it, which came to a twentieth
//! of the binary. Text is made harmless first, so that quotes and backslashes are all that needs escaping.

use std::fmt::{Display, Write};

use crate::harmless::harmless;

/// What can stand in a template's place.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// Nothing is known.
    Null,
    /// A whole number that is never negative.
    Count(u64),
    /// Any other.
    Number(i64),
    /// True or false.
    Bool(bool),
    /// Bytes that others chose.
    Bytes(&'a [u8]),
    /// Something that shows itself without control characters.
    Shown(&'a dyn Display),
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i32> for Value<'_> {
    fn from(value: i32) -> Self {
        Self::Number(value.into())
    }
}

impl From<u32> for Value<'_> {
    fn from(value: u32) -> Self {
        Self::Count(value.into())
    }
}

impl From<u64> for Value<'_> {
    fn from(value: u64) -> Self {
        Self::Count(value)
    }
}

impl From<usize> for Value<'_> {
    fn from(value: usize) -> Self {
        Self::Count(value as u64)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Bytes(value.as_bytes())
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Adds `template` with its values; behind a comma, unless it is the first of its kind.
pub fn add(text: &mut String, template: &str, values: &[Value<'_>]) {
    // No text ends with one of these outside of its quotes.
    if !matches!(text.as_bytes().last(), None | Some(b'{' | b'[')) {
        text.push(',');
    }
    fill(text, template, values);
}

/// Adds `template` with its values.
pub fn fill(text: &mut String, template: &str, values: &[Value<'_>]) {
    let mut values = values.iter();
    for part in template.split('%') {
        text.push_str(part);
        if let Some(value) = values.next() {
            put(text, *value);
        }
    }
}

fn put(text: &mut String, value: Value<'_>) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => show(text, &value),
        Value::Number(value) => show(text, &value),
        Value::Count(value) => show(text, &value),
        Value::Bytes(bytes) => quote(text, &harmless(bytes)),
        Value::Shown(shown) => quote(text, shown),
    }
}

fn show(text: &mut String, value: &dyn Display) {
    // Writing to memory does not fail.
    let _ = write!(text, "{value}");
}

fn quote(text: &mut String, shown: &dyn Display) {
    text.push('"');
    let _ = write!(Quoted(text), "{shown}");
    text.push('"');
}

/// Escapes what a string cannot have as it is.
struct Quoted<'a>(&'a mut String);

impl Write for Quoted<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for c in text.chars() {
            if matches!(c, '"' | '\\') {
                self.0.push('\\');
            }
            self.0.push(c);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn parsed(text: &str) -> serde_json::Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn every_kind_of_value() {
        let mut text = String::from("{");
        add(
            &mut text,
            r#""null":%,"bool":%,"number":%,"count":%,"text":%,"shown":%,"list":["#,
            &[
                Value::from(None::<&str>),
                true.into(),
                (-5).into(),
                Some(u64::MAX).into(),
                "a \"b\" \\ \n {".into(),
                Value::Shown(&"\"%"),
            ],
        );
        add(&mut text, "%", &[Value::Bytes(b"\xff:[")]);
        add(&mut text, "{}", &[]);
        add(&mut text, "[]", &[]);
        fill(&mut text, "]", &[]);
        add(&mut text, "%:%}", &["last".into(), 1_u32.into()]);
        assert_eq!(
            parsed(&text),
            json!({
                "null": null, "bool": true, "number": -5, "count": u64::MAX, "text": "a \"b\" \\ \\x0a {",
                "shown": "\"%", "list": ["\\xff:[", {}, []], "last": 1,
            })
        );
    }

    proptest! {
        #[test]
        fn any_text_comes_back_harmless(text: String, bytes: Vec<u8>) {
            let mut json = String::new();
            fill(&mut json, "[%,%]", &[text.as_str().into(), Value::Bytes(&bytes)]);
            let expected = [harmless(text.as_bytes()).to_string(), harmless(&bytes).to_string()];
            prop_assert_eq!(parsed(&json), json!(expected));
        }
    }
}

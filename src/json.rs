//! JSON as it is written here: one line, without blanks.
//!
//! By hand, since a generic serializer is compiled once for every type that goes through it, which came to a twentieth
//! of the binary. Text is made harmless first, so that quotes and backslashes are all that needs escaping.

use std::fmt::{Display, Write};

use crate::harmless::harmless;

/// What can stand behind a name.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// Nothing is known.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// One that is never negative.
    Count(u64),
    /// Text.
    Text(&'a str),
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
        Self::Text(value)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A text that grows.
#[derive(Debug, Default)]
pub struct Json {
    /// What has been written so far.
    pub text: String,
}

impl Json {
    /// `{` or `[`, where a value may stand.
    pub fn open(&mut self, bracket: &str) {
        self.separate();
        self.text.push_str(bracket);
    }

    /// A name, and `{` or `[` behind it.
    pub fn begin(&mut self, name: &str, bracket: &str) {
        self.key(name);
        self.text.push_str(bracket);
    }

    /// `}` or `]`.
    pub fn close(&mut self, bracket: &str) {
        self.text.push_str(bracket);
    }

    /// A name; its value comes next.
    pub fn key(&mut self, name: &str) {
        self.value(Value::Text(name));
        self.text.push_str(":");
    }

    /// A name and its value.
    pub fn field<'a>(&mut self, name: &str, value: impl Into<Value<'a>>) {
        self.named(name, value.into());
    }

    fn named(&mut self, name: &str, value: Value<'_>) {
        self.key(name);
        self.value(value);
    }

    /// A value where one may stand.
    pub fn value(&mut self, value: Value<'_>) {
        self.separate();
        match value {
            Value::Null => self.text.push_str("null"),
            Value::Bool(value) => self.put(&value),
            Value::Number(value) => self.put(&value),
            Value::Count(value) => self.put(&value),
            Value::Text(text) => self.quote(&harmless(text.as_bytes())),
            Value::Bytes(bytes) => self.quote(&harmless(bytes)),
            Value::Shown(shown) => self.quote(shown),
        }
    }

    /// The line, with its end.
    pub fn finish(mut self) -> Vec<u8> {
        self.text.push_str("\n");
        self.text.into_bytes()
    }

    /// A comma, unless this is the first of its kind. No text ends with one of these outside of its quotes.
    fn separate(&mut self) {
        if !matches!(self.text.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.text.push_str(",");
        }
    }

    fn put(&mut self, value: &dyn Display) {
        // Writing to memory does not fail.
        let _ = write!(self.text, "{value}");
    }

    fn quote(&mut self, shown: &dyn Display) {
        self.text.push_str("\"");
        let _ = write!(Quoted(&mut self.text), "{shown}");
        self.text.push_str("\"");
    }
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

    fn parsed(json: Json) -> serde_json::Value {
        let bytes = json.finish();
        assert_eq!(bytes.iter().position(|b| *b == b'\n'), Some(bytes.len() - 1), "one line");
        serde_json::from_slice(&bytes).unwrap()
    }

    #[test]
    fn every_kind_of_value() {
        let mut json = Json::default();
        json.open("{");
        json.field("null", None::<&str>);
        json.field("bool", true);
        json.field("number", -5);
        json.field("count", Some(u64::MAX));
        json.field("text", "a \"b\" \\ \n {");
        json.key("list");
        json.open("[");
        json.value(Value::Bytes(b"\xff:"));
        json.open("{");
        json.close("}");
        json.open("[");
        json.close("]");
        json.close("]");
        json.field("last", 1_u32);
        json.close("}");
        assert_eq!(
            parsed(json),
            json!({
                "null": null, "bool": true, "number": -5, "count": u64::MAX, "text": "a \"b\" \\ \\x0a {",
                "list": ["\\xff:", {}, []], "last": 1,
            })
        );
    }

    proptest! {
        #[test]
        fn any_text_comes_back_harmless(text: String, bytes: Vec<u8>) {
            let mut json = Json::default();
            json.open("[");
            json.value(Value::Text(&text));
            json.value(Value::Bytes(&bytes));
            json.close("]");
            let expected = [harmless(text.as_bytes()).to_string(), harmless(&bytes).to_string()];
            prop_assert_eq!(parsed(json), json!(expected));
        }
    }
}

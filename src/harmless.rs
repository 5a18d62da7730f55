//! Names and values that others chose, shown so that they cannot drive a terminal, forge a log line or reverse
//! the reading order.

use std::fmt::{self, Write};

/// Shows `bytes` with control characters (C0, DEL, C1), line and paragraph separators, bidirectional marks and
/// invalid UTF-8 as `\xNN`, byte for byte. All else appears as it is.
pub fn harmless(bytes: &[u8]) -> impl fmt::Display + '_ {
    Harmless(bytes)
}

struct Harmless<'a>(&'a [u8]);

impl fmt::Display for Harmless<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Nearly all there is, and five thousand command lines are to be shown in no time.
        if self.0.iter().all(|byte| matches!(byte, b' '..=b'~')) {
            return f.write_str(str::from_utf8(self.0).unwrap_or_default());
        }
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                if steers(c) {
                    escape(f, c.encode_utf8(&mut [0; 4]).as_bytes())?;
                } else {
                    f.write_char(c)?;
                }
            }
            escape(f, chunk.invalid())?;
        }
        Ok(())
    }
}

/// Does `c` change how the text around it is read?
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escape(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "\\x{byte:02x}"))
}

/// Cuts `text` to so many bytes at most, at a character.
pub fn cut(text: &mut String, mut most: usize) {
    while !text.is_char_boundary(most.min(text.len())) {
        most -= 1;
    }
    text.truncate(most);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_could_do_harm_is_escaped() {
        for (bytes, shown) in [
            (&b""[..], ""),
            (b"nginx: worker", "nginx: worker"),
            ("café 日本".as_bytes(), "café 日本"),
            (b"a\nb\tc\0", "a\\x0ab\\x09c\\x00"),
            (b"\x1b[31m\x7f", "\\x1b[31m\\x7f"),
            ("\u{9b}31m".as_bytes(), "\\xc2\\x9b31m"),
            ("\u{202e}gpj.exe".as_bytes(), "\\xe2\\x80\\xaegpj.exe"),
            ("\u{61c}\u{200f}\u{2069}".as_bytes(), "\\xd8\\x9c\\xe2\\x80\\x8f\\xe2\\x81\\xa9"),
            ("a\u{2028}b\u{2029}".as_bytes(), "a\\xe2\\x80\\xa8b\\xe2\\x80\\xa9"),
            (b"\xff\xfeA\xc3", "\\xff\\xfeA\\xc3"),
            (b"\xe2\x80", "\\xe2\\x80"),
            (b"back\\slash", "back\\slash"),
        ] {
            assert_eq!(harmless(bytes).to_string(), shown);
        }
    }

    #[test]
    fn every_bidirectional_mark_is_escaped_and_its_neighbours_are_not() {
        for (c, escaped) in [
            ('\u{200d}', false),
            ('\u{200e}', true),
            ('\u{2010}', false),
            ('\u{202a}', true),
            ('\u{202f}', false),
            ('\u{2065}', false),
            ('\u{2066}', true),
            ('\u{206a}', false),
        ] {
            assert_eq!(harmless(c.to_string().as_bytes()).to_string().starts_with('\\'), escaped, "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_shown_steers_a_terminal(bytes: Vec<u8>) {
            prop_assert!(!harmless(&bytes).to_string().contains(steers));
        }

        #[test]
        fn text_shown_never_contains_a_control_character(text: String) {
            prop_assert!(!harmless(text.as_bytes()).to_string().contains(char::is_control));
        }

        #[test]
        fn what_is_harmless_already_stays_as_it_is(text in "[ -~]*") {
            prop_assert_eq!(harmless(text.as_bytes()).to_string(), text);
        }
    }
}

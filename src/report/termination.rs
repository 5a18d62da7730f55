//! The termination message: the sentence of the log as one line that an orchestrator shows to its user.

use super::{Facts, line};

/// What the kubelet reads.
const LONGEST: usize = 4096;

/// The line, its end included. Names in it are harmless already; what is too long is cut at a character.
pub fn termination_message(facts: &Facts<'_>) -> Vec<u8> {
    let mut text = line(facts).replace('\n', " ");
    if text.len() >= LONGEST {
        let end = (0..LONGEST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
    }
    text.push('\n');
    text.into_bytes()
}

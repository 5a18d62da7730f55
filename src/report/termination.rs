//! The termination message: the sentence of the log as one line that an orchestrator shows to its user.

use super::{Facts, line};
use crate::harmless::cut;

/// What the kubelet reads.
const LONGEST: usize = 4096;

/// The line, its end included. Names in it are harmless already; what is too long is cut at a character.
pub fn termination_message(facts: &Facts<'_>) -> Vec<u8> {
    let mut text = line(facts);
    cut(&mut text, LONGEST - 1);
    let mut line = text.into_bytes();
    line.iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b' ');
    line.push(b'\n');
    line
}

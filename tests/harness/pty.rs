//! A pseudo terminal.
#![allow(unsafe_code, clippy::undocumented_unsafe_blocks)]

/// A terminal, of which the test holds the other end.
pub struct Pty;

//! What an errno means, in the C library's words: nix has a table of its own, with which the binary would have two.

use std::fmt;
use std::io;

use nix::errno::Errno;

/// An errno in a line: its text and its number, `Permission denied (os error 13)`.
pub struct Shown(pub Errno);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        io::Error::from(self.0).fmt(f)
    }
}

/// Its text: `Permission denied` (`strerror(3)`).
pub fn text(errno: Errno) -> String {
    let mut text = Shown(errno).to_string();
    // Bytes: a search for more than one would bring in the searcher for all kinds of patterns.
    let end = text.bytes().rposition(|byte| byte == b'(').unwrap_or(text.len());
    text.truncate(end.saturating_sub(1));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_number() {
        assert_eq!(Shown(Errno::EACCES).to_string(), "Permission denied (os error 13)");
        for errno in [Errno::ENOENT, Errno::EAGAIN, Errno::ELOOP] {
            assert_eq!(text(errno) + &format!(" (os error {})", errno as i32), Shown(errno).to_string());
        }
    }
}

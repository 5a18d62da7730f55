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
    let end = text.rfind(" (").unwrap_or(text.len());
    text.truncate(end);
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

//! Lines to a descriptor that may be full, slow or gone.

use std::sync::atomic::Ordering;
use std::{fmt, io};

use log::Level;

use super::{DROPPED, Setup};
use crate::sys::nonblocking_write::{WriteOutcome, write_line};

/// Takes each line in one piece, at once or never, and never reports an error: there is nobody to tell.
pub(super) struct Writer {
    setup: Setup,
    dead: bool,
    torn: bool,
    /// Lines dropped since the reader was last told.
    untold: u64,
}

impl Writer {
    pub(super) fn new(setup: Setup) -> Self {
        Self { setup, dead: false, torn: false, untold: 0 }
    }

    fn tell_dropped(&mut self) -> bool {
        let (count, s, were) = match self.untold {
            0 => return true,
            1 => (1, "", "was"),
            n => (n, "s", "were"),
        };
        let note = format_args!("{count} log line{s} {were} dropped");
        let note = self.setup.style.render(Level::Warn, note, &[]);
        let told = self.put(note.as_bytes());
        if told {
            self.untold = 0;
        }
        told
    }

    fn put(&mut self, line: &[u8]) -> bool {
        if self.dead {
            return false;
        }
        let fd = self.setup.fd;
        let outcome = if self.torn { write_line(fd, &[b"\n", line].concat()) } else { write_line(fd, line) };
        match outcome {
            WriteOutcome::Written => self.torn = false,
            WriteOutcome::Torn => self.torn = true,
            WriteOutcome::Dead => self.dead = true,
            WriteOutcome::WouldBlock | WriteOutcome::Failed => {}
        }
        outcome == WriteOutcome::Written
    }
}

impl io::Write for Writer {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if !(self.tell_dropped() && self.put(line)) {
            self.untold += 1;
            DROPPED.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    /// At once, too.
    fn write_all(&mut self, line: &[u8]) -> io::Result<()> {
        self.write(line).map(drop)
    }

    /// Not piece by piece: each piece would count as a line.
    fn write_fmt(&mut self, line: fmt::Arguments<'_>) -> io::Result<()> {
        self.write_all(line.to_string().as_bytes())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

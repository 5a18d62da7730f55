//! Numbers in the sentences of the log.

use std::fmt::{self, Display};
use std::time;

/// `12ms`, `3.2s`, `41m`, `5h12m`, `3d4h`.
pub fn duration(duration: time::Duration) -> impl Display {
    Duration(duration)
}

struct Duration(time::Duration);

impl Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, milliseconds) = (self.0.as_secs(), u64::from(self.0.subsec_millis()));
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
        let (whole, between, rest, unit) = match seconds {
            0 => (milliseconds, "ms", 0, ""),
            1..60 if milliseconds < 100 => (seconds, "s", 0, ""),
            1..60 => (seconds, ".", milliseconds / 100, "s"),
            60..3600 => (minutes, "m", 0, ""),
            3600..86400 => (hours, "h", minutes % 60, "m"),
            _ => (days, "d", hours % 24, "h"),
        };
        write!(f, "{whole}{between}")?;
        if unit.is_empty() { Ok(()) } else { write!(f, "{rest}{unit}") }
    }
}

/// `812 KiB`, `212 MiB`.
pub fn memory(kib: u64) -> impl Display {
    Memory(kib)
}

struct Memory(u64);

impl Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = if self.0 < 1024 { (self.0, "KiB") } else { (self.0 / 1024, "MiB") };
        write!(f, "{number} {unit}")
    }
}

/// `1 oom kill`, `2 oom kills`.
pub fn oom_kills(number: u64) -> impl Display {
    OomKills(number)
}

struct OomKills(u64);

impl Display for OomKills {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} oom kill{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::{duration, memory};
    use std::time::Duration;

    #[test]
    fn durations_have_two_units_at_most() {
        for (milliseconds, text) in [
            (0, "0ms"),
            (999, "999ms"),
            (1000, "1s"),
            (3_250, "3.2s"),
            (59_999, "59.9s"),
            (60_000, "1m"),
            (3_599_999, "59m"),
            (18_720_000, "5h12m"),
            (273_600_000, "3d4h"),
        ] {
            assert_eq!(duration(Duration::from_millis(milliseconds)).to_string(), text);
        }
    }

    #[test]
    fn memory_is_in_kib_or_mib() {
        assert_eq!(memory(1023).to_string(), "1023 KiB");
        assert_eq!(memory(1024).to_string(), "1 MiB");
        assert_eq!(memory(3 << 20).to_string(), "3072 MiB");
    }
}

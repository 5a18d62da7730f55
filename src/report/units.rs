//! Numbers in the sentences of the log.

use std::fmt;
use std::time::Duration;

/// `12ms`, `3.2s`, `41m`, `5h12m`, `3d4h`.
pub fn duration(duration: Duration) -> impl fmt::Display {
    let (seconds, tenths) = (duration.as_secs(), duration.subsec_millis() / 100);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match seconds {
        0 => format!("{}ms", duration.subsec_millis()),
        1..60 if tenths == 0 => format!("{seconds}s"),
        1..60 => format!("{seconds}.{tenths}s"),
        60..3600 => format!("{minutes}m"),
        3600..86400 => format!("{hours}h{}m", minutes % 60),
        _ => format!("{days}d{}h", hours % 24),
    }
}

/// `812 KiB`, `212 MiB`.
pub fn memory(kib: u64) -> impl fmt::Display {
    if kib < 1024 { format!("{kib} KiB") } else { format!("{} MiB", kib / 1024) }
}

/// `1 oom kill`, `2 oom kills`.
pub fn oom_kills(number: u64) -> impl fmt::Display {
    format!("{number} oom kill{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

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

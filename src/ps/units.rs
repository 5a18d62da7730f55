//! Numbers as a person reads them.

use std::time::Duration;

/// Bytes in a column: `0`, `980K`, `1.2M`, `98M`, `3.1G`.
pub(super) fn short_bytes(bytes: u64) -> String {
    let (number, unit) = scaled(bytes);
    format!("{number}{}", unit.get(..1).filter(|_| unit != "B").unwrap_or_default())
}

/// Bytes in a sentence: `64 MiB`, `1.5 GiB`.
pub(super) fn long_bytes(bytes: u64) -> String {
    let (number, unit) = scaled(bytes);
    format!("{number} {unit}")
}

fn scaled(bytes: u64) -> (String, &'static str) {
    let mut unit = "B";
    // Tenths, rounded to the nearest and never up to 1024.
    let mut tenths = u128::from(bytes) * 10;
    for larger in ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] {
        if (tenths + 5) / 10 < 1024 {
            break;
        }
        tenths = (tenths + 512) / 1024;
        unit = larger;
    }
    let number = match (tenths / 10, tenths % 10) {
        (whole, tenth @ 1..) if whole < 10 => format!("{}.{}", whole as u64, tenth as u64),
        _ => (((tenths + 5) / 10) as u64).to_string(),
    };
    (number, unit)
}

/// An age in a column: `45s`, `12m`, `3h05m`, `2d04h`, `123d`.
pub(super) fn short_age(age: Duration) -> String {
    let seconds = age.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match () {
        () if minutes == 0 => format!("{seconds}s"),
        () if hours == 0 => format!("{minutes}m"),
        () if days == 0 => format!("{hours}h{:02}m", minutes % 60),
        () if days < 100 => format!("{days}d{:02}h", hours % 24),
        () => format!("{days}d"),
    }
}

/// `1 zombie`, `2 zombies`.
pub(super) fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// ` (41 %)` of `whole`, rounded down; nothing of nothing.
pub(super) fn percent(part: u64, whole: u64) -> String {
    match (u128::from(part) * 100).checked_div(u128::from(whole)) {
        Some(percent) => format!(" ({} %)", percent as u64),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bytes_keep_two_digits_at_least_and_never_reach_1024() {
        for (bytes, short, long) in [
            (0, "0", "0 B"),
            (1023, "1023", "1023 B"),
            (1024, "1K", "1 KiB"),
            (1536, "1.5K", "1.5 KiB"),
            (1_003_520, "980K", "980 KiB"),
            (1_048_575, "1M", "1 MiB"),
            (64 << 20, "64M", "64 MiB"),
            (10 * (1 << 30) + (1 << 29), "11G", "11 GiB"),
            (3_328_599_655, "3.1G", "3.1 GiB"),
            (u64::MAX, "16E", "16 EiB"),
        ] {
            assert_eq!((short_bytes(bytes).as_str(), long_bytes(bytes).as_str()), (short, long));
        }
    }

    #[test]
    fn ages() {
        for (seconds, text) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (3599, "59m"),
            (3600, "1h00m"),
            (11_100, "3h05m"),
            (187_200, "2d04h"),
            (8_640_000, "100d"),
        ] {
            assert_eq!(short_age(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn percentages() {
        assert_eq!(percent(5, 0), "");
        assert_eq!(percent(199, 200), " (99 %)");
        assert_eq!(percent(u64::MAX, u64::MAX), " (100 %)");
    }

    proptest! {
        #[test]
        fn a_column_is_narrow(bytes: u64, seconds in 0u64..1 << 33) {
            prop_assert!(short_bytes(bytes).len() <= 5);
            prop_assert!(short_age(Duration::from_secs(seconds)).len() <= 6);
        }
    }
}

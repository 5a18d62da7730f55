//! Numbers as a person reads them.

use std::fmt::{self, Display};
use std::time::Duration;

/// Bytes in a column: `0`, `980K`, `1.2M`, `98M`, `3.1G`.
pub(super) struct ShortBytes(pub(super) u64);

impl Display for ShortBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = scaled(f, self.0)?;
        f.write_str(if unit == "B" { "" } else { unit.get(..1).unwrap_or_default() })
    }
}

/// What is counted in a sentence.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Things: `34`.
    One,
    /// `64 MiB`, `1.5 GiB`.
    Bytes,
}

pub(super) struct Amount(pub(super) u64, pub(super) Unit);

impl Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.1 == Unit::One {
            return self.0.fmt(f);
        }
        let unit = scaled(f, self.0)?;
        write!(f, " {unit}")
    }
}

/// Writes the number, and returns its unit.
fn scaled(f: &mut fmt::Formatter<'_>, bytes: u64) -> Result<&'static str, fmt::Error> {
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
    let tenths = tenths as u64;
    match (tenths / 10, tenths % 10) {
        (whole, tenth @ 1..) if whole < 10 => write!(f, "{whole}.{tenth}")?,
        _ => write!(f, "{}", (tenths + 5) / 10)?,
    }
    Ok(unit)
}

/// An age in a column: `45s`, `12m`, `3h05m`, `2d04h`, `123d`.
pub(super) struct ShortAge(pub(super) Duration);

impl Display for ShortAge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
        let (whole, unit, rest) = match () {
            () if minutes == 0 => (seconds, "s", None),
            () if hours == 0 => (minutes, "m", None),
            () if days == 0 => (hours, "h", Some((minutes % 60, "m"))),
            () if days < 100 => (days, "d", Some((hours % 24, "h"))),
            () => (days, "d", None),
        };
        write!(f, "{whole}{unit}")?;
        rest.map_or(Ok(()), |(rest, unit)| write!(f, "{rest:02}{unit}"))
    }
}

/// `1 zombie`, `2 zombies`.
pub(super) struct Count(pub(super) u64, pub(super) &'static str);

impl Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number, noun) = self;
        write!(f, "{number} {noun}{}", if *number == 1 { "" } else { "s" })
    }
}

/// ` (41 %)` of `whole`, rounded down; nothing of nothing.
pub(super) struct Percent(pub(super) u64, pub(super) u64);

impl Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(part, whole) = *self;
        // In 64 bits: a division of 128 would be a function of its own.
        let percent = match part.checked_mul(100) {
            Some(hundredfold) => hundredfold.checked_div(whole),
            None => part.checked_div(whole / 100),
        };
        match percent {
            Some(percent) => write!(f, " ({percent} %)"),
            None => Ok(()),
        }
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
            assert_eq!(
                [ShortBytes(bytes).to_string(), Amount(bytes, Unit::Bytes).to_string()],
                [short, long]
            );
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
            assert_eq!(ShortAge(Duration::from_secs(seconds)).to_string(), text);
        }
    }

    #[test]
    fn percentages() {
        assert_eq!(Percent(5, 0).to_string(), "");
        assert_eq!(Percent(199, 200).to_string(), " (99 %)");
        assert_eq!(Percent(u64::MAX, u64::MAX).to_string(), " (100 %)");
    }

    proptest! {
        #[test]
        fn a_column_is_narrow(bytes: u64, seconds in 0u64..1 << 33) {
            prop_assert!(ShortBytes(bytes).to_string().len() <= 5);
            prop_assert!(ShortAge(Duration::from_secs(seconds)).to_string().len() <= 6);
        }
    }
}

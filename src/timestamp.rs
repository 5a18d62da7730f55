//! Points in time as RFC 3339 writes them, in UTC with milliseconds.
//!
//! Done here, since the libraries cost 5 KB and more in the binary, or panic on a clock that is far off.

use std::fmt::{self, Display};
use std::time::SystemTime;

/// Shows `time` as `2026-01-31T23:59:59.999Z`; anything before 1970 as the beginning of 1970.
pub fn rfc3339(time: SystemTime) -> impl Display {
    Rfc3339(time)
}

struct Rfc3339(SystemTime);

impl Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since_epoch = self.0.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let seconds = since_epoch.as_secs();
        let (year, month, day) = civil(seconds / 86_400);
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        let millisecond = since_epoch.subsec_millis();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
    }
}

/// Year, month and day of a number of days since 1970-01-01, by Howard Hinnant's `civil_from_days`: years begin in
/// March, so that the leap day is their last, in eras of 400 years, which all have 146 097 days.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let january_or_february = month >= 10;
    let month = if january_or_february { month - 9 } else { month + 3 };
    (era * 400 + year + u64::from(january_or_february), month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn known_moments() {
        for (milliseconds, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_000_000_000_001, "2001-09-09T01:46:40.001Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
            (1_735_689_599_123, "2024-12-31T23:59:59.123Z"),
            (1_735_689_600_000, "2025-01-01T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (253_402_300_800_000, "10000-01-01T00:00:00.000Z"),
        ] {
            let time = SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds);
            assert_eq!(rfc3339(time).to_string(), expected);
        }
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(rfc3339(before).to_string(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn days_follow_each_other() {
        let mut last = civil(0);
        let (end, date) = if cfg!(miri) { (366, (1971, 1, 1)) } else { (400_000, (3065, 2, 28)) };
        for days in 1..end {
            let next = civil(days);
            let (year, month, day) = last;
            let expected = [(year, month, day + 1), (year, month + 1, 1), (year + 1, 1, 1)];
            assert!(expected.contains(&next), "{last:?} {next:?}");
            last = next;
        }
        assert_eq!(last, date);
    }
}

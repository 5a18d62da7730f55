//! Signals 1 to 64 by number and name, real-time ones included.
//!
//! RTMIN is 34 and RTMAX 64 in every build: docker, systemd and kill(1) count that way, whatever the C library
//! keeps for itself (glibc 32 and 33, musl 34 too). See `signal(7)`.

use std::fmt;
use std::str::FromStr;

/// A signal number from 1 to 64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Signal(u8);

/// Names without `SIG`, in the order of their numbers (`signal(7)`, x86 and arm).
const NAMES: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
    "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ",
    "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// Other spellings that kill(1) and signal(7) know.
const ALIASES: [(&str, u8); 4] = [("IOT", 6), ("CLD", 17), ("POLL", 29), ("UNUSED", 31)];

const RTMIN: u8 = 34;
const RTMAX: u8 = 64;

macro_rules! constants {
    ($($name:ident = $number:literal),* $(,)?) => {
        $(#[doc = concat!("SIG", stringify!($name))] pub const $name: Signal = Signal($number);)*
    };
}

impl Signal {
    constants! {
        HUP = 1, INT = 2, QUIT = 3, KILL = 9, SEGV = 11, PIPE = 13, TERM = 15, CHLD = 17, CONT = 18, STOP = 19,
        TSTP = 20, TTIN = 21, TTOU = 22, WINCH = 28, RTMIN = 34, RTMAX = 64,
    }

    /// The signal with this number, or None outside 1..=64.
    pub const fn new(number: i32) -> Option<Self> {
        if number >= 1 && number <= 64 { Some(Self(number as u8)) } else { None }
    }

    /// The number, 1 to 64.
    pub const fn number(self) -> i32 {
        self.0 as i32
    }

    /// Every signal, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=64).map(Self)
    }

    /// 32 and 33: the C libraries keep them for their threads; nobody sends them on purpose.
    pub const fn is_reserved(self) -> bool {
        self.0 == 32 || self.0 == 33
    }

    /// 34 to 64: these queue, one entry for each that was sent.
    pub const fn is_realtime(self) -> bool {
        self.0 >= RTMIN
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (NAMES.get(usize::from(self.0).wrapping_sub(1)), self.0) {
            (Some(name), _) => write!(f, "SIG{name}"),
            (None, RTMIN) => f.write_str("SIGRTMIN"),
            (None, RTMAX) => f.write_str("SIGRTMAX"),
            (None, n) if n > RTMIN => write!(f, "SIGRTMIN+{}", n - RTMIN),
            (None, n) => write!(f, "signal {n}"),
        }
    }
}

impl FromStr for Signal {
    type Err = ();

    /// `TERM`, `SIGTERM`, `15`, `RTMIN+3`, `RTMAX-1`, in any case.
    fn from_str(text: &str) -> Result<Self, ()> {
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            let number = text.parse::<i64>().ok().and_then(|number| number.try_into().ok());
            return number.and_then(Self::new).ok_or(());
        }
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        if let Some(i) = NAMES.iter().position(|n| *n == name) {
            return Self::new(i as i32 + 1).ok_or(());
        }
        if let Some((_, number)) = ALIASES.iter().find(|(alias, _)| *alias == name) {
            return Ok(Self(*number));
        }
        realtime(name).ok_or(())
    }
}

/// `RTMIN`, `RTMIN+n`, `RTMAX`, `RTMAX-n`.
fn realtime(name: &str) -> Option<Signal> {
    let digits = |rest: &str, sign: char| match rest {
        "" => Some(0),
        _ => rest
            .strip_prefix(sign)
            .filter(|d| d.starts_with(|c: char| c.is_ascii_digit()))?
            .parse::<i64>()
            .ok()?
            .try_into()
            .ok(),
    };
    let number = match (name.strip_prefix("RTMIN"), name.strip_prefix("RTMAX")) {
        (Some(rest), _) => RTMIN.checked_add(digits(rest, '+')?)?,
        (_, Some(rest)) => RTMAX.checked_sub(digits(rest, '-')?)?,
        _ => return None,
    };
    (RTMIN..=RTMAX).contains(&number).then_some(Signal(number))
}

/// A set of signals: bit n-1 stands for signal n, as in the kernel's own 64-bit masks (`sigprocmask(2)`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct SignalSet(u64);

impl SignalSet {
    /// No signal.
    pub const EMPTY: Self = Self(0);

    /// From the kernel's word.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The kernel's word.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Is `signal` in the set?
    pub const fn contains(self, signal: Signal) -> bool {
        self.0 >> (signal.0 - 1) & 1 == 1
    }

    /// The set with `signal` in it.
    #[must_use]
    pub const fn with(self, signal: Signal) -> Self {
        Self(self.0 | 1 << (signal.0 - 1))
    }

    /// Is nothing in it?
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its members, in order.
    pub fn iter(self) -> impl Iterator<Item = Signal> {
        Signal::all().filter(move |s| self.contains(*s))
    }
}

impl FromIterator<Signal> for SignalSet {
    fn from_iter<I: IntoIterator<Item = Signal>>(signals: I) -> Self {
        signals.into_iter().fold(Self::EMPTY, Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_for_every_signal_that_has_one() {
        for s in Signal::all().filter(|s| !s.is_reserved()) {
            assert_eq!(s.to_string().parse(), Ok(s), "{s}");
            assert_eq!(s.to_string().to_lowercase().parse(), Ok(s), "{s}");
            assert_eq!(s.number().to_string().parse(), Ok(s), "{s}");
        }
    }

    #[test]
    fn real_time_signals_count_from_34_in_every_build() {
        for (text, number) in
            [("RTMIN", 34), ("SIGRTMIN+3", 37), ("rtmax-1", 63), ("RTMAX", 64), ("RTMIN+30", 64)]
        {
            assert_eq!(text.parse::<Signal>().map(Signal::number), Ok(number), "{text}");
        }
    }

    #[test]
    fn the_real_time_ones_are_those_from_34() {
        let real_time: Vec<i32> = Signal::all().filter(|s| s.is_realtime()).map(Signal::number).collect();
        assert_eq!(real_time, (34..=64).collect::<Vec<_>>());
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "", "SIG", "0", "65", "-1", "15junk", "TERMS", "RTMIN+31", "RTMIN-1", "RTMIN+", "RTMIN++1",
            "RTMAX-31",
        ] {
            assert_eq!(text.parse::<Signal>(), Err(()), "{text}");
        }
    }

    #[test]
    fn the_numbers_are_this_platform_s() {
        let pairs = [
            (libc::SIGHUP, "HUP"),
            (libc::SIGUSR1, "USR1"),
            (libc::SIGSYS, "SYS"),
            (libc::SIGTTOU, "TTOU"),
            (libc::SIGPWR, "PWR"),
        ];
        for (number, name) in pairs {
            assert_eq!(name.parse::<Signal>().map(Signal::number), Ok(number));
        }
    }

    #[test]
    fn sets_hold_what_was_put_in() {
        let set: SignalSet = [Signal::HUP, Signal::RTMAX].into_iter().collect();
        assert_eq!(set.bits(), 1 | 1 << 63);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Signal::HUP, Signal::RTMAX]);
        assert!(!set.contains(Signal::TERM));
    }
}

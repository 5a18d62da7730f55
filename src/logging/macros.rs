//! `warn!("{x}")` says a line; `warn!(pid = 7; "{x}")` one with fields.

/// What failed.
#[doc(hidden)]
#[macro_export]
macro_rules! __error {
    ($($line:tt)+) => { $crate::logging::line!(Error, $($line)+) };
}

/// What somebody will ask about.
#[doc(hidden)]
#[macro_export]
macro_rules! __warn {
    ($($line:tt)+) => { $crate::logging::line!(Warn, $($line)+) };
}

/// What was asked for.
#[doc(hidden)]
#[macro_export]
macro_rules! __info {
    ($($line:tt)+) => { $crate::logging::line!(Info, $($line)+) };
}

/// Each step.
#[doc(hidden)]
#[macro_export]
macro_rules! __debug {
    ($($line:tt)+) => { $crate::logging::line!(Debug, $($line)+) };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __line {
    ($level:ident, $($name:ident = $value:expr),+; $($message:tt)+) => {
        $crate::logging::say(
            $crate::logging::Level::$level,
            format_args!($($message)+),
            &[$((stringify!($name), $crate::logging::Value::from($value))),+],
        )
    };
    ($level:ident, $($message:tt)+) => {
        $crate::logging::say_plainly($crate::logging::Level::$level, format_args!($($message)+))
    };
}

pub use {__debug as debug, __error as error, __info as info, __line as line, __warn as warn};

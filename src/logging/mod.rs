//! What sexton says, on standard error: the `log` crate's levels and facade, with env_logger behind it.
//!
//! The macros are our own: with `log`'s each of some forty places would fill in a record with its file, line and module, which
//! no format of ours shows. Lines of `log`'s are heard as well.
//!
//! env_logger is built when the first line is really to be written: a run that says nothing allocates nothing for
//! its log. `RUST_LOG` is not read: it belongs to the program. A line that cannot be written at once is dropped and
//! counted; the next one that can is preceded by the count.

mod line;
mod macros;
mod writer;

use std::fmt::Arguments;
use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use log::Level;
use log::{LevelFilter, Log, Metadata, Record};

use crate::config::{LogConfig, Voice};
pub use crate::json::Value;
pub use macros::{debug, error, info, line, warn};

use line::Style;
use writer::Writer;

/// What stands beside a message where lines have fields.
pub type Fields<'a> = &'a [(&'a str, Value<'a>)];

static FACADE: Facade = Facade { setup: OnceLock::new(), logger: OnceLock::new() };
static DROPPED: AtomicUsize = AtomicUsize::new(0);

/// From now on there is a log, in this voice. Only the first call counts.
pub fn install(config: LogConfig, voice: Voice) {
    let setup = Setup { style: Style { voice, format: config.format }, fd: config.fd };
    if FACADE.setup.set(setup).is_ok() && log::set_logger(&FACADE).is_ok() {
        log::set_max_level(config.level);
    }
}

/// Is anybody going to read a line of this level?
pub fn wants(level: Level) -> bool {
    level <= log::max_level()
}

/// A line, if its level is wanted.
pub fn say(level: Level, message: Arguments<'_>, fields: Fields<'_>) {
    if wants(level) {
        FACADE.write(level, message, fields);
    }
}

/// One without fields.
pub fn say_plainly(level: Level, message: Arguments<'_>) {
    say(level, message, &[]);
}

/// What a personality's script asks for: its verbosity is its own and not that of the log, unless that is off.
pub fn recite(level: Level, text: &str) {
    if log::max_level() != LevelFilter::Off {
        FACADE.write(level, format_args!("{text}"), &[]);
    }
}

/// How many lines could not be written so far.
pub fn dropped() -> u64 {
    DROPPED.load(Ordering::Relaxed) as u64
}

#[derive(Clone, Copy)]
struct Setup {
    style: Style,
    fd: std::os::fd::RawFd,
}

struct Facade {
    setup: OnceLock<Setup>,
    logger: OnceLock<env_logger::Logger>,
}

impl Facade {
    #[cold]
    #[inline(never)]
    fn write(&self, level: Level, message: Arguments<'_>, fields: Fields<'_>) {
        let Some(setup) = self.setup.get() else { return };
        let line = setup.style.render(level, message, fields);
        // That the line is wanted has been decided, and an error is what env_logger lets pass without filters of its own.
        let logger = self.logger.get_or_init(|| build(setup));
        logger.log(&Record::builder().level(Level::Error).args(format_args!("{line}")).build());
    }
}

impl Log for Facade {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        wants(metadata.level())
    }

    fn log(&self, record: &Record<'_>) {
        say_plainly(record.level(), *record.args());
    }

    fn flush(&self) {}
}

/// For lines as they are to be written.
fn build(setup: &Setup) -> env_logger::Logger {
    env_logger::Builder::new()
        .target(env_logger::Target::Pipe(Box::new(Writer::new(*setup))))
        .format(|buffer, record| buffer.write_all(record.args().to_string().as_bytes()))
        .build()
}

#[cfg(test)]
mod tests;

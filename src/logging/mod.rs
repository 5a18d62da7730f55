//! What sexton says, on standard error: the `log` crate's facade, with env_logger behind it.
//!
//! env_logger is built when the first line is really to be written: a run that says nothing allocates nothing for
//! its log. `RUST_LOG` is not read: it belongs to the program. A line that cannot be written at once is dropped and
//! counted; the next one that can is preceded by the count.

mod line;
mod writer;

use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use log::{Log, Metadata, Record};

use crate::config::{LogConfig, Voice};

use line::Style;
use writer::Writer;

/// The target of [`say`]'s records.
const VOICE: &str = "voice";

static FACADE: Facade = Facade { setup: OnceLock::new(), logger: OnceLock::new() };
static DROPPED: AtomicUsize = AtomicUsize::new(0);

/// Makes [`log`]'s macros speak in this voice. Only the first call counts.
pub fn install(config: LogConfig, voice: Voice) {
    let setup = Setup { config, voice };
    if FACADE.setup.set(setup).is_ok() && log::set_logger(&FACADE).is_ok() {
        log::set_max_level(config.level);
    }
}

/// Says what a personality's script asks for: its verbosity is its own and not that of the log, unless that is off.
pub fn say(level: log::Level, text: &str) {
    if log::max_level() != log::LevelFilter::Off {
        let record = format_args!("{text}");
        log::logger().log(&Record::builder().level(level).target(VOICE).args(record).build());
    }
}

/// How many lines could not be written so far.
pub fn dropped() -> u64 {
    DROPPED.load(Ordering::Relaxed) as u64
}

#[derive(Clone, Copy)]
struct Setup {
    config: LogConfig,
    voice: Voice,
}

struct Facade {
    setup: OnceLock<Setup>,
    logger: OnceLock<env_logger::Logger>,
}

impl Log for Facade {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level() || metadata.target() == VOICE
    }

    fn log(&self, record: &Record<'_>) {
        if let Some(&setup) = self.setup.get().filter(|_| self.enabled(record.metadata())) {
            self.logger.get_or_init(|| build(setup)).log(record);
        }
    }

    fn flush(&self) {}
}

fn build(Setup { config, voice }: Setup) -> env_logger::Logger {
    let style = Style { voice, format: config.format };
    env_logger::Builder::new()
        .filter_level(config.level)
        .filter_module(VOICE, log::LevelFilter::Trace)
        .target(env_logger::Target::Pipe(Box::new(Writer::new(config.fd, style))))
        .format(move |buffer, record| buffer.write_all(&style.render(record)))
        .build()
}

#[cfg(test)]
mod tests;

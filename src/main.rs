//! The `sexton` binary: hold all signals, read the command line, do what it says.
#![no_main]

use std::ffi::{OsString, c_char, c_int};
use std::io::Write;

use nix::errno::Errno;
use sexton::cli::{self, Command, Input};
use sexton::config::{LogConfig, Voice};
use sexton::sys::arena::Arena;
use sexton::sys::signals::{self, Inherited};
use sexton::sys::{process, start};

#[global_allocator]
static ARENA: Arena = Arena::new();
use sexton::{logging, run};

///
/// # Safety
/// Called by the C library alone, with the arguments of the process.
//
// Not std's `main`: that one would ignore SIGPIPE before we could see what was inherited, and catch SEGV and BUS.
#[unsafe(no_mangle)]
#[allow(unsafe_code)]
pub unsafe extern "C" fn main(argc: c_int, argv: *const *const c_char) -> c_int {
    let held = signals::hold_all();
    // SAFETY: these are the arguments that the C library calls main with.
    let arguments = unsafe { start::arguments(argc, argv) };
    process::exit(obey(&arguments, held))
}

fn obey(arguments: &[OsString], held: Result<Inherited, Errno>) -> u8 {
    let variables = start::variables(&[b"SEXTON_"]);
    let parsed = cli::parse(Input { args: arguments, env: &variables, secure: start::is_secure() });
    match (parsed.result, held) {
        (Ok(Command::Run(config)), Ok(inherited)) => {
            logging::install(config.log, config.voice);
            parsed.warnings.iter().for_each(|warning| log::warn!("{warning}"));
            run::run(&config, inherited)
        }
        (Ok(Command::Run(config)), Err(errno)) => {
            logging::install(config.log, config.voice);
            log::error!("cannot hold signals back: {errno}; rt_sigprocmask(2) must be allowed");
            config.voice.failure
        }
        (Ok(Command::Help), _) => print(&cli::help()),
        (Ok(Command::Version), _) => print(&format!("{}\n", cli::VERSION)),
        (Err(error), _) => {
            let voice = Voice::SEXTON;
            logging::install(LogConfig::default(), voice);
            log::error!("{error}");
            voice.failure
        }
    }
}

/// Writes an answer to stdout.
fn print(text: &str) -> u8 {
    let mut stdout = std::io::stdout();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => 0,
        Err(_) => Voice::SEXTON.failure,
    }
}

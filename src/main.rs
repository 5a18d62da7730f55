//! The `sexton` binary: hold all signals, read the command line, do what it says.
#![no_main]

use std::ffi::{OsString, c_char, c_int};
use std::io::Write;

use sexton::cli::{self, Command, Input};
use sexton::run;
use sexton::sys::signals::{self, Inherited};
use sexton::sys::{process, start};

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
    let status = match held {
        Ok(inherited) => obey(&arguments, inherited),
        Err(errno) => {
            log::error!("cannot hold signals back: {errno}");
            sexton::config::Voice::SEXTON.failure
        }
    };
    process::exit(status)
}

fn obey(arguments: &[OsString], inherited: Inherited) -> u8 {
    let variables = start::variables(&[b"SEXTON_"]);
    let input = Input { args: arguments, env: &variables, secure: start::is_secure() };
    let parsed = cli::parse(input);
    match parsed.result {
        Ok(Command::Run(config)) => run::run_or_explain(&config, &parsed.warnings, inherited),
        Ok(Command::Help) => print(&cli::help()),
        Ok(Command::Version) => print(&format!("{}\n", cli::VERSION)),
        Err(error) => {
            log::error!("{error}");
            sexton::config::Voice::SEXTON.failure
        }
    }
}

/// Writes an answer to stdout; a reader who has left is no failure of ours.
fn print(text: &str) -> u8 {
    let _ = std::io::stdout().write_all(text.as_bytes());
    0
}

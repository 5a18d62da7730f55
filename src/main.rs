//! The `sexton` binary: hold all signals, read the command line, do what it says.
#![no_main]

use std::ffi::{OsString, c_char, c_int};
use std::io::Write;

use nix::errno::Errno;
use sexton::cli::{self, Command, Input};
use sexton::config::{LogConfig, Voice};
use sexton::install::install;
use sexton::sys::arena::Arena;
use sexton::sys::signals::{self, Inherited};
use sexton::sys::{process, start};
use sexton::{logging, run};

#[global_allocator]
static ARENA: Arena = Arena::new();

/// Where the C library comes in. Not std's `main`: that one would ignore SIGPIPE before we could see what was
/// inherited, and catch SEGV and BUS.
///
/// # Safety
/// Called by the C library alone, with the arguments of the process.
#[unsafe(no_mangle)]
#[allow(unsafe_code)]
pub unsafe extern "C" fn main(argc: c_int, argv: *const *const c_char) -> c_int {
    let held = signals::hold_all();
    // SAFETY: these are the arguments that the C library calls main with.
    let arguments = unsafe { start::arguments(argc, argv) };
    process::exit(obey(&arguments, held))
}

fn obey(arguments: &[OsString], held: Result<Inherited, Errno>) -> u8 {
    let variables = start::variables(&cli::PREFIXES);
    let parsed = cli::parse(Input { args: arguments, env: &variables, secure: start::is_secure() });
    let begin = |log: LogConfig, voice: Voice| {
        logging::install(log, voice);
        parsed.warnings.iter().for_each(|warning| log::warn!("{warning}"));
    };
    match (parsed.result, held) {
        (Ok(Command::Run(config)), Ok(inherited)) => {
            begin(config.log, config.voice);
            run::run(&config, inherited)
        }
        (Ok(Command::Pause(config)), Ok(_)) => {
            begin(config.log, config.voice);
            run::pause(&config)
        }
        (Ok(Command::Run(config) | Command::Pause(config)), Err(errno)) => {
            begin(config.log, config.voice);
            log::error!("cannot hold signals back: {errno}; rt_sigprocmask(2) must be allowed");
            config.voice.failure
        }
        (Ok(Command::Install(path)), _) => match install(&path) {
            Ok(()) => 0,
            Err(error) => fail(&error, parsed.voice),
        },
        (Ok(Command::Say(answer)), _) if answer.to_stderr => {
            let _ = std::io::stderr().write_all(answer.text.as_bytes());
            answer.status
        }
        (Ok(Command::Say(answer)), _) => print(&answer.text, parsed.voice),
        (Ok(Command::Help), _) => print(&cli::help(), parsed.voice),
        (Ok(Command::Version), _) => print(&format!("{}\n", cli::VERSION), parsed.voice),
        (Err(error), _) => fail(&error, parsed.voice),
    }
}

fn fail(error: &dyn std::fmt::Display, voice: Voice) -> u8 {
    logging::install(LogConfig::default(), voice);
    log::error!("{error}");
    voice.failure
}

/// Writes an answer to stdout.
fn print(text: &str, voice: Voice) -> u8 {
    let mut stdout = std::io::stdout();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => 0,
        Err(_) => voice.failure,
    }
}

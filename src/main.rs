//! The `sexton` binary: hold all signals, read the command line, do what it says.
#![no_main]

use std::ffi::{OsString, c_char, c_int};
use std::fmt::Display;
use std::io::Write;

use nix::errno::Errno;
use sexton::check::{self, Limits};
use sexton::cli::{self, Command, Input};
use sexton::config::{LogConfig, Voice};
use sexton::sys::arena::Arena;
use sexton::sys::signals::{self, Inherited};
use sexton::sys::{process, start, tty};

#[global_allocator]
static ARENA: Arena = Arena::new();
use sexton::{logging, ps, run};

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
        (Ok(Command::Ps { json }), _) => show_processes(json),
        (Ok(Command::Check(limits)), _) => check_limits(&limits),
        (Ok(Command::Help), _) => print(cli::help().as_bytes(), 0),
        (Ok(Command::Version), _) => print(format!("{}\n", cli::VERSION).as_bytes(), 0),
        (Err(error), _) => fail(&error),
    }
}

fn show_processes(json: bool) -> u8 {
    let context =
        ps::Context { own: process::own_pid(), now: process::boot_time(), page_size: process::page_size() };
    match ps::View::read(context) {
        Ok(view) if json => print(&ps::json(&view), 0),
        Ok(view) => {
            let variable = |name: &str| start::variable(name.as_bytes()).map(OsString::from);
            print(&ps::render(&view, &ps::RenderOptions::new(tty::columns(1), variable)), 0)
        }
        Err(error) => fail(&format_args!("cannot read /proc: {error}")),
    }
}

fn check_limits(limits: &Limits) -> u8 {
    let verdict = check::evaluate(limits, &ps::facts(limits));
    logging::install(LogConfig::default(), Voice::SEXTON);
    verdict.unknown.iter().for_each(|line| log::warn!("{line}"));
    let lines: Vec<u8> = verdict.passed.iter().flat_map(|line| line.bytes().chain([b'\n'])).collect();
    print(&lines, verdict.status())
}

fn fail(error: &dyn Display) -> u8 {
    logging::install(LogConfig::default(), Voice::SEXTON);
    log::error!("{error}");
    Voice::SEXTON.failure
}

/// Writes an answer to stdout, and returns `status` if that can be done.
fn print(text: &[u8], status: u8) -> u8 {
    let mut stdout = std::io::stdout();
    match stdout.write_all(text).and_then(|()| stdout.flush()) {
        Ok(()) => status,
        Err(error) => fail(&format_args!("cannot write to standard output: {error}")),
    }
}

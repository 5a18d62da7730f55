//! The `sexton` binary: hold all signals, read the command line, do what it says.
#![no_main]

use std::ffi::{OsString, c_char, c_int};
use std::fmt::Display;

use nix::errno::Errno;
use sexton::check::{self, Limits};
use sexton::cli::{self, Command, Input, UsageError};
use sexton::config::{LogConfig, Voice};
use sexton::errno;
use sexton::install::install;
use sexton::sys::arena::Arena;
use sexton::sys::signals::{self, Inherited};
use sexton::sys::{outlet, process, start, tty};
use sexton::{logging, ps, run};

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
    match (parsed.result, held) {
        (Ok(Command::Run(config)), Ok(inherited)) => {
            begin(config.log, config.voice, &parsed.warnings);
            run::run(&config, inherited)
        }
        (result, held) => obey_another(result, held.err(), *parsed.voice, &parsed.warnings),
    }
}

fn begin(log: LogConfig, voice: Voice, warnings: &[String]) {
    logging::install(log, voice);
    warnings.iter().for_each(|warning| logging::warn!("{warning}"));
}

/// Everything but running a program.
#[cold]
#[inline(never)]
fn obey_another(
    result: Result<Command, UsageError>,
    not_held: Option<Errno>,
    voice: Voice,
    warnings: &[String],
) -> u8 {
    match (result, not_held) {
        (Ok(Command::Pause(config)), None) => {
            begin(config.log, config.voice, warnings);
            run::pause(&config)
        }
        (Ok(Command::Run(config) | Command::Pause(config)), errno) => {
            begin(config.log, config.voice, warnings);
            let errno = errno::Shown(errno.unwrap_or(Errno::UnknownErrno));
            logging::error!("cannot hold signals back: {errno}; rt_sigprocmask(2) must be allowed");
            config.voice.failure
        }
        (Ok(Command::Install(path)), _) => match install(&path) {
            Ok(()) => 0,
            Err(error) => fail(&error, voice),
        },
        (Ok(Command::Ps { json }), _) => show_processes(json),
        (Ok(Command::Check(limits)), _) => check_limits(&limits),
        (Ok(Command::Say(answer)), _) if answer.to_stderr => {
            let _ = outlet::answer(2, answer.text.as_bytes());
            answer.status
        }
        (Ok(Command::Say(answer)), _) => print(answer.text.as_bytes(), 0, voice),
        (Ok(Command::Help), _) => print(cli::help().as_bytes(), 0, voice),
        (Ok(Command::Version), _) => print(format!("{}\n", cli::VERSION).as_bytes(), 0, voice),
        (Err(error), _) => fail(&error, voice),
    }
}

#[inline(never)]
fn show_processes(json: bool) -> u8 {
    let context =
        ps::Context { own: process::own_pid(), now: process::boot_time(), page_size: process::page_size() };
    let text = match ps::View::read(context) {
        Ok(view) if json => ps::json(&view),
        Ok(view) => ps::render(&view, &ps::RenderOptions::new(tty::columns(1), &start::variable)),
        Err(error) => return fail(&format_args!("cannot read /proc: {error}"), Voice::SEXTON),
    };
    print(&text, 0, Voice::SEXTON)
}

#[inline(never)]
fn check_limits(limits: &Limits) -> u8 {
    let verdict = check::evaluate(limits, &ps::facts(limits));
    logging::install(LogConfig::default(), Voice::SEXTON);
    verdict.unknown.iter().for_each(|line| logging::warn!("{line}"));
    print(verdict.passed.as_bytes(), verdict.status(), Voice::SEXTON)
}

#[inline(never)]
fn fail(error: &dyn Display, voice: Voice) -> u8 {
    logging::install(LogConfig::default(), voice);
    logging::error!("{error}");
    voice.failure
}

/// Writes an answer to stdout, and returns `status` if that can be done.
fn print(text: &[u8], status: u8, voice: Voice) -> u8 {
    match outlet::answer(1, text) {
        Ok(()) => status,
        Err(errno) => fail(&format_args!("cannot write to standard output: {}", errno::Shown(errno)), voice),
    }
}

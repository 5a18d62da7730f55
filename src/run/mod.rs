//! Floor 3: where deciding and doing meet. One run from the start of the program to the exit status.

mod children;
mod counters;
mod cues;
mod event_loop;
mod farewell;
mod launch;
mod outlets;
mod pause;
mod refusal;
mod said;
mod watch;

use std::os::unix::ffi::OsStrExt;

use nix::errno::Errno;

use crate::config::{Config, Cue, Leader, WATCH};
use crate::errno;
use crate::harmless::harmless;
use crate::logging;
use crate::policy::event::{Origin, Pid, Received};
use crate::policy::job_control::JobControl;
use crate::policy::signal::Signal;
use crate::policy::supervisor::Policy;
use crate::policy::{Reach, Rest};
use crate::sys::clock::Clock;
use crate::sys::identity::Identity;
use crate::sys::reap::{self, Whom};
use crate::sys::signals::Inherited;
use crate::sys::spawn::{Recipe, SpawnError, Spawned, Surroundings};
use crate::sys::tty::Terminal;
use crate::sys::{descriptors, process};
use counters::Counters;
use event_loop::EventLoop;
use outlets::Outlets;
use refusal::Refusal;

pub use pause::pause;

/// Runs the program of `config` and returns the exit status for sexton.
pub fn run(config: &Config, inherited: Inherited) -> u8 {
    let outlets = Outlets::open(config);
    match begin(config, inherited, &outlets) {
        Ok(started) => supervise(config, started, &outlets),
        Err(refusal) => farewell::not_started(config, &outlets, &refusal),
    }
}

/// A main process that runs, and what is needed to look after it.
struct Started {
    own: Pid,
    main: Pid,
    own_group: bool,
    clock: Clock,
    counters: Counters,
    terminal: Option<Terminal>,
    /// A signal that is there before the first.
    early: Option<Received>,
}

fn supervise(config: &Config, started: Started, outlets: &Outlets) -> u8 {
    let mut run = EventLoop::new(config, started);
    run.until_exit();
    farewell::farewell(&run, outlets)
}

/// Apart from [`run`], whose stack must not have room for it while the program runs.
///
/// # Errors
/// The program could not be started. Once it runs, nothing ends sexton but its end.
#[inline(never)]
fn begin(config: &Config, inherited: Inherited, outlets: &Outlets) -> Result<Started, Refusal> {
    let own = process::own_pid();
    if own.0 < 1 {
        // The C library hands a refusal through as a negative number.
        return Err(Refusal::Call("gettid(2)", Errno::from_raw(own.0.wrapping_neg())));
    }
    let parent = config.parent_death.map(|_| process::parent_pid());
    // An init that can neither wait nor signal must say so before it starts anything.
    let needed = [("wait4(2)", reap::reap(Whom::Any).map(drop)), ("kill(2)", process::may_signal(own))];
    for (call, answer) in needed {
        answer.map_err(|errno| Refusal::Call(call, errno))?;
    }
    if own.0 != 1 {
        not_pid_1(config);
    }
    // Before the program can have been killed. Descriptors that this opens are closed with all the others, soon.
    let counters = Counters::begin(own, is_curious(config, outlets));
    let mut terminal = Terminal::find();
    let directory = descriptors::exchange_directory();
    let spawned =
        start(config, inherited, own, terminal.as_mut(), directory.as_ref()).map_err(Refusal::Spawn)?;
    // From here on nothing may return early: the program runs, and only its end ends us.
    let clock = Clock::start();
    if directory.is_none() {
        descriptors::leave_directory();
    }
    // Closed with all the others.
    std::mem::forget(directory);
    let main = spawned.pid;
    let own_group = introduce(config, &spawned);
    let early = config.parent_death.zip(parent).and_then(|(signal, parent)| parent_death(signal, parent));
    let mut keep = vec![2];
    keep.extend((own.0 == 1).then_some(1));
    keep.extend(terminal.as_ref().map(Terminal::fd));
    keep.extend(outlets.descriptor());
    descriptors::close_all_but(&mut keep);
    Ok(Started { own, main, own_group, clock, counters, terminal, early })
}

impl Started {
    fn policy(&self, config: &Config) -> Policy {
        Policy {
            routing: config.routing.clone(),
            reach: if self.own_group { config.reach } else { Reach::Main },
            own_group: self.own_group,
            stop_delay: config.stop_delay,
            escalation: config.escalation.clone(),
            grace: config.grace,
            // As PID 1 the kernel would end it untold.
            rest: if self.own.0 == 1 && !config.grace.is_zero() { Rest::Stop } else { config.rest },
            timeout: config.timeout,
            job_control: job_control(config.child.leader, self.own, self.terminal.as_ref()),
        }
    }
}

#[inline(never)]
fn not_pid_1(config: &Config) {
    if let Err(errno) = process::become_subreaper() {
        logging::debug!(
            "cannot become a child subreaper: {}; orphans go to another process",
            errno::Shown(errno)
        );
    }
    cues::say(config, Cue::NotPid1, &[]);
}

/// Says what was started and how; does it lead a group of its own?
#[inline(never)]
fn introduce(config: &Config, spawned: &Spawned) -> bool {
    if let Some(Err(errno)) = spawned.identity.as_deref().map(Identity::give_up) {
        logging::warn!(
            "cannot give up the privileges that --user takes from the program: {}",
            errno::Shown(errno)
        );
    }
    let main = spawned.pid;
    logging::info!(pid = main.0; "started main process {main}");
    if let Some(errno) = spawned.not_leading {
        logging::warn!(
            "cannot make process {main} lead a {}: {}",
            said::leader(config.child.leader),
            errno::Shown(errno)
        );
    }
    let program = config.command.first().map(|program| program.as_bytes()).unwrap_or_default();
    cues::say(config, Cue::Started, &[('p', &main), ('c', &harmless(program))]);
    let own_group = config.child.leader != Leader::None && spawned.not_leading.is_none();
    if config.child.leader == Leader::Session && own_group {
        cues::say(config, Cue::LeadsSession, &[]);
    }
    own_group
}

/// Has anything been asked for that is worth more than a glance at the cgroup?
fn is_curious(config: &Config, outlets: &Outlets) -> bool {
    outlets.are_wanted()
        || logging::wants(log::Level::Info)
        || config.watch.is_some_and(|every| every != WATCH)
}

fn start(
    config: &Config,
    inherited: Inherited,
    own: Pid,
    mut terminal: Option<&mut Terminal>,
    directory: Option<&std::os::fd::OwnedFd>,
) -> Result<Spawned, SpawnError> {
    let leader = config.child.leader;
    let recipe = Recipe::prepare(config, own)?;
    let handed = match (terminal.as_mut(), leader) {
        (Some(terminal), Leader::Group) => terminal.is_ours_to_give(),
        (Some(terminal), Leader::Session) => {
            let given_up = process::leads_session(own) && terminal.give_up().is_ok();
            if given_up {
                cues::say(config, Cue::TerminalGivenUp, &[]);
            }
            given_up
        }
        _ => false,
    };
    let fd = terminal.as_ref().filter(|_| handed).map(|terminal| terminal.fd());
    let spawned = recipe.spawn(leader, &Surroundings { inherited, directory, terminal: fd });
    if spawned.is_err() {
        terminal.iter().for_each(|terminal| terminal.take_back());
        // Whoever explains it looks for a relative path where the program would have been looked for.
        directory.iter().for_each(|directory| descriptors::enter_directory(directory));
    }
    spawned
}

/// Who could continue a stopped main process.
fn job_control(leader: Leader, own: Pid, terminal: Option<&Terminal>) -> JobControl {
    match (terminal, leader) {
        (None, _) | (_, Leader::Session) => JobControl::Off,
        _ if own.0 == 1 || process::leads_session(own) => JobControl::ALONE,
        _ => JobControl::UNDER_SHELL,
    }
}

/// Asks the kernel for `signal` at our parent's death; the signal itself if that has already happened. PID 1 of
/// a namespace has a parent outside, which shows as 0 whether it lives or not. Only once our ids have changed:
/// that would take the wish back.
fn parent_death(signal: Signal, parent: Pid) -> Option<Received> {
    if let Err(errno) = process::ask_for_parent_death(signal) {
        logging::warn!("cannot ask for {signal} at the parent's death: {}", errno::Shown(errno));
        return None;
    }
    let now = process::parent_pid();
    // Where the question is refused, the answer is negative.
    let gone = now != parent && now.0 >= 0 && parent.0 >= 0;
    gone.then_some(Received { signal, origin: Origin::Process, sender: parent, uid: 0 })
}

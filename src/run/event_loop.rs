//! The heart: take a signal, look at the clock, step, act.

use std::time::Instant;

use nix::errno::Errno;

use super::children::MOST_SIGNALS;
use super::counters::Counters;
use super::watch::Watch;
use super::{cues, said};
use crate::config::{Config, Cue};
use crate::policy::event::{Action, Event, Pid, Received, Target, Why};
use crate::policy::signal::Signal;
use crate::policy::status::Outcome;
use crate::policy::supervisor::Supervisor;
use crate::policy::tally::Tally;
use crate::policy::{Uptime, sooner};
use crate::proc::stat::Comm;
use crate::report::{self, Oom};
use crate::sys::reap::Usage;
use crate::sys::send::Sender;
use crate::sys::signals::{Inbox, Notice};
use crate::sys::tty::{self, Terminal};

/// What is known when a run is over.
#[derive(Clone, Debug)]
pub(super) struct Finished {
    pub(super) main: Pid,
    /// The main process's name, read when it had ended of a signal.
    pub(super) name: Option<Comm>,
    pub(super) usage: Usage,
    /// How long it ran.
    pub(super) ran: Uptime,
    pub(super) outcome: Outcome,
    pub(super) tally: Tally,
    pub(super) oom: Oom,
    pub(super) forks_refused: Option<u64>,
}

/// One run's moving parts.
pub(super) struct EventLoop<'a> {
    pub(super) config: &'a Config,
    pub(super) supervisor: Supervisor,
    pub(super) inbox: Inbox,
    pub(super) finished: Finished,
    pub(super) now: Uptime,
    pub(super) counters: Counters,
    own: Pid,
    watch: Watch,
    pub(super) sender: Sender,
    terminal: Option<Terminal>,
    start: Instant,
    warned: Vec<Errno>,
    /// No signal can be received, and that has been said.
    blind: bool,
    /// Children have been left unreaped for a moment.
    pub(super) more_to_reap: bool,
    exit: bool,
}

impl<'a> EventLoop<'a> {
    pub(super) fn new(
        config: &'a Config,
        supervisor: Supervisor,
        inbox: Inbox,
        own: Pid,
        main: Pid,
        counters: Counters,
        terminal: Option<Terminal>,
    ) -> Self {
        let finished = Finished {
            main,
            name: None,
            usage: Usage::default(),
            ran: Uptime::ZERO,
            outcome: Outcome::default(),
            tally: Tally::default(),
            oom: Oom::default(),
            forks_refused: None,
        };
        Self {
            config,
            supervisor,
            inbox,
            finished,
            now: Uptime::ZERO,
            counters,
            own,
            watch: Watch::new(config),
            sender: Sender::new(own, main),
            terminal,
            start: Instant::now(),
            warned: Vec::new(),
            blind: false,
            more_to_reap: false,
            exit: false,
        }
    }

    /// Runs until the supervisor wants to leave. `early` is a signal that came before the first.
    pub(super) fn until_exit(&mut self, early: Option<Received>) -> &Finished {
        if let Some(received) = early {
            self.step(Event::Signal(received));
        }
        let mut in_a_row = 0;
        let mut deadline = self.deadline();
        while !self.exit {
            // From the last look at the clock, which was at this wake-up's beginning.
            let patience = deadline.map(|at| at.saturating_sub(self.now));
            let patience = if self.more_to_reap { Some(Uptime::ZERO) } else { patience };
            let notice = self.inbox.take(patience);
            self.warn_if_blind();
            self.now = self.start.elapsed();
            match notice {
                Some(Notice::Signal(received)) => {
                    self.signal(received);
                    in_a_row += 1;
                }
                Some(Notice::Child { pid, ending }) => {
                    in_a_row = 0;
                    cues::signal(self.config, Cue::ChildSignal, Signal::CHLD);
                    self.look_after_children(pid, ending);
                }
                None if self.more_to_reap => self.reap_some(),
                None => in_a_row = 0,
            }
            // The kernel hands out the lowest number first: behind a flood of SIGHUP no SIGCHLD would ever come.
            if in_a_row >= MOST_SIGNALS {
                in_a_row = 0;
                self.look_after_children(Pid(0), None);
            }
            deadline = self.deadline();
            if deadline.is_some_and(|at| at <= self.now) {
                self.step(Event::Deadline);
                if self.supervisor.is_running() {
                    self.watch.look(self.now, self.own, &mut self.counters);
                }
                deadline = self.deadline();
            }
        }
        self.finished.outcome = *self.supervisor.outcome();
        self.finished.tally = self.supervisor.tally().clone();
        self.finished.oom = self.counters.oom();
        self.finished.forks_refused = self.counters.forks_refused();
        &self.finished
    }

    fn deadline(&self) -> Option<Uptime> {
        let watch = self.watch.due().filter(|_| self.supervisor.is_running());
        sooner(self.supervisor.deadline(), watch)
    }

    fn warn_if_blind(&mut self) {
        if self.inbox.is_blind() && !self.blind {
            self.blind = true;
            log::warn!(
                "cannot receive signals: rt_sigtimedwait(2) and signalfd(2) are refused; none is forwarded"
            );
        }
    }

    pub(super) fn signal(&mut self, received: Received) {
        cues::received(self.config, received);
        self.step(Event::Signal(received));
    }

    pub(super) fn step(&mut self, event: Event) {
        let actions = self.supervisor.step(self.now, event);
        actions.iter().for_each(|action| self.act(action));
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Send { signal, to, why, payload } => self.send(signal, to, why, payload),
            Action::Hold { delay } => log::info!("holding SIGTERM back for {}", report::duration(delay)),
            Action::HandTerminal => self.terminal.iter().for_each(|t| t.hand_to(self.finished.main)),
            Action::TakeTerminal => self.terminal.iter().for_each(|t| t.take_from(self.finished.main)),
            Action::Suspend if tty::suspend() => self.now = self.start.elapsed(),
            Action::SuspendAlone { after } => {
                cues::signal(self.config, Cue::Suspending, after);
                tty::suspend_alone();
                self.now = self.start.elapsed();
            }
            Action::Suspend => self.step(Event::NotSuspended),
            Action::Exit(outcome) => {
                if outcome.left_behind {
                    said::left_behind(&self.sender.left().unwrap_or_default());
                }
                self.exit = true;
            }
        }
    }

    fn send(&mut self, signal: Signal, to: Target, why: Why, payload: Option<Received>) {
        if why == Why::Final || why == Why::Escalation && signal == Signal::KILL {
            self.say_who_is_left(signal, to, why);
        }
        match self.sender.send(signal, to, payload) {
            Ok(()) => {
                log::debug!("sent {signal} to {}", said::target(to, self.finished.main));
                if matches!(why, Why::Forwarded | Why::Released) {
                    cues::signal(self.config, Cue::Forwarded, signal);
                }
            }
            Err(Errno::ESRCH) => log::debug!("nobody is left to get {signal}"),
            // Whoever is left is given its time without having been told. It is said when that is over.
            Err(Errno::ENOENT) if signal != Signal::KILL => {
                log::debug!("cannot tell who is left to get {signal}")
            }
            Err(errno) if self.warned.contains(&errno) => {}
            Err(errno) => {
                self.warned.push(errno);
                said::not_sent(signal, to, self.finished.main, errno);
            }
        }
    }

    /// Names whoever is told for the first time, and whoever has to be killed.
    fn say_who_is_left(&mut self, signal: Signal, to: Target, why: Why) {
        let level = match signal {
            Signal::KILL => log::Level::Warn,
            Signal::TERM => log::Level::Info,
            _ => return,
        };
        if !log::log_enabled!(level) {
            return;
        }
        let main = self.finished.main;
        let Some(mut left) = self.sender.left() else {
            return log::info!("who is left cannot be named: /proc cannot be read, or is not our own");
        };
        match to {
            Target::Main => left.retain(|stat| stat.pid == main),
            Target::Group => left.retain(|stat| stat.pgrp == main),
            Target::Everyone | Target::Untold => {}
        }
        said::left(level, why, &left, self.config);
    }
}

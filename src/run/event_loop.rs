//! The heart: take a signal, look at the clock, step, act.

use nix::errno::Errno;

use super::children::MOST_SIGNALS;
use super::counters::Counters;
use super::watch::Watch;
use super::{Started, cues, said};
use crate::config::{Config, Cue};
use crate::logging;
use crate::policy::event::{Action, Actions, Event, Pid, Received, Target, Why};
use crate::policy::signal::Signal;
use crate::policy::supervisor::Supervisor;
use crate::policy::{Uptime, sooner};
use crate::proc::stat::Comm;
use crate::report;
use crate::sys::clock::Clock;
use crate::sys::reap::Usage;
use crate::sys::send::Sender;
use crate::sys::signals::{Inbox, Notice};
use crate::sys::tty::{self, Terminal};

/// What is known of the main process, more and more.
#[derive(Debug)]
pub(super) struct Finished {
    /// Since the main process was started.
    clock: Clock,
    pub(super) main: Pid,
    /// It had the terminal.
    pub(super) on_terminal: bool,
    /// The main process's name, read when it had ended of a signal.
    pub(super) name: Option<Comm>,
    pub(super) usage: Usage,
    /// How long it ran; None: until now.
    ran: Option<Uptime>,
}

impl Finished {
    /// How long the main process ran.
    pub(super) fn ran(&self) -> Uptime {
        self.ran.unwrap_or_else(|| self.clock.elapsed())
    }
}

/// One run's moving parts.
pub(super) struct EventLoop<'a> {
    pub(super) config: &'a Config,
    pub(super) supervisor: Supervisor,
    pub(super) inbox: Inbox,
    /// A signal that came before the first.
    early: Option<Received>,
    pub(super) finished: Finished,
    /// The last look at the clock, and whether that was in this wake-up.
    pub(super) now: Uptime,
    pub(super) looked: bool,
    /// A SIGCHLD was taken in this wake-up, or a wait is over: a deadline may have come.
    pub(super) hinted: bool,
    pub(super) counters: Counters,
    own: Pid,
    watch: Watch,
    pub(super) sender: Sender,
    terminal: Option<Terminal>,
    warned: Vec<Errno>,
    /// No signal can be received, and that has been said.
    blind: bool,
    /// Children have been left unreaped for a moment.
    pub(super) more_to_reap: bool,
    exit: bool,
}

impl<'a> EventLoop<'a> {
    pub(super) fn new(config: &'a Config, started: Started) -> Self {
        let policy = started.policy(config);
        let Started { own, main, clock, counters, terminal, early, .. } = started;
        let finished = Finished {
            clock,
            main,
            on_terminal: terminal.as_ref().is_some_and(Terminal::is_ours_to_give),
            name: None,
            usage: Usage::default(),
            ran: None,
        };
        Self {
            config,
            supervisor: Supervisor::new(policy, main),
            inbox: Inbox::new(own),
            early,
            finished,
            now: Uptime::ZERO,
            looked: true,
            hinted: false,
            counters,
            own,
            watch: Watch::new(config),
            sender: Sender::new(own, main),
            terminal,
            warned: Vec::new(),
            blind: false,
            more_to_reap: false,
            exit: false,
        }
    }

    /// Runs until the supervisor wants to leave.
    pub(super) fn until_exit(&mut self) {
        if let Some(received) = self.early.take() {
            self.step(Event::Signal(received));
        }
        let mut in_a_row = 0;
        let mut deadline = self.deadline();
        while !self.exit {
            let deadline_or_now = if self.more_to_reap { Some(self.now) } else { deadline };
            let notice = self.inbox.wait(self.now, deadline_or_now);
            (self.looked, self.hinted) = (false, !matches!(notice, Some(Notice::Signal(_))));
            self.warn_if_blind();
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
                self.hinted = true;
                self.look_after_children(Pid(0), None);
            }
            if self.exit {
                break;
            }
            if !self.supervisor.is_running() {
                self.note_end();
            }
            deadline = self.deadline();
            if self.is_due(deadline) {
                self.step(Event::Deadline);
                if self.supervisor.is_running() {
                    self.watch.look(self.now, self.own, &mut self.counters);
                }
                deadline = self.deadline();
            }
        }
    }

    /// Once a wake-up is enough, and the last one of all often needs none.
    pub(super) fn look_at_clock(&mut self) {
        if !self.looked {
            self.now = self.finished.clock.elapsed();
            self.looked = true;
        }
    }

    /// Has this moment come? As long as a timer that is set for it has not gone off, that needs no clock.
    fn is_due(&mut self, deadline: Option<Uptime>) -> bool {
        let Some(at) = deadline else { return false };
        if self.hinted || !self.inbox.tells_when(at) {
            self.look_at_clock();
        }
        at <= self.now
    }

    /// The main process has ended in this wake-up or an earlier one.
    pub(super) fn note_end(&mut self) {
        self.look_at_clock();
        self.finished.ran.get_or_insert(self.now);
    }

    fn deadline(&self) -> Option<Uptime> {
        let watch = self.watch.due().filter(|_| self.supervisor.is_running());
        sooner(self.supervisor.deadline(), watch)
    }

    fn warn_if_blind(&mut self) {
        if self.inbox.is_blind() && !self.blind {
            self.blind = true;
            logging::warn!(
                "cannot receive signals: rt_sigtimedwait(2) and signalfd(2) are refused; none is forwarded"
            );
        }
    }

    pub(super) fn signal(&mut self, received: Received) {
        cues::received(self.config, received);
        self.step(Event::Signal(received));
    }

    pub(super) fn step(&mut self, event: Event) {
        if self.supervisor.heeds_time(&event) {
            self.look_at_clock();
        }
        let mut actions = Actions::default();
        self.supervisor.step_into(self.now, event, &mut actions);
        actions.iter().for_each(|action| self.act(action));
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Send { signal, to, why, payload } => self.send(signal, to, why, payload),
            Action::Hold { delay } => logging::info!("holding SIGTERM back for {}", report::duration(delay)),
            Action::HandTerminal => self.terminal.iter().for_each(|t| t.hand_to(self.finished.main)),
            Action::TakeTerminal => self.terminal.iter().for_each(|t| t.take_from(self.finished.main)),
            Action::Suspend if tty::suspend() => self.looked = false,
            Action::SuspendAlone { after } => {
                cues::signal(self.config, Cue::Suspending, after);
                tty::suspend_alone();
                self.looked = false;
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
                // The name of a target is a text of its own: not one for each signal that nobody reads about.
                if logging::wants(log::Level::Debug) {
                    logging::debug!("sent {signal} to {}", said::target(to, self.finished.main));
                }
                if matches!(why, Why::Forwarded | Why::Released) {
                    cues::signal(self.config, Cue::Forwarded, signal);
                }
            }
            Err(Errno::ESRCH) => logging::debug!("nobody is left to get {signal}"),
            // Whoever is left is given its time without having been told. It is said when that is over.
            Err(Errno::ENOENT) if signal != Signal::KILL => {
                logging::debug!("cannot tell who is left to get {signal}")
            }
            Err(errno) if self.warned.contains(&errno) => {}
            Err(errno) => {
                self.warned.push(errno);
                said::not_sent(signal, to, self.finished.main, errno);
            }
        }
    }

    /// Names whoever is told for the first time, and whoever has to be killed.
    #[cold]
    #[inline(never)]
    fn say_who_is_left(&mut self, signal: Signal, to: Target, why: Why) {
        let level = match signal {
            Signal::KILL => log::Level::Warn,
            Signal::TERM => log::Level::Info,
            _ => return,
        };
        if !logging::wants(level) {
            return;
        }
        let main = self.finished.main;
        let Some(mut left) = self.sender.left() else {
            return logging::info!("who is left cannot be named: /proc cannot be read, or is not our own");
        };
        match to {
            Target::Main => left.retain(|stat| stat.pid == main),
            Target::Group => left.retain(|stat| stat.pgrp == main),
            Target::Everyone | Target::Untold => {}
        }
        said::left(level, why, &left, self.config);
    }
}

//! After a SIGCHLD: signals first, then every child that has changed, until none is left that has, or until there
//! have been very many.
//!
//! SIGCHLD is a hint, for several coalesce into one. A signal that arrived before the main process's end is
//! acted on before that end is taken: reaping is what frees a pid. An orphan that came alone costs three system
//! calls (signal, wait, a look for others), each one of a crowd costs one.

use std::time::Duration;

use super::event_loop::EventLoop;
use super::{cues, said};
use crate::config::Cue;
use crate::errno;
use crate::logging;
use crate::policy::event::{Event, Pid};
use crate::policy::signal::Signal;
use crate::policy::status::Ending;
use crate::proc::stat::{self, Stat};
use crate::sys::reap::{self, Answer, Change, Whom};
use crate::sys::signals::Notice;

/// At most this many signals before the children's turn: a flood of them must not keep zombies waiting.
pub(super) const MOST_SIGNALS: usize = 1024;

/// At most this many children before everything else's turn: some 20 ms. Fewer, and a crowd that has ended with the main
/// process would be looked for in /proc, to be told, before all of it is reaped.
const MOST_CHILDREN: usize = 16 * 1024;

impl EventLoop<'_> {
    /// A SIGCHLD spoke of `hint`, which has ended like `ending` if it has.
    pub(super) fn look_after_children(&mut self, hint: Pid, ending: Option<Ending>) {
        let main = self.finished.main;
        let is_orphan = ending.is_some() && hint != main;
        if is_orphan && !self.config.warn_orphans && self.reap_lone(hint, is_killed(ending)) {
            return;
        }
        self.take_waiting_signals();
        if self.supervisor.is_running() {
            let ending = if hint == main { ending } else { peek_ending(main) };
            if ending.is_some_and(|ending| ending.signal_meant().is_some()) {
                // While it is not reaped its name can still be read.
                self.finished.name = stat::read(main).map(|stat| stat.comm);
            }
        }
        self.reap_some();
    }

    /// Reaps, but looks up from it: children that end faster than they are reaped must not keep signals and
    /// deadlines waiting.
    pub(super) fn reap_some(&mut self) {
        self.more_to_reap = (0..MOST_CHILDREN).all(|_| self.reap_next());
    }

    /// Reaps an orphan and looks whether anybody else has changed; false: somebody has.
    fn reap_lone(&mut self, pid: Pid, killed: bool) -> bool {
        // An end by SIGKILL may be worth a line; while it is not reaped its name can still be read.
        let before = killed.then(|| stat::read(pid)).flatten();
        self.reap(Whom::One(pid), before);
        match reap::peek(Whom::Any) {
            Ok(Answer::Nothing) => true,
            Ok(Answer::Childless) => {
                self.step(Event::Childless);
                true
            }
            Ok(Answer::Changed(..)) | Err(_) => false,
        }
    }

    fn take_waiting_signals(&mut self) {
        for _ in 0..MOST_SIGNALS {
            match self.inbox.take(Some(Duration::ZERO)) {
                Some(Notice::Signal(received)) => self.signal(received),
                // Everybody is about to be looked at anyway. It may stand for a deadline, too, so the clock comes after it.
                Some(Notice::Child { .. }) => (self.looked, self.hinted) = (false, true),
                None => return,
            }
        }
    }

    fn reap_next(&mut self) -> bool {
        if !self.config.warn_orphans {
            return self.reap(Whom::Any, None);
        }
        match reap::peek(Whom::Any) {
            Ok(Answer::Changed(pid, _)) => {
                let before = stat::read(pid);
                self.reap(Whom::One(pid), before)
            }
            // Whoever ends after this look sends another SIGCHLD; taken now it would have no name.
            Ok(Answer::Nothing) => false,
            Ok(Answer::Childless) | Err(_) => self.reap(Whom::Any, None),
        }
    }

    /// Takes one change; false when there is none. `before` is what /proc said of the child.
    fn reap(&mut self, whom: Whom, before: Option<Stat>) -> bool {
        match reap::reap(whom) {
            Ok((Answer::Changed(pid, Change::Ended(ending)), usage)) => {
                let is_main = pid == self.finished.main && self.supervisor.is_running();
                cues::reaped(self.config, pid, ending, is_main);
                if is_main {
                    self.sender.main_is_gone();
                    self.finished.usage = usage;
                    // A good end is seldom told, and can be timed a little later.
                    if ending != Ending::Exited(0) {
                        self.note_end();
                    }
                    self.counters.end(ending.signal_meant() == Some(Signal::KILL));
                } else {
                    self.orphan_ended(pid, before.as_ref(), ending);
                }
                self.step(Event::Reaped { pid, ending });
                if is_main {
                    cues::say(self.config, Cue::MainReaped, &[]);
                }
                true
            }
            Ok((Answer::Changed(pid, Change::Stopped(by)), _)) => {
                self.step(Event::Stopped { pid, by });
                true
            }
            Ok((Answer::Nothing, _)) => false,
            Ok((Answer::Childless, _)) => {
                if whom == Whom::Any {
                    cues::say(self.config, Cue::Childless, &[]);
                    self.step(Event::Childless);
                }
                false
            }
            Err(errno) => {
                logging::error!("cannot wait for children: {}; zombies will stay", errno::Shown(errno));
                false
            }
        }
    }
}

impl EventLoop<'_> {
    fn orphan_ended(&mut self, pid: Pid, before: Option<&Stat>, ending: Ending) {
        if self.config.warn_orphans {
            said::orphan(self.config, pid, before, ending);
        } else {
            logging::debug!("reaped process {pid}, which {ending}");
        }
        if is_killed(Some(ending))
            && self.supervisor.is_running()
            && let Some(kills) = self.look_at_counters()
        {
            said::out_of_memory(pid, before, self.counters.oom(), kills);
        }
    }

    fn look_at_counters(&mut self) -> Option<u64> {
        self.look_at_clock();
        self.counters.look(self.now)
    }
}

fn is_killed(ending: Option<Ending>) -> bool {
    matches!(ending, Some(Ending::Killed { by: Signal::KILL, .. }))
}

fn peek_ending(pid: Pid) -> Option<Ending> {
    match reap::peek(Whom::One(pid)) {
        Ok(Answer::Changed(_, Change::Ended(ending))) => Some(ending),
        _ => None,
    }
}

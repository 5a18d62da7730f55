//! No program: a process that holds a pod's namespaces together and reaps what is left to it there.

use super::cues;
use crate::config::{Config, Cue};
use crate::errno;
use crate::logging;
use crate::policy::event::Origin;
use crate::policy::signal::Signal;
use crate::sys::reap::{self, Answer, Change, Whom};
use crate::sys::signals::{Inbox, Notice};
use crate::sys::{descriptors, process};

/// Waits and reaps until SIGTERM or SIGINT. Every other signal is nobody's, and is dropped.
pub fn pause(config: &Config) -> u8 {
    let own = process::own_pid();
    if own.0 != 1 {
        logging::warn!(
            "not PID 1 of this pid namespace: only orphans among our own descendants are reaped here"
        );
        if let Err(errno) = process::become_subreaper() {
            logging::debug!("cannot become a child subreaper: {}", errno::Shown(errno));
        }
    }
    descriptors::leave_directory();
    let mut keep = vec![2];
    keep.extend((own.0 == 1).then_some(1));
    descriptors::close_all_but(&mut keep);
    let mut inbox = Inbox::new(own);
    let mut told = false;
    loop {
        // Before the first signal too: whoever ended before we became this program has sent none.
        if reap_all(config) && told {
            cues::say(config, Cue::Childless, &[]);
        }
        let notice = inbox.take(None);
        if let Some(Notice::Signal(received)) = notice
            && matches!(received.signal, Signal::TERM | Signal::INT)
            && received.origin != Origin::Ourselves
        {
            logging::info!("{} ends the pause", received.signal);
            cues::signal(config, Cue::PauseOver, received.signal);
            return 0;
        }
        told = matches!(notice, Some(Notice::Child { .. }));
    }
}

/// Is nobody left?
fn reap_all(config: &Config) -> bool {
    loop {
        match reap::reap(Whom::Any) {
            Ok((Answer::Changed(pid, change), _)) => {
                logging::debug!("reaped process {pid}");
                if let Change::Ended(ending) = change {
                    cues::reaped(config, pid, ending, false);
                }
            }
            Ok((answer, _)) => return answer == Answer::Childless,
            Err(_) => return false,
        }
    }
}

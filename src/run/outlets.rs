//! The exit report and the termination message: where they go.

use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::path::PathBuf;
use std::time::SystemTime;

use crate::config::Config;
use crate::errno;
use crate::harmless::harmless;
use crate::logging;
use crate::report::{self, Facts};
use crate::sys::outlet::{self, Refused};

/// What is to be written when all is over.
pub(super) struct Outlets {
    report: Option<OwnedFd>,
    termination: Option<PathBuf>,
    began: Option<SystemTime>,
}

impl Outlets {
    /// Before anything is started: the report's directory may be out of the reach of `--user`.
    pub(super) fn open(config: &Config) -> Self {
        if config.report.is_none() && config.termination_log.is_none() {
            return Self { report: None, termination: None, began: None };
        }
        Self::open_both(config)
    }

    #[inline(never)]
    fn open_both(config: &Config) -> Self {
        let began = Some(SystemTime::now());
        let report = config.report.as_ref().and_then(|path| {
            let opened = outlet::open_any(path);
            let shown = harmless(path.as_os_str().as_encoded_bytes());
            opened.inspect_err(|why| logging::warn!("there will be no report in {shown}: {why}")).ok()
        });
        // The working directory will be another one by then.
        let termination = config.termination_log.as_ref();
        let termination = termination
            .map(|path| std::env::current_dir().map_or_else(|_| path.to_owned(), |at| at.join(path)));
        Self { report, termination, began }
    }

    /// When the run began, if anybody is going to read that, and this moment.
    pub(super) fn time(&self) -> (SystemTime, SystemTime) {
        let now = SystemTime::now();
        (self.began.unwrap_or(now), now)
    }

    /// Will anything be written?
    pub(super) fn are_wanted(&self) -> bool {
        self.report.is_some() || self.termination.is_some()
    }

    /// The descriptor that must stay open.
    pub(super) fn descriptor(&self) -> Option<RawFd> {
        self.report.as_ref().map(AsRawFd::as_raw_fd)
    }

    /// Writes both. Whatever goes wrong is said, and changes nothing else.
    #[cold]
    #[inline(never)]
    pub(super) fn write(&self, facts: &Facts<'_>) {
        if let Some(path) = &self.termination {
            let shown = harmless(path.as_os_str().as_encoded_bytes());
            let message = report::termination_message(facts);
            let file = outlet::open_empty(path);
            match file.and_then(|file| outlet::replace(&file, &message).map_err(Refused::Open)) {
                Ok(()) => {}
                // The program has left its own message there.
                Err(Refused::NotEmpty) => logging::info!("{shown} has a termination message already"),
                Err(why) => logging::warn!("cannot write the termination message to {shown}: {why}"),
            }
        }
        if let Some(file) = &self.report
            && let Err(errno) = outlet::replace(file, &report::json(facts))
        {
            logging::warn!("cannot write the report: {}", errno::Shown(errno));
        }
    }
}

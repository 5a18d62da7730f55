//! A run being put together: what each flag does to the [`Config`], wherever the flag comes from.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use log::LevelFilter;

use super::flags::Opt;
use super::{launch, values};
use crate::config::{Config, Leader};
use crate::policy::{Reach, Rest};

/// A [`Config`] whose flags are not all known yet.
pub(super) struct Draft {
    pub(super) config: Box<Config>,
    /// What `-v` and `-q` say; they beat the environment once all is known.
    level: Option<LevelFilter>,
}

impl Draft {
    /// Starts from our own defaults.
    pub(super) fn new() -> Self {
        Self { config: Box::new(Config::new(Vec::new())), level: None }
    }

    /// Sets one flag; None = `value` is not of its kind. A switch is given the word that its variable would take.
    pub(super) fn set(&mut self, option: Opt, value: &OsStr) -> Option<()> {
        let config = &mut self.config;
        // Names of users and files are bytes.
        let (place, path) = match option {
            Opt::Report => (&mut config.report, Some(values::path(value)?)),
            Opt::TerminationLog => (&mut config.termination_log, values::termination_log(value)?),
            Opt::Chdir => (&mut config.child.workdir, Some(launch::directory(value)?)),
            Opt::User => {
                config.child.user = Some(launch::user(value)?);
                return Some(());
            }
            _ => return self.set_text(option, value.to_str()?),
        };
        *place = path;
        Some(())
    }

    fn set_text(&mut self, option: Opt, text: &str) -> Option<()> {
        let config = &mut self.config;
        match option {
            Opt::Leader => config.child.leader = values::leader(text)?,
            Opt::Rewrite => config.routing.rewrites.push(values::rewrite(text)?),
            Opt::ParentDeathSignal => config.parent_death = Some(values::signal(text)?),
            Opt::StopSignals => config.routing.stop_signals = values::signals(text)?,
            Opt::Escalate => config.escalation = values::plan(text)?,
            Opt::StopDelay | Opt::Grace | Opt::Timeout | Opt::Watch => {
                self.set_time(option, values::duration(text)?)
            }
            Opt::RemapExit => config.exit_map.remaps.push(values::remap(text)?),
            Opt::Umask => config.child.umask = Some(launch::umask(text)?),
            Opt::Nice => config.child.nice = Some(launch::between(text, -40, 40)?),
            Opt::OomScoreAdj => config.child.oom_score_adj = Some(launch::between(text, -1000, 1000)?),
            Opt::CpuList => config.child.cpus = Some(launch::cpus(text)?),
            Opt::Rlimit => {
                let limit = launch::rlimit(text)?;
                let limits = &mut config.child.rlimits;
                match limits.iter_mut().find(|other| other.resource == limit.resource) {
                    Some(other) => *other = limit,
                    None => limits.push(limit),
                }
            }
            Opt::Level => config.log.level = text.parse().ok()?,
            Opt::LogFormat => config.log.format = values::log_format(text)?,
            _ => self.set_switch(option, values::switch(text)?),
        }
        Some(())
    }

    fn set_time(&mut self, option: Opt, time: Duration) {
        let config = &mut self.config;
        // 0 is no limit, as for timeout(1).
        let limit = Some(time).filter(|time| !time.is_zero());
        match option {
            Opt::StopDelay => config.stop_delay = time,
            Opt::Timeout => config.timeout = limit,
            Opt::Watch => config.watch = limit,
            _ => {
                config.grace = time;
                if limit.is_some() {
                    // Who asks for a grace wants it under every name, PID 1 or not.
                    config.rest = Rest::Stop;
                }
            }
        }
    }

    fn set_switch(&mut self, option: Opt, on: bool) {
        let config = &mut self.config;
        match option {
            Opt::Group => config.reach = if on { Reach::Group } else { Reach::Main },
            Opt::SingleChild => config.reach = if on { Reach::Main } else { Reach::Group },
            Opt::StopOk => config.exit_map.stop_ok = on,
            Opt::NoNewPrivs => config.child.no_new_privs = on,
            Opt::WarnOrphans => config.warn_orphans = on,
            Opt::Verbose => self.level = Some(louder(self.level)),
            Opt::Quiet => self.level = Some(LevelFilter::Error),
            // `--subreaper` is without effect; all others say what to do, not how.
            _ => {}
        }
    }

    /// All flags are known: what runs is `command`.
    pub(super) fn finish(mut self, command: &[OsString]) -> Box<Config> {
        let config = &mut self.config;
        config.command = command.to_vec();
        if config.child.leader == Leader::None {
            // Its group is sexton's own, and sexton must not signal itself.
            config.reach = Reach::Main;
        }
        if let Some(level) = self.level {
            config.log.level = level;
        }
        self.config
    }
}

/// One `-v` more than `level`, which is what the flags before it said.
fn louder(level: Option<LevelFilter>) -> LevelFilter {
    match level {
        None | Some(LevelFilter::Error) => LevelFilter::Info,
        Some(LevelFilter::Info) => LevelFilter::Debug,
        Some(_) => LevelFilter::Trace,
    }
}

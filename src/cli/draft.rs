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
    pub(super) config: Config,
    /// What `-v` and `-q` say; they beat the environment once all is known.
    level: Option<LevelFilter>,
}

impl Draft {
    /// Starts from these defaults.
    pub(super) fn new(config: Config) -> Self {
        Self { config, level: None }
    }

    /// Sets one flag; None = `value` is not of its kind. A switch is given the word that its variable would take.
    pub(super) fn set(&mut self, option: Opt, value: &OsStr) -> Option<()> {
        let config = &mut self.config;
        match option {
            // Names of users and files are bytes.
            Opt::User => return launch::user(value).map(|user| config.child.user = Some(user)),
            Opt::Report => return values::path(value).map(|path| config.report = Some(path)),
            Opt::TerminationLog => {
                return values::termination_log(value).map(|path| config.termination_log = path);
            }
            Opt::Chdir => return launch::directory(value).map(|path| config.child.workdir = Some(path)),
            _ => {}
        }
        let text = value.to_str()?;
        let reach = |group: bool| if group { Reach::Group } else { Reach::Main };
        match option {
            Opt::Group => config.reach = reach(values::switch(text)?),
            Opt::SingleChild => config.reach = reach(!values::switch(text)?),
            Opt::Leader => config.child.leader = values::leader(text)?,
            Opt::Rewrite => config.routing.rewrites.push(values::rewrite(text)?),
            Opt::ParentDeathSignal => config.parent_death = Some(values::signal(text)?),
            Opt::StopSignals => config.routing.stop_signals = values::signals(text)?,
            Opt::StopDelay => config.stop_delay = values::duration(text)?,
            Opt::Escalate => config.escalation = values::plan(text)?,
            Opt::Grace => {
                config.grace = values::duration(text)?;
                if !config.grace.is_zero() {
                    // Who asks for a grace wants it under every name, PID 1 or not.
                    config.rest = Rest::Stop;
                }
            }
            // 0 is no limit, as for timeout(1).
            Opt::Timeout => config.timeout = Some(values::duration(text)?).filter(|t| *t != Duration::ZERO),
            Opt::RemapExit => config.exit_map.remaps.push(values::remap(text)?),
            Opt::StopOk => config.exit_map.stop_ok = values::switch(text)?,
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
            Opt::NoNewPrivs => config.child.no_new_privs = values::switch(text)?,
            Opt::Verbose => self.level = Some(louder(self.level)),
            Opt::Quiet => self.level = Some(LevelFilter::Error),
            Opt::Level => config.log.level = text.parse().ok()?,
            Opt::LogFormat => config.log.format = values::log_format(text)?,
            Opt::Watch => {
                config.watch = Some(values::duration(text)?).filter(|every| *every != Duration::ZERO)
            }
            Opt::WarnOrphans => config.warn_orphans = values::switch(text)?,
            Opt::Subreaper => drop(values::switch(text)?),
            // These say what to do, not how.
            Opt::Help | Opt::Version | Opt::Pause | Opt::Install | Opt::Ps | Opt::Json | Opt::Check => {}
            // Above.
            Opt::User | Opt::Chdir | Opt::Report | Opt::TerminationLog => {}
        }
        Some(())
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
        Box::new(self.config)
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

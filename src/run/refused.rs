//! The wording for launch options that the kernel, or the image, has refused: which one, why, and what would help.

use std::fmt;

use nix::errno::Errno;

use crate::config::{ChildSetup, Rlimit, UserSpec};
use crate::harmless::harmless;
use crate::sys::child::SpawnStep;
use crate::sys::spawn::SpawnError;

/// Says which launch option could not be had; false if it was none of them.
pub(super) fn say(setup: &ChildSetup, error: &SpawnError) -> bool {
    let Some((option, help)) = explain(setup, error) else { return false };
    match error.step {
        SpawnStep::UserFile(path) => log::error!("cannot set {option}: cannot read {path}: {}", error.errno),
        SpawnStep::UnknownUser => log::error!("cannot set {option}: /etc/passwd has no such user"),
        SpawnStep::UnknownGroup => log::error!("cannot set {option}: /etc/group has no such group"),
        SpawnStep::NoCpu(number) => {
            log::error!("cannot set {option}: there is no CPU {number} for this process")
        }
        _ => log::error!("cannot set {option}: {}", error.errno),
    }
    if let Some(help) = help {
        log::error!("help: {help}");
    }
    true
}

/// The option as it was given, and what would help.
fn explain(setup: &ChildSetup, error: &SpawnError) -> Option<(String, Option<&'static str>)> {
    let refused = matches!(error.errno, Errno::EPERM | Errno::EACCES);
    let if_refused = |help| refused.then_some(help);
    Some(match error.step {
        SpawnStep::UserFile(_) => (user(setup), None),
        SpawnStep::UnknownUser => (user(setup), Some("a user's number needs no entry there")),
        SpawnStep::UnknownGroup => (user(setup), Some("a group's number needs no entry there")),
        SpawnStep::Groups | SpawnStep::Group | SpawnStep::User => (user(setup), help_for_user(error)),
        SpawnStep::Chdir => {
            let directory = setup.workdir.as_ref().map(|path| harmless(path.as_os_str().as_encoded_bytes()));
            let help = "it is entered with the permissions of --user";
            (option("chdir", directory), if_refused(help).filter(|_| setup.user.is_some()))
        }
        SpawnStep::OomScoreAdj => {
            let help = match error.errno {
                Errno::ENOENT => Some("/proc is not mounted, or is that of another pid namespace"),
                _ => if_refused("less than what was inherited needs CAP_SYS_RESOURCE"),
            };
            (option("oom-score-adj", setup.oom_score_adj), help)
        }
        SpawnStep::Nice => {
            let help =
                "less than the inherited niceness needs CAP_SYS_NICE, or --rlimit nice with a higher limit";
            (option("nice", setup.nice), if_refused(help))
        }
        SpawnStep::CpuList => (option("cpu-list", None::<u32>), None),
        SpawnStep::NoCpu(_) => {
            let help = "it does not exist, is offline, or is not in the container's cpuset";
            (option("cpu-list", None::<u32>), Some(help))
        }
        SpawnStep::Rlimit(index) => {
            let limit = setup.rlimits.get(index);
            let help = match limit {
                Some(Rlimit { name: "nofile", .. }) => {
                    "to raise a hard limit needs CAP_SYS_RESOURCE, and none is above /proc/sys/fs/nr_open"
                }
                _ => "to raise a hard limit needs CAP_SYS_RESOURCE",
            };
            (option("rlimit", limit.map(Given)), if_refused(help))
        }
        SpawnStep::NoNewPrivs => (option("no-new-privs", None::<u32>), None),
        SpawnStep::Prepare
        | SpawnStep::Clone
        | SpawnStep::Directory
        | SpawnStep::Mask
        | SpawnStep::Exec
        | SpawnStep::Shell => return None,
    })
}

fn option(name: &str, value: Option<impl fmt::Display>) -> String {
    value.map_or_else(|| format!("--{name}"), |value| format!("--{name} {value}"))
}

fn user(setup: &ChildSetup) -> String {
    let Some(UserSpec { user, group }) = &setup.user else { return option("user", None::<u32>) };
    let user = harmless(user.as_encoded_bytes());
    match group {
        Some(group) => format!("--user {user}:{}", harmless(group.as_encoded_bytes())),
        None => option("user", Some(user)),
    }
}

fn help_for_user(error: &SpawnError) -> Option<&'static str> {
    match error.errno {
        Errno::EINVAL => Some(
            "this user namespace maps no such number; /proc/self/uid_map and /proc/self/gid_map show what it maps",
        ),
        Errno::EPERM if error.step == SpawnStep::Groups && are_groups_denied() => {
            Some("groups cannot be set in this user namespace: /proc/self/setgroups says deny")
        }
        Errno::EPERM => Some(
            "to become another user needs CAP_SETUID and CAP_SETGID; without them it can only be one's own",
        ),
        _ => None,
    }
}

/// See `user_namespaces(7)`.
fn are_groups_denied() -> bool {
    std::fs::read("/proc/self/setgroups").is_ok_and(|answer| answer.trim_ascii() == b"deny")
}

/// A limit as the command line spells it.
struct Given<'a>(&'a Rlimit);

impl fmt::Display for Given<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rlimit { name, soft, hard, .. } = self.0;
        write!(f, "{name}=")?;
        match soft {
            Some(soft) => amount(f, *soft)?,
            None => f.write_str("max")?,
        }
        let Some(hard) = hard else { return Ok(()) };
        f.write_str(":")?;
        amount(f, *hard)
    }
}

fn amount(f: &mut fmt::Formatter<'_>, amount: u64) -> fmt::Result {
    if amount == u64::MAX { f.write_str("unlimited") } else { write!(f, "{amount}") }
}

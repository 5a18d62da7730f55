//! The wording for launch options that could not be had: which one, why, and what would help.

use std::fmt::Display;

use nix::errno::Errno;

use crate::config::{ChildSetup, Rlimit, UserSpec};
use crate::harmless::harmless;
use crate::sys::launch::LaunchStep;

/// Says which option was refused, and returns it.
pub(super) fn say(setup: &ChildSetup, step: LaunchStep, errno: Errno) -> String {
    let option = option(setup, step);
    let reason = match step {
        LaunchStep::UserFile(path) => format!("cannot set {option}: cannot read {path}: {errno}"),
        LaunchStep::UnknownUser => format!("cannot set {option}: /etc/passwd has no such user"),
        LaunchStep::UnknownGroup => format!("cannot set {option}: /etc/group has no such group"),
        LaunchStep::NoCpu(number) => format!("cannot set {option}: there is no CPU {number} for the program"),
        _ => format!("cannot set {option}: {errno}"),
    };
    log::error!("{reason}");
    if let Some(help) = help(setup, step, errno) {
        log::error!("help: {help}");
    }
    reason
}

/// The option as it was given.
fn option(setup: &ChildSetup, step: LaunchStep) -> String {
    let spelled = |name: &str, value: Option<&dyn Display>| {
        value.map_or_else(|| format!("--{name}"), |value| format!("--{name} {value}"))
    };
    match step {
        LaunchStep::UserFile(_)
        | LaunchStep::UnknownUser
        | LaunchStep::UnknownGroup
        | LaunchStep::Groups
        | LaunchStep::Group
        | LaunchStep::User => spelled("user", setup.user.as_ref().map(user).as_ref().map(|text| text as _)),
        LaunchStep::Chdir => {
            let directory = setup.workdir.as_ref().map(|path| harmless(path.as_os_str().as_encoded_bytes()));
            spelled("chdir", directory.as_ref().map(|path| path as _))
        }
        LaunchStep::OomScoreAdj => {
            spelled("oom-score-adj", setup.oom_score_adj.as_ref().map(|score| score as _))
        }
        LaunchStep::Nice => spelled("nice", setup.nice.as_ref().map(|nice| nice as _)),
        LaunchStep::CpuList | LaunchStep::NoCpu(_) => spelled("cpu-list", None),
        LaunchStep::Rlimit(index) => {
            let limit = setup.rlimits.get(index).map(limit);
            spelled("rlimit", limit.as_ref().map(|limit| limit as _))
        }
        LaunchStep::NoNewPrivs => spelled("no-new-privs", None),
    }
}

fn user(UserSpec { user, group }: &UserSpec) -> String {
    let user = harmless(user.as_encoded_bytes());
    match group {
        Some(group) => format!("{user}:{}", harmless(group.as_encoded_bytes())),
        None => user.to_string(),
    }
}

/// `nofile=1024:unlimited`
fn limit(Rlimit { name, soft, hard, .. }: &Rlimit) -> String {
    let amount = |amount: u64| if amount == u64::MAX { "unlimited".to_owned() } else { amount.to_string() };
    let soft = soft.map_or_else(|| "max".to_owned(), amount);
    match hard {
        Some(hard) => format!("{name}={soft}:{}", amount(*hard)),
        None => format!("{name}={soft}"),
    }
}

fn help(setup: &ChildSetup, step: LaunchStep, errno: Errno) -> Option<&'static str> {
    let refused = matches!(errno, Errno::EPERM | Errno::EACCES);
    let is_nofile = |index| setup.rlimits.get(index).is_some_and(|limit: &Rlimit| limit.name == "nofile");
    Some(match step {
        LaunchStep::UnknownUser => "a user's number needs no entry there",
        LaunchStep::UnknownGroup => "a group's number needs no entry there",
        LaunchStep::Groups | LaunchStep::Group | LaunchStep::User if errno == Errno::EINVAL => {
            "the user namespace maps no such number, see /proc/self/uid_map and gid_map; or there are too many groups"
        }
        LaunchStep::Groups if refused && are_groups_denied() => {
            "the user namespace lets nobody set groups: /proc/self/setgroups says deny"
        }
        LaunchStep::Groups | LaunchStep::Group | LaunchStep::User if refused => {
            "to become another user needs CAP_SETUID and CAP_SETGID: start the container as root with both, or as that user"
        }
        LaunchStep::Chdir if refused && setup.user.is_some() => {
            "it is entered with the permissions of --user"
        }
        LaunchStep::OomScoreAdj if refused => "less than what was inherited needs CAP_SYS_RESOURCE",
        LaunchStep::OomScoreAdj if errno == Errno::ENOENT => {
            "/proc must be mounted, and be that of the container"
        }
        LaunchStep::Nice if refused => {
            "less than what was inherited needs CAP_SYS_NICE, or a limit: --rlimit nice"
        }
        LaunchStep::NoCpu(_) => "it does not exist, or is offline, or is not in the container's cpuset",
        LaunchStep::Rlimit(index) if refused && is_nofile(index) => {
            "to raise a hard limit needs CAP_SYS_RESOURCE, and none may be above /proc/sys/fs/nr_open"
        }
        LaunchStep::Rlimit(_) if refused => "to raise a hard limit needs CAP_SYS_RESOURCE",
        _ => return None,
    })
}

/// See `user_namespaces(7)`.
fn are_groups_denied() -> bool {
    std::fs::read("/proc/self/setgroups").is_ok_and(|answer| answer.trim_ascii() == b"deny")
}

/// The program's own limit that its start may have run into; the diagnosis sees only those that sexton has too.
pub(super) fn limit_to_blame(setup: &ChildSetup, errno: Errno) -> Option<String> {
    let (name, why) = match errno {
        Errno::EAGAIN => ("nproc", "counts all processes of that user, in other containers too"),
        Errno::E2BIG => ("stack", "leaves a quarter of it to arguments and environment"),
        Errno::ENOMEM => ("as", "is less than the program needs to start"),
        _ => return None,
    };
    let limited = setup.rlimits.iter().find(|limit| limit.name == name)?;
    Some(format!("--rlimit {} {why}", limit(limited)))
}

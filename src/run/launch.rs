//! The wording for launch options that could not be had: which one, why, and what would help.

use nix::errno::Errno;

use super::refusal::say;
use crate::config::{ChildSetup, Rlimit, UserSpec};
use crate::errno;
use crate::harmless::harmless;
use crate::sys::launch::LaunchStep;

/// Says which option was refused, and returns that.
pub(super) fn explain(setup: &ChildSetup, step: LaunchStep, errno: Errno) -> String {
    let (option, value) = option(setup, step);
    let blank = if value.is_empty() { "" } else { " " };
    let reason = match step {
        LaunchStep::UserFile(path) => format!("cannot read {path}: {}", errno::Shown(errno)),
        LaunchStep::UnknownUser => "/etc/passwd has no such user".to_owned(),
        LaunchStep::UnknownGroup => "/etc/group has no such group".to_owned(),
        LaunchStep::NoCpu(number) => format!("there is no CPU {number} for the program"),
        _ => errno::Shown(errno).to_string(),
    };
    let what = format!("cannot set --{option}{blank}{value}: {reason}");
    say(&what, help(setup, step, errno));
    what
}

/// The option and its value, as they were given.
fn option(setup: &ChildSetup, step: LaunchStep) -> (&'static str, String) {
    let number = |number: Option<i32>| number.map(|number| number.to_string());
    let (option, value) = match step {
        LaunchStep::UserFile(_)
        | LaunchStep::UnknownUser
        | LaunchStep::UnknownGroup
        | LaunchStep::Groups
        | LaunchStep::Group
        | LaunchStep::User => ("user", setup.user.as_ref().map(user)),
        LaunchStep::Chdir => ("chdir", setup.workdir.as_ref().map(|path| shown(path.as_os_str()))),
        LaunchStep::OomScoreAdj => ("oom-score-adj", number(setup.oom_score_adj)),
        LaunchStep::Umask => ("umask", setup.umask.map(|mask| format!("{mask:03o}"))),
        LaunchStep::Nice => ("nice", number(setup.nice)),
        LaunchStep::CpuList | LaunchStep::NoCpu(_) => ("cpu-list", None),
        LaunchStep::Rlimit(index) => ("rlimit", setup.rlimits.get(index).map(limit)),
        LaunchStep::NoNewPrivs => ("no-new-privs", None),
    };
    (option, value.unwrap_or_default())
}

fn shown(text: &std::ffi::OsStr) -> String {
    harmless(text.as_encoded_bytes()).to_string()
}

fn user(UserSpec { user, group }: &UserSpec) -> String {
    let mut text = shown(user);
    if let Some(group) = group {
        text = text + ":" + &shown(group);
    }
    text
}

/// `nofile=1024:unlimited`
fn limit(limit: &Rlimit) -> String {
    let amount = |amount: u64| if amount == u64::MAX { "unlimited".to_owned() } else { amount.to_string() };
    let soft = limit.soft.map_or_else(|| "max".to_owned(), amount);
    let mut text = limit.name.to_owned() + "=" + &soft;
    if let Some(hard) = limit.hard {
        text = text + ":" + &amount(hard);
    }
    text
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
    crate::proc::read_all(b"/proc/self/setgroups").is_some_and(|answer| answer.starts_with(b"deny"))
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

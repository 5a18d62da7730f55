//! The wording for launch options that could not be had: which one, why, and what would help.

use std::fmt::{self, Display, Write};

use nix::errno::Errno;

use super::refusal::say;
use crate::config::{ChildSetup, Rlimit, UserSpec};
use crate::errno;
use crate::harmless::harmless;
use crate::sys::launch::LaunchStep;

/// Says which option was refused, and returns that.
pub(super) fn explain(setup: &ChildSetup, step: LaunchStep, errno: Errno) -> String {
    let mut what = format!("cannot set --{}: ", Given { setup, step });
    let shown = errno::Shown(errno);
    // Writing to memory does not fail.
    let _ = match step {
        LaunchStep::UserFile(path) => write!(what, "cannot read {path}: {shown}"),
        LaunchStep::UnknownUser => what.write_str("/etc/passwd has no such user"),
        LaunchStep::UnknownGroup => what.write_str("/etc/group has no such group"),
        LaunchStep::NoCpu(number) => write!(what, "there is no CPU {number} for the program"),
        _ => write!(what, "{shown}"),
    };
    say(&what, help(setup, step, errno));
    what
}

/// The option and its value, as they were given.
struct Given<'a> {
    setup: &'a ChildSetup,
    step: LaunchStep,
}

impl Display for Given<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let setup = self.setup;
        let (user, umask) = (setup.user.as_ref().map(User), setup.umask.map(Umask));
        let workdir = setup.workdir.as_ref().map(|path| harmless(path.as_os_str().as_encoded_bytes()));
        let (option, value) = match self.step {
            LaunchStep::UserFile(_)
            | LaunchStep::UnknownUser
            | LaunchStep::UnknownGroup
            | LaunchStep::Groups
            | LaunchStep::Group
            | LaunchStep::User => ("user", shown(&user)),
            LaunchStep::Chdir => ("chdir", shown(&workdir)),
            LaunchStep::OomScoreAdj => ("oom-score-adj", shown(&setup.oom_score_adj)),
            LaunchStep::Umask => ("umask", shown(&umask)),
            LaunchStep::Nice => ("nice", shown(&setup.nice)),
            LaunchStep::CpuList | LaunchStep::NoCpu(_) => ("cpu-list", None),
            LaunchStep::Rlimit(index) => ("rlimit", setup.rlimits.get(index).map(|limit| limit as _)),
            LaunchStep::NoNewPrivs => ("no-new-privs", None),
        };
        f.write_str(option)?;
        value.map_or(Ok(()), |value| write!(f, " {value}"))
    }
}

fn shown(value: &Option<impl Display>) -> Option<&dyn Display> {
    value.as_ref().map(|value| value as _)
}

struct User<'a>(&'a UserSpec);

impl Display for User<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        harmless(self.0.user.as_encoded_bytes()).fmt(f)?;
        let Some(group) = &self.0.group else { return Ok(()) };
        write!(f, ":{}", harmless(group.as_encoded_bytes()))
    }
}

struct Umask(u32);

impl Display for Umask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03o}", self.0)
    }
}

/// `nofile=1024:unlimited`
impl Display for Rlimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=", self.name)?;
        match self.soft {
            Some(soft) => put_amount(f, soft)?,
            None => f.write_str("max")?,
        }
        let Some(hard) = self.hard else { return Ok(()) };
        f.write_str(":")?;
        put_amount(f, hard)
    }
}

fn put_amount(f: &mut fmt::Formatter<'_>, amount: u64) -> fmt::Result {
    if amount == u64::MAX { f.write_str("unlimited") } else { amount.fmt(f) }
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
    Some(format!("--rlimit {limited} {why}"))
}

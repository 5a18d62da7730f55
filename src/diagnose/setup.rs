//! What was asked for before the program and could not be done.

use std::ffi::OsStr;

use nix::errno::Errno;

use super::exec::{ExecClass, Explanation, shown};
use super::limits;

/// Something that an option asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Setup {
    /// `--chdir`, or back into the directory of the start.
    Directory,
    /// `--rlimit`
    Limit,
    /// `--nice`
    Nice,
    /// `--oom-score-adj`
    OomScore,
    /// `--cpu-list`
    Cpus,
    /// `--user`: the group and the supplementary ones.
    Groups,
    /// `--user`: the user.
    User,
    /// `--no-new-privs`
    NoNewPrivs,
    /// The signal mask and dispositions.
    Signals,
}

/// No operand: an empty one.
pub(super) fn explain(what: Setup, operand: &OsStr, errno: Errno) -> Explanation {
    if (what, errno) == (Setup::User, Errno::EAGAIN) {
        return limits::processes();
    }
    let doing = match what {
        Setup::Directory => "change to the directory",
        Setup::Limit => "set the limit",
        Setup::Nice => "change the niceness by",
        Setup::OomScore => "set the OOM score adjustment to",
        Setup::Cpus => "run on the CPUs",
        Setup::Groups => "change to the groups of",
        Setup::User => "change to the user",
        Setup::NoNewPrivs => "set no_new_privs",
        Setup::Signals => "restore the signal mask",
    };
    let space = if operand.is_empty() { "" } else { " " };
    let reason = format!("sexton cannot {doing}{space}{}: {}", shown(operand), errno.desc());
    let explanation = Explanation::new(ExecClass::Failed, reason);
    match help(what, errno) {
        Some(help) => explanation.help(help),
        None => explanation,
    }
}

fn help(what: Setup, errno: Errno) -> Option<&'static str> {
    Some(match (what, errno) {
        (Setup::Groups | Setup::User, Errno::EPERM) => {
            "this needs CAP_SETUID and CAP_SETGID: start the container as root with both, or as that user without --user"
        }
        (Setup::Groups | Setup::User, Errno::EINVAL) => "that id does not exist in this user namespace",
        (Setup::Limit, Errno::EPERM) => "a hard limit can be raised only with CAP_SYS_RESOURCE",
        (Setup::Nice, Errno::EPERM | Errno::EACCES) => {
            "a higher priority needs CAP_SYS_NICE or --ulimit nice"
        }
        (Setup::OomScore, Errno::EPERM | Errno::EACCES) => "a lower value needs CAP_SYS_RESOURCE",
        (Setup::Cpus, Errno::EINVAL) => {
            "this container may use none of them (Cpus_allowed_list in /proc/self/status)"
        }
        _ => return None,
    })
}

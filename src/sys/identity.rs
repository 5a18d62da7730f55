//! Becoming another user: the child before it executes the program, and sexton itself after that.
//!
//! Ids are set by raw system calls: the C library's would take a lock, and reach for threads. A process that has
//! changed its ids can be read and traced by no other of the same user until it executes a program
//! (`PR_SET_DUMPABLE(2const)`); sexton executes none, and says so itself as well, for a system that is set up to
//! differ (/proc/sys/fs/suid_dumpable).
#![allow(unsafe_code)]

use std::ffi::CString;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;

#[cfg(not(any(target_arch = "x86", target_arch = "arm")))]
use libc::{SYS_setgroups, SYS_setresgid, SYS_setresuid};
#[cfg(any(target_arch = "x86", target_arch = "arm"))]
use libc::{
    SYS_setgroups32 as SYS_setgroups, SYS_setresgid32 as SYS_setresgid, SYS_setresuid32 as SYS_setresuid,
};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::unistd::{getresgid, getresuid};

use super::child::Failure;
use super::launch::LaunchStep;
use super::{check, tty};
use crate::accounts::{self, Account, Unknown};
use crate::config::UserSpec;
use crate::files;

const PASSWD: &str = "/etc/passwd";
const GROUP: &str = "/etc/group";

/// More than any such file has; what is longer is none.
const MOST_BYTES: usize = 16 << 20;

/// A user that can be become.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    account: Account,
    /// We are that user already; a group that we may not change stays as it is.
    own: bool,
}

impl Identity {
    /// Looks `spec` up in the image's own files.
    pub(super) fn resolve(spec: &UserSpec) -> Result<Self, Failure> {
        let (passwd, group) = (read(PASSWD)?, read(GROUP)?);
        let failed = |step| move |errno| Failure::new(step, errno);
        let uids = getresuid().map_err(failed(LaunchStep::User))?;
        let gids = getresgid().map_err(failed(LaunchStep::Group))?;
        let own_gid = gids.effective.as_raw();
        let account = accounts::find(spec, &passwd, &group, own_gid).map_err(|unknown| match unknown {
            Unknown::User => Failure::new(LaunchStep::UnknownUser, Errno::ENOENT),
            Unknown::Group => Failure::new(LaunchStep::UnknownGroup, Errno::ENOENT),
        })?;
        let is_user = [uids.real, uids.effective, uids.saved].iter().all(|uid| uid.as_raw() == account.uid);
        let is_group = [gids.real, gids.effective, gids.saved].iter().all(|gid| gid.as_raw() == account.gid);
        Ok(Self { account, own: is_user && (is_group || spec.group.is_none()) })
    }

    /// The user's number.
    pub fn uid(&self) -> u32 {
        self.account.uid
    }

    /// The numbers of all groups.
    pub fn groups(&self) -> &[u32] {
        &self.account.groups
    }

    /// HOME, USER and LOGNAME: runtimes have set root's.
    #[cold]
    #[inline(never)]
    pub(super) fn variables(&self) -> Vec<CString> {
        let Account { name, home, .. } = &self.account;
        let mut variables = Vec::new();
        for (variable, value) in [("HOME=", home), ("USER=", name), ("LOGNAME=", name)] {
            variables.extend(CString::new([variable.as_bytes(), value.as_bytes()].concat()));
        }
        variables
    }

    /// Gives the user the standard streams, as a runtime does for the user it starts a container with: what a pipe of
    /// root's has for a name (/dev/stdout, /proc/self/fd/1) nobody else can open. A file's owner would stay when the
    /// program has gone, and so would that of a terminal which is not a container's own: these remain as they are.
    pub(super) fn take_standard_streams(&self) {
        // SAFETY: neither call takes an argument; our parent is sexton.
        let (own, in_container) = unsafe { (libc::geteuid(), libc::getppid() == 1) };
        if self.own || own == self.account.uid {
            return;
        }
        for fd in 0..=2 {
            let mut stat = MaybeUninit::<libc::stat>::zeroed();
            // SAFETY: stat lives across the call.
            let failed = unsafe { libc::fstat(fd, stat.as_mut_ptr()) } != 0;
            // SAFETY: all zero is a valid value of it, and says that it is no pipe.
            let stat = unsafe { stat.assume_init() };
            let fits = match stat.st_mode & libc::S_IFMT {
                _ if failed => false,
                libc::S_IFIFO => true,
                libc::S_IFCHR => in_container && tty::columns(fd).is_some(),
                _ => false,
            };
            if fits && stat.st_uid == own {
                // SAFETY: fchown takes plain numbers. Refused without CAP_CHOWN; what is open can be written to still.
                unsafe { libc::syscall(libc::SYS_fchown, fd, self.account.uid, libc::gid_t::MAX) };
            }
        }
    }

    /// Becomes the user. Nothing here allocates: the child does this too.
    pub(super) fn assume(&self) -> Result<(), Failure> {
        let Account { uid, gid, groups, .. } = &self.account;
        // SAFETY: groups is as long as the call is told.
        let done = check(unsafe { libc::syscall(SYS_setgroups, groups.len(), groups.as_ptr()) });
        self.unless_own(LaunchStep::Groups, done)?;
        // SAFETY: setresgid takes plain numbers.
        let done = check(unsafe { libc::syscall(SYS_setresgid, *gid, *gid, *gid) });
        self.unless_own(LaunchStep::Group, done)?;
        // SAFETY: setresuid takes plain numbers.
        let done = check(unsafe { libc::syscall(SYS_setresuid, *uid, *uid, *uid) });
        done.map_err(|errno| Failure::new(LaunchStep::User, errno))?;
        // The child shares our memory until it executes the program, which so finds us closed already.
        let _ = close_memory();
        Ok(())
    }

    fn unless_own(&self, step: LaunchStep, done: Result<libc::c_long, Errno>) -> Result<(), Failure> {
        match done {
            Err(Errno::EPERM) if self.own => Ok(()),
            done => done.map(drop).map_err(|errno| Failure::new(step, errno)),
        }
    }

    /// Gives our own privileges up, when the program runs.
    pub fn give_up(&self) -> Result<(), Errno> {
        self.assume().map_err(|failure| failure.errno)?;
        if !self.own && self.account.uid != 0 {
            drop_capabilities()?;
        }
        close_memory()
    }
}

/// Nobody of the same user may trace us, read our memory or take our descriptors.
fn close_memory() -> Result<(), Errno> {
    // SAFETY: this prctl takes a plain number.
    check(unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0) }.into()).map(drop)
}

/// The kernel takes them from a root who leaves, not from another user who had CAP_SETUID (`capabilities(7)`).
fn drop_capabilities() -> Result<(), Errno> {
    const VERSION_3: u32 = 0x2008_0522;
    let header = [VERSION_3, 0];
    let none = [0_u32; 6];
    // SAFETY: header and sets are as large as this version has them, and live across the call.
    check(unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), none.as_ptr()) }).map(drop)
}

/// A file that is not there has no entries. Whatever else lies in its place must not hold us up.
fn read(path: &'static str) -> Result<Vec<u8>, Failure> {
    let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    let contents = match files::open(path.as_bytes(), flags, 0) {
        Err(Errno::ENOENT) => return Ok(Vec::new()),
        opened => opened.and_then(|file| files::read_on(&file, MOST_BYTES + 1)),
    };
    match contents {
        Ok(contents) if contents.len() > MOST_BYTES => Err(Errno::EFBIG),
        contents => contents,
    }
    .map_err(|errno| Failure::new(LaunchStep::UserFile(path), errno))
}

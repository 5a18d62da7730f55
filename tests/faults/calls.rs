//! One row for each system call that sexton, or its child before it is the program, may make: how it may fail.
//!
//! EPERM and ENOSYS, the answers of a sandbox and of an old kernel, come on top for every row. Not in here are answers
//! that would be untrue and not a failure: ECHILD while there is a child, ESRCH for a process that is there, EBADF for
//! a descriptor that is open.

use libc::{
    E2BIG, EACCES, EAGAIN, EBUSY, EDQUOT, EFAULT, EFBIG, EINTR, EINVAL, EIO, EISDIR, ELIBBAD, ELOOP, EMFILE,
    EMLINK, ENAMETOOLONG, ENFILE, ENODEV, ENOENT, ENOEXEC, ENOMEM, ENOSPC, ENOTDIR, ENOTEMPTY, ENOTTY, ENXIO,
    EOPNOTSUPP, EPIPE, EROFS, ESRCH, ETXTBSY, EUSERS,
};

/// Name, number, and the ways to fail that its man page knows and that can happen here.
pub struct Row {
    pub name: &'static str,
    pub number: libc::c_long,
    pub errnos: &'static [i32],
}

const fn row(name: &'static str, number: libc::c_long, errnos: &'static [i32]) -> Row {
    Row { name, number, errnos }
}

pub const ROWS: &[Row] = &[
    // Starting.
    row("clone", libc::SYS_clone, &[EAGAIN, ENOMEM, ENOSPC, EUSERS, EINVAL]),
    row(
        "execve",
        libc::SYS_execve,
        &[
            E2BIG,
            EACCES,
            EAGAIN,
            EFAULT,
            EINVAL,
            EIO,
            EISDIR,
            ELIBBAD,
            ELOOP,
            EMFILE,
            ENAMETOOLONG,
            ENFILE,
            ENOENT,
            ENOEXEC,
            ENOMEM,
            ENOTDIR,
            ETXTBSY,
        ],
    ),
    row("setpgid", libc::SYS_setpgid, &[EACCES, EINVAL, ESRCH]),
    row("setsid", libc::SYS_setsid, &[]),
    row("getsid", libc::SYS_getsid, &[ESRCH]),
    row("prctl", libc::SYS_prctl, &[EINVAL, EACCES]),
    row("umask", libc::SYS_umask, &[]),
    row("setgroups", libc::SYS_setgroups, &[EINVAL, ENOMEM]),
    row("setresgid", libc::SYS_setresgid, &[EAGAIN, EINVAL]),
    row("setresuid", libc::SYS_setresuid, &[EAGAIN, EINVAL]),
    row("getresuid", libc::SYS_getresuid, &[EFAULT]),
    row("getresgid", libc::SYS_getresgid, &[EFAULT]),
    row("getuid", libc::SYS_getuid, &[]),
    row("geteuid", libc::SYS_geteuid, &[]),
    row("capset", libc::SYS_capset, &[EINVAL]),
    row("prlimit64", libc::SYS_prlimit64, &[EINVAL, EFAULT]),
    row("getpriority", libc::SYS_getpriority, &[ESRCH]),
    row("setpriority", libc::SYS_setpriority, &[EACCES, ESRCH]),
    row("sched_setaffinity", libc::SYS_sched_setaffinity, &[EINVAL, ESRCH]),
    row("sched_getaffinity", libc::SYS_sched_getaffinity, &[EINVAL, EFAULT]),
    row("getgid", libc::SYS_getgid, &[]),
    row("getegid", libc::SYS_getegid, &[]),
    row("getgroups", libc::SYS_getgroups, &[EINVAL]),
    #[cfg(target_arch = "x86_64")]
    row("getpgrp", libc::SYS_getpgrp, &[]),
    row("getpid", libc::SYS_getpid, &[]),
    row("gettid", libc::SYS_gettid, &[]),
    row("getppid", libc::SYS_getppid, &[]),
    row("getpgid", libc::SYS_getpgid, &[ESRCH]),
    // Signals and children.
    row("rt_sigprocmask", libc::SYS_rt_sigprocmask, &[EINVAL, EFAULT]),
    row("rt_sigaction", libc::SYS_rt_sigaction, &[EINVAL, EFAULT]),
    row("rt_sigpending", libc::SYS_rt_sigpending, &[EFAULT]),
    row("rt_sigtimedwait", libc::SYS_rt_sigtimedwait, &[EAGAIN, EINTR, EINVAL, EFAULT]),
    row("signalfd4", libc::SYS_signalfd4, &[EINVAL, EMFILE, ENFILE, ENODEV, ENOMEM]),
    row("wait4", libc::SYS_wait4, &[EINTR, EINVAL, EFAULT]),
    row("waitid", libc::SYS_waitid, &[EINTR, EINVAL, EFAULT]),
    row("kill", libc::SYS_kill, &[EINVAL, EAGAIN]),
    row("rt_sigqueueinfo", libc::SYS_rt_sigqueueinfo, &[EAGAIN, EINVAL]),
    row("pidfd_open", libc::SYS_pidfd_open, &[EINVAL, EMFILE, ENFILE, ENODEV, ENOMEM, ESRCH]),
    row("pidfd_send_signal", libc::SYS_pidfd_send_signal, &[EINVAL, ESRCH]),
    row("timer_create", libc::SYS_timer_create, &[EAGAIN, EINVAL, ENOMEM, EOPNOTSUPP]),
    row("timer_settime", libc::SYS_timer_settime, &[EFAULT, EINVAL]),
    row("clock_gettime", libc::SYS_clock_gettime, &[EINVAL]),
    row("clock_nanosleep", libc::SYS_clock_nanosleep, &[EINTR]),
    row("nanosleep", libc::SYS_nanosleep, &[EINTR]),
    // Files.
    row(
        "openat",
        libc::SYS_openat,
        &[
            EACCES, EAGAIN, EINTR, EIO, EISDIR, ELOOP, EMFILE, ENFILE, ENODEV, ENOENT, ENOMEM, ENOSPC,
            ENOTDIR, ENXIO, EROFS,
        ],
    ),
    #[cfg(target_arch = "x86_64")]
    row(
        "open",
        libc::SYS_open,
        &[
            EACCES, EAGAIN, EINTR, EIO, EISDIR, ELOOP, EMFILE, ENFILE, ENODEV, ENOENT, ENOMEM, ENOSPC,
            ENOTDIR, ENXIO, EROFS,
        ],
    ),
    row("read", libc::SYS_read, &[EAGAIN, EINTR, EIO, EISDIR, ESRCH, ENOMEM]),
    row("pread64", libc::SYS_pread64, &[EINTR, EIO]),
    row("readv", libc::SYS_readv, &[EINTR, EIO]),
    row("lseek", libc::SYS_lseek, &[EINVAL]),
    row("write", libc::SYS_write, &[EAGAIN, EDQUOT, EFBIG, EINTR, EIO, ENOSPC, EPIPE]),
    row("writev", libc::SYS_writev, &[EAGAIN, EFBIG, EINTR, EIO, ENOSPC, EPIPE]),
    row("pwrite64", libc::SYS_pwrite64, &[EDQUOT, EFBIG, EINTR, EIO, ENOSPC]),
    row("pwritev2", libc::SYS_pwritev2, &[EAGAIN, EINTR, EINVAL, EIO, EOPNOTSUPP, EPIPE]),
    row("sendto", libc::SYS_sendto, &[EAGAIN, EINTR, ENOMEM, EPIPE]),
    row("close", libc::SYS_close, &[EINTR, EIO]),
    row("close_range", libc::SYS_close_range, &[EINVAL, EMFILE, ENOMEM]),
    row("fstat", libc::SYS_fstat, &[EIO]),
    #[cfg(target_arch = "x86_64")]
    row("stat", libc::SYS_stat, &[EACCES, EIO, ENOENT]),
    #[cfg(target_arch = "x86_64")]
    row("lstat", libc::SYS_lstat, &[EACCES, EIO, ENOENT]),
    row("newfstatat", libc::SYS_newfstatat, &[EACCES, EIO, ENOENT]),
    row("statx", libc::SYS_statx, &[EACCES, EIO, ENOENT, EINVAL]),
    row("statfs", libc::SYS_statfs, &[EACCES, EIO, ENOENT]),
    row("fstatfs", libc::SYS_fstatfs, &[EIO]),
    #[cfg(target_arch = "x86_64")]
    row("access", libc::SYS_access, &[EACCES, EIO, ENOENT]),
    row("faccessat", libc::SYS_faccessat, &[EACCES, EIO, ENOENT]),
    row("faccessat2", libc::SYS_faccessat2, &[EACCES, EIO, ENOENT]),
    #[cfg(target_arch = "x86_64")]
    row("readlink", libc::SYS_readlink, &[EACCES, EINVAL, ENOENT]),
    row("readlinkat", libc::SYS_readlinkat, &[EACCES, EINVAL, ENOENT]),
    row("getcwd", libc::SYS_getcwd, &[ENOENT, EACCES]),
    row("chdir", libc::SYS_chdir, &[EACCES, EIO, ENOENT, ENOTDIR]),
    row("fchdir", libc::SYS_fchdir, &[EACCES, EIO]),
    row("ftruncate", libc::SYS_ftruncate, &[EFBIG, EINTR, EIO, EINVAL]),
    row("getdents64", libc::SYS_getdents64, &[EIO, ENOENT]),
    row("fcntl", libc::SYS_fcntl, &[EMFILE, EINVAL]),
    row("ioctl", libc::SYS_ioctl, &[EIO, ENOTTY, EINVAL, EINTR]),
    #[cfg(target_arch = "x86_64")]
    row("poll", libc::SYS_poll, &[EINTR, ENOMEM, EINVAL]),
    row("ppoll", libc::SYS_ppoll, &[EINTR, ENOMEM, EINVAL]),
    #[cfg(target_arch = "x86_64")]
    row("unlink", libc::SYS_unlink, &[EACCES, EBUSY, EIO]),
    row("unlinkat", libc::SYS_unlinkat, &[EACCES, EBUSY, EIO]),
    #[cfg(target_arch = "x86_64")]
    row("rename", libc::SYS_rename, &[EACCES, EBUSY, EIO, EMLINK, ENOSPC, ENOTEMPTY]),
    row("renameat2", libc::SYS_renameat2, &[EACCES, EBUSY, EIO, ENOSPC]),
    row("renameat", libc::SYS_renameat, &[EACCES, EBUSY, EIO, ENOSPC]),
    row("fchmod", libc::SYS_fchmod, &[EIO, EROFS]),
    row("fsync", libc::SYS_fsync, &[EIO, ENOSPC]),
    row("copy_file_range", libc::SYS_copy_file_range, &[EINVAL, EIO, ENOSPC, EOPNOTSUPP]),
    row("sendfile", libc::SYS_sendfile, &[EINVAL, EIO]),
    row("splice", libc::SYS_splice, &[EINVAL]),
    // The C library's own.
    row("munmap", libc::SYS_munmap, &[EINVAL]),
    row("madvise", libc::SYS_madvise, &[EINVAL]),
    row("mprotect", libc::SYS_mprotect, &[ENOMEM]),
    row("getrandom", libc::SYS_getrandom, &[EAGAIN, EINTR]),
    row("sysinfo", libc::SYS_sysinfo, &[EFAULT]),
    row("uname", libc::SYS_uname, &[EFAULT]),
];

/// Those that cannot fail, and those that provide memory: where it is refused no program can be executed, and the
/// standard library ends a process that gets none.
pub const EXEMPT: &[(&str, libc::c_long)] = &[
    ("exit_group", libc::SYS_exit_group),
    ("exit", libc::SYS_exit),
    ("brk", libc::SYS_brk),
    ("mmap", libc::SYS_mmap),
    ("mremap", libc::SYS_mremap),
];

pub fn by_number(number: i32) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.number == libc::c_long::from(number))
}

impl Row {
    /// Can it fail once, and do its work the next time? The C library changes the mask too, and trusts that it can.
    pub fn once(&self) -> bool {
        self.number != libc::SYS_rt_sigprocmask
    }

    /// Every way to fail.
    pub fn all_errnos(&self) -> impl Iterator<Item = i32> {
        let sandbox = [libc::EPERM, libc::ENOSYS];
        sandbox.into_iter().chain(self.errnos.iter().copied())
    }
}

/// `EPERM` and so on.
pub fn errno_name(errno: i32) -> String {
    let text = nix::errno::Errno::from_raw(errno).to_string();
    text.split(':').next().unwrap_or_default().to_owned()
}

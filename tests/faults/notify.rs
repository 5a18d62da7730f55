//! The other end of the filter: every trapped system call comes by here and is let through or made to fail.
//!
//! No tracer and no strace: `seccomp_unotify(2)` needs Linux 5.8. What is counted is what sexton itself calls, from its
//! `main` on (which begins with rt_sigprocmask), and what its child calls before it has become the program.
#![allow(unsafe_code, clippy::undocumented_unsafe_blocks)]

use crate::harness::{Running, happens};
use std::collections::BTreeMap;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::PathBuf;

/// Who calls.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    Sexton,
    /// The child, until it has executed the program.
    Child,
}

/// When a fault strikes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    Nth(u32),
    Every,
}

#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub role: Role,
    pub number: i32,
    pub errno: i32,
    pub when: When,
}

/// How often each call was made.
pub type Counts = BTreeMap<(Role, i32), u32>;

/// What was seen of a run.
#[derive(Clone, Default, Debug)]
pub struct Seen {
    pub counts: Counts,
    /// The fault has struck.
    pub struck: bool,
    /// At its exit: clock ticks of CPU time, and how many of its children were zombies.
    pub at_exit: Option<(u64, usize)>,
}

/// So many calls of one kind in a run are a spin. To look for who is left takes five for each process of the machine.
pub const MOST_CALLS: u32 = 200_000;

const RECEIVE: libc::Ioctl = 0xc050_2100_u32 as libc::Ioctl;
const SEND: libc::Ioctl = 0xc018_2101_u32 as libc::Ioctl;
const CONTINUE: u32 = 1;

pub struct Listener {
    fd: OwnedFd,
    init: i32,
    executable: Option<PathBuf>,
    running: bool,
    fault: Option<Fault>,
    without: &'static [libc::c_long],
    pub seen: Seen,
}

impl Listener {
    /// Takes over the listener of the filter that `run` was started with (`before(["trap", ..])`).
    pub fn of(run: &Running, fault: Option<Fault>, without: &'static [libc::c_long]) -> Self {
        let mut taken = None;
        let happened = happens(|| {
            taken = take(run.init);
            taken.is_some()
        });
        assert!(happened, "no listener to be found: {}", run.seen());
        let fd = taken.expect("a listener");
        Self { fd, init: run.init, executable: None, running: false, fault, without, seen: Seen::default() }
    }

    /// Serves what is waiting, for some milliseconds; false when nobody is left under the filter.
    pub fn serve(&mut self, milliseconds: i32) -> bool {
        let mut patience = milliseconds;
        for _ in 0..64 {
            let mut poll = libc::pollfd { fd: self.fd.as_raw_fd(), events: libc::POLLIN, revents: 0 };
            let ready = unsafe { libc::poll(&raw mut poll, 1, patience) };
            patience = 0;
            if ready <= 0 {
                return true;
            }
            if poll.revents & libc::POLLIN == 0 {
                return false;
            }
            self.answer();
        }
        true
    }

    fn answer(&mut self) {
        let mut call: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        if unsafe { libc::ioctl(self.fd.as_raw_fd(), RECEIVE, &raw mut call) } != 0 {
            // Its caller has ended meanwhile.
            return;
        }
        let errno = self.judge(call.pid.cast_signed(), call.data.nr);
        let flags = if errno == 0 { CONTINUE } else { 0 };
        let mut response = libc::seccomp_notif_resp { id: call.id, val: 0, error: -errno, flags };
        unsafe { libc::ioctl(self.fd.as_raw_fd(), SEND, &raw mut response) };
    }

    /// The errno that this call gets; 0: it goes through.
    fn judge(&mut self, pid: i32, number: i32) -> i32 {
        let number_of = |call: libc::c_long| i32::try_from(call).expect("a number");
        let role = if pid == self.init {
            if !self.running && number == number_of(libc::SYS_rt_sigprocmask) {
                let executable = std::fs::read_link(format!("/proc/{pid}/exe")).ok();
                // The child program that becomes sexton has a mask to set as well.
                self.running = executable.as_deref().is_some_and(|path| !path.ends_with("examples/child"));
                self.executable = executable;
            }
            if !self.running {
                return 0;
            }
            if number == number_of(libc::SYS_exit_group) {
                self.seen.at_exit = Some(accounts(pid));
            }
            Role::Sexton
        } else {
            let executable = std::fs::read_link(format!("/proc/{pid}/exe")).ok();
            if executable.is_none() || executable != self.executable {
                return 0;
            }
            Role::Child
        };
        let count = self.seen.counts.entry((role, number)).or_default();
        *count += 1;
        if self.without.contains(&libc::c_long::from(number)) {
            return libc::ENOSYS;
        }
        let Some(fault) = self.fault.filter(|fault| fault.role == role && fault.number == number) else {
            return 0;
        };
        let strikes = match fault.when {
            When::Nth(n) => *count == n,
            When::Every => true,
        };
        if strikes {
            self.seen.struck = true;
            return fault.errno;
        }
        0
    }

    /// Has any call been made so often that it must be a spin?
    pub fn spins(&self) -> bool {
        self.seen.counts.values().any(|count| *count > MOST_CALLS)
    }
}

/// The listener's descriptor, from the process that has just made it.
fn take(pid: i32) -> Option<OwnedFd> {
    let entries = std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
    let is_listener = |path: &PathBuf| {
        std::fs::read_link(path).is_ok_and(|target| target.to_string_lossy().contains("seccomp notify"))
    };
    let entry = entries.filter_map(|entry| Some(entry.ok()?.path())).find(is_listener)?;
    let number: i32 = entry.file_name()?.to_str()?.parse().ok()?;
    unsafe {
        let process = libc::syscall(libc::SYS_pidfd_open, pid, 0);
        let process = OwnedFd::from_raw_fd(i32::try_from(process).ok().filter(|fd| *fd >= 0)?);
        let fd = libc::syscall(libc::SYS_pidfd_getfd, process.as_raw_fd(), number, 0);
        Some(OwnedFd::from_raw_fd(i32::try_from(fd).ok().filter(|fd| *fd >= 0)?))
    }
}

/// Clock ticks of CPU time that a process has used, and how many zombies it has.
fn accounts(pid: i32) -> (u64, usize) {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    let zombies =
        crate::harness::all_processes().iter().filter(|p| p.parent == pid && p.state == 'Z').count();
    (ticks(11) + ticks(12), zombies)
}

//! The launch options: prepared before the child exists, applied by the child.
//!
//! What may need privileges comes before the ids change, what is to be judged by the new user's permissions after
//! it. Nothing in the second half of this file allocates, logs or takes a lock.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;

use nix::errno::Errno;

use super::child::Failure;
use super::identity::Identity;
use super::{check, descriptors};
use crate::config::{ChildSetup, Rlimit};

const WORD: usize = usize::BITS as usize;
/// As many processors as Linux can be built for.
const CPU_WORDS: usize = 8192 / WORD;
type Cpus = [usize; CPU_WORDS];

/// All that is asked for, ready to be applied.
#[derive(Debug)]
pub(super) struct Launch {
    oom_score_adj: Option<CString>,
    limits: Vec<Limit>,
    nice: Option<i32>,
    cpus: Option<Box<Cpus>>,
    umask: Option<u32>,
    pub(super) identity: Option<Box<Identity>>,
    directory: Option<CString>,
    no_new_privs: bool,
}

/// The steps that launch options take, in their order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LaunchStep {
    /// `--user`: reading this file.
    UserFile(&'static str),
    /// `--user`: finding the user.
    UnknownUser,
    /// `--user`: finding the group.
    UnknownGroup,
    /// `--oom-score-adj`.
    OomScoreAdj,
    /// `--rlimit`: which of them.
    Rlimit(usize),
    /// `--nice`.
    Nice,
    /// `--cpu-list`.
    CpuList,
    /// `--cpu-list`: a processor that is not to be had.
    NoCpu(usize),
    /// `--umask`.
    Umask,
    /// `--user`: the supplementary groups.
    Groups,
    /// `--user`: the group.
    Group,
    /// `--user`: the user.
    User,
    /// `--chdir`.
    Chdir,
    /// `--no-new-privs`.
    NoNewPrivs,
}

/// One limit as prlimit(2) takes it.
#[derive(Clone, Copy, Debug)]
struct Limit {
    resource: u32,
    value: libc::rlimit64,
}

impl Launch {
    /// None: nothing is asked for, and the child is spared looking.
    pub(super) fn prepare(setup: &ChildSetup) -> Result<Option<Self>, Failure> {
        let ChildSetup { user, workdir, umask, nice, oom_score_adj, cpus, rlimits, no_new_privs, .. } = setup;
        let plain = user.is_none()
            && workdir.is_none()
            && umask.is_none()
            && nice.is_none()
            && oom_score_adj.is_none()
            && cpus.is_none()
            && rlimits.is_empty()
            && !no_new_privs;
        if plain { Ok(None) } else { Self::prepare_all(setup).map(Some) }
    }

    #[cold]
    #[inline(never)]
    fn prepare_all(setup: &ChildSetup) -> Result<Self, Failure> {
        let ChildSetup { user, workdir, umask, nice, oom_score_adj, cpus, rlimits, no_new_privs, .. } = setup;
        let directory = workdir.as_ref().map(|path| CString::new(path.as_os_str().as_bytes()));
        let mut limits = Vec::with_capacity(rlimits.len());
        for (index, asked) in rlimits.iter().enumerate() {
            limits.push(limit(asked).map_err(|errno| Failure::new(LaunchStep::Rlimit(index), errno))?);
        }
        Ok(Self {
            oom_score_adj: oom_score_adj.and_then(|score| CString::new(score.to_string()).ok()),
            limits,
            nice: *nice,
            cpus: cpus.as_deref().map(cpu_set),
            umask: *umask,
            identity: user.as_ref().map(Identity::resolve).transpose()?.map(Box::new),
            directory: directory.transpose().map_err(|_| Failure::new(LaunchStep::Chdir, Errno::EINVAL))?,
            no_new_privs: *no_new_privs,
        })
    }
}

/// Fills in what the option leaves to the limit as it is.
fn limit(asked: &Rlimit) -> Result<Limit, Errno> {
    let mut value = libc::rlimit64 { rlim_cur: 0, rlim_max: 0 };
    let keep = std::ptr::null::<libc::rlimit64>();
    // SAFETY: value lives across the call.
    check(unsafe { libc::syscall(libc::SYS_prlimit64, 0, asked.resource, keep, &raw mut value) })?;
    let hard = asked.hard.unwrap_or(value.rlim_max);
    let soft = asked.soft.unwrap_or(hard);
    // A soft limit above the hard one takes it along.
    Ok(Limit { resource: asked.resource, value: libc::rlimit64 { rlim_cur: soft, rlim_max: hard.max(soft) } })
}

fn cpu_set(numbers: &[u32]) -> Box<Cpus> {
    let mut set = Box::new([0; CPU_WORDS]);
    for number in numbers.iter().map(|number| *number as usize) {
        if let Some(word) = set.get_mut(number / WORD) {
            *word |= 1 << (number % WORD);
        }
    }
    set
}

impl Launch {
    /// In the child, with the privileges that sexton was started with.
    #[cold]
    #[inline(never)]
    pub(super) fn before_directory(&self) -> Result<(), Failure> {
        let mut step = LaunchStep::OomScoreAdj;
        self.change_process(&mut step).map_err(|errno| Failure::new(step, errno))
    }

    /// Leaves the step that it is at in `step`.
    fn change_process(&self, step: &mut LaunchStep) -> Result<(), Errno> {
        if let Some(score) = &self.oom_score_adj {
            set_oom_score_adj(score)?;
        }
        for (index, limit) in self.limits.iter().enumerate() {
            *step = LaunchStep::Rlimit(index);
            limit.set()?;
        }
        if let Some(by) = self.nice {
            *step = LaunchStep::Nice;
            change_nice(by)?;
        }
        if let Some(cpus) = &self.cpus {
            *step = LaunchStep::CpuList;
            if let Some(missing) = set_cpus(cpus)? {
                *step = LaunchStep::NoCpu(missing);
                return Err(Errno::EINVAL);
            }
        }
        if let Some(mask) = self.umask {
            *step = LaunchStep::Umask;
            // SAFETY: umask takes a plain number. Only a sandbox makes it fail.
            check(unsafe { libc::syscall(libc::SYS_umask, mask) })?;
        }
        Ok(())
    }

    /// In the child, back in the working directory.
    #[cold]
    #[inline(never)]
    pub(super) fn after_directory(&self) -> Result<(), Failure> {
        if let Some(identity) = &self.identity {
            identity.take_standard_streams();
            identity.assume()?;
        }
        if let Some(directory) = &self.directory {
            // SAFETY: the path is NUL-terminated.
            check(unsafe { libc::syscall(libc::SYS_chdir, directory.as_ptr()) })
                .map_err(|errno| Failure::new(LaunchStep::Chdir, errno))?;
        }
        if self.no_new_privs {
            // SAFETY: this prctl takes plain numbers.
            check(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }.into())
                .map_err(|errno| Failure::new(LaunchStep::NoNewPrivs, errno))?;
        }
        Ok(())
    }
}

/// A child of vfork(2) has a score of its own, although it shares our memory.
fn set_oom_score_adj(score: &CStr) -> Result<(), Errno> {
    let file = descriptors::open(c"/proc/self/oom_score_adj", libc::O_WRONLY)?;
    let digits = score.to_bytes();
    // SAFETY: digits is as long as the call is told.
    check(unsafe { libc::write(file.as_raw_fd(), digits.as_ptr().cast(), digits.len()) } as libc::c_long)
        .map(drop)
}

impl Limit {
    fn set(&self) -> Result<(), Errno> {
        let old = std::ptr::null_mut::<libc::rlimit64>();
        // SAFETY: the value lives across the call.
        check(unsafe { libc::syscall(libc::SYS_prlimit64, 0, self.resource, &raw const self.value, old) })
            .map(drop)
    }
}

/// Relative, as nice(1) does it. The raw call answers 20 less the niceness, which is never -1.
fn change_nice(by: i32) -> Result<(), Errno> {
    let process = libc::PRIO_PROCESS as libc::c_int;
    // SAFETY: getpriority takes plain numbers.
    let answer = check(unsafe { libc::syscall(libc::SYS_getpriority, process, 0) })?;
    let nice = (20 - answer as i32).saturating_add(by).clamp(-20, 19);
    // SAFETY: setpriority takes plain numbers.
    check(unsafe { libc::syscall(libc::SYS_setpriority, process, 0, nice) }).map(drop)
}

/// The kernel takes the numbers that it can use and is silent about the rest; whoever asked would not know. So the first
/// that it did not take is returned.
fn set_cpus(wanted: &Cpus) -> Result<Option<usize>, Errno> {
    let bytes = size_of::<Cpus>();
    let mut got: Cpus = [0; CPU_WORDS];
    // SAFETY: the set is as long as the call is told.
    match check(unsafe { libc::syscall(libc::SYS_sched_setaffinity, 0, bytes, wanted.as_ptr()) }) {
        // Not one of them can be used.
        Err(Errno::EINVAL) => {}
        done => {
            done?;
            // SAFETY: the set is as long as the call is told.
            let asked = unsafe { libc::syscall(libc::SYS_sched_getaffinity, 0, bytes, got.as_mut_ptr()) };
            if asked == -1 {
                return Ok(None);
            }
        }
    }
    let missing = wanted.iter().zip(&got).map(|(wanted, got)| wanted & !got).enumerate();
    Ok(missing
        .into_iter()
        .find(|(_, word)| *word != 0)
        .map(|(i, word)| i * WORD + word.trailing_zeros() as usize))
}

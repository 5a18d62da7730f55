//! Memory and pids facts of our own cgroup (`cgroups(7)`), version 1 or 2, as a container sees them.
//!
//! Everything is optional: the files may not be mounted, the controller may be absent, the kernel may be gVisor.
//! The numbers are those of the cgroup that this process is in, which in a container is the container's.

use super::cgroup_path::{Version, candidates};
use super::{number, read_all};
use crate::files::{self, join};

/// Where the files of our own cgroup are. Found once; the files are opened anew for every reading.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cgroup {
    memory: Option<(Version, Vec<u8>)>,
    pids: Option<(Version, Vec<u8>)>,
}

/// What the memory controller says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Memory {
    /// Bytes in use, page cache included.
    pub current: Option<u64>,
    /// The limit in bytes; None = none, or not known.
    pub limit: Option<u64>,
    /// How many processes were killed for want of memory, by this limit or the machine's. On version 2 those in
    /// cgroups below count too.
    pub oom_kills: Option<u64>,
    /// The kernel kills the whole cgroup, us included, instead of one process (`memory.oom.group`).
    pub oom_group: bool,
}

/// What the pids controller says. It counts threads, not processes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pids {
    /// Threads that exist.
    pub current: Option<u64>,
    /// The limit; None = none, or not known.
    pub max: Option<u64>,
    /// How many forks the limit has refused.
    pub refused: Option<u64>,
}

impl Cgroup {
    /// Finds our own cgroup.
    pub fn of_self() -> Self {
        Self::below(b"/")
    }

    /// Finds it in the tree of files below `root`.
    fn below(root: &[u8]) -> Self {
        let membership = read_all(&join(root, b"proc/self/cgroup")).unwrap_or_default();
        let mounts = read_all(&join(root, b"proc/self/mountinfo")).unwrap_or_default();
        // A root cgroup has neither file, and neither a limit nor a counter of its own; version 1's root has the
        // usage file though, with the whole machine's numbers.
        let find = |controller: &[u8], [v1, v2]: [&str; 2]| {
            let mut place = None;
            candidates(controller, &membership, &mounts, &mut |version, directory| {
                let directory = join(root, directory.strip_prefix(b"/").unwrap_or(&directory));
                let file = if version == Version::V1 { v1 } else { v2 };
                if place.is_none() && files::stat(&join(&directory, file.as_bytes())).is_ok() {
                    place = Some((version, directory));
                }
            });
            place
        };
        Self {
            memory: find(b"memory", ["memory.usage_in_bytes", "memory.current"]),
            pids: find(b"pids", ["pids.current"; 2]),
        }
    }

    /// Where the memory controller's files are.
    pub fn memory_directory(&self) -> Option<&[u8]> {
        self.memory.as_ref().map(|(_, directory)| directory.as_slice())
    }

    /// The memory facts of this moment.
    pub fn memory(&self) -> Memory {
        let Some((version, directory)) = &self.memory else { return Memory::default() };
        let [current, limit, events] = match version {
            Version::V1 => ["memory.usage_in_bytes", "memory.limit_in_bytes", "memory.oom_control"],
            Version::V2 => ["memory.current", "memory.max", "memory.events"],
        };
        Memory {
            current: amount(&file(directory, current)),
            limit: amount(&file(directory, limit)),
            oom_kills: oom_kills(&file(directory, events)),
            oom_group: *version == Version::V2 && amount(&file(directory, "memory.oom.group")) == Some(1),
        }
    }

    /// The pids facts of this moment; both versions have the same files.
    pub fn pids(&self) -> Pids {
        let Some((_, directory)) = &self.pids else { return Pids::default() };
        Pids {
            current: amount(&file(directory, "pids.current")),
            max: amount(&file(directory, "pids.max")),
            refused: keyed(&file(directory, "pids.events"), b"max"),
        }
    }
}

/// One of the files, empty if it is not there.
fn file(directory: &[u8], name: &str) -> Vec<u8> {
    read_all(&join(directory, name.as_bytes())).unwrap_or_default()
}

/// Where the files of our memory and pids controllers may be, by these two files of /proc/self.
#[cfg(any(test, fuzzing))]
pub fn directories(membership: &[u8], mounts: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for controller in [b"memory".as_slice(), b"pids"] {
        candidates(controller, membership, mounts, &mut |_, directory| found.push(directory));
    }
    found
}

/// No machine has this much: version 1 writes "no limit" as the largest number of whole pages below 2^63.
const NO_LIMIT: u64 = 1 << 62;

/// A number of bytes, or of threads; `max` and version 1's huge number are none.
fn amount(bytes: &[u8]) -> Option<u64> {
    number(bytes.trim_ascii()).filter(|value| *value < NO_LIMIT)
}

/// The counter of processes killed, in version 1's `memory.oom_control` or version 2's `memory.events`.
pub fn oom_kills(bytes: &[u8]) -> Option<u64> {
    keyed(bytes, b"oom_kill")
}

/// The value behind `key` in a file of `KEY VALUE` lines.
fn keyed(bytes: &[u8], key: &[u8]) -> Option<u64> {
    bytes.split(|b| *b == b'\n').find_map(|line| {
        let value = line.strip_prefix(key)?.strip_prefix(b" ")?;
        number(value.trim_ascii())
    })
}

#[cfg(test)]
#[path = "cgroup_tests.rs"]
mod tests;

//! From `/proc/self/cgroup` and `/proc/self/mountinfo` to the directories that may hold our cgroup's files.
//!
//! The first file says where in the tree of cgroups we are, the second which part of that tree is mounted where.
//! Docker without a cgroup namespace bind-mounts the container's own cgroup: path and mount root are the same long
//! name. With one (`cgroup_namespaces(7)`) both read `/`. On a plain machine the root is `/` and the path is long.

use super::mountinfo::{Mount, unescaped};
use crate::files::join;

/// Which cgroup interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Version {
    V1,
    V2,
}

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Controller {
    Memory,
    Pids,
}

impl Controller {
    const fn name(self) -> &'static [u8] {
        match self {
            Self::Memory => b"memory",
            Self::Pids => b"pids",
        }
    }
}

/// Every directory where the files of `controller` for our own cgroup may be, the likeliest first.
pub(super) fn candidates(
    controller: Controller,
    membership: &[u8],
    mountinfo: &[u8],
) -> Vec<(Version, Vec<u8>)> {
    let mut found = Vec::new();
    // A controller belongs to one hierarchy at a time; if version 1 has it, version 2 has not.
    for version in [Version::V1, Version::V2] {
        let Some(path) = path_in(membership, version, controller) else { continue };
        let mounts = mountinfo.split(|b| *b == b'\n').filter_map(Mount::parse);
        for mount in mounts.filter(|mount| mount.carries(version, controller)) {
            found.extend(mount.directory_of(path).map(|directory| (version, directory)));
        }
    }
    found
}

/// Our path in the hierarchy of this version that has this controller: a line of /proc/self/cgroup,
/// `ID:CONTROLLER,...:PATH`, where version 2 has the id 0 and names no controller.
fn path_in(membership: &[u8], version: Version, controller: Controller) -> Option<&[u8]> {
    membership.split(|b| *b == b'\n').find_map(|line| {
        let mut parts = line.splitn(3, |b| *b == b':');
        let (id, names, path) = (parts.next()?, parts.next()?, parts.next()?);
        let ours = match version {
            Version::V1 => names.split(|b| *b == b',').any(|name| name == controller.name()),
            Version::V2 => id == b"0" && names.is_empty(),
        };
        ours.then_some(path)
    })
}

impl Mount<'_> {
    fn carries(&self, version: Version, controller: Controller) -> bool {
        match version {
            Version::V1 => {
                self.kind == b"cgroup" && self.options.split(|b| *b == b',').any(|o| o == controller.name())
            }
            Version::V2 => self.kind == b"cgroup2",
        }
    }

    /// Where the cgroup at `path` is below this mount; None if it is not below it. A path or a root that climbs out
    /// of our cgroup namespace (`/../..`) names no directory we could reach, unless both climb the same way.
    fn directory_of(&self, path: &[u8]) -> Option<Vec<u8>> {
        let root = unescaped(self.root);
        let root = root.strip_suffix(b"/").unwrap_or(&root);
        let below = path.strip_prefix(root)?;
        let below = match below {
            [] => below,
            [b'/', rest @ ..] => rest,
            _ => return None,
        };
        if below.split(|b| *b == b'/').any(|part| part == b"..") {
            return None;
        }
        let point = unescaped(self.point);
        Some(if below.is_empty() { point } else { join(&point, below) })
    }
}

#[cfg(test)]
#[path = "cgroup_path_tests.rs"]
mod tests;

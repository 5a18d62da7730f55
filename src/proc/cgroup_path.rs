//! From `/proc/self/cgroup` and `/proc/self/mountinfo` to the directories that may hold our cgroup's files.
//!
//! The first file says where in the tree of cgroups we are, the second which part of that tree is mounted where.
//! Docker without a cgroup namespace bind-mounts the container's own cgroup: path and mount root are the same long
//! name. With one (`cgroup_namespaces(7)`) both read `/`. On a plain machine the root is `/` and the path is long.

use super::cut;
use super::mountinfo::{Mount, lists, unescaped};
use crate::files::join;

/// Which cgroup interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Version {
    V1,
    V2,
}

/// Names every directory where the files of `controller` for our own cgroup may be, the likeliest first.
pub(super) fn candidates(
    controller: &[u8],
    membership: &[u8],
    mountinfo: &[u8],
    name: &mut dyn FnMut(Version, Vec<u8>),
) {
    // A controller belongs to one hierarchy at a time; if version 1 has it, version 2 has not.
    for version in [Version::V1, Version::V2] {
        let Some(path) = path_in(membership, version, controller) else { continue };
        for mount in mountinfo.split(|b| *b == b'\n').filter_map(Mount::parse) {
            let carries = match version {
                Version::V1 => mount.kind == b"cgroup" && lists(mount.options, controller),
                Version::V2 => mount.kind == b"cgroup2",
            };
            if carries && let Some(directory) = mount.directory_of(path) {
                name(version, directory);
            }
        }
    }
}

/// Our path in the hierarchy of this version that has this controller: a line of /proc/self/cgroup,
/// `ID:CONTROLLER,...:PATH`, where version 2 has the id 0 and names no controller.
fn path_in<'a>(membership: &'a [u8], version: Version, controller: &[u8]) -> Option<&'a [u8]> {
    for line in membership.split(|b| *b == b'\n') {
        let Some((id, rest)) = cut(line, b':') else { continue };
        let Some((names, path)) = cut(rest, b':') else { continue };
        let is_ours = match version {
            Version::V1 => lists(names, controller),
            Version::V2 => id == b"0" && names.is_empty(),
        };
        if is_ours {
            return Some(path);
        }
    }
    None
}

impl Mount<'_> {
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

//! Floor 1: reading `/proc` and the cgroup files.
//!
//! Each file is a pure parser on bytes and a thin read above it. Whatever is not there, not readable or not
//! understood is `None`: a process that vanishes between two reads is ordinary, and /proc itself only helps.

pub mod cgroup;
mod cgroup_path;
pub mod children;
pub(crate) mod mountinfo;
pub mod own;
pub mod stat;
pub mod status;
pub mod table;
pub mod wchan;

use crate::files;

/// A decimal number that fills `bytes`; the kernel writes none here that 64 bits with a sign could not hold.
pub(crate) fn number<T: TryFrom<i64>>(bytes: &[u8]) -> Option<T> {
    signed(bytes)?.try_into().ok()
}

fn signed(bytes: &[u8]) -> Option<i64> {
    str::from_utf8(bytes).ok()?.parse().ok()
}

/// What is before the first `at`, and what is behind it.
pub(crate) fn cut(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let (before, rest) = bytes.split_at(bytes.iter().position(|byte| *byte == at)?);
    Some((before, rest.get(1..)?))
}

/// More than a sane file of the kernel's has; past it, whatever is there is not read.
const ENOUGH: usize = 4 << 20;

/// Reads a file of any length.
pub(crate) fn read_all(path: &[u8]) -> Option<Vec<u8>> {
    files::read(path, ENOUGH).ok()
}

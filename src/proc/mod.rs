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

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;
use nix::unistd::read;

/// A decimal number that fills `bytes`; the kernel writes none here that 64 bits with a sign could not hold.
pub(crate) fn number<T: TryFrom<i64>>(bytes: &[u8]) -> Option<T> {
    let number: i64 = str::from_utf8(bytes).ok()?.parse().ok()?;
    number.try_into().ok()
}

/// Reads the beginning of a file into `buffer` with a single read(2), which is what the kernel answers a whole
/// record of a /proc file with; at the end of a run nothing is allocated for it.
pub(crate) fn read_once<'b>(path: &str, buffer: &'b mut [u8]) -> io::Result<&'b [u8]> {
    // Without close-on-exec, which costs musl another system call: nothing is executed before it is closed.
    let file = open(path, OFlag::O_RDONLY, Mode::empty())?;
    loop {
        match read(&file, buffer) {
            Ok(length) => return Ok(buffer.get(..length).unwrap_or_default()),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// More than a sane file of the kernel's has; past it, whatever is there is not read.
const ENOUGH: u64 = 4 << 20;

/// Reads a file of any length.
pub(crate) fn read_all(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(ENOUGH).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

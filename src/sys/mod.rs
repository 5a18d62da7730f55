//! Floor 1: the kernel. It touches and decides nothing; the only `unsafe` of the project lives here, each block
//! with the reason why it is sound.
//!
//! Waiting, killing and masks go through libc: nix's `waitpid` reaps a child that a real-time signal killed and
//! then answers EINVAL, and its signals end at 31. Everything else uses nix.

mod alarm;
pub mod arena;
pub mod child;
pub mod clock;
pub mod descriptors;
mod environment;
#[cfg(any(test, target_env = "musl"))]
mod heap;
pub mod identity;
pub mod launch;
pub mod nonblocking_write;
pub mod outlet;
pub mod process;
pub mod reap;
pub mod send;
pub mod signals;
pub mod spawn;
pub mod start;
mod texts;
pub mod tty;

use nix::errno::Errno;

/// Turns the -1 of a system call into its errno.
fn check(result: libc::c_long) -> Result<libc::c_long, Errno> {
    if result == -1 { Err(Errno::last()) } else { Ok(result) }
}

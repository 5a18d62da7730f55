//! Floor 2: explains. It reads files and changes nothing.

mod content;
mod elf;
pub mod exec;
mod facts;
mod faults;
mod limits;
mod missing;
mod mounts;
pub mod permission;
mod setup;
mod shebang;
pub mod zombies;

/// Takes any bytes for those of a program.
#[cfg(any(test, fuzzing))]
pub(crate) fn take_program(bytes: &[u8]) {
    let _ = content::parse_bytes(bytes);
}

/// Takes any bytes for the list of mounts.
#[cfg(any(test, fuzzing))]
pub(crate) fn take_mounts(bytes: &[u8]) {
    let _ = mounts::parse(bytes, b"/usr/bin/program");
}

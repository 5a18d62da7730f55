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

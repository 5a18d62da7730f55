//! sexton: PID 1 for containers. The floors, from the bottom up:
//!
//! - [`policy`] decides and touches nothing; [`config`] is what is known before the fork.
//! - [`sys`] touches the kernel and decides nothing.
//! - [`logging`] says it all on standard error; [`harmless`] and [`timestamp`] make names and times fit for that.

#![deny(unsafe_code)]

pub mod config;
pub mod harmless;
pub mod logging;
pub mod policy;
pub mod sys;
pub mod timestamp;

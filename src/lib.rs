//! sexton: PID 1 for containers. The floors, from the bottom up:
//!
//! - [`policy`] decides and touches nothing; [`config`] is what is known before the fork.
//! - [`accounts`] knows who a user is by the passwd and group files.
//! - [`cli`] makes a configuration of arguments and environment.
//! - [`proc`] reads `/proc` and the cgroup files.
//! - [`sys`] touches the kernel and decides nothing.
//! - [`logging`] says it all on standard error; [`harmless`] and [`timestamp`] make names and times fit for that.
//! - [`run`] is where deciding and doing meet.

#![deny(unsafe_code)]

pub mod accounts;
pub mod cli;
pub mod config;
pub mod harmless;
pub mod logging;
pub mod policy;
pub mod proc;
pub mod run;
pub mod sys;
pub mod timestamp;

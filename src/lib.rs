//! sexton: PID 1 for containers. The floors, from the bottom up:
//!
//! - [`policy`] decides and touches nothing; [`config`] is what is known before the fork.
//! - [`cli`] makes a configuration of arguments and environment.
//! - [`proc`] reads `/proc` and the cgroup files.
//! - [`sys`] touches the kernel and decides nothing.
//! - [`run`] is where deciding and doing meet.

#![deny(unsafe_code)]

pub mod cli;
pub mod config;
pub mod harmless;
pub mod policy;
pub mod proc;
pub mod run;
pub mod sys;

//! sexton: PID 1 for containers. The floors, from the bottom up:
//!
//! - [`policy`] decides and touches nothing; [`config`] is what is known before the fork.
//! - [`proc`] reads `/proc` and the cgroup files.
//! - [`sys`] touches the kernel and decides nothing.

#![deny(unsafe_code)]

pub mod config;
pub mod policy;
pub mod proc;
pub mod sys;

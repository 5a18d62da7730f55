//! sexton: PID 1 for containers. The floors, from the bottom up:
//!
//! - [`policy`] decides and touches nothing; [`config`] is what is known before the fork.
//! - [`proc`] reads `/proc` and the cgroup files.

#![deny(unsafe_code)]

pub mod config;
pub mod policy;
pub mod proc;
pub mod sys;
pub mod proc;

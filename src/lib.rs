//! sexton: PID 1 for containers. The floors, from the bottom up:
//!
//! - [`policy`] decides and touches nothing; [`config`] is what is known before the fork.
//! - [`cli`] makes a configuration of arguments and environment.

#![deny(unsafe_code)]

pub mod cli;
pub mod config;
pub mod harmless;
pub mod policy;

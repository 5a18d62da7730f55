//! sexton: PID 1 for containers. The floors, from the bottom up:
//!
//! - [`policy`] decides and touches nothing; [`config`] is what is known before the fork, [`voice`] how it is said.
//! - [`accounts`] knows who a user is by the passwd and group files.
//! - [`files`] opens, reads and writes by system calls, [`errno`] words their answers.
//! - [`check`] compares a container's numbers with limits.
//! - [`cli`] makes a configuration of arguments and environment.
//! - [`proc`] reads `/proc` and the cgroup files.
//! - [`diagnose`] explains what went wrong.
//! - [`sys`] touches the kernel and decides nothing.
//! - [`install`] copies the binary.
//! - [`logging`] says it all on standard error; [`harmless`], [`json`] and [`timestamp`] make names and times fit for that.
//! - [`report`] words what there is to say of a run that is over.
//! - [`run`] is where deciding and doing meet.
//! - [`ps`] shows the process tree.

#![deny(unsafe_code)]

pub mod accounts;
pub mod check;
pub mod cli;
pub mod config;
pub mod diagnose;
pub mod errno;
pub mod files;
pub mod harmless;
#[cfg(any(test, fuzzing))]
pub mod inputs;
pub mod install;
pub mod json;
pub mod logging;
pub mod policy;
pub mod proc;
pub mod ps;
pub mod report;
pub mod run;
pub mod sys;
pub mod timestamp;
pub mod voice;

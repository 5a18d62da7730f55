//! What is done instead of running a program.

use super::BARE;
use crate::cli::flags::{Flag, Opt, Section, Value};

static PATH: Value = Value { name: "PATH", expected: "a file to be made, such as /shared/sexton" };
static LIMITS: Value =
    Value { name: "LIMITS", expected: "zombies=N, pids=N, pids=N% or oom=N, joined by commas" };

pub(super) const SECTION: Section = Section {
    title: "Without a program",
    flags: &[
        Flag {
            option: Opt::Ps,
            long: "ps",
            help: "print the process tree of this pid namespace, with zombies and limits",
            ..BARE
        },
        Flag { option: Opt::Json, long: "json", help: "with --ps: the same facts as JSON", ..BARE },
        Flag {
            option: Opt::Check,
            long: "check",
            value: Some(&LIMITS),
            help: "exit 1 and say so if a limit is passed, such as zombies=50,pids=90%,oom=0; for health checks",
            ..BARE
        },
        Flag {
            option: Opt::Pause,
            long: "pause",
            help: "wait and reap until SIGTERM or SIGINT, then exit 0",
            ..BARE
        },
        Flag {
            option: Opt::Install,
            long: "install",
            value: Some(&PATH),
            help: "copy this binary to PATH, mode 0755, in one step",
            ..BARE
        },
    ],
};

//! What is done instead of running a program.

use super::bare;
use crate::cli::flags::{Flag, Opt, Section, Value};

static PATH: Value = Value { name: "PATH", expected: "a file to be made, such as /shared/sexton" };
static LIMITS: Value =
    Value { name: "LIMITS", expected: "zombies=N, pids=N, pids=N% or oom=N, joined by commas" };

pub(super) const SECTION: Section = Section {
    title: "Without a program",
    flags: &[
        Flag {
            long: "ps",
            help: "print the process tree of this pid namespace, with zombies and limits",
            ..bare(Opt::Ps)
        },
        Flag { long: "json", help: "with --ps: the same facts as JSON", ..bare(Opt::Json) },
        Flag {
            long: "check",
            value: Some(&LIMITS),
            help: "exit 1 and say so if a limit is passed, such as zombies=50,pids=90%,oom=0; for health checks",
            ..bare(Opt::Check)
        },
        Flag {
            long: "pause",
            help: "wait and reap until SIGTERM or SIGINT, then exit 0",
            ..bare(Opt::Pause)
        },
        Flag {
            long: "install",
            value: Some(&PATH),
            help: "copy this binary to PATH, mode 0755, in one step",
            ..bare(Opt::Install)
        },
    ],
};

//! What is looked at from time to time, and what is written when all is over.

use super::{DURATION, switch};
use crate::cli::flags::{Flag, Opt, Section, Value};

static FILE: Value = Value { name: "FILE", expected: "the path of a file" };
static OPTIONAL_FILE: Value =
    Value { name: "[=FILE]", expected: "a path with a / in it; or 1 for /dev/termination-log, or 0" };

pub(super) const SECTION: Section = Section {
    title: "Saying why",
    flags: &[
        Flag {
            long: "watch",
            value: Some(&DURATION),
            default: Some("5m"),
            help: "how often to look for zombies that a living parent holds, for processes killed for want of memory \
                   and for a process table that fills; 0 = never",
            ..switch(Opt::Watch)
        },
        Flag {
            long: "report",
            value: Some(&FILE),
            help: "write a report on the run to FILE when it is over, as JSON",
            ..switch(Opt::Report)
        },
        Flag {
            long: "termination-log",
            value: Some(&OPTIONAL_FILE),
            help: "write one line on why the container ended to FILE, /dev/termination-log if left out, if that \
                   exists and is empty",
            ..switch(Opt::TerminationLog)
        },
    ],
};

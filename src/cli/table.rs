//! The one table of flags.

mod launch;
mod modes;
mod watching;

use super::flags::{Flag, Opt, Section, Value};

/// A switch that the environment can set too.
const fn switch(option: Opt) -> Flag {
    Flag {
        option,
        short: None,
        long: "",
        value: None,
        default: None,
        repeatable: false,
        variable: true,
        help: "",
    }
}

/// A switch of the command line alone.
const fn bare(option: Opt) -> Flag {
    Flag { variable: false, ..switch(option) }
}

/// What a switch takes where it needs a value: in the environment.
pub(super) static SWITCHED: Value =
    Value { name: "SWITCH", expected: "1, true, yes or on; or 0, false, no or off" };

static LEVEL: Value = Value { name: "LEVEL", expected: "one of off, error, warn, info, debug and trace" };

/// Verbosity, for which the command line has `-v` and `-q`.
pub(super) static LOG: Flag = Flag { long: "log", value: Some(&LEVEL), ..switch(Opt::Level) };

pub(super) static DURATION: Value =
    Value { name: "DURATION", expected: "a duration such as 500ms, 10s, 2m or 1h30m" };
static SIGNAL: Value = Value { name: "SIGNAL", expected: "a signal such as TERM, SIGTERM, 15 or RTMIN+3" };
static SIGNALS: Value = Value {
    name: "LIST",
    expected: "signals joined by commas, such as TERM,INT,RTMIN+3; KILL, STOP, 32 and 33 cannot be received",
};
static REWRITE: Value = Value {
    name: "FROM:TO",
    expected: "two signals such as TERM:QUIT, or HUP:0 to swallow one; KILL, STOP, 32 and 33 cannot be rewritten",
};
static PLAN: Value = Value {
    name: "PLAN",
    expected: "steps joined by commas, each a duration and a signal (KILL if left out), such as 25s or 20s:QUIT,5s:KILL",
};
static REMAP: Value =
    Value { name: "CODE[:TO]", expected: "one or two exit statuses from 0 to 255, such as 143 or 3:0" };
static LEADER: Value = Value { name: "group|session|none", expected: "group, session or none" };
static FORMAT: Value = Value { name: "text|json", expected: "text or json" };

/// Every flag, by section.
pub(super) static SECTIONS: [Section; 8] = [
    Section {
        title: "Signals",
        flags: &[
            Flag {
                short: Some('g'),
                long: "group",
                help: "forward signals to the main process's group; this is the default",
                ..switch(Opt::Group)
            },
            Flag {
                short: Some('c'),
                long: "single-child",
                help: "forward signals to the main process alone",
                ..switch(Opt::SingleChild)
            },
            Flag {
                long: "leader",
                value: Some(&LEADER),
                default: Some("group"),
                help: "the main process leads a process group or a session of its own, or stays in sexton's group \
                       (implies -c)",
                ..switch(Opt::Leader)
            },
            Flag {
                short: Some('r'),
                long: "rewrite",
                value: Some(&REWRITE),
                repeatable: true,
                help: "forward FROM as TO; TO 0 or drop swallows it; repeatable, the last one for a FROM wins",
                ..switch(Opt::Rewrite)
            },
            Flag {
                short: Some('p'),
                long: "parent-death-signal",
                value: Some(&SIGNAL),
                help: "signal that sexton receives when its own parent dies",
                ..switch(Opt::ParentDeathSignal)
            },
        ],
    },
    Section {
        title: "Stopping",
        flags: &[
            Flag {
                long: "stop-signals",
                value: Some(&SIGNALS),
                default: Some("TERM,INT,RTMIN+3"),
                help: "received signals that are stop requests (nginx: add QUIT; httpd: add WINCH)",
                ..switch(Opt::StopSignals)
            },
            Flag {
                long: "stop-delay",
                value: Some(&DURATION),
                default: Some("0"),
                help: "hold the first SIGTERM back this long, so that load balancers can take the container out",
                ..switch(Opt::StopDelay)
            },
            Flag {
                long: "escalate",
                value: Some(&PLAN),
                help: "what follows a stop request that is not obeyed: 25s is KILL after 25 s; 20s:QUIT,5s:KILL is \
                       QUIT after 20 s and KILL 5 s later",
                ..switch(Opt::Escalate)
            },
            Flag {
                long: "grace",
                value: Some(&DURATION),
                default: Some("5s"),
                help: "time between TERM and KILL for whatever is left when the main process has ended; 0 leaves at \
                       once",
                ..switch(Opt::Grace)
            },
            Flag {
                long: "timeout",
                value: Some(&DURATION),
                help: "longest run of the main process; then it is stopped and the exit status is 124",
                ..switch(Opt::Timeout)
            },
        ],
    },
    Section {
        title: "Exit status",
        flags: &[
            Flag {
                short: Some('e'),
                long: "remap-exit",
                value: Some(&REMAP),
                repeatable: true,
                help: "report exit status CODE as TO, 0 if left out; repeatable, the last one for a CODE wins",
                ..switch(Opt::RemapExit)
            },
            Flag {
                long: "stop-ok",
                help: "exit 0 if a stop was requested and the main process ended of it",
                ..switch(Opt::StopOk)
            },
        ],
    },
    launch::SECTION,
    Section {
        title: "Log",
        flags: &[
            Flag {
                short: Some('v'),
                long: "verbose",
                repeatable: true,
                help: "say more than warnings: info, -vv debug, -vvv trace (SEXTON_LOG=LEVEL does the same)",
                ..bare(Opt::Verbose)
            },
            Flag {
                short: Some('q'),
                long: "quiet",
                help: "say errors only (SEXTON_LOG=error does the same)",
                ..bare(Opt::Quiet)
            },
            Flag {
                long: "log-format",
                value: Some(&FORMAT),
                default: Some("text"),
                help: "how a line of the log looks",
                ..switch(Opt::LogFormat)
            },
            Flag {
                short: Some('w'),
                long: "warn-orphans",
                help: "log each orphan that is reaped: pid, name, age, how it ended",
                ..switch(Opt::WarnOrphans)
            },
        ],
    },
    watching::SECTION,
    Section {
        title: "Other",
        flags: &[
            Flag {
                short: Some('s'),
                long: "subreaper",
                help: "accepted and without effect: sexton becomes a subreaper by itself where it is not PID 1",
                ..switch(Opt::Subreaper)
            },
            Flag { short: Some('h'), long: "help", help: "print this help and exit", ..bare(Opt::Help) },
            Flag {
                short: Some('V'),
                long: "version",
                help: "print the version and exit",
                ..bare(Opt::Version)
            },
        ],
    },
    modes::SECTION,
];

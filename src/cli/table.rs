//! The one table of flags.

mod launch;
mod modes;
mod watching;

use super::flags::{Flag, Opt, Section, Value};

/// A switch that the environment can set too.
const SWITCH: Flag = Flag {
    option: Opt::Help,
    short: None,
    long: "",
    value: None,
    default: None,
    repeatable: false,
    variable: true,
    help: "",
};

/// A switch of the command line alone.
const BARE: Flag = Flag { variable: false, ..SWITCH };

/// What a switch takes where it needs a value: in the environment.
pub(super) static SWITCHED: Value =
    Value { name: "SWITCH", expected: "1, true, yes or on; or 0, false, no or off" };

static LEVEL: Value = Value { name: "LEVEL", expected: "one of off, error, warn, info, debug and trace" };

/// Verbosity, for which the command line has `-v` and `-q`.
pub(super) static LOG: Flag = Flag { option: Opt::Level, long: "log", value: Some(&LEVEL), ..SWITCH };

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
                option: Opt::Group,
                short: Some('g'),
                long: "group",
                help: "forward signals to the main process's group; this is the default",
                ..SWITCH
            },
            Flag {
                option: Opt::SingleChild,
                short: Some('c'),
                long: "single-child",
                help: "forward signals to the main process alone",
                ..SWITCH
            },
            Flag {
                option: Opt::Leader,
                long: "leader",
                value: Some(&LEADER),
                default: Some("group"),
                help: "the main process leads a process group or a session of its own, or stays in sexton's group \
                       (implies -c)",
                ..SWITCH
            },
            Flag {
                option: Opt::Rewrite,
                short: Some('r'),
                long: "rewrite",
                value: Some(&REWRITE),
                repeatable: true,
                help: "forward FROM as TO; TO 0 or drop swallows it; repeatable, the last one for a FROM wins",
                ..SWITCH
            },
            Flag {
                option: Opt::ParentDeathSignal,
                short: Some('p'),
                long: "parent-death-signal",
                value: Some(&SIGNAL),
                help: "signal that sexton receives when its own parent dies",
                ..SWITCH
            },
        ],
    },
    Section {
        title: "Stopping",
        flags: &[
            Flag {
                option: Opt::StopSignals,
                long: "stop-signals",
                value: Some(&SIGNALS),
                default: Some("TERM,INT,RTMIN+3"),
                help: "received signals that are stop requests (nginx: add QUIT; httpd: add WINCH)",
                ..SWITCH
            },
            Flag {
                option: Opt::StopDelay,
                long: "stop-delay",
                value: Some(&DURATION),
                default: Some("0"),
                help: "hold the first SIGTERM back this long, so that load balancers can take the container out",
                ..SWITCH
            },
            Flag {
                option: Opt::Escalate,
                long: "escalate",
                value: Some(&PLAN),
                help: "what follows a stop request that is not obeyed: 25s is KILL after 25 s; 20s:QUIT,5s:KILL is \
                       QUIT after 20 s and KILL 5 s later",
                ..SWITCH
            },
            Flag {
                option: Opt::Grace,
                long: "grace",
                value: Some(&DURATION),
                default: Some("5s"),
                help: "time between TERM and KILL for whatever is left when the main process has ended; 0 leaves at \
                       once",
                ..SWITCH
            },
            Flag {
                option: Opt::Timeout,
                long: "timeout",
                value: Some(&DURATION),
                help: "longest run of the main process; then it is stopped and the exit status is 124",
                ..SWITCH
            },
        ],
    },
    Section {
        title: "Exit status",
        flags: &[
            Flag {
                option: Opt::RemapExit,
                short: Some('e'),
                long: "remap-exit",
                value: Some(&REMAP),
                repeatable: true,
                help: "report exit status CODE as TO, 0 if left out; repeatable, the last one for a CODE wins",
                ..SWITCH
            },
            Flag {
                option: Opt::StopOk,
                long: "stop-ok",
                help: "exit 0 if a stop was requested and the main process ended of it",
                ..SWITCH
            },
        ],
    },
    launch::SECTION,
    Section {
        title: "Log",
        flags: &[
            Flag {
                option: Opt::Verbose,
                short: Some('v'),
                long: "verbose",
                repeatable: true,
                help: "say more than warnings: info, -vv debug, -vvv trace (SEXTON_LOG=LEVEL does the same)",
                ..BARE
            },
            Flag {
                option: Opt::Quiet,
                short: Some('q'),
                long: "quiet",
                help: "say errors only (SEXTON_LOG=error does the same)",
                ..BARE
            },
            Flag {
                option: Opt::LogFormat,
                long: "log-format",
                value: Some(&FORMAT),
                default: Some("text"),
                help: "how a line of the log looks",
                ..SWITCH
            },
            Flag {
                option: Opt::WarnOrphans,
                short: Some('w'),
                long: "warn-orphans",
                help: "log each orphan that is reaped: pid, name, age, how it ended",
                ..SWITCH
            },
        ],
    },
    watching::SECTION,
    Section {
        title: "Other",
        flags: &[
            Flag {
                option: Opt::Subreaper,
                short: Some('s'),
                long: "subreaper",
                help: "accepted and without effect: sexton becomes a subreaper by itself where it is not PID 1",
                ..SWITCH
            },
            Flag {
                option: Opt::Help,
                short: Some('h'),
                long: "help",
                help: "print this help and exit",
                ..BARE
            },
            Flag {
                option: Opt::Version,
                short: Some('V'),
                long: "version",
                help: "print the version and exit",
                ..BARE
            },
        ],
    },
    modes::SECTION,
];

//! How the program is started.

use super::switch;
use crate::cli::flags::{Flag, Opt, Section, Value};

static USER: Value = Value {
    name: "USER[:GROUP]",
    expected: "a user's name or number, and behind a colon a group's, such as app, 1000 or app:www",
};
static DIRECTORY: Value = Value { name: "DIR", expected: "the path of a directory" };
static OCTAL: Value = Value { name: "OCTAL", expected: "an octal number from 0 to 777, such as 022" };
static NICE: Value = Value { name: "N", expected: "a whole number from -40 to 40, such as 5" };
static SCORE: Value = Value { name: "N", expected: "a whole number from -1000 to 1000, such as 500" };
static CPUS: Value = Value {
    name: "LIST",
    expected: "numbers of CPUs below 8192 and ranges of them, joined by commas, such as 0,2-4 or 0-8:2",
};
static LIMIT: Value = Value {
    name: "NAME=SOFT[:HARD]",
    expected: "one of as, core, cpu, data, fsize, locks, memlock, msgqueue, nice, nofile, nproc, rss, rtprio, rttime, \
               sigpending and stack, with a number, max or unlimited, such as nofile=1024:4096 or core=0",
};

pub(super) const SECTION: Section = Section {
    title: "Launch",
    flags: &[
        Flag {
            short: Some('u'),
            long: "user",
            value: Some(&USER),
            help: "run the program as USER with the groups of the image's group file, or with GROUP alone; names or \
                   numbers; sets HOME, USER and LOGNAME; sexton gives up the same privileges",
            ..switch(Opt::User)
        },
        Flag {
            long: "chdir",
            value: Some(&DIRECTORY),
            help: "run the program in DIR, entered with the permissions of --user",
            ..switch(Opt::Chdir)
        },
        Flag {
            long: "umask",
            value: Some(&OCTAL),
            help: "the program's file mode creation mask",
            ..switch(Opt::Umask)
        },
        Flag {
            long: "nice",
            value: Some(&NICE),
            help: "add N to the program's niceness",
            ..switch(Opt::Nice)
        },
        Flag {
            long: "oom-score-adj",
            value: Some(&SCORE),
            help: "how much rather the kernel kills the program for want of memory: -1000 never, 1000 first",
            ..switch(Opt::OomScoreAdj)
        },
        Flag {
            long: "cpu-list",
            value: Some(&CPUS),
            help: "run the program on these CPUs only: 0,2-4,8-16:2",
            ..switch(Opt::CpuList)
        },
        Flag {
            long: "rlimit",
            value: Some(&LIMIT),
            repeatable: true,
            help: "limit a resource of the program, by the names of prlimit; SOFT max is the hard limit; repeatable, \
                   the last one for a NAME wins",
            ..switch(Opt::Rlimit)
        },
        Flag {
            long: "no-new-privs",
            help: "set-uid programs and file capabilities give the program nothing",
            ..switch(Opt::NoNewPrivs)
        },
    ],
};

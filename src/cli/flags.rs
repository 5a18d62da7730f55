//! What a flag is, and how to find one. The flags themselves stand in [`super::table`]; the parser, `--help` and
//! the README all read that one table.

use std::slice::Iter;

use super::table::SECTIONS;

/// Which flag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Opt {
    Group,
    SingleChild,
    Leader,
    Rewrite,
    ParentDeathSignal,
    StopSignals,
    StopDelay,
    Escalate,
    Grace,
    Timeout,
    RemapExit,
    StopOk,
    User,
    Chdir,
    Umask,
    Nice,
    OomScoreAdj,
    CpuList,
    Rlimit,
    NoNewPrivs,
    Verbose,
    Quiet,
    LogFormat,
    WarnOrphans,
    Watch,
    Report,
    TerminationLog,
    Subreaper,
    Ps,
    Json,
    Check,
    Pause,
    Install,
    Help,
    Version,
    /// The environment's alone.
    Level,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flag {
    /// Which.
    pub(super) option: Opt,
    /// Its letter.
    pub(super) short: Option<char>,
    /// Its long name, without the dashes.
    pub(super) long: &'static str,
    /// The kind of value it takes; None = a switch.
    pub(super) value: Option<&'static Value>,
    /// What holds without it, in the words it takes; None = nothing, or off.
    pub(super) default: Option<&'static str>,
    /// May be given more than once, and each time counts. Its variable takes the values joined by commas.
    pub(super) repeatable: bool,
    /// Can be set by the environment.
    pub(super) variable: bool,
    /// What it does.
    pub(super) help: &'static str,
}

/// A kind of value.
#[derive(Debug)]
pub(super) struct Value {
    /// How it is called in `--help`.
    pub(super) name: &'static str,
    /// What it looks like, to follow "expected".
    pub(super) expected: &'static str,
}

impl Value {
    /// May it be left out? Then it is given behind a `=` alone.
    pub(super) fn is_optional(&self) -> bool {
        self.name.starts_with('[')
    }
}

/// Flags that belong together.
#[derive(Debug)]
pub(super) struct Section {
    /// Its heading.
    pub(super) title: &'static str,
    /// Its rows.
    pub(super) flags: &'static [Flag],
}

/// What every variable of ours begins with.
pub(super) const PREFIX: &str = "SEXTON_";

impl Flag {
    /// Its name as a variable has it, behind [`PREFIX`].
    pub(super) fn capitals(&self) -> String {
        self.long.to_ascii_uppercase().replace('-', "_")
    }
}

/// Every flag, in the order of `--help`.
pub(super) fn all() -> impl Iterator<Item = &'static Flag> {
    All { sections: SECTIONS.iter(), flags: [].iter() }
}

/// By hand, since the standard library's own would be built once more for each of its uses.
struct All {
    sections: Iter<'static, Section>,
    flags: Iter<'static, Flag>,
}

impl Iterator for All {
    type Item = &'static Flag;

    #[inline(never)]
    fn next(&mut self) -> Option<&'static Flag> {
        loop {
            match self.flags.next() {
                None => self.flags = self.sections.next()?.flags.iter(),
                flag => return flag,
            }
        }
    }
}

/// The flag with this long name.
pub(super) fn long(name: &str) -> Option<&'static Flag> {
    all().find(|flag| flag.long == name)
}

/// The flag with this letter.
pub(super) fn short(letter: char) -> Option<&'static Flag> {
    all().find(|flag| flag.short == Some(letter))
}

#[cfg(test)]
#[path = "flags_tests.rs"]
mod tests;

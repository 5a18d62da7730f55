//! How a personality speaks, as data: the beginning of its lines, the literal texts that tools match on, and the
//! exit statuses of its failures. Whoever speaks asks for the lines of a [`Cue`] and never which init it is.

use std::fmt::{Display, Write};

use log::{Level, LevelFilter};

/// What differs between personalities in speech and exit codes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Voice {
    /// What a line begins with: a template in which `%l` is the level and `%p` our pid.
    pub prefix: &'static str,
    /// The levels from error to trace, as they are called here.
    pub levels: [&'static str; 5],
    /// Lines of its own, by the moment they belong to.
    pub script: &'static [Line],
    /// The most of them that is said.
    pub verbosity: LevelFilter,
    /// Exit status when the program is not there.
    pub not_found: u8,
    /// Exit status when it is there but cannot run.
    pub cannot_run: u8,
    /// Exit status of every other failure of ours, wrong options and variables included.
    pub failure: u8,
}

/// A literal line of a personality.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line {
    /// When it is said.
    pub cue: Cue,
    /// How important it is.
    pub level: Level,
    /// A template: `%p` is the pid, `%n` the number, `%t` the text and `%c` the command of that moment.
    pub text: &'static str,
}

/// A moment at which an init may have something to say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cue {
    /// We are not PID 1.
    NotPid1,
    /// The program could not be executed: command and reason.
    NotExecuted,
    /// No process could be made for it: reason.
    NotForked,
    /// The terminal was given up for the session that the main process is to lead.
    TerminalGivenUp,
    /// The main process (pid) runs its command.
    Started,
    /// It leads a session.
    LeadsSession,
    /// SIGCHLD arrived (number).
    ChildSignal,
    /// Another signal arrived: number and name.
    Received,
    /// It came of a terminal that was given away.
    HandedOff,
    /// It is sent on as another one: number, and the other's as the text (0: swallowed).
    Rewritten,
    /// It is not sent on.
    Swallowed,
    /// It was sent on: number and name.
    Forwarded,
    /// We stop ourselves for it.
    Suspending,
    /// A child (pid) has ended, however.
    Reaped,
    /// It has exited with a status (number).
    ChildExited,
    /// It was killed by a signal (number).
    ChildKilled,
    /// It was not the main process, and has exited with a status (number).
    OtherExited,
    /// It was not the main process, and was killed by a signal (number).
    OtherKilled,
    /// It was an orphan, and orphans are to be told of.
    Orphan,
    /// It was the main process.
    MainReaped,
    /// No child is left.
    Childless,
    /// The main process exited by itself with this status (number), and all is over.
    MainExited,
    /// The main process was killed by a signal, and all is over: number and name.
    MainKilled,
    /// All is over; number: our exit status.
    Over,
    /// A signal ends the pause: number and name.
    PauseOver,
}

impl Voice {
    /// Our own.
    pub const SEXTON: Self = Self {
        prefix: "sexton: ",
        levels: ["error", "warn", "info", "debug", "trace"],
        script: &[],
        verbosity: LevelFilter::Off,
        not_found: 127,
        cannot_run: 126,
        failure: 125,
    };

    /// The beginning of a line.
    pub fn begin(&self, level: Level) -> String {
        fill(self.prefix, &[('l', &self.name(level)), ('p', &std::process::id())])
    }

    /// What a level is called.
    pub fn name(&self, level: Level) -> &'static str {
        self.levels.get(level as usize - 1).copied().unwrap_or_default()
    }

    /// What there is to say at this moment, in order.
    pub fn lines(&self, cue: Cue) -> impl Iterator<Item = &'static Line> {
        let verbosity = self.verbosity;
        self.script.iter().filter(move |line| line.cue == cue && line.level <= verbosity)
    }
}

/// `template` with `%x` replaced by the value that goes with the letter x, if there is one.
pub fn fill(template: &str, values: &[(char, &dyn Display)]) -> String {
    let mut parts = template.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let value = values.iter().find(|(letter, _)| part.starts_with(*letter));
        let _ = match value {
            Some((_, value)) => write!(text, "{value}{}", part.get(1..).unwrap_or_default()),
            None => write!(text, "%{part}"),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_filled_by_letter() {
        assert_eq!(fill("[%l x (%p)] %%", &[('l', &"WARN"), ('p', &7)]), "[WARN x (7)] %%");
        assert_eq!(fill("", &[('l', &"")]), "");
        assert_eq!(fill("%n%n é%", &[('n', &"%n")]), "%n%n é%");
    }

    #[test]
    fn lines_are_chosen_by_moment_and_verbosity() {
        const SCRIPT: &[Line] = &[
            Line { cue: Cue::Started, level: Level::Info, text: "a" },
            Line { cue: Cue::Reaped, level: Level::Info, text: "b" },
            Line { cue: Cue::Started, level: Level::Debug, text: "c" },
        ];
        let said = |verbosity| {
            let voice = Voice { script: SCRIPT, verbosity, ..Voice::SEXTON };
            voice.lines(Cue::Started).map(|line| line.text).collect::<String>()
        };
        assert_eq!(said(LevelFilter::Warn), "");
        assert_eq!(said(LevelFilter::Info), "a");
        assert_eq!(said(LevelFilter::Debug), "ac");
    }
}

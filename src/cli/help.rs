//! The table of flags as text: `--help` and the README.

use super::flags::{self, Flag};
use super::table::SECTIONS;

/// Columns of a terminal that nobody has widened.
const WIDTH: usize = 80;

/// Where the explanations begin.
const INDENT: usize = 30;

const USAGE: &str = "\
Usage: sexton [OPTION]... [--] PROGRAM [ARG]...

Runs PROGRAM as its main process, forwards signals to it, reaps every orphan,
and stops what is left when it has ended.
";

const NOTES: &str = "
DURATION is 500ms, 10s, 2m or 1h30m; a bare number counts seconds. SIGNAL is a
name or a number: TERM, SIGTERM, 15, RTMIN+3.

Every option that shapes a run, but -v and -q, can be set by the environment:
SEXTON_ and the long name in capitals, such as SEXTON_STOP_DELAY=5s or
SEXTON_STOP_OK=1. A repeatable one takes its values joined by commas. The
command line wins.

Called tini, tini-static, docker-init, dumb-init, catatonit, podman-init or
pause, or with --as and such a name first, sexton speaks that init's command
line.

Exit status: that of the main process, or 128+n if signal n killed it; 124 after
--timeout, 125 if sexton itself fails, 126 if PROGRAM cannot be executed, 127 if
it is not found.
";

/// The answer to `--help`.
pub fn help() -> String {
    let mut text = USAGE.to_owned();
    for section in &SECTIONS {
        text = text + "\n" + section.title + ":\n";
        for flag in section.flags {
            entry(&mut text, flag);
        }
    }
    text + NOTES
}

/// One flag: how it is written, then what it does, wrapped.
fn entry(text: &mut String, flag: &Flag) {
    let short = flag.short.map_or("    ".to_owned(), |letter| format!("-{letter}, "));
    let head = format!("  {short}{}", spelled(flag));
    let default = flag.default.map(|default| format!("[default: {default}]"));
    text.push_str(&head);
    // At least two blanks between both, or else the explanation begins on a line of its own.
    let mut column = if head.len() + 2 > INDENT { WIDTH } else { head.len() };
    for word in flag.help.split(' ').chain(default.as_deref()) {
        if column + 1 + word.len() > WIDTH {
            text.push('\n');
            column = 0;
        }
        let gap = if column < INDENT { INDENT - column } else { 1 };
        text.extend(std::iter::repeat_n(' ', gap));
        text.push_str(word);
        column += gap + word.len();
    }
    text.push('\n');
}

/// The long name with its value.
fn spelled(flag: &Flag) -> String {
    match flag.value {
        Some(value) if value.is_optional() => format!("--{}{}", flag.long, value.name),
        Some(value) => format!("--{} {}", flag.long, value.name),
        None => format!("--{}", flag.long),
    }
}

/// The same as a table for the README.
pub fn markdown() -> String {
    let mut text = String::from("| option | variable | default | meaning |\n|---|---|---|---|\n");
    for flag in flags::all() {
        let short = flag.short.map_or(String::new(), |letter| format!("-{letter}, "));
        let option = format!("{short}{}", spelled(flag)).replace('|', "\\|");
        let variable = flag.variable().map_or(String::new(), |name| format!("`{name}`"));
        let default = flag.default.map_or(String::new(), |default| format!("`{default}`"));
        text += &format!("| `{option}` | {variable} | {default} | {} |\n", flag.help);
    }
    text
}

#[cfg(test)]
#[path = "help_tests.rs"]
mod tests;

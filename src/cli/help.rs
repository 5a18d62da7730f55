//! The table of flags as text: `--help` and the README.

use std::fmt::Write;

use super::flags::{self, Flag, PREFIX};
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
    let mut text = String::from(USAGE);
    for section in &SECTIONS {
        for piece in ["\n", section.title, ":\n"] {
            text.push_str(piece);
        }
        for flag in section.flags {
            entry(&mut text, flag);
        }
    }
    text.push_str(NOTES);
    text
}

/// One flag: how it is written, then what it does, wrapped.
fn entry(text: &mut String, flag: &Flag) {
    let head = format!("  {}", spelled(flag));
    text.push_str(&head);
    // At least two blanks between both, or else the explanation begins on a line of its own.
    let mut column = if head.len() + 2 > INDENT { WIDTH } else { head.len() };
    let mut put = |word: &str| {
        if column + 1 + word.len() > WIDTH {
            text.push('\n');
            column = 0;
        }
        let gap = if column < INDENT { INDENT - column } else { 1 };
        let _ = write!(text, "{:gap$}{word}", "");
        column += gap + word.len();
    };
    flag.help.split(' ').for_each(&mut put);
    if let Some(default) = flag.default {
        put(&format!("[default: {default}]"));
    }
    text.push('\n');
}

/// The names with the value; without a letter, blanks take its place.
fn spelled(flag: &Flag) -> String {
    let (gap, value) = match flag.value {
        Some(value) if value.is_optional() => ("", value.name),
        Some(value) => (" ", value.name),
        None => ("", ""),
    };
    let (dash, letter, comma) = match flag.short {
        Some(letter) => ('-', letter, ','),
        None => (' ', ' ', ' '),
    };
    format!("{dash}{letter}{comma} --{}{gap}{value}", flag.long)
}

/// The same as a table for the README.
pub fn markdown() -> String {
    let mut text = String::from("| option | variable | default | meaning |\n|---|---|---|---|\n");
    for flag in flags::all() {
        let option = spelled(flag).trim_ascii_start().replace('|', "\\|");
        let variable = if flag.variable { format!("`{PREFIX}{}`", flag.capitals()) } else { String::new() };
        let default = flag.default.map_or(String::new(), |default| format!("`{default}`"));
        text += &format!("| `{option}` | {variable} | {default} | {} |\n", flag.help);
    }
    text
}

#[cfg(test)]
#[path = "help_tests.rs"]
mod tests;

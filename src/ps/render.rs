//! The tree as text for a person.

use std::ffi::OsStr;
use std::fmt::{Display, Write};

use super::units::{Amount, Count, Percent, ShortAge, ShortBytes, Unit};
use super::{Process, STATES, View};
use crate::harmless::harmless;
use crate::proc::number;

/// How the tree is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RenderOptions {
    /// Columns that a line of the tree may take; None = as many as it needs.
    pub width: Option<usize>,
    /// May escape sequences colour it?
    pub colour: bool,
}

impl RenderOptions {
    /// For a terminal with this many columns, or for something else (None), which gets everything in full. `COLUMNS`
    /// wins over what the terminal says; `NO_COLOR` with any value but the empty one, and `TERM=dumb`, mean no colour.
    pub fn new<'a>(terminal: Option<usize>, env: &dyn Fn(&[u8]) -> Option<&'a OsStr>) -> Self {
        let env = |name: &[u8]| env(name).map(OsStr::as_encoded_bytes).unwrap_or_default();
        let width = terminal.map(|own| number(env(b"COLUMNS")).unwrap_or(own)).filter(|width| *width > 0);
        let plain = !env(b"NO_COLOR").is_empty() || env(b"TERM") == b"dumb";
        Self { width, colour: terminal.is_some() && !plain }
    }
}

const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const RESET: &str = "\x1b[0m";

const HEADINGS: [&str; 7] = ["PID", "PPID", "USER", "STATE", "THREADS", "RSS", "AGE"];

/// What a cell may take; only users' names are longer.
const CELL: usize = 16;

/// Levels that are drawn; below, the number of the level stands instead.
const LEVELS: usize = 20;

/// The tree and its footer.
pub fn render(view: &View, options: &RenderOptions) -> Vec<u8> {
    let mut widths = HEADINGS.map(str::len);
    for process in &view.processes {
        for (column, width) in widths.iter_mut().enumerate() {
            *width = columns(&cell(view, process, column)).max(*width);
        }
    }

    let mut text = String::new();
    let mut line = String::new();
    for (column, (heading, width)) in HEADINGS.iter().zip(widths).enumerate() {
        put_cell(&mut line, column, heading, width);
    }
    line.push_str("COMMAND");
    finish(&mut text, &mut line, BOLD, options);
    let mut branches = Branches::default();
    for process in &view.processes {
        for (column, width) in widths.iter().enumerate() {
            put_cell(&mut line, column, &cell(view, process, column), *width);
        }
        branches.put(&mut line, process);
        put_command(&mut line, process);
        finish(&mut text, &mut line, colour(process), options);
    }
    put_footer(&mut text, view);
    text.into_bytes()
}

/// What stands below one of [`HEADINGS`].
fn cell(view: &View, process: &Process, column: usize) -> String {
    let stat = &process.stat;
    let content: &dyn Display = match column {
        0 => &stat.pid,
        1 => &stat.ppid,
        2 => match &process.uid {
            Some(uid) => match view.users.name(*uid) {
                Some(name) => &harmless(name),
                None => uid,
            },
            None => &"-",
        },
        3 => &process.state(),
        4 => &stat.threads,
        5 => &ShortBytes(process.rss),
        _ => &ShortAge(process.age),
    };
    let mut text = content.to_string();
    cut(&mut text, CELL);
    text
}

fn put_cell(line: &mut String, column: usize, cell: &str, width: usize) {
    // Padded by hand: format! counts characters, and wide ones take two columns.
    let padding = width.saturating_sub(columns(cell));
    // Users and states are words; all else is numbers, which stand at the right.
    let (left, right) = if matches!(column, 2 | 3) { (0, padding) } else { (padding, 0) };
    let _ = write!(line, "{:left$}{cell}{:right$}  ", "", "");
}

/// The lines that lead from the parents to their children.
#[derive(Default)]
struct Branches {
    /// For each level above: does no sibling follow there?
    last: Vec<bool>,
}

impl Branches {
    fn put(&mut self, line: &mut String, process: &Process) {
        let place = process.place;
        self.last.truncate(place.depth);
        for last in self.last.iter().skip(1).take(LEVELS) {
            line.push_str(if *last { "   " } else { "│  " });
        }
        self.last.push(place.last);
        match (place.depth, place.last) {
            (0, _) => {}
            (LEVELS.., _) => _ = write!(line, "…{} ", place.depth),
            (_, false) => line.push_str("├─ "),
            (_, true) => line.push_str("└─ "),
        }
    }
}

fn put_command(line: &mut String, process: &Process) {
    if process.command.is_empty() {
        let _ = write!(line, "[{}]", harmless(process.stat.comm.as_bytes()));
    }
    let mut space = "";
    for argument in process.arguments() {
        let _ = write!(line, "{space}{}", harmless(argument));
        space = " ";
    }
    if !process.stat.is_zombie() {
        return;
    }
    let ppid = process.stat.ppid;
    match process.holder {
        Some(parent) => _ = write!(line, " held by {ppid} ({})", harmless(parent.as_bytes())),
        None if ppid.0 == 0 => line.push_str(" held by a process outside"),
        None => {}
    }
}

fn colour(process: &Process) -> &'static str {
    match process.stat.state {
        b'Z' => RED,
        b'D' | b'T' | b't' => YELLOW,
        _ => "",
    }
}

/// Moves a line to the text, cut and coloured.
fn finish(text: &mut String, line: &mut String, colour: &str, options: &RenderOptions) {
    if let Some(width) = options.width {
        cut(line, width);
    }
    line.truncate(line.bytes().rposition(|b| b != b' ').map_or(0, |last| last + 1));
    let reset = if options.colour && !colour.is_empty() { RESET } else { "" };
    let colour = if options.colour { colour } else { "" };
    let _ = writeln!(text, "{colour}{line}{reset}");
    line.clear();
}

/// How many columns a terminal shows it in.
fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(width).sum() }
}

/// At least as many columns as a terminal shows this character in. By blocks, since a table of all characters would be a
/// thirtieth of the binary: exact for the scripts of Europe and East Asia; where it errs a line is cut early.
fn width(c: char) -> usize {
    match u32::from(c) {
        // Combining marks.
        0x300..=0x36f => 0,
        // Two signs of Khmer that stand for several letters.
        0x17a4 | 0x17d8 => 3,
        // Hangul, and blocks with signs and pictographs; from 2B00 on mostly East Asian scripts and pictographs.
        0x1100..=0x115f | 0x2300..=0x23ff | 0x25f0..=0x27bf | 0x2b00.. => 2,
        _ => 1,
    }
}

/// Cuts `text` to so many columns.
fn cut(text: &mut String, most: usize) {
    // No character takes more columns than bytes.
    if text.len() <= most {
        return;
    }
    let mut used = 0;
    let end = text.char_indices().find(|(_, c)| {
        used += width(*c);
        used > most
    });
    if let Some((end, _)) = end {
        text.truncate(end);
    }
}

fn put_footer(text: &mut String, view: &View) {
    let (counts, threads) = view.totals();
    let processes = view.processes.len();
    let plural = if processes == 1 { "" } else { "es" };
    let _ = write!(text, "\n{processes} process{plural}, {}", Count(threads, "thread"));
    let mut separator = ": ";
    for (count, (letter, name)) in counts.into_iter().zip(STATES) {
        if count > 0 {
            let plural = if letter == b'Z' && count > 1 { "s" } else { "" };
            let _ = write!(text, "{separator}{count} {name}{plural}");
            separator = ", ";
        }
    }
    text.push('\n');
    put_limits(text, view);
    put_unseen(text, view);
}

fn put_limits(text: &mut String, view: &View) {
    let before = text.len();
    let (pids, memory) = (view.pids, view.memory);
    put_limit(text, ("pids", Unit::One), [pids.current, pids.max, pids.refused], ("fork", " refused"));
    let used = [memory.current, memory.limit, memory.oom_kills];
    put_limit(text, ("memory", Unit::Bytes), used, ("oom kill", ""));
    if text.len() == before {
        text.push_str("no cgroup files are visible here, so no limits are known\n");
    }
}

fn put_limit(
    text: &mut String,
    (name, unit): (&str, Unit),
    [current, limit, failures]: [Option<u64>; 3],
    (noun, verb): (&'static str, &str),
) {
    let Some(current) = current else { return };
    let _ = write!(text, "{name}: {}", Amount(current, unit));
    let _ = match limit {
        Some(limit) => write!(text, " of {}{}", Amount(limit, unit), Percent(current, limit)),
        None => write!(text, ", no limit"),
    };
    if let Some(failures) = failures {
        let _ = write!(text, ", {}{verb}", Count(failures, noun));
    }
    text.push('\n');
}

fn put_unseen(text: &mut String, view: &View) {
    let unseen = &view.unseen;
    if unseen.denied > 0 {
        let _ = writeln!(text, "not shown: {} of other users, which may not be looked at", unseen.denied);
    }
    if let Some(value) = &unseen.hidepid {
        let value = harmless(value.as_bytes());
        let _ =
            writeln!(text, "/proc is mounted with hidepid={value}: processes of other users may be missing");
    }
    if unseen.foreign {
        text.push_str("/proc is that of another pid namespace: these are its processes and its numbers\n");
    }
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;

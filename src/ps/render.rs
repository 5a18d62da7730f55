//! The tree as text for a person.

use std::ffi::OsString;
use std::fmt::Write;

use super::units::{count, long_bytes, percent, short_age, short_bytes};
use super::{Process, View};
use crate::harmless::harmless;

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
    pub fn new(terminal: Option<usize>, env: impl Fn(&str) -> Option<OsString>) -> Self {
        let columns = env("COLUMNS").and_then(|value| value.to_str()?.parse().ok());
        let width = terminal.map(|own| columns.unwrap_or(own)).filter(|width| *width > 0);
        let plain = env("NO_COLOR").is_some_and(|value| !value.is_empty())
            || env("TERM").is_some_and(|value| value == "dumb");
        Self { width, colour: terminal.is_some() && !plain }
    }
}

const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const RESET: &str = "\x1b[0m";

const HEADINGS: [&str; 7] = ["PID", "PPID", "USER", "STATE", "THREADS", "RSS", "AGE"];

/// Columns of words; the others are numbers and stand at the right.
const WORDS: [bool; 7] = [false, false, true, true, false, false, false];

/// Columns that a user's name may take.
const USER: usize = 16;

/// Levels that are drawn; below, the number of the level stands instead.
const LEVELS: usize = 20;

/// The tree and its footer.
pub fn render(view: &View, options: &RenderOptions) -> Vec<u8> {
    let cells: Vec<[String; 7]> = view.processes.iter().map(|process| cells(view, process)).collect();
    let mut widths = HEADINGS.map(str::len);
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = columns(cell).max(*width);
        }
    }

    let mut text = String::new();
    let mut line = String::new();
    put_cells(&mut line, &HEADINGS, &widths);
    line.push_str("COMMAND");
    finish(&mut text, &mut line, BOLD, options);
    let mut branches = Branches::default();
    for (process, row) in view.processes.iter().zip(&cells) {
        put_cells(&mut line, row, &widths);
        branches.put(&mut line, process);
        put_command(&mut line, process);
        finish(&mut text, &mut line, colour(process), options);
    }
    put_footer(&mut text, view);
    text.into_bytes()
}

fn cells(view: &View, process: &Process) -> [String; 7] {
    let stat = &process.stat;
    [
        stat.pid.to_string(),
        stat.ppid.to_string(),
        user(view, process),
        process.state().to_owned(),
        stat.threads.to_string(),
        short_bytes(process.rss),
        short_age(process.age),
    ]
}

fn user(view: &View, process: &Process) -> String {
    let Some(uid) = process.uid else { return "-".to_owned() };
    let mut name = match view.users.name(uid) {
        Some(name) => harmless(name).to_string(),
        None => uid.to_string(),
    };
    cut(&mut name, USER);
    name
}

fn put_cells(line: &mut String, cells: &[impl AsRef<str>; 7], widths: &[usize; 7]) {
    for ((cell, width), words) in cells.iter().zip(widths).zip(WORDS) {
        let cell = cell.as_ref();
        // Padded by hand: format! counts characters, and wide ones take two columns.
        let padding = std::iter::repeat_n(' ', width.saturating_sub(columns(cell)));
        if words {
            line.push_str(cell);
            line.extend(padding);
        } else {
            line.extend(padding);
            line.push_str(cell);
        }
        line.push_str("  ");
    }
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
    for (i, argument) in process.arguments().enumerate() {
        let space = if i == 0 { "" } else { " " };
        let _ = write!(line, "{space}{}", harmless(argument));
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
    let line_end = line.trim_end_matches(' ');
    match colour {
        "" => text.push_str(line_end),
        _ if !options.colour => text.push_str(line_end),
        _ => text.extend([colour, line_end, RESET]),
    }
    text.push('\n');
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
    let (states, threads) = view.totals();
    let states: Vec<String> = states.iter().map(|(name, number)| state(name, *number as u64)).collect();
    let processes = view.processes.len();
    let plural = if processes == 1 { "" } else { "es" };
    let threads = count(threads, "thread");
    let _ = writeln!(text, "\n{processes} process{plural}, {threads}: {}", states.join(", "));
    put_limits(text, view);
    put_unseen(text, view);
}

fn state(name: &str, number: u64) -> String {
    if name == "zombie" { count(number, name) } else { format!("{number} {name}") }
}

fn put_limits(text: &mut String, view: &View) {
    let (pids, memory) = (view.pids, view.memory);
    if let Some(current) = pids.current {
        let _ = write!(text, "pids: {current}");
        let _ = match pids.max {
            Some(max) => write!(text, " of {max}{}", percent(current, max)),
            None => write!(text, ", no limit"),
        };
        if let Some(refused) = pids.refused {
            let _ = write!(text, ", {} refused", count(refused, "fork"));
        }
        text.push('\n');
    }
    if let Some(current) = memory.current {
        let _ = write!(text, "memory: {}", long_bytes(current));
        let _ = match memory.limit {
            Some(limit) => write!(text, " of {}{}", long_bytes(limit), percent(current, limit)),
            None => write!(text, ", no limit"),
        };
        if let Some(kills) = memory.oom_kills {
            let _ = write!(text, ", {}", count(kills, "oom kill"));
        }
        text.push('\n');
    }
    if pids.current.is_none() && memory.current.is_none() {
        text.push_str("no cgroup files are visible here, so no limits are known\n");
    }
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

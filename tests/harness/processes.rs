//! The process table, read from /proc. A process that vanishes while it is read is ordinary.

use std::fs;

#[derive(Clone, Debug)]
pub struct Process {
    pub pid: i32,
    pub name: String,
    pub state: char,
    pub parent: i32,
    pub group: i32,
    pub session: i32,
    pub foreground: i32,
}

/// The process `pid`, if it is there.
pub fn process(pid: i32) -> Option<Process> {
    let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let text = String::from_utf8_lossy(&text);
    let (head, tail) = text.rsplit_once(") ")?;
    let mut fields = tail.split(' ');
    let state = fields.next()?.chars().next()?;
    let mut number = || fields.next()?.parse::<i32>().ok();
    let (parent, group, session, _terminal, foreground) =
        (number()?, number()?, number()?, number()?, number()?);
    let name = head.split_once('(')?.1.to_owned();
    Some(Process { pid, name, state, parent, group, session, foreground })
}

pub fn all_processes() -> Vec<Process> {
    let entries = fs::read_dir("/proc").expect("read /proc");
    entries.filter_map(|entry| process(entry.ok()?.file_name().to_str()?.parse().ok()?)).collect()
}

/// Everything below `root`, zombies included, `root` not.
pub fn descendants(root: i32) -> Vec<Process> {
    let mut rest = all_processes();
    let mut found: Vec<Process> = Vec::new();
    let mut parents = vec![root];
    while let Some(parent) = parents.pop() {
        let (children, others) = rest.into_iter().partition(|process| process.parent == parent);
        rest = others;
        let children: Vec<Process> = children;
        parents.extend(children.iter().map(|child| child.pid));
        found.extend(children);
    }
    found
}

/// The pid that `pid` has in its innermost namespace.
pub fn inner_pid(pid: i32) -> Option<i32> {
    field(pid, "NSpid:")?.split_whitespace().last()?.parse().ok()
}

/// A line of /proc/PID/status, without its name.
pub fn field(pid: i32, name: &str) -> Option<String> {
    let status = fs::read(format!("/proc/{pid}/status")).ok()?;
    let status = String::from_utf8_lossy(&status);
    status.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
}

/// The processes whose environment has this entry.
pub fn marked(entry: &str) -> Vec<i32> {
    let has = |pid: &i32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|found| found == entry.as_bytes())
    };
    let own = i32::try_from(std::process::id()).ok();
    all_processes().iter().map(|process| process.pid).filter(|pid| Some(*pid) != own).filter(has).collect()
}

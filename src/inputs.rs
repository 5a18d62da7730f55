//! What others write and sexton reads, as functions that must take any bytes: for the fuzzer, and for a test that feeds
//! the fuzzer's corpus to them. Not part of the program.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use crate::accounts;
use crate::cli::{self, Input};
use crate::config::UserSpec;
use crate::diagnose;
use crate::proc::stat::Stat;
use crate::proc::status;
use crate::proc::{cgroup, own, wchan};

/// Takes any bytes.
pub type Taker = fn(&[u8]);

/// Each with the name of its fuzz target and its folder in the corpus.
pub const ALL: [(&str, Taker); 7] = [
    ("stat", stat),
    ("status", status),
    ("cgroup", cgroup),
    ("mounts", mounts),
    ("program", program),
    ("accounts", accounts),
    ("command_line", command_line),
];

/// `/proc/PID/stat`.
pub fn stat(bytes: &[u8]) {
    let _ = Stat::parse(bytes);
}

/// `/proc/PID/status`.
pub fn status(bytes: &[u8]) {
    let _ = (status::ns_pids(bytes), status::groups(bytes));
}

/// `/proc/self/cgroup`, a line `---`, and `/proc/self/mountinfo`; and the whole as a file of counters.
pub fn cgroup(bytes: &[u8]) {
    let (membership, mounts) = halves(bytes);
    let _ = cgroup::directories(membership, mounts);
    let _ = cgroup::oom_kills(bytes);
}

/// `/proc/self/mountinfo`, as it is asked whether programs may run somewhere and what /proc hides; and the whole as
/// `/proc/PID/wchan`.
pub fn mounts(bytes: &[u8]) {
    diagnose::take_mounts(bytes);
    let _ = own::hidden_by(bytes);
    let _ = wchan::parse(bytes);
}

/// A file that could not be executed: a script, an ELF file, anything else.
pub fn program(bytes: &[u8]) {
    diagnose::take_program(bytes);
}

/// `/etc/passwd`, a line `---`, and `/etc/group`; the first line of all is who is looked for.
pub fn accounts(bytes: &[u8]) {
    let (who, rest) = split(bytes, b"\n");
    let (passwd, group) = halves(rest);
    let (user, members) = split(who, b":");
    let spec = UserSpec {
        user: OsStr::from_bytes(user).to_owned(),
        group: (!members.is_empty()).then(|| OsStr::from_bytes(members).to_owned()),
    };
    let _ = accounts::find(&spec, passwd, group, 0);
}

/// Every name that has a command line of its own.
const NAMES: [&str; 5] = ["sexton", "docker-init", "dumb-init", "catatonit", "pause"];

/// The words of a command line, a line `---`, and variables as `NAME=value`; one a line. Once with its own first word, and
/// once in the words of each init.
pub fn command_line(bytes: &[u8]) {
    let (words, variables) = halves(bytes);
    let line = |line: &[u8]| OsStr::from_bytes(line).to_owned();
    let args: Vec<OsString> = words.split(|b| *b == b'\n').map(line).collect();
    let pair = |entry: &[u8]| {
        let (name, value) = split(entry, b"=");
        (line(name), line(value))
    };
    let env: Vec<_> = variables.split(|b| *b == b'\n').map(pair).collect();
    understand(&args, &env);
    for name in NAMES {
        let named = ["sexton".into(), "--as".into(), name.into()].into_iter();
        understand(&named.chain(args.iter().skip(1).cloned()).collect::<Vec<OsString>>(), &env);
    }
}

/// Either there is something to do, or an error that can be printed.
fn understand(args: &[OsString], env: &[(OsString, OsString)]) {
    if let Err(error) = cli::parse(Input { args, env, secure: false }).result {
        let text = error.to_string();
        assert!(!text.is_empty() && !text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
    }
}

fn halves(bytes: &[u8]) -> (&[u8], &[u8]) {
    split(bytes, b"\n---\n")
}

fn split<'a>(bytes: &'a [u8], at: &[u8]) -> (&'a [u8], &'a [u8]) {
    let found = bytes.windows(at.len()).position(|window| window == at);
    let (first, rest) = bytes.split_at(found.unwrap_or(bytes.len()));
    (first, rest.get(at.len()..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corpus_of_the_fuzzer() {
        for (name, read) in ALL {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/").to_owned() + name;
            let files: Vec<_> =
                std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
            assert!(files.len() >= 3, "{folder}");
            for file in files {
                let bytes = std::fs::read(&file).unwrap();
                read(&bytes);
                // Cut anywhere, it is still no reason to panic.
                let ends = (0..bytes.len().min(2000)).step_by(if cfg!(miri) { 500 } else { 1 });
                ends.for_each(|end| read(&bytes[..end]));
            }
            assert!(
                std::fs::exists(format!("{}/fuzz/fuzz_targets/{name}.rs", env!("CARGO_MANIFEST_DIR")))
                    .unwrap()
            );
        }
    }
}

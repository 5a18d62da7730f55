//! `/proc/self/status` (`proc_pid_status(5)`): the lines that the stat file has no number for.

use super::{lines, number, read_all};
use crate::policy::event::Pid;

/// What sexton asks its status file for. A kernel that leaves a line out leaves a None here.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Status {
    /// The process's pid in each pid namespace from that of the mounted /proc down to its own. Since Linux 4.1;
    /// gVisor has none. A number that is not understood is 0.
    pub ns_pids: Option<Vec<Pid>>,
    /// The supplementary groups.
    pub groups: Option<Vec<u32>>,
}

impl Status {
    /// Parses the contents of a status file. The kernel escapes newlines in `Name:`, so no name can pose as a line.
    pub fn parse(bytes: &[u8]) -> Self {
        let mut status = Self::default();
        each_number(bytes, b"NSpid:", &mut |number| {
            let pids = status.ns_pids.get_or_insert_default();
            pids.extend(number.map(|number| Pid(number.and_then(|n| n.try_into().ok()).unwrap_or(0))));
        });
        each_number(bytes, b"Groups:", &mut |number| {
            let groups = status.groups.get_or_insert_default();
            groups.extend(number.flatten().and_then(|number| u32::try_from(number).ok()));
        });
        status
    }

    /// Our own.
    pub fn of_self() -> Option<Self> {
        // The whole of it: 65536 supplementary groups come before some of these lines.
        Some(Self::parse(&read_all(b"/proc/self/status")?))
    }
}

/// Calls `what` once if there is a line with this key, and then with each of its words: its number, if it is one.
fn each_number(bytes: &[u8], key: &[u8], what: &mut dyn FnMut(Option<Option<i64>>)) {
    let Some(line) = lines(bytes).rev().find_map(|line| line.strip_prefix(key)) else { return };
    what(None);
    for word in line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
        what(Some(number(word)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_process_of_linux() {
        let status = Status::parse(include_bytes!("../../tests/fixtures/proc/docker/status"));
        assert_eq!(status, Status { ns_pids: Some(vec![Pid(8)]), groups: Some(vec![0]) });
    }

    #[test]
    fn a_process_of_gvisor() {
        let status = Status::parse(include_bytes!("../../tests/fixtures/proc/gvisor/status"));
        assert_eq!(status, Status { ns_pids: None, groups: Some(vec![0]) });
    }

    #[test]
    fn hostile_contents_leave_holes() {
        let status = Status::parse(b"Name:\tNSpid:\t1\nGroups:\t1 x 4294967296\nNSpid:\t1\tx\nThreads:\t1");
        assert_eq!(status, Status { ns_pids: Some(vec![Pid(1), Pid(0)]), groups: Some(vec![1]) });
        assert_eq!(Status::parse(b"NSpid:\n").ns_pids, Some(vec![]), "which is nobody's");
        assert_eq!(Status::parse(b"NSpid:\t1\t2\n").ns_pids, Some(vec![Pid(1), Pid(2)]));
    }

    #[test]
    fn our_own_is_there() {
        let own = Pid(i32::try_from(std::process::id()).unwrap());
        assert_eq!(Status::of_self().unwrap().ns_pids.and_then(|pids| pids.last().copied()), Some(own));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = Status::parse(&bytes);
        }
    }
}

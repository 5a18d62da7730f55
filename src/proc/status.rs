//! `/proc/self/status` (`proc_pid_status(5)`): the lines that the stat file has no number for.

use super::{number, read_all};
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
        let id = |number: &Option<i64>| number.and_then(|number| number.try_into().ok());
        Self {
            ns_pids: numbers(bytes, b"NSpid:").map(|numbers| {
                numbers
                    .iter()
                    .map(|number| Pid(number.and_then(|n| n.try_into().ok()).unwrap_or(0)))
                    .collect()
            }),
            groups: numbers(bytes, b"Groups:").map(|numbers| numbers.iter().filter_map(id).collect()),
        }
    }

    /// Our own.
    pub fn of_self() -> Option<Self> {
        // The whole of it: 65536 supplementary groups come before some of these lines.
        Some(Self::parse(&read_all(b"/proc/self/status")?))
    }
}

/// The numbers behind this key, None for a word that is none.
fn numbers(bytes: &[u8], key: &[u8]) -> Option<Vec<Option<i64>>> {
    let line = bytes.rsplit(|b| *b == b'\n').find_map(|line| line.strip_prefix(key))?;
    Some(line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).map(number).collect())
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

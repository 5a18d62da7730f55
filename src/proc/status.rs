//! `/proc/self/status` (`proc_pid_status(5)`): the lines that the stat file has no number for.

use super::{lines, number, read_all};
use crate::policy::event::Pid;

/// Our own, the whole of it: 65536 supplementary groups come before some of its lines.
pub fn of_self() -> Option<Vec<u8>> {
    read_all(b"/proc/self/status")
}

/// The process's pid in each pid namespace from that of the mounted /proc down to its own. Since Linux 4.1; gVisor has
/// none. A number that is not understood is 0.
pub fn ns_pids(status: &[u8]) -> Option<Vec<Pid>> {
    let mut pids = Vec::new();
    each_word(status, b"NSpid:", &mut |word| pids.push(Pid(number(word).unwrap_or(0))))?;
    Some(pids)
}

/// The supplementary groups.
pub fn groups(status: &[u8]) -> Option<Vec<u32>> {
    let mut groups = Vec::new();
    each_word(status, b"Groups:", &mut |word| groups.extend(number::<u32>(word)))?;
    Some(groups)
}

/// Calls `what` with each word behind this key; None if no line has it. The kernel escapes newlines in `Name:`, so no
/// name can pose as a line.
fn each_word(status: &[u8], key: &[u8], what: &mut dyn FnMut(&[u8])) -> Option<()> {
    let line = lines(status).rev().find_map(|line| line.strip_prefix(key))?;
    line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).for_each(what);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_process_of_linux() {
        let status = include_bytes!("../../tests/fixtures/proc/docker/status");
        assert_eq!((ns_pids(status), groups(status)), (Some(vec![Pid(8)]), Some(vec![0])));
    }

    #[test]
    fn a_process_of_gvisor() {
        let status = include_bytes!("../../tests/fixtures/proc/gvisor/status");
        assert_eq!((ns_pids(status), groups(status)), (None, Some(vec![0])));
    }

    #[test]
    fn hostile_contents_leave_holes() {
        let status = b"Name:\tNSpid:\t1\nGroups:\t1 x 4294967296\nNSpid:\t1\tx\nThreads:\t1";
        assert_eq!((ns_pids(status), groups(status)), (Some(vec![Pid(1), Pid(0)]), Some(vec![1])));
        assert_eq!(ns_pids(b"NSpid:\n"), Some(vec![]), "which is nobody's");
        assert_eq!(ns_pids(b"NSpid:\t1\t2\n"), Some(vec![Pid(1), Pid(2)]));
    }

    #[test]
    fn our_own_is_there() {
        let own = Pid(i32::try_from(std::process::id()).unwrap());
        assert_eq!(ns_pids(&of_self().unwrap()).and_then(|pids| pids.last().copied()), Some(own));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = (ns_pids(&bytes), groups(&bytes));
        }
    }
}

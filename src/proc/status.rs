//! `/proc/PID/status` (`proc_pid_status(5)`): the lines that the stat file has no number for.

use super::number;
use crate::policy::event::Pid;

/// What sexton asks a status file for. A kernel that leaves a line out leaves a None here.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Status {
    /// Real, effective, saved and filesystem user id.
    pub uids: Option<[u32; 4]>,
    /// Resident memory in KiB; a zombie and a kernel thread have none.
    pub rss_kib: Option<u64>,
    /// Number of threads.
    pub threads: Option<u32>,
    /// The process's pid in each pid namespace from that of the mounted /proc down to its own. Since Linux 4.1;
    /// gVisor has none. A number that is not understood is 0.
    pub ns_pids: Option<Vec<Pid>>,
    /// Effective capabilities, bit n for capability n (`capabilities(7)`).
    pub effective_capabilities: Option<u64>,
}

impl Status {
    /// Parses the contents of a status file. The kernel escapes newlines in `Name:`, so no name can pose as a line.
    pub fn parse(bytes: &[u8]) -> Self {
        let mut status = Self::default();
        for line in bytes.split(|b| *b == b'\n') {
            let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
            let Some((key, value)) = line.split_at_checked(colon) else { continue };
            let mut words =
                value.split(|b| b.is_ascii_whitespace() || *b == b':').filter(|word| !word.is_empty());
            match key {
                b"Uid" => {
                    let mut uid = || number(words.next()?);
                    status.uids = (|| Some([uid()?, uid()?, uid()?, uid()?]))();
                }
                b"VmRSS" => status.rss_kib = words.next().and_then(number),
                b"Threads" => status.threads = words.next().and_then(number),
                b"NSpid" => {
                    status.ns_pids = Some(words.map(|word| Pid(number(word).unwrap_or(0))).collect());
                }
                b"CapEff" => {
                    let hex = words.next().and_then(|word| str::from_utf8(word).ok());
                    status.effective_capabilities = hex.and_then(|hex| u64::from_str_radix(hex, 16).ok());
                }
                _ => {}
            }
        }
        status
    }
}

/// Reads one process; None if there is no such process, or none that we may see.
pub fn read(pid: Pid) -> Option<Status> {
    // The whole of it: 65536 supplementary groups come before most of these lines.
    Some(Status::parse(&super::read_all(format!("/proc/{pid}/status").as_ref())?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_process_of_linux() {
        let status = Status::parse(include_bytes!("../../tests/fixtures/proc/docker/status"));
        assert_eq!(
            status,
            Status {
                uids: Some([0; 4]),
                rss_kib: Some(1440),
                threads: Some(1),
                ns_pids: Some(vec![Pid(8)]),
                effective_capabilities: Some(0xa804_25fb),
            }
        );
    }

    #[test]
    fn a_process_of_gvisor() {
        let status = Status::parse(include_bytes!("../../tests/fixtures/proc/gvisor/status"));
        assert_eq!(status.uids, Some([0; 4]));
        assert_eq!(status.rss_kib, Some(3392));
        assert_eq!(status.ns_pids, None);
    }

    #[test]
    fn hostile_contents_leave_holes() {
        let status = Status::parse(
            b"Name:\tUid:\t1\nUid:\t1\t2\t3\nVmRSS:\nThreads: 4294967296\nNSpid:\t1\tx\nCapEff:\txyz",
        );
        assert_eq!(status, Status { ns_pids: Some(vec![Pid(1), Pid(0)]), ..Status::default() });
        assert_eq!(Status::parse(b"NSpid:\n").ns_pids, Some(vec![]), "which is nobody's");
        assert_eq!(Status::parse(b"NSpid:\t1\t2\n").ns_pids, Some(vec![Pid(1), Pid(2)]));
    }

    #[test]
    fn our_own_is_there_and_a_stranger_s_is_not() {
        let own = Pid(i32::try_from(std::process::id()).unwrap());
        assert!(read(own).unwrap().uids.is_some());
        assert_eq!(read(Pid(i32::MAX)), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = Status::parse(&bytes);
        }
    }
}

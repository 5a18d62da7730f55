//! Is the mounted /proc that of our own pid namespace, and does it show everyone?

use super::mountinfo::{Mount, unescaped};
use super::status::Status;
use super::{number, read_all};
use crate::files;
use crate::policy::event::Pid;

/// May the numbers in the mounted /proc be taken for pids of ours? The /proc of a parent's pid namespace
/// (`docker run -v /proc:/proc`, or unshare(2) without a new mount) gives other processes the same numbers, and a
/// signal sent to them would hit strangers. Without a /proc: no.
pub fn is_ours(own_pid: i32) -> bool {
    let Ok(link) = files::read_link(b"/proc/self") else { return false };
    // The whole of it: behind 65536 supplementary groups the line that tells would be missing.
    let Some(status) = read_all(b"/proc/self/status") else { return false };
    agrees(own_pid, &link, &status)
}

/// Whether the target of /proc/self and the contents of /proc/self/status are those of the process that calls
/// itself `own_pid`. `NSpid:` (`proc_pid_status(5)`, since Linux 4.1) has one number for each pid namespace from
/// that of the mount down to our own: one means that they are the same.
fn agrees(own_pid: i32, link: &[u8], status: &[u8]) -> bool {
    let same = Status::parse(status).ns_pids.is_none_or(|pids| pids == [Pid(own_pid)]);
    number(link) == Some(own_pid) && same
}

/// The `hidepid=` of the mounted /proc (`proc(5)`): whoever is not root may not see other users' processes.
pub fn hidepid() -> Option<String> {
    hidden_by(&read_all(b"/proc/self/mountinfo")?)
}

pub(crate) fn hidden_by(mountinfo: &[u8]) -> Option<String> {
    // What was mounted last covers the others.
    let mut mounts = mountinfo.rsplit(|b| *b == b'\n').filter_map(Mount::parse);
    let proc = mounts.find(|mount| mount.kind == b"proc" && unescaped(mount.point) == b"/proc")?;
    let value = proc.options.split(|b| *b == b',').find_map(|option| option.strip_prefix(b"hidepid="))?;
    let value = str::from_utf8(value).ok().filter(|value| !matches!(*value, "0" | "off"))?;
    Some(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_number_that_is_ours() {
        assert!(agrees(7, b"7", b"Name:\tsexton\nPid:\t7\nNSpid:\t7\nNSpgid:\t7\n"));
        assert!(agrees(7, b"7", b"Name:\tsexton\n"), "older than Linux 4.1");
        assert!(agrees(7, b"7", b""), "the link alone");
    }

    #[test]
    fn a_parent_s_proc_is_not_ours_even_if_the_number_is_the_same() {
        assert!(!agrees(1, b"4711", b"NSpid:\t4711\t1\n"));
        assert!(!agrees(1, b"1", b"NSpid:\t1\t1\n"));
        assert!(!agrees(1, b"2", b"NSpid:\t2\n"));
    }

    #[test]
    fn nonsense_is_not_ours() {
        assert!(!agrees(1, b"", b""));
        assert!(!agrees(1, b"1", b"NSpid:\t\n"));
        assert!(!agrees(1, b"1x", b"NSpid:\t1\n"));
        assert!(!agrees(1, b"1", b"NSpid:\t99999999999999\n"));
    }

    #[test]
    fn a_name_cannot_pretend_to_be_another_line() {
        // The kernel escapes the newline in Name:, unlike in the stat file.
        assert!(agrees(3, b"3", b"Name:\ta\\nNSpid:\t9\nNSpid:\t3\n"));
    }

    #[test]
    fn the_proc_of_this_test_is_its_own() {
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(is_ours(own));
        assert!(!is_ours(own + 1));
    }

    #[test]
    fn the_proc_that_was_mounted_last_tells_what_it_hides() {
        let mount = |options: &str| format!("73 72 0:42 / /proc rw,nosuid - proc proc {options}\n");
        for (mounts, hidden) in [
            (mount("rw"), None),
            (mount("rw,hidepid=0"), None),
            (mount("rw,hidepid=off"), None),
            (mount("rw,gid=5,hidepid=2"), Some("2")),
            (mount("rw,hidepid=invisible"), Some("invisible")),
            (mount("rw,hidepid=2") + &mount("rw"), None),
            (mount("rw").replace("/proc rw", "/host/proc rw,hidepid=2"), None),
            (mount("rw,hidepid=2").replace("- proc", "- tmpfs"), None),
            (String::new(), None),
        ] {
            assert_eq!(hidden_by(mounts.as_bytes()).as_deref(), hidden, "{mounts}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(link: Vec<u8>, status: Vec<u8>) {
            let _ = (agrees(1, &link, &status), hidden_by(&status));
        }
    }
}

//! Which mount a file is on, and whether programs may run there (`proc_pid_mountinfo(5)`).

use crate::proc::mountinfo::{Mount, lists, unescaped};
use crate::proc::read_all;

/// The mount point of the file at `path`, which must be canonical, if it is mounted noexec.
#[inline(never)]
pub(super) fn noexec(path: &[u8]) -> Option<Vec<u8>> {
    parse(&read_all(b"/proc/self/mountinfo")?, path)
}

/// The longest mount point above `path` counts, and of equals the last, which covers the others.
pub(super) fn parse(mountinfo: &[u8], path: &[u8]) -> Option<Vec<u8>> {
    let mut nearest = (Vec::new(), b"".as_slice());
    for mount in mountinfo.split(|byte| *byte == b'\n').filter_map(Mount::parse) {
        let point = unescaped(mount.point);
        if point.len() >= nearest.0.len() && lies_in(path, &point) {
            nearest = (point, mount.flags);
        }
    }
    let (point, flags) = nearest;
    lists(flags, b"noexec").then_some(point)
}

fn lies_in(path: &[u8], directory: &[u8]) -> bool {
    let below = path.strip_prefix(directory);
    below.is_some_and(|below| matches!(below, [] | [b'/', ..]) || directory == b"/")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_nearest_mount_decides_and_the_last_of_equals() {
        let mountinfo = b"1 0 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n\
            2 1 0:5 / /data rw,nosuid,noexec,relatime shared:1 - ext4 /dev/sdb1 rw\n\
            3 2 0:6 / /data/bin rw - tmpfs tmpfs rw,noexec\n\
            4 1 0:7 / /with\\040space rw,noexec - tmpfs tmpfs rw\n\
            5 1 0:8 / /twice rw,noexec - tmpfs tmpfs rw\n\
            6 5 0:9 / /twice rw - tmpfs tmpfs rw\n\
            cut short\n";
        for (path, expected) in [
            ("/bin/app", None),
            ("/data/app", Some("/data")),
            ("/data", Some("/data")),
            ("/database/app", None),
            ("/data/bin/app", None),
            ("/with space/app", Some("/with space")),
            ("/twice/app", None),
        ] {
            assert_eq!(parse(mountinfo, path.as_bytes()), expected.map(Vec::from), "{path}");
        }
        assert_eq!(parse(b"", b"/bin/app"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = parse(&bytes, b"/a/b");
        }
    }
}

//! Which mount a file is on, and whether programs may run there (`proc_pid_mountinfo(5)`).

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::proc::mountinfo::{Mount, unescaped};
use crate::proc::read_all;

/// The mount point of the file at `path`, which must be canonical, if it is mounted noexec.
pub(super) fn noexec(path: &Path) -> Option<PathBuf> {
    parse(&read_all(Path::new("/proc/self/mountinfo"))?, path)
}

/// The longest mount point above `path` counts, and of equals the last, which covers the others.
pub(super) fn parse(mountinfo: &[u8], path: &Path) -> Option<PathBuf> {
    let mounts = mountinfo.split(|byte| *byte == b'\n').filter_map(|line| {
        let mount = Mount::parse(line)?;
        let point = PathBuf::from(OsString::from_vec(unescaped(mount.point)));
        path.starts_with(&point).then_some((point, mount.flags))
    });
    let (point, flags) = mounts.max_by_key(|(point, _)| point.as_os_str().as_bytes().len())?;
    flags.split(|byte| *byte == b',').any(|flag| flag == b"noexec").then_some(point)
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
            assert_eq!(parse(mountinfo, Path::new(path)), expected.map(PathBuf::from), "{path}");
        }
        assert_eq!(parse(b"", Path::new("/bin/app")), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = parse(&bytes, Path::new("/a/b"));
        }
    }
}

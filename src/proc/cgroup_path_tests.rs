use super::*;
use proptest::prelude::*;

fn found(membership: &str, mounts: &str) -> Vec<(Version, String)> {
    let mut found = Vec::new();
    candidates(b"memory", membership.as_bytes(), mounts.as_bytes(), &mut |version, path| {
        found.push((version, String::from_utf8(path).unwrap()));
    });
    found
}

fn v1(root: &str, point: &str) -> String {
    format!("35 31 0:32 {root} {point} rw,relatime shared:7 master:1 - cgroup cgroup rw,memory\n")
}

fn v2(root: &str, point: &str) -> String {
    format!("41 31 0:38 {root} {point} rw - cgroup2 cgroup2 rw,nsdelegate\n")
}

/// Constructed: path, mount root, and what is left of the path below the mount point `/m`.
const PATHS: [(&str, &str, Option<&str>); 14] = [
    ("/", "/", Some("/m")),
    ("/docker/id", "/", Some("/m/docker/id")),
    ("/docker/id", "/docker/id", Some("/m")),
    ("/docker/id/sub", "/docker/id", Some("/m/sub")),
    ("/docker/id", "/docker/id/", Some("/m")),
    ("/docker/id2", "/docker/id", None),
    ("/docker", "/docker/id", None),
    ("/", "/docker/id", None),
    // Cgroup namespaces: the mount is of an outer one, or we were moved out of our own.
    ("/", "/../..", None),
    ("/..", "/", None),
    ("/../other", "/", None),
    ("/../other/sub", "/../other", Some("/m/sub")),
    ("/with space", "/with\\040space", Some("/m")),
    ("", "", Some("/m")),
];

#[test]
fn the_path_is_taken_below_the_root_of_the_mount() {
    for (path, root, directory) in PATHS {
        let one = found(&format!("4:memory:{path}\n0::/\n"), &v1(root, "/m"));
        assert_eq!(one.first().map(|(_, d)| d.as_str()), directory, "v1 {path} {root}");
        let two = found(&format!("0::{path}\n"), &v2(root, "/m"));
        assert_eq!(two.first().map(|(_, d)| d.as_str()), directory, "v2 {path} {root}");
    }
}

#[test]
fn version_1_has_the_controller_if_it_names_it() {
    let mounts = v1("/", "/v1") + &v2("/", "/v2");
    assert_eq!(
        found("4:cpu,memory:/a\n0::/b\n", &mounts),
        [(Version::V1, "/v1/a".into()), (Version::V2, "/v2/b".into())]
    );
    assert_eq!(found("4:cpu,memoryx:/a\n0::/b\n", &mounts), [(Version::V2, "/v2/b".into())]);
    assert_eq!(found("5:name=memory:/a\n", &mounts), []);
}

#[test]
fn controllers_that_share_a_hierarchy() {
    let mount = "33 31 0:30 / /sys/fs/cgroup/all rw - cgroup cgroup rw,cpu,memory,pids\n";
    assert_eq!(found("1:cpu,memory,pids:/x\n", mount), [(Version::V1, "/sys/fs/cgroup/all/x".into())]);
}

#[test]
fn every_mount_that_covers_us_is_a_candidate() {
    let mounts = v1("/docker/id", "/sys/fs/cgroup/memory") + &v1("/", "/host\\134x") + &v1("/other", "/o");
    assert_eq!(
        found("4:memory:/docker/id\n", &mounts),
        [(Version::V1, "/sys/fs/cgroup/memory".into()), (Version::V1, "/host\\x/docker/id".into())]
    );
}

#[test]
fn lines_that_are_cut_short_or_empty_are_passed_over() {
    let mount = v2("/", "/m");
    for end in 0..mount.len() - " cgroup2 rw,nsdelegate\n".len() {
        assert_eq!(found("0::/\n", &mount[..end]), [], "{}", &mount[..end]);
    }
    for membership in ["", "0", "0:", "\n\n", "::/", "4:memory"] {
        assert_eq!(found(membership, &(mount.clone() + &v1("/", "/m"))), [], "{membership:?}");
    }
}

#[test]
fn a_mountinfo_of_a_megabyte_is_searched() {
    let lines = if cfg!(miri) { 20 } else { 20_000 };
    let mounts = v2("/elsewhere", "/e").repeat(lines) + &v2("/", "/m");
    assert_eq!(found("0::/\n", &mounts), [(Version::V2, "/m".into())]);
}

proptest! {
    #[test]
    fn no_bytes_panic(membership: Vec<u8>, mounts: Vec<u8>) {
        candidates(b"pids", &membership, &mounts, &mut |_, _| {});
    }

    #[test]
    fn almost_right_lines_do_not_panic(membership in "([0-9]:)?(memory)?:[./a-z\\\\0-9]{0,9}\n?", root in "[/.\\\\0-9]{0,9}", point in ".{0,9}") {
        let _ = found(&membership, &v1(&root, &point));
        let _ = found(&membership, &v2(&root, &point));
    }

    #[test]
    fn no_candidate_climbs_out_of_its_mount(path in "(/(\\.\\.|a)){0,4}", root in "(/(\\.\\.|a)){0,4}") {
        for (_, directory) in found(&format!("0::{path}\n"), &v2(&root, "/m")) {
            prop_assert!(directory.starts_with("/m"));
            prop_assert!(!directory.contains(".."));
        }
    }
}

use super::*;
use proptest::prelude::*;

fn fixture(name: &str) -> Cgroup {
    Cgroup::below(format!("{}/tests/fixtures/cgroup/{name}", env!("CARGO_MANIFEST_DIR")).as_bytes())
}

const MIB: u64 = 1 << 20;

#[test]
fn docker_on_version_1() {
    for name in ["docker-v1", "docker-v1-private"] {
        let memory = fixture(name).memory();
        assert_eq!((memory.limit, memory.oom_kills), (Some(64 * MIB), Some(1)), "{name}");
        assert!(memory.current.unwrap() < 64 * MIB, "{name}");
        assert!(!memory.oom_group, "{name}");
        let pids = Pids { current: Some(2), max: Some(8), refused: Some(1) };
        assert_eq!(fixture(name).pids(), pids, "{name}");
    }
}

#[test]
fn docker_without_a_pids_limit() {
    assert_eq!(fixture("docker-v1-unlimited").pids(), Pids { current: Some(2), max: None, refused: Some(0) });
}

#[test]
fn the_whole_tree_mounted_into_a_container() {
    assert_eq!(fixture("docker-v1-host-mount").memory().limit, Some(64 * MIB));
    assert_eq!(fixture("docker-v1-host-mount").pids().max, Some(8));
}

#[test]
fn runc_on_version_2() {
    for name in ["runc-v2", "runc-v2-host-namespace"] {
        let memory = fixture(name).memory();
        assert_eq!((memory.limit, memory.oom_kills), (Some(32 * MIB), Some(1)), "{name}");
        assert!(memory.current.unwrap() < 32 * MIB, "{name}");
        let pids = fixture(name).pids();
        assert_eq!((pids.max, pids.refused), (Some(8), Some(1)), "{name}");
    }
}

#[test]
fn a_plain_machine_has_no_limits() {
    let memory = fixture("host-hybrid").memory();
    assert_eq!((memory.limit, memory.oom_kills), (None, Some(0)));
    assert!(memory.current.is_some());
    assert_eq!(fixture("host-hybrid").pids(), Pids::default());
}

#[test]
fn no_cgroup_at_all() {
    for name in ["gvisor", "there-is-no-such-fixture"] {
        assert_eq!(fixture(name), Cgroup::default(), "{name}");
        assert_eq!(fixture(name).memory(), Memory::default(), "{name}");
        assert_eq!(fixture(name).pids(), Pids::default(), "{name}");
    }
}

#[test]
fn amounts() {
    for (bytes, value) in [
        (&b"0\n"[..], Some(0)),
        (b"67108864\n", Some(67_108_864)),
        (b" 8", Some(8)),
        (b"max\n", None),
        (b"9223372036854771712\n", None),
        (b"9223372036854710272\n", None),
        (b"18446744073709551615\n", None),
        (b"99999999999999999999999\n", None),
        (b"-1\n", None),
        (b"", None),
        (b"\xff\n", None),
    ] {
        assert_eq!(amount(bytes), value, "{}", bytes.escape_ascii());
    }
}

#[test]
fn keys_are_matched_whole() {
    let events = b"low 0\noom 3\noom_kill 2\noom_group_kill 7\n";
    assert_eq!(keyed(events, b"oom_kill"), Some(2));
    assert_eq!(keyed(events, b"oom"), Some(3));
    assert_eq!(keyed(events, b"kill"), None);
    assert_eq!(keyed(b"oom_kill_disable 0\nunder_oom 0\n", b"oom_kill"), None, "older than Linux 4.13");
    assert_eq!(keyed(b"oom_kill", b"oom_kill"), None);
    assert_eq!(keyed(b"oom_kill x\n", b"oom_kill"), None);
}

#[test]
fn the_group_of_this_test_is_read_without_harm() {
    let own = Cgroup::of_self();
    let _ = (own.memory(), own.pids());
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes: Vec<u8>) {
        let _ = (amount(&bytes), keyed(&bytes, b"max"));
    }
}

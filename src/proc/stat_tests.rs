use super::*;
use proptest::prelude::*;

/// Captured on Linux 6.x.
const SH: &[u8] =
    b"4711 (sh) S 4700 4711 4700 34816 4711 4194304 103 0 0 0 12 34 0 0 20 0 3 0 987654 2711552 240 \
18446744073709551615 94 95 140 0 0 0 0 0 65538 1 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n";

fn named(name: &[u8]) -> Vec<u8> {
    [b"7 (", name, b") Z 1 1 1 0 -1 4228108 0 0 0 0 0 0 0 0 20 0 1 0 55 0 0 0"].concat()
}

#[test]
fn every_field_is_found() {
    let stat = Stat::parse(SH).unwrap();
    assert_eq!(
        stat,
        Stat {
            pid: Pid(4711),
            ppid: Pid(4700),
            pgrp: Pid(4711),
            session: Pid(4700),
            tty_nr: 34816,
            tpgid: Pid(4711),
            state: b'S',
            comm: Comm::new(b"sh"),
            threads: 3,
            utime: 12,
            stime: 34,
            start: 987_654,
            vsize: 2_711_552,
            rss: 240,
        }
    );
}

#[test]
fn captures_of_other_kernels() {
    for (line, start) in [
        (&include_bytes!("../../tests/fixtures/proc/docker/stat")[..], 184_070),
        (include_bytes!("../../tests/fixtures/proc/gvisor/stat"), 19),
        (include_bytes!("../../tests/fixtures/proc/runc-6.12/stat"), 1273),
    ] {
        let stat = Stat::parse(line).unwrap();
        assert_eq!((stat.pid, stat.ppid, stat.comm.as_bytes()), (Pid(1), Pid(0), &b"sh"[..]));
        assert_eq!((stat.state, stat.threads, stat.start), (b'S', 1, start));
    }
}

#[test]
fn the_name_ends_at_the_last_parenthesis() {
    for name in [
        &b""[..],
        b"a b",
        b") Z 1 1 (",
        b"))((",
        b"new\nline",
        b"\xff\xfe\x1b[31m",
        b"tab\tbs\\",
        b"fifteen bytes!!",
    ] {
        let stat = Stat::parse(&named(name)).unwrap();
        assert_eq!(stat.comm.as_bytes(), name);
        assert_eq!((stat.pid, stat.ppid, stat.tpgid, stat.start), (Pid(7), Pid(1), Pid(-1), 55));
    }
    let kernel_thread = Stat::parse(&named(b"kworker/u8:3-events_unbound")).unwrap();
    assert_eq!(kernel_thread.comm.as_bytes(), b"kworker/u8:3-ev");
}

#[test]
fn a_line_that_is_cut_anywhere_before_the_last_field_we_read_is_refused() {
    let needed = SH.windows(5).position(|w| w == b" 240 ").unwrap() + 2;
    for end in 0..needed {
        assert_eq!(Stat::parse(&SH[..end]), None, "{}", SH[..end].escape_ascii());
    }
}

#[test]
fn nonsense_is_refused() {
    for bytes in [&b""[..], b"\0", b"1 (a) ", b")(", b"1 (a) SS 1", b"x (a) S 1 1 1 0 -1", &[b'('; 5000]] {
        assert_eq!(Stat::parse(bytes), None, "{}", bytes.escape_ascii());
    }
    let huge = SH.escape_ascii().to_string().replace("987654", "99999999999999999999999");
    assert_eq!(Stat::parse(huge.as_bytes()), None);
}

#[test]
fn a_dead_leader_with_living_threads_is_no_zombie_yet() {
    let mut stat = Stat::parse(&named(b"x")).unwrap();
    assert!(stat.is_zombie());
    stat.threads = 2;
    assert!(!stat.is_zombie());
}

#[test]
fn in_the_same_tick_nobody_was_before() {
    let mut stat = Stat::parse(SH).unwrap();
    stat.start = 100;
    assert!(!stat.started_before(Duration::from_millis(1000)));
    assert!(!stat.started_before(Duration::from_nanos(1_009_999_999)));
    assert!(stat.started_before(Duration::from_millis(1010)));
    assert!(!stat.started_before(Duration::ZERO));
}

#[test]
fn age_is_never_negative() {
    let mut stat = Stat::parse(SH).unwrap();
    stat.start = 150;
    assert_eq!(stat.age(Duration::from_secs(4)), Duration::from_millis(2500));
    assert_eq!(stat.age(Duration::from_secs(1)), Duration::ZERO);
    stat.start = u64::MAX;
    assert_eq!(stat.age(Duration::MAX), Duration::MAX - Duration::from_millis(u64::MAX));
}

#[test]
#[cfg_attr(miri, ignore = "asks for the parent")]
fn we_can_be_read_and_nobody_else_by_a_wrong_number() {
    let own = i32::try_from(std::process::id()).unwrap();
    let stat = read(Pid(own)).unwrap();
    assert_eq!(stat.pid, Pid(own));
    assert_eq!(stat.ppid.0, i32::try_from(std::os::unix::process::parent_id()).unwrap());
    assert_eq!([read(Pid(0)), read(Pid(-1)), read(Pid(i32::MAX))], [None; 3]);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes: Vec<u8>) {
        let _ = Stat::parse(&bytes);
    }

    #[test]
    fn any_damage_to_a_line_is_survived(position in 0..SH.len(), value: u8) {
        let mut bytes = SH.to_vec();
        bytes[position] = value;
        let _ = Stat::parse(&bytes);
    }

    #[test]
    fn any_name_is_read_back(name in proptest::collection::vec(1u8.., 0..=15)) {
        let stat = Stat::parse(&named(&name)).unwrap();
        prop_assert_eq!(stat.comm.as_bytes(), &name[..]);
    }
}

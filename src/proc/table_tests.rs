use super::*;
use proptest::prelude::*;

fn stat(pid: i32, ppid: i32) -> Stat {
    let line = format!("{pid} (p{pid}) S {ppid} 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 {pid} 0 0");
    Stat::parse(line.as_bytes()).unwrap()
}

fn table(pairs: &[(i32, i32)]) -> Table {
    pairs.iter().map(|(pid, ppid)| stat(*pid, *ppid)).collect()
}

fn pids<'a>(stats: impl IntoIterator<Item = &'a Stat>) -> Vec<i32> {
    stats.into_iter().map(|stat| stat.pid.0).collect()
}

#[test]
fn lookup_children_and_descendants() {
    let t = table(&[(9, 7), (1, 0), (7, 1), (8, 7), (3, 9), (20, 0), (21, 20)]);
    assert_eq!(pids(t.stats()), [1, 3, 7, 8, 9, 20, 21]);
    assert_eq!(t.get(Pid(8)).map(|s| s.ppid), Some(Pid(7)));
    assert_eq!(t.get(Pid(2)), None);
    assert_eq!(pids(t.children(Pid(7))), [8, 9]);
    assert_eq!(pids(t.descendants_of(Pid(1))), [7, 8, 9, 3]);
    assert_eq!(pids(t.descendants_of(Pid(0))), [1, 20, 7, 21, 8, 9, 3]);
    assert!(t.descendants_of(Pid(3)).is_empty());
    assert!(Table::default().descendants_of(Pid(1)).is_empty());
}

#[test]
fn a_parent_that_is_missing_from_the_snapshot_still_has_its_children() {
    assert_eq!(pids(table(&[(5, 4), (6, 5)]).descendants_of(Pid(4))), [5, 6]);
}

#[test]
fn circles_of_parents_end() {
    let t = table(&[(1, 0), (5, 6), (6, 5), (7, 7), (8, 1)]);
    assert_eq!(pids(t.descendants_of(Pid(5))), [6]);
    assert_eq!(pids(t.descendants_of(Pid(1))), [8]);
    assert!(t.descendants_of(Pid(7)).is_empty());
}

#[test]
fn a_long_chain_is_walked_without_recursion() {
    let last = if cfg!(miri) { 50 } else { 50_000 };
    let t: Table = (1..=last).map(|pid| stat(pid, pid - 1)).collect();
    assert_eq!(t.descendants_of(Pid(1)).len(), t.stats().len() - 1);
}

#[test]
#[cfg_attr(miri, ignore = "starts a process")]
fn the_real_table_holds_us_and_our_children() {
    let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    let pid = Pid(i32::try_from(child.id()).unwrap());
    let own = Pid(i32::try_from(std::process::id()).unwrap());
    let t = Table::read().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(t.get(own).is_some());
    assert!(t.descendants_of(own).iter().any(|stat| stat.pid == pid));
}

proptest! {
    #[test]
    fn descendants_are_each_named_once_and_end(pairs in proptest::collection::vec((0..30, 0..30), 0..60)) {
        let t = table(&pairs);
        let found = pids(t.descendants_of(Pid(1)));
        let mut unique = found.clone();
        unique.sort_unstable();
        unique.dedup();
        prop_assert_eq!(unique.len(), found.len());
        prop_assert!(!found.contains(&1));
    }
}

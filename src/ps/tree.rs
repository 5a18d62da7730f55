//! The order and the shape of the tree.

use crate::proc::stat::Stat;

/// Where a process stands in the tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    /// Which of the processes.
    pub(super) index: usize,
    /// How many ancestors it has.
    pub(super) depth: usize,
    /// No sibling follows.
    pub(super) last: bool,
}

/// Everyone, children right behind their parents and siblings by pid. A root is whoever has no parent here. In a
/// circle of parents, which a snapshot may hold, the smallest pid is the root.
pub(super) fn order(stats: &[Stat]) -> Vec<Place> {
    let mut forest = Forest { nodes: vec![Node::default(); stats.len()], places: Vec::new() };
    let mut roots = Vec::new();
    for (index, stat) in stats.iter().enumerate() {
        match stats.binary_search_by_key(&stat.ppid, |other| other.pid) {
            Ok(parent) => forest.link(index, parent),
            Err(_) => roots.push(index),
        }
    }
    // Whoever is in no tree is in a circle.
    roots.extend(0..stats.len());
    roots.into_iter().for_each(|root| forest.add(root));
    forest.places
}

/// What is known of a process's place: its children are a list, the last one first.
#[derive(Clone, Default)]
struct Node {
    last_child: Option<usize>,
    /// The sibling before this one.
    before: Option<usize>,
    seen: bool,
}

struct Forest {
    nodes: Vec<Node>,
    places: Vec<Place>,
}

impl Forest {
    /// Makes `index` the last child of `parent`.
    fn link(&mut self, index: usize, parent: usize) {
        let Some(parent) = self.nodes.get_mut(parent) else { return };
        let before = parent.last_child.replace(index);
        if let Some(node) = self.nodes.get_mut(index) {
            node.before = before;
        }
    }

    /// Adds the tree below `root`, without recursion: a chain of parents may be as long as there are pids.
    fn add(&mut self, root: usize) {
        let mut waiting = vec![Place { index: root, depth: 0, last: true }];
        while let Some(place) = waiting.pop() {
            let Some(node) = self.nodes.get_mut(place.index).filter(|node| !node.seen) else { continue };
            node.seen = true;
            self.places.push(place);
            let mut child = node.last_child;
            let mut last = true;
            while let Some(index) = child
                && let Some(node) = self.nodes.get(index)
            {
                if !node.seen {
                    waiting.push(Place { index, depth: place.depth + 1, last });
                    last = false;
                }
                child = node.before;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::stat;
    use super::*;
    use crate::proc::table::Table;
    use proptest::prelude::*;

    /// Pid, depth, last.
    fn shape(pairs: &[(i32, i32)]) -> Vec<(i32, usize, bool)> {
        let table: Table = pairs.iter().map(|(pid, ppid)| stat(*pid, *ppid, b"x")).collect();
        let pid = |place: &Place| table.stats()[place.index].pid.0;
        order(table.stats()).iter().map(|place| (pid(place), place.depth, place.last)).collect()
    }

    #[test]
    fn children_follow_their_parents() {
        assert_eq!(
            shape(&[(1, 0), (7, 1), (8, 1), (5, 8), (9, 7), (20, 0), (21, 20)]),
            [
                (1, 0, true),
                (7, 1, false),
                (9, 2, true),
                (8, 1, true),
                (5, 2, true),
                (20, 0, true),
                (21, 1, true)
            ]
        );
    }

    #[test]
    fn nobody_is_lost_without_a_parent_or_in_a_circle() {
        assert_eq!(shape(&[(1, 0), (30, 29)]), [(1, 0, true), (30, 0, true)]);
        assert_eq!(shape(&[(5, 6), (6, 5), (1, 0)]), [(1, 0, true), (5, 0, true), (6, 1, true)]);
        assert_eq!(shape(&[(7, 7)]), [(7, 0, true)]);
    }

    #[test]
    fn a_chain_of_all_pids_needs_no_stack() {
        let chain: Vec<(i32, i32)> = (1..=50_000).map(|pid| (pid, pid - 1)).collect();
        assert_eq!(shape(&chain).last(), Some(&(50_000, 49_999, true)));
    }

    proptest! {
        #[test]
        fn everyone_is_there_once(pairs in proptest::collection::vec((0..40, 0..40), 0..60)) {
            let mut pids: Vec<i32> = shape(&pairs).iter().map(|(pid, ..)| *pid).collect();
            pids.sort_unstable();
            let mut all: Vec<i32> = pairs.iter().map(|(pid, _)| *pid).collect();
            all.sort_unstable();
            all.dedup();
            prop_assert_eq!(pids, all);
        }
    }
}

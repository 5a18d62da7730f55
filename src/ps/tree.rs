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
    // One more, for whom the roots are children.
    let nobody = stats.len();
    let mut forest = Forest { nodes: vec![Node::default(); nobody + 1], waiting: Vec::new() };
    for (index, stat) in stats.iter().enumerate() {
        let parent = stats.binary_search_by_key(&stat.ppid, |other| other.pid);
        forest.link(index, parent.unwrap_or(nobody));
    }
    let mut places = Vec::new();
    forest.see(nobody, 0);
    for index in 0..=nobody {
        // Without recursion: a chain of parents may be as long as there are pids.
        while let Some(place) = forest.waiting.pop() {
            if forest.see(place.index, place.depth + 1) {
                places.push(place);
            }
        }
        // Whoever is in no tree is in a circle.
        forest.waiting.push(Place { index, depth: 0, last: true });
    }
    places
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
    /// Those whose turn comes, the next one last.
    waiting: Vec<Place>,
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

    /// Notes a process; true the first time, and then its children are next.
    fn see(&mut self, index: usize, depth: usize) -> bool {
        let Some(node) = self.nodes.get_mut(index).filter(|node| !node.seen) else { return false };
        node.seen = true;
        let mut child = node.last_child;
        let mut last = true;
        while let Some(index) = child
            && let Some(node) = self.nodes.get(index)
        {
            if !node.seen {
                self.waiting.push(Place { index, depth, last });
                last = depth == 0;
            }
            child = node.before;
        }
        true
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
        let last = if cfg!(miri) { 50 } else { 50_000 };
        let chain: Vec<(i32, i32)> = (1..=last).map(|pid| (pid, pid - 1)).collect();
        assert_eq!(shape(&chain).last(), Some(&(last, chain.len() - 1, true)));
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

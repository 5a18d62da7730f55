use proptest::prelude::*;

use super::*;

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).unwrap()
}

/// A piece, its layout, and the byte it is filled with.
struct Piece(*mut u8, Layout, u8);

impl Piece {
    fn fill(&self) {
        // SAFETY: the piece has that many bytes.
        unsafe { self.0.write_bytes(self.2, self.1.size()) };
    }

    fn is_intact(&self, length: usize) -> bool {
        // SAFETY: as above; `length` is no more.
        let bytes = unsafe { std::slice::from_raw_parts(self.0, length.min(self.1.size())) };
        // One comparison of memory, for the sake of Miri, which takes its time over every step.
        *bytes == *vec![self.2; bytes.len()]
    }
}

#[derive(Clone, Debug)]
enum Step {
    Alloc(usize, u32),
    Realloc(usize, usize),
    Free(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let size = || prop_oneof![0_usize..300, 0_usize..(3 * LARGEST)];
    let step = prop_oneof![
        (size(), 0_u32..8).prop_map(|(size, align)| Step::Alloc(size, align)),
        (any::<usize>(), size()).prop_map(|(which, size)| Step::Realloc(which, size)),
        any::<usize>().prop_map(Step::Free),
    ];
    prop::collection::vec(step, 1..if cfg!(miri) { 12 } else { 60 })
}

proptest! {
    #[test]
    fn no_piece_is_touched_by_another(steps in steps()) {
        let heap = Heap::new();
        let mut pieces: Vec<Piece> = Vec::new();
        for (i, step) in steps.into_iter().enumerate() {
            let mark = u8::try_from(i).unwrap();
            match step {
                Step::Alloc(size, align) => {
                    let layout = layout(size, 1 << align);
                    // SAFETY: the layout is valid.
                    let piece = Piece(unsafe { heap.alloc(layout) }, layout, mark);
                    prop_assert!(piece.0.addr().is_multiple_of(layout.align()));
                    piece.fill();
                    pieces.push(piece);
                }
                Step::Realloc(which, size) if !pieces.is_empty() => {
                    let which = which % pieces.len();
                    let piece = &mut pieces[which];
                    let old = piece.1.size();
                    // SAFETY: the piece is one of the heap's, with that layout.
                    piece.0 = unsafe { heap.realloc(piece.0, piece.1, size) };
                    piece.1 = layout(size, piece.1.align());
                    prop_assert!(piece.0.addr().is_multiple_of(piece.1.align()));
                    prop_assert!(piece.is_intact(old));
                    piece.2 = mark;
                    piece.fill();
                }
                Step::Free(which) if !pieces.is_empty() => {
                    let piece = pieces.swap_remove(which % pieces.len());
                    // SAFETY: as above, and it is not used again.
                    unsafe { heap.dealloc(piece.0, piece.1) };
                }
                Step::Realloc(..) | Step::Free(_) => {}
            }
            prop_assert!(pieces.iter().all(|piece| piece.is_intact(usize::MAX)));
        }
        for piece in pieces {
            // SAFETY: as above.
            unsafe { heap.dealloc(piece.0, piece.1) };
        }
    }
}

#[test]
fn what_is_freed_is_handed_out_again() {
    let heap = Heap::new();
    // SAFETY: every piece is used within its layout and freed once.
    unsafe {
        let first = heap.alloc(layout(100, 8));
        heap.dealloc(first, layout(100, 8));
        assert_eq!(heap.alloc(layout(90, 8)), first);
    }
}

#[test]
#[cfg_attr(miri, ignore = "asks the kernel")]
fn a_large_piece_goes_back_to_the_kernel() {
    let heap = Heap::new();
    let large = layout(100 * LARGEST, 8);
    let mapped = |address: usize| {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        maps.lines().any(|line| {
            let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
            let number = |hex| usize::from_str_radix(hex, 16).unwrap();
            (number(from)..number(to)).contains(&address)
        })
    };
    // SAFETY: as above.
    unsafe {
        let piece = heap.alloc(large);
        let middle = piece.addr() + large.size() / 2;
        assert!(mapped(middle));
        let small = heap.realloc(piece, large, 10);
        heap.dealloc(small, layout(10, 8));
        assert!(!mapped(middle), "somebody else's by now, or still ours");
    }
}

#[test]
#[cfg_attr(miri, ignore = "Miri itself ends where a mapping is too large")]
fn more_than_there_is_is_refused() {
    let heap = Heap::new();
    // SAFETY: nothing is written.
    unsafe {
        assert!(heap.alloc(layout(isize::MAX as usize - 64, 8)).is_null());
        let piece = heap.alloc(layout(8, 8));
        assert!(heap.realloc(piece, layout(8, 8), isize::MAX as usize - 64).is_null());
        piece.write_bytes(1, 8);
    }
}

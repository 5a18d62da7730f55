//! A small allocator for a small life: a run needs a few KiB before the program starts and next to nothing
//! later.
//!
//! They come from a block in the binary's zero pages, with no system call and few page faults; whatever does not
//! fit goes to the heap. The last piece handed out can be given back or grow; an earlier one that is freed
//! stays unused, so that at most this block is ever lost.
#![allow(unsafe_code)]

#[cfg(not(all(target_env = "musl", not(test))))]
use std::alloc::System as Heap;
use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering};

#[cfg(all(target_env = "musl", not(test)))]
use super::heap::HEAP as Heap;

/// Ten KiB, and room for the stack of a child about to execute. Pages that are not used do not exist.
const BYTES: usize = (10 + 32) * 1024;

/// See the module's head. What is used is counted in front, on a page that is touched anyway.
#[repr(C)]
pub struct Arena {
    used: AtomicUsize,
    block: UnsafeCell<[u8; BYTES]>,
}

// SAFETY: every byte of the block is handed out at most once at a time, by compare-and-swap on `used`.
unsafe impl Sync for Arena {}

impl Arena {
    /// Nothing handed out yet.
    pub const fn new() -> Self {
        Self { block: UnsafeCell::new([0; BYTES]), used: AtomicUsize::new(0) }
    }

    fn start(&self) -> *mut u8 {
        self.block.get().cast()
    }

    /// How far into the block `pointer` is, if it is in it.
    fn offset(&self, pointer: *mut u8) -> Option<usize> {
        pointer.addr().checked_sub(self.start().addr()).filter(|offset| *offset < BYTES)
    }

    /// Moves the end of what is used; false if somebody else has moved it.
    fn move_end(&self, from: usize, to: usize) -> bool {
        self.used.compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

impl Default for Arena {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: pieces are aligned as asked, never overlap and stay valid until freed; the rest is the heap's.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let used = self.used.load(Ordering::Relaxed);
        let base = self.start().addr();
        let aligned = (base + used).next_multiple_of(layout.align()) - base;
        match aligned.checked_add(layout.size()) {
            // SAFETY: aligned lies inside the block, as the end behind it does.
            Some(end) if end <= BYTES && self.move_end(used, end) => unsafe { self.start().add(aligned) },
            // SAFETY: the caller's own promise.
            _ => unsafe { Heap.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        match self.offset(pointer) {
            Some(offset) => {
                self.move_end(offset + layout.size(), offset);
            }
            // SAFETY: not from the block, so the heap's own.
            None => unsafe { Heap.dealloc(pointer, layout) },
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Some(offset) = self.offset(pointer) else {
            // SAFETY: not from the block, so the heap's own.
            return unsafe { Heap.realloc(pointer, layout, size) };
        };
        let fits = offset.checked_add(size).filter(|end| *end <= BYTES);
        if fits.is_some_and(|end| self.move_end(offset + layout.size(), end)) {
            return pointer;
        }
        // SAFETY: size is not zero, the caller promises, and the alignment is the old one's.
        let larger = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !larger.is_null() {
            // SAFETY: both are valid for the smaller of the two sizes and do not overlap.
            unsafe { larger.copy_from_nonoverlapping(pointer, layout.size().min(size)) };
        }
        larger
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, 8).unwrap()
    }

    #[test]
    fn the_last_piece_grows_in_place_and_is_given_back() {
        let arena = Arena::new();
        // SAFETY: every piece is used within its layout and freed once.
        unsafe {
            let first = arena.alloc(layout(16));
            first.write_bytes(7, 16);
            assert_eq!(arena.realloc(first, layout(16), 32), first);
            let second = arena.alloc(layout(8));
            assert_eq!(second, first.add(32));
            arena.dealloc(second, layout(8));
            assert_eq!(arena.alloc(layout(8)), second);
        }
    }

    #[test]
    fn an_earlier_piece_moves_with_its_contents() {
        let arena = Arena::new();
        // SAFETY: as above.
        unsafe {
            let first = arena.alloc(layout(16));
            first.write_bytes(7, 16);
            let second = arena.alloc(layout(8));
            let moved = arena.realloc(first, layout(16), 64);
            assert!(moved > second);
            assert_eq!(std::slice::from_raw_parts(moved, 16), [7; 16]);
        }
    }

    #[test]
    fn what_does_not_fit_comes_from_the_system() {
        let arena = Arena::new();
        let large = layout(2 * BYTES);
        // SAFETY: as above.
        unsafe {
            let piece = arena.alloc(large);
            assert!(!piece.is_null() && arena.offset(piece).is_none());
            piece.write_bytes(1, large.size());
            arena.dealloc(piece, large);
            let inside = arena.alloc(layout(BYTES - 8));
            assert!(arena.offset(inside).is_some());
            let outside = arena.realloc(inside, layout(BYTES - 8), BYTES + 8);
            assert!(arena.offset(outside).is_none());
            Heap.dealloc(outside, layout(BYTES + 8));
        }
    }

    #[test]
    fn pieces_are_aligned_as_asked() {
        let arena = Arena::new();
        for align in [1, 2, 4, 8, 16, 64] {
            // SAFETY: the layout is valid and nothing is written.
            let piece = unsafe { arena.alloc(Layout::from_size_align(3, align).unwrap()) };
            assert!(piece.addr().is_multiple_of(align));
        }
    }
}

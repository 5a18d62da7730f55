//! Memory from the kernel, where the C library's allocator would be a twentieth of the binary: musl alone, whose
//! static build takes these functions for its own.
//!
//! Blocks are powers of two, carved from chunks and kept in a list for each size when they are freed; what is larger
//! than [`LARGEST`] is a mapping of its own, which goes back to the kernel (`mmap(2)`).
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::ptr::{self, NonNull, null_mut};
use std::sync::atomic::{AtomicBool, Ordering};

/// The smallest block is `1 << SMALLEST` bytes.
const SMALLEST: u32 = 5;
const LISTS: usize = 11;
/// The largest block, in bytes.
const LARGEST: usize = 1 << (SMALLEST as usize + LISTS - 1);
/// What is asked from the kernel at a time.
const CHUNK: usize = 4 * LARGEST;
const PAGE: usize = 4096;

/// What stands before each piece: where its block begins, and how long that is.
#[repr(C)]
#[derive(Clone, Copy)]
struct Header {
    block: *mut u8,
    length: usize,
}

const HEADER: usize = size_of::<Header>();

struct Lists {
    free: [*mut u8; LISTS],
    chunk: *mut u8,
    left: usize,
}

/// See the module's head.
pub(super) struct Heap {
    lists: UnsafeCell<Lists>,
    locked: AtomicBool,
}

// SAFETY: the lists are touched under the lock alone.
unsafe impl Sync for Heap {}

impl Heap {
    /// Nothing taken from the kernel yet.
    pub(super) const fn new() -> Self {
        let lists = Lists { free: [null_mut(); LISTS], chunk: null_mut(), left: 0 };
        Self { lists: UnsafeCell::new(lists), locked: AtomicBool::new(false) }
    }

    fn with_lists<T>(&self, work: impl FnOnce(&mut Lists) -> T) -> T {
        while self.locked.swap(true, Ordering::Acquire) {
            std::hint::spin_loop();
        }
        // SAFETY: whoever has the lock is alone.
        let done = work(unsafe { &mut *self.lists.get() });
        self.locked.store(false, Ordering::Release);
        done
    }

    /// A block of at least `length` bytes, and how long it is; null if there is no memory.
    fn take(&self, length: usize) -> (*mut u8, usize) {
        if length > LARGEST {
            let length = length.next_multiple_of(PAGE);
            return (map(length), length);
        }
        let length = length.next_power_of_two().max(1 << SMALLEST);
        (self.with_lists(|lists| lists.take(length)), length)
    }

    fn give_back(&self, Header { block, length }: Header) {
        if length > LARGEST {
            // SAFETY: this mapping was made by `map`, and nobody uses it any more.
            unsafe { libc::munmap(block.cast(), length) };
        } else {
            self.with_lists(|lists| lists.put(block, length));
        }
    }
}

impl Default for Heap {
    fn default() -> Self {
        Self::new()
    }
}

fn list_of(length: usize) -> usize {
    length.trailing_zeros().saturating_sub(SMALLEST) as usize
}

impl Lists {
    fn take(&mut self, length: usize) -> *mut u8 {
        let Some(first) = self.free.get_mut(list_of(length)) else { return null_mut() };
        if let Some(block) = NonNull::new(*first) {
            // SAFETY: a free block begins with the address of the next one.
            *first = unsafe { block.cast::<*mut u8>().read() };
            return block.as_ptr();
        }
        if self.left < length {
            // What is left of the old chunk is lost: less than a block of this size, once for each chunk.
            let chunk = map(CHUNK);
            if chunk.is_null() {
                return chunk;
            }
            (self.chunk, self.left) = (chunk, CHUNK);
        }
        let block = self.chunk;
        // SAFETY: at least `length` bytes of the chunk are left.
        self.chunk = unsafe { block.add(length) };
        self.left -= length;
        block
    }

    fn put(&mut self, block: *mut u8, length: usize) {
        if let Some(first) = self.free.get_mut(list_of(length)) {
            // SAFETY: nobody uses the block any more, and it has room for an address.
            unsafe { block.cast::<*mut u8>().write(*first) };
            *first = block;
        }
    }
}

fn map(length: usize) -> *mut u8 {
    let (readable, private) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping takes nobody's memory away.
    let block = unsafe { libc::mmap(null_mut(), length, readable, private, -1, 0) };
    if block == libc::MAP_FAILED { null_mut() } else { block.cast() }
}

/// # Safety
/// `piece` came from [`GlobalAlloc::alloc`] of a heap and has not been given back.
unsafe fn header(piece: *mut u8) -> Header {
    // SAFETY: it was written there.
    unsafe { piece.cast::<Header>().sub(1).read() }
}

// SAFETY: pieces lie in blocks of their own, aligned as asked, and stay valid until freed.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let align = layout.align().max(HEADER);
        let Some(needed) = layout.size().checked_add(align).filter(|needed| *needed < isize::MAX as usize)
        else {
            return null_mut();
        };
        let (block, length) = self.take(needed);
        if block.is_null() {
            return block;
        }
        let piece = block.map_addr(|at| (at + HEADER).next_multiple_of(align));
        // SAFETY: blocks are aligned at least like a header, so that there is room for one before the piece, and for
        // the piece behind it.
        unsafe { piece.cast::<Header>().sub(1).write(Header { block, length }) };
        piece
    }

    unsafe fn dealloc(&self, piece: *mut u8, _: Layout) {
        // SAFETY: the caller's own promise.
        self.give_back(unsafe { header(piece) });
    }

    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's own promise.
        let Header { block, length } = unsafe { header(piece) };
        let room = length - (piece.addr() - block.addr());
        if size <= room && (length <= LARGEST || size > room / 2) {
            return piece;
        }
        // SAFETY: the alignment is the old one's, and one that is too large is refused.
        let moved = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !moved.is_null() {
            // SAFETY: both are valid for the smaller of the two sizes, and do not overlap.
            unsafe { ptr::copy_nonoverlapping(piece, moved, room.min(size)) };
            self.give_back(Header { block, length });
        }
        moved
    }
}

#[cfg(all(target_env = "musl", not(test)))]
mod c;
#[cfg(all(target_env = "musl", not(test)))]
pub(super) use c::HEAP;

#[cfg(test)]
#[path = "heap_tests.rs"]
mod tests;

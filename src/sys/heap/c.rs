//! The names that C knows an allocator by (`malloc(3)`): whatever asks the C library for memory gets it here.

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::{c_int, c_void};
use std::ptr::null_mut;

use super::{HEADER, Heap};

pub(in super::super) static HEAP: Heap = Heap::new();

/// As malloc(3) aligns.
const ALIGN: usize = 16;
const _: () = assert!(ALIGN >= HEADER);

fn allocate(align: usize, size: usize) -> *mut c_void {
    match Layout::from_size_align(size, align.max(ALIGN)) {
        // SAFETY: a size of 0 is a piece without bytes.
        Ok(layout) => unsafe { HEAP.alloc(layout) }.cast(),
        Err(_) => null_mut(),
    }
}

fn layout() -> Layout {
    // The heap knows each piece's length.
    Layout::new::<u128>()
}

#[unsafe(no_mangle)]
extern "C" fn malloc(size: usize) -> *mut c_void {
    allocate(ALIGN, size)
}

#[unsafe(no_mangle)]
extern "C" fn calloc(count: usize, size: usize) -> *mut c_void {
    let Some(size) = count.checked_mul(size) else { return null_mut() };
    let piece = allocate(ALIGN, size);
    if !piece.is_null() {
        // SAFETY: the piece has `size` bytes.
        unsafe { piece.write_bytes(0, size) };
    }
    piece
}

#[unsafe(no_mangle)]
unsafe extern "C" fn realloc(piece: *mut c_void, size: usize) -> *mut c_void {
    if piece.is_null() {
        return allocate(ALIGN, size);
    }
    // SAFETY: the caller's own promise.
    unsafe { HEAP.realloc(piece.cast(), layout(), size) }.cast()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn free(piece: *mut c_void) {
    if !piece.is_null() {
        // SAFETY: the caller's own promise.
        unsafe { HEAP.dealloc(piece.cast(), layout()) };
    }
}

#[unsafe(no_mangle)]
extern "C" fn aligned_alloc(align: usize, size: usize) -> *mut c_void {
    allocate(align, size)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn posix_memalign(result: *mut *mut c_void, align: usize, size: usize) -> c_int {
    let piece = allocate(align, size);
    if piece.is_null() {
        return libc::ENOMEM;
    }
    // SAFETY: the caller's own promise.
    unsafe { result.write(piece) };
    0
}

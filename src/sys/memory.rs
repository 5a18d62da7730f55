//! Letting go of memory.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_void};

unsafe extern "C" {
    // Both are set by the linker (`etext(3)`): the first byte of the program, and the one behind its code.
    static __executable_start: c_char;
    static etext: c_char;
}

/// Takes the pages of our own code out of our memory. What started the program is not needed again; the loop's
/// few pages come back from the page cache when they are next used (`madvise(2)`, MADV_DONTNEED).
pub fn release_code() {
    const PAGE: usize = 4096;
    let start = (&raw const __executable_start).addr().next_multiple_of(PAGE);
    let end = (&raw const etext).addr() & !(PAGE - 1);
    let address = std::ptr::with_exposed_provenance_mut::<c_void>(start);
    // SAFETY: a read-only mapping of a file has the same contents when it is read again. If pages are larger
    // than that the call says EINVAL and nothing is released.
    unsafe { libc::madvise(address, end.saturating_sub(start), libc::MADV_DONTNEED) };
}

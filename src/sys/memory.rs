//! Letting go of memory.
#![allow(unsafe_code)]

use libc::{Elf64_Phdr, PF_W, PT_LOAD};

/// Takes the pages of our own code and constants out of our memory. What started the program is not needed again;
/// the loop's few pages come back from the page cache when they are next used (`madvise(2)`, MADV_DONTNEED).
pub fn release_code() {
    // SAFETY: getauxval only reads the vector that the kernel laid out.
    let (table, count, page) = unsafe {
        (libc::getauxval(libc::AT_PHDR), libc::getauxval(libc::AT_PHNUM), libc::getauxval(libc::AT_PAGESZ))
    };
    if table == 0 || page == 0 {
        return;
    }
    let headers = std::ptr::with_exposed_provenance::<Elf64_Phdr>(table as usize);
    // SAFETY: the kernel names the program headers of this very program, which stay mapped (`getauxval(3)`).
    let headers = unsafe { std::slice::from_raw_parts(headers, count as usize) };
    let mut loaded = headers.iter().filter(|header| header.p_type == PT_LOAD);
    // The headers lie on the first page of the first segment.
    let Some(offset) = loaded.next().map(|first| (table & !(page - 1)).wrapping_sub(first.p_vaddr)) else {
        return;
    };
    for header in headers.iter().filter(|header| header.p_type == PT_LOAD && header.p_flags & PF_W == 0) {
        let begin = offset.wrapping_add(header.p_vaddr);
        let start = begin & !(page - 1);
        let address = std::ptr::with_exposed_provenance_mut(start as usize);
        let length = begin.wrapping_add(header.p_memsz).wrapping_sub(start);
        // SAFETY: a segment that may not be written has the contents of its file when it is read again.
        unsafe { libc::madvise(address, length as usize, libc::MADV_DONTNEED) };
    }
}

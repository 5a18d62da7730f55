//! What the kernel gave us at exec: arguments and environment, as bytes.
#![allow(unsafe_code)]

use std::ffi::{CStr, OsStr, OsString, c_char, c_int};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

unsafe extern "C" {
    static environ: *const *const c_char;
}

/// The argument vector of `main`. std's own is empty in a static musl program without std's `main`.
///
/// # Safety
/// `argc` and `argv` are those that the C library called `main` with.
pub unsafe fn arguments(argc: c_int, argv: *const *const c_char) -> Vec<OsString> {
    let count = usize::try_from(argc).unwrap_or(0);
    let mut arguments = Vec::with_capacity(count);
    for i in 0..count {
        // SAFETY: argv holds argc pointers to NUL-terminated strings (execve(2)).
        let bytes = unsafe { CStr::from_ptr(*argv.add(i)) }.to_bytes();
        arguments.push(OsString::from_vec(bytes.to_vec()));
    }
    arguments
}

/// The environment's entries, `NAME=value`, in their order.
pub fn environment() -> impl Iterator<Item = &'static CStr> {
    // SAFETY: every entry is NUL-terminated and lives as long as the process.
    entries().map(|entry| unsafe { CStr::from_ptr(entry) })
}

fn entries() -> impl Iterator<Item = *const c_char> {
    // SAFETY: no thread and no code of ours ever changes environ, so the pointer may be read.
    let mut next = unsafe { environ };
    std::iter::from_fn(move || {
        if next.is_null() {
            return None;
        }
        // SAFETY: environ is an array of pointers that ends with a null one.
        let entry = unsafe { *next };
        if entry.is_null() {
            return None;
        }
        // SAFETY: not yet at the null pointer, so one further is still inside the array.
        next = unsafe { next.add(1) };
        Some(entry)
    })
}

/// What follows `prefix`, if the entry begins with it. Most do not, and are not measured for that.
fn after(entry: *const c_char, prefix: &[u8]) -> Option<&'static CStr> {
    let mut rest = entry;
    for byte in prefix {
        // SAFETY: the NUL at the end differs from every byte of `prefix`, so that this goes no further.
        if *byte == 0 || unsafe { *rest } as u8 != *byte {
            return None;
        }
        // SAFETY: not yet at the NUL, so one further is still inside the entry.
        rest = unsafe { rest.add(1) };
    }
    // SAFETY: the rest of a NUL-terminated entry.
    Some(unsafe { CStr::from_ptr(rest) })
}

/// The environment's array itself, to be handed to execve(2) as it is.
pub fn environment_array() -> *const *const c_char {
    // SAFETY: as in `environment`.
    unsafe { environ }
}

/// The variables whose names begin with one of `prefixes`, split at the `=`.
pub fn variables(prefixes: &[&[u8]]) -> Vec<(OsString, OsString)> {
    let mut found = Vec::new();
    for entry in entries().filter(|entry| prefixes.iter().any(|prefix| after(*entry, prefix).is_some())) {
        // SAFETY: every entry is NUL-terminated and lives as long as the process.
        let bytes = unsafe { CStr::from_ptr(entry) }.to_bytes();
        let Some(equals) = bytes.iter().position(|b| *b == b'=') else { continue };
        let Some((name, value)) = bytes.split_at_checked(equals) else { continue };
        let value = value.get(1..).unwrap_or_default();
        found.push((OsStr::from_bytes(name).to_owned(), OsStr::from_bytes(value).to_owned()));
    }
    found
}

/// The value of the variable `name`.
pub fn variable(name: &[u8]) -> Option<&'static OsStr> {
    let found = entries().find_map(|entry| after(entry, name)?.to_bytes().strip_prefix(b"="));
    found.map(OsStr::from_bytes)
}

/// Were we started with more privileges than our caller has (`getauxval(3)`, AT_SECURE)?
pub fn is_secure() -> bool {
    // SAFETY: getauxval only reads the vector that the kernel laid out.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

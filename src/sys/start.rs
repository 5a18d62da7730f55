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
        // SAFETY: every entry is NUL-terminated and lives as long as the process.
        Some(unsafe { CStr::from_ptr(entry) })
    })
}

/// The environment's array itself, to be handed to execve(2) as it is.
pub fn environment_array() -> *const *const c_char {
    // SAFETY: as in `environment`.
    unsafe { environ }
}

/// The variables whose names begin with one of `prefixes`, split at the `=`.
pub fn variables(prefixes: &[&[u8]]) -> Vec<(OsString, OsString)> {
    environment()
        .map(CStr::to_bytes)
        .filter(|entry| prefixes.iter().any(|prefix| entry.starts_with(prefix)))
        .filter_map(split)
        .map(|(name, value)| (OsStr::from_bytes(name).to_owned(), OsStr::from_bytes(value).to_owned()))
        .collect()
}

/// The value of the variable `name`.
pub fn variable(name: &[u8]) -> Option<&'static OsStr> {
    let found = environment().filter_map(|entry| split(entry.to_bytes())).find(|(n, _)| *n == name);
    found.map(|(_, value)| OsStr::from_bytes(value))
}

fn split(entry: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = entry.iter().position(|b| *b == b'=')?;
    Some((entry.get(..equals)?, entry.get(equals + 1..)?))
}

/// Were we started with more privileges than our caller has (`getauxval(3)`, AT_SECURE)?
pub fn is_secure() -> bool {
    // SAFETY: getauxval only reads the vector that the kernel laid out.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

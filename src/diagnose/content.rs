//! What a file that is to be executed contains.

use nix::fcntl::OFlag;

use super::elf::{self, Elf};
use super::shebang::{self, Shebang};
use crate::files;

/// The kind of program a file holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Content {
    /// It cannot be read.
    Unread,
    /// Nothing.
    Empty,
    /// A script that names its interpreter.
    Script(Shebang),
    /// A script whose `#!` is hidden from the kernel by a UTF-8 byte-order mark.
    Marked,
    /// An ELF file.
    Elf(Elf),
    /// Something else that is known: what it is.
    Foreign(&'static str),
    /// Something without NULs: text, it seems.
    Text,
    /// Anything else.
    Data,
}

/// No more than this is read, but for the program headers and the loader's name of an ELF file.
const HEAD: usize = 4096;

const SIGNATURES: [(&[u8], &str); 15] = [
    (b"\xff\xfe", "text in UTF-16"),
    (b"\xfe\xff", "text in UTF-16"),
    (b"MZ", "a Windows program"),
    (b"\xfe\xed\xfa\xce", "a macOS program"),
    (b"\xfe\xed\xfa\xcf", "a macOS program"),
    (b"\xce\xfa\xed\xfe", "a macOS program"),
    (b"\xcf\xfa\xed\xfe", "a macOS program"),
    (b"\xca\xfe\xba\xbe", "a Java class or a macOS program"),
    (b"\0asm", "a WebAssembly module"),
    (b"PK\x03\x04", "a zip or jar archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"!<arch>\n", "a library archive"),
    (b"version https://git-lfs", "a Git LFS pointer, whose file was not fetched"),
];

/// Reads the file at `path`, which must have been found to be a regular one: opening a device can do anything.
#[inline(never)]
pub(super) fn read(path: &[u8]) -> Content {
    // O_NONBLOCK: by now it may be a FIFO after all.
    let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    match files::open(path, flags, 0) {
        Ok(file) if files::fstat(&file).is_ok_and(|found| found.is_regular()) => {
            parse(&|offset, length| files::read_at(&file, offset, length).unwrap_or_default())
        }
        _ => Content::Unread,
    }
}

/// Parses the file behind `read(offset, length)`, which returns fewer bytes only where the file ends.
#[inline(never)]
fn parse(read: &dyn Fn(u64, usize) -> Vec<u8>) -> Content {
    let head = read(0, HEAD);
    if head.is_empty() {
        return Content::Empty;
    }
    if let Some(shebang) = shebang::parse(&head) {
        return Content::Script(shebang);
    }
    if head.starts_with(b"\xef\xbb\xbf#!") {
        return Content::Marked;
    }
    if let Some(elf) = elf::parse(read) {
        return Content::Elf(elf);
    }
    if let Some((_, what)) = SIGNATURES.iter().find(|(signature, _)| head.starts_with(signature)) {
        return Content::Foreign(what);
    }
    match head.contains(&0) {
        _ if head.iter().all(|byte| *byte == 0) => Content::Foreign("full of zeros"),
        true => Content::Data,
        false => Content::Text,
    }
}

/// The same for a file in memory.
#[cfg(any(test, fuzzing))]
pub(super) fn parse_bytes(file: &[u8]) -> Content {
    parse(&|offset, length| file.iter().skip(offset as usize).take(length).copied().collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn kinds() {
        for (file, expected) in [
            (&b""[..], Content::Empty),
            (b"#!/bin/sh\n", Content::Script(Shebang::Interpreter(b"/bin/sh".into()))),
            (b"\xef\xbb\xbf#!/bin/sh\n", Content::Marked),
            (b"\xef\xbb\xbfecho\n", Content::Text),
            (b"\xff\xfe#\0!\0", Content::Foreign("text in UTF-16")),
            (b"MZ\x90", Content::Foreign("a Windows program")),
            (b"\0\0\0", Content::Foreign("full of zeros")),
            (b"\0asm\x01\0\0\0", Content::Foreign("a WebAssembly module")),
            (b"echo\n", Content::Text),
            (b"a\0", Content::Data),
        ] {
            assert_eq!(parse_bytes(file), expected, "{}", file.escape_ascii());
        }
        assert!(matches!(parse_bytes(b"\x7fELF"), Content::Elf(_)));
    }

    #[test]
    #[cfg_attr(miri, ignore = "opens without waiting, which Miri cannot")]
    fn no_device_or_directory_is_read() {
        for path in ["/dev/zero", "/dev/tty", "/proc", "/nonexistent"] {
            assert_eq!(read(path.as_bytes()), Content::Unread, "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = parse_bytes(&bytes);
        }
    }
}

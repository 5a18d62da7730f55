//! The `#!` line, read as the kernel reads it (fs/binfmt_script.c; `execve(2)`).

/// What a file that begins with `#!` asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Shebang {
    /// This interpreter. Its name may end in a carriage return: then the file has CR LF line endings, and no
    /// interpreter is called so.
    Interpreter(Vec<u8>),
    /// None at all.
    Nameless,
    /// One whose name does not end within what the kernel reads.
    TooLong,
}

/// `BINPRM_BUF_SIZE`: the kernel sees no more of the file.
const SEEN: usize = 256;

/// Parses the beginning of a file. None: it does not begin with `#!`.
pub(super) fn parse(head: &[u8]) -> Option<Shebang> {
    let rest = head.strip_prefix(b"#!")?;
    let rest = rest.get(..SEEN - 2).unwrap_or(rest);
    // Past the end of a short file the kernel sees NULs.
    let ends = |byte: &u8| matches!(byte, b'\n' | 0);
    let line = rest.split(ends).next().unwrap_or_default();
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let Some(start) = line.iter().position(|byte| !blank(byte)) else { return Some(Shebang::Nameless) };
    let name = line.get(start..).unwrap_or_default();
    let (name, terminated) = match name.iter().position(blank) {
        Some(end) => (name.get(..end).unwrap_or_default(), true),
        None => (name, line.len() < SEEN - 2),
    };
    Some(if terminated { Shebang::Interpreter(name.to_vec()) } else { Shebang::TooLong })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn interpreter(name: &str) -> Option<Shebang> {
        Some(Shebang::Interpreter(name.into()))
    }

    #[test]
    fn lines() {
        let long = |length: usize| [b"#!".as_slice(), &b"x".repeat(length), b"\n"].concat();
        for (head, expected) in [
            (&b"#!/bin/sh\necho"[..], interpreter("/bin/sh")),
            (b"#! \t/bin/sh -e x\n", interpreter("/bin/sh")),
            (b"#!/bin/sh", interpreter("/bin/sh")),
            (b"#!/bin/sh\r\necho\r\n", interpreter("/bin/sh\r")),
            (b"#!/bin/sh -e\r\n", interpreter("/bin/sh")),
            (b"#!/bin/\0sh\n", interpreter("/bin/")),
            (b"#!\r\n", interpreter("\r")),
            (b"#!", Some(Shebang::Nameless)),
            (b"#!  \t \n/bin/sh", Some(Shebang::Nameless)),
            (b"", None),
            (b"#", None),
            (b"\xef\xbb\xbf#!/bin/sh\n", None),
            (b"# !/bin/sh\n", None),
        ] {
            assert_eq!(parse(head), expected, "{}", head.escape_ascii());
        }
        assert_eq!(parse(&long(253)), interpreter(&"x".repeat(253)));
        assert_eq!(parse(&long(254)), Some(Shebang::TooLong));
        assert_eq!(parse(&[&b"#!/bin/sh "[..], &[b'x'; 300]].concat()), interpreter("/bin/sh"));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>, spaces in "[ \t]{0,300}") {
            let _ = parse(&bytes);
            let _ = parse(&[b"#!", spaces.as_bytes(), &bytes].concat());
        }
    }
}

//! `/proc/self/mountinfo` (`proc_pid_mountinfo(5)`): what is mounted where.

use super::lines;

/// What matters of a line.
pub(crate) struct Mount<'a> {
    /// Which directory of the filesystem is mounted, escaped.
    pub(crate) root: &'a [u8],
    /// Where it is mounted, escaped.
    pub(crate) point: &'a [u8],
    /// The options of this mount: `noexec` and the like.
    pub(crate) flags: &'a [u8],
    /// The filesystem's type.
    pub(crate) kind: &'a [u8],
    /// The superblock's options: cgroup version 1 names its controllers there, proc how much it hides.
    pub(crate) options: &'a [u8],
}

/// Calls `what` with each mount, in the order of the file: what comes later covers what came before.
pub(crate) fn each<'a>(mountinfo: &'a [u8], what: &mut dyn FnMut(Mount<'a>)) {
    lines(mountinfo).filter_map(Mount::parse).for_each(what);
}

impl<'a> Mount<'a> {
    /// `ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG...] - TYPE SOURCE SUPEROPTIONS`
    fn parse(line: &'a [u8]) -> Option<Self> {
        let mut words = line.split(|b| *b == b' ');
        let (root, point, flags) = (words.nth(3)?, words.next()?, words.next()?);
        words.find(|word| *word == b"-")?;
        Some(Self { root, point, flags, kind: words.next()?, options: words.nth(1)? })
    }
}

/// Is `word` one of those in a list with commas?
pub(crate) fn lists(list: &[u8], word: &[u8]) -> bool {
    list.split(|b| *b == b',').any(|listed| listed == word)
}

/// Space, tab, newline and backslash are written as `\040`, `\011`, `\012` and `\134`.
pub(crate) fn unescaped(word: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(word.len());
    let mut rest = word;
    while let [first, tail @ ..] = rest {
        let (byte, tail) = match rest {
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', tail @ ..] => {
                ((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'), tail)
            }
            _ => (*first, tail),
        };
        plain.push(byte);
        rest = tail;
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes() {
        for (word, plain) in [
            (&b"a\\040b"[..], &b"a b"[..]),
            (b"\\134\\134", b"\\\\"),
            (b"\\04", b"\\04"),
            (b"\\999", b"\\999"),
            (b"\\", b"\\"),
            (b"\\777", b"\\777"),
            (b"\xff\\011", b"\xff\t"),
        ] {
            assert_eq!(unescaped(word), plain, "{}", word.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = (Mount::parse(&bytes).is_some(), unescaped(&bytes));
        }
    }
}

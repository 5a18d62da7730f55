//! `/proc/self/mountinfo` (`proc_pid_mountinfo(5)`): what is mounted where.

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

impl<'a> Mount<'a> {
    /// `ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG...] - TYPE SOURCE SUPEROPTIONS`
    pub(crate) fn parse(line: &'a [u8]) -> Option<Self> {
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
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        let escape = tail.get(..3).filter(|_| *first == b'\\').and_then(octal);
        match escape {
            Some(byte) => {
                plain.push(byte);
                rest = tail.get(3..).unwrap_or_default();
            }
            None => plain.push(*first),
        }
    }
    plain
}

fn octal(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(str::from_utf8(digits).ok()?, 8).ok()
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

//! Names of users from the image's own `/etc/passwd` (`passwd(5)`), without the C library's name services: a static
//! binary has none.

use crate::proc::number;

/// User ids and names.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Users(Vec<(u32, Vec<u8>)>);

impl Users {
    /// Parses the file. Lines that make no sense are passed over.
    pub(super) fn parse(passwd: &[u8]) -> Self {
        Self(passwd.split(|b| *b == b'\n').filter_map(entry).collect())
    }

    /// The name of `uid`, the first of several: bytes that the image's author chose.
    pub(super) fn name(&self, uid: u32) -> Option<&[u8]> {
        self.0.iter().find(|(id, _)| *id == uid).map(|(_, name)| name.as_slice())
    }
}

/// `NAME:PASSWORD:UID:...`
fn entry(line: &[u8]) -> Option<(u32, Vec<u8>)> {
    let mut fields = line.split(|b| *b == b':');
    let name = fields.next().filter(|name| !name.is_empty())?;
    Some((number(fields.nth(1)?)?, name.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_name_of_an_id_counts() {
        let users = Users::parse(
            b"root:x:0:0:root:/root:/bin/sh\n# comment\n\ntoor:x:0:0::/:/bin/sh\nwww:x:33:33\nbad:x:y:1\n\
              :x:5:5::/:\nshort:x\n\xffa:x:7:7::/:/\n+nis::8:8::/:/",
        );
        assert_eq!(users.name(0), Some(&b"root"[..]));
        assert_eq!(users.name(33), Some(&b"www"[..]));
        assert_eq!(users.name(7), Some(&b"\xffa"[..]));
        assert_eq!([users.name(1), users.name(5)], [None; 2]);
        assert_eq!(Users::parse(b""), Users::default());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = Users::parse(&bytes).name(0);
        }
    }
}

//! Modes and owners: who may execute what.

use std::fmt;

use crate::files::Found;
use crate::proc::status::Status;

/// Whom the program was to run as.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// The user id.
    pub uid: u32,
    /// The group id and the supplementary ones.
    pub groups: Vec<u32>,
}

impl Identity {
    /// Our own.
    pub(super) fn own() -> Self {
        let mut groups = Status::of_self().and_then(|status| status.groups).unwrap_or_default();
        groups.push(nix::unistd::getegid().as_raw());
        Self { uid: nix::unistd::geteuid().as_raw(), groups }
    }
}

/// A file's mode and owner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Mode {
    pub(super) bits: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Mode {
    pub(super) fn of(found: &Found) -> Self {
        Self { bits: found.mode & 0o7777, uid: found.uid, gid: found.gid }
    }

    /// Has anybody the right to execute it?
    pub(super) fn executable(self) -> bool {
        self.bits & 0o111 != 0
    }

    /// May this user execute the file, as far as the mode says?
    pub(super) fn executable_by(self, user: &Identity) -> bool {
        let bit = match user.uid {
            0 => 0o111,
            uid if uid == self.uid => 0o100,
            _ if user.groups.contains(&self.gid) => 0o010,
            _ => 0o001,
        };
        self.bits & bit != 0
    }

    /// May this user go through the directory, as far as the mode says? Root may go through any, given
    /// CAP_DAC_READ_SEARCH.
    pub(super) fn searchable_by(self, user: &Identity) -> bool {
        user.uid == 0 || self.executable_by(user)
    }
}

/// `mode 0644 (rw-r--r--)`
impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mode {:04o} (", self.bits)?;
        for (shift, letter) in (0..9).rev().zip("rwxrwxrwx".chars()) {
            let set = self.bits >> shift & 1 == 1;
            fmt::Write::write_char(f, if set { letter } else { '-' })?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_as_ls_shows_them() {
        for (bits, shown) in [
            (0o644, "mode 0644 (rw-r--r--)"),
            (0o4751, "mode 4751 (rwxr-x--x)"),
            (0, "mode 0000 (---------)"),
            (0o777, "mode 0777 (rwxrwxrwx)"),
        ] {
            assert_eq!(Mode { bits, uid: 0, gid: 0 }.to_string(), shown);
        }
    }

    #[test]
    fn the_first_class_that_fits_decides() {
        let file = |bits| Mode { bits, uid: 10, gid: 20 };
        for (bits, uid, groups, may) in [
            (0o100, 10, vec![], true),
            (0o077, 10, vec![20], false),
            (0o010, 11, vec![1, 20], true),
            (0o701, 11, vec![20], false),
            (0o001, 11, vec![21], true),
            (0o770, 11, vec![21], false),
            (0o001, 0, vec![], true),
            (0o644, 0, vec![0], false),
        ] {
            assert_eq!(file(bits).executable_by(&Identity { uid, groups }), may, "{bits:o} {uid}");
        }
        assert!(file(0).searchable_by(&Identity { uid: 0, groups: vec![] }));
        assert!(!file(0o700).searchable_by(&Identity { uid: 1, groups: vec![] }));
    }
}

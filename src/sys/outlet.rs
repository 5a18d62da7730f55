//! Files that are written for others to read: never through a link, and into nothing but a regular file of one name,
//! for whoever may write in that directory could make us write elsewhere. See `open(2)`. And the standard streams.
#![allow(unsafe_code)]

use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::unistd::ftruncate;

use super::descriptors::above_standard;
use crate::errno::Shown;
use crate::files;

/// Why there is no such file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// It cannot be opened.
    Open(Errno),
    /// It is a directory, a device, a pipe.
    NotRegular,
    /// It has other names.
    Linked,
    /// Somebody has written to it.
    NotEmpty,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(Errno::ELOOP) => f.write_str("it is a symbolic link"),
            Self::Open(errno) => Shown(*errno).fmt(f),
            Self::NotRegular => f.write_str("it is no regular file"),
            Self::Linked => f.write_str("it has more than one link"),
            Self::NotEmpty => f.write_str("it is not empty"),
        }
    }
}

/// Opens a file that may exist already; its contents stay until [`replace`].
pub fn open_any(path: &Path) -> Result<OwnedFd, Refused> {
    open(path, OFlag::O_CREAT)
}

/// Opens a file that exists and is empty.
pub fn open_empty(path: &Path) -> Result<OwnedFd, Refused> {
    let file = open(path, OFlag::empty())?;
    match files::fstat(&file) {
        Ok(found) if found.empty => Ok(file),
        Ok(_) => Err(Refused::NotEmpty),
        Err(errno) => Err(refused(errno)),
    }
}

fn open(path: &Path, more: OFlag) -> Result<OwnedFd, Refused> {
    // Without O_NONBLOCK a FIFO would hold us up. With O_APPEND the end is where [`replace`] has put it.
    let flags = OFlag::O_WRONLY | OFlag::O_APPEND | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    let file = files::open(path.as_os_str().as_bytes(), flags | more, 0o644).map_err(refused)?;
    let file = above_standard(file).map_err(Refused::Open)?;
    match files::fstat(&file) {
        Ok(found) if !found.is_regular() => Err(Refused::NotRegular),
        Ok(found) if !found.single => Err(Refused::Linked),
        Ok(_) => Ok(file),
        Err(errno) => Err(refused(errno)),
    }
}

fn refused(errno: Errno) -> Refused {
    match errno {
        Errno::ENXIO | Errno::EISDIR => Refused::NotRegular,
        errno => Refused::Open(errno),
    }
}

/// Makes `bytes` the contents. What does not fit is not left behind in part.
pub fn replace(file: &OwnedFd, bytes: &[u8]) -> Result<(), Errno> {
    let written = ftruncate(file, 0).and_then(|()| files::write_all(file.as_fd(), bytes));
    written.inspect_err(|_| {
        let _ = ftruncate(file, 0);
    })
}

/// Writes all of `bytes` to a standard stream. One that is closed takes everything: whoever closed it wants nothing.
pub fn answer(stream: RawFd, bytes: &[u8]) -> Result<(), Errno> {
    // SAFETY: nothing of ours closes or owns a standard stream while an answer is written.
    let stream = unsafe { BorrowedFd::borrow_raw(stream) };
    match files::write_all(stream, bytes) {
        Err(Errno::EBADF) => Ok(()),
        written => written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    fn directory(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("sexton-outlet-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        path
    }

    #[test]
    fn contents_are_replaced() {
        let here = directory("replaced");
        let path = here.join("report");
        std::fs::write(&path, "something longer").unwrap();
        let file = open_any(&path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"something longer", "not before the end");
        replace(&file, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        open_any(&here.join("made")).unwrap();
        std::fs::remove_dir_all(here).unwrap();
    }

    #[test]
    fn only_a_regular_file_of_one_name_is_opened() {
        let here = directory("refused");
        let at = |name: &str| here.join(name);
        std::fs::write(at("file"), "").unwrap();
        symlink(at("file"), at("symlink")).unwrap();
        std::fs::hard_link(at("file"), at("link")).unwrap();
        nix::unistd::mkfifo(&at("fifo"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        for (name, why) in [
            ("symlink", Refused::Open(Errno::ELOOP)),
            ("link", Refused::Linked),
            ("fifo", Refused::NotRegular),
            (".", Refused::NotRegular),
            ("missing/file", Refused::Open(Errno::ENOENT)),
        ] {
            assert_eq!(open_any(&at(name)).err(), Some(why), "{name}");
        }
        assert_eq!(open_any(Path::new("/dev/null")).err(), Some(Refused::NotRegular));
        assert_eq!(open_empty(&at("missing")).err(), Some(Refused::Open(Errno::ENOENT)));
        std::fs::write(at("full"), "x").unwrap();
        assert_eq!(open_empty(&at("full")).err(), Some(Refused::NotEmpty));
        std::fs::remove_dir_all(here).unwrap();
    }
}

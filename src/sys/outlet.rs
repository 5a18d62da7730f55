//! Files that are written for others to read: never through a link, and into nothing but a regular file of one name,
//! for whoever may write in that directory could make us write elsewhere. See `open(2)`.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use nix::errno::Errno;

use super::descriptors::above_standard;
use crate::errno::Shown;

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
pub fn open_any(path: &Path) -> Result<File, Refused> {
    open(path, OpenOptions::new().create(true).truncate(false))
}

/// Opens a file that exists and is empty.
pub fn open_empty(path: &Path) -> Result<File, Refused> {
    let file = open(path, &mut OpenOptions::new())?;
    match file.metadata() {
        Ok(found) if found.len() == 0 => Ok(file),
        Ok(_) => Err(Refused::NotEmpty),
        Err(error) => Err(refused(&error)),
    }
}

fn open(path: &Path, options: &mut OpenOptions) -> Result<File, Refused> {
    // Without O_NONBLOCK a FIFO would hold us up.
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
    let file = options.write(true).mode(0o644).custom_flags(flags).open(path).map_err(|e| refused(&e))?;
    let file = File::from(above_standard(OwnedFd::from(file)).map_err(Refused::Open)?);
    match file.metadata() {
        Ok(found) if !found.is_file() => Err(Refused::NotRegular),
        Ok(found) if found.nlink() != 1 => Err(Refused::Linked),
        Ok(_) => Ok(file),
        Err(error) => Err(refused(&error)),
    }
}

fn refused(error: &io::Error) -> Refused {
    match Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO)) {
        Errno::ENXIO | Errno::EISDIR => Refused::NotRegular,
        errno => Refused::Open(errno),
    }
}

/// Makes `bytes` the contents. What does not fit is not left behind in part.
pub fn replace(file: &File, bytes: &[u8]) -> Result<(), Errno> {
    let written = file.set_len(0).and_then(|()| file.write_all_at(bytes, 0));
    written.map_err(|error| {
        let _ = file.set_len(0);
        Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO))
    })
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

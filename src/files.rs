//! Floor 0: files, by system calls that answer with an errno. The standard library's ways to the same calls bring its
//! paths, its errors and its printing of both, which were a twentieth of the static binary.

use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, readlink, renameat};
use nix::sys::stat::{FileStat, Mode};
use nix::unistd::{Whence, lseek};
use nix::{fcntl, sys, unistd};

/// A file's kind, mode and owner, and what else is asked for here (`inode(7)`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found {
    /// Kind and permissions.
    pub mode: u32,
    /// The owner.
    pub uid: u32,
    /// The owning group.
    pub gid: u32,
    /// It has one name and no other.
    pub single: bool,
    /// It holds nothing.
    pub empty: bool,
}

impl Found {
    /// `S_IFREG` and so on.
    pub fn kind(&self) -> u32 {
        self.mode & libc::S_IFMT
    }

    /// Is it a directory?
    pub fn is_directory(&self) -> bool {
        self.kind() == libc::S_IFDIR
    }

    /// Is it a regular file?
    pub fn is_regular(&self) -> bool {
        self.kind() == libc::S_IFREG
    }
}

fn found(stat: FileStat) -> Found {
    Found {
        mode: stat.st_mode,
        uid: stat.st_uid,
        gid: stat.st_gid,
        single: stat.st_nlink == 1,
        empty: stat.st_size == 0,
    }
}

/// What is at `path`; a symbolic link is followed.
pub fn stat(path: &[u8]) -> Result<Found, Errno> {
    look(path, sys::stat::stat)
}

/// What is at `path`, if only a symbolic link.
pub fn lstat(path: &[u8]) -> Result<Found, Errno> {
    look(path, sys::stat::lstat)
}

#[inline(never)]
fn look(path: &[u8], call: fn(&CStr) -> Result<FileStat, Errno>) -> Result<Found, Errno> {
    call(&named(path)?).map(found)
}

/// What was opened.
pub fn fstat(file: &OwnedFd) -> Result<Found, Errno> {
    sys::stat::fstat(file).map(found)
}

/// What a symbolic link names.
pub fn read_link(path: &[u8]) -> Result<Vec<u8>, Errno> {
    readlink(named(path)?.as_c_str()).map(OsStringExt::into_vec)
}

/// Gives a file another name, in place of whatever had that name.
pub fn rename(from: &[u8], to: &[u8]) -> Result<(), Errno> {
    renameat(AT_FDCWD, named(from)?.as_c_str(), AT_FDCWD, named(to)?.as_c_str())
}

/// Takes a file's name away.
pub fn unlink(path: &[u8]) -> Result<(), Errno> {
    unistd::unlink(named(path)?.as_c_str())
}

/// Opens a file, close-on-exec; one that this makes has `mode`, less the umask.
pub fn open(path: &[u8], flags: OFlag, mode: u32) -> Result<OwnedFd, Errno> {
    open_as(path, flags | OFlag::O_CLOEXEC, mode)
}

fn open_as(path: &[u8], flags: OFlag, mode: u32) -> Result<OwnedFd, Errno> {
    let path = named(path)?;
    uninterrupted(|| fcntl::open(path.as_c_str(), flags, Mode::from_bits_truncate(mode)))
}

/// Without close-on-exec, which costs musl another system call: nothing is executed before it is closed.
fn open_to_read(path: &[u8]) -> Result<OwnedFd, Errno> {
    open_as(path, OFlag::O_RDONLY, 0)
}

/// Reads the beginning of a file into `buffer` with a single read(2), which is what the kernel answers a whole
/// record of a /proc file with.
pub fn read_once<'b>(path: &[u8], buffer: &'b mut [u8]) -> Result<&'b [u8], Errno> {
    let file = open_to_read(path)?;
    let length = uninterrupted(|| unistd::read(&file, buffer))?;
    Ok(buffer.get(..length).unwrap_or_default())
}

/// Reads a file, but no more than `most` bytes of it.
pub fn read(path: &[u8], most: usize) -> Result<Vec<u8>, Errno> {
    read_on(&open_to_read(path)?, most)
}

/// Reads a part of a file; there is less only where the file ends.
pub fn read_at(file: &OwnedFd, offset: u64, length: usize) -> Result<Vec<u8>, Errno> {
    let offset = offset.try_into().map_err(|_| Errno::EINVAL)?;
    lseek(file, offset, Whence::SeekSet)?;
    read_on(file, length)
}

/// So much is read at first, and then as much again as there is already.
const FIRST: usize = 1024;

/// Reads from where the file stands to its end, but no more than `most` bytes.
pub fn read_on(file: &OwnedFd, most: usize) -> Result<Vec<u8>, Errno> {
    let mut bytes = Vec::new();
    loop {
        let filled = bytes.len();
        bytes.resize(filled.max(FIRST).saturating_add(filled).min(most), 0);
        let room = bytes.get_mut(filled..).unwrap_or_default();
        let length = if room.is_empty() { 0 } else { uninterrupted(|| unistd::read(file, room))? };
        bytes.truncate(filled + length);
        if length == 0 {
            return Ok(bytes);
        }
    }
}

/// Writes all of `bytes`, or says why not.
pub fn write_all(file: BorrowedFd<'_>, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match uninterrupted(|| unistd::write(file.as_fd(), bytes))? {
            0 => return Err(Errno::EIO),
            length => bytes = bytes.get(length..).unwrap_or_default(),
        }
    }
    Ok(())
}

/// A call that a signal has come in between of is made again, but not for ever: signals are held, so that who always answers
/// so is a sandbox.
fn uninterrupted<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    const INTERRUPTIONS: usize = 8;
    for _ in 1..INTERRUPTIONS {
        match call() {
            Err(Errno::EINTR) => {}
            result => return result,
        }
    }
    call()
}

/// As the kernel takes it: no file's name has a NUL.
fn named(path: &[u8]) -> Result<CString, Errno> {
    CString::new(path).map_err(|_| Errno::EINVAL)
}

/// `name` as seen from `directory`: an absolute one stays as it is.
pub fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    if directory.is_empty() || name.starts_with(b"/") {
        return name.to_vec();
    }
    let slash: &[u8] = if directory.ends_with(b"/") { b"" } else { b"/" };
    [directory, slash, name].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn names_are_joined_as_paths_are() {
        for (directory, name) in [("/a", "b"), ("/a/", "b"), ("a", "/b"), ("", "b"), ("/", "b/c"), (".", "x")]
        {
            let joined = join(directory.as_bytes(), name.as_bytes());
            assert_eq!(joined, Path::new(directory).join(name).as_os_str().as_encoded_bytes());
        }
    }

    #[test]
    fn a_file_of_any_length_is_read_up_to_a_limit() {
        let path = std::env::temp_dir().join(format!("sexton-files-{}", std::process::id()));
        let name = path.as_os_str().as_encoded_bytes();
        for length in [0, 1, 1023, 1024, 1025, 5000, 100_000] {
            let contents: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            std::fs::write(&path, &contents).unwrap();
            assert_eq!(read(name, usize::MAX).unwrap(), contents);
            assert_eq!(read(name, 1024).unwrap(), &contents[..length.min(1024)]);
            let file = open(name, OFlag::O_RDONLY, 0).unwrap();
            assert_eq!(
                read_at(&file, 1000, 50).unwrap(),
                contents.iter().skip(1000).take(50).copied().collect::<Vec<u8>>()
            );
            assert_eq!(read_at(&file, u64::MAX, 1), Err(Errno::EINVAL));
        }
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read(name, 1), Err(Errno::ENOENT));
        assert_eq!(stat(b"a\0b"), Err(Errno::EINVAL));
    }

    #[test]
    fn an_interrupted_call_is_repeated_a_few_times() {
        let answer = |interruptions: usize| {
            let mut made = 0;
            let result = uninterrupted(|| {
                made += 1;
                if made > interruptions { Ok(()) } else { Err(Errno::EINTR) }
            });
            (result, made)
        };
        assert_eq!(answer(0), (Ok(()), 1));
        assert_eq!(answer(7), (Ok(()), 8));
        assert_eq!(answer(usize::MAX), (Err(Errno::EINTR), 8));
        let mut made = 0;
        let failed = uninterrupted(|| {
            made += 1;
            Err::<(), _>(Errno::EIO)
        });
        assert_eq!((failed, made), (Err(Errno::EIO), 1));
    }
}

//! `--install PATH`: a copy of the running binary, for init containers and image volumes.

use std::fmt;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::{Mode, fchmod};
use nix::unistd::fsync;

use crate::errno::Shown;
use crate::files;
use crate::harmless::harmless;

/// Where the kernel shows the file that runs here, whatever its name is by now (`proc_pid_exe(5)`).
const SELF: &[u8] = b"/proc/self/exe";

/// Leftovers of copies that were cut short by a kill may be in the way: so many are passed over.
const MOST_NAMES: u32 = 100;

/// Why there is no copy, and the path that this is about.
#[derive(Debug)]
pub struct InstallError {
    path: Vec<u8>,
    why: Why,
}

#[derive(Debug)]
enum Why {
    /// A directory was named, not a file in it.
    Directory,
    /// The directory that the file would be in is not there.
    NoDirectory,
    /// A step failed: what, and why.
    Step(&'static str, Errno),
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = match self.why {
            Why::Directory => "cannot install to",
            Why::NoDirectory => "cannot install: there is no directory",
            Why::Step(what, _) => what,
        };
        write!(f, "{before} '{}'", harmless(&self.path))?;
        match self.why {
            Why::Directory => {
                let inside = files::join(&self.path, b"sexton");
                write!(f, ": that is a directory; did you mean '{}'?", harmless(&inside))
            }
            Why::NoDirectory => Ok(()),
            Why::Step(_, errno) => write!(f, ": {}", Shown(errno)),
        }
    }
}

impl std::error::Error for InstallError {}

/// Copies the running binary to `path`, mode 0755, in one step: whoever looks sees the old file or the whole new
/// one. A symbolic link at `path` is replaced, never followed.
pub fn install(path: &Path) -> Result<(), InstallError> {
    let path = path.as_os_str().as_bytes();
    let error = |path: &[u8], why| InstallError { path: path.to_vec(), why };
    let failed = |what, path| move |errno| error(path, Why::Step(what, errno));
    // With a slash behind it a directory is meant, there or not; and `..` has no name to be replaced.
    let slash = path.iter().rposition(|byte| *byte == b'/');
    let (parent, name) = path.split_at(slash.map_or(0, |slash| slash + 1));
    let is_named = !matches!(name, b"" | b"." | b"..");
    if !is_named || files::lstat(path).is_ok_and(|there| there.is_directory()) {
        return Err(error(path, Why::Directory));
    }
    let mut parent = if parent.is_empty() { b"." } else { parent };
    while let [directory @ .., b'/'] = parent
        && !directory.is_empty()
    {
        parent = directory;
    }
    if !files::stat(parent).is_ok_and(|there| there.is_directory()) {
        return Err(error(parent, Why::NoDirectory));
    }
    let bytes = files::read(SELF, usize::MAX).map_err(failed("cannot read", SELF))?;
    let (beside, file) = temporary(parent).map_err(failed("cannot create a file in", parent))?;
    if let Err(errno) = write(&file, &bytes).and_then(|()| files::rename(&beside, path)) {
        let _ = files::unlink(&beside);
        return Err(failed("cannot write", path)(errno));
    }
    // So that the new name outlives a crash of the machine; the copy is good without.
    let _ = files::open(parent, OFlag::O_RDONLY, 0).and_then(fsync);
    Ok(())
}

/// A new file in `parent`: in the same file system, so that it can be renamed.
fn temporary(parent: &[u8]) -> Result<(Vec<u8>, OwnedFd), Errno> {
    let mut number = 0;
    loop {
        let path = files::join(parent, format!(".sexton-{}-{number}", std::process::id()).as_bytes());
        match files::open(&path, OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL, 0o700) {
            Err(Errno::EEXIST) if number < MOST_NAMES => number += 1,
            other => return Ok((path, other?)),
        }
    }
}

fn write(file: &OwnedFd, bytes: &[u8]) -> Result<(), Errno> {
    files::write_all(file.as_fd(), bytes)?;
    // Not by the open: the umask takes bits away from that.
    fchmod(file, Mode::from_bits_truncate(0o755))?;
    fsync(file)
}

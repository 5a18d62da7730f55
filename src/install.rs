//! `--install PATH`: a copy of the running binary, for init containers and image volumes.

use std::fmt;
use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::harmless::harmless;

/// Where the kernel shows the file that runs here, whatever its name is by now (`proc_pid_exe(5)`).
const SELF: &str = "/proc/self/exe";

/// Leftovers of copies that were cut short by a kill may be in the way: so many are passed over.
const MOST_NAMES: u32 = 100;

/// Why there is no copy.
#[derive(Debug)]
pub enum InstallError {
    /// A directory was named, not a file in it.
    Directory(PathBuf),
    /// The directory that the file would be in is not there.
    NoDirectory(PathBuf),
    /// A step failed: what, where, why.
    Step(&'static str, PathBuf, io::Error),
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, before) = match self {
            Self::Directory(path) => (path, "cannot install to"),
            Self::NoDirectory(path) => (path, "cannot install: there is no directory"),
            Self::Step(what, path, _) => (path, *what),
        };
        let shown = |path: &Path| harmless(path.as_os_str().as_bytes()).to_string();
        write!(f, "{before} '{}'", shown(path))?;
        match self {
            Self::Directory(path) => {
                write!(f, ": that is a directory; did you mean '{}'?", shown(&path.join("sexton")))
            }
            Self::NoDirectory(_) => Ok(()),
            Self::Step(.., error) => write!(f, ": {error}"),
        }
    }
}

impl std::error::Error for InstallError {}

/// Copies the running binary to `path`, mode 0755, in one step: whoever looks sees the old file or the whole new
/// one. A symbolic link at `path` is replaced, never followed.
pub fn install(path: &Path) -> Result<(), InstallError> {
    let failed = |what, path: &Path, error| InstallError::Step(what, path.to_owned(), error);
    // With a slash behind it a directory is meant, there or not; and `..` has no name to be replaced.
    let named = path.file_name().filter(|_| !path.as_os_str().as_bytes().ends_with(b"/"));
    if named.is_none() || fs::symlink_metadata(path).is_ok_and(|there| there.is_dir()) {
        return Err(InstallError::Directory(path.to_owned()));
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !parent.is_dir() {
        return Err(InstallError::NoDirectory(parent.to_owned()));
    }
    let bytes = fs::read(SELF).map_err(|error| failed("cannot read", Path::new(SELF), error))?;
    let (beside, file) =
        temporary(parent).map_err(|error| failed("cannot create a file in", parent, error))?;
    let done = write(file, &bytes).and_then(|()| fs::rename(&beside, path));
    let done = done.map_err(|error| failed("cannot write", path, error));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    } else if let Ok(directory) = File::open(parent) {
        // So that the new name outlives a crash of the machine; the copy is good without.
        let _ = directory.sync_all();
    }
    done
}

/// A new file in `parent`: in the same file system, so that it can be renamed.
fn temporary(parent: &Path) -> io::Result<(PathBuf, File)> {
    let mut number = 0;
    loop {
        let path = parent.join(format!(".sexton-{}-{number}", std::process::id()));
        match File::options().write(true).create_new(true).mode(0o700).open(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && number < MOST_NAMES => number += 1,
            other => return Ok((path, other?)),
        }
    }
}

fn write(mut file: File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    // Not by the open: the umask takes bits away from that.
    file.set_permissions(Permissions::from_mode(0o755))?;
    file.sync_all()
}

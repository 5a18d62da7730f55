//! The facts of a failed execve(2): the file, what it needs, and what stands in the way.

use std::ffi::OsStr;
use std::fs::{self, Metadata, OpenOptions};
use std::io::ErrorKind;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;

use super::content::{self, Content};
use super::exec::{Attempt, Step, means_absent};
use super::mounts;
use super::permission::{Identity, Mode};
use super::shebang::Shebang;

/// Where a program is looked for when PATH is not set.
pub(super) const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Facts {
    /// The program, its interpreter, that one's interpreter and so on, as far as they can be followed; empty if
    /// PATH has no such file.
    pub(super) chain: Vec<Link>,
    /// The directory of PATH that may not be searched, if there is one.
    pub(super) unsearchable: Option<PathBuf>,
    /// A file of that name lies in the working directory.
    pub(super) beside: bool,
    /// Whom the program would have run as.
    pub(super) user: Identity,
}

/// A file that has to be executable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Link {
    pub(super) role: Role,
    /// As it is written wherever it is named.
    pub(super) path: PathBuf,
    pub(super) state: State,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Program,
    Interpreter,
    Loader,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum State {
    Absent(Obstacle),
    Present(File),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct File {
    pub(super) kind: Kind,
    pub(super) mode: Mode,
    /// The mount that forbids to execute it.
    pub(super) noexec: Option<PathBuf>,
    /// A directory that leads to it and may not be searched.
    pub(super) unsearchable: Option<Obstacle>,
    pub(super) content: Content,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Regular,
    Directory,
    /// What it is instead.
    Special(&'static str),
}

/// What stands between a path and its file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Obstacle {
    /// Everything but the file is there.
    NoFile,
    NoDirectory(PathBuf),
    NotADirectory(PathBuf),
    Unsearchable(PathBuf, Option<Mode>),
    /// A symbolic link, and what it names.
    Dangling(PathBuf, PathBuf),
    Circle(PathBuf),
    Other(Errno),
}

/// The kernel follows five interpreters (`execve(2)`).
pub(super) const MOST_LINKS: usize = 7;

/// Looks at all files that matter.
pub(super) fn gather(attempt: &Attempt<'_>) -> Facts {
    let user = attempt.user.cloned().unwrap_or_else(Identity::own);
    let at = Place { base: attempt.directory, user: &user };
    let search =
        if attempt.searches() { attempt.path.unwrap_or(OsStr::new(DEFAULT_PATH)) } else { OsStr::new("") };
    let directories: Vec<&Path> = search.as_bytes().split(|byte| *byte == b':').map(directory).collect();
    let file = match attempt.step {
        Step::Shell => Some(PathBuf::from("/bin/sh")),
        _ => locate(attempt, &at, &directories),
    };
    let chain = file.map(|file| at.follow(file)).unwrap_or_default();
    let barred = |path: &&&Path| matches!(at.obstacle(&path.join("x")), Some(Obstacle::Unsearchable(..)));
    let unsearchable = directories.iter().find(barred).map(|path| path.to_path_buf());
    let beside =
        attempt.searches() && at.metadata(attempt.program().as_ref()).is_some_and(|file| file.is_file());
    Facts { chain, unsearchable, beside, user }
}

/// An empty element of PATH is the working directory.
fn directory(element: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(if element.is_empty() { b"." } else { element }))
}

/// Which file it is about. After ENOENT and its like the first one in PATH that is there: the search has gone on to
/// the end, whatever that file lacked.
fn locate(attempt: &Attempt<'_>, at: &Place<'_>, directories: &[&Path]) -> Option<PathBuf> {
    let program = attempt.program();
    if program.is_empty() {
        return None;
    }
    if !attempt.searches() {
        return Some(program.into());
    }
    let candidate = attempt.candidate.filter(|_| !means_absent(attempt.errno)).map(Path::to_path_buf);
    let all = directories.iter().map(|directory| directory.join(program));
    candidate.into_iter().chain(all).find(|path| fs::symlink_metadata(at.real(path)).is_ok())
}

/// The path without symbolic links, as the kernel knows it.
fn canonical(path: &Path) -> Option<PathBuf> {
    let file = OpenOptions::new().read(true).custom_flags(libc::O_PATH).open(path).ok()?;
    fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).ok()
}

/// From where, and for whom.
struct Place<'a> {
    base: Option<&'a Path>,
    user: &'a Identity,
}

impl Place<'_> {
    fn real(&self, path: &Path) -> PathBuf {
        self.base.map_or_else(|| path.to_path_buf(), |base| base.join(path))
    }

    fn metadata(&self, path: &Path) -> Option<Metadata> {
        fs::metadata(self.real(path)).ok()
    }

    fn follow(&self, program: PathBuf) -> Vec<Link> {
        let mut chain = Vec::new();
        let mut next = Some((Role::Program, program));
        while let Some((role, path)) = next.take().filter(|_| chain.len() < MOST_LINKS) {
            let state = self.state(&path);
            if let State::Present(file) = &state {
                next = needs(&file.content).filter(|_| role != Role::Loader);
            }
            chain.push(Link { role, path, state });
        }
        chain
    }

    fn state(&self, path: &Path) -> State {
        let obstacle = self.obstacle(path);
        match (self.metadata(path), obstacle) {
            (Some(metadata), obstacle) => State::Present(self.file(path, &metadata, obstacle)),
            (None, obstacle) => State::Absent(obstacle.unwrap_or(Obstacle::NoFile)),
        }
    }

    fn file(&self, path: &Path, metadata: &Metadata, obstacle: Option<Obstacle>) -> File {
        let real = self.real(path);
        let canonical = canonical(&real);
        let kind = kind(metadata);
        File {
            kind,
            mode: Mode::of(metadata),
            noexec: canonical.as_deref().and_then(mounts::noexec),
            // Of the path as written, or of the one that symbolic links make of it.
            unsearchable: obstacle.or_else(|| self.obstacle(canonical.as_deref()?)),
            content: if kind == Kind::Regular { content::read(&real) } else { Content::Unread },
        }
    }

    /// The first thing on the way to `path` that stops this user.
    fn obstacle(&self, path: &Path) -> Option<Obstacle> {
        let mut walked = PathBuf::new();
        let mut components = path.components().peekable();
        while let Some(component) = components.next() {
            let parent = walked.clone();
            walked.push(component);
            let is_file = components.peek().is_none();
            match fs::metadata(self.real(&walked)) {
                Ok(_) if is_file => {}
                Ok(metadata) if !metadata.is_dir() => return Some(Obstacle::NotADirectory(walked)),
                Ok(metadata) if component != Component::ParentDir => {
                    let mode = Mode::of(&metadata);
                    if !mode.searchable_by(self.user) {
                        return Some(Obstacle::Unsearchable(walked, Some(mode)));
                    }
                }
                Ok(_) => {}
                Err(error) => return Some(self.refusal(&error, parent, walked, is_file)),
            }
        }
        None
    }

    fn refusal(&self, error: &std::io::Error, parent: PathBuf, path: PathBuf, is_file: bool) -> Obstacle {
        let errno = Errno::from_raw(error.raw_os_error().unwrap_or(0));
        match (error.kind(), errno) {
            (ErrorKind::NotFound, _) => match fs::read_link(self.real(&path)) {
                Ok(target) => Obstacle::Dangling(path, target),
                Err(_) if is_file => Obstacle::NoFile,
                Err(_) => Obstacle::NoDirectory(path),
            },
            (ErrorKind::PermissionDenied, _) => {
                let mode = self.metadata(&parent).as_ref().map(Mode::of);
                Obstacle::Unsearchable(parent, mode)
            }
            (ErrorKind::NotADirectory, _) => Obstacle::NotADirectory(parent),
            (_, Errno::ELOOP) => Obstacle::Circle(path),
            (_, errno) => Obstacle::Other(errno),
        }
    }
}

/// The file that is executed in place of this one.
fn needs(content: &Content) -> Option<(Role, PathBuf)> {
    let (role, path) = match content {
        Content::Script(Shebang::Interpreter(name)) => (Role::Interpreter, name),
        Content::Elf(elf) => (Role::Loader, elf.loader.as_ref()?),
        _ => return None,
    };
    Some((role, PathBuf::from(OsStr::from_bytes(path))))
}

fn kind(metadata: &Metadata) -> Kind {
    let kind = metadata.file_type();
    match () {
        () if kind.is_file() => Kind::Regular,
        () if kind.is_dir() => Kind::Directory,
        () if kind.is_fifo() => Kind::Special("a FIFO"),
        () if kind.is_socket() => Kind::Special("a socket"),
        () if kind.is_char_device() || kind.is_block_device() => Kind::Special("a device"),
        () => Kind::Special("no regular file"),
    }
}

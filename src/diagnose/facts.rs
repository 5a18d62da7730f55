//! The facts of a failed execve(2): the file, what it needs, and what stands in the way.

use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;

use nix::errno::Errno;
use nix::fcntl::OFlag;

use super::content::{self, Content};
use super::exec::{Attempt, Step, means_absent};
use super::mounts;
use super::permission::{Identity, Mode};
use super::shebang::Shebang;
use crate::files::{self, Found, join};

/// Where a program is looked for when PATH is not set.
pub(super) const DEFAULT_PATH: &[u8] = b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Facts {
    /// The program, its interpreter, that one's interpreter and so on, as far as they can be followed; empty if
    /// PATH has no such file.
    pub(super) chain: Vec<Link>,
    /// The directory of PATH that may not be searched, if there is one.
    pub(super) unsearchable: Option<Vec<u8>>,
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
    pub(super) path: Vec<u8>,
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
    pub(super) noexec: Option<Vec<u8>>,
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
    NoDirectory(Vec<u8>),
    NotADirectory(Vec<u8>),
    Unsearchable(Vec<u8>, Option<Mode>),
    /// A symbolic link, and what it names.
    Dangling {
        link: Vec<u8>,
        target: Vec<u8>,
        /// The link is what was to be executed, no directory on the way.
        is_file: bool,
    },
    Circle(Vec<u8>),
    Other(Errno),
}

/// The kernel follows five interpreters (`execve(2)`).
pub(super) const MOST_LINKS: usize = 7;

/// Looks at all files that matter.
#[inline(never)]
pub(super) fn gather(attempt: &Attempt<'_>) -> Facts {
    let user = attempt.user.cloned().unwrap_or_else(Identity::own);
    let at = Place { base: attempt.directory.unwrap_or_default(), user: &user };
    let searches = attempt.searches();
    let search = if searches { attempt.path.map_or(DEFAULT_PATH, OsStrExt::as_bytes) } else { b"" };
    let directories: Vec<&[u8]> = search.split(|byte| *byte == b':').map(directory).collect();
    let file = match attempt.step {
        Step::Shell => Some(b"/bin/sh".to_vec()),
        _ => locate(attempt, &at, &directories),
    };
    let chain = file.map(|file| at.follow(file)).unwrap_or_default();
    let barred = |path: &&&[u8]| matches!(at.obstacle(&join(path, b"x")), Some(Obstacle::Unsearchable(..)));
    let unsearchable = directories.iter().find(barred).map(|path| path.to_vec());
    let beside = searches && at.found(attempt.program()).is_some_and(|file| file.is_regular());
    Facts { chain, unsearchable, beside, user }
}

/// An empty element of PATH is the working directory.
fn directory(element: &[u8]) -> &[u8] {
    if element.is_empty() { b"." } else { element }
}

/// Which file it is about. After ENOENT and its like the first one in PATH that is there: the search has gone on to
/// the end, whatever that file lacked.
#[inline(never)]
fn locate(attempt: &Attempt<'_>, at: &Place<'_>, directories: &[&[u8]]) -> Option<Vec<u8>> {
    let program = attempt.program();
    if program.is_empty() {
        return None;
    }
    if !attempt.searches() {
        return Some(program.into());
    }
    let candidate = attempt.candidate.filter(|_| !means_absent(attempt.errno)).map(<[u8]>::to_vec);
    let all = directories.iter().map(|directory| join(directory, program));
    candidate.into_iter().chain(all).find(|path| files::lstat(&at.real(path)).is_ok())
}

/// The path without symbolic links, as the kernel knows it.
#[inline(never)]
fn canonical(path: &[u8]) -> Option<Vec<u8>> {
    let file = files::open(path, OFlag::O_PATH, 0).ok()?;
    files::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()).as_bytes()).ok()
}

/// From where, and for whom.
struct Place<'a> {
    /// The working directory; empty: our own.
    base: &'a [u8],
    user: &'a Identity,
}

impl Place<'_> {
    fn real(&self, path: &[u8]) -> Vec<u8> {
        join(self.base, path)
    }

    fn found(&self, path: &[u8]) -> Option<Found> {
        files::stat(&self.real(path)).ok()
    }

    #[inline(never)]
    fn follow(&self, program: Vec<u8>) -> Vec<Link> {
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

    #[inline(never)]
    fn state(&self, path: &[u8]) -> State {
        let obstacle = self.obstacle(path);
        match self.found(path) {
            Some(found) => State::Present(self.file(path, &found, obstacle)),
            None => State::Absent(obstacle.unwrap_or(Obstacle::NoFile)),
        }
    }

    #[inline(never)]
    fn file(&self, path: &[u8], found: &Found, obstacle: Option<Obstacle>) -> File {
        let real = self.real(path);
        let canonical = canonical(&real);
        File {
            kind: kind(found),
            mode: Mode::of(found),
            noexec: canonical.as_deref().and_then(mounts::noexec),
            // Of the path as written, or of the one that symbolic links make of it.
            unsearchable: obstacle.or_else(|| self.obstacle(canonical.as_deref()?)),
            content: if found.is_regular() { content::read(&real) } else { Content::Unread },
        }
    }

    /// The first thing on the way to `path` that stops this user.
    fn obstacle(&self, path: &[u8]) -> Option<Obstacle> {
        let mut walked = Vec::new();
        let mut steps = steps(path).peekable();
        while let Some(step) = steps.next() {
            let parent = walked.len();
            if !matches!(*walked, [] | [b'/']) || step.is_empty() {
                walked.push(b'/');
            }
            walked.extend_from_slice(step);
            let is_file = steps.peek().is_none();
            match files::stat(&self.real(&walked)) {
                Ok(_) if is_file => {}
                Ok(found) if !found.is_directory() => return Some(Obstacle::NotADirectory(walked)),
                Ok(_) if step == b".." => {}
                Ok(found) => {
                    let mode = Mode::of(&found);
                    if !mode.searchable_by(self.user) {
                        return Some(Obstacle::Unsearchable(walked, Some(mode)));
                    }
                }
                Err(errno) => return Some(self.refusal(errno, parent, walked, is_file)),
            }
        }
        None
    }

    /// What it means that `path` is answered with `errno`; its first `parent` bytes are where it lies.
    #[inline(never)]
    fn refusal(&self, errno: Errno, parent: usize, mut path: Vec<u8>, is_file: bool) -> Obstacle {
        match errno {
            Errno::ENOENT => match files::read_link(&self.real(&path)) {
                Ok(target) => Obstacle::Dangling { link: path, target, is_file },
                Err(_) if is_file => Obstacle::NoFile,
                Err(_) => Obstacle::NoDirectory(path),
            },
            Errno::EACCES | Errno::EPERM => {
                path.truncate(parent);
                let mode = self.found(&path).as_ref().map(Mode::of);
                Obstacle::Unsearchable(path, mode)
            }
            Errno::ENOTDIR => {
                path.truncate(parent);
                Obstacle::NotADirectory(path)
            }
            Errno::ELOOP => Obstacle::Circle(path),
            errno => Obstacle::Other(errno),
        }
    }
}

/// The steps of a path, an empty one for the root. A dot is one only where a path begins with it.
fn steps(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let parts = path.split(|byte| *byte == b'/').enumerate().filter(|_| !path.is_empty());
    parts.filter(|(i, part)| *i == 0 || !matches!(*part, b"" | b".")).map(|(_, part)| part)
}

/// The file that is executed in place of this one.
fn needs(content: &Content) -> Option<(Role, Vec<u8>)> {
    Some(match content {
        Content::Script(Shebang::Interpreter(name)) => (Role::Interpreter, name.clone()),
        Content::Elf(elf) => (Role::Loader, elf.loader.clone()?),
        _ => return None,
    })
}

fn kind(found: &Found) -> Kind {
    match found.kind() {
        libc::S_IFREG => Kind::Regular,
        libc::S_IFDIR => Kind::Directory,
        libc::S_IFIFO => Kind::Special("a FIFO"),
        libc::S_IFSOCK => Kind::Special("a socket"),
        libc::S_IFCHR | libc::S_IFBLK => Kind::Special("a device"),
        _ => Kind::Special("no regular file"),
    }
}

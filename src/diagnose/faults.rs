//! From the facts and the errno of execve(2) to the cause. Touches nothing.

use std::fmt::Write;

use nix::errno::Errno;

use super::content::Content;
use super::elf::{Elf, Fault, Machine};
use super::exec::{Attempt, ExecClass, Explanation, Step, means_absent};
use super::facts::{Facts, File, Kind, Link, MOST_LINKS, Obstacle, Role, State};
use super::missing::{at_path, in_path, in_the_way};
use super::permission::Identity;
use super::shebang::Shebang;

#[inline(never)]
pub(super) fn explain(said: &mut Explanation, attempt: &Attempt<'_>, facts: &Facts) {
    said.class = ExecClass::CannotRun;
    let program = facts.chain.first().map(|link| &link.state);
    match program {
        // A script without #! is left to /bin/sh; the chain is that of the shell.
        _ if attempt.step == Step::Shell => {
            said.say("it has neither a #! line nor a known format and is left to /bin/sh, which ");
            match program {
                Some(State::Absent(_)) => said.say("does not exist"),
                _ => {
                    said.say("cannot be executed: ");
                    said.errno(attempt.errno);
                }
            }
            said.help("name its interpreter in a #! line, or in the command", b"", "");
        }
        None => in_path(said, attempt, facts),
        // Only the link itself was found in PATH, not its target.
        Some(State::Absent(obstacle)) if attempt.searches() => {
            said.class = ExecClass::NotFound;
            said.say("found in PATH, but ");
            in_the_way(said, obstacle, &facts.user);
        }
        Some(State::Absent(obstacle)) => at_path(said, attempt, obstacle, &facts.user),
        Some(State::Present(file)) => cannot_run(said, attempt, facts, file),
    }
}

#[inline(never)]
fn cannot_run(said: &mut Explanation, attempt: &Attempt<'_>, facts: &Facts, program: &File) {
    let mut before = None;
    for (i, link) in facts.chain.iter().enumerate() {
        let seen = Seen { attempt, user: &facts.user, link, before, is_far: i >= 2 };
        let found = match attempt.errno {
            Errno::EACCES => seen.forbidden(said),
            Errno::ENOEXEC | Errno::EIO | Errno::EINVAL | Errno::ELIBBAD => seen.malformed(said),
            errno if means_absent(errno) => seen.absent(said),
            _ => false,
        };
        if found {
            return;
        }
        before = Some(link);
    }
    by_errno(said, attempt.errno, facts, program);
}

/// Where the facts show nothing, or the errno says it all.
#[inline(never)]
fn by_errno(said: &mut Explanation, errno: Errno, facts: &Facts, program: &File) {
    if errno == Errno::ELOOP && facts.chain.len() >= MOST_LINKS {
        return said.say("its interpreter is a script, whose interpreter is a script, and so on, too often");
    }
    said.errno(errno);
    let (more, help) = match errno {
        Errno::EACCES if facts.user.uid == 0 => {
            said.say(" to root");
            said.mode_and_owner(program.mode);
            (
                "",
                "root without CAP_DAC_OVERRIDE is bound by modes and owners; else an access control list or a security \
             module (SELinux, AppArmor) may forbid it",
            )
        }
        Errno::EACCES => (
            ", although its mode allows it",
            "an access control list or a security module (SELinux, AppArmor) may forbid it",
        ),
        Errno::EPERM => (
            "",
            "it may have file capabilities that this container was not given (getcap shows them), or a security \
             module or seccomp profile forbids it",
        ),
        Errno::ETXTBSY => {
            (": it is open for writing", "write it under another name and rename it when it is complete")
        }
        errno if means_absent(errno) => (
            ", although the file is there",
            "an emulator that is registered in binfmt_misc may be missing from this image",
        ),
        Errno::ENOEXEC => return said.say(": it is neither a program nor a script with a #! line"),
        _ => return,
    };
    said.say(more);
    said.help(help, b"", "");
}

/// One file of the chain, in its context.
struct Seen<'a> {
    attempt: &'a Attempt<'a>,
    user: &'a Identity,
    link: &'a Link,
    /// The file that needs it.
    before: Option<&'a Link>,
    /// That one is not the program itself.
    is_far: bool,
}

impl Seen<'_> {
    /// Says the file, as the subject of a sentence, and what there is to say of it.
    #[inline(never)]
    fn say(&self, said: &mut Explanation, predicate: &str) {
        let path = &self.link.path;
        match self.link.role {
            Role::Program if !self.attempt.searches() => said.say("it"),
            Role::Program => said.name("", path),
            role => {
                said.say(if self.is_far { "the " } else { "its " });
                let what = if role == Role::Loader { "loader " } else { "interpreter " };
                said.name(what, path);
                if let Some(before) = self.before.filter(|_| self.is_far) {
                    said.name(" of ", &before.path);
                }
            }
        }
        said.say(" ");
        said.say(predicate);
    }

    /// A missing interpreter or loader.
    #[inline(never)]
    fn absent(&self, said: &mut Explanation) -> bool {
        let Link { path, state: State::Absent(obstacle), role } = self.link else { return false };
        let is_interpreter = *role == Role::Interpreter;
        if let Some(stem) = path.strip_suffix(b"\r").filter(|_| is_interpreter) {
            said.name("its line endings are CRLF, so that the interpreter is not ", stem);
            said.name(" but \"", path);
            said.say("\", which does not exist");
            let script = self.before.map_or(b"".as_slice(), |before| &before.path);
            said.help("make its line endings LF: sed -i 's/\\r$//' ", script, "");
            return true;
        }
        self.say(said, "does not exist");
        if !matches!(obstacle, Obstacle::NoFile | Obstacle::NoDirectory(_)) {
            said.say(": ");
            in_the_way(said, obstacle, self.user);
        }
        let help = match role {
            Role::Loader => self.other_library(path),
            _ => "install it in the image, or correct the #! line",
        };
        said.help(help, b"", "");
        true
    }

    /// What a missing loader tells.
    fn other_library(&self, loader: &[u8]) -> &'static str {
        let has = |part: &[u8]| loader.windows(part.len()).any(|window| window == part);
        let machine = self.before.and_then(machine);
        if machine.zip(Machine::native()).is_some_and(|(its, ours)| !its.wide && ours.wide) {
            "it is a 32-bit program: use a 64-bit or static build, or install the 32-bit C library"
        } else if has(b"ld-musl") {
            "it was built for musl (such as on Alpine), which this image lacks: use a static build or one for glibc"
        } else if [b"ld-linux", b"ld64.so".as_slice(), b"/ld.so"].into_iter().any(has) {
            "it was built for glibc, which this image (Alpine? scratch?) lacks: use a static build or an image with glibc"
        } else {
            "copy the loader and its libraries into the image, or use a static build"
        }
    }

    /// A file that is there but may not be executed.
    #[inline(never)]
    fn forbidden(&self, said: &mut Explanation) -> bool {
        let file = match &self.link.state {
            State::Present(file) => file,
            State::Absent(Obstacle::NoFile) => return false,
            State::Absent(obstacle) => return self.unreachable(said, obstacle),
        };
        let mode = file.mode;
        match (file.kind, &file.noexec, &file.unsearchable) {
            (Kind::Directory, ..) => self.say(said, "is a directory"),
            (Kind::Special(what), ..) => {
                self.say(said, "is ");
                said.say(what);
            }
            (_, Some(mount), _) => {
                self.say(said, "lies on a filesystem that is mounted noexec, at ");
                said.name("", mount);
                said.help("mount it with exec, or put the program elsewhere", b"", "");
            }
            _ if !mode.executable() => {
                self.say(said, "has no execute permission: ");
                said.say(&mode.to_string());
                said.help("chmod +x ", &self.link.path, " (Dockerfile: COPY --chmod=755)");
            }
            _ if !mode.executable_by(self.user) => {
                self.say(said, "may not be executed by user ");
                said.number("", self.user.uid.into());
                said.mode_and_owner(mode);
            }
            (_, _, Some(obstacle)) => return self.unreachable(said, obstacle),
            _ => return false,
        }
        true
    }

    fn unreachable(&self, said: &mut Explanation, obstacle: &Obstacle) -> bool {
        self.say(said, "cannot be reached: ");
        in_the_way(said, obstacle, self.user);
        true
    }

    /// A file that is no program of this machine.
    #[inline(never)]
    fn malformed(&self, said: &mut Explanation) -> bool {
        let State::Present(file) = &self.link.state else { return false };
        let predicate = match &file.content {
            Content::Elf(elf) => return self.not_loadable(said, elf),
            Content::Marked => {
                said.help("save it as UTF-8 without a byte-order mark (BOM)", b"", "");
                "begins with a byte-order mark, which hides its #! line from the kernel"
            }
            Content::Script(Shebang::Nameless) => "names no interpreter in its #! line",
            Content::Script(Shebang::TooLong) => {
                "names an interpreter in its #! line that is longer than the kernel reads, 256 bytes"
            }
            Content::Foreign(_) => "is ",
            Content::Empty => "is empty",
            Content::Text if self.link.role == Role::Interpreter => "is a script without a #! line",
            Content::Text | Content::Data => "is neither a program for Linux nor a script with a #! line",
            Content::Unread | Content::Script(Shebang::Interpreter(_)) => return false,
        };
        self.say(said, predicate);
        if let Content::Foreign(what) = file.content {
            said.say(what);
        }
        true
    }

    fn not_loadable(&self, said: &mut Explanation, elf: &Elf) -> bool {
        if let Some((its, ours)) = elf.machine.zip(Machine::native()).filter(|(its, ours)| its != ours) {
            self.say(said, "is a program for ");
            let _ = write!(said.reason, "{its}, but this machine is {ours}");
            if let Some(platform) = ours.platform() {
                said.help("build or pull the image with --platform ", platform.as_bytes(), "");
            }
            return true;
        }
        let Some(fault) = elf.fault else { return false };
        self.say(
            said,
            match fault {
                Fault::CutShort => "is a program that is cut short: its file ends too early",
                Fault::Nonsense => "is a damaged program: its ELF header makes no sense",
                Fault::NoProgram => "is an ELF file, but an object file or a core dump, no program",
            },
        );
        true
    }
}

fn machine(link: &Link) -> Option<Machine> {
    match &link.state {
        State::Present(File { content: Content::Elf(elf), .. }) => elf.machine,
        _ => None,
    }
}

#[cfg(test)]
#[path = "faults_tests.rs"]
mod tests;

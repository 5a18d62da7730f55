//! From the facts and the errno of execve(2) to the cause. Touches nothing.

use std::fmt;

use nix::errno::Errno;

use super::content::Content;
use super::elf::{Elf, Fault, Machine};
use super::exec::{Attempt, ExecClass, Explanation, Step, means_absent, shown};
use super::facts::{Facts, File, Kind, Link, MOST_LINKS, Obstacle, Role, State};
use super::missing::{at_path, in_path, in_the_way};
use super::permission::Identity;
use super::shebang::Shebang;
use crate::errno::text;

pub(super) fn explain(attempt: &Attempt<'_>, facts: &Facts) -> Explanation {
    if attempt.step == Step::Shell {
        return without_shell(attempt, facts);
    }
    match facts.chain.first() {
        None => in_path(attempt, facts),
        // Only the link itself was found in PATH, not its target.
        Some(Link { state: State::Absent(obstacle), .. }) if attempt.searches() => {
            let way = in_the_way(obstacle, &facts.user);
            Explanation::new(ExecClass::NotFound, format_args!("found in PATH, but {way}"))
        }
        Some(Link { state: State::Absent(obstacle), .. }) => at_path(attempt, obstacle, &facts.user),
        Some(_) => cannot_run(attempt, facts),
    }
}

/// A script without `#!` is left to `/bin/sh`; the chain is that of the shell.
fn without_shell(attempt: &Attempt<'_>, facts: &Facts) -> Explanation {
    let why = match facts.chain.first().map(|link| &link.state) {
        Some(State::Absent(_)) => "which does not exist".to_owned(),
        _ => format!("which cannot be executed: {}", text(attempt.errno)),
    };
    let reason = format!("it has neither a #! line nor a known format and is left to /bin/sh, {why}");
    Explanation::new(ExecClass::CannotRun, format_args!("{}", reason))
        .help(format_args!("name its interpreter in a #! line, or in the command"))
}

fn cannot_run(attempt: &Attempt<'_>, facts: &Facts) -> Explanation {
    let errno = attempt.errno;
    let found = (0..facts.chain.len()).find_map(|i| {
        let link = Seen { attempt, facts, i };
        match errno {
            Errno::EACCES => link.forbidden(),
            Errno::ENOEXEC | Errno::EIO | Errno::EINVAL | Errno::ELIBBAD => link.malformed(),
            errno if means_absent(errno) => link.absent(),
            _ => None,
        }
    });
    found.unwrap_or_else(|| by_errno(errno, facts))
}

/// Where the facts show nothing, or the errno says it all.
fn by_errno(errno: Errno, facts: &Facts) -> Explanation {
    let text = text(errno);
    let explanation = |more: &str| Explanation::new(ExecClass::CannotRun, format_args!("{text}{more}"));
    match errno {
        Errno::EACCES if facts.user.uid == 0 => explanation(&format!(" to root{}", owner(facts))).help(format_args!("root without CAP_DAC_OVERRIDE is bound by modes and owners; else an access control list or a security \
             module (SELinux, AppArmor) may forbid it")),
        Errno::EACCES => explanation(", although its mode allows it")
            .help(format_args!("an access control list or a security module (SELinux, AppArmor) may forbid it")),
        Errno::EPERM => explanation("").help(format_args!("it may have file capabilities that this container was not given (getcap shows them), or a security \
             module or seccomp profile forbids it")),
        Errno::ETXTBSY => explanation(": it is open for writing")
            .help(format_args!("write it under another name and rename it when it is complete")),
        Errno::ELOOP if facts.chain.len() >= MOST_LINKS => {
            let reason = "its interpreter is a script, whose interpreter is a script, and so on, too often";
            Explanation::new(ExecClass::CannotRun, format_args!("{}", reason))
        }
        errno if means_absent(errno) => explanation(", although the file is there")
            .help(format_args!("an emulator that is registered in binfmt_misc may be missing from this image")),
        Errno::ENOEXEC => explanation(": it is neither a program nor a script with a #! line"),
        _ => explanation(""),
    }
}

/// One file of the chain, in its context.
struct Seen<'a> {
    attempt: &'a Attempt<'a>,
    facts: &'a Facts,
    i: usize,
}

impl Seen<'_> {
    fn link(&self) -> Option<&Link> {
        self.facts.chain.get(self.i)
    }

    /// The file as the subject of a sentence.
    fn name(&self) -> String {
        let Some(link) = self.link() else { return String::new() };
        let what = match link.role {
            Role::Program if !self.attempt.searches() => return "it".to_owned(),
            Role::Program => return shown(&link.path).to_string(),
            Role::Interpreter => "interpreter",
            Role::Loader => "loader",
        };
        let parent = self.i.checked_sub(2).and_then(|_| self.facts.chain.get(self.i - 1));
        match parent {
            Some(parent) => format!("the {what} {} of {}", shown(&link.path), shown(&parent.path)),
            None => format!("its {what} {}", shown(&link.path)),
        }
    }

    fn explanation(&self, predicate: fmt::Arguments<'_>) -> Explanation {
        Explanation::new(ExecClass::CannotRun, format_args!("{} {predicate}", self.name()))
    }

    fn file(&self) -> Option<&File> {
        match &self.link()?.state {
            State::Present(file) => Some(file),
            State::Absent(_) => None,
        }
    }

    /// A missing interpreter or loader.
    fn absent(&self) -> Option<Explanation> {
        let link = self.link()?;
        let State::Absent(obstacle) = &link.state else { return None };
        let name = &link.path;
        if let Some(stem) = name.strip_suffix(b"\r").filter(|_| link.role == Role::Interpreter) {
            let script =
                self.facts.chain.get(self.i.saturating_sub(1)).map(|link| shown(&link.path).to_string());
            let reason = format!(
                "its line endings are CRLF, so that the interpreter is not {} but \"{}\", which does not exist",
                shown(stem),
                shown(&link.path)
            );
            let help = format!("make its line endings LF: sed -i 's/\\r$//' {}", script.unwrap_or_default());
            return Some(
                Explanation::new(ExecClass::CannotRun, format_args!("{}", reason))
                    .help(format_args!("{}", help)),
            );
        }
        let explanation = match obstacle {
            Obstacle::NoFile | Obstacle::NoDirectory(_) => self.explanation(format_args!("does not exist")),
            obstacle => {
                let way = in_the_way(obstacle, &self.facts.user);
                self.explanation(format_args!("does not exist: {way}"))
            }
        };
        Some(match link.role {
            Role::Loader => explanation.help(format_args!("{}", self.other_library(name))),
            _ => explanation.help(format_args!("install it in the image, or correct the #! line")),
        })
    }

    /// What a missing loader tells.
    fn other_library(&self, loader: &[u8]) -> &'static str {
        let has = |part: &[u8]| loader.windows(part.len()).any(|window| window == part);
        let machine = self.facts.chain.get(self.i.saturating_sub(1)).and_then(machine);
        if machine.zip(Machine::native()).is_some_and(|(its, ours)| !its.wide && ours.wide) {
            "it is a 32-bit program: use a 64-bit or static build, or install the 32-bit C library"
        } else if has(b"ld-musl") {
            "it was built for musl (such as on Alpine), which this image lacks: use a static build or one for glibc"
        } else if has(b"ld-linux") || has(b"ld64.so") || has(b"/ld.so") {
            "it was built for glibc, which this image (Alpine? scratch?) lacks: use a static build or an image with glibc"
        } else {
            "copy the loader and its libraries into the image, or use a static build"
        }
    }

    /// A file that is there but may not be executed.
    fn forbidden(&self) -> Option<Explanation> {
        let user = &self.facts.user;
        let file = match &self.link()?.state {
            State::Present(file) => file,
            State::Absent(Obstacle::NoFile) => return None,
            State::Absent(obstacle) => {
                let way = in_the_way(obstacle, user);
                return Some(self.explanation(format_args!("cannot be reached: {way}")));
            }
        };
        let mode = file.mode;
        Some(match (file.kind, &file.noexec, &file.unsearchable) {
            (Kind::Directory, ..) => self.explanation(format_args!("is a directory")),
            (Kind::Special(what), ..) => self.explanation(format_args!("is {what}")),
            (_, Some(mount), _) => self
                .explanation(format_args!("lies on a filesystem that is mounted noexec, at {}", shown(mount)))
                .help(format_args!("mount it with exec, or put the program elsewhere")),
            _ if !mode.executable() => self
                .explanation(format_args!("has no execute permission: {mode}"))
                .help(format_args!("chmod +x {} (Dockerfile: COPY --chmod=755)", shown(&self.link()?.path))),
            _ if !mode.executable_by(user) => self.not_for(user, file),
            (_, _, Some(obstacle)) => {
                self.explanation(format_args!("cannot be reached: {}", in_the_way(obstacle, user)))
            }
            _ => return None,
        })
    }

    fn not_for(&self, user: &Identity, file: &File) -> Explanation {
        let mode = file.mode;
        self.explanation(format_args!(
            "may not be executed by user {}: {mode}, owner {}:{}",
            user.uid, mode.uid, mode.gid
        ))
    }

    /// A file that is no program of this machine.
    fn malformed(&self) -> Option<Explanation> {
        let is_interpreter = self.link()?.role == Role::Interpreter;
        Some(match &self.file()?.content {
            Content::Elf(elf) => return self.not_loadable(elf),
            Content::Marked => self
                .explanation(format_args!(
                    "begins with a byte-order mark, which hides its #! line from the kernel"
                ))
                .help(format_args!("save it as UTF-8 without a byte-order mark (BOM)")),
            Content::Script(Shebang::Nameless) => {
                self.explanation(format_args!("names no interpreter in its #! line"))
            }
            Content::Script(Shebang::TooLong) => self.explanation(format_args!(
                "names an interpreter in its #! line that is longer than the kernel reads, 256 bytes"
            )),
            Content::Foreign(what) => self.explanation(format_args!("is {what}")),
            Content::Empty => self.explanation(format_args!("is empty")),
            Content::Text if is_interpreter => {
                self.explanation(format_args!("is a script without a #! line"))
            }
            Content::Text | Content::Data => {
                self.explanation(format_args!("is neither a program for Linux nor a script with a #! line"))
            }
            Content::Unread | Content::Script(Shebang::Interpreter(_)) => return None,
        })
    }

    fn not_loadable(&self, elf: &Elf) -> Option<Explanation> {
        let ours = Machine::native();
        if let Some((its, ours)) = elf.machine.zip(ours).filter(|(its, ours)| its != ours) {
            let explanation =
                self.explanation(format_args!("is a program for {its}, but this machine is {ours}"));
            return Some(match ours.platform() {
                Some(platform) => {
                    explanation.help(format_args!("build or pull the image with --platform {platform}"))
                }
                None => explanation,
            });
        }
        Some(self.explanation(format_args!(
            "{}",
            match elf.fault? {
                Fault::CutShort => "is a program that is cut short: its file ends too early",
                Fault::Nonsense => "is a damaged program: its ELF header makes no sense",
                Fault::NoProgram => "is an ELF file, but an object file or a core dump, no program",
            }
        )))
    }
}

/// `: mode 0700 (rwx------), owner 1000:1000`, of the program.
fn owner(facts: &Facts) -> String {
    match facts.chain.first().map(|link| &link.state) {
        Some(State::Present(File { mode, .. })) => format!(": {mode}, owner {}:{}", mode.uid, mode.gid),
        _ => String::new(),
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

//! What to say of a program that is not there.

use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

use super::exec::{Attempt, ExecClass, Explanation, shown};
use super::facts::{DEFAULT_PATH, Facts, Obstacle};
use super::permission::Identity;
use crate::errno::text;

/// A name without a slash that no directory in PATH has.
pub(super) fn in_path(attempt: &Attempt<'_>, facts: &Facts) -> Explanation {
    let program = attempt.program();
    if program.is_empty() {
        let reason = "the name of the program is empty";
        return Explanation::new(ExecClass::NotFound, format_args!("{}", reason))
            .help(format_args!("is a variable not set?"));
    }
    let mut reason = match attempt.path {
        None => format!("not found in the default PATH ({DEFAULT_PATH}), since PATH is not set"),
        Some(path) if path.is_empty() => "not found: PATH is empty".to_owned(),
        Some(path) => format!("not found in PATH ({})", shown(path.as_bytes())),
    };
    if let Some(directory) = &facts.unsearchable {
        let _ = write!(reason, ", of which user {} may not search {}", facts.user.uid, shown(directory));
    }
    let explanation = Explanation::new(ExecClass::NotFound, format_args!("{}", reason));
    match facts.beside {
        true => explanation
            .help(format_args!("a file of that name lies in the working directory: ./{}", shown(program))),
        false => with_remedy(explanation, program),
    }
}

/// A path that leads to no file.
pub(super) fn at_path(attempt: &Attempt<'_>, obstacle: &Obstacle, user: &Identity) -> Explanation {
    let general = text(attempt.errno);
    let reason = match obstacle {
        Obstacle::NoFile | Obstacle::Other(_) => general,
        // The path itself, when it is the last of it that is a link.
        Obstacle::Dangling(link, target) if link == attempt.program() => {
            format!("it is a symbolic link to {}, which does not exist", shown(target))
        }
        Obstacle::NotADirectory(_) | Obstacle::Circle(_) => in_the_way(obstacle, user),
        _ => format!("{general}: {}", in_the_way(obstacle, user)),
    };
    let class = match obstacle {
        Obstacle::Unsearchable(..) | Obstacle::Circle(_) => ExecClass::CannotRun,
        _ => ExecClass::NotFound,
    };
    with_remedy(Explanation::new(class, format_args!("{}", reason)), attempt.program())
}

/// What stands in the way, as a sentence.
pub(super) fn in_the_way(obstacle: &Obstacle, user: &Identity) -> String {
    match obstacle {
        Obstacle::NoFile => "it does not exist".to_owned(),
        Obstacle::NoDirectory(path) => format!("the directory {} does not exist", shown(path)),
        Obstacle::NotADirectory(path) => format!("{} is not a directory", shown(path)),
        Obstacle::Dangling(link, target) => {
            format!("{} is a symbolic link to {}, which does not exist", shown(link), shown(target))
        }
        Obstacle::Circle(path) => format!("the symbolic link {} leads in a circle", shown(path)),
        Obstacle::Other(errno) => text(*errno),
        Obstacle::Unsearchable(path, mode) => {
            let mut text = format!("user {} may not search the directory {}", user.uid, shown(path));
            if let Some(mode) = mode {
                let _ = write!(text, ": {mode}, owner {}:{}", mode.uid, mode.gid);
            }
            text
        }
    }
}

const SHELLS: [&[u8]; 4] = [b"sh", b"bash", b"ash", b"dash"];
const BUILTINS: [&[u8]; 7] = [b"cd", b"exec", b"export", b"set", b"source", b"ulimit", b"umask"];

/// The mistakes that most such names come from.
fn with_remedy(explanation: Explanation, program: &[u8]) -> Explanation {
    let base = program.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    if program.contains(&b' ') {
        explanation
            .help(format_args!("the name contains a space: program and arguments must be separate words"))
    } else if SHELLS.contains(&base) {
        explanation.help(format_args!("an image without this shell needs the exec form of CMD and ENTRYPOINT: [\"program\", \"argument\"]"))
    } else if BUILTINS.contains(&program) {
        explanation.help(format_args!("only a shell knows this command: sh -c '...'"))
    } else if program.contains(&b'=') {
        explanation.help(format_args!("variables are set with: env NAME=VALUE program"))
    } else {
        explanation
    }
}

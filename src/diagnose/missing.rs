//! What to say of a program that is not there.

use std::os::unix::ffi::OsStrExt;

use super::exec::{Attempt, ExecClass, Explanation};
use super::facts::{DEFAULT_PATH, Facts, Obstacle};
use super::permission::Identity;

/// A name without a slash that no directory in PATH has.
#[inline(never)]
pub(super) fn in_path(said: &mut Explanation, attempt: &Attempt<'_>, facts: &Facts) {
    said.class = ExecClass::NotFound;
    let program = attempt.program();
    if program.is_empty() {
        said.say("the name of the program is empty");
        return said.help("is a variable not set?", b"", "");
    }
    match attempt.path.map(OsStrExt::as_bytes) {
        None => {
            said.name("not found in the default PATH (", DEFAULT_PATH);
            said.say("), since PATH is not set");
        }
        Some(b"") => said.say("not found: PATH is empty"),
        Some(path) => {
            said.name("not found in PATH (", path);
            said.say(")");
        }
    }
    if let Some(directory) = &facts.unsearchable {
        said.number(", of which user ", facts.user.uid.into());
        said.name(" may not search ", directory);
    }
    match facts.beside {
        true => said.help("a file of that name lies in the working directory: ./", program, ""),
        false => remedy(said, program),
    }
}

/// A path that leads to no file.
#[inline(never)]
pub(super) fn at_path(said: &mut Explanation, attempt: &Attempt<'_>, obstacle: &Obstacle, user: &Identity) {
    said.class = match obstacle {
        Obstacle::Unsearchable(..) | Obstacle::Circle(_) => ExecClass::CannotRun,
        _ => ExecClass::NotFound,
    };
    match obstacle {
        Obstacle::NoFile | Obstacle::Other(_) => said.errno(attempt.errno),
        Obstacle::Dangling { target, is_file: true, .. } => dangling(said, b"it", target),
        Obstacle::NotADirectory(_) | Obstacle::Circle(_) => in_the_way(said, obstacle, user),
        _ => {
            said.errno(attempt.errno);
            said.say(": ");
            in_the_way(said, obstacle, user);
        }
    }
    remedy(said, attempt.program());
}

/// What stands in the way, as a sentence.
pub(super) fn in_the_way(said: &mut Explanation, obstacle: &Obstacle, user: &Identity) {
    let (before, path, after) = match obstacle {
        Obstacle::NoFile => ("it does not exist", b"".as_slice(), ""),
        Obstacle::NoDirectory(path) => ("the directory ", path.as_slice(), " does not exist"),
        Obstacle::NotADirectory(path) => ("", path.as_slice(), " is not a directory"),
        Obstacle::Circle(path) => ("the symbolic link ", path.as_slice(), " leads in a circle"),
        Obstacle::Dangling { link, target, .. } => return dangling(said, link, target),
        Obstacle::Other(errno) => return said.errno(*errno),
        Obstacle::Unsearchable(path, mode) => {
            said.number("user ", user.uid.into());
            said.name(" may not search the directory ", path);
            return mode.iter().for_each(|mode| said.mode_and_owner(*mode));
        }
    };
    said.name(before, path);
    said.say(after);
}

fn dangling(said: &mut Explanation, link: &[u8], target: &[u8]) {
    said.name("", link);
    said.name(" is a symbolic link to ", target);
    said.say(", which does not exist");
}

const SHELLS: [&[u8]; 4] = [b"sh", b"bash", b"ash", b"dash"];
const BUILTINS: [&[u8]; 7] = [b"cd", b"exec", b"export", b"set", b"source", b"ulimit", b"umask"];

/// The mistakes that most such names come from.
fn remedy(said: &mut Explanation, program: &[u8]) {
    let base = program.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let help = if program.contains(&b' ') {
        "the name contains a space: program and arguments must be separate words"
    } else if SHELLS.contains(&base) {
        "an image without this shell needs the exec form of CMD and ENTRYPOINT: [\"program\", \"argument\"]"
    } else if BUILTINS.contains(&program) {
        "only a shell knows this command: sh -c '...'"
    } else if program.contains(&b'=') {
        "variables are set with: env NAME=VALUE program"
    } else {
        return;
    };
    said.help(help, b"", "");
}

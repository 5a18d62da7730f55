//! Words split as getopt_long(3) splits them, with its wording of what is wrong: the originals' users know it.
//! Parsing stops at the program; its own options are never taken for ours (T17, C5).

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use crate::harmless::harmless;

/// An option: its letter, its long name (empty = none), and whether it takes a value.
pub(super) type Known = (u8, &'static str, bool);

/// Options with their values (empty for a switch), and the program with its arguments.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Words {
    pub(super) options: Vec<(u8, OsString)>,
    pub(super) command: Vec<OsString>,
}

/// Splits `args`, argv\[0\] included. The error is one line, without an end.
pub(super) fn split(args: &[OsString], known: &[Known]) -> Result<Words, String> {
    let mut options = Vec::new();
    let mut words = args.get(1..).unwrap_or_default().iter();
    loop {
        let rest = words.as_slice();
        let word = words.next().map_or(&b""[..], |word| word.as_bytes());
        match word {
            b"--" => break,
            [b'-', b'-', long @ ..] => {
                let mut halves = long.splitn(2, |byte| *byte == b'=');
                let (name, value) = (halves.next().unwrap_or_default(), halves.next());
                let shown = harmless(name);
                let (letter, full, takes) =
                    find_long(name, known).ok_or_else(|| format!("unrecognized option '--{shown}'"))?;
                let value = match (takes, value) {
                    (false, Some(_)) => return Err(format!("option '--{full}' doesn't allow an argument")),
                    (true, None) => words
                        .next()
                        .map(|word| word.as_bytes())
                        .ok_or_else(|| format!("option '--{full}' requires an argument"))?,
                    (_, value) => value.unwrap_or_default(),
                };
                options.push((letter, OsStr::from_bytes(value).to_owned()));
            }
            [b'-', letters @ ..] if !letters.is_empty() => {
                let mut letters = letters;
                while let [letter, tail @ ..] = letters {
                    let found = known.iter().find(|(own, ..)| own == letter);
                    let shown = harmless(std::slice::from_ref(letter));
                    let (_, _, takes) = found.ok_or_else(|| format!("invalid option -- '{shown}'"))?;
                    letters = if *takes { b"" } else { tail };
                    let value = match (takes, tail) {
                        (true, []) => words
                            .next()
                            .map(|word| word.as_bytes())
                            .ok_or_else(|| format!("option requires an argument -- '{shown}'"))?,
                        (true, tail) => tail,
                        (false, _) => b"",
                    };
                    options.push((*letter, OsStr::from_bytes(value).to_owned()));
                }
            }
            _ => return Ok(Words { options, command: rest.to_vec() }),
        }
    }
    Ok(Words { options, command: words.cloned().collect() })
}

/// The option with this name, or the only one whose name begins so.
fn find_long(name: &[u8], known: &[Known]) -> Option<Known> {
    let mut begin = known.iter().filter(|(_, long, _)| !long.is_empty() && long.as_bytes().starts_with(name));
    let exact = known.iter().find(|(_, long, _)| !long.is_empty() && long.as_bytes() == name);
    let only = begin.next().filter(|_| begin.next().is_none());
    exact.or(only).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [Known; 4] = [
        (b'c', "single", false),
        (b'r', "rewrite", true),
        (b'V', "version", false),
        (b'v', "verbose", false),
    ];

    fn shown(args: &[&str]) -> String {
        let args: Vec<OsString> = ["x"].iter().chain(args).map(OsString::from).collect();
        match split(&args, &KNOWN) {
            Err(error) => error,
            Ok(words) => {
                let options = words.options.iter().map(|(l, v)| format!("{}={} ", *l as char, v.display()));
                format!("{}| {}", options.collect::<String>(), words.command.join(OsStr::new(" ")).display())
            }
        }
    }

    #[test]
    fn words_are_split_as_getopt_does() {
        for (args, expected) in [
            (&["ls", "-l"][..], "| ls -l"),
            (&["--", "-c"], "| -c"),
            (&["-cr", "1:2", "-vc", "--", "--", "x"], "c= r=1:2 v= c= | -- x"),
            (&["-r1:2", "--rewrite=3:4", "--rewr", "5:6", "-", "-c"], "r=1:2 r=3:4 r=5:6 | - -c"),
            (&["--single", "--s", ""], "c= c= | "),
            (&["--ver"], "unrecognized option '--ver'"),
            (&["--vers"], "V= | "),
            (&["--yolo=3"], "unrecognized option '--yolo'"),
            (&["--version=3"], "option '--version' doesn't allow an argument"),
            (&["--rewrite"], "option '--rewrite' requires an argument"),
            (&["-cr"], "option requires an argument -- 'r'"),
            (&["-cx"], "invalid option -- 'x'"),
            (&["-\u{1b}"], "invalid option -- '\\x1b'"),
        ] {
            assert_eq!(shown(args), expected, "{args:?}");
        }
    }
}

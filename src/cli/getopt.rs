//! Words split as getopt_long(3) splits them, with its wording of what is wrong: the originals' users know it.
//! Parsing stops at the program; its own options are never taken for ours (T17, C5).

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// An option: its letter, its long name (empty = none), and whether it takes a value.
pub(super) type Known = (u8, &'static str, bool);

/// Options with their values (empty for a switch), and the program with its arguments.
#[derive(PartialEq, Eq, Default, Debug)]
pub(super) struct Words<'a> {
    pub(super) options: Vec<(u8, &'a OsStr)>,
    pub(super) command: &'a [OsString],
}

/// What is wrong, with `%o` for the option, and that option.
pub(super) type Wrong<'a> = (&'static str, &'a [u8]);

/// Splits `args`, argv\[0\] included.
pub(super) fn split<'a>(args: &'a [OsString], known: &[Known]) -> Result<Words<'a>, Wrong<'a>> {
    let mut options = Vec::new();
    // Without a long option at all the second dash is taken for a letter, as getopt(3) does.
    let has_long = known.iter().any(|(_, long, _)| !long.is_empty());
    let mut rest = args.get(1..).unwrap_or_default();
    while let [word, behind @ ..] = rest {
        match word.as_bytes() {
            b"--" => {
                rest = behind;
                break;
            }
            [b'-', b'-', long @ ..] if has_long => {
                rest = behind;
                let mut halves = long.splitn(2, |byte| *byte == b'=');
                let (name, value) = (halves.next().unwrap_or_default(), halves.next());
                let (letter, full, takes) =
                    find_long(name, known).ok_or(("unrecognized option '--%o'", name))?;
                let value = match (takes, value) {
                    (false, Some(_)) => {
                        return Err(("option '--%o' doesn't allow an argument", full.as_bytes()));
                    }
                    (true, None) => {
                        take(&mut rest).ok_or(("option '--%o' requires an argument", full.as_bytes()))?
                    }
                    (_, value) => value.unwrap_or_default(),
                };
                options.push((letter, OsStr::from_bytes(value)));
            }
            [b'-', letters @ ..] if !letters.is_empty() => {
                rest = behind;
                let mut letters = letters;
                while let [letter, tail @ ..] = letters {
                    let shown = std::slice::from_ref(letter);
                    let found = known.iter().find(|(own, ..)| own == letter);
                    let (_, _, takes) = found.ok_or(("invalid option -- '%o'", shown))?;
                    let value = match (takes, tail) {
                        (true, []) => {
                            take(&mut rest).ok_or(("option requires an argument -- '%o'", shown))?
                        }
                        (true, tail) => tail,
                        (false, _) => b"",
                    };
                    letters = if *takes { b"" } else { tail };
                    options.push((*letter, OsStr::from_bytes(value)));
                }
            }
            _ => break,
        }
    }
    Ok(Words { options, command: rest })
}

/// The next word.
fn take<'a>(rest: &mut &'a [OsString]) -> Option<&'a [u8]> {
    let (word, behind) = rest.split_first()?;
    *rest = behind;
    Some(word.as_bytes())
}

/// The option with this name, or the only one whose name begins so.
fn find_long(name: &[u8], known: &[Known]) -> Option<Known> {
    let mut found = None;
    for option in known.iter().filter(|(_, long, _)| !long.is_empty() && long.as_bytes().starts_with(name)) {
        if option.1.len() == name.len() {
            return Some(*option);
        }
        // The second that begins so: neither is meant.
        found = if found.is_none() { Some(Some(*option)) } else { Some(None) };
    }
    found.flatten()
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
            Err((template, option)) => template.replace("%o", &String::from_utf8_lossy(option)),
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
            (&["--ve"], "unrecognized option '--ve'"),
            (&["--vers"], "V= | "),
            (&["--=3"], "unrecognized option '--'"),
            (&["--yolo=3"], "unrecognized option '--yolo'"),
            (&["--vers=3"], "option '--version' doesn't allow an argument"),
            (&["--rewrite"], "option '--rewrite' requires an argument"),
            (&["-cr"], "option requires an argument -- 'r'"),
            (&["-cx"], "invalid option -- 'x'"),
        ] {
            assert_eq!(shown(args), expected, "{args:?}");
        }
    }
}

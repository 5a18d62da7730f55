//! Words split as getopt_long(3) splits them, with its wording of what is wrong: the originals' users know it.
//! Parsing stops at the program; its own options are never taken for ours (T17, C5).

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::personality::Known;

/// An option and its value; empty for a switch.
pub(super) type Given<'a> = (&'static Known, &'a OsStr);

/// Options, and the program with its arguments.
#[derive(Default)]
pub(super) struct Words<'a> {
    pub(super) options: Vec<Given<'a>>,
    pub(super) command: &'a [OsString],
}

/// What is wrong, with `%o` for the option, and that option.
pub(super) type Wrong<'a> = (&'static str, &'a [u8]);

/// Splits `args`, argv\[0\] included.
pub(super) fn split<'a>(args: &'a [OsString], known: &'static [Known]) -> Result<Words<'a>, Wrong<'a>> {
    let mut options = Vec::new();
    // Without a long option at all the second dash is taken for a letter, as getopt(3) does.
    let has_long = known.iter().any(|option| !option.long.is_empty());
    let mut rest = args.get(1..).unwrap_or_default();
    while let [word, behind @ ..] = rest {
        let [b'-', letters @ ..] = word.as_bytes() else { break };
        if letters.is_empty() {
            break;
        }
        rest = behind;
        match letters {
            b"-" => break,
            [b'-', long @ ..] if has_long => options.push(long_option(long, known, &mut rest)?),
            _ => short_options(letters, known, &mut rest, &mut options)?,
        }
    }
    Ok(Words { options, command: rest })
}

/// `name` or `name=value`. `rest` are the words behind it.
fn long_option<'a>(
    word: &'a [u8],
    known: &'static [Known],
    rest: &mut &'a [OsString],
) -> Result<Given<'a>, Wrong<'a>> {
    let end = word.iter().position(|byte| *byte == b'=').unwrap_or(word.len());
    let name = word.get(..end).unwrap_or_default();
    let option = find_long(name, known).ok_or(("unrecognized option '--%o'", name))?;
    let full = option.long.as_bytes();
    let value = match (option.takes(), word.get(end + 1..)) {
        (false, Some(_)) => return Err(("option '--%o' doesn't allow an argument", full)),
        (true, None) => take(rest).ok_or(("option '--%o' requires an argument", full))?,
        (_, value) => value.unwrap_or_default(),
    };
    Ok((option, OsStr::from_bytes(value)))
}

/// Several switches, or one option and its value behind them.
fn short_options<'a>(
    mut letters: &'a [u8],
    known: &'static [Known],
    rest: &mut &'a [OsString],
    options: &mut Vec<Given<'a>>,
) -> Result<(), Wrong<'a>> {
    while let [letter, tail @ ..] = letters {
        let shown = std::slice::from_ref(letter);
        let option = known.iter().find(|option| option.letter == *letter);
        let option = option.ok_or(("invalid option -- '%o'", shown))?;
        letters = tail;
        let mut value: &[u8] = b"";
        if option.takes() {
            value = std::mem::take(&mut letters);
            if value.is_empty() {
                value = take(rest).ok_or(("option requires an argument -- '%o'", shown))?;
            }
        }
        options.push((option, OsStr::from_bytes(value)));
    }
    Ok(())
}

/// The next word.
fn take<'a>(rest: &mut &'a [OsString]) -> Option<&'a [u8]> {
    let (word, behind) = rest.split_first()?;
    *rest = behind;
    Some(word.as_bytes())
}

/// The option with this name, or the only one whose name begins so.
fn find_long(name: &[u8], known: &'static [Known]) -> Option<&'static Known> {
    let mut found = None;
    let mut count = 0;
    for option in known {
        let long = option.long.as_bytes();
        if long.is_empty() || !long.starts_with(name) {
            continue;
        }
        if long.len() == name.len() {
            return Some(option);
        }
        found = Some(option);
        count += 1;
    }
    // If several begin so, none is meant.
    found.filter(|_| count == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::personality::{Effect, Unfit};

    static KNOWN: [Known; 4] = [
        Known::new(b'c', "single", Effect::None),
        Known::new(b'r', "rewrite", Effect::Take(|_, _| None, Unfit::Log(""))),
        Known::new(b'V', "version", Effect::None),
        Known::new(b'v', "verbose", Effect::None),
    ];

    fn shown(args: &[&str]) -> String {
        let args: Vec<OsString> = ["x"].iter().chain(args).map(OsString::from).collect();
        match split(&args, &KNOWN) {
            Err((template, option)) => template.replace("%o", &String::from_utf8_lossy(option)),
            Ok(words) => {
                let options =
                    words.options.iter().map(|(o, v)| format!("{}={} ", o.letter as char, v.display()));
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

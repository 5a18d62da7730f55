use super::*;

#[test]
fn help_fits_a_terminal() {
    for line in help().lines() {
        assert!(line.is_ascii() && line.len() <= WIDTH && line.trim_end() == line, "{line}");
    }
}

#[test]
fn help_names_every_flag_and_loses_no_word() {
    let help = help();
    let words: String = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for flag in flags::all() {
        assert!(words.contains(&format!("{} {}", spelled(flag), flag.help)), "--{}", flag.long);
    }
}

#[test]
fn explanations_stand_in_one_column() {
    let help = help();
    let of =
        |option: &str| help.lines().skip_while(|line| !line.contains(option)).take(2).collect::<Vec<_>>();
    assert_eq!(
        of("--grace"),
        [
            "      --grace DURATION        time between TERM and KILL for whatever is left",
            "                              when the main process has ended; 0 leaves at once",
        ]
    );
    assert_eq!(
        of("--parent-death-signal"),
        [
            "  -p, --parent-death-signal SIGNAL",
            "                              signal that sexton receives when its own parent",
        ]
    );
}

/// The README shows the table between two marks; this keeps it from growing old.
#[test]
fn the_readme_shows_the_table_as_it_is() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let shown = readme
        .split_once("<!-- options -->\n")
        .and_then(|(_, rest)| rest.split_once("<!-- /options -->"))
        .map(|(table, _)| table.trim())
        .expect("a block between <!-- options --> and <!-- /options -->");
    assert!(shown == markdown().trim(), "between its marks README.md should have:\n\n{}", markdown());
}

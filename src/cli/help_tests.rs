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
        assert!(words.contains(&format!("{} {}", spelled(flag).trim_start(), flag.help)), "--{}", flag.long);
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

#[test]
fn an_explanation_begins_beside_its_option_if_two_blanks_are_left() {
    let shown = |long, help| {
        let flag = Flag {
            option: flags::Opt::Help,
            short: None,
            long,
            value: None,
            default: None,
            repeatable: false,
            variable: false,
            help,
        };
        let mut text = String::new();
        entry(&mut text, &flag);
        text
    };
    let column = " ".repeat(INDENT);
    let (fits, too_long) = ("twenty-letters-long-", "twenty-one-letters-lo");
    assert_eq!(shown(fits, "why"), format!("      --{fits}  why\n"));
    assert_eq!(shown(too_long, "why"), format!("      --{too_long}\n{column}why\n"));
    // The last column is used, and none behind it.
    let (x, y) = ("xxxxxxxxxx", "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy");
    let full = "xxxxxxxxxx yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy z";
    assert_eq!(shown(fits, full), format!("      --{fits}  {x} {y}\n{column}z\n"));
    let over = "xxxxxxxxxx yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy";
    assert_eq!(shown(fits, over), format!("      --{fits}  {x}\n{column}y{y}\n"));
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

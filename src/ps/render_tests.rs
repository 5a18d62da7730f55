use super::super::Unseen;
use super::super::fixture::{container, stat, view};
use super::*;
use crate::proc::cgroup::{Memory, Pids};
use proptest::prelude::*;

const FULL: &str = "\
PID  PPID  USER  STATE         THREADS   RSS    AGE  COMMAND
  1     0  root  sleeping            1    1M  1d03h  sexton -- node server.js
  7     1  root  sleeping           11  212M  1d03h  ├─ node server.js
 20     7  1000  disk sleep          1    1M     1m  │  ├─ convert a b.png
 32    20  1000  running             1    1M  1d03h  │  │  └─ evil \\x1b[31m\\xff 日本語
 31     7  1000  zombie              1     0    12m  │  ├─ [sh] held by 7 (node)
 33     7  1000  zombie              1     0     1s  │  └─ [a)\\x0ab] held by 7 (node)
 34     1  1000  leader ended        2    1M  1d03h  └─ [go]
 40     0  1000  sleeping            1    1M     0s  /sexton --ps
 41     0  1000  zombie              1     0    10s  [probe] held by a process outside

9 processes, 20 threads: 1 running, 3 sleeping, 1 disk sleep, 3 zombies, 1 leader ended
pids: 34 of 100 (34 %), 3 forks refused
memory: 212 MiB of 512 MiB (41 %), 1 oom kill
";

fn text(view: &View, width: Option<usize>) -> String {
    String::from_utf8(render(view, &RenderOptions { width, colour: false })).unwrap()
}

fn footer(view: &View) -> String {
    text(view, None).split_once("\n\n").unwrap().1.to_owned()
}

#[test]
fn a_container_with_a_bit_of_everything() {
    assert_eq!(text(&container(), None), FULL);
}

#[test]
fn lines_are_cut_to_the_terminal() {
    let cut = text(&container(), Some(75));
    let (tree, footer) = cut.split_once("\n\n").unwrap();
    let (whole, whole_footer) = FULL.split_once("\n\n").unwrap();
    for (line, whole) in tree.lines().zip(whole.lines()) {
        assert!(columns(line) <= 75 && whole.starts_with(line), "{line}");
    }
    assert!(tree.contains("  │  │  └─ evil \\x1b[31m\n"));
    assert_eq!(footer, whole_footer);
}

#[test]
fn a_wide_character_is_shown_whole_or_not_at_all() {
    let view = view(&[(stat(1, 0, b"x"), "日本".as_bytes())]);
    let start = columns(text(&view, None).lines().nth(1).unwrap()) - 4;
    for (width, shown) in [(0, ""), (1, ""), (2, "日"), (3, "日"), (4, "日本"), (5, "日本")] {
        let text = text(&view, Some(start + width));
        assert!(text.lines().nth(1).unwrap().ends_with(&format!("  {shown}").trim_end()), "{width}");
        assert_eq!(text.contains('日'), shown.contains('日'), "{width}");
        assert_eq!(text.contains('本'), shown.contains('本'), "{width}");
    }
}

#[test]
fn wide_names_of_users_keep_the_columns_aligned() {
    let mut view = container();
    view.users =
        super::super::users::Users::parse("日本:x:0:0\na-very-long-name-of-a-user:x:1000:0\n".as_bytes());
    let text = text(&view, None);
    let ends: Vec<usize> = text
        .lines()
        .take(10)
        .map(|line| {
            let state = ["STATE", "sleeping", "disk", "running", "zombie", "leader"];
            columns(&line[..state.iter().find_map(|word| line.find(word)).unwrap()])
        })
        .collect();
    assert_eq!(ends, [ends[0]; 10], "{text}");
    assert!(text.contains("a-very-long-name  "), "{text}");
}

#[test]
fn colour_surrounds_lines_and_changes_nothing_else() {
    let coloured = render(&container(), &RenderOptions { width: Some(75), colour: true });
    let coloured = String::from_utf8(coloured).unwrap();
    assert!(coloured.starts_with("\x1b[1mPID  PPID"));
    assert!(coloured.contains("\n\x1b[31m 31     7  1000  zombie"));
    assert!(coloured.contains("\n\x1b[33m 20     7  1000  disk sleep"));
    assert_eq!(coloured.matches(RESET).count(), 1 + 1 + 4);
    let plain = [BOLD, RED, YELLOW, RESET].iter().fold(coloured, |text, code| text.replace(code, ""));
    assert_eq!(plain, text(&container(), Some(75)));
}

#[test]
fn without_limits() {
    let mut view = view(&[(stat(1, 0, b"x"), b"")]);
    view.pids = Pids { current: Some(5), max: None, refused: None };
    view.memory = Memory { current: Some(1 << 20), limit: None, oom_kills: None, oom_group: false };
    assert_eq!(
        footer(&view),
        "1 process, 1 thread: 1 sleeping\npids: 5, no limit\nmemory: 1 MiB, no limit\n"
    );
    view.pids = Pids::default();
    view.memory = Memory::default();
    assert_eq!(
        footer(&view),
        "1 process, 1 thread: 1 sleeping\nno cgroup files are visible here, so no limits are known\n"
    );
}

#[test]
fn what_could_not_be_seen_is_said() {
    let mut view = view(&[(stat(1, 0, b"x"), b"")]);
    view.unseen = Unseen { denied: 12, hidepid: Some("noaccess".into()), foreign: true };
    assert!(footer(&view).ends_with(
        "\
not shown: 12 of other users, which may not be looked at
/proc is mounted with hidepid=noaccess: processes of other users may be missing
/proc is that of another pid namespace: these are its processes and its numbers
"
    ));
}

#[test]
fn a_deep_tree_stays_narrow() {
    let last = if cfg!(miri) { 150 } else { 3000 };
    let rows: Vec<(_, &[u8])> = (1..=last).map(|pid| (stat(pid, pid - 1, b"deep"), &b""[..])).collect();
    let text = text(&view(&rows), None);
    assert!(text.lines().all(|line| columns(line) < 150));
    assert!(text.contains(&format!(" …{} [deep]", last - 1)));
}

#[test]
fn options_follow_the_terminal_and_its_user() {
    let options = |terminal, env: &[(&str, &str)]| {
        let value = |name: &[u8]| {
            env.iter().find(|(key, _)| key.as_bytes() == name).map(|(_, value)| OsStr::new(value))
        };
        let o = RenderOptions::new(terminal, &value);
        (o.width, o.colour)
    };
    assert_eq!(options(Some(80), &[]), (Some(80), true));
    assert_eq!(options(Some(80), &[("COLUMNS", "120")]), (Some(120), true));
    assert_eq!(options(Some(80), &[("COLUMNS", "wide")]), (Some(80), true));
    assert_eq!(options(Some(80), &[("NO_COLOR", "1")]), (Some(80), false));
    assert_eq!(options(Some(80), &[("NO_COLOR", "")]), (Some(80), true));
    assert_eq!(options(Some(80), &[("TERM", "dumb")]), (Some(80), false));
    assert_eq!(options(Some(0), &[]), (None, true), "a terminal that does not know its size");
    assert_eq!(options(None, &[("COLUMNS", "120")]), (None, false));
}

proptest! {
    #[test]
    fn no_name_breaks_the_lines(
        name in proptest::collection::vec(1u8.., 0..20),
        command: Vec<u8>,
        width in 0usize..200,
    ) {
        let view = view(&[(stat(1, 0, &name), &command), (stat(2, 1, &name), b"")]);
        let text = text(&view, Some(width));
        prop_assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
        prop_assert_eq!(text.lines().count(), 3 + 4);
        prop_assert!(text.lines().take(3).all(|line| columns(line) <= width));
    }
}

#[test]
fn no_character_is_wider_than_it_is_taken_for() {
    use unicode_width::UnicodeWidthChar;
    for c in (char::MIN..=char::MAX).step_by(if cfg!(miri) { 1009 } else { 1 }) {
        assert!(width(c) >= c.width().unwrap_or(0), "{c:?}");
    }
    let exact = "aé\u{301}ß Ωλ Жи ├─└│ 日本語 かな カナ 한국어 中文，。🦀";
    assert!(exact.chars().all(|c| Some(width(c)) == c.width()), "{exact}");
}

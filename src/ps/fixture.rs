//! Views for the tests of this floor.

use super::*;

pub(super) fn stat(pid: i32, ppid: i32, name: &[u8]) -> Stat {
    let numbers = format!(") S {ppid} 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 0 0 256");
    Stat::parse(&[format!("{pid} (").as_bytes(), name, numbers.as_bytes()].concat()).unwrap()
}

pub(super) const CONTEXT: Context =
    Context { own: Pid(40), now: Duration::from_secs(100_000), page_size: 4096 };

/// Stats and their command lines, as a view.
pub(super) fn view(rows: &[(Stat, &[u8])]) -> View {
    let table: Table = rows.iter().map(|(stat, _)| *stat).collect();
    let processes = tree::order(table.stats())
        .into_iter()
        .map(|place| {
            let stat = table.stats()[place.index];
            let command = rows.iter().find(|(row, _)| row.pid == stat.pid).unwrap().1;
            Process {
                place,
                command: without_padding(command).to_vec(),
                uid: Some(if stat.pid.0 < 9 { 0 } else { 1000 }),
                holder: holder(&table, &stat),
                rss: stat.rss * CONTEXT.page_size,
                age: stat.age(CONTEXT.now),
                stat,
            }
        })
        .collect();
    View {
        processes,
        users: Users::parse(b"root:x:0:0::/:/bin/sh\n"),
        pids: Pids { current: Some(34), max: Some(100), refused: Some(3) },
        memory: Memory {
            current: Some(212 << 20),
            limit: Some(512 << 20),
            oom_kills: Some(1),
            oom_group: false,
        },
        unseen: Unseen::default(),
    }
}

/// A container with a bit of everything.
pub(super) fn container() -> View {
    let zombie = |pid, ppid, name: &[u8], start| Stat { state: b'Z', rss: 0, start, ..stat(pid, ppid, name) };
    view(&[
        (stat(1, 0, b"sexton"), b"sexton\0--\0node\0server.js\0"),
        (Stat { threads: 11, rss: 54_272, start: 100, ..stat(7, 1, b"node") }, b"node\0server.js\0"),
        (Stat { state: b'D', start: 9_990_000, ..stat(20, 7, b"convert") }, b"convert\0a b.png\0\0"),
        (zombie(31, 7, b"sh", 9_928_000), b""),
        (
            Stat { state: b'R', ..stat(32, 20, b"evil") },
            b"evil\0\x1b[31m\xff\0\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\0",
        ),
        (zombie(33, 7, b"a)\nb", 9_999_900), b""),
        (Stat { state: b'Z', threads: 2, ..stat(34, 1, b"go") }, b""),
        (Stat { start: 9_999_950, ..stat(40, 0, b"sexton") }, b"/sexton\0--ps\0"),
        (zombie(41, 0, b"probe", 9_999_000), b""),
    ])
}

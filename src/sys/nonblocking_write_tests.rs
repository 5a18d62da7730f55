//! Every kind of descriptor that standard error may be, each in its worst state.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::time::Duration;

use nix::fcntl::{FcntlArg, fcntl};
use nix::pty::openpty;
use nix::sys::termios::{FlowArg, tcflow};

use super::*;

const DEADLINE: Duration = Duration::from_secs(10);
const LINE: &[u8] = b"sexton: a line\n";

/// Runs the write in a thread, so that one that hangs fails the test instead of stopping it.
fn in_time(write: impl FnOnce() -> WriteOutcome + Send + 'static) -> WriteOutcome {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(write()));
    receiver.recv_timeout(DEADLINE).expect("the write blocks")
}

fn status_flags(fd: BorrowedFd<'_>) -> i32 {
    fcntl(fd, FcntlArg::F_GETFL).unwrap()
}

/// Writes in time and leaves the flags alone.
fn write_to(target: &impl AsFd, line: &'static [u8]) -> WriteOutcome {
    let before = status_flags(target.as_fd());
    let fd = target.as_fd().as_raw_fd();
    let outcome = in_time(move || write_line(fd, line));
    assert_eq!(status_flags(target.as_fd()), before);
    outcome
}

/// A second open file description of the same pipe, so that filling it leaves the flags of the first alone.
fn fill(pipe: &impl AsFd) {
    let path = format!("/proc/self/fd/{}", pipe.as_fd().as_raw_fd());
    let mut other = OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(path).unwrap();
    let page = [b'.'; 4096];
    loop {
        match other.write(&page) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_pipe_with_room_takes_the_whole_line() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    assert_eq!(write_to(&writer, LINE), WriteOutcome::Written);
    let mut read = [0; 64];
    let length = reader.read(&mut read).unwrap();
    assert_eq!(&read[..length], LINE);
}

#[test]
fn a_full_pipe_refuses_and_takes_lines_again_once_it_is_read_t5() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    fill(&writer);
    assert_eq!(write_to(&writer, LINE), WriteOutcome::WouldBlock);
    let fd = writer.as_raw_fd();
    // What old kernels get.
    assert_eq!(in_time(move || write_if_ready(fd, LINE)), WriteOutcome::WouldBlock);
    reader.read_exact(&mut [0; 65536]).unwrap();
    assert_eq!(write_to(&writer, LINE), WriteOutcome::Written);
    assert_eq!(in_time(move || write_if_ready(fd, LINE)), WriteOutcome::Written);
}

#[test]
fn a_line_goes_into_a_pipe_whole_or_not_at_all() {
    let line = [&[b'x'; 4095][..], b"\n"].concat();
    let (mut reader, writer) = std::io::pipe().unwrap();
    let fd = writer.as_raw_fd();
    write_line(fd, LINE);
    let expected = line.clone();
    let written = in_time(move || {
        while write_line(fd, &line) == WriteOutcome::Written {}
        write_line(fd, &line)
    });
    assert_eq!(written, WriteOutcome::WouldBlock);
    drop(writer);
    let mut all = Vec::new();
    reader.read_to_end(&mut all).unwrap();
    let lines = all.strip_prefix(LINE).unwrap();
    assert!(!lines.is_empty() && lines.len().is_multiple_of(4096));
    assert!(lines.chunks(4096).all(|chunk| chunk == expected));
}

#[test]
fn a_pipe_that_nobody_reads_any_more_is_dead_t4() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert_eq!(write_to(&writer, LINE), WriteOutcome::Dead);
    let fd = writer.as_raw_fd();
    assert_eq!(in_time(move || write_if_ready(fd, LINE)), WriteOutcome::Dead);
}

#[test]
fn a_full_socket_refuses_and_a_closed_one_is_dead() {
    let (reader, writer) = UnixStream::pair().unwrap();
    assert_eq!(write_to(&writer, LINE), WriteOutcome::Written);
    let fd = writer.as_raw_fd();
    let full = in_time(move || {
        while write_line(fd, LINE) == WriteOutcome::Written {}
        write_line(fd, LINE)
    });
    assert_eq!(full, WriteOutcome::WouldBlock);
    assert_eq!(write_to(&writer, LINE), WriteOutcome::WouldBlock);
    drop(reader);
    assert_eq!(write_to(&writer, LINE), WriteOutcome::Dead);
}

#[test]
fn a_file_is_written_at_its_position() {
    let path = std::env::temp_dir().join(format!("sexton-nonblocking-write-{}", std::process::id()));
    let mut file = File::create(&path).unwrap();
    file.write_all(b"before\n").unwrap();
    assert_eq!(write_to(&file, LINE), WriteOutcome::Written);
    file.write_all(b"after\n").unwrap();
    let content = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(content, [b"before\n", LINE, b"after\n"].concat());
}

#[test]
fn a_full_disk_fails_and_a_null_device_swallows() {
    for (path, expected) in [("/dev/full", WriteOutcome::Failed), ("/dev/null", WriteOutcome::Written)] {
        let device = OpenOptions::new().write(true).open(path).unwrap();
        assert_eq!(write_to(&device, LINE), expected, "{path}");
    }
}

#[test]
fn a_stopped_terminal_refuses_until_it_goes_on() {
    let terminal = openpty(None, None).unwrap();
    assert_eq!(write_to(&terminal.slave, LINE), WriteOutcome::Written);
    tcflow(&terminal.slave, FlowArg::TCOOFF).unwrap();
    assert_eq!(write_to(&terminal.slave, LINE), WriteOutcome::WouldBlock);
    tcflow(&terminal.slave, FlowArg::TCOON).unwrap();
    assert_eq!(write_to(&terminal.slave, LINE), WriteOutcome::Written);
}

#[test]
fn a_terminal_that_nobody_reads_never_blocks_even_when_a_line_is_longer_than_its_room() {
    for length in [100, 257, 1000, 4096] {
        let terminal = openpty(None, None).unwrap();
        let fd = terminal.slave.as_raw_fd();
        let mut line = vec![b'x'; length];
        line[length - 1] = b'\n';
        let full = in_time(move || {
            while write_line(fd, &line) == WriteOutcome::Written {}
            write_line(fd, &line)
        });
        assert_eq!(full, WriteOutcome::WouldBlock, "lines of {length} bytes");
    }
}

#[test]
fn a_closed_descriptor_is_dead() {
    const NONE: RawFd = RawFd::MAX;
    assert_eq!(in_time(|| write_line(NONE, LINE)), WriteOutcome::Dead);
}

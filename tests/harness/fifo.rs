//! Two ways to hold a process up: a FIFO it waits at, and pipes whose ends the test holds.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A FIFO at which the child word `gate` waits.
pub struct Gate {
    path: PathBuf,
    held: Option<File>,
}

impl Gate {
    pub fn new(path: PathBuf) -> Self {
        let made = Command::new("mkfifo").arg("-m").arg("666").arg(&path).status();
        assert!(made.is_ok_and(|status| status.success()), "mkfifo {}", path.display());
        Self { path, held: None }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits until the process stands at the gate.
    #[track_caller]
    pub fn reached(&mut self) {
        let mut options = File::options();
        options.write(true).custom_flags(libc::O_NONBLOCK);
        super::eventually(
            || {
                self.held = options.open(&self.path).ok();
                self.held.is_some()
            },
            "the process is at the gate",
        );
    }

    /// Lets it through.
    pub fn open(mut self) {
        self.held = None;
    }
}

/// A pipe: what is written to `writer` can be read from `reader`.
pub struct Pipe {
    pub reader: File,
    pub writer: OwnedFd,
}

impl Pipe {
    pub fn new() -> Self {
        let (reader, writer) = std::io::pipe().expect("pipe");
        Self { reader: File::from(OwnedFd::from(reader)), writer: writer.into() }
    }
}

/// Reads `file` to its end, in a thread of its own, so that the end can be waited for with a deadline.
#[track_caller]
pub fn read_to_end(file: File) -> Vec<u8> {
    in_thread(move || {
        let mut bytes = Vec::new();
        (&file).read_to_end(&mut bytes).map(|_| bytes)
    })
}

/// The same with a FIFO that somebody has yet to open for writing.
#[track_caller]
pub fn read_fifo_to_end(path: &Path) -> Vec<u8> {
    let path = path.to_owned();
    in_thread(move || std::fs::read(path))
}

/// Reads one line, likewise.
#[track_caller]
pub fn read_line(file: File) -> String {
    in_thread(move || {
        let mut line = String::new();
        BufReader::new(file).read_line(&mut line).map(|_| line)
    })
}

#[track_caller]
fn in_thread<T: Send + 'static>(read: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> T {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || drop(sender.send(read())));
    let read = receiver.recv_timeout(super::deadline()).expect("the pipe has what is waited for");
    read.expect("read the pipe")
}

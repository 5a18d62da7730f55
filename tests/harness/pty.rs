//! A pseudo terminal: the test holds the master, what runs on it the slave.
#![allow(unsafe_code, clippy::undocumented_unsafe_blocks)]

use super::command::Sexton;
use std::ffi::CStr;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::{Arc, Mutex};

pub struct Pty {
    master: File,
    slave: File,
    _reading: Arc<()>,
    shown: Arc<Mutex<Vec<u8>>>,
}

impl Pty {
    pub fn new() -> Self {
        let master = unsafe { libc::posix_openpt(libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC) };
        assert!(master >= 0, "posix_openpt: {}", std::io::Error::last_os_error());
        let master = unsafe { File::from_raw_fd(master) };
        let mut name = [0; 64];
        let failed = unsafe {
            libc::grantpt(master.as_raw_fd())
                + libc::unlockpt(master.as_raw_fd())
                + libc::ptsname_r(master.as_raw_fd(), name.as_mut_ptr(), name.len())
        } != 0;
        assert!(!failed, "no slave: {}", std::io::Error::last_os_error());
        let name = unsafe { CStr::from_ptr(name.as_ptr()) }.to_str().expect("ASCII");
        let slave = File::options().read(true).write(true).custom_flags(libc::O_NOCTTY).open(name);
        let slave = slave.expect("open the slave");
        let shown = Arc::new(Mutex::new(Vec::new()));
        let reading = Arc::new(());
        let mut reader = master.try_clone().expect("dup");
        let (screen, watched) = (Arc::clone(&shown), Arc::downgrade(&reading));
        // The master closes, and the terminal hangs up, when the test has let go of it and this thread too.
        std::thread::spawn(move || {
            let mut block = [0; 4096];
            while watched.strong_count() > 0 {
                if !readable(&reader) {
                    continue;
                }
                let Ok(count @ 1..) = reader.read(&mut block) else { return };
                screen.lock().expect("the screen").extend_from_slice(&block[..count]);
            }
        });
        Self { master, slave, _reading: reading, shown }
    }

    /// Lets `run` lead a session of its own on this terminal. Its stdin, stdout and stderr may be set afterwards.
    pub fn attach(&self, run: Sexton) -> Sexton {
        let slave = || self.slave.try_clone().expect("dup");
        run.on_terminal(slave(), [slave(), slave(), slave()])
    }

    /// Types this.
    #[track_caller]
    pub fn type_in(&self, text: &str) {
        (&self.master).write_all(text.as_bytes()).expect("write to the terminal");
    }

    /// What the terminal shows.
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().expect("the screen")).into_owned()
    }

    /// Waits until the terminal has shown `text` `count` times.
    #[track_caller]
    pub fn wait_for(&self, text: &str, count: usize) {
        let happened = super::happens(|| self.shown().matches(text).count() >= count);
        assert!(happened, "the terminal did not show {text:?} {count} times, but {:?}", self.shown());
    }

    /// Closes the terminal.
    pub fn hang_up(self) {}

    /// The foreground process group.
    pub fn foreground(&self) -> i32 {
        let mut group = 0;
        unsafe { libc::ioctl(self.master.as_raw_fd(), libc::TIOCGPGRP, &raw mut group) };
        group
    }

    pub fn resize(&self, rows: u16, columns: u16) {
        let size = libc::winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        unsafe { libc::ioctl(self.master.as_raw_fd(), libc::TIOCSWINSZ, &raw const size) };
    }
}

/// Whether there is something to read, within a few milliseconds.
fn readable(file: &File) -> bool {
    let mut poll = libc::pollfd { fd: file.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    unsafe { libc::poll(&raw mut poll, 1, 20) > 0 }
}

//! The program's environment: ours, less what sexton has consumed, plus what is set for the program.

use std::ffi::{CStr, CString, OsString, c_char};
use std::os::unix::ffi::OsStrExt;

use super::start;
use crate::policy::event::Pid;

/// An array for execve(2), and what it points to.
#[derive(Debug)]
pub(super) struct Environment {
    /// None: ours as it is.
    entries: Option<Vec<*const c_char>>,
    listen_pid: Option<Vec<u8>>,
    set: Vec<CString>,
}

impl Environment {
    /// Ours without the names in `consumed`, with the entries of `set` in place of any of the same names, and with
    /// room for the child's own LISTEN_PID (`sd_listen_fds(3)`) if ours named us.
    pub(super) fn prepare(consumed: &[OsString], set: Vec<CString>, own: Pid) -> Self {
        let listen_pid = start::variable(b"LISTEN_PID");
        let rewrite = listen_pid.is_some_and(|pid| pid.as_bytes() == own.to_string().as_bytes());
        let mut environment = Self { entries: None, listen_pid: None, set };
        if consumed.is_empty() && environment.set.is_empty() && !rewrite {
            return environment;
        }
        environment.change(consumed, rewrite);
        environment
    }

    #[cold]
    #[inline(never)]
    fn change(&mut self, consumed: &[OsString], rewrite: bool) {
        self.listen_pid = rewrite.then(|| b"LISTEN_PID=\0\0\0\0\0\0\0\0\0\0\0\0".to_vec());
        let is_replaced = |entry: &CStr| {
            let name = name(entry);
            consumed.iter().any(|consumed| consumed.as_bytes() == name)
                || self.set.iter().any(|set| self::name(set) == name)
                || rewrite && name == b"LISTEN_PID"
        };
        let mut entries: Vec<*const c_char> = Vec::new();
        entries.extend(start::environment().filter(|entry| !is_replaced(entry)).map(CStr::as_ptr));
        entries.extend(self.set.iter().map(|entry| entry.as_ptr()));
        entries.extend(self.listen_pid.as_mut().map(|text| text.as_mut_ptr().cast_const().cast()));
        entries.push(std::ptr::null());
        self.entries = Some(entries);
    }

    /// What execve(2) takes.
    pub(super) fn array(&self) -> *const *const c_char {
        self.entries.as_ref().map_or_else(start::environment_array, |entries| entries.as_ptr())
    }

    /// `LISTEN_PID=` with room for a number behind it, or null.
    pub(super) fn listen_pid(&mut self) -> *mut u8 {
        self.listen_pid.as_mut().map_or(std::ptr::null_mut(), |text| text.as_mut_ptr())
    }
}

fn name(entry: &CStr) -> &[u8] {
    entry.to_bytes().split(|b| *b == b'=').next().unwrap_or_default()
}

//! `/proc/PID/wchan` (`proc_pid_wchan(5)`): where in the kernel a process waits.

use crate::files::read_once;
use crate::policy::event::Pid;

/// The kernel's function that `pid` waits in; None if it runs, or if we may not know.
pub fn read(pid: Pid) -> Option<String> {
    parse(read_once(format!("/proc/{pid}/wchan").as_bytes(), &mut [0; 128]).ok()?)
}

/// `0` stands for none and for a kernel that does not tell; a symbol of the kernel is plain text.
pub(crate) fn parse(bytes: &[u8]) -> Option<String> {
    let name = str::from_utf8(bytes).ok()?.trim_ascii_end();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    (!matches!(name, "" | "0") && name.chars().all(plain)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_is_a_place_and_zero_is_none() {
        for (bytes, place) in [
            (&b"hrtimer_nanosleep"[..], Some("hrtimer_nanosleep")),
            (b"do_wait.isra.0\n", Some("do_wait.isra.0")),
            (b"0", None),
            (b"", None),
            (b"a b", None),
            (b"\xff\x1b", None),
        ] {
            assert_eq!(parse(bytes).as_deref(), place);
        }
    }

    #[test]
    fn who_is_gone_waits_nowhere() {
        assert_eq!(read(Pid(i32::MAX)), None);
    }
}

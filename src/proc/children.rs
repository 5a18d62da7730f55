//! `/proc/PID/task/TID/children` (`proc_pid_task_tid_children(5)`): whose parent a thread is.

use super::{number, read_all};
use crate::policy::event::Pid;

/// Our own children, those that wait to be reaped included. Empty where the kernel has no such list, which needs
/// CONFIG_PROC_CHILDREN. It is complete while nobody is reaped, for whoever comes is put at its end.
pub fn of_self() -> Vec<Pid> {
    let list = read_all(b"/proc/thread-self/children").unwrap_or_default();
    list.split(|b| *b == b' ').filter_map(number).map(Pid).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "starts a process")]
    fn a_child_is_listed_until_it_is_waited_for() {
        let mut child = std::process::Command::new("true").spawn().unwrap_or_else(|e| panic!("true: {e}"));
        let pid = Pid(i32::try_from(child.id()).unwrap_or(0));
        let listed = of_self().contains(&pid);
        // Not every kernel has the list.
        assert!(listed || !std::path::Path::new("/proc/thread-self/children").exists());
        drop(child.wait());
        assert!(!of_self().contains(&pid));
    }
}

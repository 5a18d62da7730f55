//! Launch options that the kernel refuses: whichever call it is, the option is named and nothing is started.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::{Mode, both, needs_root, sexton_only, test_name};

/// Each option with the call that it needs, and how it is named.
const REFUSED: [(&str, libc::c_long, &str); 8] = [
    ("--chdir=/tmp", libc::SYS_chdir, "--chdir /tmp"),
    ("--umask=027", libc::SYS_umask, "--umask 027"),
    ("--nice=3", libc::SYS_setpriority, "--nice 3"),
    ("--nice=3", libc::SYS_getpriority, "--nice 3"),
    ("--cpu-list=0", libc::SYS_sched_setaffinity, "--cpu-list"),
    ("--rlimit=core=0:0", libc::SYS_prlimit64, "--rlimit core=0:0"),
    ("--rlimit=nofile=max", libc::SYS_prlimit64, "--rlimit nofile=max"),
    ("--no-new-privs", libc::SYS_prctl, "--no-new-privs"),
];

/// The same for whoever may become another user.
const REFUSED_TO_ROOT: [(&str, libc::c_long, &str); 3] = [
    ("--user=4001:4002", libc::SYS_setgroups, "--user 4001:4002"),
    ("--user=4001:4002", libc::SYS_setresgid, "--user 4001:4002"),
    ("--user=4001:4002", libc::SYS_setresuid, "--user 4001:4002"),
];

#[track_caller]
fn each_is_named(mode: Mode, refused: &[(&str, libc::c_long, &str)]) {
    for (option, call, name) in refused {
        let refused = ["without-calls", &libc::ENOSYS.to_string(), &call.to_string()].map(str::to_owned);
        let ended = mode.child(["say", "started"]).options([option]).before(refused.clone()).run();
        let said = format!("sexton: cannot set {name}: Function not implemented (os error 38)\n");
        ended.expect_code(125).expect_said(&[&said]);
        assert_eq!(ended.stdout, "", "{option}");
        // What is refused is not needed by anything else.
        let run = mode.child(["say", "started"]).before(refused);
        assert_eq!(run.run().expect_code(0).stdout, "started\n", "{option}");
    }
}

both! {
    fn each_refusal_names_its_option(mode: Mode) {
        sexton_only!("launch options");
        each_is_named(mode, &REFUSED);
    }
}

both! {
    fn each_refusal_to_become_a_user_names_it(mode: Mode) {
        sexton_only!("--user");
        needs_root!("to become another user");
        each_is_named(mode, &REFUSED_TO_ROOT);
    }
}

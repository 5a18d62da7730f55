"""Containers that may do little: no capability, no writable file, no user of their own, filtered system calls."""

import contextlib
import json
import tempfile
import unittest

from harness import BUSYBOX, run, sexton_only

CONFINED = {
    "read-only": ["--read-only"],
    "user": ["--user", "65534"],
    "no capability": ["--cap-drop", "ALL"],
    "no new privileges": ["--security-opt", "no-new-privileges"],
    "few processes": ["--pids-limit", "20"],
    "no seccomp": ["--security-opt", "seccomp=unconfined"],
    "the host's processes": ["--pid", "host"],
}

# What the init needs none of. prctl means nothing works that asks for a subreaper, a name or a parent's death signal.
DISPENSABLE = [
    "clone3",
    "pidfd_open",
    "pidfd_send_signal",
    "close_range",
    "prctl",
    "signalfd4",
    "rt_sigtimedwait",
    "setpgid",
    "ioctl",
    "poll,ppoll",
    "wait4",
    "waitid",
    "getrandom",
    "vfork,fork",
]

# What nothing can be started or ended without.
NEEDED = ["wait4,waitid", "clone,clone3,fork,vfork"]

ERRORS = {"EPERM": 1, "ENOSYS": 38}


@contextlib.contextmanager
def refusing(calls, errno):
    """Options of `docker run` for a container in which these calls fail."""
    rule = {"names": calls.split(","), "action": "SCMP_ACT_ERRNO", "errnoRet": errno}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as profile:
        json.dump({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [rule]}, profile)
        profile.flush()
        # The runtime still needs prctl to set capabilities after the filter, unless privileges cannot be gained anyway.
        yield ["--security-opt", "no-new-privileges", "--security-opt", f"seccomp={profile.name}"]


class Confinement(unittest.TestCase):
    def test_each_alone(self):
        for name, options in CONFINED.items():
            with self.subTest(name):
                done = run(BUSYBOX, ["sh", "-c", "exit 7"], options)
                self.assertEqual(done.returncode, 7, done.stderr)

    def test_all_together(self):
        together = ["read-only", "user", "no capability", "no new privileges", "few processes"]
        options = [option for name in together for option in CONFINED[name]]
        done = run(BUSYBOX, ["sh", "-c", "echo $(cat /proc/self/status | busybox grep CapEff); exit 7"], options)
        self.assertEqual((done.returncode, done.stderr), (7, ""))
        self.assertEqual(done.stdout.split(), ["CapEff:", "0000000000000000"])

    @sexton_only("says in its own way that there is no room")
    def test_no_room_for_the_program(self):
        done = run(BUSYBOX, ["true"], ["--pids-limit", "1"])
        self.assertEqual(done.returncode, 125)
        self.assertRegex(done.stderr, r"^sexton: .*(pids\.max|limit)")


class RefusedCalls(unittest.TestCase):
    @sexton_only("does not promise to live without them")
    def test_the_program_runs_without(self):
        for calls in DISPENSABLE:
            for name, errno in ERRORS.items():
                with self.subTest(calls, error=name), refusing(calls, errno) as options:
                    # Two orphans on the way: an init that cannot see its children end would hang here.
                    done = run(BUSYBOX, ["sh", "-c", "(true &) ; (true &) ; exit 42"], options)
                    self.assertEqual(done.returncode, 42, done.stderr)

    @sexton_only("does not promise a clear end")
    def test_what_cannot_be_done_without_is_said(self):
        for calls in NEEDED:
            for name, errno in ERRORS.items():
                with self.subTest(calls, error=name), refusing(calls, errno) as options:
                    done = run(BUSYBOX, ["true"], options)
                    self.assertEqual(done.returncode, 125, done.stderr)
                    self.assertRegex(done.stderr, r"(?m)^sexton: ")

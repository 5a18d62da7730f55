#!/usr/bin/env python3
"""What a look of `--watch` costs, among many processes that live: CPU time and resident memory.

    benches/watch.py [--sexton target/static/sexton] [--processes 1000] [--looks 30]

The first figure is with pidfd_open(2), the second with that call refused, so that every stat file is read. CPU time is
what /proc/PID/schedstat says; a busy machine makes it longer all the same, because caches are cold. sexton's rss is read
before there are so many processes, but after a first look, and again at the end.
"""

import argparse
import ctypes
import re
import statistics
import struct
import subprocess
import sys
import time
from pathlib import Path

INTERVAL = 0.2
PIDFD_OPEN = 434

# Lives on with so many children, once it is told to; they end with it.
PROGRAM = r"""
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
print("ready", flush=True)
signal.sigwait([signal.SIGUSR1])
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
for _ in range(int(sys.argv[1])):
    if os.fork() == 0:
        while True:
            signal.pause()
print("made", flush=True)
signal.pause()
"""


def refuse_pidfd_open():
    """A seccomp filter for this process and what it executes: the call answers ENOSYS."""
    libc = ctypes.CDLL(None, use_errno=True)
    step = lambda code, jt, jf, k: struct.pack("HBBI", code, jt, jf, k)
    steps = step(0x20, 0, 0, 0) + step(0x15, 0, 1, PIDFD_OPEN) + step(0x06, 0, 0, 0x50026) + step(0x06, 0, 0, 0x7FFF0000)
    filter_ = ctypes.create_string_buffer(steps, len(steps))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 4, ctypes.addressof(filter_)))
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
        raise OSError(ctypes.get_errno(), "no seccomp filter")


class Running:
    """sexton as PID 1 of a namespace of its own, seen from outside."""

    def __init__(self, arguments, refused):
        command = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", arguments.sexton]
        command += ["--watch", f"{int(INTERVAL * 1000)}ms", "--grace", "0", "--"]
        command += [sys.executable, "-c", PROGRAM, str(arguments.processes)]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            preexec_fn=refuse_pidfd_open if refused else None,
        )
        assert self.process.stdout.readline() == "ready\n"
        self.proc = Path("/proc", Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().strip())

    def cpu(self):
        return int((self.proc / "schedstat").read_text().split()[0]) / 1e6

    def number(self, name):
        return int(re.search(rf"^{name}:\s+(\d+)", (self.proc / "status").read_text(), re.MULTILINE)[1])

    def next_look(self):
        before = self.number("voluntary_ctxt_switches")
        while self.number("voluntary_ctxt_switches") == before:
            time.sleep(INTERVAL / 20)

    def signal(self, signal):
        subprocess.run(["kill", f"-{signal}", self.proc.name], check=True)


def measure(arguments, refused):
    run = Running(arguments, refused)
    try:
        run.next_look()
        run.next_look()
        rss = run.number("VmRSS")
        run.signal("USR1")
        assert run.process.stdout.readline() == "made\n"
        run.next_look()
        looks = []
        for _ in range(arguments.looks):
            before = run.cpu()
            run.next_look()
            looks.append(run.cpu() - before)
        return statistics.median(looks), max(looks), run.number("VmRSS") - rss
    finally:
        run.signal("KILL")
        run.process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sexton", default="target/static/sexton")
    parser.add_argument("--processes", type=int, default=1000)
    parser.add_argument("--looks", type=int, default=30)
    arguments = parser.parse_args()
    for refused in (False, True):
        median, longest, grown = measure(arguments, refused)
        what = "stat files alone" if refused else "pidfd_open"
        print(f"{what}: {median:.1f} ms a look, at most {longest:.1f} ms, rss grown by {grown} KiB")


if __name__ == "__main__":
    main()

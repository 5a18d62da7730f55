#!/usr/bin/env python3
"""What `sexton --ps` costs among many processes, beside ps(1): the shortest of several runs.

    benches/ps.py [--sexton target/static/sexton] [--processes 5000] [--runs 12]

Needs root: the processes live in a pid namespace of their own, and end with it. A busy machine lengthens the CPU time,
too, because caches are cold.
"""

import argparse
import os
import resource
import signal
import subprocess
import sys
import time

PS = ["ps", "-eo", "pid,ppid,stat,user,nlwp,rss,etime,args"]


def measure(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    wall = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sexton", default="target/static/sexton")
    parser.add_argument("--processes", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=12)
    arguments = parser.parse_args()
    if os.getpid() != 1:
        # PID 1's end is that of all the others.
        command = ["unshare", "--pid", "--fork", "--mount-proc", sys.executable, *sys.argv]
        sys.exit(subprocess.run(command, check=False).returncode)
    for _ in range(arguments.processes):
        if os.fork() == 0:
            while True:
                signal.pause()
    commands = {"sexton --ps": [arguments.sexton, "--ps"], "ps": PS}
    runs = {name: [measure(command) for _ in range(arguments.runs)] for name, command in commands.items()}
    for name, figures in runs.items():
        wall, cpu = (min(column) * 1000 for column in zip(*figures))
        print(f"{name}: {wall:.0f} ms, of CPU time {cpu:.0f} ms")


if __name__ == "__main__":
    main()

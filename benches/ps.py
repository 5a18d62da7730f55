#!/usr/bin/env python3
"""What `sexton --ps` costs among many processes, beside ps(1): the shortest of several runs.

    benches/ps.py [--sexton target/static/sexton] [--processes 50,500,5000] [--runs 12] [--json]

Needs root: the processes live in a pid namespace of their own, and end with it. A busy machine lengthens the CPU time,
too, because caches are cold.
"""

import argparse
import json
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
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, timeout=60)
    wall = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sexton", default="target/static/sexton")
    parser.add_argument("--processes", default="50,500,5000", help="how many, ascending (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--json", action="store_true", help="milliseconds as {command: {processes: [wall, CPU]}}")
    arguments = parser.parse_args()
    if os.getpid() != 1:
        # PID 1's end is that of all the others.
        command = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, *sys.argv]
        sys.exit(subprocess.run(command, check=False, timeout=600).returncode)
    commands = {"sexton --ps": [arguments.sexton, "--ps"], "ps": PS}
    results = {name: {} for name in commands}
    alive = 0
    for count in (int(count) for count in arguments.processes.split(",")):
        for _ in range(count - alive):
            if os.fork() == 0:
                while True:
                    signal.pause()
        alive = count
        for name, command in commands.items():
            runs = [measure(command) for _ in range(arguments.runs)]
            results[name][count] = [min(column) * 1000 for column in zip(*runs)]
    if arguments.json:
        print(json.dumps(results))
        return
    for name, figures in results.items():
        for count, (wall, cpu) in figures.items():
            print(f"{name}, {count:,} processes: {wall:.1f} ms, of CPU time {cpu:.1f} ms")


if __name__ == "__main__":
    main()

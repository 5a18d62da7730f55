#!/usr/bin/env python3
"""How long an init needs from the end of the last process to its own, with many leftovers.

    benches/leftovers.py --init "sexton=target/static/sexton --" --init "tini=/usr/bin/tini -s --"

The main process starts N orphans and ends; inits differ in what they do then (tini ends at once, and tells nobody). So
that the work is the same for all, it lives on here: this program sends SIGTERM to all N orphans, of which they end, the
main process sees the last of them go (all hold the write end of a pipe), and ends too. From that end the init
has to reap what it has not yet reaped, see that nothing is left, and exit. No init has to tell or kill anybody.
"""

import argparse
import os
import select
import signal
import statistics
import subprocess
import sys
import time

DEADLINE = 120

# Starts N orphans that sleep, prints their pids; then waits until all are gone, notes when that was, and ends.
MAIN = r"""
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_DFL)
gone, held = os.pipe()
pids, report = os.pipe()
for start in range(0, int(sys.argv[1]), 100):
    parent = os.fork()
    if parent == 0:
        for _ in range(min(100, int(sys.argv[1]) - start)):
            if os.fork() == 0:
                os.write(report, b"%d\n" % os.getpid())
                while True:
                    signal.pause()
        os._exit(0)
    os.waitpid(parent, 0)
    for _ in range(min(100, int(sys.argv[1]) - start)):
        line = b""
        while not line.endswith(b"\n"):
            line += os.read(pids, 1)
        sys.stdout.write(line.decode())
os.close(held)
print("ready", flush=True)
os.read(gone, 1)
print(time.monotonic_ns(), flush=True)
os._exit(0)
"""


def one_run(init, count):
    """The nanoseconds of one run."""
    command = [*init.split(), sys.executable, "-c", MAIN, str(count)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, bufsize=1)
    pids = []
    try:
        for line in process.stdout:
            if line == "ready\n":
                break
            pids.append(int(line))
        assert len(pids) == count, f"{len(pids)} of {count} have started"
        for pid in pids:
            os.kill(pid, signal.SIGTERM)
        pids = []
        readable, _, _ = select.select([process.stdout], [], [], DEADLINE)
        assert readable, "the last of them has not ended in time"
        last = int(process.stdout.readline())
        process.wait(DEADLINE)
        return time.monotonic_ns() - last
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        if process.poll() is None:
            process.kill()
            process.wait()


def shown(nanoseconds):
    return f"{nanoseconds / 1e6:.1f} ms"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--init", action="append", required=True, metavar="NAME=CMD")
    parser.add_argument("--counts", default="1,100,10000", help="how many leftovers (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=5, help="at least 5 (default: %(default)s)")
    options = parser.parse_args()
    counts = [int(count) for count in options.counts.split(",")]
    print("| init | " + " | ".join(f"{count:,} left" for count in counts) + " |")
    print("|---|" + "---|" * len(counts))
    inits = [init.split("=", 1) for init in options.init]
    times = {name: [[] for _ in counts] for name, _ in inits}
    # In turns, so that what else the machine does hits all of them.
    for _ in range(max(5, options.runs)):
        for name, init in inits:
            for taken, count in zip(times[name], counts):
                taken.append(one_run(init, count))
    for name, taken in times.items():
        print(f"| {name} | " + " | ".join(shown(statistics.median(one)) for one in taken) + " |")


if __name__ == "__main__":
    main()

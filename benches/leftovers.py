#!/usr/bin/env python3
"""How long an init needs from the end of the last process to its own, with many leftovers.

    benches/leftovers.py --init "sexton=target/static/sexton --" --init "tini=/usr/bin/tini -s --"

The main process starts N orphans and ends; inits differ in what they do then (tini ends at once, and tells nobody). So
that the work is the same for all, it lives on here: it sends its group SIGTERM, of which all N orphans end, sees the
last of them go (all hold the write end of a pipe), says when that was, and ends too. From then on the init has to
reap what it has not yet reaped, see that nothing is left, and exit. No init has to tell or kill anybody.

leftovers.c does that and measures; it needs a C compiler (CC, or cc). Run it on a machine that is quiet, as root or with a
limit of processes above the largest count.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile


def shown(nanoseconds):
    return f"{nanoseconds / 1e6:.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--init", action="append", required=True, metavar="NAME=CMD")
    parser.add_argument("--counts", default="1,100,10000", help="how many leftovers (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=21, help="at least 5 (default: %(default)s)")
    options = parser.parse_args()
    counts = [int(count) for count in options.counts.split(",")]
    inits = [init.split("=", 1) for init in options.init]
    times = {name: [[] for _ in counts] for name, _ in inits}
    with tempfile.TemporaryDirectory() as folder:
        helper = os.path.join(folder, "leftovers")
        source = pathlib.Path(__file__).with_suffix(".c")
        subprocess.run([os.environ.get("CC", "cc"), "-O2", "-Wall", "-o", helper, source], check=True)
        # In turns, so that what else the machine does hits all of them.
        for _ in range(max(5, options.runs)):
            for name, init in inits:
                for taken, count in zip(times[name], counts):
                    command = [helper, "time", *init.split(), helper, "main", str(count)]
                    run = subprocess.run(command, stdout=subprocess.PIPE, timeout=120, check=True, text=True)
                    taken.append(int(run.stdout))
    print("| ms, median (quartiles) | " + " | ".join(f"{count:,} left" for count in counts) + " |")
    print("|---|" + "---|" * len(counts))
    for name, taken in times.items():
        cells = []
        for one in taken:
            low, middle, high = statistics.quantiles(one, n=4)
            cells.append(f"{shown(middle)} ({shown(low)} to {shown(high)})")
        print(f"| {name} | " + " | ".join(cells) + " |")
    print("load at the end: " + " ".join(f"{load:.1f}" for load in os.getloadavg()))


if __name__ == "__main__":
    main()

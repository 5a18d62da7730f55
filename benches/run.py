#!/usr/bin/env python3
"""sexton beside other inits, interleaved in one run, as ratios to a minimal init with the spread.

    benches/run.py             prints the tables, writes target/bench/results.json
    benches/run.py --write     writes the tables and the chart into README.md and docs/ as well
    benches/run.py --quick     under a minute: checks that everything can be measured, and the counts; its times say little

As root, or where user namespaces are allowed. Needs a C compiler, strace, util-linux, and of sexton what
docker/build-static and cargo build --release make. Peers that are not installed are named and left out.
docs/performance.md says what is measured and how to read it.
"""

import argparse
import json
import os
import pathlib
import platform
import signal
import sys
import time

import chart
import check
import contestants
import measure
import tables
from figures import summary


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smoke run with checks")
    parser.add_argument("--write", action="store_true", help="refresh README.md, docs/performance.md and docs/bench.svg")
    parser.add_argument("--only", metavar="SUBJECT,…", help=f"of {', '.join(measure.SUBJECTS)}")
    options = parser.parse_args()
    options.subjects = options.only.split(",") if options.only else list(measure.SUBJECTS)
    strange = [subject for subject in options.subjects if subject not in measure.SUBJECTS]
    if strange:
        parser.error(f"no such subject: {', '.join(strange)}")
    if options.write and (options.quick or options.only):
        parser.error("--write is for a whole run")
    return options


def versions():
    """Where it ran, so that figures can be compared at all."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    cpu = models[0] if models else platform.machine()
    return {"kernel": platform.release(), "cpu": cpu, "cpus": os.cpu_count()}


def run(options):
    contestants.build()
    commands, missing = contestants.find(options.quick)
    for line in missing:
        print(f"left out: {line}", file=sys.stderr)
    # Before the driver makes load of its own.
    load = os.getloadavg()[0]
    measuring = measure.Measuring(commands, options.quick)
    for subject in options.subjects:
        begin = time.monotonic()
        getattr(measuring, subject)()
        print(f"{subject}: {time.monotonic() - begin:.0f} s", file=sys.stderr)
    return {
        "machine": {**versions(), "load": load},
        "commands": commands,
        "results": summary(measuring.samples),
        "ps": measuring.ps,
        "notes": sorted(measuring.notes),
        "faults": measuring.faults,
    }


def main():
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        contestants.require_tools()
        if os.geteuid() != 0:
            # Root in a user namespace may make pid namespaces.
            os.execvp("unshare", ["unshare", "--user", "--map-root-user", sys.executable, *sys.argv])
        document = run(options)
    except contestants.Missing as problem:
        sys.exit(f"bench: {problem}")
    (contestants.FOLDER / "results.json").write_text(json.dumps(document, indent=1))
    print(tables.whole(document))
    problems = list(document["faults"])
    if options.quick and not options.only:
        problems += check.failures(document["results"], document["commands"], document["ps"])
    for problem in problems:
        print(f"bench: {problem}", file=sys.stderr)
    if options.write and not problems:
        tables.write(document)
        chart.write(document)
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Where the bytes of sexton's static binary are, and the page faults and the time of a run.

    CARGO_PROFILE_RELEASE_STRIP=false CARGO_TARGET_DIR=$PWD/target/bloat docker/build-static
    benches/where.py [--write]

Prints tables, with --write into docs/performance.md. Needs nm, readelf, perf and root.
"""

import argparse
import collections
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import contestants
import tables

NAMED = contestants.TARGETS / "bloat" / "static" / "sexton"
ALONE = ["unshare", "--pid", "--fork", "--kill-child"]
# perf's samples a second, and the runs among which the time is divided.
FREQUENCY, RUNS = 20_000, 1_000
# What a sample is counted for: the first of these that a function of the kernel has in its name.
KINDS = {
    "page_fault": "page faults",
    "execve": "execve, of the init and of the program until the init's image is gone",
    "do_exit": "exit: giving memory, files and the pid namespace back",
    "clone": "clone",
    "ret_from_fork": "clone",
    "openat": "opening files",
    "sys_": "the other system calls",
}
# Parts of ours that are smaller than this, in bytes, go together.
SMALL = 2000


def output(command):
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False)
    if run.returncode:
        sys.exit(f"where: {' '.join(map(str, command))}: {run.stderr.strip()[-300:]}")
    return run.stdout


def part(name):
    """What a symbol belongs to: a floor of ours, a crate, or C."""
    path = re.search(r"\b(?:[a-z_][a-z0-9_]*::)+", name)
    if not path:
        return "sexton (main)" if name.startswith("sexton") else "C: musl, start files"
    words = path[0].split("::")
    if words[0] != "sexton":
        return words[0]
    return f"sexton::{words[1]}" if words[1] else "sexton (main)"


def sizes():
    """Bytes in the file by part."""
    counted = collections.Counter()
    for line in output(["nm", "-C", "-S", NAMED]).splitlines():
        fields = line.split(" ", 3)
        if len(fields) == 4 and fields[2] not in "bB":
            counted[part(fields[3])] += int(fields[1], 16)
    for name, size in list(counted.items()):
        if size < SMALL:
            counted["smaller parts together"] += counted.pop(name)
    stripped = contestants.SEXTON.stat().st_size
    counted["constants without a name (text, tables), headers"] = stripped - sum(counted.values())
    lines = [tables.row(["part", "bytes"]), "|---|---:|"]
    lines += [tables.row([f"`{name}`" if "::" in name else name, f"{size:,}"]) for name, size in counted.most_common()]
    return [*lines, tables.row(["the file", f"{stripped:,}"])]


def sections():
    found = []
    for line in output(["readelf", "-SW", NAMED]).splitlines():
        fields = line.replace("[ ", "[").split()
        if len(fields) > 5 and fields[0].startswith("[") and fields[3] != "0" * 16 and fields[1].startswith("."):
            start = int(fields[3], 16)
            found.append((start, start + int(fields[5], 16), fields[1]))
    return found


def area(address, known):
    for start, end, name in known:
        # A fault concerns the page.
        if start & ~0xFFF <= address < end:
            return name
    return "stack" if address >> 36 == 0x7FF else "vDSO"


def faults():
    """Page faults of a run, from execve to the end, in their order."""
    lines = [tables.row(["page", "touched by"]), "|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        # perf shows this name of the process.
        init, data = pathlib.Path(folder, "init-traced"), pathlib.Path(folder, "data")
        shutil.copy(NAMED, init)
        command = ["perf", "record", "-o", data, "-q", "-e", "page-faults", "-c", "1", "-d", *ALONE]
        output([*command, init, "--", "true"])
        script = output(["perf", "script", "-i", data, "-F", "comm,addr,ip,sym"])
    known = sections()
    for line in script.splitlines():
        fields = line.split()
        if len(fields) > 3 and fields[0] == "init-traced":
            # comm, address and perhaps its symbol, then the instruction and its symbol.
            found = re.match(r"\s*\S+\s+([0-9a-f]+)\s.*\s([0-9a-f]{6,16}) (\S.*)$", line)
            address, instruction = int(found[1], 16), int(found[2], 16)
            who = "the kernel, in execve" if instruction >> 63 else f"`{found[3]}`"
            lines.append(tables.row([f"{area(address, known)}", who]))
    return lines


def kind(frames):
    """`frames`: address and function, innermost first."""
    kernel = [frame for frame in frames if int(frame.split(None, 1)[0], 16) >> 63]
    for piece, name in KINDS.items():
        if any(piece in frame for frame in kernel):
            return name
    return "interrupts, ways into the kernel" if kernel else "its own code"


def times():
    """Microseconds of a run by kind, of the init and of its child until that executes the program."""
    spent = {"sexton-traced": collections.Counter(), "raw-traced": collections.Counter()}
    with tempfile.TemporaryDirectory() as folder:
        # Processes are told apart by the names of their files.
        inits = [pathlib.Path(folder, name) for name in spent]
        shutil.copy(NAMED, inits[0])
        shutil.copy(contestants.FOLDER / "raw", inits[1])
        data = pathlib.Path(folder, "data")
        driver = [contestants.FOLDER / "driver", "start", str(RUNS), "0", "50", contestants.FOLDER / "child", "-", "--"]
        driver += ["sexton", inits[0], "--", ":::", "raw", inits[1], "--"]
        perf = ["perf", "record", "-o", data, "-q", "-a", "-e", "cpu-clock", "-g", "-F", str(FREQUENCY)]
        output([*perf, *driver])
        script = output(["perf", "script", "-i", data, "-F", "comm,ip,sym"])
    for sample in script.split("\n\n"):
        lines = sample.strip().splitlines()
        if len(lines) > 1 and lines[0].strip() in spent:
            spent[lines[0].strip()][kind([line.strip() for line in lines[1:]])] += 1e6 / FREQUENCY / RUNS
    own, raw = spent.values()
    lines = [tables.row(["µs of a run", "sexton", "raw"]), "|---|---:|---:|"]
    lines += [tables.row([name, f"{value:.1f}", f"{raw[name]:.1f}"]) for name, value in own.most_common()]
    return [*lines, tables.row(["together", f"{own.total():.1f}", f"{raw.total():.1f}"])]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    options = parser.parse_args()
    if not NAMED.exists():
        sys.exit(f"where: {NAMED} is not there; see --help")
    contestants.build()
    blocks = {"time": times(), "faults": faults(), "bytes": sizes()}
    for name, lines in blocks.items():
        print("\n".join(lines), end="\n\n")
        if options.write:
            tables.replace_between(contestants.ROOT / "docs/performance.md", "\n".join(lines), name)


if __name__ == "__main__":
    main()

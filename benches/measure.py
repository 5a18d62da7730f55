"""Runs the driver for each subject and gathers what it prints: samples[metric][contestant][round]."""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import contestants
from figures import LEFTOVERS, PROCESSES, WAITING

CLONES = ("clone", "clone3", "fork", "vfork")
# Two loads each: what they differ by is what so many events take, without the start and the end.
FEW, MANY = 20, 120


class Measuring:
    def __init__(self, commands, quick):
        self.commands = commands
        self.inits = {name: command for name, command in commands.items() if command}
        self.quick = quick
        self.faults = []
        # What the driver could do without.
        self.notes = set()
        self.samples = collections.defaultdict(lambda: collections.defaultdict(dict))
        self.ps = {}

    def arguments(self, subject, commands, rounds, count, seconds, extra="-"):
        words = [str(contestants.FOLDER / "driver"), subject, str(rounds), str(count), str(seconds)]
        words += [str(contestants.FOLDER / "child"), extra, "--"]
        for number, (name, command) in enumerate(commands.items()):
            words += [":::"] * (number > 0) + [name, *command]
        return words

    def drive(self, subject, commands, rounds, count=0, seconds=60, **more):
        """Lines of "metric contestant round nanoseconds" become samples, in microseconds."""
        words = self.arguments(subject, commands, rounds, count, seconds, more.pop("extra", "-"))
        run = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds + 15, **more)
        if run.returncode:
            self.faults.append(f"{subject}: {run.stderr.strip() or run.returncode}")
        else:
            self.notes.update(run.stderr.splitlines())
        for line in run.stdout.splitlines():
            metric, name, rest = line.split(" ", 2)
            if metric == "fault":
                self.faults.append(f"{subject}: {name}: {rest}")
            else:
                number, value = rest.split()
                self.samples[metric][name][int(number)] = int(value) / 1000

    def put(self, metric, name, value):
        self.samples[metric][name][0] = value

    def start(self):
        self.drive("start", self.commands, 30 if self.quick else 1500, seconds=240)

    def signals(self):
        rounds, count = (5, 50) if self.quick else (100, 100)
        self.drive("signals", self.commands, rounds, count, seconds=120)

    def orphans(self):
        rounds, count = (3, 50) if self.quick else (30, 200)
        self.drive("orphans", self.inits, rounds, count, seconds=120)

    def waiting(self):
        for count in WAITING:
            rounds = 1 if self.quick else {1_000: 31, 10_000: 11, 30_000: 7}[count]
            self.drive("waiting", self.inits, rounds, count, seconds=240)

    def leftovers(self):
        for count in LEFTOVERS:
            rounds = 1 if self.quick else {1: 101, 100: 41, 10_000: 9}[count]
            self.drive("leftovers", self.inits, rounds, count, seconds=240)

    def calls(self):
        with tempfile.TemporaryDirectory() as folder:
            counted = {}
            for load, count in (("run", 0), *((load, n) for load in ("signals", "lone", "waiting") for n in (FEW, MANY))):
                # The whole of a trace that goes wrong is left out, so that a figure is never half of one.
                self.drive("trace", self.inits, 1, count, extra=load, env={**os.environ, "TRACES": folder})
                for name in self.inits:
                    trace = pathlib.Path(folder, f"{name}.{load}.{count}")
                    counted[name, load, count] = system_calls(trace) if trace.exists() else []
            for name in self.inits:
                run = counted[name, "run", 0]
                spawned = [number for number, call in enumerate(run) if call in CLONES]
                if spawned:
                    self.put("calls_run", name, len(run))
                    self.put("calls_spawn", name, spawned[0] + 1)
                for metric, load in (("calls_signal", "signals"), ("calls_orphan", "lone"), ("calls_waiting", "waiting")):
                    few, many = len(counted[name, load, FEW]), len(counted[name, load, MANY])
                    if 0 < few < many:
                        self.put(metric, name, round((many - few) / (MANY - FEW), 1))

    def memory(self):
        # Where the kernel puts the stack is chance, and whether its first words lie in one page or in two.
        rounds = 3 if self.quick else 15
        for number in range(rounds):
            self.hold(number, (3 if self.quick else 20) if number == 0 else 0)

    def hold(self, number, idle):
        """Memory of inits that have nothing to do, and their wake-ups in so many seconds."""
        words = self.arguments("hold", self.inits, 1, idle + 30, idle + 60)
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as driver:
            held = {}
            for line in driver.stdout:
                kind, *rest = line.split(" ", 2)
                if kind == "held":
                    held[rest[0]] = [int(word) for word in rest[1].split()]
                elif kind == "fault":
                    self.faults.append("memory: " + " ".join(rest))
                else:
                    break
            time.sleep(0.3)
            for name, (pid, faults) in held.items():
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                self.samples["faults"][name][number] = int(fields[7]) - faults
                rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
                for metric, field in (("rss", "Rss"), ("private_dirty", "Private_Dirty")):
                    kib = int(re.search(rf"^{field}:\s+(\d+)", rollup, re.MULTILINE)[1])
                    self.samples[metric][name][number] = kib
            if idle:
                begin = time.monotonic()
                before = {name: wakeups(pid) for name, (pid, _) in held.items()}
                time.sleep(idle)
                for name, (pid, _) in held.items():
                    self.put("wakeups", name, (wakeups(pid) - before[name]) * 60 / (time.monotonic() - begin))
            driver.stdin.close()

    def sizes(self):
        for name, command in self.inits.items():
            alone, together = contestants.size(command)
            self.put("size", name, alone / 1000)
            self.put("size_with_libraries", name, together / 1000)

    def trees(self):
        counts = ",".join(str(count) for count in PROCESSES[: 2 if self.quick else 3])
        command = [sys.executable, str(contestants.HERE / "ps.py"), "--json", "--processes", counts]
        command += ["--sexton", str(contestants.SEXTON), "--runs", "2" if self.quick else "12"]
        run = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
        if run.returncode:
            self.faults.append("ps: " + run.stderr.strip()[-200:])
        else:
            self.ps = json.loads(run.stdout)


SUBJECTS = ("start", "signals", "orphans", "waiting", "leftovers", "calls", "memory", "sizes", "trees")


def system_calls(trace):
    """Names of the calls after the init's own execve, in their order."""
    calls, executed = [], False
    for line in trace.read_text(errors="replace").splitlines():
        name = re.match(r"(\w+)\(", line)
        if name and executed and not is_idle(line):
            calls.append(name[1])
        # Until then it is the driver's child that is traced.
        executed = executed or (line.startswith("execve(") and line.endswith(" = 0"))
    return calls


def is_idle(line):
    """A wait that ran out: a timer's, not the load's (tini's, every second)."""
    return "timedwait" in line and "EAGAIN" in line


def wakeups(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status, re.MULTILINE)[1])

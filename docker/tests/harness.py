"""What the tests share: the init under test, containers with deadlines, and processes seen from the host.

docker/test sets the environment: DOCKER_HOST is the private daemon, INIT the command of the init under test (path first,
then the options that stand before the program).
"""

import contextlib
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

DOCKER = "/usr/bin/docker"
HERE = Path(__file__).resolve().parent
DEADLINE = 120.0
"""Seconds after which anything at all is a failure; long, because the machine may be busy with something else."""

INIT = shlex.split(os.environ["INIT"])
INIT_PATH = Path(INIT[0]).resolve()
IS_SEXTON = INIT_PATH.name == "sexton"

BUSYBOX = "sexton-test/busybox"
PYTHON = "sexton-test/python"

_numbers = itertools.count(1)


def sexton_only(reason):
    """Skips a test of what other inits do not promise."""
    return unittest.skipUnless(IS_SEXTON, f"{INIT_PATH.name}: {reason}")


def until(question, what):
    """Asks again and again until the answer is true, and returns it."""
    deadline = time.monotonic() + DEADLINE
    while not (answer := question()):
        if time.monotonic() > deadline:
            raise AssertionError(f"never happened: {what}")
        time.sleep(0.02)
    return answer


# Docker


def docker(*args, check=True, env=None):
    """Runs docker to its end; the outcome has returncode, stdout and stderr."""
    done = subprocess.run(
        [DOCKER, *map(str, args)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=DEADLINE * 5,
        check=False,
        env={**os.environ, **(env or {})},
    )
    if check and done.returncode != 0:
        raise AssertionError(f"docker {shlex.join(map(str, args))}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def unique(purpose):
    return f"sexton-test-{os.getpid()}-{next(_numbers)}-{purpose}"


def run_arguments(image, command, options=(), bare=False):
    """The arguments of `docker run`: under the init, or `bare`, with the command itself as PID 1."""
    entry = ["--entrypoint", command[0]] if bare else []
    words = command[1:] if bare else command
    return ["--network", "none", *map(str, options), *entry, image, *map(str, words)]


def run(image, command, options=()):
    """Runs a command under the init in a container of its own, to the end."""
    name = unique("run")
    try:
        return docker("run", "--rm", "--name", name, *run_arguments(image, command, options), check=False)
    except subprocess.TimeoutExpired:
        docker("rm", "-f", name, check=False)
        raise


class Container:
    """A container in the background; gone at the end of the `with` block, however that ends."""

    def __init__(self, image, command, options=(), bare=False):
        self.name = unique("container")
        self._arguments = run_arguments(image, command, options, bare)

    def __enter__(self):
        docker("run", "-d", "--name", self.name, *self._arguments)
        return self

    def __exit__(self, *_):
        docker("rm", "-f", self.name, check=False)

    def inspect(self, template):
        return docker("inspect", "--format", template, self.name).stdout.strip()

    def running(self):
        return self.inspect("{{.State.Running}}") == "true"

    def log(self):
        done = docker("logs", self.name)
        return done.stdout + done.stderr

    def wait_for_line(self, pattern):
        """Waits until the container has printed a line that matches, and returns the match."""

        def found():
            log = self.log()
            match = re.search(pattern, log, re.MULTILINE)
            if not match and not self.running():
                match = re.search(pattern, self.log(), re.MULTILINE)
                assert match, f"the container ended without '{pattern}', status {self.status()}:\n{log}"
            return match

        return until(found, f"a line '{pattern}'")

    def exec(self, *command):
        return docker("exec", self.name, *command)

    def status(self):
        return int(self.inspect("{{.State.ExitCode}}"))

    def wait(self):
        until(lambda: not self.running(), "end of the container")
        return self.status()

    def stop(self):
        """Stops it as docker does and returns (exit status, seconds). Far more patience than docker's ten seconds, so
        that a busy machine cannot turn a late answer into a kill; the caller judges the time."""
        begin = time.monotonic()
        docker("stop", "-t", 60, self.name)
        return self.status(), time.monotonic() - begin

    def namespace(self):
        return PidNamespace(int(self.inspect("{{.State.Pid}}")))


# Processes, as the host sees them


class Process:
    """One process of a pid namespace at one moment."""

    def __init__(self, host_pid, stat, status):
        # The name stands in parentheses and may contain some itself.
        fields = stat.rpartition(")")[2].split()
        self.host_pid = host_pid
        self.name = stat.partition("(")[2].rpartition(")")[0]
        self.state = fields[0]
        self.host_parent = int(fields[1])
        self.start = int(fields[19])
        self.pid = int(re.search(r"^NSpid:.*\t(\d+)$", status, re.MULTILINE)[1])

    @property
    def identity(self):
        """A pid alone may be somebody else's by now."""
        return self.host_pid, self.start

    def __repr__(self):
        return f"{self.pid} ({self.name}) {self.state}, parent {self.host_parent} of the host"


class PidNamespace:
    """The processes of one container. Zombies have their namespace's name as long as nobody has waited for them."""

    def __init__(self, init):
        self.init = init
        self._namespace = os.readlink(f"/proc/{init}/ns/pid")

    def processes(self):
        found = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            # A process may end at any moment between one line and the next; the host's own init may be out of reach.
            with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
                if os.readlink(f"/proc/{entry}/ns/pid") != self._namespace:
                    continue
                stat = Path("/proc", entry, "stat").read_text(errors="replace")
                status = Path("/proc", entry, "status").read_text(errors="replace")
                found.append(Process(int(entry), stat, status))
        return found

    def orphaned_zombies(self):
        """Those that only the init can wait for."""
        return [p for p in self.processes() if p.state == "Z" and p.host_parent == self.init]

    def zombies(self):
        return [p for p in self.processes() if p.state == "Z"]


class ZombieWatch:
    """Samples a namespace until the end of the `with` block. A zombie lives a moment even under the best init: it counts
    when it is still there a quarter of a second later."""

    INTERVAL = 0.25

    def __init__(self, namespace):
        self.samples = 0
        self.stayed = []
        self.most_processes = 0
        self._namespace = namespace
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._sample)

    def _sample(self):
        before = set()
        while not self._enough.wait(self.INTERVAL):
            processes = self._namespace.processes()
            zombies = {p.identity: p for p in processes if p.state == "Z" and p.host_parent == self._namespace.init}
            self.stayed += [zombies[identity] for identity in zombies.keys() & before]
            before = zombies.keys()
            self.samples += 1
            self.most_processes = max(self.most_processes, len(processes))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._enough.set()
        self._thread.join()


# Images


def import_packages(image, packages, overlay, changes):
    words = [HERE.parent / "import-packages", "-a", overlay]
    for change in changes:
        words += ["-c", change]
    subprocess.run([*map(str, words), image, *packages], check=True, timeout=DEADLINE * 3)


def make_images():
    """The images the containers run from, made of this machine's packages, with the init as their entry point."""
    entry = "ENTRYPOINT " + json.dumps(["/init", *INIT[1:]])
    with tempfile.TemporaryDirectory() as folder:
        overlay = Path(folder)
        shutil.copy(INIT_PATH, overlay / "init")
        (overlay / "init").chmod(0o755)
        (overlay / "not-executable").write_text("#!/bin/sh\n")
        # Not what a shell would be run for: whoever starts this has ignored the missing x bit.
        (overlay / "not-executable").chmod(0o644)
        tools = overlay / "usr" / "bin"
        tools.mkdir(parents=True)
        for tool in ("sleep", "true", "cat", "stty", "kill", "ps", "id"):
            (tools / tool).symlink_to("busybox")
        shutil.copy(HERE / "leaky.py", overlay)
        import_packages(PYTHON, ["python3.11", "dash", "busybox-static"], overlay, [entry])
        (tools / "sh").symlink_to("busybox")
        import_packages(BUSYBOX, ["busybox-static"], overlay, [entry])

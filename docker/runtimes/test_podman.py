"""podman: its --init, and a pod whose infra container is ours under the name catatonit."""

import itertools
import os
import subprocess
import time
import unittest
from pathlib import Path

import harness
import images
from harness import PidNamespace, ZombieWatch, until
from inits import command_line, is_ours, wait_until_ready

PODMAN = Path(__file__).resolve().parent / "podman"
ORPHANS = "i=0; while [ $i -lt 40 ]; do (sleep 0.3 &); i=$((i+1)); done; echo made; exec sleep 1000"
_numbers = itertools.count(1)


def podman(*args, check=True):
    # To files, not pipes: conmon inherits them and may outlive podman.
    out, err = images.STATE / "out", images.STATE / "err"
    with out.open("w") as stdout, err.open("w") as stderr:
        done = subprocess.run(
            [PODMAN, *map(str, args)], stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, timeout=harness.DEADLINE, check=False
        )
    done.stdout, done.stderr = out.read_text(errors="replace"), err.read_text(errors="replace")
    if check and done.returncode != 0:
        raise AssertionError(f"podman {' '.join(map(str, args))}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def setUpModule():
    podman("load", "-q", "-i", images.ARCHIVE)


def inspect(name, template):
    return podman("inspect", "--format", template, name).stdout.strip()


class Podman(unittest.TestCase):
    def start(self, *args):
        """A container in the background that the test's end takes away; returns its name."""
        name = f"sexton-{next(_numbers)}"
        self.addCleanup(podman, "rm", "-f", "-t", 0, name, check=False)
        podman("run", "-d", "--name", name, *args)
        return name

    def wait_for_log(self, name, line):
        until(lambda: line in podman("logs", name).stdout, f"'{line}' from {name}")


class Init(Podman):
    # As for `docker run --init`: podman mounts the init and calls it before the command; the image's own one stays out.
    OPTIONS = ["--network", "none", "--init", "--init-path", harness.INIT_PATH, "--entrypoint", ""]

    def run_once(self, *command):
        return podman("run", "--rm", *self.OPTIONS, images.BUSYBOX, *command, check=False)

    def test_exit_status(self):
        for status in (0, 42):
            with self.subTest(status=status):
                done = self.run_once("sh", "-c", f"exit {status}")
                self.assertEqual((done.returncode, done.stdout, done.stderr), (status, "", ""))

    def test_killed(self):
        self.assertEqual(self.run_once("sh", "-c", "kill -9 $$").returncode, 137)

    def test_not_found(self):
        # 1 and not 127: podman calls it podman-init, which is catatonit.
        done = self.run_once("no-such-program")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no-such-program", done.stderr)

    def test_stop_and_orphans(self):
        name = self.start(*self.OPTIONS, images.BUSYBOX, "sh", "-c", ORPHANS)
        init = int(inspect(name, "{{.State.Pid}}"))
        self.assertEqual(command_line(init)[:2], ["/run/podman-init", "--"])
        self.assertTrue(is_ours(init))
        namespace = PidNamespace(init)
        with ZombieWatch(namespace) as watch:
            self.wait_for_log(name, "made")
            until(lambda: len(namespace.processes()) == 2, "the end of all orphans")
        self.assertEqual(watch.stayed, [])
        begin = time.monotonic()
        podman("stop", "-t", 60, name)
        self.assertLess(time.monotonic() - begin, 20)
        self.assertEqual(inspect(name, "{{.State.ExitCode}}"), "143")


class Pod(Podman):
    def setUp(self):
        self.pod = f"sexton-pod-{next(_numbers)}"
        self.addCleanup(podman, "pod", "rm", "-f", "-t", 0, self.pod, check=False)
        # The infra image is podman's own recipe: FROM scratch, the file it calls catatonit, and -P.
        podman("pod", "create", "--name", self.pod, "--share", "pid,ipc,uts", "--network", "none")
        podman("pod", "start", self.pod)
        self.infra = podman("pod", "inspect", "--format", "{{.InfraContainerID}}", self.pod).stdout.strip()
        self.init = int(inspect(self.infra, "{{.State.Pid}}"))
        wait_until_ready(self.init)

    def test_infra_container_reaps_what_others_leave_and_ends_with_the_pod(self):
        self.assertEqual(command_line(self.init), ["/catatonit", "-P"])
        namespace = PidNamespace(self.init)
        with ZombieWatch(namespace) as watch:
            # No init of its own: whose parent dies here becomes the infra container's.
            name = self.start("--pod", self.pod, "--entrypoint", "", images.BUSYBOX, "sh", "-c", ORPHANS)
            member = int(inspect(name, "{{.State.Pid}}"))
            self.assertEqual(os.readlink(f"/proc/{member}/ns/pid"), os.readlink(f"/proc/{self.init}/ns/pid"))
            self.wait_for_log(name, "made")
            until(lambda: len(namespace.processes()) == 2, "the end of all orphans")
        print(f"{watch.samples} samples, at most {watch.most_processes} processes ... ", end="")
        self.assertEqual(watch.stayed, [])
        self.assertEqual(sorted(p.pid for p in namespace.processes())[0], 1)
        podman("stop", "-t", 0, name)

        begin = time.monotonic()
        podman("pod", "stop", "-t", 60, self.pod)
        self.assertLess(time.monotonic() - begin, 20)
        self.assertEqual(inspect(self.infra, "{{.State.ExitCode}}"), "0")

"""Why it ended, as its owner sees it: the log, the exit report, the termination message, health checks."""

import contextlib
import json
import re
import tempfile
import unittest
from pathlib import Path

import jsonschema

from harness import BUSYBOX, HERE, PYTHON, Container, docker, run, sexton_only, until

DOCS = HERE.parent.parent / "docs"
SCHEMA = json.loads((DOCS / "exit-report.schema.json").read_text())
PS_SCHEMA = json.loads((DOCS / "ps.schema.json").read_text())
HOG = ["/usr/bin/python3.11", "-c", "b'x' * (200 << 20)"]
MEMORY = ["--memory", "32m"]
# Twenty-one children that have ended and are not waited for.
HOLDER = [
    "/usr/bin/python3.11",
    "-c",
    "import os, time\n"
    "for _ in range(21):\n"
    "    os.fork() or os._exit(0)\n"
    "print('ready', flush=True)\n"
    "time.sleep(1000)",
]


@contextlib.contextmanager
def empty_file(mode=0o666):
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).chmod(mode)
        yield Path(file.name)


@sexton_only("says nothing")
class OutOfMemory(unittest.TestCase):
    def test_the_main_process(self):
        done = run(PYTHON, HOG, MEMORY)
        self.assertEqual(done.returncode, 137)
        self.assertRegex(done.stderr, r"was killed by SIGKILL after \S+: out of memory \(limit 32 MiB, 1 oom kill\); exit status 137")

    def test_a_command_of_a_shell(self):
        done = run(PYTHON, ["/bin/sh", "-c", f"{HOG[0]} -c \"{HOG[2]}\"; exit $?"], MEMORY)
        self.assertEqual(done.returncode, 137)
        self.assertRegex(done.stderr, r"\(sh\) exited with status 137, which .*: out of memory \(limit 32 MiB, 1 oom kill\)")

    def test_a_helper(self):
        program = f"{HOG[0]} -c \"{HOG[2]}\"; while sleep 0.1; do :; done"
        with Container(PYTHON, ["/bin/sh", "-c", program], [*MEMORY, "-e", "SEXTON_WATCH=500ms"]) as container:
            container.wait_for_line(r"the main process, which lives on, .*: out of memory \(limit 32 MiB, 1 oom kill\)")
            # What it has survived is not the reason of its own end.
            # sexton tells whoever is left, and that may still be the killer.
            docker("exec", container.name, "kill", "-9", self.main(container), check=False)
            self.assertEqual(container.wait(), 137)
            last = [line for line in container.log().splitlines() if "main process" in line][-1]
        self.assertNotIn("memory", last)

    def main(self, container):
        namespace = container.namespace()
        return min(p.pid for p in namespace.processes() if p.host_parent == namespace.init)

    def test_a_kill_is_not_taken_for_it(self):
        done = run(BUSYBOX, ["sh", "-c", "kill -9 $$"], MEMORY)
        self.assertIn("was killed by SIGKILL", done.stderr)
        self.assertNotIn("memory", done.stderr)


@sexton_only("says nothing")
class ProcessLimit(unittest.TestCase):
    def test_it_is_named(self):
        program = "for i in 1 2 3 4 5 6 7; do sleep 1000 & done; echo ready; read x"
        options = ["--pids-limit", 10, "-i", "-e", "SEXTON_WATCH=500ms"]
        with Container(BUSYBOX, ["sh", "-c", program], options) as container:
            container.wait_for_line(r"9 of at most 10 processes and threads \(pids.max\) are in use")


@sexton_only("writes none")
class Report(unittest.TestCase):
    def report(self, command, options=()):
        with empty_file() as path:
            done = run(PYTHON, command, [*options, "-v", f"{path}:/report", "-e", "SEXTON_REPORT=/report"])
            report = json.loads(path.read_text())
        jsonschema.validate(report, SCHEMA)
        self.assertEqual(report["exit_status"], done.returncode)
        return report

    def test_the_schemas_are_some(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        jsonschema.Draft202012Validator.check_schema(PS_SCHEMA)

    def test_every_cause(self):
        sh = ["/bin/sh", "-c"]
        for cause, command, options in [
            ("exited", [*sh, "exit 3"], []),
            ("signaled", [*sh, "kill -11 $$"], []),
            ("oom", HOG, MEMORY),
            ("timeout", [*sh, "while :; do /bin/busybox sleep 0.1; done"], ["-e", "SEXTON_TIMEOUT=500ms"]),
            ("exec-failed", ["no-such-program"], []),
        ]:
            with self.subTest(cause):
                report = self.report(command, options)
                self.assertEqual(report["cause"], cause)
                self.assertEqual(report["command"], command)

    def test_a_stop(self):
        with empty_file() as path:
            options = ["-v", f"{path}:/report", "-e", "SEXTON_REPORT=/report"]
            with Container(BUSYBOX, ["sh", "-c", "echo ready; exec sleep 1000"], options) as container:
                container.wait_for_line("^ready$")
                self.assertEqual(container.stop()[0], 143)
            report = json.loads(path.read_text())
        jsonschema.validate(report, SCHEMA)
        self.assertEqual(report["stop_request"]["signal"], "SIGTERM")
        self.assertEqual(report["stop_request"]["sender"], 0)
        self.assertEqual(report["signals_forwarded"], {"SIGTERM": 1})


@sexton_only("writes none")
class TerminationMessage(unittest.TestCase):
    def test_it_is_left_where_the_orchestrator_looks(self):
        with empty_file() as path:
            options = ["-v", f"{path}:/dev/termination-log", "-e", "SEXTON_TERMINATION_LOG=1"]
            self.assertEqual(run(PYTHON, HOG, [*MEMORY, *options]).returncode, 137)
            self.assertRegex(path.read_text(), r"\Amain process \d+ \(python3.11\) was killed .*: out of memory .*; exit status 137\n\Z")

    def test_the_programs_own_stays(self):
        with empty_file() as path:
            options = ["-v", f"{path}:/dev/termination-log", "-e", "SEXTON_TERMINATION_LOG=1"]
            done = run(BUSYBOX, ["sh", "-c", "echo mine >/dev/termination-log; exit 1"], options)
            self.assertEqual((done.returncode, done.stderr), (1, ""))
            self.assertEqual(path.read_text(), "mine\n")


@sexton_only("has no such mode")
class Checks(unittest.TestCase):
    """The examples of docs/checks.md, as they stand there but for the place of the binary."""

    DOCUMENT = (DOCS / "checks.md").read_text().replace("/sexton", "/init")

    def test_healthcheck(self):
        example = re.search(r"```dockerfile\n(.*?)```", self.DOCUMENT, re.DOTALL)[1]
        image = "sexton-test/healthcheck"
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "Dockerfile").write_text(f"FROM {PYTHON}\n{example}")
            docker("build", "-t", image, folder, env={"DOCKER_BUILDKIT": "0"})
        for zombies, status in ((21, "healthy"), (60, "unhealthy")):
            holder = [word.replace("21", str(zombies)) for word in HOLDER]
            with self.subTest(status), Container(image, holder, ["--health-interval", "1s", "--pids-limit", 200]) as container:
                container.wait_for_line("^ready$")
                until(lambda: container.inspect("{{.State.Health.Status}}") == status, status)
                if status == "unhealthy":
                    log = json.loads(container.inspect("{{json .State.Health.Log}}"))
                    self.assertIn(f"zombies: {zombies}, more than 50\n", [entry["Output"] for entry in log])

    def test_probe(self):
        command = json.loads(re.search(r"command: (\[.*\])", self.DOCUMENT)[1])
        with Container(PYTHON, HOLDER, ["--pids-limit", 64]) as container:
            container.wait_for_line("^ready$")
            self.assertEqual(container.exec(*command).stdout, "")
            stricter = [word.replace("zombies=50", "zombies=20") for word in command]
            done = docker("exec", container.name, *stricter, check=False)
            self.assertEqual((done.returncode, done.stdout), (1, "zombies: 21, more than 20\n"))

    def test_the_tree(self):
        with Container(PYTHON, HOLDER, ["--pids-limit", 64, *MEMORY]) as container:
            container.wait_for_line("^ready$")
            tree = container.exec("/init", "--ps").stdout
            self.assertRegex(tree, r"held by \d+ \(python3.11\)")
            self.assertRegex(tree, r"21 zombies")
            self.assertRegex(tree, r"\npids: \d+ of 64 ")
            self.assertRegex(tree, r"\nmemory: .* of 32 MiB ")
            facts = json.loads(container.exec("/init", "--ps", "--json").stdout)
        jsonschema.validate(facts, PS_SCHEMA)
        self.assertEqual(facts["totals"]["states"]["zombie"], 21)
        self.assertEqual((facts["pids"]["max"], facts["memory"]["limit_bytes"]), (64, 32 << 20))

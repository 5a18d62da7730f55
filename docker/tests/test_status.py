"""What `docker run` reports of the program's end."""

import re
import unittest
from pathlib import Path

from harness import BUSYBOX, Container, docker, run, sexton_only

READY = "echo ready; exec sleep 1000"


class Status(unittest.TestCase):
    def test_the_programs_own(self):
        for status in (0, 1, 42, 255):
            with self.subTest(status=status):
                self.assertEqual(run(BUSYBOX, ["sh", "-c", f"exit {status}"]).returncode, status)

    def test_nothing_is_said_when_all_is_well(self):
        done = run(BUSYBOX, ["sh", "-c", "echo out; echo err >&2"])
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "out\n", "err\n"))

    def test_killed(self):
        self.assertEqual(run(BUSYBOX, ["sh", "-c", "kill -9 $$"]).returncode, 137)

    def test_not_found(self):
        done = run(BUSYBOX, ["no-such-program"])
        self.assertEqual(done.returncode, 127)
        self.assertIn("no-such-program", done.stderr)

    def test_not_executable(self):
        done = run(BUSYBOX, ["/not-executable"])
        self.assertEqual(done.returncode, 126)
        self.assertIn("/not-executable", done.stderr)

    def test_stop_signals(self):
        for name, number in (("SIGTERM", 15), ("SIGINT", 2), ("SIGQUIT", 3), ("SIGUSR1", 10), ("SIGRTMIN+3", 37)):
            with self.subTest(signal=name), Container(BUSYBOX, ["sh", "-c", READY], ["--stop-signal", name]) as container:
                container.wait_for_line("^ready$")
                status, seconds = container.stop()
                self.assertEqual(status, 128 + number)
                self.assertLess(seconds, 3)

    def test_a_stop_that_comes_first_of_all_is_not_lost(self):
        with Container(BUSYBOX, ["sleep", 1000]) as container:
            self.assertEqual(container.stop()[0], 143)

    def test_a_program_that_obeys_in_its_own_way(self):
        program = "trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done"
        with Container(BUSYBOX, ["sh", "-c", program]) as container:
            container.wait_for_line("^ready$")
            status, seconds = container.stop()
            self.assertEqual(status, 3)
            self.assertLess(seconds, 3)
            self.assertIn("bye", container.log())

    @sexton_only("its binary has a front that every run touches, and a rest")
    def test_while_it_waits_nothing_is_in_memory_that_few_need(self):
        with Container(BUSYBOX, ["sh", "-c", READY]) as container:
            container.wait_for_line("^ready$")
            maps = Path("/proc", container.inspect("{{.State.Pid}}"), "smaps").read_text()
            mappings = re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", maps, flags=re.MULTILINE)[1:]
            resident = [(mapping.split("\n")[0], int(re.search(r"^Rss: +(\d+) kB", mapping, re.MULTILINE)[1])) for mapping in mappings]
            code = [size for line, size in resident if " r-xp " in line and " /" in line]
            self.assertEqual(len(code), 2, maps)
            self.assertEqual(code[1], 0, maps)
            self.assertLessEqual(sum(size for _, size in resident), 200, maps)

    def test_docker_kill_reaches_the_program(self):
        with Container(BUSYBOX, ["sh", "-c", "trap 'exit 9' HUP; echo ready; while :; do sleep 0.05; done"]) as container:
            container.wait_for_line("^ready$")
            docker("kill", "-s", "HUP", container.name)
            self.assertEqual(container.wait(), 9)

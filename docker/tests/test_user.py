"""`--user` in a container whose pipes and terminal are root's, beside `docker run --user`."""

import unittest

from harness import BUSYBOX, run, sexton_only
from test_terminal import Terminal

# As a log file is opened that is a link to /dev/stdout.
PROGRAM = ["sh", "-c", "id -u; echo once more >/dev/stdout; echo fault >/dev/stderr; cat </dev/stdin; echo $?"]


@sexton_only("has no such option")
class StandardStreams(unittest.TestCase):
    def test_pipes_can_be_opened_by_their_names(self):
        for options in (["--user", "65534"], ["-e", "SEXTON_USER=65534"]):
            with self.subTest(options):
                done = run(BUSYBOX, PROGRAM, ["-i", *options])
                self.assertEqual((done.stdout, done.stderr), ("65534\nonce more\n0\n", "fault\n"))

    def test_a_terminal_can_be_opened_by_its_name(self):
        program = ["sh", "-c", "echo $(id -u) >/dev/stdout"]
        for options in (["--user", "65534"], ["-e", "SEXTON_USER=65534"]):
            with self.subTest(options), Terminal(BUSYBOX, program, options=options) as terminal:
                terminal.wait_for(b"65534")
                self.assertEqual(terminal.status(), 0)

    def test_without_the_capability_what_is_open_can_be_written_to(self):
        done = run(BUSYBOX, ["sh", "-c", "id -u"], ["-e", "SEXTON_USER=65534", "--cap-drop", "CHOWN"])
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "65534\n", ""))

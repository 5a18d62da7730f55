"""`docker pause` in the midst of a stop: the clock runs on, and what is due at the thaw still comes one by one."""

import re
import time
import unittest

from harness import PYTHON, Container, docker, sexton_only

# Says when each signal arrived, and needs a moment to clean up after the last one that it is meant to get.
PROGRAM = """
import os, signal, sys, time
def said(number, _):
    print('got', number, time.monotonic(), flush=True)
    if number == int(sys.argv[1]):
        time.sleep(0.5)
        print('clean', flush=True)
        os._exit(5)
for number in (signal.SIGTERM, signal.SIGUSR1):
    signal.signal(number, said)
print('ready', flush=True)
while True:
    time.sleep(1000)
"""


def program(last):
    return ["/usr/bin/python3.11", "-c", PROGRAM, str(last)]


@sexton_only("has no deadlines")
class Paused(unittest.TestCase):
    # Two steps, both long due at the thaw; the second must wait as long again.
    PLAN = ["-e", "SEXTON_ESCALATE=6s:USR1,6s:KILL"]
    LIMIT = ["-e", "SEXTON_TIMEOUT=6s", "-e", "SEXTON_GRACE=6s"]
    FROZEN = 15

    def test_no_two_steps_are_taken_at_once_and_the_run_ends(self):
        with Container(PYTHON, program(10), self.PLAN) as escalated, Container(PYTHON, program(15), self.LIMIT) as limited:
            both = (escalated.name, limited.name)
            escalated.wait_for_line("^ready$")
            limited.wait_for_line("^ready$")
            docker("kill", "-s", "TERM", escalated.name)
            escalated.wait_for_line("^got 15 ")
            docker("pause", *both)
            self.assertEqual((escalated.inspect("{{.State.Status}}"), limited.inspect("{{.State.Status}}")), ("paused",) * 2)
            # No wait for anything: the time that passes for nobody in there.
            time.sleep(self.FROZEN)
            thawed = time.monotonic()
            docker("unpause", *both)
            # A second step in the same moment would have been SIGKILL: 137, and nothing cleaned up.
            self.assertEqual((escalated.wait(), limited.wait()), (5, 124))
            for container, last in ((escalated, 10), (limited, 15)):
                log = container.log()
                self.assertGreater(float(re.search(rf"^got {last} (\S+)$", log, re.MULTILINE)[1]), thawed, log)
                self.assertIn("\nclean\n", log)
                self.assertNotIn("killing", log)

    def test_a_plan_that_is_not_obeyed_goes_on_after_the_thaw(self):
        plan = ["-e", "SEXTON_ESCALATE=3s:USR1,3s:KILL"]
        with Container(PYTHON, program(0), plan) as container:
            container.wait_for_line("^ready$")
            docker("kill", "-s", "TERM", container.name)
            container.wait_for_line("^got 15 ")
            docker("pause", container.name)
            # No wait for anything: the time that passes for nobody in there.
            time.sleep(8)
            docker("unpause", container.name)
            got = float(container.wait_for_line(r"^got 10 (\S+)$")[1])
            self.assertEqual(container.wait(), 137)
            # Three seconds after the first step was really taken, and not after it was due.
            self.assertGreater(time.monotonic() - got, 2.9)

"""Case B: a parent that shuts its workers down itself, in the middle of a task."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
DEADLINE = 90
TASK = 3


class Worker:
    """A worker of two processes under sexton, with a task in flight."""

    def __init__(self, home, *options):
        self.home = Path(home)
        for folder in ("queue", "control"):
            (self.home / folder).mkdir()
        self.log = self.home / "log"
        environment = {**os.environ, "CELERY_HOME": home, "PYTHONPATH": str(HERE), "C_FORCE_ROOT": "1"}
        # Some places rename the signals of a worker.
        environment.pop("REMAP_SIGTERM", None)
        celery = [sys.executable, "-m", "celery", "-A", "tasks"]
        celery += ["worker", "--pool=prefork", "--concurrency=2", "--loglevel=info"]
        celery += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        with open(self.log, "w", encoding="utf-8") as log:
            self.sexton = subprocess.Popen(
                [os.environ["SEXTON"], *options, "--", *celery],
                env=environment, cwd=home, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )
        self.until(lambda: " ready." in self.said(), "the worker is ready")
        code = f"import tasks; tasks.work.delay({TASK})"
        subprocess.run([sys.executable, "-c", code], env=environment, cwd=home, check=True, timeout=DEADLINE)
        self.until((self.home / "begun").exists, "the task has begun")

    def said(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def until(self, holds, what):
        end = time.monotonic() + DEADLINE
        while not holds():
            if time.monotonic() > end or self.sexton.poll() is not None:
                raise AssertionError(f"not within {DEADLINE} s: {what}\n{self.said()}")
            time.sleep(0.01)

    def stop(self):
        """Sends SIGTERM to sexton, and returns its exit status."""
        assert not self.done(), f"the task was over too early\n{self.said()}"
        self.sexton.send_signal(signal.SIGTERM)
        return self.sexton.wait(DEADLINE)

    def done(self):
        return (self.home / "done").exists()

    def end(self):
        """Whatever is left; sexton kills its own at a second request after its main process."""
        if self.sexton.poll() is None:
            for pid in descendants(self.sexton.pid) + [self.sexton.pid]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.sexton.wait(DEADLINE)


def descendants(root):
    """The pids below `root`."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text(errors="replace")
            except OSError:
                continue
            parents.setdefault(int(stat.rpartition(") ")[2].split()[1]), []).append(int(entry.name))
    found, rest = [], [root]
    while rest:
        below = parents.get(rest.pop(), [])
        found += below
        rest += below
    return found


class Celery(unittest.TestCase):
    def worker(self, *options):
        home = tempfile.TemporaryDirectory(prefix="sexton-celery-")
        self.addCleanup(home.cleanup)
        worker = Worker.__new__(Worker)
        self.addCleanup(lambda: hasattr(worker, "sexton") and worker.end())
        worker.__init__(home.name, *options)
        return worker

    def test_single_child_lets_the_task_finish(self):
        worker = self.worker("-c")
        status = worker.stop()
        self.assertTrue(worker.done(), f"the task is lost\n{worker.said()}")
        self.assertIn("Warm shutdown", worker.said())
        self.assertIn("succeeded in", worker.said())
        self.assertEqual(status, 0, worker.said())

    def test_the_group_s_term_loses_the_task(self):
        """Why -c is needed: the process that works is ended, and nobody starts the task again."""
        worker = self.worker()
        worker.stop()
        self.assertFalse(worker.done(), f"the task was not lost\n{worker.said()}")


if __name__ == "__main__":
    unittest.main()

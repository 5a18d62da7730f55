"""The reason for an init: a program that leaks orphans, with and without one."""

import unittest

from harness import BUSYBOX, PYTHON, Container, ZombieWatch, until

LEAKY = ["/usr/bin/python3.11", "/leaky.py"]
# The same small process table for both: with an init hundreds of orphans pass through it, without one it is soon full.
LIMIT = ["--pids-limit", 64]


class Leaks(unittest.TestCase):
    def test_no_zombie_stays_and_the_exit_status_is_the_programs(self):
        with Container(PYTHON, [*LEAKY, 600, "--exit", 42], LIMIT) as container:
            with ZombieWatch(container.namespace()) as watch:
                container.wait_for_line(r"^orphans 600$")
            self.assertEqual(container.wait(), 42)
        print(f"{watch.samples} samples, at most {watch.most_processes} processes at once ... ", end="")
        self.assertGreaterEqual(watch.samples, 5, "too quick to have been observed")
        self.assertEqual(watch.stayed, [])

    def test_nothing_is_left_while_the_program_lives_on(self):
        with Container(PYTHON, [*LEAKY, 200], LIMIT) as container:
            container.wait_for_line(r"^orphans 200$")
            namespace = container.namespace()
            until(lambda: not namespace.zombies(), "a process table without zombies")
            # The init and the program.
            self.assertEqual(sorted(p.pid for p in namespace.processes())[0], 1)
            self.assertEqual(len(namespace.processes()), 2)
            status, seconds = container.stop()
        self.assertEqual(status, 143)
        self.assertLess(seconds, 3)

    def test_stop_is_answered_at_once_while_orphans_come(self):
        with Container(PYTHON, [*LEAKY, 1_000_000], LIMIT) as container:
            namespace = container.namespace()
            until(lambda: len(namespace.processes()) > 3, "orphans")
            status, seconds = container.stop()
        self.assertEqual(status, 143)
        self.assertLess(seconds, 3)

    def test_without_an_init_the_process_table_fills(self):
        with Container(PYTHON, [*LEAKY, 1000], LIMIT, bare=True) as container:
            made = int(container.wait_for_line(r"^full after (\d+)$")[1])
            zombies = container.namespace().orphaned_zombies()
        print(f"full after {made} orphans, {len(zombies)} zombies ... ", end="")
        self.assertLess(made, 64)
        self.assertGreaterEqual(len(zombies), 40)


class Exec(unittest.TestCase):
    """Processes that docker puts into a running container have no parent there: what they leave is the init's."""

    def test_what_docker_exec_leaves_is_reaped(self):
        with Container(BUSYBOX, ["sleep", 1000]) as container:
            namespace = container.namespace()
            left = {int(container.exec("sh", "-c", "sleep 1 >/dev/null 2>&1 & echo $!").stdout) for _ in range(5)}
            self.assertEqual(len(left), 5)
            until(lambda: left.isdisjoint(p.pid for p in namespace.processes()), f"reaping of {left}")
            self.assertEqual(namespace.zombies(), [])
            self.assertTrue(container.running())
            self.assertEqual(container.stop()[0], 143)

    def test_what_a_healthcheck_leaves_is_reaped(self):
        check = ["--health-cmd", "sleep 0.3 >/dev/null 2>&1 & true", "--health-interval", "1s"]
        with Container(BUSYBOX, ["sleep", 1000], check) as container:
            with ZombieWatch(container.namespace()) as watch:
                until(lambda: container.inspect("{{.State.Health.Status}}") == "healthy", "a healthy container")
                until(lambda: int(container.inspect("{{len .State.Health.Log}}")) >= 3, "three checks")
            self.assertEqual(watch.stayed, [])

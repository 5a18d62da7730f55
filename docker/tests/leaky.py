"""A program that leaks orphans, as careless services do: it waits for its own children and forgets its grandchildren.

    leaky.py ORPHANS [--exit STATUS]

Makes that many orphans by four ways in turn: a double fork, multiprocessing workers that leave by os._exit, a shell
that leaves jobs behind, and a middleman that is killed. At most 20 orphans live at any time, so that an init that
reaps never comes near a process limit that a leak of zombies soon reaches.

Prints `orphans N` when all are dead, then exits with STATUS, or waits for SIGTERM if none is given.
When no process can be made for two seconds it prints `full after N` instead and waits in the same way.
"""

import argparse
import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import time

AT_ONCE = 20
PATIENCE = 2.0

# Each orphan holds this pipe's writing end and puts one byte in as its last act.
ended, end = os.pipe()


def orphan(parent):
    """Lives until its parent is dead, so that it really is somebody else's to reap."""
    while os.getppid() == parent:
        time.sleep(0.001)
    # Long enough that many live at the same time.
    time.sleep(0.05)
    os.write(end, b".")
    os._exit(7)


def double_fork():
    middle = os.fork()
    if middle == 0:
        parent = os.getpid()
        if fork_or_leave() == 0:
            orphan(parent)
        os._exit(0)
    return wait_for(middle)


def killed_middleman():
    middle = os.fork()
    if middle == 0:
        parent = os.getpid()
        if fork_or_leave() == 0:
            orphan(parent)
        os.kill(parent, signal.SIGKILL)
    return wait_for(middle)


def worker():
    """A multiprocessing worker: os._exit skips everything that would have waited for its child."""
    parent = os.getpid()
    if fork_or_leave() == 0:
        orphan(parent)
    os._exit(0)


def multiprocessing_worker():
    process = multiprocessing.get_context("fork").Process(target=worker)
    process.start()
    process.join()
    return process.exitcode != errno.EAGAIN


def shell_job():
    """The job outlives its shell: it waits for the end of a pipe that closes after the shell has gone."""
    reading, writing = os.pipe()
    command = f"{{ read _; printf . >&{end}; }} <&{reading} & exit 0"
    shell = subprocess.run(["/bin/sh", "-c", command], pass_fds=[reading, end], stderr=subprocess.DEVNULL, check=False)
    os.close(reading)
    os.close(writing)
    return shell.returncode == 0


def fork_or_leave():
    """Fork in a middleman: where there is no room it tells its parent by its exit status."""
    try:
        return os.fork()
    except BlockingIOError:
        os._exit(errno.EAGAIN)


def wait_for(middle):
    _, status = os.waitpid(middle, 0)
    return not (os.WIFEXITED(status) and os.WEXITSTATUS(status) == errno.EAGAIN)


def say(line):
    print(line, flush=True)


def leak(count):
    """Makes that many orphans; False if the process table is full."""
    ways = [double_fork, multiprocessing_worker, shell_job, killed_middleman]
    living = 0
    for number in range(count):
        deadline = time.monotonic() + PATIENCE
        while not attempt(ways[number % len(ways)]):
            if time.monotonic() > deadline:
                say(f"full after {number}")
                return False
            time.sleep(0.01)
        living += 1
        if living == AT_ONCE:
            os.read(ended, 1)
            living -= 1
    for _ in range(living):
        os.read(ended, 1)
    say(f"orphans {count}")
    return True


def attempt(way):
    try:
        return way()
    except BlockingIOError:
        return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("orphans", type=int)
    parser.add_argument("--exit", type=int)
    options = parser.parse_args()
    if os.getpid() == 1:
        # PID 1 has no default actions; without this nothing but SIGKILL would end it.
        signal.signal(signal.SIGTERM, lambda *_: os._exit(1))
    if leak(options.orphans) and options.exit is not None:
        sys.exit(options.exit)
    while True:
        signal.pause()


if __name__ == "__main__":
    main()

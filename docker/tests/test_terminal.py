"""`docker run -it`, driven through a terminal of our own."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

from harness import BUSYBOX, DEADLINE, DOCKER, PYTHON, docker, run_arguments, sexton_only, unique

SIZES = "\n".join(
    (
        "import os, signal",
        "def show(*_):",
        "    size = os.get_terminal_size(0)",
        "    print(f'size {size.lines}x{size.columns}', flush=True)",
        "signal.signal(signal.SIGWINCH, show)",
        "show()",
        "while True: signal.pause()",
    )
)


class Terminal:
    """A `docker run -it` and the terminal it runs on."""

    def __init__(self, image, command, rows=33, columns=99, options=()):
        self.name = unique("terminal")
        self._words = [DOCKER, "run", "--rm", "-it", "--name", self.name, *run_arguments(image, command, options)]
        self._size = rows, columns
        self.output = b""
        self._read_to = 0

    def __enter__(self):
        self._master, slave = pty.openpty()
        self.resize(*self._size)
        self._process = subprocess.Popen(
            self._words, stdin=slave, stdout=slave, stderr=slave, preexec_fn=lambda: lead_terminal(slave)
        )
        os.close(slave)
        return self

    def __exit__(self, *_):
        docker("rm", "-f", self.name, check=False)
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()
        os.close(self._master)

    def resize(self, rows, columns):
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self._master, text)

    def read(self, seconds):
        """Takes what is there; False at the end of it."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, seconds))
        if not ready:
            return True
        try:
            data = os.read(self._master, 4096)
        except OSError:
            # What a terminal says whose other side is closed.
            return False
        self.output += data
        return bool(data)

    def wait_for(self, text):
        """Reads until this appears behind what was waited for before."""
        deadline = time.monotonic() + DEADLINE
        while (at := self.output.find(text, self._read_to)) < 0:
            if not self.read(deadline - time.monotonic()) or time.monotonic() > deadline:
                raise AssertionError(f"no {text!r} in {self.output[self._read_to:]!r} (all: {self.output!r})")
        self._read_to = at + len(text)

    def type_until(self, text, answer):
        """Types the same again and again until the answer to it appears."""
        deadline = time.monotonic() + DEADLINE
        while self.output.find(answer, self._read_to) < 0:
            if time.monotonic() > deadline:
                raise AssertionError(f"no {answer!r} in {self.output!r}")
            self.type(text)
            begin = time.monotonic()
            while time.monotonic() < begin + 0.5 and self.read(0.1) and self.output.find(answer, self._read_to) < 0:
                pass
        self._read_to = self.output.find(answer, self._read_to) + len(answer)

    def skip(self):
        """What is printed from now on counts, not what stands there already."""
        while select.select([self._master], [], [], 0)[0] and self.read(0):
            pass
        self._read_to = len(self.output)

    def status(self):
        deadline = time.monotonic() + DEADLINE
        while self.read(deadline - time.monotonic()):
            if time.monotonic() > deadline:
                raise AssertionError(f"no end; printed: {self.output!r}")
        return self._process.wait(timeout=DEADLINE)


def lead_terminal(slave):
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


class InteractiveTerminal(unittest.TestCase):
    def test_interrupt_ends_the_program(self):
        with Terminal(BUSYBOX, ["sh", "-c", "echo ready; exec sleep 1000"]) as terminal:
            terminal.wait_for(b"ready")
            terminal.type(b"\x03")
            self.assertEqual(terminal.status(), 130)

    def test_quit_ends_the_program(self):
        with Terminal(BUSYBOX, ["sh", "-c", "echo ready; exec sleep 1000"]) as terminal:
            terminal.wait_for(b"ready")
            terminal.type(b"\x1c")
            self.assertEqual(terminal.status(), 131)

    @sexton_only("does not answer for the number of interrupts")
    def test_one_key_is_one_interrupt(self):
        program = "trap 'echo int' INT; echo ready; while :; do sleep 0.1; [ -e /tmp/enough ] && exit 5; done"
        with Terminal(BUSYBOX, ["sh", "-c", program]) as terminal:
            terminal.wait_for(b"ready")
            terminal.type(b"\x03")
            terminal.wait_for(b"int")
            docker("exec", terminal.name, "busybox", "touch", "/tmp/enough")
            self.assertEqual(terminal.status(), 5)
            self.assertEqual(terminal.output.count(b"int"), 1, terminal.output)

    def test_a_new_size_reaches_the_program(self):
        with Terminal(PYTHON, ["/usr/bin/python3.11", "-c", SIZES]) as terminal:
            terminal.wait_for(b"size 33x99")
            terminal.resize(40, 120)
            terminal.wait_for(b"size 40x120")
            terminal.type(b"\x03")
            # Python itself ends by the signal when nobody catches KeyboardInterrupt.
            self.assertEqual(terminal.status(), 130)

    def test_an_interactive_shell_has_job_control(self):
        with Terminal(BUSYBOX, ["sh", "-i"]) as terminal:
            # Docker sets the size a moment after the start.
            terminal.type_until(b"stty size\n", b"33 99")
            terminal.type(b"sleep 50\n")
            terminal.wait_for(b"sleep 50")
            # Typed before the shell has started the job it hits the shell, which ignores it.
            terminal.type_until(b"\x1a", b"Stopped")
            terminal.type(b"kill %1; fg; exit 3\n")
            self.assertEqual(terminal.status(), 3)

    @sexton_only("leaves a stopped program stopped, with nobody there to continue it")
    def test_stop_key_never_freezes_the_container(self):
        program = "i=0; echo ready; while :; do i=$((i+1)); echo tick $i.; sleep 0.1; done"
        with Terminal(BUSYBOX, ["sh", "-c", program]) as terminal:
            terminal.wait_for(b"ready")
            for _ in range(3):
                terminal.type(b"\x1a")
                # The terminal echoes it once it has sent the signal.
                terminal.wait_for(b"^Z")
                terminal.skip()
                terminal.wait_for(b"tick")
                terminal.wait_for(b"tick")
            terminal.type(b"\x03")
            self.assertEqual(terminal.status(), 130)

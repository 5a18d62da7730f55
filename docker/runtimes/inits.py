"""What can be seen of an init's process from the host."""

import filecmp
from pathlib import Path

import harness


def command_line(pid):
    return [word.decode() for word in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]]


def is_ours(pid):
    return filecmp.cmp(f"/proc/{pid}/exe", harness.INIT_PATH, shallow=False)


def wait_until_ready(pid):
    """Until it is no longer the runtime's own process and has come to rest, that is waits for signals: before that SIGTERM is
    void for a PID 1."""

    def ready():
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return is_ours(pid) and state == "S"

    harness.until(ready, f"an init that is ready, process {pid}")

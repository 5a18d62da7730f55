"""Runs every test in podman and containerd; see runner.py beside the Docker tests, whose tools these tests share."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "tests"))

import harness  # noqa: E402
import images  # noqa: E402
import runner  # noqa: E402

# Every answer here comes within a second or two on a quiet machine.
harness.DEADLINE = 90.0

if __name__ == "__main__":
    sys.exit(runner.main(HERE, images.make))

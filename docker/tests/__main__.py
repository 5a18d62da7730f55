"""Runs every test; see runner.py."""

import sys

import harness
import runner

if __name__ == "__main__":
    sys.exit(runner.main(harness.HERE, harness.make_images))

"""Runs the tests of a folder and ends with the line `N passed, N failed`. Arguments choose tests, as unittest names them."""

import sys
import time
import unittest

import harness


class Result(unittest.TextTestResult):
    """Also counts what passed and shows how long each test took."""

    passed = 0

    def startTest(self, test):
        self._begin = time.monotonic()
        super().startTest(test)

    def stopTest(self, test):
        self.stream.writeln(f"    {time.monotonic() - self._begin:.1f} s")
        super().stopTest(test)

    def addSuccess(self, test):
        self.passed += 1
        super().addSuccess(test)


def main(folder, make_images):
    loader = unittest.TestLoader()
    names = sys.argv[1:]
    suite = loader.loadTestsFromNames(names) if names else loader.discover(str(folder))
    begin = time.monotonic()
    make_images()
    print(f"images made in {time.monotonic() - begin:.1f} s; init under test: {' '.join(harness.INIT)}", flush=True)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=Result).run(suite)
    # Tests, not failures: one test may fail in several of its parts. A set-up that fails counts as one.
    broken = result.failures + result.errors
    failed = len({getattr(test, "test_case", test).id() for test, _ in broken}) + len(result.unexpectedSuccesses)
    skipped = f", {len(result.skipped)} skipped" if result.skipped else ""
    print(f"{result.passed} passed, {failed} failed{skipped}", flush=True)
    return 1 if failed or result.passed == 0 else 0

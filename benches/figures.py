"""What is measured, by name, and how many samples become one figure."""

import dataclasses
import statistics

WAITING = (1_000, 10_000, 30_000)
LEFTOVERS = (1, 100, 10_000)
PROCESSES = (50, 500, 5_000)


@dataclasses.dataclass(frozen=True)
class Metric:
    key: str
    title: str
    unit: str
    # Samples of one round belong together, so that a ratio to raw can be taken in each.
    timed: bool = True
    # The program without an init has it, too.
    bare: bool = False


METRICS = [
    Metric("start", "start: from execve to the program's first instruction", "µs", bare=True),
    Metric("exit", "end: from the program's exit to the init's", "µs", bare=True),
    Metric("run", "both and what lies between", "µs", bare=True),
    Metric("signal", "a signal, until the program has it", "µs", bare=True),
    Metric("round_trip", "a signal, until the program's answer is back", "µs", bare=True),
    Metric("signal_cpu", "CPU time for a signal", "µs"),
    Metric("orphan", "a lone orphan, from its exit until its pid is free", "µs"),
    Metric("orphan_cpu", "CPU time for a lone orphan", "µs"),
    *(Metric(f"waiting_{n}", f"CPU time for each of {n:,} orphans that wait", "µs") for n in WAITING),
    *(Metric(f"leftovers_{n}", f"end, where {n:,} {'process lives' if n == 1 else 'processes live'} on", "µs") for n in LEFTOVERS),
    Metric("calls_spawn", "system calls until the program is cloned", "", timed=False),
    Metric("calls_run", "system calls of a whole run", "", timed=False),
    Metric("calls_signal", "system calls for a signal", "", timed=False),
    Metric("calls_orphan", "system calls for a lone orphan", "", timed=False),
    Metric("calls_waiting", "system calls for an orphan that waits", "", timed=False),
    Metric("rss", "resident memory", "KiB", timed=False),
    Metric("private_dirty", "private dirty memory", "KiB", timed=False),
    Metric("faults", "page faults until idle", "", timed=False),
    Metric("wakeups", "wake-ups a minute while idle", "", timed=False),
    Metric("size", "size of the file", "KB", timed=False),
    Metric("size_with_libraries", "size with its shared libraries", "KB", timed=False),
]
BY_KEY = {metric.key: metric for metric in METRICS}


@dataclasses.dataclass(frozen=True)
class Figure:
    """A median between two quartiles."""

    low: float
    middle: float
    high: float

    @staticmethod
    def of(values):
        if len(values) < 2:
            return Figure(values[0], values[0], values[0])
        return Figure(*statistics.quantiles(values, n=4, method="inclusive"))


def summary(samples):
    """From samples[metric][contestant][round] to results[contestant][metric], with the ratio to raw where there is one."""
    results = {}
    for key, by_name in samples.items():
        base = by_name.get("raw", {})
        for name, rounds in by_name.items():
            entry = dataclasses.asdict(Figure.of(list(rounds.values())))
            ratios = [value / base[number] for number, value in rounds.items() if base.get(number)]
            if BY_KEY[key].timed and ratios:
                entry["ratio"] = dataclasses.asdict(Figure.of(ratios))
            results.setdefault(name, {})[key] = entry
    return results

"""What a run must have produced, and the counts that must hold on every machine. No time is among them."""

from figures import METRICS

# Of both binaries of ours, unless another is said for the one that is linked dynamically.
COUNTS = {
    "calls_signal": 2,
    "calls_orphan": 3,
    "calls_waiting": 1,
    "wakeups": 0,
}
STATIC = {"calls_spawn": 12, "calls_run": 20}
AT_MOST = {"size": 200}


def failures(results, names, trees):
    found = []
    for name in names:
        for metric in METRICS:
            wanted = metric.bare or name != "none"
            if wanted and metric.key not in results.get(name, {}):
                found.append(f"{name}: {metric.key} was not measured")
    for command in ("sexton --ps", "ps"):
        if command not in trees:
            found.append(f"{command} was not measured")
    for name in ("sexton", "sexton-cargo"):
        own = {key: entry["middle"] for key, entry in results.get(name, {}).items()}
        counts = {**COUNTS, **STATIC} if name == "sexton" else COUNTS
        for key, count in counts.items():
            if own.get(key, count) > count:
                found.append(f"{name}: {key} is {own[key]:g} and must not be more than {count}")
    for key, most in AT_MOST.items():
        value = results.get("sexton", {}).get(key, {}).get("middle", 0)
        if value > most:
            found.append(f"sexton: {key} is {value:g} and must not be more than {most}")
    return found

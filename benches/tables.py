"""The figures as Markdown: a short table for README.md, all of them for docs/performance.md."""

import re

import contestants
from figures import BY_KEY, METRICS

SHORT = {
    "start": "start of the program",
    "exit": "end after the program's",
    "signal": "a signal reaches the program",
    "signal_cpu": "CPU time for a signal",
    "orphan_cpu": "CPU time for an orphan",
    "waiting_30000": "the same, 30,000 at once",
    "leftovers_10000": "end, where 10,000 processes are left",
    "calls_run": "system calls of a run",
    "faults": "page faults",
    "rss": "resident memory, KiB",
    "private_dirty": "private dirty memory, KiB",
    "wakeups": "wake-ups a minute, idle",
    "size": "size, KB",
}
# The most that sexton's static binary is meant to take: ratios to raw, or counts.
BARS = {
    "start": 1.5,
    "exit": 1.4,
    "signal": 1.08,
    "signal_cpu": 1.10,
    "rss": 160,
    "private_dirty": 48,
    "faults": 20,
    "size": 200,
}


def row(cells):
    return "| " + " | ".join(cells) + " |"


def heading(first, names):
    titles = [contestants.OURS.get(name, name) for name in names]
    return [row([first, *titles]), "|---" * (len(names) + 1) + "|"]


def absolute(value, unit):
    if unit == "µs" and value >= 10_000:
        value, unit = value / 1000, "ms"
    return f"{plain(value)} {unit}".strip()


def plain(value):
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def value_of(metric, entry, spread):
    """A ratio to raw where there is one, else the figure itself."""
    if entry is None:
        return "–"
    if not metric.timed:
        return plain(entry["middle"])
    ratio = entry.get("ratio")
    if ratio is None:
        return "–"
    return f"{ratio['middle']:.2f}" + (f" ({ratio['low']:.2f}–{ratio['high']:.2f})" if spread else "")


def ordered(document):
    """Ours first, the two baselines last."""
    names = list(document["commands"])
    peers = [name for name in names if name not in contestants.OURS and name not in ("none", "raw")]
    return [name for name in contestants.OURS if name in names] + peers, ["raw", "none"]


def all_figures(document):
    results = document["results"]
    names, baselines = ordered(document)
    lines = heading("×&nbsp;raw: median (quartiles); without a spread: as counted", [*names, "raw itself", "no init"])
    for metric in METRICS:
        of = {name: results.get(name, {}).get(metric.key) for name in [*names, *baselines]}
        if not any(of.values()):
            continue
        cells = [value_of(metric, of[name], True) for name in names]
        raw = absolute(of["raw"]["middle"], metric.unit) if of["raw"] else "–"
        title = metric.title + (f", {metric.unit}" if metric.unit and not metric.timed else "")
        lines.append(row([title, *cells, raw, value_of(metric, of["none"], True)]))
    return lines


def short(document):
    results = document["results"]
    names, _ = ordered(document)
    names.append("raw")
    lines = heading("", names)
    for key, title in SHORT.items():
        cells = [value_of(BY_KEY[key], results.get(name, {}).get(key), False) for name in names]
        lines.append(row([title + (", × raw" if BY_KEY[key].timed else ""), *cells]))
    return lines


def bars(document):
    own = document["results"].get("sexton", {})
    lines = [row(["", "at most", "sexton", ""]), "|---|---|---|---|"]
    for key, most in BARS.items():
        metric, entry = BY_KEY[key], own.get(key)
        if entry is None:
            continue
        value = entry["ratio"]["middle"] if metric.timed else entry["middle"]
        # As it is shown, so that the table does not contradict itself.
        verdict = "met" if round(value, 2) <= most else "**not met**"
        title = metric.title + (", × raw" if metric.timed else f", {metric.unit}" if metric.unit else "")
        lines.append(row([title, f"{most:g}", value_of(metric, entry, False), verdict]))
    return lines + dynamic_peers(document)


def dynamic_peers(document):
    """What `cargo build` makes is linked dynamically; it is to start sooner than any peer that is, too."""
    results = document["results"]
    names, _ = ordered(document)
    dynamic = {
        name: results[name]["start"]["ratio"]["middle"]
        for name in names
        if name not in contestants.OURS
        and "start" in results.get(name, {})
        and "size" in results[name]
        and results[name]["size_with_libraries"]["middle"] > results[name]["size"]["middle"]
    }
    built = results.get("sexton-cargo", {}).get("start")
    if not dynamic or built is None:
        return []
    best = min(dynamic, key=dynamic.get)
    value = built["ratio"]["middle"]
    verdict = "met" if value < dynamic[best] else "**not met**"
    title = f"start of what `cargo build --release` makes: less than the best dynamic peer ({best}), × raw"
    return [row([title, f"{dynamic[best]:.2f}", f"{value:.2f}", verdict])]


def trees(document):
    if not document["ps"]:
        return []
    counts = list(next(iter(document["ps"].values())))
    lines = [row(["CPU time in ms (from start to end)", *(f"{int(count):,} processes" for count in counts)])]
    lines.append("|---" * (len(counts) + 1) + "|")
    for name, figures in document["ps"].items():
        lines.append(row([f"`{name}`", *(f"{figures[count][1]:.1f} ({figures[count][0]:.1f})" for count in counts)]))
    return lines


def where(document):
    machine = document["machine"]
    text = f"Linux {machine['kernel']}, {machine['cpus']} × {machine['cpu']}, load {machine['load']:.1f} at the beginning."
    return [text, *(f"{note}." for note in document["notes"])]


def whole(document):
    blocks = [where(document), all_figures(document), bars(document), trees(document)]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def replace_between(path, text, name="bench"):
    """Puts the text between the markers that the file has for it."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    old = path.read_text()
    new, times = re.subn(f"{begin}\n.*?{end}", lambda _: f"{begin}\n\n{text}\n\n{end}", old, flags=re.DOTALL)
    if times != 1:
        raise SystemExit(f"bench: {path} lacks {begin} and {end}, once each")
    path.write_text(new)


def write(document):
    chart = "![start, end, signals and orphans as multiples of a minimal init](docs/bench.svg)"
    replace_between(contestants.ROOT / "README.md", "\n".join(short(document)) + "\n\n" + chart)
    replace_between(contestants.ROOT / "docs/performance.md", whole(document))

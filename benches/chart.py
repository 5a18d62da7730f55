"""The ratios as a bar chart: SVG for light and dark pages, with nothing from elsewhere."""

from xml.sax.saxutils import escape

import contestants
from tables import SHORT, ordered

METRICS = ("start", "exit", "signal", "signal_cpu", "orphan_cpu")
WIDTH, LEFT, RIGHT = 760, 130, 120
BAR, GAP, TITLE = 13, 3, 26

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.name { text-anchor: end }
.grid { stroke: #d1d9e0 }
.raw { stroke: #59636e; stroke-dasharray: 3 3 }
.bar { fill: #9aa4af }
.own { fill: #0969da }
.spread { stroke: #1f2328; stroke-opacity: .6 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.grid { stroke: #3d444d }
.raw { stroke: #9198a1 }
.bar { fill: #656c76 }
.own { fill: #4493f8 }
.spread { stroke: #f0f6fc }
}
"""


def line(kind, x1, y1, x2, y2):
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def text(x, y, words, kind=""):
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def svg(document):
    results = document["results"]
    names, _ = ordered(document)
    panels = []
    for metric in METRICS:
        bars = [(name, results[name][metric]["ratio"]) for name in names if "ratio" in results.get(name, {}).get(metric, {})]
        if bars:
            panels.append((SHORT[metric], bars))
    most = max(bar["high"] for _, bars in panels for _, bar in bars)
    scale = (WIDTH - LEFT - RIGHT) / most
    body, y = [], TITLE + 8
    for title, bars in panels:
        body.append(text(LEFT, y + 14, title, "title"))
        y += TITLE - 4
        for name, bar in bars:
            length = bar["middle"] * scale
            kind = "own" if name in contestants.OURS else "bar"
            body.append(text(LEFT - 8, y + BAR - 2, contestants.OURS.get(name, name).replace("`", ""), "name"))
            body.append(f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}"/>')
            low, high = LEFT + bar["low"] * scale, LEFT + bar["high"] * scale
            body.append(line("spread", low, y + BAR / 2, high, y + BAR / 2))
            body.append(text(max(high, LEFT + length) + 6, y + BAR - 2, f"{bar['middle']:.2f}"))
            y += BAR + GAP
        y += 8
    behind = [text(LEFT, 16, "Multiples of raw, a minimal init without a C library (dashed: 1). Bars: medians; lines: quartiles.")]
    behind += [line("grid", LEFT + n * scale, TITLE + 4, LEFT + n * scale, y) for n in range(0, int(most) + 1) if n != 1]
    behind.append(line("raw", LEFT + scale, TITLE + 4, LEFT + scale, y))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 4}" width="{WIDTH}" height="{y + 4}" role="img">'
    label = "<title>sexton and other inits, as multiples of a minimal init</title>"
    return "\n".join([head, label, f"<style>{STYLE}</style>", *behind, *body, "</svg>", ""])


def write(document):
    (contestants.ROOT / "docs/bench.svg").write_text(svg(document))

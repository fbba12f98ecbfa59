"""One SVG: how many times the peer's rate, on a logarithmic scale. Readable on light and dark."""

import json
import math
from html import escape

import report

WIDTH, LABELS, ROW, TOP = 900, 390, 26, 46
STYLE = """
text{font:13px system-ui,sans-serif;fill:#1f2328}.axis{fill:#59636e;font-size:12px}
.grid{stroke:#d1d9e0}.one{stroke:#59636e}.bar{fill:#0969da}.spread{stroke:#1f2328;stroke-width:1.5}
.ground{fill:#ffffff}
@media (prefers-color-scheme:dark){text{fill:#f0f6fc}.axis{fill:#9198a1}.grid{stroke:#3d444d}
.one{stroke:#9198a1}.bar{fill:#4493f8}.spread{stroke:#f0f6fc}.ground{fill:#0d1117}}
"""


def kept(out, name, bars):
    """Keeps one case's bars in `out` and gives those of all cases, in the order of the page."""
    out.mkdir(exist_ok=True)
    file = out / "bars.json"
    held = json.loads(file.read_text()) if file.exists() else {}
    held[name] = bars
    file.write_text(json.dumps(held, indent=1))
    return [bar for case in ("scan", "pdq", "text", "patterns") for bar in held.get(case, [])]


def draw(bars):
    path = report.PAGE.parent / "benchmarks.svg"
    path.write_text(svg(bars))


def svg(bars):
    """The drawing; each bar is (label, ratio, least, largest)."""
    low = math.floor(math.log10(min([1.0, *[bar[2] for bar in bars]])))
    high = math.ceil(math.log10(max([10.0, *[bar[3] for bar in bars]])))
    height = TOP + ROW * len(bars) + 14
    room = WIDTH - LABELS - 70

    def x(value):
        return LABELS + room * (math.log10(value) - low) / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>Entente's rate as a multiple of each peer's</title>", f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
        '<text class="axis" x="12" y="20">entente : peer, rate per processor second, logarithmic</text>',
    ]
    step = 1 if high - low <= 5 else 2
    for power in range(low, high + 1, step):
        at = x(10.0**power)
        kind = "one" if power == 0 else "grid"
        parts.append(f'<line class="{kind}" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP - 4}" y2="{height - 10}"/>')
        sign = f"{10**power:,}×" if power >= 0 else f"{10.0**power:g}×"
        parts.append(f'<text class="axis" x="{at:.1f}" y="{TOP - 9}" text-anchor="middle">{sign}</text>')
    for number, (label, ratio, least, largest) in enumerate(bars):
        top = TOP + ROW * number
        middle = top + ROW / 2
        left, right = sorted((x(1.0), x(ratio)))
        parts += [
            f'<text x="{LABELS - 8}" y="{middle + 4}" text-anchor="end">{escape(label)}</text>',
            f'<rect class="bar" x="{left:.1f}" y="{top + 4}" width="{max(right - left, 1):.1f}" height="{ROW - 8}"/>',
            f'<line class="spread" x1="{x(least):.1f}" x2="{x(largest):.1f}" y1="{middle}" y2="{middle}"/>',
            f'<text x="{max(x(largest), right) + 6:.1f}" y="{middle + 4}">{report.number(ratio)}×</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])

"""A load test as a picture: operations in each second, and percentiles of each operation."""

from html import escape

from qlmodels.loadtest.runner import LoadTestReport

WIDTH, LEFT, CHART, LINE = 760, 150, 200, 28
BAR, MEDIAN, TAIL = "#4a7fb5", "#1a7f5a", "#b3372f"


def plot(report: LoadTestReport, title: str) -> str:
    """An SVG document."""
    timings = sorted(report.timings.operations.items())
    height = CHART + 120 + LINE * len(timings)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
            'font-family="system-ui, sans-serif" font-size="13">',
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            f'<text x="12" y="24" font-size="15" font-weight="600">{escape(title)}</text>',
            *_seconds(report),
            *_percentiles(report, CHART + 80),
            "</svg>\n",
        ]
    )


def _seconds(report: LoadTestReport) -> list[str]:
    whole = range(max(1, int(report.seconds)))
    counts = [report.timings.seconds[second] for second in whole]
    most = max([*counts, 1])
    wide = (WIDTH - LEFT - 30) / len(counts)
    bars = [
        f'<rect x="{LEFT + number * wide:.1f}" y="{50 + CHART * (1 - count / most):.1f}" '
        f'width="{max(1.0, wide - 1):.1f}" height="{CHART * count / most:.1f}" fill="{BAR}"/>'
        for number, count in enumerate(counts)
    ]
    return [
        f'<text x="{LEFT - 10}" y="60" text-anchor="end">{most:,}/s</text>',
        f'<text x="{LEFT - 10}" y="{50 + CHART}" text-anchor="end">0</text>',
        *bars,
        f'<text x="{WIDTH - 30}" y="{66 + CHART}" text-anchor="end">{len(counts)} s</text>',
    ]


def _percentiles(report: LoadTestReport, top: int) -> list[str]:
    timings = sorted(report.timings.operations.items())
    most = max((timing.percentile(0.99) for _, timing in timings), default=1.0) or 1.0
    scale = (WIDTH - LEFT - 180) / most
    parts = []
    for number, (name, timing) in enumerate(timings):
        y = top + LINE * (number + 1)
        median, tail = timing.percentile(0.5), timing.percentile(0.99)
        left, right = LEFT + median * scale, LEFT + tail * scale
        parts += [
            f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end">{escape(name)}</text>',
            f'<line x1="{left:.1f}" x2="{right:.1f}" y1="{y}" y2="{y}" stroke="{TAIL}" '
            'stroke-width="4" opacity="0.4"/>',
            f'<circle cx="{left:.1f}" cy="{y}" r="5" fill="{MEDIAN}"/>',
            f'<text x="{right + 10:.1f}" y="{y + 4}">{median:.1f} ms, p99 {tail:.1f}</text>',
        ]
    return parts

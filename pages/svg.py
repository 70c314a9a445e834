"""Pictures drawn on the server, as SVG text. Pure functions: classes name the colours, every name is escaped.

Unknown is never drawn as zero: a None in a sparkline is a gap, in bars an outline with the word "unknown".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from math import ceil, floor, log10

SPARK_WIDTH, SPARK_HEIGHT = 72, 26
CHART_HEIGHT = 250
LEFT, TOP, BOTTOM = 44, 14, 24


@dataclass(frozen=True)
class Bar:
    """One horizontal bar. `value` None is unknown; `style` is a class such as `p-aws`; `words` replace the value."""

    name: str
    value: float | None
    style: str = ""
    url: str = ""
    words: str = ""


@dataclass(frozen=True)
class Series:
    """One colour of a stack of columns: one value for each period, None where it is unknown."""

    name: str
    values: Sequence[float | None]
    style: str = ""


def number(value: float) -> str:
    """A number as people read it: thousands separated, at most one decimal, none when it is whole."""
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:,.1f}"


def sparkline(values: Sequence[float | None], label: str = "") -> str:
    """A line of 72 by 26 px without axes. A None breaks the line. With a label it is an image, else decoration."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, spread = min(known), (max(known) - min(known)) or 1
    step = SPARK_WIDTH / (len(values) - 1)
    points = [
        None if value is None else (round(index * step, 1), round(SPARK_HEIGHT - 3 - (value - low) / spread * 20, 1))
        for index, value in enumerate(values)
    ]
    runs = [list(run) for there, run in groupby(points, key=lambda point: point is not None) if there]
    lines = "".join(_line([point for point in run if point is not None]) for run in runs)
    last = next(point for point in reversed(points) if point is not None)
    role = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    dot = f'<circle cx="{last[0]}" cy="{last[1]}" r="2"/>'
    return f'<svg class="spark" viewBox="0 0 {SPARK_WIDTH} {SPARK_HEIGHT}" {role}>{lines}{dot}</svg>'


def _line(run: Sequence[tuple[float, float]]) -> str:
    path = "M" + "L".join(f"{x} {y}" for x, y in run)
    floor_y = SPARK_HEIGHT
    return f'<path class="area" d="{path}L{run[-1][0]} {floor_y}L{run[0][0]} {floor_y}Z"/><path d="{path}"/>'


def meter(value: float | None, largest: float, style: str = "") -> str:
    """A thin bar that fills `value` of `largest`. Unknown is a dashed outline. The number stands beside it."""
    share = 0.0 if value is None or largest <= 0 else max(0.0, min(value / largest, 1.0)) * 100
    filled = f'<rect class="fg" width="{share:.1f}" height="6" rx="1"/>' if share else ""
    if value is None:
        filled = '<rect class="unknown" x="0.5" y="0.5" width="99" height="5"/>'
    return (
        f'<svg class="meterb {escape(style)}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="bg" width="100" height="6" rx="1"/>{filled}</svg>'
    )


def columns(periods: Sequence[str], series: Sequence[Series], *, label: str, unit: str = "", width: int = 760) -> str:
    """Stacked columns, one for each period, bars starting at zero. `label` is the finding in one sentence.

    A period in which every series is unknown is a dashed outline with the word. 760 wide for a desk, 360 for a phone:
    text in an SVG shrinks with it, so a phone gets fewer periods on a narrower drawing, not the same one smaller.
    """
    totals = [_total(index, series) for index in range(len(periods))]
    top = _round_up(max((total for total in totals if total is not None), default=0) or 1)
    slot = (width - LEFT - 4) / max(len(periods), 1)
    drawn = [_ruler(top, width, unit)]
    for index, period in enumerate(periods):
        left = LEFT + slot * index + slot * 0.16
        drawn.append(_stack(index, period, series, left=left, width=slot * 0.68, top=top, unit=unit))
        middle = round(left + slot * 0.34)
        drawn.append(f'<text x="{middle}" y="{CHART_HEIGHT - 6}" text-anchor="middle">{escape(period)}</text>')
    view = f'viewBox="0 0 {width} {CHART_HEIGHT}"'
    return f'<svg class="chart" {view} role="img" aria-label="{escape(label)}">{"".join(drawn)}</svg>'


def _total(index: int, series: Sequence[Series]) -> float | None:
    known = [value for one in series if (value := one.values[index]) is not None]
    return sum(known) if known else None


def _height(value: float, top: float) -> float:
    return value / top * (CHART_HEIGHT - TOP - BOTTOM)


def _ruler(top: float, width: int, unit: str) -> str:
    lines = []
    for part in range(5):
        y = round(CHART_HEIGHT - BOTTOM - _height(top * part / 4, top))
        lines.append(f'<line class="{"gl" if part else "ax"}" x1="{LEFT}" x2="{width - 4}" y1="{y}" y2="{y}"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{_short(top * part / 4, unit)}</text>')
    return "".join(lines)


def _stack(
    index: int, period: str, series: Sequence[Series], *, left: float, width: float, top: float, unit: str
) -> str:
    y, drawn = float(CHART_HEIGHT - BOTTOM), []
    place = f'x="{left:.1f}" width="{width:.1f}"'
    for one in series:
        value = one.values[index]
        if not value:
            continue
        y -= _height(value, top)
        said = escape(f"{one.name}, {period}: {number(value)} {unit}".strip())
        drawn.append(
            f'<rect class="slice {escape(one.style)}" {place} y="{y:.1f}" height="{_height(value, top):.1f}">'
            f"<title>{said}</title></rect>"
        )
    if _total(index, series) is None:
        height = 40
        drawn.append(
            f'<rect class="unknown" {place} y="{CHART_HEIGHT - BOTTOM - height}" height="{height}">'
            f"<title>{escape(period)}: unknown</title></rect>"
            f'<text x="{left + width / 2:.0f}" y="{CHART_HEIGHT - BOTTOM - height - 5}" text-anchor="middle">'
            "unknown</text>"
        )
    return "".join(drawn)


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 6, 8 times a power of ten that is divisible by four lines people like to read."""
    scale = 10 ** floor(log10(value))
    return next(step * scale for step in (1, 2, 4, 6, 8, 10) if step * scale >= value) if scale >= 1 else ceil(value)


def _short(value: float, unit: str) -> str:
    sign = "$" if unit == "USD" else ""
    if value >= 10_000:
        return f"{sign}{number(value / 1000)}k"
    return sign + number(value)

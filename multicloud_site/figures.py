"""The pictures of the Overview: what runs where (an SVG), and what there is of each kind (drawn by Plotly). Pure."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from multicloud_site.estate import Estate
from pages.svg import Bar, Series
from vocabulary.types import CloudProvider

#: The groups of states that a stack shows, from the ground up: name, class of the colour, states.
GROUPS = (
    ("Running", "p-ok", ("running",)),
    ("Available", "p-info", ("available",)),
    ("Changing", "p-warn", ("pending", "starting", "updating", "stopping", "deleting")),
    ("Stopped", "p-neutral", ("stopped",)),
    ("Degraded or failed", "p-bad", ("degraded", "failed", "unknown")),
)
#: A phone has room for seven columns; the rest is one more.
MOST_COLUMNS = 7


@dataclass(frozen=True)
class Columns:
    """Stacked columns as the tag `columns` takes them, the finding in a sentence, and the sums as bars for a phone."""

    periods: list[str]
    series: list[Series]
    label: str
    bars: list[Bar]


def where(estate: Estate) -> Columns:
    """How many resources each region has, by state."""
    table = folded(estate.by(lambda cell: cell.region or "global", lambda cell: cell.state), "other regions")
    series = [
        Series(name, [sum(counts[state] for state in states) for counts in table.values()], style)
        for name, style, states in GROUPS
    ]
    first = next(iter(table), "")
    label = (
        f"Resources by region and state. {first} has the most, {sum(table[first].values()):,} of {estate.total:,}."
        if first
        else "Resources by region and state."
    )
    bars = [Bar(name, sum(counts.values()), "p-info") for name, counts in table.items()]
    return Columns(list(table), [one for one in series if any(one.values)], label, bars)


def kinds(estate: Estate) -> dict[str, Any]:
    """How many resources there are of each kind, a bar a cloud: a Plotly figure as JSON values, and the finding."""
    providers = {line.account.pk: line.account.provider for line in estate.lines}
    table = estate.by(lambda cell: cell.kind, lambda cell: providers[cell.account])
    figure = go.Figure()
    for provider in _most_first(table):
        title = CloudProvider(provider).title
        figure.add_bar(
            name=title,
            x=list(table),
            y=[counts[provider] for counts in table.values()],
            marker_color=f"var(--p-{provider})",
            hovertemplate=f"{title}: %{{y:,}} resources<extra></extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.35, xaxis={"type": "category", "automargin": True}, template={})
    most = next(iter(table), "")
    label = f"Resources by kind and cloud. There are most of {most}: {sum(table[most].values()):,}." if most else ""
    plain = figure.to_plotly_json()
    return {"figure": json.loads(json.dumps({"data": plain["data"], "layout": plain["layout"]})), "label": label}


def folded(table: Mapping[str, Counter[str]], rest: str) -> dict[str, Counter[str]]:
    """The rows with the most, and one for all the others where they would not fit."""
    if len(table) <= MOST_COLUMNS:
        return dict(table)
    rows = list(table.items())
    kept, others = rows[: MOST_COLUMNS - 1], rows[MOST_COLUMNS - 1 :]
    return {**dict(kept), rest: sum((counts for _, counts in others), Counter())}


def _most_first(table: Mapping[str, Counter[str]]) -> list[str]:
    totals: Counter[str] = sum(table.values(), Counter())
    return [name for name, _ in totals.most_common()]

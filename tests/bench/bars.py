"""What is measured, by which module, and what must hold. One row is one figure of `make bench`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """One figure. `module` under tests.bench has `measure(home)`, which returns it, perhaps with others.

    Less is better, unless `more`.
    """

    name: str
    module: str
    bar: float
    what: str
    more: bool = False

    def holds(self, value: float) -> bool:
        """Whether the figure is good enough. No figure at all (NaN) never is."""
        return value >= self.bar if self.more else value <= self.bar

    @property
    def wanted(self) -> str:
        """The bar as a person reads it."""
        return f"{'≥' if self.more else '≤'} {self.bar:g}"


#: What the idle product took on the machine of docs/measures.md; it may not take a fifth more.
IDLE_CPU_PCT = 11.4

BARS = (
    Bar("list_p95_ms", "lists", 120, "50 of 100,000 resources, filtered and sorted, 95th percentile, ms"),
    Bar("list_vs_bare", "lists", 1.4, "the same page against a bare view with the same rows"),
    Bar("list_queries", "lists", 8, "queries of that page, navigation included"),
    Bar("list_deep_ratio", "lists", 1.1, "page 1,500 against page 1"),
    Bar("search_p95_ms", "lists", 80, "20 search terms, 95th percentile, ms"),
    Bar("sync_cpu_vs_bare", "sync", 1.8, "CPU of storing 5,000 instances against the SDK's bare paginator"),
    Bar("sync_rss_mb", "sync", 250, "memory of that, MB"),
    Bar("sync_unchanged_rows", "sync", 0, "rows written by a second reading with nothing changed"),
    Bar("cli_vs_click", "cli", 1.5, "`paas-cli --help` against a bare click program of 30 commands"),
    Bar("import_vs_python", "cli", 8, "`import src.multicloud` against `python -c pass`"),
    Bar("start_ms_p50", "starting", 300, "approval to the first change at the cloud, idle, median, ms"),
    Bar("ops_per_s", "operating", 20, "tag writes, plan to verified, one worker of 2 processes, a second", more=True),
    Bar("page_kb", "weighing", 60, "the largest page, kB uncompressed"),
    Bar(
        "idle_cpu_pct",
        "idling",
        round(IDLE_CPU_PCT * 1.2, 2),
        "all processes, minute 5 to 6 after Ready, % of one core",
    ),
)

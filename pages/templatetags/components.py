"""The parts pages are made of, as template tags. `{% load components %}`, then for example `{% cloud "aws" %}`.

Whatever text goes in is escaped here, and characters that cannot be seen are written out (`visible`).
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from pages import svg
from vocabulary.text import visible
from vocabulary.types import CloudProvider

register = template.Library()

#: Two letters for each cloud; no trademark logo stands anywhere.
LETTERS = {
    CloudProvider.AWS: "AW",
    CloudProvider.AZURE: "AZ",
    CloudProvider.GCP: "GC",
    CloudProvider.ORACLE: "OC",
    CloudProvider.IBM: "IB",
    CloudProvider.ALIBABA: "AL",
    CloudProvider.DIGITALOCEAN: "DO",
    CloudProvider.LINODE: "LI",
}
#: A resource's neutral state: tone and icon. The word is the state itself.
RESOURCE_STATES = {
    "pending": ("info", "hourglass"),
    "starting": ("info", "refresh-cw"),
    "running": ("ok", "circle-check"),
    "updating": ("info", "refresh-cw"),
    "stopping": ("info", "refresh-cw"),
    "stopped": ("", "circle-stop"),
    "available": ("ok", "circle-check"),
    "degraded": ("warn", "triangle-alert"),
    "deleting": ("info", "trash-2"),
    "gone": ("", "circle-slash"),
    "failed": ("bad", "circle-x"),
    "unknown": ("dashed", "circle-help"),
}
#: An operation's state: tone, icon, and the words where the state itself would not be said so.
OPERATION_STATES = {
    "planned": ("", "file-text", "Planned, waits for approval"),
    "approved": ("info", "user-check", "Approved"),
    "queued": ("info", "hourglass", "Queued"),
    "running": ("info", "refresh-cw", "Running"),
    "verifying": ("info", "list-checks", "Verifying"),
    "succeeded": ("ok", "circle-check", "Succeeded"),
    "uncertain": ("warn", "circle-help", "Uncertain, being looked up"),
    "needs_human": ("warn", "hand", "Needs a person"),
    "failed": ("bad", "circle-x", "Failed"),
    "cancelled": ("", "circle-slash", "Cancelled"),
    "expired": ("", "clock", "Expired"),
}
STEP_ICONS = {
    "done": ("circle-check", "ok", "Done"),
    "now": ("refresh-cw", "info", "Under way"),
    "failed": ("circle-x", "bad", "Failed"),
    "waits": ("hand", "warn", "Waits for a person"),
    "todo": ("circle-dashed", "neutral", "Later"),
}
TYPE_ICONS = {
    "instance": "server",
    "image": "disc-3",
    "key_pair": "key-round",
    "volume": "hard-drive",
    "snapshot": "camera",
    "bucket": "archive",
    "database": "database",
    "network": "network",
    "subnet": "waypoints",
    "firewall": "shield",
    "load_balancer": "scale",
    "dns_zone": "globe",
}


@register.filter("visible")
def shown(text: object) -> str:
    """`{{ resource.name|visible }}`: what cannot be seen, or reorders text, is written out as <U+202E>."""
    return visible(str(text))


@register.simple_tag
def icon(name: str, tone: str = "", label: str = "") -> SafeString:
    """`{% icon "server" %}`: an icon. With a label it is an image; without one the text beside it speaks."""
    said = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="{}" {}><use href="{}#{}"/></svg>', f"i {tone}".strip(), said, _sprite(), name)


@register.simple_tag
def type_icon(resource_type: str) -> SafeString:
    """`{% type_icon "volume" %}`: the icon of a resource type; a box of boxes for one without its own."""
    return icon(TYPE_ICONS.get(resource_type, "boxes"))


@register.simple_tag
def cloud(slug: str, name: str = "") -> SafeString:
    """`{% cloud "aws" %}`: letters, colour and name of a cloud. A second word replaces the name (an account, say)."""
    known = slug in LETTERS
    letters = LETTERS[CloudProvider(slug)] if known else str(slug)[:2].upper()
    title = name or (CloudProvider(slug).title if known else str(slug))
    return format_html('<span class="pv p-{}"><i aria-hidden="true">{}</i>{}</span>', slug, letters, shown(title))


@register.simple_tag
def chip(tone: str, icon_name: str, text: object, title: str = "") -> SafeString:
    """`{% chip "warn" "triangle-alert" "Slow, 41 min" %}`. Tones: ok, warn, bad, info, dashed, or "" for neutral."""
    picture = icon(icon_name) if icon_name else ""
    hover = format_html(' title="{}"', shown(title)) if title else ""
    return format_html('<span class="{}"{}>{}{}</span>', f"chip {tone}".strip(), hover, picture, shown(text))


@register.simple_tag
def state_chip(state: str, vendor_word: str = "") -> SafeString:
    """`{% state_chip resource.state resource.native_state %}`: a resource's state; the cloud's own word on hover."""
    tone, picture = RESOURCE_STATES.get(state, RESOURCE_STATES["unknown"])
    said = f"The cloud says: {vendor_word}" if vendor_word else ""
    return chip(tone, picture, str(state).capitalize(), said)


@register.simple_tag
def operation_chip(state: str) -> SafeString:
    """`{% operation_chip operation.state %}`."""
    tone, picture, words = OPERATION_STATES.get(state, ("dashed", "circle-help", str(state)))
    return chip(tone, picture, words)


@register.simple_tag
def step_icon(state: str) -> SafeString:
    """`{% step_icon step.state %}`: done, now, failed, waits or todo, said in a word to who cannot see it."""
    name, tone, words = STEP_ICONS[state]
    return format_html('{}<span class="vh">{}: </span>', icon(name, tone), words)


@register.simple_tag
def unknown(reason: str = "") -> SafeString:
    """`{% unknown "pricing is not read yet" %}`: the word, with the reason on the same line."""
    if not reason:
        return mark_safe('<span class="unk">unknown</span>')
    return format_html('<span class="unk">unknown</span> <span class="unk-why">{}</span>', shown(reason))


@register.simple_tag
def when(moment: datetime | None, missing: str = "never") -> SafeString:
    """`{% when operation.created_at %}`: the time in UTC, the age on hover. Today's times go without the date."""
    if not moment:
        return format_html('<span class="muted">{}</span>', missing)
    moment = moment.astimezone(UTC)
    iso = moment.isoformat(timespec="seconds").replace("+00:00", "Z")
    return format_html('<time datetime="{}" title="{}">{}</time>', iso, relative(moment), _utc(moment))


@register.simple_tag
def age(moment: datetime | None, stale_after: float = 0, verb: str = "as of") -> SafeString:
    """`{% age account.read_at stale_after=1800 %}`: "as of 20:00 UTC"; amber, with the age, when older than that.

    `stale_after`, in seconds, is twice the interval at which the figure is read; 0 means that it cannot be stale.
    """
    if not moment:
        return format_html('<span class="asof stale">{} never read</span>', icon("clock"))
    old = stale_after and timezone.now() - moment > timedelta(seconds=float(stale_after))
    if not old:
        return format_html('<span class="asof">{} {}</span>', verb, when(moment))
    warned = '<span class="asof stale">{} {} {}, {}</span>'
    return format_html(warned, icon("triangle-alert"), verb, when(moment), relative(moment).replace(" ago", " old"))


def relative(moment: datetime) -> str:
    """The age in words: "12 min ago", "in 3 h", "now"."""
    seconds = (timezone.now() - moment).total_seconds()
    count, unit = _largest_unit(abs(seconds))
    if count == 0:
        return "now"
    words = f"{count} {unit}" if unit != "day" or count == 1 else f"{count} days"
    return f"{words} ago" if seconds > 0 else f"in {words}"


def _largest_unit(seconds: float) -> tuple[int, str]:
    for size, unit in ((86_400, "day"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return int(seconds // size), unit
    return int(seconds), "s"


def _utc(moment: datetime) -> str:
    if moment.date() == timezone.now().astimezone(UTC).date():
        return f"{moment:%H:%M} UTC"
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


@register.filter
def thousands(value: object) -> str:
    """`{{ count|thousands }}`: 1284 becomes 1,284. Text (such as "10,000+") stays as it is."""
    return svg.number(value) if isinstance(value, int | float) else str(value)


@register.simple_tag
def sparkline(values: Sequence[float | None], label: str = "") -> SafeString:
    """`{% sparkline history.counts %}`: a small line; None is a gap."""
    return _drawn(svg.sparkline(list(values), label))


@register.simple_tag
def meter(value: float | None, largest: float, style: str = "") -> SafeString:
    """`{% meter row.count largest "p-aws" %}`: a thin bar for a table cell that also holds the number."""
    return _drawn(svg.meter(value, largest, style))


@register.inclusion_tag("_bars.html")
def bars(rows: Iterable[svg.Bar], unit: str = "") -> dict[str, object]:
    """`{% bars rows "resources" %}`: horizontal bars of `svg.Bar`, the largest is full; names can be links."""
    rows = list(rows)
    largest = max((row.value for row in rows if row.value is not None), default=0)
    drawn = [{"bar": row, "meter": _drawn(svg.meter(row.value, largest, row.style))} for row in rows]
    return {"rows": drawn, "unit": unit}


@register.inclusion_tag("_columns.html")
def columns(periods: Sequence[str], series: Sequence[svg.Series], label: str, unit: str = "") -> dict[str, object]:
    """`{% columns months series "Spend rose by 6.4 % ..." "USD" %}`: stacked columns, and fewer of them for a phone."""
    last = slice(-7, None)
    narrow = [svg.Series(one.name, list(one.values)[last], one.style) for one in series]
    wide = svg.columns(periods, series, label=label, unit=unit)
    phone = svg.columns(list(periods)[last], narrow, label=label, unit=unit, width=360)
    return {"wide": _drawn(wide), "phone": _drawn(phone), "series": series}


def _drawn(picture: str) -> SafeString:
    return mark_safe(picture)  # noqa: S308 - svg.py escapes every text it is given


def _sprite() -> str:
    """The sprite's address. A name with a sum never changes while the process lives, so it is looked up once."""
    return static("icons.svg") if settings.DEBUG else _sprite_once()


@cache
def _sprite_once() -> str:
    return static("icons.svg")

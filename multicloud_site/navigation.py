"""The side navigation: one entry per room that has a page."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from resources.frame import frame_of

#: Name of the page, title, icon, letter of the shortcut, heading, and the addresses that belong to it.
ENTRIES = (
    ("overview", "Overview", "layout-dashboard", "o", "", ()),
    ("resources", "Resources", "server", "r", "", ("/resources/",)),
    ("accounts", "Accounts", "cloud", "a", "", ("/accounts/", "/credentials/")),
    ("operations", "Operations log", "history", "l", "Manage", ("/operations/", "/audit/")),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """What base.html needs on every page."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": [], "simulated": False}
    frame = frame_of(user)
    entries = []
    for name, label, icon, key, group, addresses in ENTRIES:
        url = reverse(name)
        current = request.path.startswith(addresses) if addresses else request.path == url
        entry = {"url": url, "label": label, "icon": icon, "key": key, "group": group, "current": current}
        entries.append(entry | frame["entries"].get(name, {}))
    return {"navigation": entries, "simulated": frame["simulated"], "search_url": reverse("resources")}

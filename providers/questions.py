"""What a person is asked before an account is switched, and what would be forgotten with a credential, in words."""

from typing import Any

from django.urls import reverse

from providers.forgetting import Forgotten
from providers.models import Account


def mode_of(account: Account) -> dict[str, Any]:
    """The question before an account changes its mode, as _confirm.html takes it."""
    to_manage = account.mode == Account.Mode.OBSERVE
    url = reverse("account", args=[account.pk])
    if to_manage:
        effects = [
            ("triangle-alert", "warn", "Members with the role operator can plan and approve changes in it."),
            ("list-checks", "info", "Every change still needs a plan and an approval, and is recorded."),
        ]
    else:
        effects = [
            ("eye", "info", "No changing call leaves any more: this product only looks."),
            ("hourglass", "warn", "An operation that runs now is stopped before its next call."),
        ]
    return {
        "title": f"Switch {account} to {'manage' if to_manage else 'observe'} mode?",
        "action": reverse("account_mode", args=[account.pk]),
        "yes": f"Switch to {'manage' if to_manage else 'observe'}",
        "yes_icon": "check",
        "tone": "primary",
        "no": f"Keep {account.mode}",
        "no_url": url,
        "effects": [{"icon": icon, "tone": tone, "text": text} for icon, tone, text in effects],
        "facts": [("Account", account.key), ("Mode now", account.mode)],
        "hidden": [("mode", "manage" if to_manage else "observe")],
    }


def switch_of(account: Account) -> dict[str, Any]:
    """The question before all calls for an account are let out or stopped."""
    word = "off" if account.enabled else "on"
    off = [
        ("circle-pause", "warn", "No call leaves for it, neither to read nor to change."),
        ("history", "info", "What is known of it stays, and gets older."),
    ]
    on = [("refresh-cw", "info", "It is read again, and changes can be planned in manage mode.")]
    effects = off if account.enabled else on
    return {
        "title": f"Switch {account} {word}?",
        "action": reverse("account_switch", args=[account.pk]),
        "yes": f"Switch it {word}",
        "yes_icon": "power",
        "tone": "primary",
        "no": "Keep it as it is",
        "no_url": reverse("account", args=[account.pk]),
        "effects": [{"icon": icon, "tone": tone, "text": text} for icon, tone, text in effects],
        "facts": [("Account", account.key)],
        "hidden": [("enabled", "no" if account.enabled else "yes")],
    }


def counted(would: Forgotten) -> list[tuple[str, str]]:
    """Per account, how much of what would be forgotten: ("aws/111111111111", "412 resources, 3 operations")."""
    return [
        (account, ", ".join(f"{count:,} {name}" for name, count in counts.items()) or "nothing")
        for account, counts in would.counts.items()
    ]

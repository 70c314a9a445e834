"""`paas-cli vault`: the key that wraps every stored secret. No command shows it, or anything sealed with it."""

from typing import Any

from multicloud_site.cli.columns import facts
from multicloud_site.cli.session import Session, command, open_home


@command("status", acts=False, examples=("vault status", "vault status --json"))
def status(session: Session) -> None:
    """Which key is in use, where it comes from, what it wraps, and whether a rotation is half done."""
    open_home(session.home)
    from providers import vault_store

    ring = vault_store.ready()
    found = {
        "key_id": ring.sealing.id,
        "from": _place(session),
        "wrapped": _counts(),
        "rotation_unfinished": len(ring.ids) > 1,
    }
    lines = {
        "key": str(found["key_id"]),
        "from": str(found["from"]),
        "wraps": ", ".join(f"{count} with key {key}" for key, count in _counts().items()) or "nothing yet",
        "rotation": "half done: run paas-cli vault rotate again" if found["rotation_unfinished"] else "none under way",
    }
    session.show(found, lambda: facts(lines))


@command("rotate", acts=False, examples=("vault rotate",))
def rotate(session: Session) -> None:
    """Wrap every data key with a new vault key. Everything keeps running; when it is killed, run it again."""
    open_home(session.home)
    from providers import vault_rotation

    done = vault_rotation.rotate()
    session.show(
        {"key_id": done.key_id, "rows": done.rows},
        f"Everything is sealed with key {done.key_id}; wrapped anew: {done.rows}.\n"
        "Make a backup: older ones need the older key.",
    )


def _counts() -> dict[str, int]:
    from collections import Counter

    from providers import vault_rotation

    keys: Counter[str] = Counter()
    for model in vault_rotation.sealed_models():
        keys.update(model._default_manager.values_list("key_id", flat=True))
    return dict(sorted(keys.items()))


def _place(session: Session) -> Any:
    import os

    from providers import vault_key

    for name in (vault_key.NEXT_VARIABLE, vault_key.VARIABLE):
        if os.environ.get(name):
            return f"the environment ({name})"
    return str(session.home / vault_key.FILE)

"""Whether a credential may sign in as the machine that this installation runs on.

The machine's role, its profiles and its environment belong to the operator, not to a team: whoever may use them from a
page has all that the machine has.
"""

from collections.abc import Collection
from dataclasses import replace

from django.conf import settings

from providers.drivers.kind import Cloud, Method
from vocabulary.errors import ForbiddenEndpoint, NotAllowed

SETTING = "MULTICLOUD_AMBIENT_SIGN_IN"


def require_allowed(method: Method, given: Collection[str], endpoint: str, *, local: bool = False) -> None:
    """Raise NotAllowed, naming the setting, when these fields would sign in as the machine and nobody allowed it.

    `given` are the names of the fields. `local`: the operator asks on the machine itself. Raises ForbiddenEndpoint for
    an address other than the cloud's own or the sandbox, whoever asks.
    """
    if not method.is_machines(given):
        return
    if not local and not settings.MULTICLOUD_AMBIENT_SIGN_IN:
        raise NotAllowed(
            "Multicloud",
            "add credential",
            f"{method.title} would sign in as the machine that this runs on, which is switched off for teams",
            f"Give keys of its own, have the operator set {SETTING}=true, or add it there with paas-cli.",
        )
    if endpoint not in ("", "sandbox"):
        raise ForbiddenEndpoint(
            "Multicloud",
            "endpoint",
            "what this machine signs in with is never sent to another address than the cloud's own",
            "Leave the endpoint empty, or give keys of its own.",
        )


def offered(cloud: Cloud) -> tuple[Method, ...]:
    """The ways to sign in that a form shows."""
    return tuple(one for one in cloud.methods if _open() or not one.machine or one.own_keys)


def as_offered(method: Method) -> Method:
    """A way to sign in with the fields that a form shows: where the machine's are not allowed, its own are required."""
    if _open() or not method.own_keys:
        return method
    own = (
        replace(one, required=True, help="") if one.name in method.own_keys else one
        for one in method.fields
        if not one.machine
    )
    return replace(method, fields=tuple(own))


def _open() -> bool:
    return bool(settings.MULTICLOUD_AMBIENT_SIGN_IN)

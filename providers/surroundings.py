"""What the operation engine is handed by whoever runs it: clouds, rights, secrets, and who is told. Pure."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from providers.drivers.driver import Driver
from providers.drivers.kind import Found
from providers.journal import Operation


@dataclass(frozen=True)
class Surroundings:
    """What the engine needs from whoever runs it.

    `connect` gives the driver for an operation's account; `authorize` raises NotAllowed when the actor may not do this
    (any more); `reveal` gives the value of a vault reference; `observe` is told what a resource looks like afterwards,
    or None when it is gone; what is stored inside `together` is one commit, where the journal and the inventory can.
    """

    connect: Callable[[Operation], Driver]
    authorize: Callable[[Operation], None] = lambda operation: None
    reveal: Callable[[str], str] = lambda reference: ""
    observe: Callable[[Operation, Found | None], None] = lambda operation, found: None
    together: Callable[[], AbstractContextManager[object]] = nullcontext

"""Every changing verb of every kind: how its resource is made ready, and what is asked of it."""

from dataclasses import dataclass
from typing import Any

from providers.drivers.clouds import cloud
from providers.drivers.kind import Kind
from vocabulary.words import Verb


@dataclass(frozen=True)
class Case:
    """One changing verb of one kind."""

    row: Kind
    verb: Verb

    @property
    def kind(self) -> str:
        """The resource type."""
        return self.row.name

    @property
    def subject(self) -> str:
        """The name in CRASH_AT: "instance.stop"."""
        return f"{self.kind}.{self.verb}"

    def parameters(self, name: str) -> dict[str, Any]:
        """What the verb is given."""
        if self.verb is Verb.CREATE:
            return {**self.row.example, "name": name}
        return dict(self.row.examples.get(self.verb, {}))

    def before(self, name: str) -> list[tuple[Verb, dict[str, Any]]]:
        """The verbs, with their parameters, that make a resource ready."""
        if self.verb is Verb.CREATE:
            return []
        made: list[tuple[Verb, dict[str, Any]]] = [(Verb.CREATE, {**self.row.example, "name": name})]
        return [*made, (Verb.STOP, {})] if self.verb is Verb.START else made


CASES = [Case(row, verb) for row in cloud("aws").kinds for verb in row.calls if verb.changes]

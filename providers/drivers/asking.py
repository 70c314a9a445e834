"""What is asked of a cloud before a plan is made: that the region is there, the name free, the type and the image
offered.

So that what cannot work is refused in words before any changing call. Looks, never changes.
"""

from collections.abc import Mapping
from typing import Any

from providers.drivers.driver import Driver
from providers.drivers.kind import Found, Kind
from vocabulary.errors import NameTaken, UnknownRegion
from vocabulary.words import Verb


def known_of(driver: Driver, region: str, given: Mapping[str, Any], found: Found | None) -> dict[str, Any]:
    """What templates and look-ups may use: the parameters, where and whose it is, and the facts of now as `was_…`."""
    values: dict[str, Any] = {"region": region, "account": driver.account, **given}
    if found:
        values |= {"id": found.native_id, "region": found.region}
        values |= {f"was_{name}": value for name, value in found.attributes.items()}
    return values


def asked(driver: Driver, kind: Kind, verb: Verb, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values together with what the verb's look-ups learned. Raises what a look-up raises when nothing fits."""
    known = dict(values)
    for look_up in kind.look_ups.get(verb, ()):
        if look_up.call.when is None or look_up.call.when(known, None):
            question = {**known, **look_up.terms(known)}
            items = driver.find(look_up.call, question, str(known["region"]))
            known.update(look_up.learn(items, known))
    return known


def refuse_strange_region(driver: Driver, region: str) -> None:
    """Raise UnknownRegion for a region that does not exist, or that the account has not switched on."""
    there = driver.regions()
    if region not in there:
        hint = f"Choose: {', '.join(there)}."
        raise UnknownRegion(driver.engine.who, "region", f"{region[:60]!r} is not a region this account can use", hint)


def refuse_taken_name(driver: Driver, kind: Kind, region: str, given: Mapping[str, Any]) -> None:
    """Raise NameTaken when the name is the id, and one of our own has it. Other people's names only the cloud knows."""
    if kind.name_is_id and driver.get(kind, region, str(given["name"])):
        raise NameTaken(
            driver.engine.who, f"{kind.name}.{Verb.CREATE}", f"{given['name']} is there already", "Choose another name."
        )

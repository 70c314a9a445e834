"""One recorded response through the driver: it is the answer of an engine that knows nothing else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from providers.drivers.clouds import cloud
from providers.drivers.driver import Driver
from providers.drivers.engine import Identity, Token
from providers.drivers.engines.boto_errors import translated
from providers.drivers.kind import Call, Found, Kind, Unreadable, search
from providers.outcomes import arrival
from vocabulary.errors import CloudError, PermissionMissing
from vocabulary.words import State, Verb

#: The code of an error that our table does not name falls back on its HTTP status; that is an answer too.
FIRST_BAD_STATUS = 400
REGION = "us-east-1"


@dataclass(frozen=True)
class Recording:
    """One file: the call, the status and what came back, with its moments as datetimes again."""

    path: Path
    call: str
    status: int
    data: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> "Recording":
        """Raises ValueError or KeyError for a file that is not a recording."""
        content = json.loads(path.read_text(encoding="utf-8"), object_hook=_moment)
        return cls(path, path.stem.rpartition("_")[0], int(content["status_code"]), content["data"])

    @property
    def method(self) -> str:
        """The call as our rows write it: "ec2.DescribeInstances" is ec2.describe_instances."""
        service, _, name = self.call.partition(".")
        return f"{service}.{xform_name(name)}"

    @property
    def region(self) -> str:
        """The region that the recording's own zones say it is from."""
        return _region_in(self.data) or REGION


@dataclass
class ReplayEngine:
    """Answers each call with what was recorded of it, and refuses every other as not allowed."""

    answers: Mapping[str, Any]
    who: str = "recorded"

    def page(
        self, method: str, arguments: Mapping[str, Any], region: str, token: Token
    ) -> tuple[Mapping[str, Any], Token]:
        return self.send(method, arguments, region), None

    def send(self, method: str, arguments: Mapping[str, Any], region: str, marker: str = "") -> Mapping[str, Any]:
        answer = self.answers.get(method)
        if answer is None:
            raise PermissionMissing(self.who, method, "this call was not recorded")
        if isinstance(answer, Recording):
            return answered(answer)
        return dict(answer)

    def check(self, method: str, arguments: Mapping[str, Any]) -> None:
        """Nothing is sent, so nothing is checked."""

    def identity(self) -> Identity:
        return Identity("", "recorded")

    def regions(self) -> list[str]:
        return [REGION]


def answered(recording: Recording) -> Mapping[str, Any]:
    """What the call returned, or one of our errors for what it raised."""
    if recording.status >= FIRST_BAD_STATUS:
        metadata = {**recording.data.get("ResponseMetadata", {}), "HTTPStatusCode": recording.status}
        error = ClientError({**recording.data, "ResponseMetadata": metadata}, recording.call)
        raise translated(error, "recorded", recording.method, recording.region)
    return recording.data


@cache
def readers() -> dict[str, tuple[Kind, Call, str]]:
    """By method: the kind whose row reads the answer, the call, and what it is for: list, detail, lookup or id."""
    found: dict[str, tuple[Kind, Call, str]] = {}
    for kind in cloud("aws").kinds:
        for verb, calls in kind.calls.items():
            for call in calls:
                if verb.changes and call.result:
                    found.setdefault(call.method, (kind, call, "id"))
                if call.find.call and call.find.matches:
                    found.setdefault(call.find.call.method, (kind, call, "lookup"))
        for call in kind.details:
            found[call.method] = (kind, call, "detail")
        for call in kind.calls.get(Verb.LIST, ()):
            found[call.method] = (kind, call, "list")
    return found


def trimmed(recording: Recording) -> bool:
    """Whether someone took the state out of an item before it was kept: EC2 never leaves it out."""
    kind, call, purpose = readers().get(recording.method, (None, None, ""))
    if kind is None or call is None or purpose != "list" or "state" not in kind.fields:
        return False
    items = search(call.result, recording.data) or []
    return any(search(kind.fields["state"], item) is None for item in items)


def problem_of(recording: Recording) -> str | None:
    """What went wrong when the answer was read; "" when nothing did, None when no row reads this call."""
    if recording.method not in readers():
        return None
    kind, call, purpose = readers()[recording.method]
    try:
        if purpose == "list":
            return _listed(recording, kind)
        if purpose == "detail":
            return _detailed(recording, kind, call)
        answer = answered(recording)
        if purpose == "id":
            return "" if arrival(call, answer) else "the answer has no id"
        assert call.find.matches is not None
        for item in answer["VolumesModifications"]:
            call.find.matches({"VolumeId": item["VolumeId"], "Size": item["TargetSize"]}, item)
    except CloudError as error:
        # A refusal that was recorded is read well when it became one of our errors, with a code and a reason.
        refused = recording.status >= FIRST_BAD_STATUS and type(error) is not CloudError and bool(error.why)
        return "" if refused else f"{type(error).__name__}: {error.why}"
    return ""


def _listed(recording: Recording, kind: Kind) -> str:
    engine = ReplayEngine({recording.method: recording})
    found = list(Driver(cloud("aws"), engine).list(kind, recording.region))
    return "; ".join(filter(None, (_wrong_with(one) for one in found)))


def _detailed(recording: Recording, kind: Kind, call: Call) -> str:
    """The detail of a bucket that is otherwise unknown."""
    listing: dict[str, Any] = {"Buckets": [{"Name": "recorded"}]}
    engine = ReplayEngine({"s3.list_buckets": listing, recording.method: recording})
    (one,) = Driver(cloud("aws"), engine).list(kind, REGION)
    if isinstance(one, Found) and call.into in one.unknown and recording.status < FIRST_BAD_STATUS:
        return f"{call.into} is unknown: {one.unknown[call.into]}"
    return _wrong_with(one)


def _wrong_with(one: Found | Unreadable) -> str:
    if isinstance(one, Unreadable):
        return f"{one.native_id or 'an item'} is unreadable: {one.reason}"
    if one.state is State.UNKNOWN:
        return f"{one.native_id}: the state {one.native_state!r} is unknown"
    return "" if one.native_id else "an item has no id"


def _moment(value: dict[str, Any]) -> Any:
    """A datetime as placebo writes it, and as it was."""
    if value.get("__class__") != "datetime":
        return value
    parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return datetime(*(int(value.get(part, 0)) for part in parts), tzinfo=UTC)


def _region_in(value: Any) -> str:
    """The region of the first availability zone anywhere in an answer: the zone without its letter."""
    if isinstance(value, Mapping):
        zone = value.get("AvailabilityZone")
        if isinstance(zone, str) and zone:
            return zone.rstrip("abcdef")
        value = list(value.values())
    if isinstance(value, list):
        return next((found for found in map(_region_in, value) if found), "")
    return ""

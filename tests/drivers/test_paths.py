"""Our compiled paths answer as the JMESPath library does, for every path of every table and much odd input."""

from typing import Any

import jmespath
import pytest

from providers.drivers.clouds import clouds
from providers.drivers.kind import Kind
from providers.drivers.paths import finder


def paths_of(kind: Kind) -> set[str]:
    calls = [call for verb in kind.calls.values() for call in verb] + list(kind.details)
    found = {*kind.fields.values(), *(path for _, path in kind.relations.values())}
    return found | {call.result for call in calls if call.result} | {call.owner for call in calls if call.owner}


PATHS = sorted({path for cloud in clouds() for kind in cloud.kinds for path in paths_of(kind)})

ODD: list[Any] = [
    None, 0, 1, True, "", "text", [], {}, [[]], [None], {"Tags": None}, {"Tags": "x"}, {"Tags": [None, 1, "x", [], {}]},
    {"Tags": [{"Key": "Name"}, {"Key": "Name", "Value": "a"}, {"Key": "Name", "Value": "b"}, {"Value": "c"}]},
    {"Reservations": [{"Instances": [{"InstanceId": "i-1", "State": {"Name": "running"}}, None]}, None, {}, "x", [1]]},
    {"Reservations": {"Instances": []}}, {"State": "x"}, {"State": {"Name": 0}}, {"State": [{"Name": 1}]},
    {"BlockDeviceMappings": [{"Ebs": {"VolumeId": "v"}}, {"Ebs": None}, {}, [{"Ebs": {"VolumeId": "w"}}]]},
    {"Attachments": [{"InstanceId": "i"}]}, {"Placement": {"AvailabilityZone": "z"}}, {"Images": [{"ImageId": "a"}]},
]  # fmt: skip


@pytest.mark.parametrize(
    "path", [*PATHS, "a[-1]", "a[0].b[1]", "length(@)", "a[1:2]", "a || b", "[a, b]", "@", "a[*].b"]
)
def test_a_compiled_path_finds_what_the_library_finds(path: str) -> None:
    odd = [*ODD, {"a": [[1, 2], {"b": [1, 2]}]}, {"a": {"b": 1}}, {"b": 2, "a": []}]
    for value in odd:
        try:
            expected = jmespath.search(path, value)
        except jmespath.exceptions.JMESPathError as error:
            with pytest.raises(type(error)):
                finder(path)(value)
        else:
            assert finder(path)(value) == expected, value

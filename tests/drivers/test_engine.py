"""The boto engine against the simulated cloud: one request per call, and every broken answer is one of ours."""

from typing import Any

import pytest

from providers.drivers.driver import Driver
from tests.conformance.bench import Bench
from tests.conformance.looking import make_quickly
from tests.simulated_aws import REGION, driver_for, driver_with
from vocabulary.errors import (
    AuthenticationFailed,
    BadAnswer,
    CloudError,
    InvalidParameter,
    ProviderDown,
    RateLimited,
    Unreachable,
)
from vocabulary.words import Verb

DESCRIBE = "ec2:DescribeVolumes"


def asked(bench: Bench, action: str) -> int:
    return int(bench.control.calls().get(action, 0))


def send(driver: Driver, method: str = "ec2.describe_volumes", **arguments: Any) -> Any:
    return driver.engine.send(method, arguments, REGION)


@pytest.mark.parametrize("fault", ["error", "throttle", "reset", "reset_after", "cut", "html", "schema"])
def test_one_send_is_one_request_however_it_ends(bench: Bench, fault: str) -> None:
    driver = driver_for(bench.sandbox, read_seconds=2)
    send(driver)
    bench.control.forget_calls()
    bench.control.fault(fault, service="ec2", action="DescribeVolumes")
    with pytest.raises(CloudError):
        send(driver)
    assert asked(bench, DESCRIBE) == 1


@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        ("html", (BadAnswer,)),
        ("schema", (BadAnswer,)),
        ("cut", (ProviderDown, BadAnswer)),
        ("reset_after", (ProviderDown,)),
        ("error", (ProviderDown,)),
    ],
)
def test_a_broken_answer_to_a_change_may_have_been_carried_out(
    bench: Bench, fault: str, kinds: tuple[type, ...]
) -> None:
    driver = driver_for(bench.sandbox, read_seconds=2)
    bench.control.fault(fault, service="ec2", action="CreateVolume")
    with pytest.raises(kinds) as caught:
        send(driver, "ec2.create_volume", AvailabilityZone="us-east-1a", Size=8)
    assert isinstance(caught.value, CloudError)
    assert caught.value.sent


def test_an_answer_that_does_not_come_is_not_waited_for_for_ever(bench: Bench) -> None:
    driver = driver_for(bench.sandbox, read_seconds=0.5)
    bench.control.fault("hold", service="ec2", action="DescribeVolumes", seconds=2, count=1)
    with pytest.raises(ProviderDown) as caught:
        send(driver)
    assert caught.value.sent


def test_a_cloud_that_is_not_there_is_unreachable_and_nothing_was_sent(bench: Bench) -> None:
    bench.driver.engine.send("ec2.describe_volumes", {}, REGION)
    driver = driver_for(bench.sandbox)
    driver.engine._sign_in = type(driver.engine._sign_in)("keys", driver.engine._sign_in.fields, "http://127.0.0.1:9")
    with pytest.raises(Unreachable) as caught:
        send(driver)
    assert not caught.value.sent


def test_looking_is_asked_again_and_a_retry_after_reaches_the_policy(bench: Bench) -> None:
    bench.control.fault("throttle", service="ec2", action="DescribeVolumes", retry_after=0, count=2)
    volumes = bench.driver.cloud.kind("volume")
    assert bench.desk.listed(volumes)
    assert asked(bench, DESCRIBE) == 3
    bench.control.fault("throttle", service="ec2", action="DescribeVolumes", retry_after=9)
    with pytest.raises(RateLimited) as caught:
        send(bench.driver)
    assert caught.value.retry_after_seconds == 9.0


def test_a_page_that_fails_ends_the_listing_with_its_error(bench: Bench) -> None:
    volumes = bench.driver.cloud.kind("volume")
    for number in range(60):
        make_quickly(bench, volumes, number)
    bench.control.fault("page_fail", service="ec2", action="DescribeVolumes")
    listing = bench.driver.list(volumes, REGION)
    assert next(listing)
    with pytest.raises(ProviderDown):
        list(listing)


def test_a_length_that_is_wrong_makes_no_listing_shorter(bench: Bench) -> None:
    volumes = bench.driver.cloud.kind("volume")
    before = bench.desk.listed(volumes)
    bench.control.fault("wrong_length", service="ec2", action="DescribeVolumes")
    try:
        listed = bench.desk.listed(volumes)
    except CloudError:
        return
    assert listed == before


def test_page_tokens_that_go_in_circles_are_noticed(bench: Bench) -> None:
    volumes = bench.driver.cloud.kind("volume")
    for number in range(60):
        make_quickly(bench, volumes, number)
    bench.control.fault("token_loop", service="ec2", action="DescribeVolumes")
    bench.control.forget_calls()
    with pytest.raises(BadAnswer, match="circles"):
        list(bench.driver.list(volumes, REGION))
    assert asked(bench, DESCRIBE) <= 4


def test_an_argument_the_sdk_s_model_refuses_is_refused_before_any_call(bench: Bench) -> None:
    with pytest.raises(InvalidParameter, match="MinCount"):
        bench.driver.engine.check("ec2.run_instances", {"MinCount": "many", "MaxCount": 1})
    assert not bench.control.calls()


@pytest.mark.promise("TR-1")
def test_who_we_are_is_what_the_cloud_says(bench: Bench) -> None:
    identity = bench.driver.engine.identity()
    assert (identity.account, identity.partition, identity.simulated) == ("111111111111", "aws", True)
    with pytest.raises(AuthenticationFailed):
        driver_with(bench.sandbox, {"access_key_id": "AKIA", "secret_access_key": "x"}).engine.identity()


def test_the_regions_are_those_the_account_can_use(bench: Bench) -> None:
    regions = bench.driver.regions()
    assert {"us-east-1", "eu-south-1"} <= set(regions)
    assert "ap-east-1" not in regions


def test_buckets_are_read_a_few_at_a_time_and_stay_in_order(bench: Bench) -> None:
    buckets = bench.driver.cloud.kind("bucket")
    names = list(bench.desk.listed(buckets))
    assert names == sorted(names)
    assert len(names) == 13


def test_a_bucket_that_vanishes_while_it_is_read_is_left_out(bench: Bench) -> None:
    buckets = bench.driver.cloud.kind("bucket")
    before = set(bench.desk.listed(buckets))
    rule = bench.control.fault("slow", service="s3", action="GetBucketTagging", seconds=0.5)
    listing = bench.driver.list(buckets, REGION)
    # The listing has been read when its first bucket comes out of it; others are asked about meanwhile.
    bench.control.delete("example-production-assets", kind="bucket")
    assert {one.native_id for one in listing} == before - {"example-production-assets"}
    bench.control.clear(rule)


def test_a_verb_that_the_kind_lacks_is_never_sent(bench: Bench) -> None:
    image = bench.driver.cloud.kind("image")
    bench.control.forget_calls()
    with pytest.raises(InvalidParameter, match="has no delete"):
        bench.desk.plan(image, Verb.DELETE, "ami-1")
    assert not bench.control.calls()

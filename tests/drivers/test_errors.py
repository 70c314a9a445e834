"""The table of errors: everything that botocore raises becomes one of ours, with who, call, why and a hint."""

import pytest
from botocore import exceptions as boto
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from providers.drivers.engines.boto_errors import CODES, translated
from vocabulary import errors as ours
from vocabulary.errors import CloudError


def refused(code: str, status: int = 400, **headers: str) -> CloudError:
    metadata = {"HTTPStatusCode": status, "RequestId": "req-1", "HTTPHeaders": headers}
    answer = {"Error": {"Code": code, "Message": "because"}, "ResponseMetadata": metadata}
    return translated(ClientError(answer, "Call"), "aws/test", "ec2.call", "us-east-1")


@pytest.mark.parametrize(("kind", "code"), [(kind, code) for kind, codes in CODES.items() for code in codes])
def test_each_code_in_the_table_is_its_error(kind: type[CloudError], code: str) -> None:
    error = refused(code)
    assert type(error) is kind
    assert (error.who, error.call, error.code, error.request_id) == ("aws/test", "ec2.call", code, "req-1")
    assert error.why == "because in us-east-1"


def test_the_region_ends_the_sentence_of_the_cloud() -> None:
    answer = {"Error": {"Code": "InvalidParameterValue", "Message": "The type 'x' is invalid."}}
    error = translated(ClientError(answer, "Call"), "aws/test", "ec2.call", "eu-central-1")
    assert error.why == "The type 'x' is invalid in eu-central-1"


def test_no_code_stands_for_two_errors() -> None:
    codes = [code for codes in CODES.values() for code in codes]
    assert len(codes) == len(set(codes))


@pytest.mark.promise("TR-4")
def test_a_quota_that_is_reached_says_so_and_what_to_do() -> None:
    error = refused("VcpuLimitExceeded")
    assert isinstance(error, ours.QuotaReached)
    assert "quota" in error.hint


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("InvalidInstanceID.NotFound", 400, ours.NotFound),
        ("InvalidVolume.NotFound", 400, ours.NotFound),
        ("NoSuchBucket", 404, ours.NotFound),
        ("Anything", 401, ours.AuthenticationFailed),
        ("Anything", 403, ours.PermissionMissing),
        ("Anything", 404, ours.NotFound),
        ("Anything", 409, ours.Conflict),
        ("Anything", 429, ours.RateLimited),
        ("Anything", 500, ours.ProviderDown),
        ("Anything", 599, ours.ProviderDown),
        ("InvalidParameterValue", 400, ours.InvalidParameter),
    ],
)
def test_a_code_that_is_not_in_the_table_falls_back_on_its_status(code: str, status: int, kind: type) -> None:
    assert type(refused(code, status)) is kind


def test_retry_after_is_read_and_nonsense_in_it_is_not() -> None:
    assert refused("SlowDown", 503, **{"retry-after": "12"}).retry_after_seconds == 12.0
    assert refused("SlowDown", 503, **{"retry-after": "soon"}).retry_after_seconds is None
    assert refused("SlowDown", 503).retry_after_seconds is None


def test_only_what_the_cloud_may_have_carried_out_counts_as_sent() -> None:
    assert refused("InternalError", 500).sent
    assert not refused("RequestLimitExceeded", 503).sent
    assert not refused("InvalidParameterValue").sent


@pytest.mark.parametrize(
    ("raised", "kind", "sent"),
    [
        (boto.EndpointConnectionError(endpoint_url="x"), ours.Unreachable, False),
        (boto.ConnectTimeoutError(endpoint_url="x"), ours.Unreachable, False),
        (boto.ReadTimeoutError(endpoint_url="x"), ours.ProviderDown, True),
        (boto.ConnectionClosedError(endpoint_url="x"), ours.ProviderDown, True),
        (boto.SSLError(endpoint_url="x", error="EOF occurred in violation of protocol"), ours.ProviderDown, True),
        (boto.SSLError(endpoint_url="x", error="[SSL: CERTIFICATE_VERIFY_FAILED] expired"), ours.Unreachable, False),
        (boto.IncompleteReadError(actual_bytes=1, expected_bytes=2), ours.ProviderDown, True),
        (ResponseParserError("html"), ours.BadAnswer, True),
        (KeyError("Account"), ours.BadAnswer, True),
        (boto.NoCredentialsError(), ours.AuthenticationFailed, False),
        (boto.ProfileNotFound(profile="x"), ours.AuthenticationFailed, False),
        (boto.UnauthorizedSSOTokenError(), ours.CredentialExpired, False),
        (boto.ParamValidationError(report="x"), ours.InvalidParameter, False),
        (boto.InvalidRegionError(region_name="x"), ours.UnknownRegion, False),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_each_local_failure_is_ours_and_says_whether_it_may_have_been_done(
    raised: Exception, kind: type[CloudError], sent: bool
) -> None:
    error = translated(raised, "aws/test", "ec2.call", "us-east-1")
    assert type(error) is kind
    assert error.sent is sent
    assert error.hint


def test_no_exception_of_botocore_stays_unmapped() -> None:
    for name in dir(boto):
        raised = getattr(boto, name)
        if isinstance(raised, type) and issubclass(raised, boto.BotoCoreError):
            instance = raised.__new__(raised)
            assert isinstance(translated(instance, "aws/test", "ec2.call", "us-east-1"), CloudError), name


def test_one_of_ours_passes_through_as_it_is() -> None:
    own = ours.UnknownRegion("aws/test", "ec2", "no such region")
    assert translated(own, "other", "call", "us-east-1") is own


def test_a_stranger_s_exception_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        translated(ZeroDivisionError(), "aws/test", "ec2.call", "us-east-1")

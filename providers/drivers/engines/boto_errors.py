"""From botocore's exceptions, and AWS's error codes, to our tree. Unmapped codes fall back on the HTTP status."""

import re
from xml.etree.ElementTree import ParseError

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from vocabulary import errors as ours
from vocabulary.errors import CloudError

#: AWS's codes by what they mean to us. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and
#: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, read 2026-11-23.
CODES: dict[type[CloudError], tuple[str, ...]] = {
    ours.CredentialExpired: ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"),
    ours.AuthenticationFailed: (
        "AuthFailure",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "SignatureDoesNotMatch",
        "InvalidAccessKeyId",
        "IncompleteSignature",
        "MissingAuthenticationToken",
        "InvalidToken",
        "InvalidSignatureException",
    ),
    ours.PermissionMissing: (
        "UnauthorizedOperation",
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",
        "Blocked",
        "OptInRequired",
    ),
    ours.RateLimited: (
        "RequestLimitExceeded",
        "Throttling",
        "ThrottlingException",
        "SlowDown",
        "TooManyRequestsException",
        "ThrottledException",
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "RequestThrottled",
    ),
    ours.QuotaReached: (
        "InstanceLimitExceeded",
        "VcpuLimitExceeded",
        "VolumeLimitExceeded",
        "MaxIOPSLimitExceeded",
        "TooManyBuckets",
        "SecurityGroupLimitExceeded",
        "RulesPerSecurityGroupLimitExceeded",
        "SnapshotLimitExceeded",
        "ResourceLimitExceeded",
        "LimitExceededException",
        "ServiceQuotaExceededException",
        "VpcLimitExceeded",
        "AddressLimitExceeded",
        "ConcurrentTagAccess",
        "TagLimitExceeded",
        "SecurityGroupsPerInstanceLimitExceeded",
        "MaxSpotInstanceCountExceeded",
    ),
    ours.NameTaken: (
        "BucketAlreadyExists",
        "BucketAlreadyOwnedByYou",
        "InvalidGroup.Duplicate",
        "InvalidKeyPair.Duplicate",
    ),
    ours.StillInUse: ("DependencyViolation", "VolumeInUse", "BucketNotEmpty", "ResourceInUse", "InvalidGroup.InUse"),
    ours.Conflict: (
        "IncorrectInstanceState",
        "IncorrectState",
        "OperationNotPermitted",
        "OperationAborted",
        "IdempotentParameterMismatch",
        "InvalidPermission.Duplicate",
        "VolumeModificationInProgress",
        "IncorrectModificationState",
        "ResourceConflict",
    ),
    ours.ProviderDown: (
        "InternalError",
        "InternalFailure",
        "ServiceUnavailable",
        "Unavailable",
        "ServiceUnavailableException",
        "InternalServerError",
    ),
    ours.UnknownRegion: ("IllegalLocationConstraintException", "InvalidRegion"),
}
_BY_CODE = {code: kind for kind, codes in CODES.items() for code in codes}
_BY_STATUS = {
    401: ours.AuthenticationFailed,
    403: ours.PermissionMissing,
    404: ours.NotFound,
    409: ours.Conflict,
    429: ours.RateLimited,
}
_NOT_FOUND = re.compile(r"(\.NotFound|NotFoundException)$|^NoSuch|^InvalidAMIID\.Unavailable$")

HINTS: dict[type[CloudError], str] = {
    ours.CredentialExpired: "Sign in again, or replace the credential.",
    ours.AuthenticationFailed: (
        "Look at the access key ID and the secret access key, and whether the key is still active."
    ),
    ours.PermissionMissing: "Ask an administrator of the AWS account to allow this action; `doctor` prints the policy.",
    ours.RateLimited: "Nothing was done. It is asked again by itself.",
    ours.QuotaReached: "Ask AWS for a larger quota, or choose less.",
    ours.NameTaken: "Choose another name.",
    ours.StillInUse: "Remove what uses it first.",
    ours.ProviderDown: "See https://health.aws.amazon.com/health/status.",
    ours.NotFound: "It may have been deleted outside this product; read the account again.",
}


TLS_FAILED = "no secure connection could be made to the endpoint"
TLS_HINT = "Check the certificate of the endpoint, or name its CA file."
UNSURE = "It is not known whether the call was carried out; it is looked up first."
_UNREACHED: tuple[type[Exception], ...] = (
    boto.ConnectTimeoutError,
    boto.EndpointConnectionError,
    boto.ProxyConnectionError,
)

#: botocore's own exceptions, the first that fits: which of ours they become, and the hint. Sub-classes stand first.
LOCAL: tuple[tuple[tuple[type[Exception], ...], type[CloudError], str], ...] = (
    ((boto.ParamValidationError,), ours.InvalidParameter, "Correct the parameter that is named."),
    (
        (boto.UnauthorizedSSOTokenError, boto.SSOTokenLoadError, boto.TokenRetrievalError),
        ours.CredentialExpired,
        "Run `aws sso login` for this profile, then try again.",
    ),
    (
        (boto.NoCredentialsError, boto.PartialCredentialsError, boto.ProfileNotFound, boto.CredentialRetrievalError),
        ours.AuthenticationFailed,
        HINTS[ours.AuthenticationFailed],
    ),
    (_UNREACHED, ours.Unreachable, "Check the network, the proxy and the endpoint, then try again."),
    (
        (boto.InvalidRegionError, boto.UnknownEndpointError, boto.NoRegionError),
        ours.UnknownRegion,
        "Choose one of the account's regions.",
    ),
    ((ResponseParserError,), ours.BadAnswer, UNSURE),
    (
        (boto.HTTPClientError, boto.IncompleteReadError, boto.ReadTimeoutError, boto.ConnectionError),
        ours.ProviderDown,
        UNSURE,
    ),
    # Outside its parsers botocore reads some XML by itself, and it follows redirects of S3 until Python ends it.
    ((ParseError, RecursionError), ours.BadAnswer, UNSURE),
    ((boto.BotoCoreError, ValueError, KeyError, TypeError, AttributeError, OSError), ours.BadAnswer, UNSURE),
)


def translated(error: Exception, who: str, call: str, region: str, *, own_endpoint: bool = False) -> CloudError:
    """One of our errors for anything that a botocore call raised; CloudErrors pass through.

    `own_endpoint`: a person chose the address, so that nothing is told of what broke TLS there.
    """
    # botocore wraps what a connection's own checks raised.
    inner = getattr(error, "kwargs", {}).get("error") if isinstance(error, boto.HTTPClientError) else error
    if isinstance(inner, CloudError):
        return inner
    if isinstance(error, boto.ClientError):
        return _refused(error, who, call, region)
    why = (str(error) or type(error).__name__)[:500]
    # A certificate is judged before anything is sent; any other failure of TLS may come in the middle of an answer.
    if isinstance(error, boto.SSLError):
        unsent = "CERTIFICATE_VERIFY_FAILED" in why
        why = TLS_FAILED if own_endpoint else why
        if unsent:
            return ours.Unreachable(who, call, why, TLS_HINT)
    for classes, kind, hint in LOCAL:
        if isinstance(error, classes):
            return kind(who, call, why if kind is not ours.BadAnswer else f"the answer cannot be read: {why}", hint)
    raise error


def _refused(error: boto.ClientError, who: str, call: str, region: str) -> CloudError:
    answer = error.response.get("Error", {})
    metadata = error.response.get("ResponseMetadata", {})
    code, status = str(answer.get("Code", "")), int(metadata.get("HTTPStatusCode", 0))
    kind = _kind_of(code, status)
    why = str(answer.get("Message") or code or f"HTTP {status}")
    headers = metadata.get("HTTPHeaders", {})
    return kind(
        who,
        call,
        why if region in why or not region else f"{why.rstrip().removesuffix('.')} in {region}",
        HINTS.get(kind, ""),
        code=code,
        request_id=str(metadata.get("RequestId", "")),
        retry_after_seconds=_seconds(headers.get("retry-after")),
        sent=True if issubclass(kind, ours.ProviderDown) else None,
    )


def _kind_of(code: str, status: int) -> type[CloudError]:
    if code in _BY_CODE:
        return _BY_CODE[code]
    if _NOT_FOUND.search(code):
        return ours.NotFound
    if status >= 500:
        return ours.ProviderDown
    return _BY_STATUS.get(status, ours.InvalidParameter)


def _seconds(value: object) -> float | None:
    try:
        return max(0.0, float(str(value)))
    except ValueError:
        return None

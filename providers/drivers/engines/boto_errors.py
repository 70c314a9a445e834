"""From botocore's exceptions, and AWS's error codes, to our tree. Unmapped codes fall back on the HTTP status."""

import re

from botocore import exceptions as boto

from vocabulary import errors as ours
from vocabulary.errors import CloudError

#: AWS's codes by what they mean to us. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and
#: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, read 2026-11-23.
CODES: dict[type[CloudError], tuple[str, ...]] = {
    ours.CredentialExpired: ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"),
    ours.AuthenticationFailed: (
        "AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidAccessKeyId",
        "IncompleteSignature", "MissingAuthenticationToken", "InvalidToken", "InvalidSignatureException",
    ),
    ours.PermissionMissing: (
        "UnauthorizedOperation", "AccessDenied", "AccessDeniedException", "AllAccessDisabled", "Blocked", "OptInRequired",
    ),
    ours.RateLimited: (
        "RequestLimitExceeded", "Throttling", "ThrottlingException", "SlowDown", "TooManyRequestsException",
        "ThrottledException", "BandwidthLimitExceeded", "EC2ThrottledException", "RequestThrottled",
    ),
    ours.QuotaReached: (
        "InstanceLimitExceeded", "VcpuLimitExceeded", "VolumeLimitExceeded", "MaxIOPSLimitExceeded", "TooManyBuckets",
        "SecurityGroupLimitExceeded", "RulesPerSecurityGroupLimitExceeded", "SnapshotLimitExceeded", "ResourceLimitExceeded",
        "LimitExceededException", "ServiceQuotaExceededException", "VpcLimitExceeded", "AddressLimitExceeded",
        "ConcurrentTagAccess", "TagLimitExceeded", "SecurityGroupsPerInstanceLimitExceeded", "MaxSpotInstanceCountExceeded",
    ),
    ours.NameTaken: ("BucketAlreadyExists", "BucketAlreadyOwnedByYou", "InvalidGroup.Duplicate", "InvalidKeyPair.Duplicate"),
    ours.StillInUse: ("DependencyViolation", "VolumeInUse", "BucketNotEmpty", "ResourceInUse", "InvalidGroup.InUse"),
    ours.Conflict: (
        "IncorrectInstanceState", "IncorrectState", "OperationNotPermitted", "OperationAborted", "IdempotentParameterMismatch",
        "InvalidPermission.Duplicate", "VolumeModificationInProgress", "IncorrectModificationState", "ResourceConflict",
    ),
    ours.ProviderDown: (
        "InternalError", "InternalFailure", "ServiceUnavailable", "Unavailable", "ServiceUnavailableException", "InternalServerError",
    ),
    ours.UnknownRegion: ("IllegalLocationConstraintException", "InvalidRegion"),
}
_BY_CODE = {code: kind for kind, codes in CODES.items() for code in codes}
_BY_STATUS = {401: ours.AuthenticationFailed, 403: ours.PermissionMissing, 404: ours.NotFound, 409: ours.Conflict,
              429: ours.RateLimited}
_NOT_FOUND = re.compile(r"(\.NotFound|NotFoundException)$|^NoSuch|^InvalidAMIID\.Unavailable$")

HINTS: dict[type[CloudError], str] = {
    ours.CredentialExpired: "Sign in again, or replace the credential.",
    ours.AuthenticationFailed: "Look at the access key ID and the secret access key, and whether the key is still active.",
    ours.PermissionMissing: "Ask an administrator of the AWS account to allow this action; `doctor` prints the policy.",
    ours.RateLimited: "Nothing was done. It is asked again by itself.",
    ours.QuotaReached: "Ask AWS for a larger quota, or choose less.",
    ours.NameTaken: "Choose another name.",
    ours.StillInUse: "Remove what uses it first.",
    ours.ProviderDown: "See https://health.aws.amazon.com/health/status.",
    ours.NotFound: "It may have been deleted outside this product; read the account again.",
}


def translated(error: Exception, who: str, call: str, region: str) -> CloudError:
    """One of our errors for anything that a botocore call raised; CloudErrors pass through."""
    if isinstance(error, CloudError):
        return error
    if isinstance(error, boto.ClientError):
        return _refused(error, who, call, region)
    why = str(error) or type(error).__name__
    if isinstance(error, boto.ParamValidationError):
        return ours.InvalidParameter(who, call, why, "Correct the parameter that is named.")
    if isinstance(error, boto.UnauthorizedSSOTokenError | boto.SSOTokenLoadError | boto.TokenRetrievalError):
        return ours.CredentialExpired(who, call, why, "Run `aws sso login` for this profile, then try again.")
    if isinstance(error, boto.NoCredentialsError | boto.PartialCredentialsError | boto.ProfileNotFound
                  | boto.CredentialRetrievalError):
        return ours.AuthenticationFailed(who, call, why, HINTS[ours.AuthenticationFailed])
    if isinstance(error, boto.ConnectTimeoutError | boto.EndpointConnectionError | boto.ProxyConnectionError | boto.SSLError):
        return ours.Unreachable(who, call, why, "Check the network, the proxy and the endpoint, then try again.")
    if isinstance(error, boto.ResponseParserError):
        return ours.BadAnswer(who, call, f"the answer cannot be read: {why[:300]}")
    if isinstance(error, boto.InvalidRegionError | boto.UnknownEndpointError | boto.NoRegionError):
        return ours.UnknownRegion(who, call, why, "Choose one of the account's regions.")
    if isinstance(error, boto.HTTPClientError | boto.IncompleteReadError | boto.ReadTimeoutError | boto.ConnectionError):
        return ours.ProviderDown(who, call, why, "It is not known whether the call was carried out; it is looked up first.")
    if isinstance(error, boto.BotoCoreError | ValueError | KeyError | TypeError | AttributeError | OSError):
        return ours.BadAnswer(who, call, f"{type(error).__name__}: {why[:300]}")
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
        why if region in why or not region else f"{why} in {region}",
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

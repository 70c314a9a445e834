"""Who is asking: Signature Version 4 checked for real, long-lived and temporary keys, and what a key may not do."""

import hashlib
import hmac
import re
import time
from calendar import timegm
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.aws.errors import Refused
from sandbox.http import Request
from sandbox.store import Store, Thing

#: The accounts, by number: name, access key and secret of its user `multicloud`.
ACCOUNTS = {
    "111111111111": ("production", "AKIASANDBOXPRODUCTION", "sandbox-production-secret"),
    "222222222222": ("staging", "AKIASANDBOXSTAGING000", "sandbox-staging-secret"),
    "333333333333": ("data", "AKIASANDBOXDATA000000", "sandbox-data-secret"),
}
#: The keys that the specification's snippets show sign in to production.
DOCUMENTED_KEY = ("111111111111", "your-access-key", "your-secret-key")

MAXIMUM_SKEW = 15 * 60

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request,\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})"
)
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Claim:
    """What a request says of itself in its Authorization header. Nothing of it is proven yet."""

    key: str
    date: str
    region: str
    service: str
    signed: tuple[str, ...]
    signature: str


def claim_of(request: Request) -> Claim | None:
    """The claim of a signed request; None when there is no readable signature."""
    found = _HEADER.match(request.headers.get("authorization", ""))
    if not found:
        return None
    key, date, region, service, signed, signature = found.groups()
    return Claim(key, date, region, service, tuple(signed.split(";")), signature)


# Which code each service has for a key nobody knows.
_UNKNOWN_KEY = {
    "ec2": ("AuthFailure", "AWS was not able to validate the provided access credentials", 401),
    "s3": ("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403),
    "json": ("UnrecognizedClientException", "The security token included in the request is invalid.", 400),
    "query": ("InvalidClientTokenId", "The security token included in the request is invalid.", 403),
}
_WRONG_SECRET = (
    "The request signature we calculated does not match the signature you provided. Check your key and signing method."
)


def unknown_key(service: str, protocol: str) -> Refused:
    code, message, status = _UNKNOWN_KEY.get(service) or _UNKNOWN_KEY.get(protocol) or _UNKNOWN_KEY["json"]
    return Refused(code, message, status)


def find_key(store: Store, key: str) -> Thing | None:
    """The access key with this id, of whichever account."""
    found = (store.shelf(account, "", "access-key").get(key) for account in ACCOUNTS)
    return next((thing for thing in found if thing), None)


def identify(store: Store, claim: Claim, request: Request, protocol: str, now: float) -> Thing:
    """The key that signed this request, its signature checked. Raises Refused in the words of the service."""
    key = find_key(store, claim.key)
    if key is None or key.state != "Active":
        raise unknown_key(claim.service, protocol)
    token = key.hidden.get("token", "")
    if not hmac.compare_digest(token.encode(), request.headers.get("x-amz-security-token", "").encode()):
        raise unknown_key(claim.service, protocol)
    if key.hidden.get("expires", now + 1) <= now:
        expired = {"ec2": "RequestExpired", "json": "ExpiredTokenException"}.get(protocol, "ExpiredToken")
        raise Refused(
            expired, "The security token included in the request is expired", 403 if protocol == "query" else 400
        )
    check_time(claim, request)
    expected = signature(claim, request, key.hidden["secret"])
    if not hmac.compare_digest(expected, claim.signature):
        raise Refused("SignatureDoesNotMatch", _WRONG_SECRET, 403)
    check_payload(request)
    return key


def check_time(claim: Claim, request: Request) -> None:
    """Refuse a signature that is too old or too young, or whose scope is of another day."""
    stamp = request.headers.get("x-amz-date", "")
    try:
        moment = timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        raise Refused("IncompleteSignature", "The request lacks a readable X-Amz-Date", 400) from None
    if not stamp.startswith(claim.date):
        raise Refused("SignatureDoesNotMatch", "Date in Credential scope does not match X-Amz-Date", 403)
    if abs(time.time() - moment) > MAXIMUM_SKEW:
        code = {"s3": "RequestTimeTooSkewed", "ec2": "RequestExpired"}.get(claim.service, "SignatureDoesNotMatch")
        raise Refused(code, "The difference between the request time and the current time is too large.", 403)


def signature(claim: Claim, request: Request, secret: str) -> str:
    """The signature that this request should have, by botocore's own signer."""
    scheme = S3SigV4Auth if claim.service == "s3" else SigV4Auth
    signer = scheme(Credentials(claim.key, secret), claim.service, claim.region)
    url = f"http://{request.headers.get('host', '')}{request.target}"
    headers = {name: request.headers.get(name, "") for name in claim.signed}
    signed = AWSRequest(request.method, url, headers, request.body)
    # The hash may be announced in a header that is not signed itself; the body is compared with it below.
    if "x-amz-content-sha256" in request.headers and "x-amz-content-sha256" not in headers:
        raise Refused("AccessDenied", "x-amz-content-sha256 must be signed", 403)
    signed.context["timestamp"] = request.headers["x-amz-date"]
    return str(signer.signature(signer.string_to_sign(signed, signer.canonical_request(signed)), signed))


def check_payload(request: Request) -> None:
    said = request.headers.get("x-amz-content-sha256", "")
    if _HASH.fullmatch(said) and hashlib.sha256(request.body).hexdigest() != said:
        raise Refused(
            "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed."
        )


def denied(key: Thing, *actions: str) -> str:
    """The first of these actions that the key may not do, or an empty text."""
    patterns: list[str] = key.hidden.get("deny", [])
    for action in actions:
        if any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns):
            return action
    return ""


def arn_of(key: Thing) -> str:
    return str(key.data["Arn"])


def unchunked(request: Request) -> bytes:
    """The bytes inside an aws-chunked body (streaming uploads); other bodies as they are."""
    if not request.headers.get("x-amz-content-sha256", "").startswith("STREAMING-"):
        return request.body
    parts, rest = [], request.body
    while rest:
        head, _, rest = rest.partition(b"\r\n")
        size = int(head.split(b";")[0], 16)
        if not size:
            break
        parts.append(rest[:size])
        rest = rest[size + 2 :]
    return b"".join(parts)


def user_key(account: str, key: str, secret: str, created: str, user: str = "multicloud") -> Thing:
    """A long-lived key of an IAM user."""
    data: dict[str, Any] = {
        "Arn": f"arn:aws:iam::{account}:user/{user}",
        "UserId": "AIDA" + hashlib.sha256(f"{account}/{user}".encode()).hexdigest()[:17].upper(),
        "UserName": user,
        "CreateDate": created,
    }
    return Thing(account, "", "access-key", key, data, state="Active", hidden={"secret": secret})

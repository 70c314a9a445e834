"""One tree of errors. Every failure says who refused, which call it was, why, and what to do about it.

    CloudError
    ├── AuthenticationFailed      wrong key, unknown profile
    │   └── CredentialExpired
    ├── PermissionMissing         signed in, but not allowed
    ├── NotFound                  the thing is not there
    ├── InvalidParameter          the request makes no sense
    │   ├── UnknownRegion
    │   ├── ConfigurationError    a flag, a variable or the configuration file says something that makes no sense
    │   └── Unsupported           this cloud or kind has no such verb
    │       └── NotYetSupported   this product does not do it yet
    ├── Conflict                  the state of things forbids it
    │   ├── NameTaken
    │   ├── StillInUse
    │   └── PlanChanged           what was approved is not what would run
    ├── QuotaReached
    ├── RateLimited               asked too often
    ├── ProviderDown              5xx, or no answer; `sent` says whether it may have been done
    │   ├── Unreachable
    │   └── CircuitOpen
    ├── BadAnswer                 an answer nobody can read
    ├── ForbiddenEndpoint         an address this product never calls
    ├── NotAllowed                our own rules (role, observe mode, guard) refuse
    ├── VaultError                a secret cannot be read
    ├── AuditUnavailable          the record cannot be written, so the call does not go out
    └── LeaseLost                 another worker took over

Engines turn every SDK exception into one of these at the border; nothing above an engine catches an SDK's class or
parses a message. A REST answer, a page and the CLI render the same four fields.
"""

from typing import Any


class CloudError(Exception):
    """A cloud refused, or could not be reached. Carries all that a face needs to explain it.

    `status` is the HTTP status a REST answer has. `retryable`: asking again later may work without anybody changing
    anything. `sent`: the request may have reached the cloud and may have taken effect, so that a changing call must be
    looked up before it is repeated. `retry_after_seconds` is what the cloud asked for, or None.
    """

    status = 502
    retryable = False
    sent = False

    def __init__(
        self,
        who: str,
        call: str,
        why: str,
        hint: str = "",
        *,
        code: str = "",
        request_id: str = "",
        retry_after_seconds: float | None = None,
        sent: bool | None = None,
    ) -> None:
        super().__init__(f"{who}: {why} ({call})")
        self.who, self.call, self.why, self.hint = who, call, why, hint
        self.code, self.request_id, self.retry_after_seconds = code, request_id, retry_after_seconds
        if sent is not None:
            self.sent = sent

    def __reduce__(self) -> Any:
        keywords = {
            "code": self.code,
            "request_id": self.request_id,
            "retry_after_seconds": self.retry_after_seconds,
            "sent": self.sent,
        }
        return _rebuild, (type(self), (self.who, self.call, self.why, self.hint), keywords)

    def as_dict(self) -> dict[str, Any]:
        """The error as plain values, for a journal row, a JSON answer or a log line."""
        return {
            "type": type(self).__name__,
            "who": self.who,
            "call": self.call,
            "why": self.why,
            "hint": self.hint,
            "code": self.code,
            "request_id": self.request_id,
            "retryable": self.retryable,
        }


def _rebuild(kind: type[CloudError], positional: tuple[str, ...], keywords: dict[str, Any]) -> CloudError:
    return kind(*positional, **keywords)


class AuthenticationFailed(CloudError):
    status = 401


class CredentialExpired(AuthenticationFailed):
    pass


class PermissionMissing(CloudError):
    status = 403


class NotFound(CloudError):
    status = 404


class InvalidParameter(CloudError):
    status = 422


class UnknownRegion(InvalidParameter):
    pass


class ConfigurationError(InvalidParameter):
    """`who` is where the value stands (a file with its line, a variable, a flag) and `call` is the key."""


class Unsupported(InvalidParameter):
    status = 405


class NotYetSupported(Unsupported):
    status = 501


class Conflict(CloudError):
    status = 409


class NameTaken(Conflict):
    pass


class StillInUse(Conflict):
    pass


class PlanChanged(Conflict):
    pass


class QuotaReached(CloudError):
    status = 409


class RateLimited(CloudError):
    status, retryable = 429, True


class ProviderDown(CloudError):
    """The cloud answered 5xx, or the connection broke. Unless said otherwise the request may have been carried out."""

    status, retryable, sent = 503, True, True


class Unreachable(ProviderDown):
    """No connection was made, so nothing was carried out."""

    sent = False


class CircuitOpen(ProviderDown):
    """Not asked, because the last answers of this account's service were all failures."""

    sent = False


class BadAnswer(CloudError):
    """An answer arrived that cannot be read: HTML, half a body, another schema."""

    retryable, sent = True, True


class ForbiddenEndpoint(CloudError):
    status = 422


class NotAllowed(CloudError):
    status = 403


class VaultError(CloudError):
    status = 500


class AuditUnavailable(CloudError):
    status, retryable = 503, True


class LeaseLost(CloudError):
    status = 409

"""A refusal in the vendor's words, and how each protocol writes it down."""

import json
from typing import Any
from xml.sax.saxutils import escape

from sandbox.http import Reply


class Refused(Exception):
    """The cloud says no. `code` is the vendor's own; `extra` are further elements of the error (S3), `headers` of the
    answer.
    """

    def __init__(
        self, code: str, message: str, status: int = 400, headers: dict[str, str] | None = None, **extra: str
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status, self.headers, self.extra = code, message, status, headers or {}, extra


def missing(name: str) -> Refused:
    return Refused("MissingParameter", f"The request must contain the parameter {name}")


def invalid(name: str, value: Any, why: str = "") -> Refused:
    return Refused("InvalidParameterValue", f"Value ({value}) for parameter {name} is invalid. {why}".strip())


def throttled(protocol: str, service: str, after: int) -> Refused:
    headers = {"Retry-After": str(after)}
    if service == "s3":
        return Refused("SlowDown", "Please reduce your request rate.", 503, headers)
    if protocol == "ec2":
        return Refused("RequestLimitExceeded", "Request limit exceeded.", 503, headers)
    if protocol == "query":
        return Refused("Throttling", "Rate exceeded", 400, headers)
    return Refused("ThrottlingException", "Rate exceeded", 400, headers)


def broken(protocol: str, status: int) -> Refused:
    """The vendor's own failure, with this status."""
    if protocol == "rest-xml":
        code = {500: "InternalError", 503: "ServiceUnavailable"}.get(status, "InternalError")
    else:
        code = {500: "InternalError", 502: "BadGateway", 503: "Unavailable"}.get(status, "InternalFailure")
    return Refused(code, "We encountered an internal error. Please try again.", status)


def written(protocol: str, refused: Refused, request_id: str) -> Reply:
    """The refusal as an answer of this protocol."""
    code, message = escape(refused.code), escape(refused.message)
    headers = {"Content-Type": "text/xml;charset=UTF-8", **refused.headers}
    if protocol == "ec2":
        text = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    elif protocol == "query":
        kind = "Sender" if refused.status < 500 else "Receiver"
        text = (
            f"<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    elif protocol == "rest-xml":
        further = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in refused.extra.items())
        text = (
            f"<Error><Code>{code}</Code><Message>{message}</Message>{further}"
            f"<RequestId>{request_id}</RequestId><HostId>sandbox</HostId></Error>"
        )
        headers["Content-Type"] = "application/xml"
    else:
        headers |= {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": refused.code}
        body = json.dumps({"__type": refused.code, "message": refused.message})
        return Reply(refused.status, body.encode(), headers)
    return Reply(refused.status, ('<?xml version="1.0" encoding="UTF-8"?>\n' + text).encode(), headers)

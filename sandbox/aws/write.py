"""Answers onto the wire, by the vendor's model. Handlers give values with boto3's names; a name the model lacks is a
bug.
"""

import base64
import json
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from sandbox.aws.models import Service
from sandbox.http import Reply

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

#: Roots of S3's answers that are not the output shape's name.
ROOTS = {
    "ListBuckets": "ListAllMyBucketsResult",
    "ListObjectsV2": "ListBucketResult",
    "ListObjectVersions": "ListVersionsResult",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLogging": "BucketLoggingStatus",
}

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(value: str) -> str:
    """A text inside an XML element. Characters that XML cannot carry become the replacement character."""
    escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    return escaped if escaped.isascii() and escaped.isprintable() else _FORBIDDEN.sub("\ufffd", escaped)


def answer(service: Service, operation: OperationModel, values: dict[str, Any], request_id: str) -> Reply:
    """The handler's values as the answer of this operation."""
    if service.protocol == "ec2":
        return _ec2(service, operation, values, request_id)
    if service.protocol == "query":
        return _query(service, operation, values, request_id)
    if service.protocol == "rest-xml":
        return _rest_xml(service, operation, values)
    body = json.dumps(json_value(values, operation.output_shape) if operation.output_shape else {})
    kind = "application/json" if service.protocol == "rest-json" else "application/x-amz-json-1.1"
    return Reply(200, body.encode(), {"Content-Type": kind})


def _ec2(service: Service, operation: OperationModel, values: dict[str, Any], request_id: str) -> Reply:
    out: list[str] = []
    if operation.output_shape:
        members(out, values, operation.output_shape)
    else:
        out.append("<return>true</return>")
    name = f"{operation.name}Response"
    body = (
        f'{DECLARATION}<{name} xmlns="{service.namespace}"><requestId>{request_id}</requestId>{"".join(out)}</{name}>'
    )
    return Reply(200, body.encode(), {"Content-Type": "text/xml;charset=UTF-8"})


def _query(service: Service, operation: OperationModel, values: dict[str, Any], request_id: str) -> Reply:
    out: list[str] = []
    shape = operation.output_shape
    if shape:
        wrapper = shape.serialization.get("resultWrapper", f"{operation.name}Result")
        out.append(f"<{wrapper}>")
        members(out, values, shape)
        out.append(f"</{wrapper}>")
    out.append(f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>")
    name = f"{operation.name}Response"
    body = f'{DECLARATION}<{name} xmlns="{service.namespace}">{"".join(out)}</{name}>'
    return Reply(200, body.encode(), {"Content-Type": "text/xml"})


def _rest_xml(service: Service, operation: OperationModel, values: dict[str, Any]) -> Reply:
    shape = operation.output_shape
    status = operation.http.get("responseCode", 200)
    if shape is None:
        return Reply(status)
    headers, inner = {}, {}
    for name, value in values.items():
        member = shape.members[name]
        place, wire = member.serialization.get("location"), member.serialization.get("name", name)
        if place == "header":
            headers[wire] = (
                format_datetime(as_datetime(value), usegmt=True) if member.type_name == "timestamp" else plain(value)
            )
        elif place == "headers":
            headers |= {f"{wire}{key}": item for key, item in value.items()}
        else:
            inner[name] = value
    payload = shape.serialization.get("payload")
    if payload and shape.members[payload].type_name in ("blob", "string"):
        raw = inner.get(payload, b"")
        return Reply(status, raw if isinstance(raw, bytes) else raw.encode(), headers)
    body_shape = shape.members[payload] if payload else shape
    if not payload and not any("location" not in m.serialization for m in shape.members.values()):
        return Reply(status, b"", headers)
    out: list[str] = []
    members(out, inner.get(payload, {}) if payload else inner, body_shape)
    root = ROOTS.get(operation.name) or body_shape.serialization.get("name") or body_shape.name
    if operation.name == "GetBucketLocation":
        # The one answer of S3 whose root is a plain value.
        out, root = [text(values.get("LocationConstraint") or "")], "LocationConstraint"
    body = f'{DECLARATION}<{root} xmlns="{service.namespace}">{"".join(out)}</{root}>'
    return Reply(status, body.encode(), {"Content-Type": "application/xml", **headers})


def members(out: list[str], values: dict[str, Any], shape: StructureShape) -> None:
    """The members of a structure as XML elements."""
    known = shape.members
    for name, value in values.items():
        if value is None:
            continue
        member = known[name]
        wire = member.serialization.get("name", name)
        if not member.serialization.get("xmlAttribute"):
            element(out, wire, value, member)


def element(out: list[str], name: str, value: Any, shape: Shape) -> None:
    """One value as an XML element."""
    if isinstance(shape, ListShape):
        item = shape.member.serialization.get("name", "member")
        if shape.serialization.get("flattened"):
            for one in value:
                element(out, shape.member.serialization.get("name", name), one, shape.member)
            return
        out.append(f"<{name}>")
        for one in value:
            element(out, item, one, shape.member)
        out.append(f"</{name}>")
    elif isinstance(shape, StructureShape):
        out.append(f"<{name}{attributes(value, shape)}>")
        members(out, value, shape)
        out.append(f"</{name}>")
    elif isinstance(shape, MapShape):
        for key, one in value.items():
            out.append(f"<entry><key>{text(key)}</key>")
            element(out, "value", one, shape.value)
            out.append("</entry>")
    elif shape.type_name == "timestamp":
        out.append(f"<{name}>{as_datetime(value).strftime('%Y-%m-%dT%H:%M:%S.000Z')}</{name}>")
    else:
        out.append(f"<{name}>{text(plain(value))}</{name}>")


def attributes(value: dict[str, Any], shape: StructureShape) -> str:
    said = ""
    for name, member in shape.members.items():
        if member.serialization.get("xmlAttribute") and name in value:
            wire = member.serialization["name"]
            said += f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" {wire}="{text(value[name])}"'
    return said


def plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value)


def as_datetime(value: Any) -> datetime:
    """A moment given as ISO text, seconds or datetime."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    return datetime.fromisoformat(value.replace("Z", "+00:00"))


def json_value(value: Any, shape: Shape) -> Any:
    if isinstance(shape, StructureShape):
        known = shape.members
        return {
            known[name].serialization.get("name", name): json_value(one, known[name])
            for name, one in value.items()
            if one is not None
        }
    if isinstance(shape, ListShape):
        return [json_value(one, shape.member) for one in value]
    if isinstance(shape, MapShape):
        return {key: json_value(one, shape.value) for key, one in value.items()}
    return as_datetime(value).timestamp() if shape.type_name == "timestamp" else value

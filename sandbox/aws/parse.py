"""Requests into parameters, by the vendor's model, refusing what the model refuses.

The parameters have the names that boto3 uses, whatever they are called on the wire.
"""

import base64
import binascii
import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree as ET

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from sandbox.aws.errors import Refused, invalid, missing
from sandbox.aws.models import wire_name
from sandbox.http import Request

Tree = dict[str, Any]


def form(request: Request) -> dict[str, str]:
    """The fields of a form post (query and ec2 protocols)."""
    return dict(parse_qsl(request.body.decode("utf-8", "replace") or request.query, keep_blank_values=True))


def query_parameters(fields: dict[str, str], operation: OperationModel, protocol: str) -> dict[str, Any]:
    """Parameters of the query and ec2 protocols: `Filter.1.Value.2=web` and its like."""
    tree: Tree = {}
    for name, value in fields.items():
        at = tree
        *heads, last = name.split(".")
        for head in heads:
            at = at.setdefault(head, {})
            if not isinstance(at, dict):
                raise Refused("MalformedQueryString", f"{name} is both a value and a structure")
        at[last] = value
    tree.pop("Action", None)
    tree.pop("Version", None)
    shape = operation.input_shape
    return _structure(tree, shape, protocol, "") if shape else {}


def _structure(tree: Any, shape: StructureShape, protocol: str, path: str) -> dict[str, Any]:
    if not isinstance(tree, dict):
        raise invalid(path, tree, "A structure was expected.")
    values: dict[str, Any] = {}
    left = dict(tree)
    for name, member in shape.members.items():
        wire = wire_name(name, member, protocol)
        if member.type_name == "list" and protocol == "query" and member.serialization.get("flattened"):
            wire = str(member.member.serialization.get("name", wire))
        if wire in left:
            values[name] = _value(left.pop(wire), member, protocol, f"{path}{wire}")
    for name in left:
        raise Refused("UnknownParameter", f"The parameter {path}{name} is not recognized")
    check_required(values, shape, path)
    return values


def check_required(values: dict[str, Any], shape: StructureShape, path: str) -> None:
    for name in shape.required_members:
        if name not in values:
            raise missing(f"{path.rstrip('.')}.{name}".lstrip("."))


def _value(raw: Any, shape: Shape, protocol: str, path: str) -> Any:
    if isinstance(shape, StructureShape):
        return _structure(raw, shape, protocol, f"{path}.")
    if isinstance(shape, ListShape):
        if raw == "":
            return []
        inner = raw
        if protocol == "query" and not shape.serialization.get("flattened"):
            inner = raw.get("member", raw) if isinstance(raw, dict) else raw
        if not isinstance(inner, dict) or not all(key.isdigit() for key in inner):
            raise invalid(path, "…", "A numbered list was expected.")
        return [_value(inner[key], shape.member, protocol, f"{path}.{key}") for key in sorted(inner, key=int)]
    if isinstance(shape, MapShape):
        entries = raw.get("entry", raw)
        return {e["key"]: _value(e["value"], shape.value, protocol, path) for e in entries.values()}
    if isinstance(raw, dict):
        raise invalid(path, "…", "A plain value was expected.")
    return scalar(raw, shape, path)


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


def _timestamp(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return parsedate_to_datetime(text)


SCALARS: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "boolean": _boolean,
    "timestamp": _timestamp,
    "blob": lambda text: base64.b64decode(text, validate=True),
}


def scalar(raw: str, shape: Shape, path: str) -> Any:
    """A text from the wire as the model's type. Raises Refused where it is not one, or is not allowed."""
    try:
        value = SCALARS.get(shape.type_name, str)(raw)
    except (ValueError, KeyError, TypeError, OverflowError, binascii.Error):
        raise invalid(path, raw, f"It is not of type {shape.type_name}.") from None
    check_scalar(value, shape, path)
    return value


def check_scalar(value: Any, shape: Shape, path: str) -> None:
    allowed = getattr(shape, "enum", None)
    if allowed and value not in allowed:
        raise invalid(path, value, f"It must be one of {', '.join(allowed[:40])}.")
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    size = len(value) if isinstance(value, str | bytes) else value
    if isinstance(size, int | float) and not isinstance(value, bool):
        if low is not None and size < low:
            raise invalid(path, value, f"The least is {low}.")
        if high is not None and size > high:
            raise invalid(path, value, f"The most is {high}.")


def json_parameters(request: Request, operation: OperationModel) -> dict[str, Any]:
    """Parameters of the JSON 1.1 protocol."""
    try:
        raw = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        raise Refused("SerializationException", "The request body is not JSON") from None
    shape = operation.input_shape
    return _json_value(raw, shape, "") if shape else {}


def _json_value(raw: Any, shape: Shape, path: str) -> Any:
    expected = {"structure": dict, "list": list, "map": dict, "string": str, "boolean": bool}.get(shape.type_name)
    if expected and not isinstance(raw, expected):
        raise Refused("SerializationException", f"{path or 'The request'} is not of type {shape.type_name}")
    if isinstance(shape, StructureShape):
        values = {}
        for name, member in shape.members.items():
            key = member.serialization.get("name", name)
            if raw.get(key) is not None:
                values[name] = _json_value(raw[key], member, f"{path}.{name}".lstrip("."))
        absent = [name for name in shape.required_members if name not in values]
        if absent:
            raise Refused(
                "ValidationException", f"Value at '{absent[0]}' failed to satisfy constraint: Member must not be null"
            )
        return values
    if isinstance(shape, ListShape):
        return [_json_value(item, shape.member, f"{path}.{i}") for i, item in enumerate(raw)]
    if isinstance(shape, MapShape):
        return {key: _json_value(value, shape.value, f"{path}.{key}") for key, value in raw.items()}
    return scalar(str(raw), shape, path) if shape.type_name in ("timestamp", "integer", "long") else raw


def rest_parameters(request: Request, operation: OperationModel, path_values: dict[str, str]) -> dict[str, Any]:
    """Parameters of a REST protocol: from path, query, headers and the body."""
    shape = operation.input_shape
    if shape is None:
        return {}
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    values: dict[str, Any] = {}
    for name, member in shape.members.items():
        place, wire = member.serialization.get("location"), member.serialization.get("name", name)
        if place == "uri" and wire in path_values:
            values[name] = unquote(path_values[wire])
        elif place == "querystring" and wire in query:
            values[name] = scalar(query[wire], member, wire)
        elif place == "header" and wire.lower() in request.headers:
            values[name] = scalar(request.headers[wire.lower()], member, wire)
        elif place == "headers":
            found = {k[len(wire) :]: v for k, v in request.headers.items() if k.startswith(wire.lower())}
            values |= {name: found} if found else {}
    values |= _payload(request, shape)
    absent = [name for name in shape.required_members if name not in values]
    if absent:
        raise Refused("InvalidRequest", f"Missing required parameter for this request: '{absent[0]}'")
    return values


def _payload(request: Request, shape: StructureShape) -> dict[str, Any]:
    """The one parameter that is the body of a REST request, if there is one."""
    name = shape.serialization.get("payload")
    if not name:
        return {}
    member = shape.members[name]
    if member.type_name == "blob":
        return {name: request.body}
    if member.type_name == "string":
        return {name: request.body.decode("utf-8", "replace")}
    return {name: _xml_value(_document(request.body), member)} if request.body else {}


def _document(body: bytes) -> ET.Element:
    # A document type is how entity bombs and outside files come in; no request of ours has one.
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise Refused("MalformedXML", "A document type is not allowed")
    try:
        return ET.fromstring(body)
    except ET.ParseError:
        raise Refused("MalformedXML", "The XML you provided was not well-formed or did not validate") from None


def _bare(tag: str) -> str:
    return tag.rpartition("}")[2]


def _xml_value(node: ET.Element, shape: Shape) -> Any:
    if isinstance(shape, StructureShape):
        values: dict[str, Any] = {}
        for name, member in shape.members.items():
            wire = str(member.serialization.get("name", name))
            if member.serialization.get("xmlAttribute"):
                found = [v for k, v in node.attrib.items() if _bare(k) == wire.rpartition(":")[2]]
                values |= {name: found[0]} if found else {}
                continue
            nodes = [child for child in node if _bare(child.tag) == wire]
            if isinstance(member, ListShape) and member.serialization.get("flattened"):
                values |= {name: [_xml_value(child, member.member) for child in nodes]} if nodes else {}
            elif nodes:
                values[name] = _xml_value(nodes[0], member)
        if absent := [name for name in shape.required_members if name not in values]:
            raise Refused("MalformedXML", f"The XML you provided lacks {absent[0]}")
        return values
    if isinstance(shape, ListShape):
        return [_xml_value(child, shape.member) for child in node]
    name = _bare(node.tag)
    try:
        return scalar(node.text or "", shape, name)
    except Refused:
        if name == "LocationConstraint":
            # S3 has a code of its own for a place it does not know.
            raise Refused("InvalidLocationConstraint", "The specified location-constraint is not valid") from None
        raise Refused("MalformedXML", f"The XML you provided has a {name} that is not valid") from None

"""S3 objects: bytes on the disk, each version in a file whose name says nothing of the key, so that no key leads
outside.
"""

import base64
import hashlib
import os
import re
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sandbox.aws.calls import Call, handles
from sandbox.aws.errors import Refused
from sandbox.aws.s3_buckets import bucket_asked, objects_kind, objects_of, owner_id
from sandbox.clock import moment
from sandbox.store import Store, Thing

MAXIMUM_KEY = 1024
PAGE = 1000


def file_of(store: Store, name: str) -> Path:
    return store.path / "objects" / name[:2] / name


def versions(call: Call, bucket: Thing, key: str) -> list[Thing]:
    """The versions of one object, newest first."""
    if not bucket.data.get("versioning"):
        one = call.store.shelf(bucket.account, bucket.region, objects_kind(bucket.id)).get(f"null/{key}")
        return [one] if one else []
    return [one for one in objects_of(call, bucket) if one.data["Key"] == key]


def object_asked(call: Call) -> Thing:
    """The object that this call is about: the version named, or the current one."""
    bucket, key, wanted = bucket_asked(call), call.params["Key"], call.params.get("VersionId")
    found = versions(call, bucket, key)
    if wanted:
        found = [one for one in found if one.data["VersionId"] == wanted]
        if not found:
            raise Refused("NoSuchVersion", "The specified version does not exist.", 404, Key=key)
        if found[0].data["marker"]:
            raise Refused("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
    if not found or found[0].data["marker"]:
        headers = {"x-amz-delete-marker": "true"} if found else {}
        raise Refused("NoSuchKey", "The specified key does not exist.", 404, headers, Key=key)
    return found[0]


def version_for(call: Call, bucket: Thing) -> str:
    """The id of a new version: S3's own where versions are kept, else the one version called null."""
    status = (bucket.data.get("versioning") or {}).get("Status")
    return call.new_id("") if status == "Enabled" else "null"


def add_version(call: Call, bucket: Thing, key: str, data: dict[str, Any]) -> Thing:
    version = version_for(call, bucket)
    kind, id = objects_kind(bucket.id), f"{version}/{key}"
    before = call.store.shelf(bucket.account, bucket.region, kind).get(id)
    if before and before.data.get("file"):
        call.discarded.append(file_of(call.store, before.data["file"]))
    data |= {"Key": key, "VersionId": version, "seq": call.store.next_number(), "LastModified": moment()}
    return call.add(kind, id, data, region=bucket.region, state="available", visible_at=0.0)


def check_sums(call: Call, body: bytes) -> None:
    """Refuse a body that is not what the caller's checksums say."""
    params = call.params
    if (said := params.get("ContentMD5")) and base64.b64encode(
        hashlib.md5(body, usedforsecurity=False).digest()
    ).decode() != said:
        raise Refused("BadDigest", "The Content-MD5 you specified did not match what we received.")
    if (said := params.get("ChecksumCRC32")) and base64.b64encode(zlib.crc32(body).to_bytes(4)).decode() != said:
        raise Refused("BadDigest", "The CRC32 you specified did not match the calculated checksum.")
    if (said := params.get("ChecksumSHA256")) and base64.b64encode(hashlib.sha256(body).digest()).decode() != said:
        raise Refused("BadDigest", "The SHA256 you specified did not match the calculated checksum.")


@handles("s3", "PutObject")
def put_object(call: Call) -> dict[str, Any]:
    bucket, key, body = bucket_asked(call), call.params["Key"], call.params.get("Body", b"")
    if len(key.encode()) > MAXIMUM_KEY:
        raise Refused("KeyTooLongError", "Your key is too long")
    if call.params.get("IfNoneMatch") == "*" and (found := versions(call, bucket, key)) and not found[0].data["marker"]:
        raise Refused("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412)
    check_sums(call, body)
    file = hashlib.sha256(f"{bucket.id}/{key}/{call.store.next_number()}".encode()).hexdigest()
    path = file_of(call.store, file)
    path.parent.mkdir(parents=True, exist_ok=True)
    # On the disk before the row that names it is committed; a kill in between leaves a file that nothing names.
    with path.open("wb") as handle:
        handle.write(body)
        handle.flush()
        os.fsync(handle.fileno())
    etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
    crc = base64.b64encode(zlib.crc32(body).to_bytes(4)).decode()
    data = {
        "Size": len(body), "ETag": etag, "crc32": crc, "file": file, "marker": False,
        "metadata": call.params.get("Metadata", {}),
        "ContentType": call.params.get("ContentType", "binary/octet-stream"),
        "StorageClass": call.params.get("StorageClass", "STANDARD"),
    }  # fmt: skip
    made = add_version(call, bucket, key, data)
    call.accepted("object", f"{bucket.id}/{key}", name=key, region=bucket.region)
    return {
        "ETag": etag,
        "ServerSideEncryption": "AES256",
        "ChecksumCRC32": crc,
        "ChecksumType": "FULL_OBJECT",
        **version_row(made),
    }


def version_row(one: Thing) -> dict[str, Any]:
    return {} if one.data["VersionId"] == "null" else {"VersionId": one.data["VersionId"]}


def facts(one: Thing) -> dict[str, Any]:
    """The headers that describe an object."""
    data = one.data
    row = {
        "ETag": data["ETag"],
        "LastModified": data["LastModified"],
        "ContentType": data["ContentType"],
        "Metadata": data["metadata"],
        "AcceptRanges": "bytes",
        "ServerSideEncryption": "AES256",
    }
    if data["StorageClass"] != "STANDARD":
        row["StorageClass"] = data["StorageClass"]
    return {**row, **version_row(one)}


@handles("s3", "HeadObject")
def head_object(call: Call) -> dict[str, Any]:
    one = object_asked(call)
    return {**facts(one), "ContentLength": one.data["Size"]}


@handles("s3", "GetObject")
def get_object(call: Call) -> dict[str, Any]:
    one = object_asked(call)
    if (wanted := call.params.get("IfMatch")) and wanted.strip('"') != one.data["ETag"].strip('"'):
        raise Refused("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412)
    body = file_of(call.store, one.data["file"]).read_bytes()
    if span := re.fullmatch(r"bytes=(\d*)-(\d*)", call.params.get("Range", "")):
        first = int(span[1]) if span[1] else max(0, len(body) - int(span[2] or 0))
        last = min(int(span[2]) if span[1] and span[2] else len(body) - 1, len(body) - 1)
        if first > last:
            raise Refused("InvalidRange", "The requested range is not satisfiable", 416)
        return {**facts(one), "Body": body[first : last + 1], "ContentRange": f"bytes {first}-{last}/{len(body)}"}
    return {**facts(one), "Body": body}


@handles("s3", "DeleteObject")
def delete_object(call: Call) -> dict[str, Any]:
    bucket = bucket_asked(call)
    answer = deleted(call, bucket, call.params["Key"], call.params.get("VersionId"))
    call.accepted("object", f"{bucket.id}/{call.params['Key']}", name=call.params["Key"], region=bucket.region)
    return answer


def deleted(call: Call, bucket: Thing, key: str, version: str | None) -> dict[str, Any]:
    """Delete one version for good, or put a delete marker where versions are kept. A key that is not there is no
    error.
    """
    kept = (bucket.data.get("versioning") or {}).get("Status") in ("Enabled", "Suspended")
    if version is None and kept:
        marker = add_version(call, bucket, key, {"marker": True, "Size": 0})
        return {"DeleteMarker": True, **version_row(marker)}
    doomed = [one for one in versions(call, bucket, key) if one.data["VersionId"] == (version or "null")]
    for one in doomed:
        call.store.remove(one)
        if one.data.get("file"):
            call.discarded.append(file_of(call.store, one.data["file"]))
    return {"VersionId": version} if version else {}


@handles("s3", "DeleteObjects")
def delete_objects(call: Call) -> dict[str, Any]:
    bucket, asked = bucket_asked(call), call.params["Delete"]
    rows = [{"Key": one["Key"], **deleted(call, bucket, one["Key"], one.get("VersionId"))} for one in asked["Objects"]]
    for row in rows:
        if row.pop("DeleteMarker", False):
            row |= {"DeleteMarker": True, "DeleteMarkerVersionId": row.pop("VersionId", "null")}
    call.accepted("object", *[f"{bucket.id}/{one['Key']}" for one in asked["Objects"]], region=bucket.region)
    return {} if asked.get("Quiet") else {"Deleted": rows}


def encoded(call: Call, text: str) -> str:
    return quote(text, safe="/") if call.params.get("EncodingType") == "url" else text


def rolled_up(call: Call, key: str) -> str:
    """The common prefix under which this key is shown, or an empty text."""
    prefix, delimiter = call.params.get("Prefix", ""), call.params.get("Delimiter", "")
    rest = key[len(prefix) :]
    return prefix + rest[: rest.index(delimiter) + len(delimiter)] if delimiter and delimiter in rest else ""


def row_of(call: Call, one: Thing) -> dict[str, Any]:
    data = one.data
    row = {"Key": encoded(call, data["Key"]), "LastModified": data["LastModified"]}
    return (
        row
        if data["marker"]
        else {**row, "ETag": data["ETag"], "Size": data["Size"], "StorageClass": data["StorageClass"]}
    )


@handles("s3", "ListObjectsV2")
def list_objects_v2(call: Call) -> dict[str, Any]:
    bucket, params = bucket_asked(call), call.params
    token = params.get("ContinuationToken", "")
    try:
        after = base64.urlsafe_b64decode(token).decode() if token else params.get("StartAfter", "")
    except ValueError:
        raise Refused("InvalidArgument", "The continuation token provided is incorrect") from None
    current: dict[str, Thing] = {}
    for one in objects_of(call, bucket):
        current.setdefault(one.data["Key"], one)
    size = min(params.get("MaxKeys", PAGE), PAGE)
    names: dict[str, Thing | None] = {}
    for key, one in current.items():
        shown = rolled_up(call, key)
        if (
            not one.data["marker"]
            and key.startswith(params.get("Prefix", ""))
            and (shown or key).encode() > after.encode()
        ):
            names.setdefault(shown or key, None if shown else one)
    page = list(names.items())[:size]
    more = len(names) > len(page) and bool(page)
    answer = {
        "Name": bucket.id, "Prefix": encoded(call, params.get("Prefix", "")), "MaxKeys": size, "KeyCount": len(page),
        "IsTruncated": more,
        "Contents": [row_of(call, one) for _name, one in page if one],
        "CommonPrefixes": [{"Prefix": encoded(call, name)} for name, one in page if one is None],
    }  # fmt: skip
    for name in ("Delimiter", "EncodingType", "ContinuationToken", "StartAfter"):
        if params.get(name):
            answer[name] = params[name]
    if more:
        last = page[-1][0]
        answer["NextContinuationToken"] = (
            token if "token_loop" in call.faults and token else base64.urlsafe_b64encode(last.encode()).decode()
        )
    return answer


@handles("s3", "ListObjectVersions")
def list_object_versions(call: Call) -> dict[str, Any]:
    bucket, params = bucket_asked(call), call.params
    found = [one for one in objects_of(call, bucket) if one.data["Key"].startswith(params.get("Prefix", ""))]
    newest: dict[str, str] = {}
    for one in found:
        newest.setdefault(one.data["Key"], one.id)
    if "KeyMarker" in params:
        keys = [(one.data["Key"], one.data["VersionId"]) for one in found]
        marker = (params["KeyMarker"], params.get("VersionIdMarker", ""))
        start = keys.index(marker) + 1 if marker in keys else sum(key <= marker[0] for key, _version in keys)
        found = found[start:]
    size = min(params.get("MaxKeys", PAGE), PAGE)
    page = found[:size]
    answer: dict[str, Any] = {
        "Name": bucket.id,
        "MaxKeys": size,
        "IsTruncated": len(found) > size,
        "Versions": [],
        "DeleteMarkers": [],
    }
    for one in page:
        row = {**row_of(call, one), "VersionId": one.data["VersionId"], "IsLatest": newest[one.data["Key"]] == one.id}
        row["Owner"] = {"ID": owner_id(bucket.account)}
        answer["DeleteMarkers" if one.data["marker"] else "Versions"].append(row)
    if answer["IsTruncated"] and page:
        answer |= {
            "NextKeyMarker": encoded(call, page[-1].data["Key"]),
            "NextVersionIdMarker": page[-1].data["VersionId"],
        }
    return {**answer, **({"EncodingType": params["EncodingType"]} if params.get("EncodingType") else {})}

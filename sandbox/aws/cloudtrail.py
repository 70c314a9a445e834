"""CloudTrail: the management events of accepted calls, delivered late, as the real one does."""

import json
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sandbox.aws.calls import Call, handles
from sandbox.aws.errors import Refused
from sandbox.clock import epoch
from sandbox.ledger import Entry

#: Calls on objects are data events, which LookupEvents never shows.
DATA_EVENTS = {"PutObject", "DeleteObject"}
KINDS = {
    "instance": "AWS::EC2::Instance",
    "volume": "AWS::EC2::Volume",
    "group": "AWS::EC2::SecurityGroup",
    "bucket": "AWS::S3::Bucket",
}


def event_id(entry: Entry) -> str:
    """The event's own id, which is not the request's."""
    return str(uuid5(NAMESPACE_OID, entry.request_id))


def wanted(entry: Entry, attributes: list[dict[str, str]]) -> bool:
    for attribute in attributes:
        key, value = attribute["AttributeKey"], attribute["AttributeValue"]
        said = {
            "EventName": [entry.action],
            "EventId": [event_id(entry)],
            "ResourceName": list(entry.native_ids),
            "ResourceType": [KINDS.get(entry.kind, "")],
            "EventSource": [f"{entry.service}.amazonaws.com"],
            "AccessKeyId": [entry.access_key],
            "ReadOnly": ["false"],
            "Username": ["multicloud"],
        }[key]
        if value not in said:
            return False
    return True


@handles("cloudtrail", "LookupEvents")
def lookup_events(call: Call) -> dict[str, Any]:
    attributes = call.params.get("LookupAttributes", [])
    if len(attributes) > 1:
        raise Refused("InvalidLookupAttributesException", "You can specify only one lookup attribute.")
    start, end = call.params.get("StartTime"), call.params.get("EndTime")
    if start and end and start > end:
        raise Refused("InvalidTimeRangeException", "The start time is after the end time.")
    entries = call.store.delivered(call.clock.now(), call.account, call.region)
    found = [
        event(entry)
        for entry in entries
        if entry.action not in DATA_EVENTS and within(entry.time, start, end) and wanted(entry, attributes)
    ]
    call.params.setdefault("MaxResults", 50)
    page, token = call.page(found, most=50)
    return {"Events": page, "NextToken": token}


def within(time: str, start: datetime | None, end: datetime | None) -> bool:
    # The vendor counts in whole seconds, both ends included.
    second = int(epoch(time))
    return (start is None or second >= int(start.timestamp())) and (end is None or second <= int(end.timestamp()))


def event(entry: Entry) -> dict[str, Any]:
    parameters = {name[0].lower() + name[1:]: value for name, value in entry.parameters.items()}
    if entry.token:
        parameters["clientToken"] = entry.token
    record = {
        "eventVersion": "1.11",
        "userIdentity": {"type": "IAMUser", "accountId": entry.account, "accessKeyId": entry.access_key},
        "eventTime": entry.time[:19] + "Z",
        "eventSource": f"{entry.service}.amazonaws.com",
        "eventName": entry.action,
        "awsRegion": entry.region,
        "sourceIPAddress": "127.0.0.1",
        "userAgent": entry.user_agent,
        "requestParameters": parameters,
        "responseElements": None,
        "requestID": entry.request_id,
        "eventID": event_id(entry),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": entry.account,
    }
    return {
        "EventId": event_id(entry),
        "EventName": entry.action,
        "ReadOnly": "false",
        "AccessKeyId": entry.access_key,
        "EventTime": int(epoch(entry.time)),
        "EventSource": f"{entry.service}.amazonaws.com",
        "Username": "multicloud",
        "Resources": [{"ResourceType": KINDS.get(entry.kind, ""), "ResourceName": id} for id in entry.native_ids],
        "CloudTrailEvent": json.dumps(record),
    }

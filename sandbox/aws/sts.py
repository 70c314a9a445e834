"""STS: who am I, and roles to assume."""

import hashlib
import secrets
from typing import Any

from sandbox.aws.auth import ACCOUNTS, denied, find_key
from sandbox.aws.calls import Call, handles
from sandbox.aws.errors import Refused, invalid
from sandbox.clock import moment
from sandbox.store import GONE, Thing

#: Roles in every account -> the external id that must be given, if any.
ROLES = {"multicloud": "sandbox-external-id", "OrganizationAccountAccessRole": ""}


@handles("sts", "GetCallerIdentity")
def get_caller_identity(call: Call) -> dict[str, Any]:
    arn = str(call.key.data["Arn"]).replace(call.key.account, call.account)
    return {"UserId": call.key.data["UserId"], "Account": call.account, "Arn": arn}


@handles("sts", "GetAccessKeyInfo")
def get_access_key_info(call: Call) -> dict[str, Any]:
    key = find_key(call.store, call.params["AccessKeyId"])
    if key is None:
        raise Refused("ValidationError", "The access key is not valid")
    return {"Account": key.account}


@handles("sts", "AssumeRole")
def assume_role(call: Call) -> dict[str, Any]:
    arn, session = call.params["RoleArn"], call.params["RoleSessionName"]
    parts = arn.split(":")
    if len(parts) != 6 or not parts[5].startswith("role/"):
        raise Refused("ValidationError", f"{arn} is invalid")
    account, role = parts[4], parts[5].removeprefix("role/")
    wanted = ROLES.get(role)
    if account not in ACCOUNTS or wanted is None or (wanted and call.params.get("ExternalId") != wanted):
        who = f"User: {call.key.data['Arn']} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        raise Refused("AccessDenied", who, 403)
    seconds = call.params.get("DurationSeconds", 3600)
    if not 900 <= seconds <= 43200:
        raise invalid("DurationSeconds", seconds)
    key = temporary_key(call, account, role, session, seconds)
    user = {"AssumedRoleId": key.data["UserId"], "Arn": key.data["Arn"]}
    return {"Credentials": credentials_of(key), "AssumedRoleUser": user}


def temporary_key(call: Call, account: str, role: str, session: str, seconds: int) -> Thing:
    """New temporary credentials. They are random: state on disk must not let anyone guess the next."""
    id = "ASIA" + secrets.token_hex(8).upper()
    expires = call.clock.now() + seconds
    data = {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
        "UserId": "AROA" + hashlib.sha256(f"{account}/{role}".encode()).hexdigest()[:17].upper() + f":{session}",
        "UserName": role,
        "CreateDate": moment(),
    }
    hidden = {"secret": secrets.token_urlsafe(30), "token": secrets.token_urlsafe(90), "expires": expires}
    # A role has no more rights than the switch on the account's own key allows.
    hidden["deny"] = list(call.key.hidden.get("deny", [])) if call.key.account == account else []
    key = Thing(account, "", "access-key", id, data, {}, "Active", [[expires + 86400, GONE]], 0.0, hidden)
    return call.store.put(key)


def credentials_of(key: Thing) -> dict[str, Any]:
    return {
        "AccessKeyId": key.id,
        "SecretAccessKey": key.hidden["secret"],
        "SessionToken": key.hidden["token"],
        "Expiration": key.hidden["expires"],
    }


def simulated(key: Thing, action: str) -> str:
    """What IAM's simulator says of an action of this key."""
    return "explicitDeny" if denied(key, action) else "allowed"

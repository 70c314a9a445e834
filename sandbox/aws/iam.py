"""IAM: users' access keys, and what a principal may do."""

from typing import Any

from sandbox.aws.calls import Call, handles
from sandbox.aws.errors import Refused
from sandbox.aws.sts import simulated
from sandbox.store import Thing


def keys_of(call: Call, user: str) -> list[Thing]:
    keys = [key for key in call.things("access-key", region="") if "expires" not in key.hidden]
    found = [key for key in keys if key.data["UserName"] == user]
    if not found:
        raise Refused("NoSuchEntity", f"The user with name {user} cannot be found.", 404)
    return found


def user_asked(call: Call) -> str:
    return str(call.params.get("UserName") or call.key.data["UserName"])


@handles("iam", "GetUser")
def get_user(call: Call) -> dict[str, Any]:
    key = keys_of(call, user_asked(call))[0]
    data = key.data
    user = {
        "Path": "/",
        "UserName": data["UserName"],
        "UserId": data["UserId"],
        "Arn": data["Arn"],
        "CreateDate": data["CreateDate"],
    }
    return {"User": user}


@handles("iam", "ListAccessKeys")
def list_access_keys(call: Call) -> dict[str, Any]:
    keys = keys_of(call, user_asked(call))
    listed = [
        {
            "UserName": key.data["UserName"],
            "AccessKeyId": key.id,
            "Status": key.state,
            "CreateDate": key.data["CreateDate"],
        }
        for key in keys
    ]
    return {"AccessKeyMetadata": listed, "IsTruncated": False}


@handles("iam", "GetAccessKeyLastUsed")
def get_access_key_last_used(call: Call) -> dict[str, Any]:
    key = call.find("access-key", call.params["AccessKeyId"], region="")
    if key is None:
        raise Refused("AccessDenied", "The access key cannot be found.", 403)
    used = {"LastUsedDate": key.data.get("LastUsed"), "ServiceName": "ec2", "Region": "us-east-1"}
    return {"UserName": key.data["UserName"], "AccessKeyLastUsed": used}


@handles("iam", "ListAccountAliases")
def list_account_aliases(call: Call) -> dict[str, Any]:
    from sandbox.aws.auth import ACCOUNTS

    return {"AccountAliases": [f"sandbox-{ACCOUNTS[call.account][0]}"], "IsTruncated": False}


@handles("iam", "SimulatePrincipalPolicy")
def simulate_principal_policy(call: Call) -> dict[str, Any]:
    source = call.params["PolicySourceArn"]
    keys = [key for key in call.things("access-key", region="") if principal_of(key) == source]
    if not keys:
        raise Refused("NoSuchEntity", f"The principal {source} cannot be found.", 404)
    # The key that asks speaks for its principal: the sandbox's permission switch is per key.
    key = next((key for key in keys if key.id == call.key.id), keys[0])
    resources = call.params.get("ResourceArns") or ["*"]
    results = [
        {"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": simulated(key, action)}
        for action in call.params["ActionNames"]
        for resource in resources
    ]
    page, marker = call.page(results, size="MaxItems", token="Marker")
    return {"EvaluationResults": page, "IsTruncated": marker is not None, "Marker": marker}


def principal_of(key: Thing) -> str:
    """The ARN a policy is attached to: of the role, for a session of it."""
    arn = str(key.data["Arn"])
    if ":assumed-role/" in arn:
        role = arn.split("/")[1]
        return f"arn:aws:iam::{key.account}:role/{role}"
    return arn

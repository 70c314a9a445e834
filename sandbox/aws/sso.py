"""The SSO portal: temporary keys for a role, against the token of a signed-in person."""

import hmac
from typing import Any

from sandbox.aws.auth import ACCOUNTS
from sandbox.aws.calls import Call, handles
from sandbox.aws.errors import Refused
from sandbox.aws.sts import ROLES, temporary_key

#: The token of a person who has signed in, as `aws sso login` would have cached it.
TOKEN = "sandbox-sso-token"


@handles("sso", "GetRoleCredentials")
def get_role_credentials(call: Call) -> dict[str, Any]:
    if not hmac.compare_digest(call.params["accessToken"].encode(), TOKEN.encode()):
        raise Refused("UnauthorizedException", "Session token not found or invalid", 401)
    account, role = call.params["accountId"], call.params["roleName"]
    if account not in ACCOUNTS or role not in ROLES:
        raise Refused("ForbiddenException", "No access", 403)
    key = temporary_key(call, account, f"AWSReservedSSO_{role}", "person@example.com", 3600)
    return {
        "roleCredentials": {
            "accessKeyId": key.id,
            "secretAccessKey": key.hidden["secret"],
            "sessionToken": key.hidden["token"],
            "expiration": int(key.hidden["expires"] * 1000),
        }
    }

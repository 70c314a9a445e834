"""One request from arrival to answer: what it is, whose it is, what befalls it, what it changes, what is said.

The order is the vendor's: faults that come before, signature, parameters, permission, the handler under one lock, the
commit of state and ledger in one transaction, and only then the answer, with the faults that come after.
"""

import os
import signal
import sys
import threading
import time
import traceback
import uuid
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from botocore.model import OperationModel

from sandbox import estate
from sandbox.aws import auth, parse, write
from sandbox.aws.calls import HANDLERS, Call
from sandbox.aws.catalog import REGIONS
from sandbox.aws.errors import Refused, broken, throttled, written
from sandbox.aws.models import Service, service
from sandbox.aws.permissions import actions_of
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.http import Reply, Request
from sandbox.store import Store, Thing

HANDLER_MODULES = (
    "sts iam sso cloudtrail quotas ec2_places ec2_instances ec2_changes ec2_volumes ec2_groups ec2_tags "
    "s3_buckets s3_settings s3_objects"
)
#: How long CloudTrail takes to deliver an event, in simulated seconds.
TRAIL_SECONDS = 300.0


class Asked:
    """What a request asks for, before anything of it is believed."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.claim = auth.claim_of(request)
        self.service_name = (
            self.claim.service if self.claim else ("sso" if request.path.startswith("/federation/") else "s3")
        )
        try:
            self.service: Service = service(self.service_name)
        except KeyError:
            raise Refused("UnknownService", f"The service {self.service_name} is not simulated", 404) from None
        self.path_values: dict[str, str] = {}
        self.fields: dict[str, str] = {}
        self.action = self._action()

    def _action(self) -> str:
        protocol = self.service.protocol
        if protocol in ("ec2", "query"):
            self.fields = parse.form(self.request)
            return self.fields.get("Action", "")
        if protocol == "json":
            return self.request.headers.get("x-amz-target", "").rpartition(".")[2]
        query = dict(parse_qsl(self.request.query, keep_blank_values=True))
        found = self.service.match(self.request.method, self.request.path, query, self.request.headers)
        if found is None:
            return f"{self.request.method} {self.request.path}"
        self.path_values = found[1]
        return found[0].operation

    def operation(self) -> OperationModel:
        if self.action not in self.service.names:
            raise Refused("InvalidAction", f"The action {self.action} is not valid for this web service.")
        return self.service.operation(self.action)

    def parameters(self) -> dict[str, Any]:
        operation, protocol = self.operation(), self.service.protocol
        if protocol in ("ec2", "query"):
            return parse.query_parameters(self.fields, operation, protocol)
        if protocol == "json":
            return parse.json_parameters(self.request, operation)
        return parse.rest_parameters(self.request, operation, self.path_values)

    @property
    def paging(self) -> bool:
        """Whether a page after the first is asked for."""
        pages = ("NextToken", "Marker", "ContinuationToken")
        return any(self.fields.get(name) for name in pages) or "continuation-token=" in self.request.query


class AWS:
    """The simulated cloud: its state, its clock, its faults, and `answer`."""

    def __init__(self, path: Path, speed: float, empty: bool = False) -> None:
        for name in HANDLER_MODULES.split():
            import_module(f"sandbox.aws.{name}")
        self.path, self.lock = path, threading.RLock()
        self.store, self.faults, self.calls = Store(path), Faults(), Counter[str]()
        self.clock = Clock(speed, self.store.meta.get("offset", 0.0))
        if not self.store.meta.get("loaded"):
            self.reset(empty)

    def reset(self, empty: bool = False) -> None:
        """Forget everything and load the estate; with `empty`, only the accounts, their networks and the public
        images.
        """
        with self.lock:
            self.store.clear()
            self.faults.clear()
            self.calls.clear()
            self.clock.offset = 0.0
            estate.load(self.store, self.path, empty)
            self.store.note("loaded", True)
            self.store.commit()

    def answer(self, request: Request) -> Reply:
        """Answer one request of the vendor's API."""
        request_id, protocol = str(uuid.uuid4()), "rest-xml"
        try:
            asked = Asked(request)
            protocol = asked.service.protocol
            reply = self._carried_out(asked, request_id)
        except Refused as refused:
            reply = written(protocol, refused, request_id)
        except Exception:  # noqa: BLE001 - the border: shown below, and answered as the vendor's 500
            # A bug of the simulator is the vendor's 500 to the client, and is shown here.
            print(f"{request.method} {request.target}\n{traceback.format_exc()}", file=sys.stderr, flush=True)
            reply = written(protocol, broken(protocol, 500), request_id)
        if reply.headers.get("Content-Type") == "text/html":
            # Somebody else's page, which stands in the way of the vendor's answer, has none of the vendor's headers.
            return reply
        reply.headers |= {"x-multicloud-simulated": "1", "x-amzn-RequestId": request_id, "x-amz-request-id": request_id}
        return reply

    def _carried_out(self, asked: Asked, request_id: str) -> Reply:
        claim = asked.claim
        known = auth.find_key(self.store, claim.key) if claim else None
        region, account = (claim.region if claim else ""), (known.account if known else "")
        fired = self.faults.draw(asked.service_name, asked.action, region, account, asked.paging)
        with self.lock:
            self.calls[f"{asked.service_name}:{asked.action}"] += 1
        if (early := self._before(asked, fired)) is not None:
            return early
        with self.lock:
            reply = self._handled(asked, request_id, fired)
        return self._after(asked, reply, fired)

    def _before(self, asked: Asked, fired: dict[str, dict[str, Any]]) -> Reply | None:
        """Faults that strike before anything is done."""
        protocol = asked.service.protocol
        if "slow" in fired:
            time.sleep(fired["slow"].get("seconds", 1))
        if "reset" in fired:
            return Reply(reset=True)
        if "throttle" in fired:
            raise throttled(protocol, asked.service_name, fired["throttle"].get("retry_after", 1))
        for kind, standard in (("outage", 503), ("error", 500), ("page_fail", 500)):
            if kind in fired:
                raise broken(protocol, fired[kind].get("status", standard))
        if "unauthorized" in fired:
            raise auth.unknown_key(asked.service_name, protocol)
        if "html" in fired:
            page = b"<!DOCTYPE html><html><body><h1>Welcome to the hotel network</h1>"
            page += b"</body></html>" if fired["html"].get("well_formed", True) else b"<br>"
            return Reply(200, page, {"Content-Type": "text/html"})
        if "schema" in fired:
            body = (
                b'{"unexpected": {"answer": []}}'
                if protocol == "json"
                else b"<Unexpected><answer>1</answer></Unexpected>"
            )
            return Reply(200, body, {"Content-Type": "application/json" if protocol == "json" else "text/xml"})
        return None

    def _handled(self, asked: Asked, request_id: str, fired: dict[str, dict[str, Any]]) -> Reply:
        call = self._call(asked, request_id, fired)
        handler = HANDLERS.get((asked.service_name, asked.action))
        if handler is None:
            code, status = ("NotImplemented", 501) if asked.service_name == "s3" else ("UnsupportedOperation", 400)
            raise Refused(code, f"{asked.action} is not simulated; docs/sandbox.md lists what is", status)
        self._permit(call)
        try:
            values = handler(call)
        except BaseException:
            self.store.roll_back()
            raise
        self.store.commit(call.entries, self.clock.after(TRAIL_SECONDS))
        for path in call.discarded:
            path.unlink(missing_ok=True)
        if "null_list" in fired:
            values = {name: value for name, value in values.items() if not isinstance(value, list)}
        return write.answer(asked.service, asked.operation(), values, request_id)

    def _call(self, asked: Asked, request_id: str, fired: dict[str, dict[str, Any]]) -> Call:
        request, claim = asked.request, asked.claim
        if claim is None and asked.service_name != "sso":
            raise Refused("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
        key = Thing("", "", "access-key", "")
        if claim is not None:
            key = auth.identify(self.store, claim, request, asked.service.protocol, self.clock.now())
            check_region(claim.region, asked.service_name)
            request.body = auth.unchunked(request)
        account = fired.get("wrong_account", {}).get("answer_account", key.account)
        region = fired.get("wrong_region", {}).get("answer_region", claim.region if claim else "")
        name, action, params = asked.service_name, asked.action, asked.parameters()
        return Call(self.store, self.clock, name, action, account, region, key, params, request, request_id, fired)

    def _permit(self, call: Call) -> None:
        """Refuse what the key may not do; answer a dry run that would have worked."""
        actions = actions_of(call.service, call.action, call.params)
        refused = actions[0] if "deny" in call.faults else auth.denied(call.key, *actions)
        if refused:
            who = f"{call.key.data.get('Arn', 'anonymous')} is not authorized to perform: {refused}"
            if call.service == "ec2":
                raise Refused(
                    "UnauthorizedOperation", f"You are not authorized to perform this operation. User: {who}", 403
                )
            raise Refused(
                "AccessDeniedException" if call.service == "servicequotas" else "AccessDenied", f"User: {who}", 403
            )
        if call.params.get("DryRun"):
            raise Refused("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)

    def _after(self, asked: Asked, reply: Reply, fired: dict[str, dict[str, Any]]) -> Reply:
        """Faults that strike when it is done and committed."""
        if "kill_pid" in fired:
            os.kill(int(fired["kill_pid"]["pid"]), signal.SIGKILL)
        if "hold" in fired:
            time.sleep(fired["hold"].get("seconds", 30))
        if "reset_after" in fired:
            return Reply(reset=True)
        if "error_after" in fired:
            raise broken(asked.service.protocol, fired["error_after"].get("status", 500))
        if "cut" in fired:
            reply.cut_at = int(fired["cut"].get("at", len(reply.body) // 2))
        if "wrong_length" in fired:
            reply.claimed_length = len(reply.body) + int(fired["wrong_length"].get("extra", 100))
        return reply


def check_region(region: str, service_name: str) -> None:
    """Refuse a signature for a region that does not exist, or that the account has not switched on."""
    known = REGIONS.get(region)
    if known is None and not (region == "aws-global" and service_name in ("sts", "iam", "s3")):
        code = "AuthFailure" if service_name == "ec2" else "SignatureDoesNotMatch"
        raise Refused(code, f"Credential should be scoped to a valid region, not '{region}'.", 403)
    if known == "not-opted-in":
        code = {"ec2": "AuthFailure", "s3": "InvalidAccessKeyId"}.get(service_name, "InvalidClientTokenId")
        raise Refused(
            code, f"AWS was not able to validate the provided access credentials: {region} is not enabled.", 403
        )

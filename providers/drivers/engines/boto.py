"""The engine of botocore's family: AWS. The only module, with `boto_session`, that knows boto3 and its exceptions.

botocore's own retries are off: it repeats calls unseen, and a repeated creation is a second machine. Sessions and
clients are made once per engine and shared between threads, which botocore allows for clients.
"""

import threading
from collections.abc import Mapping
from typing import Any

from botocore import xform_name
from botocore.config import Config
from botocore.validate import ParamValidator

from providers.crash import reach_sent
from providers.drivers.call_log import CallLog
from providers.drivers.engine import Identity, Token
from providers.drivers.engines.boto_connections import watch_connections
from providers.drivers.engines.boto_errors import translated
from providers.drivers.engines.boto_session import (
    Endpoint,
    SignIn,
    client_endpoint,
    read_times_quickly,
    session_of,
    share_descriptions,
)
from providers.drivers.kind import search
from vocabulary.errors import AuthenticationFailed, BadAnswer, InvalidParameter, UnknownRegion

CONNECT_SECONDS, READ_SECONDS = 5, 30

#: How many items a page is asked for, where the call lets us ask.
PAGE_SIZES = {
    "describe_instances": 1000,
    "describe_volumes": 500,
    "describe_security_groups": 1000,
    "describe_images": 1000,
    "describe_vpcs": 1000,
    "describe_subnets": 1000,
    "list_buckets": 1000,
}


class BotoEngine:
    """Calls AWS. `who` names the account in errors, as "aws/production"."""

    def __init__(self, who: str, sign_in: SignIn, home_region: str, read_seconds: float = READ_SECONDS) -> None:
        self.who = who
        self._sign_in, self._home_region = sign_in, home_region
        self._lock = threading.RLock()
        self._session: Any = None
        self._clients: dict[tuple[str, str], Any] = {}
        self._config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=read_seconds,
            retries={"total_max_attempts": 1, "mode": "standard"},
            max_pool_connections=32,
            s3={"addressing_style": "path"} if sign_in.endpoint else {},
            user_agent_appid="multicloud",
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )

    def page(
        self, method: str, arguments: Mapping[str, Any], region: str, token: Token
    ) -> tuple[Mapping[str, Any], Token]:
        """One page and the token of the next; the names of the tokens come from botocore's own description."""
        service, name = method.split(".")
        client = self._client(service, region)
        asked = {**arguments, **(token or {})}
        if not client.can_paginate(name):
            return self.send(method, arguments, region), None
        pagination = client.get_paginator(name)._pagination_cfg
        limit = pagination.get("limit_key")
        if limit and name in PAGE_SIZES and not _names_ids(arguments):
            asked.setdefault(limit, PAGE_SIZES[name])
        answer = self.send(method, asked, region)
        more = pagination.get("more_results")
        if more and not search(more, answer):
            return answer, None
        inputs, outputs = _as_list(pagination["input_token"]), _as_list(pagination["output_token"])
        following = {key: search(path, answer) for key, path in zip(inputs, outputs, strict=True)}
        following = {key: value for key, value in following.items() if value}
        return answer, following or None

    def send(self, method: str, arguments: Mapping[str, Any], region: str, marker: str = "") -> Mapping[str, Any]:
        """The answer of one call."""
        with CallLog(self.who, method, region) as logged:
            answer = logged.answer = self._sent(method, arguments, region, marker)
        if not answer.get("ResponseMetadata", {}).get("RequestId"):
            # botocore reads a well-formed page of a proxy as an empty success; AWS never answers without a request id.
            raise BadAnswer(self.who, method, "the answer is not one of AWS: it has no request id")
        return answer

    def _sent(self, method: str, arguments: Mapping[str, Any], region: str, marker: str) -> Mapping[str, Any]:
        service, name = method.split(".")
        try:
            client = self._client(service, region)
            _current.marker = marker
            answer: Mapping[str, Any] = getattr(client, name)(**arguments)
        except Exception as error:
            own = bool(self._sign_in.endpoint)
            raise translated(error, self.who, method, region, own_endpoint=own) from error
        finally:
            _current.marker = ""
        return answer

    def check(self, method: str, arguments: Mapping[str, Any]) -> None:
        """Ask botocore's own model whether the arguments fit. Nothing is sent."""
        service, name = method.split(".")
        client = self._client(service, self._home_region)
        operation = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[name])
        if operation.input_shape is None:
            return
        report = ParamValidator().validate(dict(arguments), operation.input_shape)
        if report.has_errors():
            raise InvalidParameter(self.who, method, report.generate_report(), "Correct the parameter that is named.")

    def identity(self) -> Identity:
        """Who STS says we are."""
        answer = self.send("sts.get_caller_identity", {}, self._home_region)
        headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        return Identity(
            account=str(answer["Account"]),
            principal=str(answer["Arn"]),
            partition=str(answer["Arn"]).split(":")[1],
            simulated=headers.get("x-multicloud-simulated") == "1",
        )

    def regions(self) -> list[str]:
        """The regions this account may use: opted in, or needing no opting in."""
        answer = self.send("ec2.describe_regions", {"AllRegions": False}, self._home_region)
        return sorted(region["RegionName"] for region in answer["Regions"])

    def _client(self, service: str, region: str) -> Any:
        key = (service, region)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._new_client(service, region)
            return self._clients[key]

    def _new_client(self, service: str, region: str) -> Any:
        if self._session is None:
            self._session = session_of(
                self._sign_in,
                self.who,
                self._home_region,
                self._config,
                lambda client: watch_connections(client, self._sign_in, self.who),
            )
            share_descriptions(self._session)
            read_times_quickly(self._session)
        if self._session.get_credentials() is None:
            raise AuthenticationFailed(self.who, "credentials", "no credential was found", self._sign_in.advice)
        if not self._sign_in.endpoint and region not in _known_regions(self._session, service):
            raise UnknownRegion(
                self.who, service, f"{region!r} is not a region of {service}", "Choose a listed region."
            )
        endpoint: Endpoint = client_endpoint(self._sign_in)
        client = self._session.client(service, region_name=region, config=self._config, **endpoint)
        watch_connections(client, self._sign_in, self.who)
        client.meta.events.register("before-send.*", _mark)
        client.meta.events.register("before-parse.*", _sent)
        return client


class _Current(threading.local):
    marker = ""


_current = _Current()


def _mark(request: Any, **_: Any) -> None:
    """Name the operation in the user agent, after signing (the user agent is not part of the signature)."""
    if _current.marker:
        agent = request.headers.get("User-Agent", b"")
        text = agent.decode() if isinstance(agent, bytes) else str(agent)
        request.headers["User-Agent"] = f"{text} op/{_current.marker}"


def _sent(**_: Any) -> None:
    """The answer has arrived and is not yet read: a journal point of its own."""
    if _current.marker:
        reach_sent()


def _known_regions(session: Any, service: str) -> set[str]:
    names: set[str] = set()
    for partition in session.get_available_partitions():
        names.update(session.get_available_regions("ec2", partition))
        names.update(session.get_available_regions(service, partition))
    return names


def _names_ids(arguments: Mapping[str, Any]) -> bool:
    return any(name.endswith("Ids") for name in arguments)


def _as_list(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [value]


def method_name(api_name: str) -> str:
    """botocore's method for an API call: "RunInstances" is "run_instances"."""
    return str(xform_name(api_name))

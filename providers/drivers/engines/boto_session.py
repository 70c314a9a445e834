"""Signing in to AWS: keys, a profile (AWS SSO included), a role to assume with an external id, or the ambient role."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, TypedDict

import boto3
import botocore.session
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.utils import parse_timestamp

from vocabulary.errors import AuthenticationFailed, InvalidParameter

ADVICE = {
    "keys": "Give an access key ID and a secret access key.",
    "profile": "Check ~/.aws/config for the profile; for AWS SSO run `aws sso login` first.",
    "ambient": "No environment variable, profile or instance role offers a credential on this machine.",
    "assume_role": "Give the role an access key, or a profile that this machine has.",
}


class Endpoint(TypedDict, total=False):
    """What `Session.client` takes about where to call."""

    endpoint_url: str
    verify: str


@dataclass(frozen=True)
class SignIn:
    """How to sign in. `fields` are the credential's values; they are never printed.

    `guard` judges the endpoint before a client is made; `guard_peer` the address, port and host of each connection.
    """

    method: str = "keys"
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    endpoint: str = ""
    ca_file: str = ""
    guard: Callable[[str], object] | None = field(default=None, repr=False, compare=False)
    guard_peer: Callable[[str, int, str], object] | None = field(default=None, repr=False, compare=False)

    @property
    def advice(self) -> str:
        """What to do when no credential is found."""
        return ADVICE.get(self.method, "")


def client_endpoint(sign_in: SignIn) -> Endpoint:
    """The endpoint and the CA file for a client. The guard refuses an address that this product never calls."""
    endpoint: Endpoint = {}
    if sign_in.endpoint:
        if sign_in.guard:
            sign_in.guard(sign_in.endpoint)
        endpoint["endpoint_url"] = sign_in.endpoint
    if sign_in.ca_file:
        endpoint["verify"] = sign_in.ca_file
    return endpoint


def session_of(
    sign_in: SignIn, who: str, region: str, config: Any, watch: Callable[[Any], Any] = lambda client: client
) -> Any:
    """A boto3 session for a way of signing in. `watch` is given each client that signing in itself needs.

    Raises InvalidParameter for a method AWS does not have.
    """
    fields = sign_in.fields
    if sign_in.method == "keys":
        return _session_with_keys(fields, region)
    if sign_in.method == "profile":
        return boto3.Session(profile_name=fields.get("profile") or "default", region_name=region)
    if sign_in.method == "ambient":
        return boto3.Session(region_name=region)
    if sign_in.method == "assume_role":
        source = (
            _session_with_keys(fields, region)
            if fields.get("access_key_id")
            else boto3.Session(profile_name=fields.get("profile") or None, region_name=region)
        )
        return _assumed(source, sign_in, who, region, config, watch)
    raise InvalidParameter(
        who, "sign in", f"{sign_in.method!r} is not a way to sign in", f"Choose: {', '.join(ADVICE)}."
    )


def share_descriptions(session: Any) -> None:
    """Let the session use the service descriptions that this process has read; EC2's alone take half a second."""
    session._session.register_component("data_loader", _descriptions())


@cache
def _descriptions() -> Any:
    return botocore.session.get_session().get_component("data_loader")


def read_times_quickly(session: Any) -> None:
    """Let the session's clients read ISO 8601 times by Python's own parser; all else goes to botocore's.

    botocore's takes a quarter of the CPU of a large listing.
    """
    factory = session._session.get_component("response_parser_factory")
    factory.set_parser_defaults(timestamp_parser=_moment)


def _moment(text: Any) -> datetime:
    if isinstance(text, str) and len(text) >= 20 and text.endswith("Z"):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass  # another format that ends in Z: botocore's parser knows more of them
    read: datetime = parse_timestamp(text)
    return read


def _session_with_keys(fields: Mapping[str, str], region: str) -> Any:
    return boto3.Session(
        aws_access_key_id=fields.get("access_key_id"),
        aws_secret_access_key=fields.get("secret_access_key"),
        aws_session_token=fields.get("session_token") or None,
        region_name=region,
    )


def _assumed(source: Any, sign_in: SignIn, who: str, region: str, config: Any, watch: Callable[[Any], Any]) -> Any:
    """A session whose temporary keys are fetched when needed and renewed before they expire."""
    credentials = source.get_credentials()
    if credentials is None:
        why = "there is no credential to assume the role with"
        raise AuthenticationFailed(who, "assume role", why, sign_in.advice)
    endpoint = client_endpoint(sign_in)

    def client(service: str, **keywords: Any) -> Any:
        return watch(
            source._session.create_client(service, **{**keywords, **endpoint, "config": config, "region_name": region})
        )

    extra = {"RoleSessionName": "multicloud"}
    if sign_in.fields.get("external_id"):
        extra["ExternalId"] = sign_in.fields["external_id"]
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=client,
        source_credentials=credentials,
        role_arn=sign_in.fields["role_arn"],
        extra_args=extra,
    )
    session = botocore.session.get_session()
    session._credentials = DeferredRefreshableCredentials(refresh_using=fetcher.fetch_credentials, method="assume-role")
    return boto3.Session(botocore_session=session, region_name=region)

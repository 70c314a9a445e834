"""Keys, signatures, roles and rights."""

from typing import Any

import pytest

from sandbox.aws.auth import ACCOUNTS
from sandbox.testing import Running
from tests.sandbox.conftest import PRODUCTION, Client, boto_client, code_of, launch

KEY = ACCOUNTS[PRODUCTION][1]
ROLE = "arn:aws:iam::222222222222:role/multicloud"


@pytest.mark.parametrize("account", ACCOUNTS)
def test_each_account_knows_its_own_key(client: Client, account: str) -> None:
    assert client("sts", account=account).get_caller_identity()["Account"] == account


def test_the_documented_keys_sign_in_to_production(client: Client) -> None:
    identity = client("sts", key="your-access-key", secret="your-secret-key").get_caller_identity()
    assert identity["Account"] == PRODUCTION


@pytest.mark.parametrize(
    ("service", "method", "code"),
    [
        ("ec2", "describe_regions", "AuthFailure"),
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
        ("iam", "list_access_keys", "InvalidClientTokenId"),
        ("cloudtrail", "lookup_events", "UnrecognizedClientException"),
    ],
)
def test_an_unknown_key_is_refused_in_the_words_of_the_service(
    client: Client, service: str, method: str, code: str
) -> None:
    assert code_of(getattr(client(service, key="AKIANOBODY"), method)) == code


@pytest.mark.parametrize(
    ("service", "method"), [("ec2", "describe_regions"), ("s3", "list_buckets"), ("sts", "get_caller_identity")]
)
def test_a_wrong_secret_does_not_match(client: Client, service: str, method: str) -> None:
    assert code_of(getattr(client(service, secret="wrong"), method)) == "SignatureDoesNotMatch"


def test_a_disabled_key_is_refused_until_it_is_enabled(client: Client, cloud: Running) -> None:
    cloud.control.key(KEY, "Inactive")
    assert code_of(client("ec2").describe_regions) == "AuthFailure"
    cloud.control.key(KEY, "Active")
    assert client("ec2").describe_regions()["Regions"]


def test_a_role_needs_its_external_id(client: Client) -> None:
    assert code_of(client("sts").assume_role, RoleArn=ROLE, RoleSessionName="test") == "AccessDenied"


def test_temporary_keys_work_and_expire(client: Client, cloud: Running) -> None:
    given = client("sts").assume_role(RoleArn=ROLE, RoleSessionName="test", ExternalId="sandbox-external-id")[
        "Credentials"
    ]
    keys = {"key": given["AccessKeyId"], "secret": given["SecretAccessKey"], "aws_session_token": given["SessionToken"]}
    sts = boto_client(cloud.address, "sts", **keys)
    assert sts.get_caller_identity()["Arn"] == "arn:aws:sts::222222222222:assumed-role/multicloud/test"
    cloud.control.advance(3601)
    assert code_of(sts.get_caller_identity) == "ExpiredToken"
    assert code_of(boto_client(cloud.address, "ec2", **keys).describe_regions) == "RequestExpired"


def test_a_temporary_key_without_its_token_is_refused(client: Client, cloud: Running) -> None:
    given = client("sts").assume_role(RoleArn=ROLE, RoleSessionName="test", ExternalId="sandbox-external-id")[
        "Credentials"
    ]
    sts = boto_client(cloud.address, "sts", key=given["AccessKeyId"], secret=given["SecretAccessKey"])
    assert code_of(sts.get_caller_identity) == "InvalidClientTokenId"


def test_a_signed_in_person_gets_keys_for_a_role(client: Client) -> None:
    sso = client("sso")
    given = sso.get_role_credentials(roleName="multicloud", accountId="333333333333", accessToken="sandbox-sso-token")
    assert given["roleCredentials"]["accessKeyId"].startswith("ASIA")
    asked = {"roleName": "multicloud", "accountId": "333333333333", "accessToken": "expired"}
    assert code_of(sso.get_role_credentials, **asked) == "UnauthorizedException"


def test_a_denied_action_changes_nothing_and_a_dry_run_tells(client: Client, cloud: Running, ec2: Any) -> None:
    instance = launch(ec2)["InstanceId"]
    cloud.control.advance(30)
    assert code_of(ec2.stop_instances, InstanceIds=[instance], DryRun=True) == "DryRunOperation"
    cloud.control.policy(KEY, ["ec2:Stop*", "s3:PutObject"])
    assert code_of(ec2.stop_instances, InstanceIds=[instance], DryRun=True) == "UnauthorizedOperation"
    assert code_of(ec2.stop_instances, InstanceIds=[instance]) == "UnauthorizedOperation"
    assert [entry["action"] for entry in cloud.control.ledger()] == ["RunInstances"]


def test_the_simulator_agrees_with_what_is_refused(client: Client, cloud: Running) -> None:
    cloud.control.policy(KEY, ["ec2:StopInstances"])
    arn = client("sts").get_caller_identity()["Arn"]
    actions = ["ec2:StopInstances", "ec2:StartInstances"]
    answer = client("iam").simulate_principal_policy(PolicySourceArn=arn, ActionNames=actions)
    decisions = {one["EvalActionName"]: one["EvalDecision"] for one in answer["EvaluationResults"]}
    assert decisions == {"ec2:StopInstances": "explicitDeny", "ec2:StartInstances": "allowed"}


def test_one_planted_key_is_old(client: Client) -> None:
    keys = client("iam").list_access_keys()["AccessKeyMetadata"]
    assert min(key["CreateDate"].year for key in keys) == 2024


def test_a_region_that_is_not_switched_on_refuses(client: Client) -> None:
    assert len(client("ec2").describe_regions()["Regions"]) >= 17
    assert code_of(client("ec2", "ap-east-1").describe_instances) == "AuthFailure"
    assert code_of(client("ec2", "xx-nowhere-1").describe_instances) == "AuthFailure"

"""Amazon Web Services: how to sign in, and its kinds."""

from providers.drivers.aws.buckets import BUCKET
from providers.drivers.aws.compute import IMAGE, INSTANCE
from providers.drivers.aws.networking import NETWORK, SUBNET
from providers.drivers.aws.security import FIREWALL
from providers.drivers.aws.storage import VOLUME
from providers.drivers.kind import Cloud, Field, Method

KEY_FIELDS = (
    Field("access_key_id", "Access key ID", help="Starts with AKIA or ASIA."),
    Field("secret_access_key", "Secret access key", secret=True),
    Field("session_token", "Session token", secret=True, required=False, help="Only with temporary keys."),
)

CLOUD = Cloud(
    provider="aws",
    title="AWS",
    engine="boto",
    home_region="us-east-1",
    account_kind="account",
    methods=(
        Method("keys", "Access key", KEY_FIELDS),
        Method(
            "profile", "Profile (AWS SSO included)", (Field("profile", "Profile name", machine=True),), machine=True
        ),
        Method(
            "assume_role",
            "Role to assume",
            (
                Field("role_arn", "Role ARN"),
                Field("external_id", "External id", secret=True, required=False),
                Field(
                    "access_key_id", "Access key ID", required=False, help="Empty: a profile or the machine's own role."
                ),
                Field("secret_access_key", "Secret access key", secret=True, required=False),
                Field("profile", "Profile name", required=False, machine=True),
            ),
            machine=True,
            own_keys=("access_key_id", "secret_access_key"),
        ),
        Method("ambient", "The machine's own role", (), machine=True),
    ),
    kinds=(INSTANCE, VOLUME, BUCKET, FIREWALL, IMAGE, NETWORK, SUBNET),
    status_url="https://health.aws.amazon.com/health/status",
    support_url="https://console.aws.amazon.com/support/home",
    required_permissions=("sts:GetCallerIdentity", "ec2:DescribeRegions"),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html; the rest are in botocore's partitions.json.
    partitions=("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"),
)

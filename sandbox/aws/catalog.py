"""Facts of the simulated AWS: regions, instance types and quotas. The numbers are the vendor's published ones."""

from dataclasses import dataclass

#: Region -> opt-in status, as every account of the sandbox sees it.
REGIONS: dict[str, str] = {
    **dict.fromkeys(
        (
            "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1",
            "eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1",
            "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2",
        ),
        "opt-in-not-required",
    ),
    "eu-south-1": "opted-in",
    "ap-east-1": "not-opted-in",
    "me-south-1": "not-opted-in",
    "af-south-1": "not-opted-in",
}  # fmt: skip

ZONES = "abc"


def zones(region: str) -> list[str]:
    return [region + letter for letter in ZONES]


@dataclass(frozen=True)
class Size:
    """An instance type: vCPUs, memory, processor architecture."""

    vcpus: int
    memory_mib: int
    arch: str = "x86_64"
    cores: int = 0


def _family(name: str, arch: str, sizes: str, per_vcpu_gib: float) -> dict[str, Size]:
    rows = {
        "medium": 1,
        "large": 2,
        "xlarge": 4,
        "2xlarge": 8,
        "4xlarge": 16,
        "8xlarge": 32,
        "12xlarge": 48,
        "16xlarge": 64,
    }
    return {f"{name}.{size}": Size(rows[size], int(rows[size] * per_vcpu_gib * 1024), arch) for size in sizes.split()}


def _burstable(name: str, arch: str) -> dict[str, Size]:
    rows = {
        "nano": (2, 0.5),
        "micro": (2, 1),
        "small": (2, 2),
        "medium": (2, 4),
        "large": (2, 8),
        "xlarge": (4, 16),
        "2xlarge": (8, 32),
    }
    return {f"{name}.{size}": Size(vcpus, int(gib * 1024), arch) for size, (vcpus, gib) in rows.items()}


TYPES: dict[str, Size] = {
    "t2.micro": Size(1, 1024),
    "t2.small": Size(1, 2048),
    "t2.medium": Size(2, 4096),
    **_burstable("t3", "x86_64"),
    **_burstable("t3a", "x86_64"),
    **_burstable("t4g", "arm64"),
    **_family("m5", "x86_64", "large xlarge 2xlarge 4xlarge", 4),
    **_family("m6i", "x86_64", "large xlarge 2xlarge 4xlarge 8xlarge", 4),
    **_family("m7g", "arm64", "medium large xlarge 2xlarge 4xlarge", 4),
    **_family("c5", "x86_64", "large xlarge 2xlarge 4xlarge", 2),
    **_family("c6i", "x86_64", "large xlarge 2xlarge 4xlarge", 2),
    **_family("c7g", "arm64", "medium large xlarge 2xlarge", 2),
    **_family("r5", "x86_64", "large xlarge 2xlarge 4xlarge", 8),
    **_family("r6i", "x86_64", "large xlarge 2xlarge 4xlarge 12xlarge", 8),
    **_family("r6g", "arm64", "medium large xlarge 2xlarge", 8),
}


@dataclass(frozen=True)
class Quota:
    """A service quota: where it is asked for, its code, its words, and the value an account starts with."""

    service: str
    code: str
    name: str
    value: float
    unit: str = "None"
    regional: bool = True


QUOTAS: dict[str, Quota] = {
    "vcpus": Quota("ec2", "L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 256),
    "gp3_tib": Quota("ebs", "L-7A658B76", "Storage for General Purpose SSD (gp3) volumes, in TiB", 50),
    "gp2_tib": Quota("ebs", "L-D18FCD1D", "Storage for General Purpose SSD (gp2) volumes, in TiB", 50),
    "io1_tib": Quota("ebs", "L-FD252861", "Storage for Provisioned IOPS SSD (io1) volumes, in TiB", 50),
    "st1_tib": Quota("ebs", "L-82ACEF56", "Storage for Throughput Optimized HDD (st1) volumes, in TiB", 50),
    "sc1_tib": Quota("ebs", "L-17AF77E8", "Storage for Cold HDD (sc1) volumes, in TiB", 50),
    "groups": Quota("vpc", "L-E79EC296", "VPC security groups per Region", 2500),
    "rules": Quota("vpc", "L-0EA8095F", "Inbound or outbound rules per security group", 60),
    "buckets": Quota("s3", "L-DC2B2D3D", "General purpose buckets", 100, regional=False),
}

#: The number of volumes has no quota at AWS today; the sandbox keeps one, so that reaching it can be rehearsed.
VOLUME_COUNT = "volume_count"
VOLUME_COUNT_LIMIT = 5000

OWNERS = {"amazon": "137112412989", "canonical": "099720109477", "debian": "136693071363"}

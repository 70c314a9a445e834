"""What EC2 offers in a region: instance types, and the images behind neutral names. Asked before a plan is made.

Owners and name patterns are the vendors' own:
https://documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/,
https://wiki.debian.org/Cloud/AmazonEC2Image and https://docs.aws.amazon.com/linux/al2023/ug/naming-and-versioning.html,
read 2026-11-24. They hold for AWS's public partition; elsewhere an AMI id must be given.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from providers.drivers.kind import Call, LookUp
from vocabulary.errors import InvalidParameter

#: Neutral name -> the owner's account, and the pattern of the names; {arch} is the owner's word for the architecture.
ALIASES: dict[str, tuple[str, str]] = {
    "ubuntu-24.04": ("099720109477", "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-{arch}-server-*"),
    "ubuntu-22.04": ("099720109477", "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-{arch}-server-*"),
    "debian-12": ("136693071363", "debian-12-{arch}-*"),
    "al2023": ("137112412989", "al2023-ami-2023.*"),
}
DEBIAN_WORDS = {"x86_64": "amd64"}


def architecture_of(items: Sequence[Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Learns the architecture of the instance type; raises InvalidParameter when the region has no such type."""
    offered = [item for item in items if item.get("InstanceType") == values["instance_type"]]
    if not offered:
        why = f"{values['instance_type']!r} is not an instance type of {values['region']}"
        raise InvalidParameter("AWS", "instance_type", why, "Choose another type, for example t3.medium.")
    architectures = offered[0]["ProcessorInfo"]["SupportedArchitectures"]
    was = values.get("was_architecture")
    if was and was not in architectures:
        why = f"{values['instance_type']} is {architectures[-1]}, and the machine was installed for {was}"
        raise InvalidParameter("AWS", "instance_type", why, "Choose a type of the same architecture.")
    # Some old types also run i386; nobody starts that today.
    return {"architecture": "x86_64" if "x86_64" in architectures else architectures[0]}


def image_terms(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The owner and the name pattern that an alias stands for. Raises InvalidParameter for a name nobody knows."""
    owner, pattern = ALIASES.get(str(values["image"]).lower(), ("", ""))
    if not owner:
        why = f"image: {values['image']!r} is neither an AMI id nor a name this product knows"
        raise InvalidParameter("AWS", "image", why, f"Give an id (ami-…), or one of {', '.join(ALIASES)}.")
    architecture = str(values["architecture"])
    return {"image_owner": owner, "image_name": pattern.format(arch=DEBIAN_WORDS.get(architecture, architecture))}


def newest_image(items: Sequence[Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The AMI id that an alias stands for in this region today: of the images that fit, the newest."""
    if not items:
        why = f"image: there is no {values['image']} for {values['architecture']} in {values['region']}"
        raise InvalidParameter("AWS", "image", why, "Give the id of an AMI (ami-…).")
    return {"image": max(items, key=lambda image: (str(image.get("CreationDate")), image["ImageId"]))["ImageId"]}


def fitting_image(items: Sequence[Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Learns nothing; raises InvalidParameter for an AMI that is not there, not ready, or of another architecture."""
    if not items:
        why = f"image: {values['image']} is not in {values['region']}, or not shared with this account"
        raise InvalidParameter("AWS", "image", why, "An AMI id belongs to one region.")
    image = items[0]
    if image.get("State") != "available" or image.get("Architecture") not in (None, values["architecture"]):
        what = f"{image.get('State')} and {image.get('Architecture')}"
        needed = f"{values['instance_type']} needs one that is available and {values['architecture']}"
        why = f"image: {values['image']} is {what}; {needed}"
        raise InvalidParameter("AWS", "image", why, "Choose an image and a type that fit each other.")
    return {}


def is_id(values: Mapping[str, Any], found: object) -> bool:
    """Whether the image is given by its id."""
    return str(values["image"]).startswith("ami-")


def is_alias(values: Mapping[str, Any], found: object) -> bool:
    """Whether the image is given by a neutral name."""
    return not is_id(values, found)


TYPE_IS_OFFERED = LookUp(
    Call(
        "ec2.describe_instance_types",
        {"Filters": [{"Name": "instance-type", "Values": ["{instance_type}"]}]},
        "InstanceTypes",
    ),
    architecture_of,
)
IMAGE_FITS = LookUp(Call("ec2.describe_images", {"ImageIds": ["{image}"]}, "Images", when=is_id), fitting_image)
IMAGE_BY_NAME = LookUp(
    Call(
        "ec2.describe_images",
        {
            "Owners": ["{image_owner}"],
            "Filters": [
                {"Name": "name", "Values": ["{image_name}"]},
                {"Name": "architecture", "Values": ["{architecture}"]},
                {"Name": "state", "Values": ["available"]},
            ],
        },
        "Images",
        when=is_alias,
    ),
    newest_image,
    image_terms,
)

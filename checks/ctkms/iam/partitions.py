"""Which partition a Region is in. https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html"""

from __future__ import annotations

# The partition of a Region by how its name begins; `aws` has all others.
_PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "us-isof-": "aws-iso-f",
    "eu-isoe-": "aws-iso-e",
    "eusc-": "aws-eusc",
}


def partition_of(region: str) -> str:
    """The partition that a Region is in."""
    return next((partition for begin, partition in _PARTITIONS.items() if region.startswith(begin)), "aws")

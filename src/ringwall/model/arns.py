"""The part of AWS that a region is in, the second part of every ARN (AWS General Reference)."""

_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"))


def partition_of(region: str) -> str:
    """Return the partition of a region."""
    return next((name for prefix, name in _PARTITIONS if region.startswith(prefix)), "aws")

"""The tags that say whose a resource is."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ringwall.model.grants import When

LONGEST_TAG = 256  # characters of a tag's value (EC2 tagging guide)
DEPLOYMENT_TAG = "ringwall:deployment"
KEY_TAG = "ringwall:key"
REGION_TAG = "ringwall:region"  # on what AWS has once for all regions
# What was meant, so that questions about a tier or a segment ask the same of what was read back:
TIER_TAG = "ringwall:tier"  # on a security group: the tier in which it is placed
TARGETS_TAG = "ringwall:targets"  # on a target group: the key of the group that is registered
SEGMENT_TAG = "ringwall:segment"  # on a VPC
NAME_TAG = "Name"  # derived from the key (`name_tag`)
PROTECT_TAG = "ringwall:protect"  # "true": refused to be deleted, also when no longer wanted
# On what responders make: not the deployment's tag, for nothing of a blueprint asks for it.
MADE_BY_TAG, RESPONDER = "ringwall:made-by", "responder"
# The condition that what is changed bears the tag of the deployment.
OURS: Final[When] = ("StringEquals", f"aws:ResourceTag/{DEPLOYMENT_TAG}", "{deployment}")


def ownership_tags(deployment: str, key: str) -> dict[str, str]:
    """Return the two tags that make a resource ours."""
    return {DEPLOYMENT_TAG: deployment, KEY_TAG: key}


def name_tag(deployment: str, key: str) -> str:
    """Return the name that a resource of ours bears in the console."""
    return f"{deployment}-{key.replace('/', '-')}"[:LONGEST_TAG]


def from_tag_list(tags: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """Turn AWS's list of Key and Value (or key and value) into a mapping, sorted by key."""
    pairs = (
        (tag.get("Key", tag.get("key")), tag.get("Value", tag.get("value"))) for tag in tags or ()
    )
    return dict(sorted((str(key), str(value or "")) for key, value in pairs))


def to_tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Turn a mapping into AWS's list of Key and Value, sorted by key."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def is_ours(tags: Mapping[str, str], deployment: str) -> bool:
    """Tell whether tags make a resource one of this deployment: both tags must be there."""
    return tags.get(DEPLOYMENT_TAG) == deployment and bool(tags.get(KEY_TAG))


def is_responders(tags: Mapping[str, str]) -> bool:
    """Tell whether a responder made a resource: the group that it puts interfaces into."""
    return tags.get(MADE_BY_TAG) == RESPONDER


def specification(resource_type: str, tags: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the `TagSpecifications` of an EC2 create call."""
    return [{"ResourceType": resource_type, "Tags": to_tag_list(tags)}] if tags else []

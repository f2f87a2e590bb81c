"""Keys of planned resources: words that questions can use, from tags or from addresses.

Rules:
- The tag `ringwall:key` is the key of what bears it.
- A VPC is named by its address: `aws_vpc.main` is `main`, `module.net.aws_vpc.this[0]` is `net`.
- A subnet is `<vpc>/<name>/<index or zone>` and a group `<vpc>/<name>`, with the modules inside
  the VPC's own before the name, so that a subnet's resource name is its tier.
- Where two of a type would have the same key, both have their addresses.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from ringwall.formats.terraform.document import Instance
from ringwall.resources.ownership import KEY_TAG

_WORDS = re.compile(r"[a-z0-9]+")
_HOLLOW = frozenset({"this", "main", "default", "vpc"})


def words(*texts: str) -> str:
    """Return texts as one word of small letters, digits and dashes."""
    return "-".join(word for text in texts for word in _WORDS.findall(text.lower()))


def key_tag(instance: Instance) -> str:
    """Return the key that a resource's tags give it, "" for none."""
    for name in ("tags", "tags_all"):
        tags = instance.values.get(name)
        found = tags.get(KEY_TAG) if isinstance(tags, dict) else None
        if isinstance(found, str) and found:
            return found
    return ""


def vpc_keys(vpcs: Iterable[Instance]) -> dict[str, str]:
    """Return the keys of VPCs by address."""
    vpcs = list(vpcs)
    siblings = Counter((vpc.path, vpc.local) for vpc in vpcs)
    found: dict[str, str] = {}
    for vpc in vpcs:
        parts = list(vpc.path)
        if vpc.name not in _HOLLOW or not parts:
            parts.append(vpc.name)
        if vpc.index is not None and siblings[vpc.path, vpc.local] > 1:
            parts.append(str(vpc.index))
        found[vpc.address] = key_tag(vpc) or words(*parts) or vpc.address
    return _unique(vpcs, found)


def other_keys(
    instances: Iterable[Instance],
    home: Callable[[Instance], tuple[str, tuple[str, ...]]],
    zone: Callable[[Instance], Any],
) -> dict[str, str]:
    """Return the keys of all that is no VPC, by address.

    `home` gives the key and module of the VPC of a subnet or group ("" if it is not known).
    """
    instances = list(instances)
    found: dict[str, str] = {}
    for instance in instances:
        tag = key_tag(instance)
        if tag:
            found[instance.address] = tag
            continue
        vpc, path = home(instance)
        inner = instance.path[len(path) :] if instance.path[: len(path)] == path else instance.path
        index = "" if instance.index is None else str(instance.index)
        if not vpc:
            found[instance.address] = words(*instance.path, instance.name, index)
        elif instance.type in {"aws_subnet", "aws_default_subnet"}:
            where = zone(instance)
            last = words(index) or (where if isinstance(where, str) else "0")
            found[instance.address] = f"{vpc}/{words(*inner, instance.name)}/{last}"
        else:
            found[instance.address] = f"{vpc}/{words(*inner, instance.name, index)}"
    return _unique(instances, found)


def _unique(instances: Iterable[Instance], keys: dict[str, str]) -> dict[str, str]:
    same: dict[tuple[str, str], list[str]] = defaultdict(list)
    for instance in instances:
        kind = instance.type.replace("aws_default_", "aws_")
        same[kind, keys[instance.address]].append(instance.address)
    for (_, key), addresses in same.items():
        if len(addresses) > 1 or not key:
            keys |= {address: address for address in addresses}
    return keys

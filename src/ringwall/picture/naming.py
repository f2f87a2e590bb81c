"""Elements of a network → the names by which people know them."""

from collections import Counter
from collections.abc import Iterable, Mapping

from ringwall.model.graph import Node
from ringwall.picture.boxes import BETWEEN, Box
from ringwall.reach.network import Network


def name_of(node: Node | None, key: str) -> str:
    """Return a key, or of a resource that has AWS's id for its key the name that people gave."""
    if node is None or node.key != node.physical_id:
        return key
    given = node.tags.get("Name") or node.properties.get("GroupName")
    return str(given or key)


def vpc_names(network: Network) -> dict[str, str]:
    """Return the name of each VPC; of namesakes with their ids."""
    return _apart({key: name_of(node, key) for key, node in network.vpcs.items()})


def box_names(network: Network, boxes: Iterable[Box]) -> dict[tuple[str, str], str]:
    """Return the names of boxes inside of their VPCs, by VPC and key."""
    by_vpc: dict[str, dict[str, str]] = {}
    for box in boxes:
        parts = [_group_name(network, box.vpc, key) for key in box.groups]
        name = BETWEEN.join(parts) or box.key.removeprefix(f"{box.vpc}/")
        by_vpc.setdefault(box.vpc, {})[box.key] = name
    return {
        (vpc, key): name for vpc, names in by_vpc.items() for key, name in _apart(names).items()
    }


def _group_name(network: Network, vpc: str, key: str) -> str:
    if key == network.default_group(vpc):
        return "default"
    group = network.groups.get(key)
    name = name_of(group.node if group else None, key)
    return name.removeprefix(f"{vpc}/").removeprefix(f"{name_of(network.vpcs.get(vpc), vpc)}/")


def _apart(names: Mapping[str, str]) -> dict[str, str]:
    counts = Counter(names.values())
    return {
        key: name if counts[name] == 1 or name == key else f"{name} ({key})"
        for key, name in names.items()
    }

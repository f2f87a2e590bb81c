"""AWS::EC2::NetworkAclEntry: one numbered entry of a NACL."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence
from ringwall.model.graph import Node, Ref
from ringwall.model.plan import Exposure
from ringwall.resources.ec2 import canonical_cidr, ec2_node
from ringwall.resources.identifiers import key_of
from ringwall.resources.kind import Item, Reads, ResourceType
from ringwall.resources.network_acl import NETWORK_ACLS

# "The entry's number … from 1 to 32766"; 32767 and above are AWS's own denials.
LAST_NUMBER = 32766
WITH_PORTS = frozenset({6, 17})  # TCP, UDP
WITH_ICMP = frozenset({1, 58})  # ICMP, ICMPv6


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Make the protocol a number, and drop what AWS ignores for it: ports, ICMP type and code."""
    normal = dict(properties)
    normal["Egress"] = bool(normal.get("Egress", False))
    normal["RuleNumber"] = int(normal["RuleNumber"])
    normal["Protocol"] = int(normal["Protocol"])
    if normal["Protocol"] not in WITH_PORTS:
        normal.pop("PortRange", None)
    if normal["Protocol"] not in WITH_ICMP:
        normal.pop("Icmp", None)
    for name, parts in (("PortRange", ("From", "To")), ("Icmp", ("Type", "Code"))):
        if name in normal:
            normal[name] = {part: int(normal[name][part]) for part in parts}
    for name in ("CidrBlock", "Ipv6CidrBlock"):
        if isinstance(normal.get(name), str):
            normal[name] = canonical_cidr(normal[name])
    return normal


def key(properties: Mapping[str, Any]) -> str:
    """Return `<nacl>:ingress:<number>` or `<nacl>:egress:<number>`."""
    direction = "egress" if properties["Egress"] else "ingress"
    return f"{key_of(properties['NetworkAclId'])}:{direction}:{properties['RuleNumber']}"


def entry_properties(entry: Item) -> dict[str, Any]:
    """Return a described entry in normal form, without the NACL that it stands in.

    Raises KeyError for an entry that does not say what it does.
    """
    if entry["RuleAction"] not in {"allow", "deny"}:
        raise KeyError(entry["RuleAction"])
    found = {
        "Egress": entry.get("Egress", False),
        "RuleNumber": entry["RuleNumber"],
        "Protocol": entry["Protocol"],
        "RuleAction": entry["RuleAction"],
        "CidrBlock": entry.get("CidrBlock"),
        "Ipv6CidrBlock": entry.get("Ipv6CidrBlock"),
        "PortRange": entry.get("PortRange"),
        "Icmp": entry.get("IcmpTypeCode"),
    }
    return normalise({name: value for name, value in found.items() if value is not None})


def read(reads: Reads) -> Iterable[Node]:
    """Yield every entry, AWS's own denials included; those of default NACLs stand with them."""
    for acl in reads.items(NETWORK_ACLS):
        if acl.get("IsDefault"):
            continue
        for entry in acl.get("Entries") or ():
            properties = {"NetworkAclId": Ref("AWS::EC2::NetworkAcl", acl["NetworkAclId"])}
            properties |= entry_properties(entry)
            # AWS's denials of the two families bear different numbers: 32767 and 32768.
            yield ec2_node(reads, RESOURCE.name, key(properties), properties, {})


def implicit(node: Node) -> bool:
    """Tell whether AWS made it: a denial at the end."""
    return bool(node.properties["RuleNumber"] > LAST_NUMBER)


def _place(node: Node) -> dict[str, Any]:
    return {name: node.properties[name] for name in ("NetworkAclId", "Egress", "RuleNumber")}


def _request(node: Node) -> dict[str, Any]:
    properties = node.properties
    request = _place(node) | {
        "Protocol": str(properties["Protocol"]),
        "RuleAction": properties["RuleAction"],
    }
    for name in ("CidrBlock", "Ipv6CidrBlock", "PortRange"):
        if name in properties:
            request[name] = properties[name]
    if "Icmp" in properties:
        request["IcmpTypeCode"] = properties["Icmp"]
    return request


def create(node: Node) -> tuple[Call, ...]:
    """Create it.

    `NetworkAclEntryAlreadyExists` is not ignored: the entry of that number may say something else.
    """
    request = _request(node)
    return (Call("ec2", "create_network_acl_entry", request, idempotent_by=Idempotence.NATURAL),)


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Replace what the number says, in one step."""
    request = _request(after)
    return (Call("ec2", "replace_network_acl_entry", request, idempotent_by=Idempotence.NATURAL),)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it."""
    return (
        Call(
            "ec2",
            "delete_network_acl_entry",
            _place(node),
            ignore=frozenset({"InvalidNetworkAclEntry.NotFound", "InvalidNetworkAclID.NotFound"}),
        ),
    )


def exposure(before: Node | None, after: Node | None) -> Exposure:
    """Tell what an entry does: an allow opens and a deny closes; both the other way round."""
    if before is not None and after is not None:
        return Exposure.BOTH
    node = after or before
    assert node is not None
    adds = before is None
    allows = node.properties["RuleAction"] == "allow"
    return Exposure.OPENS if adds == allows else Exposure.CLOSES


RESOURCE = ResourceType(
    name="AWS::EC2::NetworkAclEntry",
    listings=(NETWORK_ACLS,),
    read=read,
    key=key,
    parent="NetworkAclId",
    implicit=implicit,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    dies_with_parent=lambda _node: True,
    replace=frozenset({"NetworkAclId", "Egress", "RuleNumber"}),
    exposure=exposure,
)

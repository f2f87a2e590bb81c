"""What a response touches → what stands in it, item by item, as it was read; and all else in brief.

Rules:
- An item is a sentence that says all of it: an entry of a network ACL, a rule of a group, a group
  of an interface, an address, a domain, a target. Two that read alike are alike.
- A request says which items it brings about, in the same words.
- What holds very much is kept as a count and a digest: alike or not, without the names.
- What is not of the network as it is read (IAM, attributes of instances) has no items.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ringwall.model.graph import Address, Node
from ringwall.model.words import counted
from ringwall.playbooks import group_rules, isolation
from ringwall.playbooks.measures import Measure, Request
from ringwall.playbooks.parties import id_of, physical
from ringwall.playbooks.records import digest
from ringwall.playbooks.redaction import plain, redacted
from ringwall.reach.gaps import BESIDE_PACKETS
from ringwall.reach.reading_filters import DEFAULT_ACL, DEFAULT_GROUP
from ringwall.reach.values import Values
from ringwall.resources.balancing import TARGET_GROUP
from ringwall.resources.network_acl_entry import entry_properties, normalise

MOST: Final = 200  # items of one resource that are kept by name
LARGEST: Final = 20_000  # characters of all items of an action that are kept by name
_ENTRY: Final = "AWS::EC2::NetworkAclEntry"
_PROTOCOLS: Final = {-1: "all", 1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}
_PEERS: Final = (
    ("IpRanges", "CidrIp"),
    ("Ipv6Ranges", "CidrIpv6"),
    ("UserIdGroupPairs", "GroupId"),
    ("PrefixListIds", "PrefixListId"),
)

Items = Callable[[Values, Node], Iterable[str]]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A type whose items are known: what it is called, what an item is, and how they are read."""

    name: str
    item: str
    items: Items


def _entries(values: Values, acl: Node) -> Iterator[str]:
    for node in values.of_type(_ENTRY):
        if values.key(node.properties.get("NetworkAclId")) == acl.key:
            yield _entry_text(normalise(node.properties))
    for each in acl.properties.get("Entries", acl.observed.get("Entries")) or ():
        yield _entry_text(normalise(each))


def _entry_text(entry: Mapping[str, Any]) -> str:
    protocol = int(entry["Protocol"])
    cidr = entry.get("CidrBlock") or entry.get("Ipv6CidrBlock")
    way, side = ("outgoing", "to") if entry["Egress"] else ("incoming", "from")
    parts = [way, "entry", entry["RuleNumber"], entry["RuleAction"]]
    parts += [_PROTOCOLS.get(protocol, f"protocol {protocol}"), side, cidr]
    for name in ("PortRange", "Icmp"):
        if entry.get(name):
            parts.append("-".join(str(each) for each in entry[name].values()))
    return " ".join(map(str, parts))


def _rules(values: Values, group: Node) -> Iterator[str]:
    for name, (word, _) in group_rules.TYPES.items():
        for node in values.of_type(name):
            if values.key(node.properties.get("GroupId")) == group.key:
                yield from _permission_texts(word, group_rules.permission(values, node))
    for name in ("Ingress", "Egress", "SecurityGroupIngress", "SecurityGroupEgress"):
        for each in group.properties.get(name) or ():
            yield f"{name} {json.dumps(each, sort_keys=True, default=str)}"


def _permission_texts(word: str, said: Mapping[str, Any]) -> Iterator[str]:
    ports = "".join(f" {said[name]}" for name in ("FromPort", "ToPort") if name in said)
    for listed, member in _PEERS:
        for each in said.get(listed) or ():
            note = f" ({each['Description']})" if each.get("Description") else ""
            yield f"{word} {said['IpProtocol']}{ports} {each[member]}{note}"


def _targets(values: Values, group: Node) -> Iterator[str]:
    for each in group.properties.get("Targets") or ():
        yield _target_text({**each, "Id": id_of(values, each["Id"])})


def _target_text(target: Mapping[str, Any]) -> str:
    return " ".join(str(target[n]) for n in ("Id", "Port", "AvailabilityZone") if target.get(n))


_ACL: Final = _Kind("network ACL", "entry", _entries)
_GROUP: Final = _Kind("security group", "rule", _rules)
_KINDS: Final[Mapping[str, _Kind]] = {
    "AWS::EC2::NetworkAcl": _ACL,
    DEFAULT_ACL: _ACL,
    "AWS::EC2::SecurityGroup": _GROUP,
    DEFAULT_GROUP: _GROUP,
    "AWS::EC2::NetworkInterface": _Kind("interface", "group", isolation.groups_of),
    "AWS::WAFv2::IPSet": _Kind(
        "IP set", "address", lambda _, node: map(str, node.properties.get("Addresses") or ())
    ),
    "AWS::Route53Resolver::FirewallDomainList": _Kind(
        "domain list", "domain", lambda _, node: map(str, node.properties.get("Domains") or ())
    ),
    TARGET_GROUP: _Kind("target group", "target", _targets),
    "AWS::ElasticLoadBalancing::LoadBalancer": _Kind(
        "load balancer",
        "instance",
        lambda values, node: (id_of(values, e) for e in node.properties.get("Instances") or ()),
    ),
}


@dataclass(frozen=True, slots=True)
class Stand:
    """What stands in a resource: its items in order, or of very many a digest alone."""

    name: str
    noun: str
    count: int
    items: tuple[str, ...] | None
    digest: str

    def __str__(self) -> str:
        return counted(self.count, self.noun)

    def to_dict(self) -> dict[str, Any]:
        """Return its document."""
        found: dict[str, Any] = {"name": self.name, "noun": self.noun, "count": self.count}
        return found | ({"digest": self.digest} if self.items is None else {"items": [*self.items]})

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> "Stand":
        """Return the stand of a document; raises KeyError for what is none."""
        known, items = document, document.get("items")
        listed = None if items is None else tuple(items)
        own = known["digest"] if listed is None else digest(*listed)
        return cls(known["name"], known["noun"], known["count"], listed, own)


def stands(values: Values, targets: Iterable[str]) -> dict[str, Stand]:
    """Return what stands in those of the targets, by physical id, whose items are known."""
    wanted, found = frozenset(targets), dict[str, Stand]()
    for type_name, kind in _KINDS.items():
        for node in values.of_type(type_name):
            own = physical(node)
            if own in wanted:
                items = tuple(sorted(map(_kept, kind.items(values, node))))
                number = "" if own == node.key or own.startswith("arn:") else f" ({own})"
                name = f"{kind.name} {node.key}{number}"
                kept = items if len(items) <= MOST else None
                found[own] = Stand(name, kind.item, len(items), kept, digest(*items))
    return found


def _kept(item: str) -> str:
    """Return an item as a ledger keeps it, so that what is read later is compared with the same."""
    return str(redacted(plain(item), likely=False))


def recorded(values: Values, targets: Iterable[str]) -> dict[str, Any]:
    """Return the document of what stands before a response, to compare with afterwards."""
    wanted = frozenset(targets)
    found = stands(values, wanted)
    size = sum(len(item) for each in found.values() for item in each.items or ())
    if size > LARGEST:
        found = {own: Stand(s.name, s.noun, s.count, None, s.digest) for own, s in found.items()}
    return {
        "touched": {own: each.to_dict() for own, each in found.items()},
        "elsewhere": elsewhere(values, wanted),
    }


def elsewhere(values: Values, targets: Iterable[str]) -> dict[str, str]:
    """Return a digest of each type that packets meet, without what is touched and stands in it.

    `unknown` is that of what was not read: a graph of which another part is unknown is another one.
    A quarantine group lets nothing pass by itself; its rules, and who is in it, are nodes that are.
    """
    wanted = frozenset(targets)
    own = {
        (name, node.key)
        for name in _KINDS
        for node in values.of_type(name)
        if physical(node) in wanted
    }
    parts: dict[str, list[str]] = defaultdict(list)
    for node in values.graph:
        is_quarantine = node.properties.get("GroupName") == isolation.NAME
        is_beside = node.type.startswith(BESIDE_PACKETS) or is_quarantine
        if is_beside or own & {*_bearers(values, node)}:
            continue
        said = (node.key, node.properties, node.observed)
        parts[node.type].append(json.dumps(said, sort_keys=True, default=str))
    parts["unknown"] = [str(each) for each in values.graph.unknowns]
    return {name: digest(*sorted(each)) for name, each in sorted(parts.items())}


def _bearers(values: Values, node: Node) -> Iterator[Address]:
    """Yield a node, and what it may stand in as an item."""
    yield node.type, node.key
    if node.type == _ENTRY:
        yield "AWS::EC2::NetworkAcl", values.key(node.properties.get("NetworkAclId"))
    elif node.type in group_rules.TYPES:
        for name in ("AWS::EC2::SecurityGroup", DEFAULT_GROUP):
            yield name, values.key(node.properties.get("GroupId"))


def brought(requests: Iterable[Request]) -> frozenset[str]:
    """Return the items that requests bring about."""
    return frozenset(_kept(text) for each in requests for text in _brought(each))


def _brought(made: Request) -> Iterator[str]:
    said = made.request
    match made.operation:
        case "create_network_acl_entry":
            yield _entry_text(entry_properties(said))
        case "authorize_security_group_ingress" | "authorize_security_group_egress":
            word = made.operation.rpartition("_")[2]
            for each in said["IpPermissions"]:
                yield from _permission_texts(word, each)
        case "modify_network_interface_attribute":
            yield from (each for each in said.get("Groups") or () if isinstance(each, str))
        case "update_ip_set":
            yield from (text for each in made.readings for text in each.add)
        case "update_firewall_domains" if said["Operation"] == "ADD":
            yield from said["Domains"]
        case "register_targets":
            yield from map(_target_text, said["Targets"])
        case "register_instances_with_load_balancer":
            yield from (each["InstanceId"] for each in said["Instances"])
        case _:
            return


def there_and_gone(measure: Measure, *, standing: bool) -> tuple[frozenset[str], frozenset[str]]:
    """Return the items that are there by a measure, and those that are not, as it stands or not."""
    done, undone = brought(measure.do), brought(measure.undo)
    return (done, undone - done) if standing else (undone, done - undone)

"""Security groups and network ACLs of templates into nodes, each rule one of its own.

Rules:
- "When you create a security group, if you do not add egress rules, we add egress rules that allow
  all outbound IPv4 and IPv6 traffic" (CloudFormation, AWS::EC2::SecurityGroup). A rule that is a
  resource of its own takes that place too, as CloudFormation's own example of an empty egress does.
- A rule to 127.0.0.1/32 is CloudFormation's way to have none: no packet leaves for it.
- A rule whose peer, protocol or ports cannot be computed is one whose addresses are unknown, on all
  ports: it may let through anything.
"""

import re
from collections.abc import Iterator

from ringwall.formats.cloudformation.draft import Draft, Properties
from ringwall.formats.cloudformation.stacks import Resource
from ringwall.formats.cloudformation.values import NO_VALUE, is_unknown, reasons, unknown
from ringwall.model.graph import Ref
from ringwall.resources import network_acl_entry, security_group_rules
from ringwall.resources.ec2 import canonical_protocol
from ringwall.resources.security_group_rules import EGRESS, INGRESS, Direction

GROUP = "AWS::EC2::SecurityGroup"
DEFAULT_GROUP = "Ringwall::EC2::DefaultSecurityGroup"
DEFAULT_ACL = "Ringwall::EC2::DefaultNetworkAcl"
ENTRY = "AWS::EC2::NetworkAclEntry"
NOWHERE = "127.0.0.1/32"
ANYWHERE = (("CidrIp", "0.0.0.0/0"), ("CidrIpv6", "::/0"))
DIRECTIONS = {"SecurityGroupIngress": INGRESS, "SecurityGroupEgress": EGRESS}
LAST_PORT, LAST_NUMBER = 65_535, 32_766
_PROTOCOLS = frozenset({"-1", "tcp", "udp", "icmp", "icmpv6"})
_OWN = frozenset({"GroupId", "IpProtocol", "FromPort", "ToPort", "Description"})


def read_group(draft: Draft, resource: Resource) -> None:
    """Add a group and its inline rules."""
    properties = draft.properties(resource)
    own = {name: value for name, value in properties.items() if name not in DIRECTIONS}
    if "VpcId" not in own:
        draft.lose(f"SecurityGroup {resource.key}", "it names no VPC, so that it is of the default")
    draft.add(resource, GROUP, own)
    group = Ref(GROUP, resource.key)
    for name, direction in DIRECTIONS.items():
        for line, rule in _inline(draft, resource, name):
            add_rule(draft, resource, direction, {**rule, "GroupId": group}, line)


def _inline(draft: Draft, resource: Resource, name: str) -> Iterator[tuple[int, Properties]]:
    tree = resource.properties.get(name)
    if tree is None:
        return
    for part in tree.items if tree.kind == "list" else [tree]:
        value = draft.work.safely(resource.stack, part)
        if value is NO_VALUE:
            continue
        if is_unknown(value):
            yield part.line, {"IpProtocol": value}
            continue
        several = value if isinstance(value, list) else [value]
        for item in several:
            if is_unknown(item):
                yield part.line, {"IpProtocol": item}
            elif not isinstance(item, dict):
                draft.fault(resource, part.line, f"a rule of '{resource.logical_id}' is no mapping")
            else:
                yield part.line, draft.tidied(resource, item, part.line)


def has_egress(draft: Draft, resource: Resource) -> bool:
    """Tell whether a group's own properties give it egress rules."""
    tree = resource.properties.get("SecurityGroupEgress")
    if tree is None:
        return False
    value = draft.work.safely(resource.stack, tree)
    return value is not NO_VALUE and value != []


def read_rule(draft: Draft, resource: Resource) -> None:
    """Add a rule that is a resource of its own."""
    direction = DIRECTIONS[resource.type.rsplit("::", 1)[-1]]
    properties = draft.properties(resource)
    if is_unknown(properties.get("GroupId")) or "GroupId" not in properties:
        why = next(reasons(properties.get("GroupId")), "it names its group by name")
        draft.lose(f"{direction.type_name.rsplit('::', 1)[-1]} {resource.key}", f"GroupId: {why}")
        return
    add_rule(draft, resource, direction, properties, resource.line)


def add_rule(
    draft: Draft, resource: Resource, direction: Direction, properties: Properties, line: int
) -> None:
    """Add a rule for each peer that it names."""
    if "IpProtocol" not in properties:
        draft.fault(resource, line, f"a rule of '{resource.logical_id}' lacks IpProtocol")
        return
    members = {name: properties[name] for name in _OWN if name in properties}
    peers = {name: properties[name] for name in direction.peers if name in properties}
    if direction.owner in properties:
        members[direction.owner] = properties[direction.owner]
    if "SourceSecurityGroupName" in properties:
        peers["CidrIp"] = unknown("a group named by name")
    lost = [
        why for name in ("IpProtocol", "FromPort", "ToPort") for why in reasons(members.get(name))
    ]
    if lost:
        lost += [why for value in peers.values() for why in reasons(value)]
        members = {"GroupId": members["GroupId"], "IpProtocol": "-1"}
        peers = {"CidrIp": unknown(*lost)}
    wrong = _wrong_rule(members)
    if wrong or not peers:
        what = wrong or "names no peer"
        draft.fault(resource, line, f"a rule of '{resource.logical_id}' {what}")
        return
    for name, value in peers.items():
        if direction is EGRESS and value == NOWHERE:
            continue
        peer = {"CidrIp": unknown(*reasons(value))} if is_unknown(value) else {name: value}
        _put(draft, resource, direction, {**members, **peer}, line)


def _wrong_rule(members: Properties) -> str:
    """Return what is wrong with the protocol or the ports of a rule, "" if nothing is."""
    protocol = members["IpProtocol"]
    text = canonical_protocol(protocol) if isinstance(protocol, (str, int)) else ""
    if text not in _PROTOCOLS and not (text.isdecimal() and len(text) < 4 and int(text) < 256):
        return f"has no protocol {str(protocol)[:40]!r}"
    ports = [members.get(name, -1) for name in ("FromPort", "ToPort")]
    if not all(isinstance(port, int) and -1 <= port <= LAST_PORT for port in ports):
        return f"has no ports {ports[0]!s:.20} to {ports[1]!s:.20}"
    return (
        "has its ports in the wrong order" if text in {"tcp", "udp"} and ports[0] > ports[1] else ""
    )


def _wrong_entry(properties: Properties) -> str:
    """Return what is wrong with an entry of a network ACL, "" if nothing is."""
    number, protocol = properties.get("RuleNumber", 1), properties.get("Protocol", -1)
    if not isinstance(number, int) or not 1 <= number <= LAST_NUMBER:
        return f"has no number from 1 to {LAST_NUMBER}"
    if not re.fullmatch(r"-1|[0-9]{1,3}", str(protocol)) or int(protocol) > 255:
        return f"has no protocol {str(protocol)[:40]!r}"
    ports = properties.get("PortRange")
    if int(protocol) not in {6, 17} and ports is None:
        return ""
    ends = [ports.get(name) for name in ("From", "To")] if isinstance(ports, dict) else []
    if not ends or not all(isinstance(port, int) and 0 <= port <= LAST_PORT for port in ends):
        return "has no PortRange"
    return ""


def _put(
    draft: Draft, resource: Resource, direction: Direction, properties: Properties, line: int
) -> None:
    group = properties["GroupId"]
    if not isinstance(group, Ref) or group.type != DEFAULT_GROUP:
        draft.add(resource, direction.type_name, properties, line=line, tagged=False)
        return
    name = "Egress" if direction is EGRESS else "Ingress"
    del properties["GroupId"]
    _into_default(draft, resource, (DEFAULT_GROUP, group.key), name, properties, line)


def _into_default(
    draft: Draft,
    resource: Resource,
    address: tuple[str, str],
    name: str,
    item: Properties,
    line: int,
) -> None:
    """Add a rule or an entry to what AWS makes with a VPC, which holds its own inline."""
    node = draft.nodes.get(address)
    if node is None:
        draft.lose(f"{address[0].rsplit('::', 1)[-1]} {address[1]}", "its VPC is not in the input")
        return
    try:
        normal = (
            network_acl_entry.normalise(item)
            if address[0] == DEFAULT_ACL
            else security_group_rules.normalise(item)
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        draft.fault(resource, line, f"a rule of '{resource.logical_id}' is none: {error}")
        return
    draft.replace(node, properties={**node.properties, name: [*node.properties[name], normal]})


def add_defaults(draft: Draft, resource: Resource, *, dual_stack: bool) -> None:
    """Add the group and the ACL that AWS makes with a VPC.

    "Default security groups" and "Default network ACL" (VPC guide): the group lets its own members
    in and everything out; the ACL lets everything through.
    """
    vpc = Ref("AWS::EC2::VPC", resource.key)
    families = ANYWHERE if dual_stack else ANYWHERE[:1]
    group = Ref(DEFAULT_GROUP, resource.key)
    rules = {
        "VpcId": vpc,
        "Ingress": [{"IpProtocol": "-1", "SourceSecurityGroupId": group}],
        "Egress": [{"IpProtocol": "-1", name: block} for name, block in families],
    }
    draft.add(resource, DEFAULT_GROUP, rules, tagged=False)
    entries = [
        {
            "Egress": egress,
            "RuleNumber": 100 + index,
            "Protocol": -1,
            "RuleAction": "allow",
            ("Ipv6CidrBlock" if ":" in block else "CidrBlock"): block,
        }
        for egress in (False, True)
        for index, (_, block) in enumerate(families)
    ]
    draft.add(resource, DEFAULT_ACL, {"VpcId": vpc, "Entries": entries}, tagged=False)


def add_default_egress(draft: Draft, resource: Resource) -> None:
    """Add what CloudFormation lets out of a group that names no egress rules."""
    for name, block in ANYWHERE:
        rule = {"GroupId": Ref(GROUP, resource.key), "IpProtocol": "-1", name: block}
        draft.add(resource, EGRESS.type_name, rule, tagged=False)


def read_entry(draft: Draft, resource: Resource) -> None:
    """Add an entry of a network ACL; ports that cannot be computed are all ports, from unknown."""
    properties = draft.properties(resource)
    if "CidrBlock" not in properties and "Ipv6CidrBlock" not in properties and properties:
        draft.fault(resource, resource.line, f"entry '{resource.logical_id}' names no addresses")
    lost = [
        why
        for name in ("Protocol", "RuleAction", "PortRange", "Icmp", "CidrBlock", "Ipv6CidrBlock")
        for why in reasons(properties.get(name))
    ]
    if lost:
        for name in ("PortRange", "Icmp", "Ipv6CidrBlock"):
            properties.pop(name, None)
        properties |= {"Protocol": -1, "RuleAction": "allow", "CidrBlock": unknown(*lost)}
    wrong = "" if is_unknown(properties.get("RuleNumber")) else _wrong_entry(properties)
    if properties.get("RuleAction") not in ("allow", "deny", None):
        wrong = "has no RuleAction, which is allow or deny"
    if wrong:
        draft.fault(resource, resource.line, f"entry '{resource.logical_id}' {wrong}")
        return
    acl = properties.get("NetworkAclId")
    if isinstance(acl, Ref) and acl.type == DEFAULT_ACL:
        del properties["NetworkAclId"]
        _into_default(draft, resource, (DEFAULT_ACL, acl.key), "Entries", properties, resource.line)
        return
    draft.add(resource, ENTRY, properties, tagged=False)

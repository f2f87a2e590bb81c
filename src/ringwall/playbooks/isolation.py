"""Interfaces → a group without rules in the place of their own, and the proof that nothing passes.

Rules:
- Every interface is isolated by itself, and its own groups stand in the way back: an instance has
  no groups, its interfaces have.
- There is one quarantine group a VPC, made where it is missing, and kept: without rules and
  interfaces it is nothing, and it is found by its name.
- Groups track connections: what is under way lives on. Nothing here is ever told as contained.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ringwall.model.grants import Grant, regional
from ringwall.model.graph import Address, Node
from ringwall.model.ports import ANY
from ringwall.playbooks.measures import Measure, Reading, Request
from ringwall.playbooks.parties import Host, id_of, physical
from ringwall.playbooks.playbook import Situation
from ringwall.playbooks.records import Action
from ringwall.reach.end import End
from ringwall.reach.engine import Engine
from ringwall.reach.judge import Judgement, judge
from ringwall.reach.values import Values
from ringwall.reach.ways import Kind
from ringwall.resources.ownership import MADE_BY_TAG, OURS, RESPONDER, specification

NAME: Final = "ringwall-quarantine"
_MADE: Final = {MADE_BY_TAG: RESPONDER}
_VPC, _ANY_GROUP = regional("ec2", "vpc/*", "security-group/*")
GRANTS: Final = (
    Grant(("ec2:DescribeSecurityGroups",)),
    Grant(("ec2:CreateSecurityGroup",), (_VPC,), (OURS,)),
    Grant(
        ("ec2:CreateSecurityGroup",),
        (_ANY_GROUP,),
        (("StringEquals", f"aws:RequestTag/{MADE_BY_TAG}", RESPONDER),),
    ),
    Grant(
        ("ec2:CreateTags",),
        (_ANY_GROUP,),
        (("StringEquals", "ec2:CreateAction", "CreateSecurityGroup"),),
    ),
    Grant(
        ("ec2:RevokeSecurityGroupEgress",),
        (_ANY_GROUP,),
        (("StringEquals", f"aws:ResourceTag/{MADE_BY_TAG}", RESPONDER),),
    ),
    # Interfaces are not the deployment's, nor need the groups be in which they were; their VPC
    # (`ec2:Vpc`) is known by its id alone, after the apply.
    Grant(
        ("ec2:ModifyNetworkInterfaceAttribute",),
        (*regional("ec2", "instance/*", "network-interface/*"), _ANY_GROUP),
    ),
)
_GROUP: Final = "AWS::EC2::SecurityGroup"
_ALL = (
    {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
    {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
)
_TRACKED: Final = (
    "connections that are tracked live on, also within the subnet, as long as they are not idle: "
    "TCP up to five days, UDP up to three minutes"
)
_UNFILTERED: Final = (
    "no group filters the resolver, the metadata and time services and DHCP: what leaves by the "
    "names that are asked for goes on, and so do the credentials of the instance"
)
RESIDUAL: Final = (_TRACKED, _UNFILTERED)


def isolated(situation: Situation, host: Host) -> Iterator[Measure]:
    """Yield the measures that put a host's interfaces into quarantine, the group's own first."""
    values = situation.engine.network.values
    made: dict[str, tuple[Any, Node]] = {}
    for interface in host.interfaces:
        vpc = _vpc_of(values, interface)
        if vpc.key not in made:
            there = quarantine_of(values, vpc.key)
            rules = () if there is None else tuple(_given(values, there))
            if there is not None and not rules:
                made[vpc.key] = physical(there), there
            elif there is not None:  # made, and left alone before its rules were gone
                made[vpc.key] = physical(there), there
                yield _group_made(vpc, there, rules)
            else:
                group = Node(
                    _GROUP, f"{vpc.key}/{NAME}", vpc.account, vpc.region,
                    {"GroupName": NAME, "GroupDescription": NAME, "VpcId": vpc.ref},
                )  # fmt: skip
                made[vpc.key] = _by_name(physical(vpc)), group
                yield _group_made(vpc, group)
        own = groups_of(values, interface)
        identifier, group = made[vpc.key]
        after = replace(interface, properties={**interface.properties, "GroupSet": [group.ref]})
        yield _moved(physical(interface), identifier, own, after)


def quarantine_of(values: Values, vpc: str) -> Node | None:
    """Return the quarantine group of a VPC, None where there is none."""
    for node in values.of_type(_GROUP):
        is_here = values.key(node.properties.get("VpcId")) == vpc
        if is_here and node.properties.get("GroupName") == NAME:
            return node
    return None


def _given(values: Values, group: Node) -> Iterator[Address]:
    """Yield the rules that AWS gives to a new group."""
    for node in values.of_type("AWS::EC2::SecurityGroupEgress"):
        rule = node.properties
        is_its = values.key(rule.get("GroupId")) == group.key
        is_whole = str(rule.get("IpProtocol")) == "-1"
        if (
            is_its
            and is_whole
            and {rule.get("CidrIp"), rule.get("CidrIpv6")} & {"0.0.0.0/0", "::/0"}
        ):
            yield node.type, node.key


def groups_of(values: Values, interface: Node) -> list[str]:
    """Return the ids of an interface's groups, sorted."""
    return sorted(id_of(values, each) for each in interface.properties.get("GroupSet") or ())


def _vpc_of(values: Values, interface: Node) -> Node:
    subnet = values.node("AWS::EC2::Subnet", interface.properties.get("SubnetId"))
    vpc = None if subnet is None else values.node("AWS::EC2::VPC", subnet.properties.get("VpcId"))
    if vpc is None:
        msg = f"the VPC of {physical(interface)} is not in the input"
        raise LookupError(msg)
    return vpc


def _by_name(vpc: str) -> Reading:
    filters = [{"Name": "group-name", "Values": [NAME]}, {"Name": "vpc-id", "Values": [vpc]}]
    asked = {"Filters": filters}
    return Reading("ec2", "describe_security_groups", asked, "SecurityGroups.0.GroupId")


def _group_made(vpc: Node, group: Node, gone: tuple[Address, ...] = ()) -> Measure:
    own = physical(vpc)
    request = {
        "GroupName": NAME,
        "Description": "quarantine: no rules, and none may be added",
        "VpcId": own,
        "TagSpecifications": specification("security-group", _MADE),
    }
    # AWS gives every new group rules that let everything out.
    rules = tuple(
        Request(
            "ec2",
            "revoke_security_group_egress",
            {"GroupId": _by_name(own), "IpPermissions": [each]},
            ("InvalidPermission.NotFound",),
        )
        for each in _ALL
    )
    return Measure(
        f"make the group {NAME} in VPC {vpc.key}, without rules",
        own,
        (Request("ec2", "create_security_group", request, ("InvalidGroup.Duplicate",)), *rules),
        (),
        (group, *gone),
    )


def _moved(interface: str, group: str | Reading, own: list[str], after: Node) -> Measure:
    change = "modify_network_interface_attribute"
    gone = ("InvalidNetworkInterfaceID.NotFound",)
    return Measure(
        f"put interface {interface} into {NAME}, out of {', '.join(own)}",
        interface,
        (Request("ec2", change, {"NetworkInterfaceId": interface, "Groups": [group]}),),
        (Request("ec2", change, {"NetworkInterfaceId": interface, "Groups": own}, gone),),
        (after,),
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """What still passes to or from interfaces, of so many pairs of ends and classes of packets."""

    still: tuple[str, ...]
    pairs: int
    classes: int


def judged(engine: Engine, interfaces: Sequence[Node]) -> Judged:
    """Judge every end of the network, inside and outside, with interfaces, both ways."""
    ends = engine.ends
    far = [*dict.fromkeys(ends.everything()), ends.internet, *_others(engine)]
    still: list[str] = []
    found: list[Judgement] = []
    for node in interfaces:
        there = engine.network.interfaces.get(node.key)
        if there is None:
            still.append(f"{physical(node)} is in no subnet of the input")
            continue
        one = ends.end_of_interface(there.node, there.subnet)
        others = _sharing(one, far)
        found += [_judge(engine, (one,), others), _judge(engine, others, (one,))]
    still += [_told(each) for each in found if not each.ok]
    return Judged(tuple(still), sum(j.pairs for j in found), sum(j.classes for j in found))


def _others(engine: Engine) -> Iterator[End]:
    """Yield private addresses outside, and the services whose addresses bear their lists' names."""
    ends = engine.ends
    if ends.outside.blocks:
        yield ends.outside
    lists = engine.network.lists
    internet = tuple(block for block in ends.internet.blocks if block.version == 4)
    for name in sorted(lists.services):
        blocks = tuple(lists.blocks.get(name, ())) or internet
        yield End(f"aws:{name}", Kind.SERVICE, blocks, list_name=name)


def _sharing(one: End, far: Sequence[End]) -> tuple[End, ...]:
    """Return the ends that share a family with one, and are not itself."""
    own = {block.version for block in one.blocks}
    return tuple(
        each
        for each in far
        if own & {block.version for block in each.blocks}
        and not (each.interface and each.interface == one.interface)
    )


def _judge(engine: Engine, sources: Sequence[End], destinations: Sequence[End]) -> Judgement:
    pair = (tuple(sources), tuple(destinations))
    return judge(engine, *pair, ports=(ANY,), reachable=False)


def _told(found: Judgement) -> str:
    case = found.case
    if case is None:
        return "; ".join(map(str, found.unknowns))
    return f"{case.source} to {case.destination}, {case.packets} is {found.verdict.value}"


def lacks(action: Action, situation: Situation) -> tuple[str, ...]:
    """Return which interfaces of an action are not in quarantine alone."""
    values = situation.engine.network.values
    lacking = []
    for identifier in action.facts.get("interfaces", ()):
        node = values.node("AWS::EC2::NetworkInterface", identifier)
        if node is None:
            continue  # it is gone, and with it what was to be isolated
        group = quarantine_of(values, _vpc_of(values, node).key)
        if group is None or groups_of(values, node) != [physical(group)]:
            lacking.append(f"interface {identifier} is in {', '.join(groups_of(values, node))}")
    return tuple(lacking)


def state(about: Sequence[str], situation: Situation) -> Mapping[str, Any]:
    """Return the groups of interfaces."""
    values = situation.engine.network.values
    found = {}
    for identifier in about:
        node = values.node("AWS::EC2::NetworkInterface", identifier)
        found[identifier] = None if node is None else groups_of(values, node)
    return found

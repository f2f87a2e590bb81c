"""Interfaces and instances as targets of routes: what a packet meets at one, and how it leaves.

Rules (decision 21):
- The interface must let strangers' packets pass: attached, running, no source/destination check.
- What the machine behind it does is what its tag says; without one nobody knows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ringwall.model.graph import Node, Unknown
from ringwall.trace import codes
from ringwall.trace.addresses import addresses_of, block, host
from ringwall.trace.arrival import acl_steps, group_step
from ringwall.trace.elements import Middlebox, Target
from ringwall.trace.ends import group_keys
from ringwall.trace.filters import Outcome, Remote
from ringwall.trace.memory import remembered
from ringwall.trace.network import Network
from ringwall.trace.path import Goal, NatFilter, Path, Position, Step

TAG = "ringwall:appliance"  # what the machine behind an interface does with packets of others
FORWARDS, TRANSLATES = "forwards", "translates"
INTERFACE, INSTANCE = "AWS::EC2::NetworkInterface", "AWS::EC2::Instance"
ROUTABLE = frozenset({"interface", "efa"})


@remembered
def middleboxes(network: Network) -> dict[str, Middlebox]:
    """Return every interface as a target, by the keys of its node and of its instance's."""
    found: dict[str, Middlebox] = {}
    instances = {node.key: node for node in network.graph.of_type(INSTANCE)}
    by_interface = {
        key: node
        for node in instances.values()
        for key in network.values.keys(node.observed.get("NetworkInterfaceIds"))
    }
    attached: dict[str, Middlebox] = {}  # by instance
    for node in network.graph.of_type(INTERFACE):
        attachment = node.observed.get("Attachment") or {}
        key = network.values.key(attachment.get("InstanceId"))
        owner = by_interface.get(node.key) or instances.get(key)
        box = found[node.key] = _middlebox(network, node, owner)
        attached.setdefault(key, box)
    for node in instances.values():
        keys = network.values.keys(node.observed.get("NetworkInterfaceIds"))
        first = next((found[key] for key in keys if key in found), None)
        found[node.key] = first or attached.get(node.key) or _middlebox(network, node, node)
    return found


def _middlebox(network: Network, node: Node, instance: Node | None) -> Middlebox:
    texts = list(addresses_of(node.observed)) or [node.observed.get("PrivateIpAddress", "")]
    found = [host(text) for text in texts if text and "/" not in text]
    names = node.properties.get("GroupSet") or node.properties.get("SecurityGroupIds")
    tags = {**(instance.tags if instance else {}), **node.tags}
    return Middlebox(
        key=node.key,
        subnet=network.values.key(node.properties.get("SubnetId")),
        groups=tuple(sorted(group_keys(network, names))),
        address=next((each for each in found if each.version == 4), None),
        public=is_public(node),
        # "Each EC2 instance performs source/destination checks by default" (VPC guide, NAT
        # instances).
        checks=bool(node.properties.get("SourceDestCheck", True)),
        does=tags.get(TAG, ""),
        broken=_broken(node, instance),
        kind=str(node.observed.get("InterfaceType", "interface")),
        node=node,
    )


def is_public(node: Node) -> bool:
    """Tell whether an interface that was read has a public address."""
    return bool(node.observed.get("PublicIp") or node.observed.get("PublicIpAddress")) or any(
        item.get("Association") for item in node.observed.get("PrivateIpAddresses") or ()
    )


def _broken(node: Node, instance: Node | None) -> str:
    attachment = node.observed.get("Attachment") or {}
    status = attachment.get("Status", node.observed.get("Status", ""))
    if status in {"available", "detached", "detaching"}:
        return "it is attached to nothing"
    state = str(instance.observed.get("State", "")) if instance is not None else ""
    return f"its instance is {state}" if state not in {"", "running"} else ""


@dataclass(frozen=True, slots=True)
class Entrance:
    """How a packet comes to a middlebox: over which kind of gateway's edge, "" from a subnet."""

    gateway: str = ""


def pass_interface(
    network: Network, position: Position, target: Target, entrance: Entrance | None = None
) -> Iterator[Path | Position]:
    """Go into an interface and come out of it; a Position is on its way out of its subnet.

    F21, R14: "you must disable source/destination checks" for what forwards (VPC guide). R15: a NAT
    instance has groups both ways and bears its own address.
    """
    box = middleboxes(network).get(target.key)
    home = network.subnets.get(box.subnet) if box else None
    if box is None or home is None:
        unknown = Unknown(f"{target.kind} {target.key}", "not in the input")
        yield position.end(
            Step(target.kind, target.key, str(unknown), Outcome.UNKNOWN, unknown=unknown)
        )
        return
    if position.subnet is None or position.subnet.key != home.key:
        position = position.add(*acl_steps(home, position.source, egress=False))
    step = Step("network-interface", box.key, "takes packets of others", node=box.node)
    if box.kind not in ROUTABLE:
        unknown = Unknown(f"network-interface {box.key}", f"one of type {box.kind!r} as a target")
        yield position.end(_unknown(step, unknown))
        return
    position = position.add(*_state(box, step, entrance), *_not_read(network, box, step))
    knows = position.answers is not None and box.key in position.answers.middleboxes
    position = position.add(_groups(network, position, box, knows=knows, egress=False))
    if box.does not in {FORWARDS, TRANSLATES}:
        why = f"no tag {TAG} says whether it forwards, translates or filters"
        unknown = Unknown(f"appliance {box.key}", why)
        yield position.end(_unknown(Step("appliance", box.key, ""), unknown))
        return
    position = replace(position, subnet=home)
    if box.does == TRANSLATES:
        translated = _translate(position, box)
        if isinstance(translated, Path):
            yield translated
            return
        position = translated
    else:
        position = position.add(Step("appliance", box.key, "forwards unchanged", node=box.node))
    via = replace(position.via, middleboxes=(*position.via.middleboxes, box.key))
    position = replace(position, via=via)
    if box.does == FORWARDS:
        position = replace(position, sender_groups=frozenset())
    yield position.add(_groups(network, position, box, knows=knows, egress=True))


def _state(box: Middlebox, step: Step, entrance: Entrance | None) -> Iterator[Step]:
    if box.broken:
        yield replace(step, text=box.broken, outcome=Outcome.DROP, code=codes.BAD_STATE)
    if box.checks:
        text = "its source/destination check rejects packets of others"
        yield replace(step, text=text, outcome=Outcome.DROP, code=codes.SOURCE_DEST_CHECK)
    if entrance is not None and entrance.gateway == "internet-gateway" and not box.public:
        # "A middlebox appliance can't receive traffic from the internet through an ingress route
        # table if it does not have a public IP address" (Reachability Analyzer guide).
        text = "without a public address it takes nothing from an internet gateway"
        yield replace(step, text=text, outcome=Outcome.DROP, code=codes.INGRESS_NOT_PUBLIC)
    if not (box.broken or box.checks):
        yield step


def _not_read(network: Network, box: Middlebox, step: Step) -> Iterator[Step]:
    """Yield that the state of the instance that bears an interface is not known."""
    owner = network.values.key((box.node.observed.get("Attachment") or {}).get("InstanceId"))
    lost = network.lacks(INSTANCE)
    if owner and lost is not None and (INSTANCE, owner) not in network.graph:
        yield _unknown(step, Unknown(f"instance {owner}", lost.why))


def _groups(
    network: Network, position: Position, box: Middlebox, *, knows: bool, egress: bool
) -> Step:
    remote = position.goal.host if egress else position.source
    groups = frozenset[str]() if egress else position.sender_groups
    asked = replace(position, is_reply=knows)
    return group_step(network, asked, box.groups, Remote(remote, groups), egress=egress)


def _translate(position: Position, box: Middlebox) -> Position | Path:
    step = Step("appliance", box.key, "", code=codes.NAT_PROTOCOL, node=box.node)
    unknown: Unknown | None = None
    if position.via.nat:
        unknown = Unknown(f"appliance {box.key}", "two translations on one path are not modelled")
    elif box.address is None or position.goal.host.version == 6:
        unknown = Unknown(f"appliance {box.key}", "which address it translates to is not known")
    if unknown is not None or box.address is None:
        return position.end(_unknown(step, unknown))
    return replace(
        position.add(replace(step, filter=NatFilter(box.node, codes.NAT_PROTOCOL))),
        source=box.address,
        sender_groups=frozenset(box.groups),
        sender_public=box.public,
        via=replace(position.via, nat=box.key, bears=box.address),
    )


def _unknown(step: Step, unknown: Unknown | None) -> Step:
    return replace(step, text=str(unknown), outcome=Outcome.UNKNOWN, unknown=unknown)


def is_own_address(network: Network, target: Target, goal: Goal) -> bool:
    """Tell whether a packet is addressed to the interface that a route leads to.

    Secondary addresses and delegated prefixes are its own like the first (EC2 guide, prefix
    delegation). In another VPC the same address is somebody else's.
    """
    box = middleboxes(network).get(target.key)
    if box is None or goal.subnet is None or goal.subnet.key != box.subnet:
        return False
    texts = [*addresses_of(box.node.observed), box.node.observed.get("PrivateIpAddress", "")]
    return any(goal.host in block(text) for text in texts if text)

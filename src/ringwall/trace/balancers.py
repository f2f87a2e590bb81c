"""Load balancers of every generation: listeners, target groups, targets, and their nodes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ringwall.model.graph import Node, Ref, Unknown
from ringwall.resources.ownership import TARGETS_TAG
from ringwall.trace.addresses import Block, addresses_of, block
from ringwall.trace.elements import Subnet
from ringwall.trace.memory import remembered
from ringwall.trace.packet import TCP, UDP

if TYPE_CHECKING:
    from ringwall.trace.network import Network

ELB = "AWS::ElasticLoadBalancingV2::"
LOAD_BALANCER, LISTENER, RULE = f"{ELB}LoadBalancer", f"{ELB}Listener", f"{ELB}ListenerRule"
TARGET_GROUP = f"{ELB}TargetGroup"
CLASSIC = "AWS::ElasticLoadBalancing::LoadBalancer"
INTERFACE = "AWS::EC2::NetworkInterface"
PROTOCOLS: Mapping[str, frozenset[int]] = {
    "UDP": frozenset({UDP}),
    "QUIC": frozenset({UDP}),
    "GENEVE": frozenset({UDP}),
    "TCP_UDP": frozenset({TCP, UDP}),
    "TCP_QUIC": frozenset({TCP, UDP}),
}
CROSS_ZONE = "load_balancing.cross_zone.enabled"
# States of targets that get nothing while others are better; "unhealthy" ones get everything if
# none is better: "if a target group contains only unhealthy registered targets, the load balancer
# routes requests to all those targets" (ELB guide, target group health).
OUT = frozenset({"unhealthy", "unhealthy.draining", "draining", "unused", "outofservice"})


@dataclass(frozen=True, slots=True)
class Registered:
    """A target: `target` is a key or an address, `port` 0 where the group's counts."""

    target: str
    port: int
    state: str


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """Targets with what holds for all; `preserves`, `crosses` are None where nobody said."""

    key: str
    kind: str  # instance, ip, alb, lambda; group: whoever bears the group that it is for
    protocol: str
    port: int
    preserves: bool | None
    crosses: bool | None
    vpc: str
    minimum: tuple[int, int]  # of healthy targets, and of their percentage
    targets: tuple[Registered, ...]
    node: Node = field(compare=False)


@dataclass(frozen=True, slots=True)
class Listener:
    """What a balancer takes; `answers`: some of it it answers by itself. Port 0 is every port."""

    protocols: frozenset[int]
    port: int
    groups: tuple[TargetGroup | Unknown, ...]
    answers: str
    node: Node = field(compare=False)

    def __str__(self) -> str:
        names = "/".join("udp" if p == UDP else "tcp" for p in sorted(self.protocols))
        return f"listener {names}:{self.port}"


@dataclass(frozen=True, slots=True)
class Balancer:
    """A load balancer; `groups` is None where it has none and takes everything."""

    key: str
    kind: str  # application, network, gateway, classic
    names: frozenset[str]
    subnets: tuple[str, ...]
    groups: tuple[str, ...] | None
    is_public: bool
    crosses: bool | None  # None: AWS was asked, and its answer is not in the input
    asks_groups_of_endpoints: bool
    state: str
    versions: frozenset[int]  # the families of addresses that its nodes have
    listeners: tuple[Listener, ...] = field(compare=False)
    node: Node = field(compare=False)


@remembered
def balancers(network: "Network") -> dict[str, Balancer]:
    """Return every load balancer."""
    groups = {n.key: _target_group(network, n) for n in network.graph.of_type(TARGET_GROUP)}
    found = {}
    for node in network.graph.of_type(LOAD_BALANCER):
        given = node.properties
        kind = str(given.get("Type") or "application")
        family = given.get("IpAddressType")
        names = network.values.keys(given.get("SecurityGroups"))
        attributes = _attributes(given.get("LoadBalancerAttributes"))
        enforced = str(given.get("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic") or "on")
        found[node.key] = Balancer(
            key=node.key,
            kind=kind,
            names=_names(node, given.get("Name")),
            subnets=_subnets(network, node),
            # "A Network Load Balancer that has no security groups ... accepts all traffic".
            groups=None if kind == "gateway" or (kind == "network" and not names) else names,
            is_public=given.get("Scheme") == "internet-facing"
            and family != "dualstack-without-public-ipv4",
            crosses=_crosses(node, kind, attributes.get(CROSS_ZONE)),
            asks_groups_of_endpoints=enforced.lower() != "off",
            state=_state(node),
            versions=_versions(family, is_wanted=not node.physical_id),
            listeners=tuple(_listeners(network, node, groups)),
            node=node,
        )
    for node in network.graph.of_type(CLASSIC):
        found[node.key] = _classic(network, node)
    return found


def _names(node: Node, name: Any) -> frozenset[str]:  # noqa: ANN401
    return frozenset({node.key, node.physical_id, str(name or "")}) - {""}


def _subnets(network: "Network", node: Node) -> tuple[str, ...]:
    mapped = [item.get("SubnetId") for item in node.properties.get("SubnetMappings") or ()]
    return network.values.keys(node.properties.get("Subnets")) or network.values.keys(mapped)


def _versions(family: object, *, is_wanted: bool) -> frozenset[int]:
    """Return the families of a balancer's addresses: IPv4's alone for `ipv4`, the default.

    What is there, and of which nobody said, may have both (ELB API, IpAddressType).
    """
    is_v4 = family == "ipv4" or (family is None and is_wanted)
    return frozenset({4} if is_v4 else {4, 6})


def _state(node: Node) -> str:
    state = node.observed.get("State") or "active"
    return str(state.get("Code", "active") if isinstance(state, Mapping) else state)


def _attributes(items: Any) -> dict[str, str]:  # noqa: ANN401
    return {str(item["Key"]): str(item.get("Value", "")) for item in items or ()}


def _target_group(network: "Network", node: Node) -> TargetGroup:
    given = node.properties
    attributes = _attributes(given.get("TargetGroupAttributes"))
    kept, cross = attributes.get("preserve_client_ip.enabled"), attributes.get(CROSS_ZONE)
    states = {}
    for item in node.observed.get("TargetHealth") or ():
        target = item.get("Target") or {}
        state = item.get("State") or (item.get("TargetHealth") or {}).get("State") or ""
        states[network.values.key(target.get("Id")), int(target.get("Port") or 0)] = str(state)
    registered = {
        (network.values.key(item.get("Id")), int(item.get("Port") or 0)): ""
        for item in given.get("Targets") or ()
    }
    for (target, port), state in states.items():
        known = (target, port) if (target, port) in registered else (target, 0)
        registered[known if known in registered else (target, port)] = state
    kind, protocol = str(given.get("TargetType") or "instance"), str(given.get("Protocol") or "TCP")
    # Nobody is registered yet in a group that a blueprint wants: anybody of that group may be.
    wanted = node.tags.get(TARGETS_TAG)
    if wanted and not registered and protocol in {"HTTP", "HTTPS"}:
        kind, registered = "group", {(wanted, 0): ""}
    return TargetGroup(
        key=node.key,
        kind=kind,
        protocol=protocol.upper(),
        port=int(given.get("Port") or 0),
        preserves=None if kept is None else kept.lower() == "true",
        crosses=None if cross not in {"true", "false"} else cross == "true",
        vpc=network.values.key(given.get("VpcId")),
        minimum=(
            _threshold(attributes, "count", "1"),
            _threshold(attributes, "percentage", "off"),
        ),
        targets=tuple(Registered(t, port, state) for (t, port), state in registered.items()),
        node=node,
    )


def _listeners(
    network: "Network", balancer: Node, groups: Mapping[str, TargetGroup]
) -> Iterator[Listener]:
    rules: dict[str, list[Any]] = {}
    for node in network.graph.of_type(RULE):
        key = network.values.key(node.properties.get("ListenerArn"))
        rules.setdefault(key, []).extend(node.properties.get("Actions") or ())
    for node in network.graph.of_type(LISTENER):
        if network.values.key(node.properties.get("LoadBalancerArn")) != balancer.key:
            continue
        actions = [*(node.properties.get("DefaultActions") or ()), *rules.get(node.key, ())]
        protocol = str(node.properties.get("Protocol") or "TCP").upper()
        named = dict.fromkeys(key for each in actions for key in _forwarded(network, each))
        answers = [
            str(each.get("Type"))
            for each in actions
            if each.get("Type") in {"redirect", "fixed-response"}
        ]
        known = [
            groups.get(key) or Unknown(f"target group {key}", "not in the input") for key in named
        ]
        yield Listener(
            PROTOCOLS.get(protocol, frozenset({TCP})),
            int(node.properties.get("Port") or 0),
            tuple(known),
            answers[0] if answers else "",
            node,
        )


def _forwarded(network: "Network", action: Mapping[str, Any]) -> Iterator[str]:
    single = action.get("TargetGroupArn")
    many = (action.get("ForwardConfig") or {}).get("TargetGroups") or ()
    for item in many:
        if item.get("Weight") != 0:
            yield network.values.key(item.get("TargetGroupArn"))
    if single is not None and not many:
        yield network.values.key(single)


def _classic(network: "Network", node: Node) -> Balancer:
    given = node.properties
    states = {
        network.values.key(item.get("InstanceId")): str(item.get("State", ""))
        for item in node.observed.get("InstanceStates") or ()
    }
    instances = [_instance_id(each) for each in given.get("Instances") or ()]
    targets = tuple(
        Registered(key, 0, states.get(key, "")) for key in network.values.keys(instances)
    )
    listeners = []
    for item in given.get("Listeners") or ():
        said = item.get("Listener") or item
        port = int(said.get("InstancePort") or 0)
        group = TargetGroup(
            f"{node.key}:{port}", "instance", "TCP", port, False, None, "", (1, 0), targets, node
        )
        listener = Listener(frozenset({TCP}), int(said["LoadBalancerPort"]), (group,), "", node)
        listeners.append(listener)
    return Balancer(
        key=node.key,
        kind="classic",
        names=_names(node, given.get("LoadBalancerName")),
        subnets=_subnets(network, node),
        groups=network.values.keys(given.get("SecurityGroups")),
        is_public=given.get("Scheme", "internet-facing") == "internet-facing",
        crosses=_is_on(given.get("CrossZone")),
        asks_groups_of_endpoints=True,
        state="active",
        versions=frozenset({4}),  # in a VPC it "supports IPv4 addresses only" (its guide)
        listeners=tuple(listeners),
        node=node,
    )


def _instance_id(value: Any) -> Any:  # noqa: ANN401  (a Ref, an id, or {InstanceId})
    return value if isinstance(value, str | Ref) else value.get("InstanceId")


def _is_on(value: Any) -> bool:  # noqa: ANN401
    return str(value.get("Enabled") if isinstance(value, Mapping) else value).lower() == "true"


def eligible(
    group: TargetGroup, available: Sequence[Registered] | None = None, *, opens: bool
) -> list[Registered]:
    """Return the targets that get traffic of those available to a node, by default all.

    `opens`: below the group's thresholds unhealthy ones get it, too (ELB guide, target group
    health: "including unhealthy targets").
    """
    asked = group.targets if available is None else available
    good = [each for each in asked if each.state.lower() not in OUT]
    unhealthy = [each for each in asked if each.state.lower() == "unhealthy"]
    count, percentage = group.minimum
    every = len(good) + len(unhealthy)
    below = len(good) < count or (every > 0 and len(good) / every < percentage / 100)
    return good + unhealthy if below and opens else good


def preserves(balancer: Balancer, group: TargetGroup) -> bool:
    """Tell whether targets see the address of a client that comes by no endpoint.

    F15: on by default for instance targets and for UDP and TCP_UDP ip targets, off for ip targets
    of TCP and TLS; it has "no effect on inbound traffic from AWS PrivateLink" (NLB guide, target
    group attributes).
    """
    if balancer.kind != "network" or group.kind in {"lambda", "group"}:
        return False
    if group.protocol in {"UDP", "TCP_UDP", "QUIC", "TCP_QUIC"}:
        return True
    return group.kind in {"instance", "alb"} if group.preserves is None else group.preserves


def _threshold(attributes: Mapping[str, str], which: str, default: str) -> int:
    text = attributes.get(
        f"target_group_health.unhealthy_state_routing.minimum_healthy_targets.{which}", default
    )
    return int(text) if text.isdecimal() else 0


def _crosses(node: Node, kind: str, attribute: str | None) -> bool | None:
    if attribute is None and kind != "application":
        return None if node.physical_id else False  # its default, where it is wanted
    return attribute is None or attribute.lower() == "true"


def balancer_of(network: "Network", interface: Node) -> Balancer | None:
    """Return the balancer that an interface is a node of, by the interface's description."""
    text = str(interface.observed.get("Description", ""))
    if not text.startswith("ELB "):
        return None
    suffix = text.removeprefix("ELB ")
    name = suffix.split("/")[1] if suffix.count("/") >= 2 else suffix
    for balancer in balancers(network).values():
        arn = balancer.node.physical_id or balancer.key
        if arn.endswith(f"loadbalancer/{suffix}") or name in balancer.names:
            return balancer
    return None


@remembered
def _nodes(network: "Network") -> dict[tuple[str, str], tuple[Block, ...]]:
    """Return the addresses of nodes whose interfaces are in the input, by balancer and subnet."""
    found: dict[tuple[str, str], dict[Block, None]] = {}
    for node in network.graph.of_type(INTERFACE):
        owner = balancer_of(network, node)
        if owner is not None:
            key = (owner.key, network.values.key(node.properties.get("SubnetId")))
            found.setdefault(key, {}).update({block(t): None for t in addresses_of(node.observed)})
    return {key: tuple(blocks) for key, blocks in found.items()}


def node_addresses(network: "Network", balancer: Balancer, subnet: Subnet) -> tuple[Block, ...]:
    """Return the addresses of a balancer's node in a subnet; any of it where none is known."""
    known = _nodes(network).get((balancer.key, subnet.key))
    may_be = tuple(part for part in subnet.blocks if part.version in balancer.versions)
    return known or may_be or subnet.blocks

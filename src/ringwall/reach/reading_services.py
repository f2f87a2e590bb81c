"""A graph → its load balancers of every generation, and the endpoints that packets go through."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ringwall.model.graph import Node, Ref, Unknown
from ringwall.reach.blocks import FAMILIES, Block
from ringwall.reach.firewalls import FIREWALL, Policy, read_policies
from ringwall.reach.packets import TCP, UDP
from ringwall.reach.values import Values
from ringwall.resources.balancing import meant_for

ELB = "AWS::ElasticLoadBalancingV2::"
CLASSIC = "AWS::ElasticLoadBalancing::LoadBalancer"
TRANSPORT: Mapping[str, frozenset[int]] = {
    "UDP": frozenset({UDP}),
    "QUIC": frozenset({UDP}),
    "GENEVE": frozenset({UDP}),
    "TCP_UDP": frozenset({TCP, UDP}),
    "TCP_QUIC": frozenset({TCP, UDP}),
}
FAMILY, NO_PUBLIC_IPV4 = "IpAddressType", "dualstack-without-public-ipv4"
CROSS_ZONE = "load_balancing.cross_zone.enabled"
ANY_OF_GROUP = "group"  # the kind of targets that nobody registered yet: whoever bears a group
OWN_ANSWERS = frozenset({"redirect", "fixed-response"})
UNHEALTHY = "unhealthy"
ENOUGH = "target_group_health.unhealthy_state_routing.minimum_healthy_targets."
# States of targets that get nothing while others are better.
OUT = frozenset({UNHEALTHY, "unhealthy.draining", "draining", "unused", "outofservice"})


@dataclass(frozen=True, slots=True)
class Registered:
    """A target: a key or an address, and its port, 0 where the group's counts."""

    target: str
    port: int
    state: str


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """Targets with what holds for all; `preserves` and `crosses` are None where nobody said."""

    key: str
    kind: str  # instance, ip, alb, lambda, group
    protocol: str
    port: int
    preserves: bool | None
    crosses: bool | None
    vpc: str
    enough: tuple[int, int]  # healthy targets, and percent of all, below which all get traffic
    targets: tuple[Registered, ...]
    node: Node = field(compare=False)

    @property
    def protocols(self) -> frozenset[int]:
        """Return the protocols in which its targets are asked."""
        return TRANSPORT.get(self.protocol, frozenset({TCP}))

    def eligible(
        self, among: Iterable[Registered] | None = None, *, opens: bool
    ) -> list[Registered]:
        """Return those of its targets that get traffic; `opens`: if too few are healthy, all do.

        F14: "when the healthy targets in a zone fall below the threshold, the load balancer sends
        traffic to all targets that are available to the load balancer node, including unhealthy
        targets" (ELB guide, target group health); `among` are those available to a node.
        """
        known = self.targets if among is None else tuple(among)
        good = [each for each in known if each.state.lower() not in OUT]
        rest = [each for each in known if each.state.lower() == UNHEALTHY]
        least, share = self.enough
        fails = len(good) < least or 100 * len(good) < share * (len(good) + len(rest))
        return [*good, *rest] if opens and fails else good


@dataclass(frozen=True, slots=True)
class Listener:
    """What a balancer takes; port 0 is every port; `answers`: by what it answers some itself."""

    protocols: frozenset[int]
    port: int
    groups: tuple[TargetGroup | Unknown, ...]
    answers: str
    node: Node = field(compare=False)

    def __str__(self) -> str:
        names = "/".join("udp" if number == UDP else "tcp" for number in sorted(self.protocols))
        return f"listener {names}:{self.port}"

    def takes(self, protocol: int, port: int) -> bool:
        """Tell whether it takes packets to a port."""
        return protocol in self.protocols and self.port in {0, port}


@dataclass(frozen=True, slots=True)
class Balancer:
    """A load balancer; `groups` is None where it has none and takes everything."""

    key: str
    kind: str  # application, network, gateway, classic
    names: frozenset[str]
    subnets: tuple[str, ...]
    groups: tuple[str, ...] | None
    is_public: bool
    crosses: bool | None  # None: it is not in the input
    asks_groups_of_endpoints: bool
    state: str
    families: tuple[int, ...]  # of the addresses of its nodes
    listeners: tuple[Listener, ...] = field(compare=False)
    node: Node = field(compare=False)


@dataclass(frozen=True, slots=True)
class Inspection:
    """An endpoint of a Gateway Load Balancer; with a `firewall` that one's."""

    key: str
    subnet: str
    state: str
    node: Node | None = field(compare=False)
    firewall: Node | None = field(default=None, compare=False)


class Services:
    """The services of a network, each kind read when it is first asked."""

    def __init__(self, values: Values, blocks: Mapping[str, Iterable[Block]]) -> None:
        self._values, self._blocks = values, blocks

    @cached_property
    def policies(self) -> dict[str, Policy]:
        """Return the policy of each firewall."""
        return read_policies(self._values, self._blocks)

    @cached_property
    def inspections(self) -> dict[str, Inspection]:
        """Return the endpoints of Gateway Load Balancers and of firewalls."""
        return read_inspections(self._values)

    @cached_property
    def by_name(self) -> dict[str, Node]:
        """Return the endpoint services, by their names and keys."""
        found: dict[str, Node] = {}
        for node in reversed(self._values.ec2("VPCEndpointService")):
            found |= {str(node.observed.get("ServiceName") or node.key): node, node.key: node}
        return found

    @cached_property
    def balancers(self) -> dict[str, Balancer]:
        """Return the load balancers."""
        return read_balancers(self._values)

    @cached_property
    def owners(self) -> dict[str, str]:
        """Return the balancers of the interfaces that are nodes of one."""
        nodes = self._values.ec2("NetworkInterface") if self.balancers else ()
        found = ((node.key, owner_of(self.balancers, node)) for node in nodes)
        return {key: owner.key for key, owner in found if owner is not None}


def read_inspections(values: Values) -> dict[str, Inspection]:
    """Return the endpoints of Gateway Load Balancers and of firewalls."""
    found: dict[str, Inspection] = {}
    for node in values.ec2("VPCEndpoint"):
        if node.properties.get("VpcEndpointType") == "GatewayLoadBalancer":
            subnet = next(iter(values.keys(node.properties.get("SubnetIds"))), "")
            state = str(node.observed.get("State", "available")).lower()
            found[node.key] = Inspection(node.key, subnet, state, node)
    for firewall in values.of_type(FIREWALL):
        for synced in (firewall.observed.get("SyncStates") or {}).values():
            attachment = synced.get("Attachment") or {}
            key = values.key(attachment.get("EndpointId"))
            own = found[key].node if key in found else firewall
            subnet = values.key(attachment.get("SubnetId"))
            state = str(attachment.get("Status", "READY")).lower()
            found[key] = Inspection(key, subnet, state, own, firewall)
    return found


def read_balancers(values: Values) -> dict[str, Balancer]:
    """Return every load balancer by its key."""
    groups = {n.key: _target_group(values, n) for n in values.of_type(f"{ELB}TargetGroup")}
    listeners = dict[str, list[Listener]]()
    for key, listener in _listeners(values, groups):
        listeners.setdefault(key, []).append(listener)
    found = {}
    for node in values.of_type(f"{ELB}LoadBalancer"):
        mine = tuple(listeners.get(node.key, ()))
        found[node.key] = _balancer(values, node, mine)
    for node in values.of_type(CLASSIC):
        found[node.key] = _classic(values, node)
    return found


def _balancer(values: Values, node: Node, listeners: tuple[Listener, ...]) -> Balancer:
    given, kind = node.properties, str(node.properties.get("Type") or "application")
    bears = values.keys(given.get("SecurityGroups"))
    attributes = _attributes(given.get("LoadBalancerAttributes"))
    enforced = given.get("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic")
    state = node.observed.get("State") or "active"
    return Balancer(
        key=node.key,
        kind=kind,
        names=_names(node, given.get("Name")),
        subnets=_subnets(values, node),
        # F15: a network balancer that was made without groups takes everything (NLB guide).
        groups=None if kind == "gateway" or (kind == "network" and not bears) else bears,
        is_public=given.get("Scheme") == "internet-facing" and given.get(FAMILY) != NO_PUBLIC_IPV4,
        crosses=_crosses(node, kind, attributes.get(CROSS_ZONE)),
        asks_groups_of_endpoints=str(enforced or "on").lower() != "off",
        state=str(state.get("Code", "active") if isinstance(state, Mapping) else state),
        families=_families(node),
        listeners=listeners,
        node=node,
    )


def _names(node: Node, name: object) -> frozenset[str]:
    return frozenset({node.key, node.physical_id, str(name or "")}) - {""}


def _subnets(values: Values, node: Node) -> tuple[str, ...]:
    mapped = [item.get("SubnetId") for item in node.properties.get("SubnetMappings") or ()]
    return values.keys(node.properties.get("Subnets")) or values.keys(mapped)


def _attributes(items: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    return {str(item["Key"]): str(item.get("Value", "")) for item in items or ()}


def _switch(text: str | None) -> bool | None:
    """Return what a switch says; None where it says neither."""
    return {"true": True, "false": False}.get((text or "").lower())


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdecimal() else default


def _crosses(node: Node, kind: str, said: str | None) -> bool | None:
    """Return whether nodes send to other zones; None where AWS was asked and nothing is said.

    F14: it is always on for application load balancers, off by default for network ones.
    """
    if said is not None or kind == "application":
        return (said or "true").lower() == "true"
    return None if node.physical_id else False


def _families(node: Node) -> tuple[int, ...]:
    """Return the families of a balancer's addresses.

    Type `ipv4`, the default, has IPv4 addresses alone (ELB API, CreateLoadBalancer, IpAddressType);
    what AWS was asked and did not say, or a value that is not known, may be either.
    """
    said = node.properties.get(FAMILY)
    if said is None and not node.physical_id:
        said = "ipv4"
    return (4,) if said == "ipv4" else FAMILIES


def _target_group(values: Values, node: Node) -> TargetGroup:
    given = node.properties
    attributes = _attributes(given.get("TargetGroupAttributes"))
    states: dict[tuple[str, int], str] = {}
    for item in given.get("Targets") or ():
        states[values.key(item.get("Id")), int(item.get("Port") or 0)] = ""
    for item in node.observed.get("TargetHealth") or ():
        target = item.get("Target") or {}
        key, port = values.key(target.get("Id")), int(target.get("Port") or 0)
        state = item.get("State") or (item.get("TargetHealth") or {}).get("State") or ""
        # A health that names a port is of the target that was registered without one.
        states[(key, port) if (key, port) in states or (key, 0) not in states else (key, 0)] = state
    kept, group = attributes.get("preserve_client_ip.enabled"), meant_for(node)
    if group:
        states[group, 0] = ""
    return TargetGroup(
        key=node.key,
        kind=ANY_OF_GROUP if group else str(given.get("TargetType") or "instance"),
        protocol=str(given.get("Protocol") or "TCP").upper(),
        port=int(given.get("Port") or 0),
        preserves=None if kept is None else kept.lower() == "true",
        crosses=_switch(attributes.get(CROSS_ZONE)),
        vpc=values.key(given.get("VpcId")),
        enough=(
            _number(attributes.get(f"{ENOUGH}count"), 1),
            _number(attributes.get(f"{ENOUGH}percentage"), 0),
        ),
        targets=tuple(Registered(key, port, str(state)) for (key, port), state in states.items()),
        node=node,
    )


def _listeners(values: Values, groups: Mapping[str, TargetGroup]) -> Iterator[tuple[str, Listener]]:
    """Yield each listener with the key of its balancer; its rules lead where it may lead, too."""
    more: dict[str, list[Mapping[str, Any]]] = {}
    for node in values.of_type(f"{ELB}ListenerRule"):
        key = values.key(node.properties.get("ListenerArn"))
        more.setdefault(key, []).extend(node.properties.get("Actions") or ())
    for node in values.of_type(f"{ELB}Listener"):
        given = node.properties
        actions = [*(given.get("DefaultActions") or ()), *more.get(node.key, ())]
        named = dict.fromkeys(key for each in actions for key in _forwarded(values, each))
        answers = [str(e.get("Type")) for e in actions if e.get("Type") in OWN_ANSWERS]
        protocol = str(given.get("Protocol") or "TCP").upper()
        yield (
            values.key(given.get("LoadBalancerArn")),
            Listener(
                TRANSPORT.get(protocol, frozenset({TCP})),
                int(given.get("Port") or 0),
                tuple(
                    groups.get(k) or Unknown(f"target group {k}", "not in the input") for k in named
                ),
                next(iter(answers), ""),
                node,
            ),
        )


def _forwarded(values: Values, action: Mapping[str, Any]) -> Iterator[str]:
    several = (action.get("ForwardConfig") or {}).get("TargetGroups") or ()
    for item in several:
        if item.get("Weight") != 0:
            yield values.key(item.get("TargetGroupArn"))
    if not several and action.get("TargetGroupArn") is not None:
        yield values.key(action["TargetGroupArn"])


def _classic(values: Values, node: Node) -> Balancer:
    given = node.properties
    states = {
        values.key(item.get("InstanceId")): str(item.get("State", ""))
        for item in node.observed.get("InstanceStates") or ()
    }
    instances = [
        each if isinstance(each, str | Ref) else each.get("InstanceId")
        for each in given.get("Instances") or ()
    ]
    targets = tuple(Registered(k, 0, states.get(k, "")) for k in values.keys(instances))
    listeners = []
    for item in given.get("Listeners") or ():
        said = item.get("Listener") or item
        port = int(said.get("InstancePort") or 0)
        name = f"{node.key}:{port}"
        group = TargetGroup(name, "instance", "TCP", port, False, None, "", (1, 0), targets, node)
        listens = int(said["LoadBalancerPort"])
        listeners.append(Listener(frozenset({TCP}), listens, (group,), "", node))
    crosses = given.get("CrossZone")
    crosses = crosses.get("Enabled") if isinstance(crosses, Mapping) else crosses
    return Balancer(
        key=node.key,
        kind="classic",
        names=_names(node, given.get("LoadBalancerName")),
        subnets=_subnets(values, node),
        groups=values.keys(given.get("SecurityGroups")),
        is_public=given.get("Scheme", "internet-facing") == "internet-facing",
        crosses=str(crosses).lower() == "true",
        asks_groups_of_endpoints=True,
        state="active",
        families=(
            4,
        ),  # in a VPC these "support IPv4 addresses only" (Classic Load Balancers guide)
        listeners=tuple(listeners),
        node=node,
    )


def owner_of(balancers: Mapping[str, Balancer], interface: Node) -> Balancer | None:
    """Return the balancer that an interface is a node of: its description says so."""
    text = str(interface.observed.get("Description", ""))
    if not text.startswith("ELB "):
        return None
    suffix = text.removeprefix("ELB ")
    parts = suffix.split("/")
    name = parts[1] if len(parts) > 2 else suffix
    for balancer in balancers.values():
        arn = balancer.node.physical_id or balancer.key
        if arn.endswith(f"loadbalancer/{suffix}") or name in balancer.names:
            return balancer
    return None

"""Load balancers → where their nodes stand, whose groups these bear, and what stands behind them.

Rule: a load balancer makes connections of its own, so that it is no way between other ends; what it
opens to its clients is a claim about itself (ELB guide). A node that bears no groups takes
everything. Health and weights are not looked at: any target of a listener may be asked.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources.ownership import TARGETS_TAG
from ringwall.verify.sets import Ranges, join, meet
from ringwall.verify.traffic import SPAN, TCP, UDP, ports, protocols
from ringwall.verify.values import Values

_V1, _V2 = "AWS::ElasticLoadBalancing::", "AWS::ElasticLoadBalancingV2::"
# What says nothing about packets between ends that are no load balancer's.
TYPES = (f"{_V1}LoadBalancer", _V2, "AWS::EC2::VPCEndpointService")
NOT_FOLLOWED = "the connections that a load balancer makes on are not followed"
GROUP = "group"  # what a target is before it is registered: anything that bears a group
GATEWAY = "gateway"  # its nodes are reached by endpoints alone (Gateway Load Balancer guide)
_UDP_TOO = {"UDP": (UDP,), "QUIC": (UDP,), "TCP_UDP": (TCP, UDP), "TCP_QUIC": (TCP, UDP)}
CROSS_ZONE = "load_balancing.cross_zone.enabled"
# What a node's interface says of its load balancer: `ELB app/NAME/ID`, of a classic one its name.
_OF_PATH = {"app": "application", "net": "network", "gwy": GATEWAY}
# What a listener does by itself, without a target.
_ANSWERS = frozenset({"redirect", "fixed-response"})


def is_node(interface: Node) -> bool:
    """Tell whether an interface is a node of a load balancer."""
    observed = interface.observed
    described = str(observed.get("Description", "")).startswith("ELB ")
    return described or str(observed.get("InterfaceType", "")).endswith("load_balancer")


@dataclass(frozen=True, slots=True)
class Pool:
    """Targets that are asked alike: keys or addresses, each with its port, 0 for the asked one.

    `kind` is instance, ip, alb, lambda, or group for the key of a group that anybody may bear;
    `preserves`: targets see the address of the client; `crosses`: nodes ask targets in other zones,
    None where the load balancer's attribute counts.
    """

    kind: str
    protocols: tuple[int, ...]
    preserves: bool
    crosses: bool | None
    vpc: str
    targets: tuple[tuple[str, int], ...]

    def second(self, traffic: Ranges, port: int) -> Ranges:
        """Return what is sent to a port of a target for traffic that a listener took."""
        found: Ranges = ()
        for protocol in (TCP, UDP):
            mine = meet(traffic, protocols(protocol))
            to = protocol if protocol in self.protocols else min(self.protocols)
            shift = (to - protocol) * SPAN
            moved = tuple((low + shift, high + shift) for low, high in mine)
            found = join(found, ports(to, port, port) if port and mine else moved)
        return found


@dataclass(frozen=True, slots=True)
class Listener:
    """What a listener takes, and the targets that it may ask; `answers`: it may do so by itself."""

    takes: Ranges
    pools: tuple[Pool, ...]
    answers: bool = False
    doubt: str = ""

    @property
    def leads(self) -> bool:
        """Tell whether something becomes of what it takes."""
        return self.answers or bool(self.doubt) or any(pool.targets for pool in self.pools)


@dataclass(frozen=True, slots=True)
class Balancer:
    """A load balancer; its nodes have addresses of its subnets, public ones with `public`.

    `addresses` are the public ones that are known, `versions` the families of all;
    `asks_of_endpoints`: its groups are asked about the clients of a service's endpoints.
    """

    key: str
    kind: str
    names: frozenset[str]
    subnets: tuple[str, ...]
    groups: tuple[str, ...]
    public: bool
    addresses: tuple[str, ...]
    versions: tuple[int, ...]
    asks_of_endpoints: bool
    doubt: str
    listeners: tuple[Listener, ...]


class Balancers:
    """The load balancers of a network."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._owners: dict[str, Balancer | None] = {}
        pools = {node.key: _pool(values, node) for node in values.of_type(f"{_V2}TargetGroup")}
        every = (
            *(_classic(values, node) for node in values.of_type(f"{_V1}LoadBalancer")),
            *(_balancer(values, node, pools) for node in values.of_type(f"{_V2}LoadBalancer")),
        )
        self.all = tuple(each for each in every if each.kind != GATEWAY)
        self.by_key = {each.key: each for each in every}
        lost = (each.key for each in self.all if not each.subnets or "" in each.subnets)
        self._lost = next(lost, "")

    def bearing(self, group: str) -> Iterator[Balancer]:
        """Yield those whose nodes bear a group."""
        yield from (each for each in self.all if group in each.groups)

    @property
    def doubt(self) -> str:
        """Return why it is not known where nodes stand, "" for no reason."""
        lost = f"the subnets of load balancer {self._lost} are not in the input"
        return lost if self._lost else ""

    def owner(self, interface: Node) -> Balancer | None:
        """Return the balancer that an interface is the node of, None where that is not certain."""
        text = str(interface.observed.get("Description", ""))
        if not text.startswith("ELB "):
            return None
        if interface.key not in self._owners:
            self._owners[interface.key] = self._owner(text)
        return self._owners[interface.key]

    def _owner(self, text: str) -> Balancer | None:
        path = text.removeprefix("ELB ")
        name = path.split("/")[1] if path.count("/") > 1 else path
        exact, named = f"loadbalancer/{path}", []
        for each in self.by_key.values():
            if any(known.endswith(exact) for known in each.names):
                return each
            if name in each.names and each.kind == _OF_PATH.get(path.partition("/")[0], "classic"):
                named.append(each)
        return named[0] if len(named) == 1 else None

    def behind_service(self, endpoint: Node | None) -> tuple[str, ...] | None:
        """Return the balancers of the service that an endpoint leads to, None for another's."""
        asked = self._values.key(endpoint.properties.get("ServiceName")) if endpoint else ""
        for node in self._values.ec2("VPCEndpointService") if asked else ():
            if asked in {node.key, str(node.observed.get("ServiceName"))}:
                return self._values.keys(node.properties.get("NetworkLoadBalancerArns"))
        return None


def _balancer(values: Values, node: Node, pools: Mapping[str, Pool]) -> Balancer:
    given = node.properties
    kind = str(given.get("Type") or "application")
    mapped = [item.get("SubnetId") for item in given.get("SubnetMappings") or ()]
    state = node.observed.get("State") or "active"
    state = state.get("Code", "active") if isinstance(state, Mapping) else state
    works = state in {"active", "active_impaired"}
    zones = node.observed.get("AvailabilityZones") or ()
    static = [
        each for z in zones if isinstance(z, dict) for each in z.get("LoadBalancerAddresses") or ()
    ]
    # "ipv4" is the default (ELB API, IpAddressType).
    family = given.get("IpAddressType") or ("" if node.physical_id else "ipv4")
    asks = str(given.get("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic") or "on").lower()
    return Balancer(
        node.key,
        kind,
        frozenset({node.key, node.physical_id, str(given.get("Name") or "")}) - {""},
        (*values.keys(given.get("Subnets")), *values.keys(mapped)),
        values.groups(given.get("SecurityGroups")),
        given.get("Scheme") != "internal",
        tuple(str(each["IpAddress"]) for each in static if each.get("IpAddress")),
        (4,) if family == "ipv4" else (4, 6),
        asks != "off",
        "" if works else f"load balancer {node.key} is {state!r}",
        tuple(_listeners(values, node, pools, kind)),
    )


def _listeners(
    values: Values, balancer: Node, pools: Mapping[str, Pool], kind: str
) -> Iterator[Listener]:
    # F14: always on of an application load balancer; of others it is as it is told (ELB guide).
    told = _attributes(balancer.properties.get("LoadBalancerAttributes")).get(CROSS_ZONE)
    crosses = kind == "application" or told != "false"
    ruled: dict[str, list[Any]] = {}
    for node in values.of_type(f"{_V2}ListenerRule"):
        key = values.key(node.properties.get("ListenerArn"))
        ruled.setdefault(key, []).extend(node.properties.get("Actions") or ())
    for node in values.of_type(f"{_V2}Listener"):
        if values.key(node.properties.get("LoadBalancerArn")) != balancer.key:
            continue
        actions = [*(node.properties.get("DefaultActions") or ()), *ruled.get(node.key, ())]
        named = dict.fromkeys(key for each in actions for key in _forwarded(values, each))
        found = [pools[key] for key in named if key in pools]
        lost = next((key for key in named if key not in pools), "")
        port = int(node.properties.get("Port") or 0)
        takes = [
            ports(number, port, port) if port else protocols(number)
            for number in _numbers(node.properties.get("Protocol"))
        ]
        yield Listener(
            join(*takes),
            tuple(
                replace(
                    pool,
                    preserves=pool.preserves and kind == "network",
                    crosses=crosses if pool.crosses is None else pool.crosses,
                )
                for pool in found
            ),
            any(each.get("Type") in _ANSWERS for each in actions)
            or any(pool.kind == "lambda" for pool in found),
            f"target group {lost} is not in the input" if lost else "",
        )


def _forwarded(values: Values, action: Mapping[str, Any]) -> Iterator[str]:
    many = (action.get("ForwardConfig") or {}).get("TargetGroups") or ()
    for item in (action, *many):
        if item.get("TargetGroupArn") is not None:
            yield values.key(item["TargetGroupArn"])


def _numbers(protocol: object) -> tuple[int, ...]:
    return _UDP_TOO.get(str(protocol or "TCP").upper(), (TCP,))


def _attributes(items: object) -> dict[str, str]:
    given = items if isinstance(items, list | tuple) else ()
    return {str(item["Key"]): str(item.get("Value", "")).lower() for item in given}


def _pool(values: Values, node: Node) -> Pool:
    """Read a target group.

    F15: client addresses are kept for targets by instance and for UDP, and for others if so asked
    (NLB guide, target group attributes).
    """
    given = node.properties
    kind = str(given.get("TargetType") or "instance")
    attributes = _attributes(given.get("TargetGroupAttributes"))
    asked = attributes.get("preserve_client_ip.enabled")
    keeps = kind in {"instance", "alb"} if asked is None else asked == "true"
    crosses = {"true": True, "false": False}.get(attributes.get(CROSS_ZONE, ""))
    numbers = _numbers(given.get("Protocol"))
    health = [item.get("Target") or {} for item in node.observed.get("TargetHealth") or ()]
    every = {
        (values.key(item.get("Id")), int(item.get("Port") or given.get("Port") or 0))
        for item in (*(given.get("Targets") or ()), *health)
    }
    # A blueprint says for whom it is, before anybody is registered.
    wanted = node.tags.get(TARGETS_TAG, "")
    if wanted and not every and given.get("Protocol") in ("HTTP", "HTTPS"):
        kind, keeps, every = GROUP, False, {(wanted, int(given.get("Port") or 0))}
    vpc, targets = values.key(given.get("VpcId")), tuple(sorted(every))
    return Pool(kind, numbers, keeps or UDP in numbers, crosses, vpc, targets)


def _classic(values: Values, node: Node) -> Balancer:
    given = node.properties
    asked = [_id(item) for item in given.get("Instances") or ()]
    asked += [item.get("InstanceId") for item in node.observed.get("InstanceStates") or ()]
    instances = dict.fromkeys(values.keys(asked))
    crosses = given.get("CrossZone")
    crosses = crosses.get("Enabled") if isinstance(crosses, Mapping) else crosses
    crosses = str(crosses).lower() != "false"
    listeners = []
    for item in given.get("Listeners") or ():
        said = item.get("Listener") or item
        port, to = int(said["LoadBalancerPort"]), int(said.get("InstancePort") or 0)
        targets = tuple((key, to) for key in instances)
        pool = Pool("instance", (TCP,), False, crosses, "", targets)
        listeners.append(Listener(ports(TCP, port, port), (pool,)))
    return Balancer(
        node.key,
        "classic",
        frozenset({node.key, node.physical_id, str(given.get("LoadBalancerName") or "")}) - {""},
        values.keys(given.get("Subnets")),
        values.groups(given.get("SecurityGroups")),
        given.get("Scheme") != "internal",
        (),
        (4,),  # in a VPC it has no other (ELB API, IpAddressType)
        True,
        "",
        tuple(listeners),
    )


def _id(value: Any) -> str | Ref:  # noqa: ANN401  (a reference, an id, or {InstanceId})
    found: str | Ref = value if isinstance(value, str | Ref) else value.get("InstanceId")
    return found


def taken_by(listeners: Iterable[Listener]) -> Ranges:
    """Return what any of the listeners does something with."""
    return join(*(each.takes for each in listeners if each.leads))

"""NAT gateways: where they stand, which addresses they bear, and what they do to a packet."""

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.graph import Node, Unknown
from ringwall.trace import codes
from ringwall.trace.addresses import Host, block, host, is_on_internet
from ringwall.trace.arrival import acl_steps
from ringwall.trace.elements import Nat, Route, RouteTable, Subnet, Target
from ringwall.trace.filters import Outcome
from ringwall.trace.memory import remembered
from ringwall.trace.middleboxes import middleboxes
from ringwall.trace.network import Network
from ringwall.trace.path import Goal, NatFilter, Path, Position, Step

NAT64 = block("64:ff9b::/96")  # the well-known prefix of RFC 6052
GONE_ADDRESSES = frozenset({"failed", "unassigning", "disassociating"})


@remembered
def nats(network: Network) -> dict[str, Nat]:
    """Return the NAT gateways."""
    return {node.key: _nat(network, node) for node in network.graph.of_type("AWS::EC2::NatGateway")}


def _nat(network: Network, node: Node) -> Nat:
    values = network.values
    items = [
        item
        for item in node.observed.get("NatGatewayAddresses") or ()
        if item.get("Status") not in GONE_ADDRESSES
    ]
    is_regional = node.properties.get("AvailabilityMode") == "regional"
    named = [item.get("PrivateIp") or (is_regional and item.get("PublicIp")) for item in items]
    if not any(named):
        further = node.properties.get("SecondaryPrivateIpAddresses") or ()
        named = [node.properties.get("PrivateIpAddress"), *further]
    addresses = [host(text) for text in named if text]
    home = network.subnets.get(values.key(node.properties.get("SubnetId")))
    if home is not None and not addresses:
        # AWS chooses the address, and reserves the first four of a subnet (VPC guide).
        addresses = [Host(4, part.start + 5) for part in home.blocks if part.version == 4][:1]
    return Nat(
        node.key,
        home.key if home is not None else "",
        node.properties.get("ConnectivityType", "public") == "public",
        addresses[0] if addresses else None,
        str(node.observed.get("State", "available")),
        node,
        others=tuple(addresses[1:]),
        vpc=values.key(node.properties.get("VpcId") or node.observed.get("VpcId")),
        table=_own_table(network, node) if is_regional else None,
        zones=frozenset(
            str(item[name])
            for item in items
            for name in ("AvailabilityZone", "AvailabilityZoneId")
            if item.get(name)
        ),
    )


def _own_table(network: Network, node: Node) -> RouteTable | Unknown:
    key = network.values.key(node.observed.get("RouteTableId"))
    unknown = Unknown(f"route table of NAT gateway {node.key}", "not in the input")
    return network.tables.get(key) or unknown


def nat_of(network: Network, key: str) -> Nat:
    """Return a NAT gateway, or an interface that translates, by its key."""
    known = nats(network)
    if key in known:
        return known[key]
    box = middleboxes(network)[key]
    return Nat(key, box.subnet, box.public, box.address, "available", box.node, box.groups)


def is_regional(network: Network, key: str, vpc: str) -> bool:
    """Tell whether a key is that of a regional NAT gateway of a VPC."""
    nat = nats(network).get(key)
    return nat is not None and nat.table is not None and nat.vpc == vpc


def home_of(network: Network, nat: Nat, client: Subnet | None) -> Subnet | None:
    """Return the subnet of a NAT gateway; for a regional one its table in the client's zone.

    "A regional NAT gateway ... does not require a public subnet" and has a route table of its own
    (VPC guide, regional NAT gateways); with no subnet it has no ACL.
    """
    if nat.table is None:
        return network.subnets.get(nat.subnet)
    return Subnet(
        key=nat.key,
        vpc=nat.vpc,
        tier="",
        zone=client.zone if client else "",
        zone_name=client.zone_name if client else "",
        blocks=(),
        table=nat.table,
        acl=None,
        gives_public_addresses=False,
        node=nat.node,
    )


def nat_gateway(network: Network, position: Position, found: Route) -> Iterator[Path | Position]:
    """Go through a NAT gateway.

    R11: the gateway bears its own address, has no groups, and the ACL of its subnet applies both
    times (VPC guide, NAT gateways). R12: what leaves a private one is dropped by an internet
    gateway; (verify) toward other networks the source is the gateway's private address. Of several
    addresses AWS takes any.
    """
    subnet, goal = position.subnet, position.goal
    assert subnet is not None
    name = found.target.key if isinstance(found.target, Target) else ""
    nat = nats(network).get(name)
    home = home_of(network, nat, subnet) if nat is not None else None
    inner = _inner(goal)
    why = ""
    if nat is None:
        why = "not in the input"
    elif home is None or nat.address is None:
        why = "where it stands, or its address, is not in the input"
    elif inner is None:
        why = "IPv6 through a NAT gateway leads to 64:ff9b::/96 on the internet alone"
    elif position.via.nat:
        why = "two NAT gateways on one path are not modelled"
    if why or nat is None or home is None or nat.address is None or inner is None:
        unknown = Unknown(f"NAT gateway {name}", why)
        step = Step("nat-gateway", name, str(unknown), Outcome.UNKNOWN, unknown=unknown)
        yield position.end(step)
        return
    if home.key != subnet.key:
        position = position.add(*acl_steps(home, position.source, egress=False))
    position = position.add(*_state(nat, subnet))
    asked = NatFilter(nat.node, codes.NAT_PROTOCOL)
    step = Step("nat-gateway", name, "", code=codes.NAT_PROTOCOL, node=nat.node, filter=asked)
    for address in (nat.address, *nat.others):
        yield replace(
            position.add(step),
            source=address,
            goal=inner,
            subnet=home,
            sender_groups=frozenset(),
            sender_public=nat.public,
            via=replace(position.via, nat=nat.key, bears=address),
        )


def _inner(goal: Goal) -> Goal | None:
    """Return the goal behind the gateway.

    R13: "NAT64 ... translates the packet to IPv4" for destinations in 64:ff9b::/96 (VPC guide).
    """
    if goal.host.version == 4:
        return goal
    inner = Host(4, goal.host.address - NAT64.start)
    if goal.host not in NAT64 or not is_on_internet(inner):
        return None
    return replace(goal, host=inner, subnet=None, kind="internet")


def _state(nat: Nat, client: Subnet) -> Iterator[Step]:
    step = Step("nat-gateway", nat.key, "", Outcome.DROP, node=nat.node)
    if nat.state != "available":
        yield replace(step, text=f"the gateway is {nat.state}", code=codes.BAD_STATE)
    if nat.table is not None and nat.zones and not nat.zones & {client.zone, client.zone_name}:
        text = f"it has no address in {client.zone_name}"
        yield replace(step, text=text, code=codes.REGIONAL_NAT_ZONE)

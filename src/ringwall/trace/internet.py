"""The border to the internet: internet gateways, egress-only ones, Block Public Access."""

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.graph import Unknown
from ringwall.trace import codes
from ringwall.trace.addresses import block, is_on_internet
from ringwall.trace.arrival import arrive
from ringwall.trace.edges import enter, redirected
from ringwall.trace.elements import Route, Subnet, Target
from ringwall.trace.filters import Outcome
from ringwall.trace.nat import is_regional, nats
from ringwall.trace.network import Network
from ringwall.trace.path import Path, Position, Step

SHARED = block("100.64.0.0/10")  # RFC 6598


def internet_gateway(
    network: Network, position: Position, found: Route
) -> Iterator[Path | Position]:
    """Go out through an internet gateway.

    R9: it pairs private with public IPv4 addresses one to one; what has no public address does not
    get out (VPC guide, internet gateways).
    """
    subnet, goal = position.subnet, position.goal
    assert subnet is not None
    gateway = network.internet_gateways.get(subnet.vpc)
    name = found.target.key if isinstance(found.target, Target) else ""
    if gateway is None or name not in {gateway.key, gateway.physical_id}:
        text = f"internet gateway {name} is not attached to {subnet.vpc}"
        yield position.end(
            Step("internet-gateway", name, text, Outcome.DROP, code=codes.BAD_ATTACHMENT)
        )
        return
    behind_nat = position.via.nat in nats(network) or position.after_nat
    position = position.add(*_public_access(network, subnet, only_outward=behind_nat))
    position = position.add(*redirected(network, position, gateway))
    step = Step("internet-gateway", gateway.key, "to the internet", node=gateway)
    if goal.host.version == 4:
        if not is_on_internet(goal.host):
            shared = goal.host in SHARED
            code = codes.SHARED_DESTINATION if shared else codes.PRIVATE_DESTINATION
            text = f"{goal.host} is not an address of the internet"
            yield position.end(replace(step, text=text, outcome=Outcome.DROP, code=code))
            return
        is_own = any(position.source in part for part in network.blocks.get(subnet.vpc, ()))
        is_own = is_own or is_regional(network, position.via.nat, subnet.vpc)
        if not position.sender_public or not is_own:
            text = f"{position.source} has no public address"
            code = codes.NO_PUBLIC_ADDRESS_OUT
            yield position.end(replace(step, text=text, outcome=Outcome.DROP, code=code))
            return
    via = replace(position.via, internet_gateway=subnet.vpc, crossed="internet")
    position = replace(position.add(step), via=via)
    yield from _out_there(network, position)


def _out_there(network: Network, position: Position) -> Iterator[Path | Position]:
    goal = position.goal
    if goal.subnet is not None:
        if position.answers is not None and position.answers.egress_only == goal.subnet.vpc:
            # R10: it is stateful: the answer comes back through it (VPC guide).
            text = "lets in replies of connections from inside"
            step = Step("egress-only-internet-gateway", goal.subnet.vpc, text)
            back = replace(position, subnet=None, sender_groups=frozenset(), sender_public=True)
            yield from arrive(network, back.add(step))
            return
        yield from enter_from_internet(network, position)
        return
    if goal.host.version == 6 and not is_on_internet(goal.host):
        text = f"{goal.host} is not an address of the internet"
        yield position.end(Step("internet", goal.name, text, Outcome.DROP, code=codes.CANNOT_ROUTE))
        return
    yield position.end(delivered=True)


def egress_only(network: Network, position: Position, found: Route) -> Iterator[Path | Position]:
    """R10: "for outbound communication over IPv6 only"; stateful, no way in (VPC guide)."""
    subnet = position.subnet
    assert subnet is not None
    name = found.target.key if isinstance(found.target, Target) else ""
    if position.goal.host.version == 4:
        text = "an egress-only internet gateway carries IPv6 alone"
        yield position.end(
            Step("egress-only-internet-gateway", name, text, Outcome.DROP, code=codes.CANNOT_ROUTE)
        )
        return
    position = position.add(*_public_access(network, subnet, only_outward=True))
    step = Step("egress-only-internet-gateway", name, "to the internet, with state")
    via = replace(position.via, egress_only=subnet.vpc, crossed="internet")
    yield from _out_there(network, replace(position.add(step), via=via))


def _public_access(network: Network, subnet: Subnet, *, only_outward: bool) -> list[Step]:
    """Ask VPC Block Public Access.

    F17: block-bidirectional stops all traffic of internet and egress-only gateways, block-ingress
    all but that of NAT and egress-only gateways; exclusions hold for a VPC or a subnet (VPC guide,
    Block Public Access).
    """
    mode, node = network.public_access(subnet.vpc)
    exclusions = network.public_access_exclusions
    lost = network.lacks("AWS::EC2::VPCBlockPublicAccessOptions") if node is None else None
    if lost is None and mode == "off":
        return []
    excluded = exclusions.get(subnet.key) or exclusions.get(subnet.vpc) or ""
    if excluded == "allow-bidirectional":
        return []
    if only_outward and (mode == "block-ingress" or excluded == "allow-egress"):
        return []
    if node is not None and mode in {"block-bidirectional", "block-ingress"}:
        lost = network.lacks("AWS::EC2::VPCBlockPublicAccessExclusion")
    if lost is not None:
        return [Step("block-public-access", mode, str(lost), Outcome.UNKNOWN, unknown=lost)]
    if mode not in {"block-bidirectional", "block-ingress"}:
        unknown = Unknown("VPC Block Public Access", f"mode {mode!r} is not modelled")
        return [Step("block-public-access", mode, str(unknown), Outcome.UNKNOWN, unknown=unknown)]
    text = f"VPC Block Public Access is {mode}"
    code = codes.BLOCK_PUBLIC_ACCESS
    return [Step("block-public-access", mode, text, Outcome.DROP, code=code, node=node)]


def enter_from_internet(network: Network, position: Position) -> Iterator[Path | Position]:
    """Come in through an internet gateway.

    R9: the public address becomes the private one before any ACL or group is asked, so both see
    private addresses (VPC guide, internet gateways).
    """
    goal = position.goal
    assert goal.subnet is not None
    vpc = goal.subnet.vpc
    gateway = network.internet_gateways.get(vpc)
    if gateway is None:
        text = f"{vpc} has no internet gateway"
        yield position.end(Step("internet", vpc, text, Outcome.DROP, code=codes.NO_GATEWAY))
        return
    outward = goal.kind == "nat-gateway" or (position.is_reply and goal.host.version == 6)
    position = position.add(*_public_access(network, goal.subnet, only_outward=outward))
    step = Step("internet-gateway", gateway.key, f"to {goal.host}", node=gateway)
    if goal.host.version == 4 and not goal.public:
        text = f"{goal.name} has no public address"
        step = replace(step, text=text, outcome=Outcome.DROP, code=codes.NO_PUBLIC_ADDRESS_IN)
    via = replace(position.via, internet_gateway=vpc, crossed="internet")
    position = replace(
        position.add(step), via=via, subnet=None, sender_groups=frozenset(), sender_public=True
    )
    yield from enter(network, position, gateway, "internet-gateway")

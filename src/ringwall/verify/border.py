"""The border to the internet: internet gateways, egress-only ones, NAT gateways, and the way in."""

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.graph import Node
from ringwall.verify.case import Case
from ringwall.verify.elements import Route, Subnet
from ringwall.verify.ends import NAT
from ringwall.verify.places import Goes, Part, Place, arrived, lost, stopped, to
from ringwall.verify.sets import FAMILIES, Packets
from ringwall.verify.traffic import INTERNET, NAT_PROTOCOLS, protocols


def internet_gateway(
    case: Case, place: Place, here: Subnet, packets: Packets, route: Route
) -> Iterator[Part]:
    """Go out through an internet gateway.

    R9: it pairs private with public IPv4 addresses one to one; what has no public address does not
    get out (VPC guide, internet gateways).
    """
    network = case.network
    gateway = network.internet_gateways.get(here.vpc)
    name = f"InternetGateway {route.target}"
    if gateway is None or route.target not in {gateway.key, gateway.physical_id}:
        yield stopped(packets, name, f"it is not attached to {here.vpc}")
        return
    if case.strict and _edge_table(case, gateway):
        yield lost(packets, f"what the route table of {gateway.key} redirects is not followed")
        return
    access = _public_access(case, here, only_outward=place.nat in network.nats)
    if access:
        yield stopped(packets, access, "VPC Block Public Access")
        return
    v4, v6 = (case.destination(place, packets, FAMILIES[n]) for n in (4, 6))
    private = v4 - case.destination(place, v4, INTERNET[4])
    yield stopped(private, name, "no address of the internet")
    v4 = v4 - private
    nat = network.nats.get(place.nat)
    own = case.source(place, v4, network.of(here.vpc))
    if nat is not None and nat.table is not None and nat.vpc == here.vpc:
        own = v4  # a regional gateway bears public addresses
    public = own.only(sender=_public_senders(case, place))
    yield stopped(v4 - public, name, "the source has no public address")
    yield from _out_there(case, place, name, public | v6)


def _public_senders(case: Case, place: Place) -> int:
    """Return the bits of senders whose packets bear an address with a public one."""
    if not place.nat:
        return case.senders_that(lambda end: end.public)
    nat = case.network.nats.get(place.nat)
    public = nat.public if nat is not None else case.network.interfaces[place.nat].public
    return -1 if public else 0


def _edge_table(case: Case, gateway: Node) -> str:
    tables = case.network.edge_tables
    return tables.get(gateway.key) or tables.get(gateway.physical_id) or ""


def _out_there(
    case: Case, place: Place, name: str, packets: Packets, by: str = ""
) -> Iterator[Part]:
    for vpc, mine in case.by_vpc(packets):
        if vpc:
            came = replace(place, at="entry", of=vpc, crossed="internet", bears="", entered="")
            yield Part(mine, to(replace(came, gateway="")))
            continue
        v4, v6 = (case.destination(place, mine, FAMILIES[n]) for n in (4, 6))
        there = v4 | case.destination(place, v6, INTERNET[6])
        yield stopped(mine - there, name, "no address of the internet")
        yield Part(there, arrived(place, by))


def egress_only(
    case: Case, place: Place, here: Subnet, packets: Packets, route: Route
) -> Iterator[Part]:
    """R10: "for outbound communication over IPv6 only"; no way in (VPC guide)."""
    name = f"EgressOnlyInternetGateway {route.target}"
    if case.reply:
        yield stopped(packets, name, "it never saw the connection")
        return
    yield stopped(case.destination(place, packets, FAMILIES[4]), name, "it carries IPv6 alone")
    v6 = case.destination(place, packets, FAMILIES[6])
    access = _public_access(case, here, only_outward=True)
    if access:
        yield stopped(v6, access, "VPC Block Public Access")
    else:
        yield from _out_there(case, place, name, v6, "egress-only-internet-gateway")


def _public_access(case: Case, subnet: Subnet, *, only_outward: bool) -> str:
    """Return what blocks public access of a subnet, "" for nothing that is known to.

    F17: block-bidirectional stops all traffic of internet and egress-only gateways, block-ingress
    all but that of NAT and egress-only gateways; exclusions hold for a VPC or a subnet (VPC guide,
    Block Public Access).
    """
    mode = case.network.public_access(subnet.vpc)
    exclusions = case.network.exclusions
    excluded = exclusions.get(subnet.key) or exclusions.get(subnet.vpc) or ""
    known = mode in {"block-bidirectional", "block-ingress"}
    if excluded == "allow-bidirectional" or mode == "off" or not (known or case.strict):
        return ""
    if only_outward and (mode == "block-ingress" or excluded == "allow-egress"):
        return ""
    return f"VPCBlockPublicAccessOptions of {subnet.vpc}"


def entry(case: Case, place: Place, packets: Packets) -> Iterator[Part]:
    """Come in through the internet gateway of a VPC.

    R9: the public address becomes the private one before any ACL or group is asked, so both see
    private addresses (VPC guide, internet gateways).
    """
    network = case.network
    gateway = network.internet_gateways.get(place.of)
    if gateway is None:
        yield stopped(packets, f"VPC {place.of}", "it has no internet gateway")
        return
    name = f"InternetGateway {gateway.key}"
    for key, here in case.by_subnet(packets):
        mine = here
        to_nat = case.receivers_that(lambda end: end.kind == NAT)
        outward = mine.only(receiver=to_nat)
        if case.reply:
            outward |= case.destination(place, mine, FAMILIES[6])
        subnet = network.subnets[key]
        for part, is_outward in ((outward, True), (mine - outward, False)):
            access = _public_access(case, subnet, only_outward=is_outward)
            if access:
                yield stopped(part, access, "VPC Block Public Access")
                mine -= part
        public = case.receivers_that(lambda end: end.public)
        hidden = case.destination(place, mine, FAMILIES[4]).only(receiver=~public)
        yield stopped(hidden, name, "the destination has no public address")
        table = _edge_table(case, gateway)
        came = replace(place, of="", gateway="internet-gateway")
        goes = to(replace(came, at="edge", of=table)) if table else case.arrive(None, came)
        if table and case.strict:
            yield lost(mine, f"what the route table of {gateway.key} redirects is not followed")
        else:
            yield Part(mine - hidden, goes)


def nat_gateway(
    case: Case, place: Place, here: Subnet, packets: Packets, route: Route
) -> Iterator[Part]:
    """Go to a NAT gateway: R11, the ACL of its subnet applies both times (VPC guide)."""
    nat = case.network.nats.get(route.target)
    if case.reply:
        yield stopped(packets, f"NatGateway {route.target}", "it never saw the connection")
        return
    if nat is None or nat.doubt:
        why = nat.doubt if nat is not None else f"NAT gateway {route.target} is not in the input"
        yield lost(packets, why)
        return
    zones = {here.zone, str(here.node.properties.get("AvailabilityZone"))}
    if nat.table is not None and nat.zones and not nat.zones & zones:
        yield stopped(packets, f"NatGateway {nat.key}", f"it has no address in {here.zone}")
        return
    at = "nat" if nat.table is not None or nat.subnet == here.key else "nat-in"
    came = here.key if here.key in case.network.subnets else place.entered
    entered = came if nat.table is not None else ""
    yield Part(packets, to(replace(place, at=at, of=nat.key, entered=entered)))


def nat_home(case: Case, place: Place) -> Subnet:
    """Return the subnet of a NAT gateway."""
    return case.network.subnets[case.network.nats[place.of].subnet]


def nat(case: Case, place: Place, packets: Packets) -> Iterator[Part]:
    """Go through a NAT gateway: the source becomes any of its addresses, and nobody's groups match.

    R11: TCP, UDP and ICMP alone (VPC guide, NAT gateways). R13: of IPv6 it translates what goes to
    64:ff9b::/96, to the IPv4 address in it. How ICMPv6 becomes ICMP is not modelled.
    """
    gateway = case.network.nats[place.of]
    name = f"NatGateway {gateway.key}"
    if gateway.state != "available":
        yield stopped(packets, name, f"it is {gateway.state}")
        return
    passed = packets.only(traffic=protocols(*NAT_PROTOCOLS))
    v6 = case.destination(place, packets, FAMILIES[6])
    known = passed | v6
    yield stopped(packets - known, name, "it passes TCP, UDP and ICMP alone")
    home = replace(place, bears="", nat=gateway.key, of=gateway.subnet or gateway.key)
    here = case.home(home)
    v4 = case.destination(place, passed, FAMILIES[4])
    yield Part(v4, _rewritten(case, home, case.leave(here, home)))
    if case.strict:
        yield lost(v6, "how NAT64 answers is not followed")
        return
    home = replace(home, inner="nat64")
    inner = case.destination(home, v6, INTERNET[4])
    yield lost(v6 - inner, "IPv6 through a NAT gateway leads to 64:ff9b::/96 alone")
    yield Part(inner, _rewritten(case, home, case.leave(here, home)))


def _rewritten(case: Case, home: Place, goes: Goes) -> Goes:
    borne = case.borne(home)
    return lambda packets: goes(packets.bearing(borne))

"""What was not read makes those answers UNKNOWN that it can touch, of the engine and the tracer."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ringwall.model.graph import Unknown
from ringwall.model.ports import parse_ports
from ringwall.reach.engine import Engine
from ringwall.reach.judge import judge
from ringwall.reach.relations import CODE, Board
from ringwall.reach.verdicts import Verdict
from tests.builders import NetworkBuilder, ref
from tests.trace.asking import judged
from tests.trace.test_filter_rules import between
from tests.trace.test_premises_rules import OFFICE, hybrid, transit_line
from tests.trace.test_routing_rules import internet_vpc, peered, spokes

EC2 = "AWS::EC2::"
LATTICE = "AWS::VpcLattice::ServiceNetworkVpcAssociation"
BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"


def verdict(base: NetworkBuilder, source: str, destination: str, *, reachable: bool) -> str:
    """Return the verdict of a judgement, in which engine and tracer are one."""
    engine = Engine(base.graph())
    ends = engine.ends.named(source), engine.ends.named(destination)
    found = judge(engine, *ends, ports=[parse_ports("443")], reachable=reachable)
    other = judged(base, source, destination, "443", reachable=reachable)
    assert (found.verdict.value, found.ok) == (other.verdict.value, other.ok)
    return found.verdict.value


def without(base: NetworkBuilder, *types: str) -> NetworkBuilder:
    """Leave out the nodes of these types, as of calls that were not made."""
    for kind in types:
        for address in [each for each in base.nodes if each[0] == kind]:
            del base.nodes[address]
        base.unknowns.append(Unknown(kind, "was not read"))
    return base


def isolated() -> NetworkBuilder:
    """Two open tiers of one VPC, without any gateway."""
    return between()


def kept(ingress: str = "in tcp/443 10.0.0.0/16") -> NetworkBuilder:
    """The same, with a group that admits its own VPC alone."""
    return between(ingress=ingress)


def line() -> NetworkBuilder:
    """A transit gateway with a VPN connection."""
    return transit_line("vpn", "vpn-1")


@pytest.mark.parametrize(
    ("network", "types", "ends", "given"),
    [
        # A private gateway, a peering or a transit gateway may bring on-premises packets in …
        (isolated, [f"{EC2}VPNGateway"], (OFFICE, "v/app"), "UNKNOWN"),
        (isolated, [f"{EC2}VPCPeeringConnection"], (OFFICE, "v/app"), "UNKNOWN"),
        (isolated, [f"{EC2}TransitGatewayAttachment"], (OFFICE, "v/app"), "UNKNOWN"),
        # … which a group drops whatever they come by, and neither is the internet's way in.
        (kept, [f"{EC2}VPNGateway"], (OFFICE, "v/app"), "DENY"),
        (isolated, [f"{EC2}VPNGateway"], ("internet", "v/app"), "DENY"),
        (isolated, [f"{EC2}VPNGateway"], ("v/app", OFFICE), "DENY"),
        (hybrid, [f"{EC2}VPNGateway", f"{EC2}VPCGatewayAttachment"], ("v/app", OFFICE), "UNKNOWN"),
        (hybrid, [f"{EC2}VPNConnection"], ("v/app", OFFICE), "UNKNOWN"),
        (hybrid, [f"{EC2}VPNConnection"], (OFFICE, "v/app"), "UNKNOWN"),
        (spokes, [f"{EC2}TransitGatewayRoute"], ("red/app", "blue/app"), "UNKNOWN"),
        (spokes, [f"{EC2}TransitGatewayRoute"], ("red/app", "internet"), "DENY"),
        (peered, [f"{EC2}VPCPeeringConnection"], ("red/app", "blue/app"), "UNKNOWN"),
        (isolated, [f"{EC2}NatGateway"], ("v/app", "internet"), "DENY"),
        (internet_vpc, [f"{EC2}NatGateway"], ("v/app", "internet"), "UNKNOWN"),
        # What was not read can only block: what does not get out for other reasons stays in.
        (isolated, [f"{EC2}VPCBlockPublicAccessOptions"], ("internet", "v/app"), "DENY"),
        # What says nothing about which packets pass.
        (isolated, [f"{EC2}CustomerGateway", f"{EC2}EIP"], (OFFICE, "v/app"), "DENY"),
        # A firewall stands where a route leads to its endpoint; a balancer has interfaces.
        (isolated, ["AWS::NetworkFirewall::FirewallPolicy"], ("internet", "v/app"), "DENY"),
        (isolated, [BALANCER], ("internet", "v/app"), "DENY"),
        (isolated, [f"{EC2}VPCEndpointService"], ("internet", "v/app"), "DENY"),
        # Anything else forbids every answer.
        (isolated, [f"{EC2}NetworkInterface"], ("internet", "v/app"), "UNKNOWN"),
    ],
)
def test_a_denial_is_unknown_where_what_was_not_read_can_change_it(
    network: Callable[[], NetworkBuilder], types: list[str], ends: tuple[str, str], given: str
) -> None:
    assert verdict(without(network(), *types), *ends, reachable=False) == given


@pytest.mark.parametrize(
    ("network", "types", "ends", "given"),
    [
        (hybrid, [f"{EC2}VPNConnection"], (OFFICE, "v/app"), "UNKNOWN"),
        (line, [f"{EC2}VPNConnection"], ("red/app", OFFICE), "UNKNOWN"),
        (internet_vpc, [f"{EC2}VPCBlockPublicAccessOptions"], ("v/app", "8.8.8.8"), "UNKNOWN"),
        (internet_vpc, [f"{EC2}VPNGateway", LATTICE], ("v/app", "8.8.8.8"), "ALLOW"),
        (isolated, [f"{EC2}VPCBlockPublicAccessOptions", LATTICE], ("v/web", "v/app"), "ALLOW"),
        (isolated, [f"{EC2}TransitGateway", f"{EC2}Instance"], ("v/web", "v/app"), "ALLOW"),
    ],
)  # fmt: skip
def test_what_reaches_is_unknown_where_what_was_not_read_can_stop_it(
    network: Callable[[], NetworkBuilder], types: list[str], ends: tuple[str, str], given: str
) -> None:
    assert verdict(without(network(), *types), *ends, reachable=True) == given


def apart(ingress: str, egress: str = "out all 0.0.0.0/0") -> NetworkBuilder:
    """Two VPCs that nothing joins, with these rules of the caller and of the target."""
    base = NetworkBuilder()
    for number, vpc in enumerate(("red", "blue"), 1):
        base.vpc(vpc, f"10.{number}.0.0/16").subnet(f"{vpc}/app/a", f"10.{number}.0.0/24")
    base.group("red/app", "app", *([egress] if egress else []))
    return base.group("blue/app", "app", *([ingress] if ingress else []))


@pytest.mark.parametrize(
    ("ingress", "egress", "given"),
    [
        ("in tcp/443 0.0.0.0/0", "out all 0.0.0.0/0", "UNKNOWN"),
        ("in tcp/443 169.254.171.0/24", "out tcp/80 169.254.0.0/16", "UNKNOWN"),
        ("in tcp/443 129.224.0.0/17", "out tcp/80 0.0.0.0/0", "UNKNOWN"),
        ("in tcp/443 fd00:ec2:80::/64", "out tcp/80 ::/0", "UNKNOWN"),
        ("in tcp/443 pl:pl-lattice", "out all 0.0.0.0/0", "UNKNOWN"),
        ("in tcp/444 0.0.0.0/0", "out all 0.0.0.0/0", "DENY"),
        ("in tcp/443 10.0.0.0/8", "out all 0.0.0.0/0", "DENY"),
        ("in tcp/443 0.0.0.0/0", "out all 10.0.0.0/8", "DENY"),
        ("in tcp/443 0.0.0.0/0", "", "DENY"),
    ],
)
def test_lattice_that_nobody_asked_about_matters_where_groups_of_both_ends_admit_it(
    ingress: str, egress: str, given: str
) -> None:
    base = without(apart(ingress, egress), LATTICE)
    assert verdict(base, "red/app", "blue/app", reachable=False) == given
    board = Board(Engine(base.graph()))
    relations = board.to(board.engine.ends.in_vpc("blue"))
    kinds = relations["red/app", "blue/app"]
    index = next(
        n for n, c in enumerate(board.engine.filters.packets.classes) if "443" in c.text(None)
    )
    assert {int(board.codes(kind)[index]) for kind in kinds} == {CODE[Verdict(given)]}


def test_lattice_of_one_vpc_serves_the_callers_of_that_vpc_alone() -> None:
    base = apart("in tcp/443 0.0.0.0/0")
    base.group("red/app", "app", "out all 0.0.0.0/0", "in tcp/443 0.0.0.0/0")
    base.group("blue/app", "app", "out all 0.0.0.0/0", "in tcp/443 0.0.0.0/0")
    base.add(LATTICE, "snva-1", {"VpcIdentifier": ref("VPC", "red")})
    assert verdict(base, "red/app", "blue/app", reachable=False) == "UNKNOWN"
    assert verdict(base, "blue/app", "red/app", reachable=False) == "DENY"
    assert verdict(base, "internet", "blue/app", reachable=False) == "DENY"


def test_clients_of_a_vpn_endpoint_may_come_out_where_aws_manages_an_interface() -> None:
    kind = f"{EC2}ClientVpnEndpoint"
    base = without(apart(""), kind)
    assert verdict(base, "internet", "blue/app", reachable=False) == "DENY"
    base.interface("eni-1", "blue/app/a", "10.2.0.9", "blue/app")
    node = base.nodes[f"{EC2}NetworkInterface", "eni-1"]
    observed = {**node.observed, "RequesterManaged": True}
    base.add("NetworkInterface", "eni-1", node.properties, observed=observed)
    assert verdict(base, "internet", "blue/app", reachable=False) == "UNKNOWN"
    assert verdict(base, "internet", "red/app", reachable=False) == "DENY"


def test_the_state_of_an_instance_that_was_not_read_is_unknown_at_its_interface() -> None:
    base = between()
    base.group("v/router", "", "in all 0.0.0.0/0", "out all 0.0.0.0/0")
    base.interface("eni-1", "v/app/a", "10.0.2.200", "v/router")
    node = base.nodes[f"{EC2}NetworkInterface", "eni-1"]
    base.add(
        "NetworkInterface",
        "eni-1",
        {**node.properties, "SourceDestCheck": False},
        observed={**node.observed, "Attachment": {"InstanceId": "i-1"}},
        tags={"ringwall:appliance": "forwards"},
    )
    base.route("v/web", "10.0.2.0/24", "eni:eni-1")
    assert verdict(base, "v/web", "v/app", reachable=True) == "ALLOW"
    without(base, f"{EC2}Instance")
    assert verdict(base, "v/web", "v/app", reachable=True) == "UNKNOWN"


def test_r25_each_association_of_a_direct_connect_gateway_announces_its_own_prefixes() -> None:
    """Prefixes are allowed for one association, not for the gateway (Direct Connect guide)."""
    base = NetworkBuilder()
    for number, vpc in enumerate(("red", "blue"), 1):
        base.vpc(vpc, f"10.{number}.0.0/16").subnet(f"{vpc}/app/a", f"10.{number}.0.0/24")
        base.group(f"{vpc}/app", "app", "in all 0.0.0.0/0", "out all 0.0.0.0/0")
        base.add("VPNGateway", f"vgw-{vpc}", observed={"State": "available"})
        link = {"VpcId": ref("VPC", vpc), "VpnGatewayId": ref("VPNGateway", f"vgw-{vpc}")}
        base.add("VPCGatewayAttachment", f"{vpc}/vpn-gateway", link)
    ends = [
        {"id": "vgw-red", "allowedPrefixes": ["10.1.0.0/16"]},
        {"id": "vgw-blue", "allowedPrefixes": ["10.1.0.0/16"]},
    ]
    base.add("AWS::DirectConnect::DirectConnectGateway", "dx", observed={"AssociatedGateway": ends})
    assert verdict(base, OFFICE, "blue/app", reachable=False) == "DENY"
    assert verdict(base, OFFICE, "red/app", reachable=False) == "ONE_WAY"
    del ends[1]["allowedPrefixes"]  # then it announces what its VPC has
    assert verdict(base, OFFICE, "blue/app", reachable=False) == "ONE_WAY"


def test_f17_block_public_access_is_of_an_account_in_a_region() -> None:
    base = internet_vpc()
    mode = {"InternetGatewayBlockMode": "block-bidirectional"}
    base.add("VPCBlockPublicAccessOptions", "b", mode)
    assert verdict(base, "internet", "v/edge", reachable=False) == "DENY"
    address = (f"{EC2}VPCBlockPublicAccessOptions", "b")
    base.nodes[address] = replace(base.nodes[address], region="eu-west-1")
    assert verdict(base, "internet", "v/edge", reachable=False) == "ALLOW"

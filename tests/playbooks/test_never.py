"""What is never blocked: special ranges, the estate's own addresses, and what people say."""

import pytest

from ringwall.playbooks.never import NeverBlock
from ringwall.reach.blocks import to_block
from ringwall.reach.engine import Engine
from tests.builders import NetworkBuilder, ref
from tests.playbooks.situations import site


def because(cidr: str, base: NetworkBuilder | None = None, **allowed: str) -> str:
    engine = Engine((base or site()).graph())
    return NeverBlock.of(engine, allowed).because(to_block(cidr))


@pytest.mark.parametrize(
    ("cidr", "why"),
    [
        ("0.1.2.3", "this network"),
        ("10.200.0.1", "private"),
        ("100.64.0.1", "shared addresses"),
        ("100.127.255.255", "shared addresses"),
        ("127.0.0.1", "loopback"),
        ("169.254.169.253", "resolver"),
        ("169.254.169.254", "metadata"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("::", "no address"),
        ("::1", "loopback"),
        ("::ffff:8.8.8.8", "IPv4-mapped"),
        ("64:ff9b::808:808", "NAT64"),
        ("::8.8.8.8", "IPv4-compatible"),
        ("64:ff9b:1::808:808", "NAT64 of a network's own"),
        ("2002:a00:1::1", "6to4 of 10.0.0.1/32: 10.0.0.0/8 is private"),
        ("2002:c0a8:101::/48", "6to4 of 192.168.1.1/32: 192.168.0.0/16 is private"),
        ("2002:a9fe:a9fe::1", "metadata"),
        ("2002:e000:1::", "multicast"),
        ("fd00:ec2::254", "metadata"),
        ("fe80::1", "link-local"),
        ("ff02::1", "multicast"),
    ],
)
def test_special_addresses_are_never_blocked(cidr: str, why: str):
    assert why in because(cidr)


@pytest.mark.parametrize(
    "cidr",
    [
        "100.63.255.255",
        "100.128.0.1",
        "172.32.0.1",
        "9.9.9.9",
        "2a00:1450::7",
        "2002:909:909::7",
        "2003::7",
    ],
)
def test_addresses_beside_the_special_ones_may_be_blocked(cidr: str):
    assert because(cidr) == ""


def test_a_block_that_shares_one_address_with_the_list_is_refused():
    base = site().add("EIP", "eip-1", observed={"PublicIp": "54.0.0.3"})
    assert "the Elastic IP eip-1" in because("54.0.0.0/30", base)
    assert because("54.0.0.0/31", base) == ""


@pytest.mark.parametrize("cidr", ["2600::7", "2600::/56"])
def test_blocks_of_vpcs_are_never_blocked(cidr: str):
    assert because(cidr) == f"{to_block(cidr)}: 2600::/56 is of VPC v"


def test_a_public_block_of_a_vpc_is_never_blocked():
    base = NetworkBuilder().vpc("w", "198.18.0.0/16")
    assert "of VPC w" in because("198.18.7.7", base)


def test_public_addresses_of_interfaces_are_never_blocked():
    base = site().interface("eni-1", "v/web/a", "10.0.1.9", "v/web", public="54.0.0.1")
    assert because("54.0.0.1", base) == "54.0.0.1/32: 54.0.0.1/32 is the public address of eni-1"
    assert because("54.0.0.2", base) == ""


@pytest.mark.parametrize("cidr", ["2002:3600:3::7", "2002:3600:3::/48", "2002:3600:3:9::/64"])
def test_an_address_of_ours_is_never_blocked_in_6to4_either(cidr: str):
    base = site().add("EIP", "eip-1", observed={"PublicIp": "54.0.0.3"})
    why = because(cidr, base)
    assert why.endswith("is 6to4 of 54.0.0.3/32: 54.0.0.3/32 is the Elastic IP eip-1")
    assert because("2002:3600:4::7", base) == ""
    never = NeverBlock.of(Engine(site().graph()), {"54.4.0.0/24": "our partner"})
    assert "our partner" in never.because(to_block("2002:3604:9::7"))


def test_elastic_addresses_are_never_blocked_though_nothing_bears_them():
    base = site().add("EIP", "eip-1", observed={"PublicIp": "54.0.0.3"})
    assert "the Elastic IP eip-1" in because("54.0.0.3", base)


def test_addresses_of_nat_gateways_are_never_blocked():
    seen = {"NatGatewayAddresses": [{"PublicIp": "54.0.0.4"}, {"PrivateIp": "10.0.1.4"}]}
    base = site().add("NatGateway", "n", {"SubnetId": ref("Subnet", "v/web/a")}, observed=seen)
    assert "NAT gateway n" in because("54.0.0.4", base)


def test_nodes_of_load_balancers_are_never_blocked():
    zone = {"SubnetId": "v/web/a", "LoadBalancerAddresses": [{"IpAddress": "54.0.0.5"}]}
    base = site().add(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "v/alb",
        {"Type": "network", "Subnets": [ref("Subnet", "v/web/a")], "Scheme": "internet-facing"},
        observed={"AvailabilityZones": [zone]},
    )
    assert "the public address of v/alb" in because("54.0.0.5", base)


def test_ends_of_vpns_are_never_blocked():
    base = site().add("CustomerGateway", "office", {"IpAddress": "54.0.0.6", "Type": "ipsec.1"})
    base.add("VPNConnection", "vpn", observed={"VgwTelemetry": [{"OutsideIpAddress": "54.0.0.7"}]})
    assert "the far end of VPN office" in because("54.0.0.6", base)
    assert "our end of VPN vpn" in because("54.0.0.7", base)


def test_blocks_of_peers_are_never_blocked():
    far = {
        "VpcId": "vpc-far",
        "CidrBlock": "54.1.0.0/16",
        "CidrBlockSet": [{"CidrBlock": "54.2.0.0/16"}],
        "Ipv6CidrBlockSet": [{"Ipv6CidrBlock": "2600:1f00::/56"}],
    }
    base = site().add("VPCPeeringConnection", "pcx", observed={"AccepterVpcInfo": far})
    for address in ("54.1.0.1", "54.2.0.1", "2600:1f00::1"):
        assert "of a peer by pcx" in because(address, base)


def test_prefix_lists_are_never_blocked():
    seen = {"Cidrs": ["54.3.0.0/16"]}
    base = site().add("PrefixList", "pl-s3", observed=seen)
    assert "54.3.0.0/16 is in the prefix list" in because("54.3.4.5", base)


def test_what_people_add_is_never_blocked_with_their_reason():
    engine = Engine(site().graph())
    never = NeverBlock.of(engine, {"54.4.0.0/24": "our payment provider"})
    why = "54.4.0.9/32: 54.4.0.0/24 is our payment provider"
    assert never.because(to_block("54.4.0.9")) == why
    assert never.because(to_block("54.4.0.0/22")) != ""
    assert never.because(to_block("54.4.1.0/24")) == ""


def test_what_people_add_must_be_a_block():
    with pytest.raises(ValueError, match="host bits"):
        NeverBlock.of(Engine(site().graph()), {"54.4.0.9/24": "a slip"})


@pytest.mark.parametrize(
    ("cidr", "why"),
    [
        ("54.0.0.0/15", "54.0.0.0/15 is wider than /16"),
        ("54.0.0.0/16", ""),
        ("2a00::/47", "2a00::/47 is wider than /48"),
        ("2a00::/48", ""),
    ],
)
def test_nothing_wider_than_a_16_or_a_48_is_blocked(cidr: str, why: str):
    assert because(cidr) == why

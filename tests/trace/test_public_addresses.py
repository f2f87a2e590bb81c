"""Public addresses of interfaces and of load balancers' nodes, asked as destinations: R9."""

from dataclasses import replace
from typing import Any

import pytest

from ringwall.model.ports import parse_ports
from ringwall.reach.engine import Engine
from ringwall.reach.exposure import who_reaches
from ringwall.reach.relations import Board
from tests.builders import ALL, NetworkBuilder, open_acl, ref
from tests.trace.asking import ask, codes, judged, told, unknowns
from tests.trace.building import appliance, balancer, listener, machine, target_group

NODE, MACHINE = "54.1.2.3", "54.1.2.4"
ARN = "net/front/0123456789abcdef"


def facing_the_internet(admitted: str = ALL, **options: Any) -> NetworkBuilder:
    """v/lb/a holds a node at 10.0.1.9 and a machine at 10.0.1.10; v/deep has no way out."""
    base = NetworkBuilder().vpc("v", "10.0.0.0/16").internet_gateway("v")
    for number, tier in enumerate(("lb", "deep"), 1):
        base.acl(f"v/{tier}", *open_acl())
        base.subnet(f"v/{tier}/a", f"10.0.{number}.0/24", acl=f"v/{tier}")
    base.route("v/lb", ALL, "igw:v")
    base.group("v/lb", "lb", f"in tcp/80 {admitted}", f"out all {ALL}")
    base.group("v/deep", "deep", "in tcp/80 group:v/lb", f"out all {ALL}")
    balancer(base, "front", "v/lb/a", kind="network", groups=("v/lb",), public=True, **options)
    machine(base, "eni-t", "v/deep/a", "10.0.2.9", "v/deep")
    target_group(base, "app", "i-eni-t", protocol="TCP", port=80)
    listener(base, "front", 80, "app", protocol="TCP")
    observed = {
        "Description": f"ELB {ARN}",
        "InterfaceType": "network_load_balancer",
        "PublicIp": NODE,
        "PrivateIpAddresses": [
            {"PrivateIpAddress": "10.0.1.9", "Association": {"PublicIp": NODE}, "Primary": True}
        ],
    }
    link = {"SubnetId": ref("Subnet", "v/lb/a"), "GroupSet": [ref("SecurityGroup", "v/lb")]}
    base.add("NetworkInterface", "eni-lb", link, observed=observed)
    return appliance(
        base, "eni-m", "v/lb/a", "10.0.1.10", "v/lb", does="", checks=True, public=MACHINE
    )


def observe(base: NetworkBuilder, kind: str, key: str, **observed: Any) -> None:
    """Let only this be observed of a node."""
    base.nodes[kind, key] = replace(base.nodes[kind, key], observed=observed)


@pytest.mark.parametrize(("address", "name"), [(NODE, "front"), (MACHINE, "eni-m")])
def test_r9_the_public_address_is_what_the_internet_asks_its_bearer_by(address: str, name: str):
    """ "The internet gateway ... performs one-to-one NAT" (VPC guide, internet gateways)."""
    base = facing_the_internet("8.8.8.0/24")
    assert ask(base, "8.8.8.8", address, "80") == "ALLOW"
    assert codes(base, "9.9.9.9", address, "80") == ["ENI_SG_RULES_MISMATCH"]
    assert judged(base, "9.9.9.9", address, "80", reachable=False).ok
    assert judged(base, "8.8.8.8", address, "80", reachable=True).ok
    assert told(base, "internet", address, "80").mixed == {"ALLOW": 1, "DENY": 1}
    assert f"{address} ({name})" in str(judged(base, "8.8.8.8", address, "80", reachable=True).case)


def test_r9_a_nodes_public_address_leads_to_what_its_listener_takes():
    base = facing_the_internet()
    base.rule("v/lb", "in", "tcp/443", ALL)
    assert codes(base, "8.8.8.8", NODE, "443") == ["ELBV2_LISTENERS_MISMATCH"]


@pytest.mark.parametrize("address", [NODE, MACHINE])
def test_r9_what_comes_back_in_from_inside_is_unknown_by_name(address: str):
    base = facing_the_internet("8.8.8.0/24")
    assert f"public address {address} of " in unknowns(base, "v/lb", address, "80")
    assert ask(base, "v/deep", address, "80") == "DENY"  # nothing gets out of there
    assert ask(base, "v/lb", "54.1.2.9", "80") == "ALLOW"  # an address of somebody else's


def test_r9_a_block_holds_public_addresses_of_ours_beside_others():
    base = facing_the_internet()
    found = told(base, "v/lb", "54.1.2.0/24", "80")
    assert (found.verdict.value, set(found.mixed)) == ("ALLOW", {"ALLOW", "UNKNOWN"})
    assert set(told(base, "8.8.8.8", "54.1.2.0/24", "80").mixed) == {"ALLOW", "UNKNOWN"}


def test_r9_an_address_that_is_to_be_chosen_is_nobodys():
    base = facing_the_internet()
    observe(base, "AWS::EC2::NetworkInterface", "eni-m", PublicIp="to be chosen")
    assert ask(base, "v/lb", MACHINE, "80") == "ALLOW"


def test_r9_elastic_addresses_say_what_bears_them():
    base = facing_the_internet()
    seen = {"PublicIp": "54.1.2.5", "NetworkInterfaceId": "eni-t", "PrivateIpAddress": "10.0.2.9"}
    base.add("EIP", "eip-1", {"Domain": "vpc"}, observed=seen)
    assert "of eni-t" in unknowns(base, "v/lb", "54.1.2.5", "80")
    assert codes(base, "8.8.8.8", "54.1.2.5", "80")[0] == "ENI_SG_RULES_MISMATCH"


def test_r9_a_balancer_says_the_addresses_of_its_nodes():
    base = facing_the_internet()
    del base.nodes["AWS::EC2::NetworkInterface", "eni-lb"]
    zones = [
        {"SubnetId": "v/lb/a", "LoadBalancerAddresses": [{"IpAddress": NODE, "AllocationId": "e"}]}
    ]
    observe(base, "AWS::ElasticLoadBalancingV2::LoadBalancer", "front", AvailabilityZones=zones)
    assert ask(base, "8.8.8.8", NODE, "80") == "ALLOW"
    assert "of front" in unknowns(base, "v/lb", NODE, "80")


def test_r9_who_reaches_a_public_address_is_asked_of_what_bears_it():
    board = Board(Engine(facing_the_internet().graph()))
    found = who_reaches(board, NODE, [parse_ports("80")])
    rows = {(row.source, row.verdict.value) for row in found.rows}
    assert ("internet", "ALLOW") in rows
    assert ("v/lb", "UNKNOWN") in rows

"""Normal forms: one wish said in two ways is one value; normalising again changes nothing."""

from ipaddress import IPv4Network, IPv6Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringwall.resources import network_acl_entry, registry, resource_type, route, subnet
from ringwall.resources import security_group_rules as rules
from ringwall.resources.ec2 import canonical_cidr, canonical_protocol
from ringwall.resources.ipv6 import block_attribute, derive_block
from tests.resources.wanted import ACL, GROUP, TABLE, VPC, WANTED

pytestmark = pytest.mark.property

ports = st.integers(0, 65535)
blocks4 = st.builds(
    lambda number, length: f"{IPv4Network((number, 32)).network_address}/{length}",
    st.integers(0, 2**32 - 1),
    st.integers(0, 32),
)
blocks6 = st.builds(
    lambda number, length: f"{IPv6Network((number, 128)).network_address}/{length}",
    st.integers(0, 2**128 - 1),
    st.integers(0, 128),
)
protocols = st.one_of(
    st.sampled_from(["tcp", "TCP", "6", 6, "udp", 17, "icmp", "1", "icmpv6", 58, "-1", -1, "all"]),
    st.integers(0, 255),
)


@st.composite
def rule_properties(draw: st.DrawFn) -> dict[str, Any]:
    first, last = sorted([draw(ports), draw(ports)])
    peer = draw(
        st.one_of(
            st.builds(lambda cidr: {"CidrIp": cidr}, blocks4),
            st.builds(lambda cidr: {"CidrIpv6": cidr}, blocks6),
            st.just({"SourceSecurityGroupId": GROUP}),
        )
    )
    found = {"GroupId": GROUP, "IpProtocol": draw(protocols), **peer}
    described = draw(st.sampled_from([{}, {"Description": ""}, {"Description": "why"}]))
    return {**found, **described, "FromPort": first, "ToPort": last}


@st.composite
def entry_properties(draw: st.DrawFn) -> dict[str, Any]:
    first, last = sorted([draw(ports), draw(ports)])
    number = draw(st.sampled_from([6, "6", 17, "17", 1, "1", 58, -1, "-1", 50]))
    return {
        "NetworkAclId": ACL,
        "Egress": draw(st.booleans()),
        "RuleNumber": draw(st.integers(1, 32766)),
        "Protocol": number,
        "RuleAction": draw(st.sampled_from(["allow", "deny"])),
        "PortRange": {"From": first, "To": last},
        "Icmp": {"Type": draw(st.integers(-1, 255)), "Code": -1},
        **draw(
            st.one_of(
                st.builds(lambda cidr: {"CidrBlock": cidr}, blocks4),
                st.builds(lambda cidr: {"Ipv6CidrBlock": cidr}, blocks6),
            )
        ),
    }


@given(rule_properties())
def test_a_rule_in_normal_form_stays_so(properties):
    once = rules.normalise(properties)
    assert rules.normalise(once) == once
    assert rules.key(once, rules.INGRESS) == rules.key(rules.normalise(once), rules.INGRESS)


@given(rule_properties())
def test_a_rule_read_back_from_its_permission_is_the_same_rule(properties):
    """What is authorized and what is reported afterwards have one normal form."""
    once = rules.normalise(properties)
    said = rules.permission(once, rules.INGRESS)
    ranges = [*said.get("IpRanges", ()), *said.get("Ipv6Ranges", ())]
    pairs = said.get("UserIdGroupPairs", ())
    item = {
        "IpProtocol": said["IpProtocol"],
        "FromPort": said.get("FromPort", -1),
        "ToPort": said.get("ToPort", -1),
        "CidrIpv4": next((r["CidrIp"] for r in ranges if "CidrIp" in r), None),
        "CidrIpv6": next((r["CidrIpv6"] for r in ranges if "CidrIpv6" in r), None),
        "Description": next((r.get("Description") for r in (*ranges, *pairs)), None),
        "ReferencedGroupInfo": {"GroupId": pairs[0]["GroupId"].key} if pairs else None,
    }
    read = rules.rule_properties(item, rules.INGRESS, "111122223333")
    assert {"GroupId": GROUP, **read} == once


@given(entry_properties())
def test_an_entry_in_normal_form_stays_so(properties):
    once = network_acl_entry.normalise(properties)
    assert network_acl_entry.normalise(once) == once
    assert ("PortRange" in once) == (once["Protocol"] in {6, 17})
    assert ("Icmp" in once) == (once["Protocol"] in {1, 58})


@given(st.one_of(blocks4, blocks6))
def test_a_canonical_block_has_no_host_bits(cidr):
    """VPC guide, network ACLs: "100.68.0.18/18, we modify it to 100.68.0.0/18"."""
    assert canonical_cidr(canonical_cidr(cidr)) == canonical_cidr(cidr)
    made = IPv6Network(canonical_cidr(cidr)) if ":" in cidr else IPv4Network(canonical_cidr(cidr))
    assert str(made) == canonical_cidr(cidr)


@given(protocols)
def test_a_protocol_has_one_name(protocol):
    once = canonical_protocol(protocol)
    assert canonical_protocol(once) == once
    assert once not in {"1", "6", "17", "58", "all"}


@given(blocks4, blocks6)
def test_the_blocks_of_routes_and_subnets_are_canonical(cidr, cidr6):
    found = route.normalise({"RouteTableId": TABLE, "DestinationCidrBlock": cidr})
    assert route.key(found) == f"v/private>{canonical_cidr(cidr)}"
    made = subnet.normalise({"VpcId": VPC, "CidrBlock": cidr, "Ipv6CidrBlock": cidr6})
    assert subnet.normalise(made) == made


@pytest.mark.parametrize("kind", registry().values(), ids=lambda kind: kind.name)
def test_a_wanted_node_in_normal_form_stays_so(kind):
    for node in WANTED:
        if node.type == kind.name:
            once = kind.normalise(node.properties)
            assert kind.normalise(once) == once


def test_wanted_nodes_are_in_normal_form():
    for node in WANTED:
        assert resource_type(node.type).normalise(node.properties) == node.properties, node


@given(st.integers(56, 64), st.integers(0, 255))
def test_a_derived_block_lies_inside_and_apart_from_its_neighbours(length, index):
    outer = IPv6Network("2001:db8:1:ff00::/56")
    count = 2 ** (length - 56)
    if index >= count:
        with pytest.raises(ValueError, match="outside"):
            derive_block(block_attribute(length, index), str(outer))
        return
    found = IPv6Network(derive_block(block_attribute(length, index), str(outer)))
    assert found.prefixlen == length
    assert found.subnet_of(outer)
    assert found == list(outer.subnets(new_prefix=length))[index]


@pytest.mark.parametrize(
    "attribute", ["ipv6/64", "ipv4/64/0", "ipv6/48/0", "ipv6/129/0", "ipv6/x/0", "ipv6/64/-1"]
)
def test_an_attribute_of_another_form_is_refused(attribute):
    with pytest.raises(ValueError, match="ipv"):
        derive_block(attribute, "2001:db8:1::/56")


@pytest.mark.parametrize(
    ("attribute", "block"),
    [
        ("ipv6/64/0", "2001:db8:1:ff00::/64"),
        ("ipv6/64/255", "2001:db8:1:ffff::/64"),
        ("ipv6/60/1", "2001:db8:1:ff10::/60"),
        ("ipv6/56/0", "2001:db8:1:ff00::/56"),
    ],
)
def test_derived_blocks(attribute, block):
    assert derive_block(attribute, "2001:db8:1:ff00::/56") == block

"""Wanted nodes → the calls that make, change and remove them, and what they expose."""

from dataclasses import replace
from typing import Any

import pytest

from ringwall.model.calls import Call, Lookup
from ringwall.model.graph import Node, Ref, ResourceGraph
from ringwall.model.plan import Exposure
from ringwall.resources import resource_type
from tests.resources.wanted import (
    ACL,
    GROUP,
    SUBNET,
    TABLE,
    VPC,
    WANTED,
    entry,
    ref,
    route,
    rule,
    wanted,
)


def node_of(type_name: str, **which: Any) -> Node:
    return next(
        node
        for node in WANTED
        if node.short_type == type_name and which.items() <= dict(node.properties).items()
    )


def operations(calls: tuple[Call, ...]) -> list[str]:
    return [call.operation for call in calls]


def create(node: Node) -> tuple[Call, ...]:
    return resource_type(node.type).create(node)


def update(before: Node, after: Node, *names: str) -> tuple[Call, ...]:
    return resource_type(after.type).update(before, after, frozenset(names))


def delete(node: Node) -> tuple[Call, ...]:
    return resource_type(node.type).delete(node)


def changed(node: Node, **properties: Any) -> Node:
    merged = {**node.properties, **properties}
    return replace(node, properties={n: v for n, v in merged.items() if v is not None})


def test_a_vpc_is_made_and_then_its_dns_attributes_one_by_one():
    assert operations(create(node_of("VPC"))) == ["create_vpc", *["modify_vpc_attribute"] * 2]


def test_a_subnet_is_made_with_its_ipv6_block_and_then_switched_one_by_one():
    made, *switched = create(node_of("Subnet"))
    assert made.request["Ipv6CidrBlock"] == ref("VPCCidrBlock", "v/ipv6", "ipv6/64/1")
    assert [set(call.request) - {"SubnetId"} for call in switched] == [
        {"MapPublicIpOnLaunch"},
        {"AssignIpv6AddressOnCreation"},
        {"EnableDns64"},
    ]


def test_a_subnet_loses_what_needs_its_old_block_before_and_gains_what_needs_the_new_one_after():
    association = {"AssociationId": "subnet-cidr-assoc-1", "Ipv6CidrBlock": "2001:db8::/64"}
    before = replace(
        changed(node_of("Subnet"), Ipv6CidrBlock="2001:db8::/64", MapPublicIpOnLaunch=True),
        observed={"Ipv6CidrBlockAssociationSet": [association]},
    )
    after = changed(before, Ipv6CidrBlock="2001:db8:0:1::/64", MapPublicIpOnLaunch=False)
    names = ("Ipv6CidrBlock", "MapPublicIpOnLaunch", "AssignIpv6AddressOnCreation")
    calls = update(before, after, *names)
    assert operations(calls) == [
        "modify_subnet_attribute",
        "disassociate_subnet_cidr_block",
        "associate_subnet_cidr_block",
        "modify_subnet_attribute",
    ]
    assert calls[0].request["MapPublicIpOnLaunch"] == {"Value": False}
    assert calls[1].request == {"AssociationId": "subnet-cidr-assoc-1"}
    assert calls[3].request["AssignIpv6AddressOnCreation"] == {"Value": True}


def test_amazons_block_is_read_once_it_is_associated():
    associate, given = create(node_of("VPCCidrBlock", AmazonProvidedIpv6CidrBlock=True))
    assert associate.extract == {"id": "Ipv6CidrBlockAssociation.AssociationId"}
    assert given.operation == "describe_vpcs"
    assert set(given.extract) == {"Ipv6CidrBlock"}


def test_a_new_group_sends_nothing():
    made, ipv4, ipv6 = create(node_of("SecurityGroup"))
    assert made.operation == "create_security_group"
    for call in (ipv4, ipv6):
        assert call.operation == "revoke_security_group_egress"
        assert call.ignore == {"InvalidPermission.NotFound"}
    assert ipv4.request["IpPermissions"][0]["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}]
    assert ipv6.request["IpPermissions"][0]["Ipv6Ranges"] == [{"CidrIpv6": "::/0"}]


def test_a_rules_description_stands_at_its_peer():
    (call,) = create(rule("Ingress", CidrIp="10.0.0.0/8", Description="from inside"))
    assert call.request == {
        "GroupId": GROUP,
        "IpPermissions": [
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "from inside"}],
            }
        ],
    }


def test_a_rule_of_another_description_is_the_same_rule():
    before = rule("Egress", CidrIp="10.0.0.0/8", Description="old")
    (call,) = update(before, changed(before, Description=None), "Description")
    assert call.operation == "update_security_group_rule_descriptions_egress"
    described = [{"SecurityGroupRuleId": "sgr-1", "Description": ""}]
    assert call.request == {"GroupId": GROUP, "SecurityGroupRuleDescriptions": described}


def test_a_rule_is_revoked_by_its_id():
    node = rule("Ingress", CidrIp="10.0.0.0/8")
    (call,) = delete(node)
    assert call.request == {"GroupId": GROUP, "SecurityGroupRuleIds": [node.ref]}


@pytest.mark.parametrize(
    ("names", "sides"),
    [
        (("Ingress", "Egress"), ["ingress", "egress"]),
        (("Ingress",), ["ingress"]),
        (("Egress",), ["egress"]),
    ],
)
def test_a_default_group_is_emptied_by_the_ids_of_its_rules(names, sides):
    after = node_of("DefaultSecurityGroup")
    ids = {"Ingress": ["sgr-5"], "Egress": ["sgr-6", "sgr-7"]}
    before = replace(after, observed={"RuleIds": ids}, physical_id="sg-0")
    calls = update(before, after, *names)
    assert operations(calls) == [f"revoke_security_group_{side}" for side in sides]
    for name, call in zip(names, calls, strict=True):
        assert call.request == {"GroupId": "sg-0", "SecurityGroupRuleIds": ids[name]}


def test_the_default_group_of_a_new_vpc_is_emptied_without_knowing_its_rules():
    calls = create(node_of("DefaultSecurityGroup"))
    assert operations(calls) == [
        "revoke_security_group_ingress",
        *["revoke_security_group_egress"] * 2,
    ]
    assert all(isinstance(call.request["GroupId"], Lookup) for call in calls)


def test_a_default_group_is_left_empty_when_nobody_wants_it_any_more():
    assert delete(node_of("DefaultSecurityGroup")) == ()


def test_a_route_changes_its_target_in_one_step():
    after = route(NatGatewayId=ref("NatGateway", "n"))
    (call,) = update(route(GatewayId=ref("InternetGateway", "v")), after, "GatewayId")
    assert call.operation == "replace_route"
    assert call.request == {
        "RouteTableId": TABLE,
        "DestinationCidrBlock": "0.0.0.0/0",
        "NatGatewayId": ref("NatGateway", "n"),
    }


def test_a_route_that_exists_with_another_target_is_never_taken_for_ours():
    assert all(call.ignore == frozenset() for call in create(route(GatewayId="igw-1")))


def test_a_local_route_that_was_turned_away_goes_back_to_local():
    node = replace(
        route(NetworkInterfaceId=ref("NetworkInterface", "eni-1")),
        observed={"Origin": "CreateRouteTable"},
    )
    assert not resource_type(node.type).implicit(node)
    (call,) = delete(node)
    assert call.operation == "replace_route"
    assert call.request["LocalTarget"] is True


def test_an_entry_says_its_protocol_as_text_and_its_icmp_as_ec2_does():
    (call,) = create(entry(1010, Protocol=1, Icmp={"Type": 8, "Code": -1}))
    assert call.request["Protocol"] == "1"
    assert call.request["IcmpTypeCode"] == {"Type": 8, "Code": -1}
    assert "Icmp" not in call.request


def test_an_entry_that_exists_is_never_taken_for_ours():
    assert create(entry(1000))[0].ignore == frozenset()


def test_a_subnet_always_has_a_nacl_so_that_every_change_is_a_replacement():
    node = replace(node_of("SubnetNetworkAclAssociation"), observed={"VpcId": "vpc-1"})
    (made,), (moved,), (gone,) = create(node), update(node, node, "NetworkAclId"), delete(node)
    assert made == moved
    assert made.request["NetworkAclId"] == ACL
    present = made.request["AssociationId"]
    assert present.values == {"subnet": SUBNET}
    default = gone.request["NetworkAclId"]
    assert default.request["Filters"] == [
        {"Name": "vpc-id", "Values": ["vpc-1"]},
        {"Name": "default", "Values": ["true"]},
    ]


def test_a_subnet_changes_its_table_without_falling_back_to_the_main_one():
    before = node_of("SubnetRouteTableAssociation")
    after = changed(before, RouteTableId=ref("RouteTable", "v/other"))
    (call,) = update(before, after, "RouteTableId")
    assert call.operation == "replace_route_table_association"
    assert call.request["AssociationId"] == "rtbassoc-1"
    assert call.extract == {"id": "NewAssociationId"}


def test_a_nat_gateway_is_waited_for_when_it_comes_and_when_it_goes():
    node = node_of("NatGateway")
    assert create(node)[0].waits_for[0].success == {"available"}
    assert delete(node)[0].waits_for[0].success == {"deleted"}
    assert "NatGatewayNotFound" in delete(node)[0].waits_for[0].gone_codes


def test_what_needs_the_internet_gateway_waits_for_its_attachment():
    graph = ResourceGraph.of(
        [node_of("VPCGatewayAttachment"), node_of("Subnet"), node_of("RouteTable")]
    )
    attachment = ("AWS::EC2::VPCGatewayAttachment", "v/internet-gateway")
    for node in (node_of("NatGateway"), route(GatewayId=ref("InternetGateway", "v"))):
        assert list(resource_type(node.type).depends(node, graph)) == [attachment]
    private = changed(node_of("NatGateway"), ConnectivityType="private")
    other = route(NatGatewayId=ref("NatGateway", "n"))
    for node in (private, other):
        assert list(resource_type(node.type).depends(node, graph)) == []


def test_a_subnet_waits_for_the_further_block_that_it_lies_in():
    blocks = [node_of("VPCCidrBlock", CidrBlock="100.64.0.0/16")]
    graph = ResourceGraph.of(blocks)
    inside = changed(node_of("Subnet"), CidrBlock="100.64.3.0/24", Ipv6CidrBlock=None)
    outside = changed(node_of("Subnet"), CidrBlock="10.1.3.0/24", Ipv6CidrBlock=None)
    kind = resource_type("AWS::EC2::Subnet")
    assert list(kind.depends(inside, graph)) == [("AWS::EC2::VPCCidrBlock", "v/100.64.0.0/16")]
    assert list(kind.depends(outside, graph)) == []


ALLOW, DENY = entry(1000), entry(1000, RuleAction="deny")
OPEN = rule("Ingress", CidrIp="0.0.0.0/0")
TO_NAT = route(NatGatewayId=ref("NatGateway", "n"))
NOWHERE = replace(TO_NAT, observed={"State": "blackhole"})
EMPTY = wanted("Ringwall::EC2::DefaultSecurityGroup", "v", VpcId=VPC, Ingress=[], Egress=[])
FULL = changed(EMPTY, Ingress=[{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}])
ASSOCIATION = node_of("SubnetRouteTableAssociation")


@pytest.mark.parametrize(
    ("before", "after", "exposure"),
    [
        (None, ALLOW, Exposure.OPENS),
        (ALLOW, None, Exposure.CLOSES),
        (None, DENY, Exposure.CLOSES),
        (DENY, None, Exposure.OPENS),
        (ALLOW, DENY, Exposure.BOTH),
        (None, OPEN, Exposure.OPENS),
        (OPEN, None, Exposure.CLOSES),
        (None, TO_NAT, Exposure.OPENS),
        (TO_NAT, None, Exposure.CLOSES),
        (TO_NAT, TO_NAT, Exposure.BOTH),
        (NOWHERE, None, Exposure.OPENS),
        (FULL, EMPTY, Exposure.CLOSES),
        (None, EMPTY, Exposure.CLOSES),
        (EMPTY, FULL, Exposure.BOTH),
        (None, ASSOCIATION, Exposure.BOTH),
        (ASSOCIATION, None, Exposure.BOTH),
    ],
)
def test_exposures(before, after, exposure):
    node = before or after
    assert resource_type(node.type).exposure(before, after) is exposure


@pytest.mark.parametrize(
    ("type_name", "price"), [("NatGateway", "nat-gateway"), ("EIP", "public-ipv4-address")]
)
def test_what_costs_by_the_hour_says_so(type_name, price):
    node = node_of(type_name)
    tariff = resource_type(node.type).price
    assert tariff is not None
    assert tariff(node) == (price, 1)


def test_requests_name_what_may_not_exist_yet_by_reference():
    (call,) = create(node_of("NatGateway"))
    assert isinstance(call.request["SubnetId"], Ref)
    assert isinstance(call.request["AllocationId"], Ref)

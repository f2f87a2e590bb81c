"""What was read becomes one graph with our keys; strangers keep their ids; nothing is dropped."""

import time

import pytest

from ringwall.model.graph import Ref, ResourceGraph, Unknown, references
from ringwall.resources import resource_type
from ringwall.resources.assemble import assemble
from ringwall.resources.kind import Reads
from tests.resources.described import Listings, details, estate, reads, tags
from tests.resources.wanted import ACCOUNT, DEPLOYMENT, REGION, ref

EXPECTED_KEYS = {
    "VPC": {"v", "vpc-9"},
    "VPCCidrBlock": {"v/ipv6", "v/100.64.0.0/16"},
    "Subnet": {"v/public/us-east-1a", "subnet-9"},
    "InternetGateway": {"v", "igw-9", "igw-8"},
    "VPCGatewayAttachment": {"v/internet-gateway", "vpc-9/internet-gateway"},
    "EgressOnlyInternetGateway": {"v"},
    "EIP": {"v/nat/us-east-1a"},
    "NatGateway": {"v/nat/us-east-1a"},
    "RouteTable": {"v/public", "rtb-0"},
    "Route": {
        "rtb-0>10.1.0.0/16",
        "v/public>10.1.0.0/16",
        "v/public>0.0.0.0/0",
        "v/public>aws:com.amazonaws.us-east-1.s3",
        "v/public>192.168.0.0/16",
    },
    "SubnetRouteTableAssociation": {"v/public/us-east-1a"},
    "MainRouteTableAssociation": {"v"},
    "NetworkAcl": {"v/public"},
    "DefaultNetworkAcl": {"v"},
    "NetworkAclEntry": {
        "v/public:ingress:7",
        "v/public:ingress:1000",
        "v/public:egress:1010",
        "v/public:ingress:32767",
        "v/public:ingress:32768",
    },
    "SubnetNetworkAclAssociation": {"v/public/us-east-1a", "subnet-9"},
    "DefaultSecurityGroup": {"v"},
    "SecurityGroup": {"v/web", "v/alb"},
    "SecurityGroupIngress": {
        "v/web:in:tcp/443:group v/alb",
        "v/alb:in:tcp/443:0.0.0.0/0",
        "v/alb:in:tcp/443:::/0",
    },
    "SecurityGroupEgress": {"v/web:out:tcp/443:pl aws:com.amazonaws.us-east-1.s3"},
    "NetworkInterface": {"eni-1", "eni-2"},
    "PrefixList": {"aws:com.amazonaws.us-east-1.s3", "pl-9"},
    "VPCPeeringConnection": {"pcx-1"},
    "GatewayRouteTableAssociation": {"v/route-table"},
}


@pytest.fixture
def graph() -> ResourceGraph:
    return assemble(reads(estate(), details()), DEPLOYMENT)


def test_everything_has_the_key_that_a_blueprint_gives_it(graph):
    found: dict[str, set[str]] = {}
    for node in graph:
        found.setdefault(node.short_type, set()).add(node.key)
    assert found == EXPECTED_KEYS


def test_references_name_keys_wherever_what_they_name_was_read(graph):
    known = {node.physical_id for node in graph}
    for node in graph:
        for found in references(node.properties):
            assert found in graph or found.key not in known, f"{node} names {found}"


def test_a_default_group_is_named_by_its_own_type(graph):
    interface = graph["AWS::EC2::NetworkInterface", "eni-2"]
    assert interface.properties["GroupSet"] == [
        ref("SecurityGroup", "v/web"),
        Ref("Ringwall::EC2::DefaultSecurityGroup", "v"),
    ]


def test_implicit_nodes_are_those_that_aws_makes_by_itself(graph):
    implicit = {str(node) for node in graph if resource_type(node.type).implicit(node)}
    assert implicit == {
        "RouteTable rtb-0",
        "Route rtb-0>10.1.0.0/16",
        "Route v/public>10.1.0.0/16",
        "Route v/public>aws:com.amazonaws.us-east-1.s3",
        "Route v/public>192.168.0.0/16",
        "MainRouteTableAssociation v",
        "DefaultNetworkAcl v",
        "NetworkAclEntry v/public:ingress:32767",
        "NetworkAclEntry v/public:ingress:32768",
        "SubnetNetworkAclAssociation subnet-9",
        "NetworkInterface eni-1",
        "PrefixList aws:com.amazonaws.us-east-1.s3",
    }


def test_what_bears_another_deployments_tags_is_a_stranger():
    found = assemble(reads(estate(), details()), "another")
    assert {node.key for node in found.of_type("AWS::EC2::VPC")} == {"vpc-1", "vpc-9"}
    assert ("AWS::EC2::VPCCidrBlock", "vpc-1/ipv6") in found
    assert ("AWS::EC2::NetworkAclEntry", "acl-1:ingress:1000") in found


@pytest.mark.parametrize("position", [0, -1])
def test_of_two_with_our_key_the_lowest_id_has_it(position):
    listings = estate()
    twin = {"GroupId": "sg-3", "GroupName": "w", "VpcId": "vpc-1", "Tags": tags("v/web")}
    listings["describe_security_groups"].insert(position, twin)
    found = assemble(reads(listings, details()), DEPLOYMENT)
    assert found["AWS::EC2::SecurityGroup", "v/web"].physical_id == "sg-1"
    assert found["AWS::EC2::SecurityGroup", "sg-3"].observed["DuplicateOf"] == "v/web"


def test_what_is_being_deleted_does_not_take_the_key_of_what_is_there(graph):
    assert graph["AWS::EC2::NatGateway", "v/nat/us-east-1a"].physical_id == "nat-1"
    assert graph["AWS::EC2::VPC", "v"].physical_id == "vpc-1"


def test_two_children_with_one_key_are_both_there():
    listings = estate()
    blocks = listings["describe_vpcs"][0]["Ipv6CidrBlockAssociationSet"]
    blocks.append(blocks[0] | {"AssociationId": "vpc-cidr-assoc-7", "Ipv6CidrBlock": "2001::/56"})
    found = assemble(reads(listings, details()), DEPLOYMENT)
    second = found["AWS::EC2::VPCCidrBlock", "vpc-cidr-assoc-7"]
    assert second.observed["DuplicateOf"] == "v/ipv6"


def test_a_refused_listing_is_an_unknown_of_every_type_that_it_feeds():
    listings = estate()
    del listings["describe_network_acls"]
    read = reads(listings, details(), {"describe_network_acls": "UnauthorizedOperation"})
    why = "ec2:describe_network_acls was refused: UnauthorizedOperation"
    unknowns = [u for u in assemble(read, DEPLOYMENT).unknowns if "network_acls" in u.why]
    assert unknowns == [
        Unknown("AWS::EC2::NetworkAcl", why),
        Unknown("AWS::EC2::NetworkAclEntry", why),
        Unknown("AWS::EC2::SubnetNetworkAclAssociation", why),
        Unknown("Ringwall::EC2::DefaultNetworkAcl", why),
    ]


def test_a_listing_that_is_not_in_the_input_is_unknown_not_empty():
    unknowns = assemble(Reads(ACCOUNT, REGION), DEPLOYMENT).unknowns
    assert Unknown("AWS::EC2::VPC", "ec2:describe_vpcs was not read") in unknowns


def test_the_dns_attributes_of_a_strangers_vpc_are_not_guessed(graph):
    assert "EnableDnsHostnames" not in graph["AWS::EC2::VPC", "vpc-9"].properties
    assert graph["AWS::EC2::VPC", "v"].properties["EnableDnsHostnames"] is True


def test_assembling_is_the_same_whatever_the_order_of_the_answers(graph):
    turned = {name: list(reversed(items)) for name, items in estate().items()}
    found = assemble(reads(turned, details()), DEPLOYMENT)
    assert dict(found.nodes) == dict(graph.nodes)


def large_estate(vpcs: int) -> Listings:
    """Return VPCs of three tiers in three zones, with the entries and rules of such a network."""
    model = estate()
    found: Listings = {name: [] for name in model}
    for v in range(vpcs):
        found["describe_vpcs"].append(
            {"VpcId": f"vpc-{v}", "CidrBlock": f"10.{v}.0.0/16", "Tags": tags(f"v{v}")}
        )
        for t in range(3):
            place = f"v{v}/t{t}"
            spots = [f"{v}-{t}-{z}" for z in range(3)]
            for z, spot in enumerate(spots):
                subnet = {
                    "SubnetId": f"subnet-{spot}",
                    "VpcId": f"vpc-{v}",
                    "CidrBlock": f"10.{v}.{t * 3 + z}.0/24",
                    "AvailabilityZone": f"us-east-1{'abc'[z]}",
                    "Tags": tags(f"{place}/us-east-1{'abc'[z]}"),
                }
                found["describe_subnets"].append(subnet)
                table = model["describe_route_tables"][1] | {
                    "RouteTableId": f"rtb-{spot}",
                    "VpcId": f"vpc-{v}",
                    "Tags": tags(f"{place}/us-east-1{'abc'[z]}"),
                    "Associations": [
                        {"RouteTableAssociationId": f"a-{spot}", "SubnetId": f"subnet-{spot}"}
                    ],
                }
                found["describe_route_tables"].append(table)
            acl = {
                "NetworkAclId": f"acl-{v}-{t}",
                "VpcId": f"vpc-{v}",
                "Tags": tags(place),
                "Entries": [
                    {
                        "RuleNumber": 1000 + n,
                        "RuleAction": "allow",
                        "Protocol": "6",
                        "PortRange": {"From": n, "To": n},
                        "CidrBlock": f"10.{n}.0.0/16",
                    }
                    for n in range(20)
                ],
                "Associations": [
                    {"NetworkAclAssociationId": f"aclassoc-{spot}", "SubnetId": f"subnet-{spot}"}
                    for spot in spots
                ],
            }
            found["describe_network_acls"].append(acl)
            group = {"GroupId": f"sg-{v}-{t}", "GroupName": place, "VpcId": f"vpc-{v}"}
            found["describe_security_groups"].append(group | {"Tags": tags(place)})
            found["describe_security_group_rules"] += [
                {
                    "SecurityGroupRuleId": f"sgr-{v}-{t}-{n}",
                    "GroupId": f"sg-{v}-{t}",
                    "IpProtocol": "tcp",
                    "FromPort": n,
                    "ToPort": n,
                    "CidrIpv4": "10.0.0.0/8",
                }
                for n in range(8)
            ]
    return found


def test_two_hundred_vpcs_are_assembled_within_seconds():
    read = reads(large_estate(200))
    started = time.process_time()
    found = assemble(read, DEPLOYMENT)
    took = time.process_time() - started
    assert len(found) > 25_000
    assert took < 3 * 2, f"{len(found)} nodes took {took:.1f} s"  # twice, for a busy machine

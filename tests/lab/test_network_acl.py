"""Probes: network ACLs as the VPC guide and the EC2 API reference tell them."""

from typing import Any

import pytest


@pytest.fixture
def acl(ec2: Any) -> Any:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]
    made = ec2.create_network_acl(
        VpcId=vpc["VpcId"],
        TagSpecifications=[{"ResourceType": "network-acl", "Tags": [{"Key": "a", "Value": "b"}]}],
    )
    assert made["NetworkAcl"]["Tags"] == [{"Key": "a", "Value": "b"}]
    return str(made["NetworkAcl"]["NetworkAclId"])


def entries(ec2: Any, acl: str) -> Any:
    return ec2.describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"][0]["Entries"]


def put(ec2: Any, acl: str, number: int, **other: Any) -> None:
    what = {"CidrBlock": "10.0.0.0/8"} if "Ipv6CidrBlock" not in other else {}
    ec2.create_network_acl_entry(
        NetworkAclId=acl,
        RuleNumber=number,
        **{"Protocol": "-1", "RuleAction": "allow", "Egress": False, **what, **other},
    )


def test_a_new_acl_lists_the_implicit_denies(ec2: Any, acl: str) -> None:
    """ "Each network ACL also includes a rule whose rule number is an asterisk"."""
    assert [
        (one["RuleNumber"], one["Egress"], one.get("CidrBlock") or one["Ipv6CidrBlock"])
        for one in entries(ec2, acl)
    ] == [
        (32767, True, "0.0.0.0/0"),
        (32768, True, "::/0"),
        (32767, False, "0.0.0.0/0"),
        (32768, False, "::/0"),
    ]
    assert {one["RuleAction"] for one in entries(ec2, acl)} == {"deny"}


def test_a_default_acl_allows_both_families(ec2: Any) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.3.0.0/16")["Vpc"]["VpcId"]

    def numbers() -> list[int]:
        found = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
        return [one["RuleNumber"] for one in found["NetworkAcls"][0]["Entries"] if one["Egress"]]

    assert numbers() == [100, 32767]
    ec2.associate_vpc_cidr_block(VpcId=vpc, AmazonProvidedIpv6CidrBlock=True)
    assert numbers() == [100, 101, 32767, 32768]


@pytest.mark.parametrize("number", [0, 32767])
def test_numbers_end_at_1_and_32766(ec2: Any, acl: str, refused: Any, number: int) -> None:
    with refused("InvalidParameterValue"):
        put(ec2, acl, number)
    put(ec2, acl, 1)
    put(ec2, acl, 32766)


def test_host_bits_are_dropped(ec2: Any, acl: str) -> None:
    put(ec2, acl, 10, CidrBlock="100.68.0.18/18")
    put(ec2, acl, 11, Ipv6CidrBlock="2001:db8::1/32")
    found = [one for one in entries(ec2, acl) if not one["Egress"]]
    assert found[0]["CidrBlock"] == "100.68.0.0/18"
    assert found[1]["Ipv6CidrBlock"] == "2001:db8::/32"


def test_icmp_and_ports_are_kept(ec2: Any, acl: str) -> None:
    put(ec2, acl, 10, Protocol="1", IcmpTypeCode={"Type": 8, "Code": -1})
    put(ec2, acl, 11, Protocol="6", PortRange={"From": 443, "To": 444})
    found = [one for one in entries(ec2, acl) if not one["Egress"]]
    assert found[0]["IcmpTypeCode"] == {"Type": 8, "Code": -1}
    assert found[1]["PortRange"] == {"From": 443, "To": 444}


def test_entries_are_replaced_and_deleted_once(ec2: Any, acl: str, refused: Any) -> None:
    put(ec2, acl, 10)
    with refused("NetworkAclEntryAlreadyExists"):
        put(ec2, acl, 10)
    put(ec2, acl, 10, Egress=True)
    changed = {
        "NetworkAclId": acl, "RuleNumber": 10, "Egress": False, "Protocol": "-1",
        "RuleAction": "deny", "CidrBlock": "10.0.0.0/8",
    }  # fmt: skip
    ec2.replace_network_acl_entry(**changed)
    found = {(one["RuleNumber"], one["Egress"]): one["RuleAction"] for one in entries(ec2, acl)}
    assert found[10, False] == "deny"
    assert found[10, True] == "allow"
    ec2.delete_network_acl_entry(NetworkAclId=acl, RuleNumber=10, Egress=False)
    with refused("InvalidNetworkAclEntry.NotFound"):
        ec2.delete_network_acl_entry(NetworkAclId=acl, RuleNumber=10, Egress=False)
    with refused("InvalidNetworkAclEntry.NotFound"):
        ec2.replace_network_acl_entry(**changed)


def test_the_quota_holds_for_direction_and_family(ec2: Any, acl: str, refused: Any) -> None:
    for number in range(1, 21):
        put(ec2, acl, number)
    with refused("NetworkAclEntryLimitExceeded"):
        put(ec2, acl, 21)
    put(ec2, acl, 21, Egress=True)
    put(ec2, acl, 22, Ipv6CidrBlock="::/0")


def test_an_association_is_replaced(ec2: Any, acl: str, refused: Any) -> None:
    vpc = ec2.describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"][0]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    old = ec2.describe_network_acls(
        Filters=[{"Name": "association.subnet-id", "Values": [subnet]}]
    )["NetworkAcls"][0]
    made = ec2.replace_network_acl_association(
        AssociationId=old["Associations"][0]["NetworkAclAssociationId"], NetworkAclId=acl
    )["NewAssociationId"]
    now = ec2.describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"][0]["Associations"]
    assert [(one["NetworkAclAssociationId"], one["SubnetId"]) for one in now] == [(made, subnet)]
    with refused("DependencyViolation"):
        ec2.delete_network_acl(NetworkAclId=acl)
    with refused("InvalidParameterValue"):
        ec2.delete_network_acl(NetworkAclId=old["NetworkAclId"])

"""Probes: security groups as the VPC guide and the EC2 API reference tell them."""

from typing import Any

import pytest


@pytest.fixture
def vpc(ec2: Any) -> Any:
    made = ec2.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True)
    return str(made["Vpc"]["VpcId"])


def group(ec2: Any, vpc: str, name: str) -> Any:
    made = ec2.create_security_group(
        GroupName=name,
        Description="d",
        VpcId=vpc,
        TagSpecifications=[
            {"ResourceType": "security-group", "Tags": [{"Key": "n", "Value": name}]}
        ],
    )
    return str(made["GroupId"])


def rules(ec2: Any, *groups: str) -> Any:
    return ec2.describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": list(groups)}]
    )["SecurityGroupRules"]


def tcp(port: int, **peers: Any) -> Any:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peers}


def test_a_new_group_lets_everything_out(ec2: Any, vpc: str) -> None:
    found = rules(ec2, group(ec2, vpc, "a"))
    assert {one.get("CidrIpv4") or one["CidrIpv6"] for one in found} == {"0.0.0.0/0", "::/0"}
    assert {(one["IpProtocol"], one["FromPort"], one["IsEgress"]) for one in found} == {
        ("-1", -1, True)
    }


def test_rules_are_described_in_full(ec2: Any, vpc: str) -> None:
    one, other = group(ec2, vpc, "a"), group(ec2, vpc, "b")
    prefix = ec2.describe_managed_prefix_lists()["PrefixLists"][0]["PrefixListId"]
    made = ec2.authorize_security_group_ingress(
        GroupId=one,
        IpPermissions=[
            tcp(443, IpRanges=[{"CidrIp": "100.68.0.18/18", "Description": "v4"}]),
            tcp(443, Ipv6Ranges=[{"CidrIpv6": "::/0", "Description": "v6"}]),
            tcp(443, UserIdGroupPairs=[{"GroupId": other, "Description": "group"}]),
            tcp(443, PrefixListIds=[{"PrefixListId": prefix, "Description": "list"}]),
        ],
        TagSpecifications=[
            {"ResourceType": "security-group-rule", "Tags": [{"Key": "k", "Value": "v"}]}
        ],
    )["SecurityGroupRules"]
    assert len(made) == 4
    found = {item["Description"]: item for item in rules(ec2, one) if not item["IsEgress"]}
    assert found["v4"]["CidrIpv4"] == "100.68.0.0/18"
    assert found["v6"]["CidrIpv6"] == "::/0"
    assert found["group"]["ReferencedGroupInfo"]["GroupId"] == other
    assert found["list"]["PrefixListId"] == prefix
    assert all(item["Tags"] == [{"Key": "k", "Value": "v"}] for item in found.values())
    view = ec2.describe_security_groups(GroupIds=[one])["SecurityGroups"][0]["IpPermissions"]
    assert len(view) == 1
    assert view[0]["UserIdGroupPairs"][0]["Description"] == "group"
    assert view[0]["PrefixListIds"] == [{"PrefixListId": prefix, "Description": "list"}]


def test_a_rule_is_there_once(ec2: Any, vpc: str, refused: Any) -> None:
    one = group(ec2, vpc, "a")
    rule = [tcp(443, IpRanges=[{"CidrIp": "10.0.0.0/8"}])]
    ec2.authorize_security_group_ingress(GroupId=one, IpPermissions=rule)
    again = [
        tcp(80, IpRanges=[{"CidrIp": "10.0.0.0/8"}]),
        tcp(443, IpRanges=[{"CidrIp": "10.0.0.0/8", "Description": "other words"}]),
    ]
    with refused("InvalidPermission.Duplicate"):
        ec2.authorize_security_group_ingress(GroupId=one, IpPermissions=again)
    assert len([item for item in rules(ec2, one) if not item["IsEgress"]]) == 1
    ec2.revoke_security_group_ingress(GroupId=one, IpPermissions=rule)
    with refused("InvalidPermission.NotFound"):
        ec2.revoke_security_group_ingress(GroupId=one, IpPermissions=rule)
    with refused("InvalidSecurityGroupRuleId.NotFound"):
        ec2.revoke_security_group_ingress(
            GroupId=one, SecurityGroupRuleIds=["sgr-00000000000000000"]
        )


def test_rules_are_modified_and_described_anew(ec2: Any, vpc: str) -> None:
    one, other = group(ec2, vpc, "a"), group(ec2, vpc, "b")
    pair = [tcp(443, UserIdGroupPairs=[{"GroupId": other, "Description": "x"}])]
    rule = ec2.authorize_security_group_ingress(GroupId=one, IpPermissions=pair)[
        "SecurityGroupRules"
    ][0]["SecurityGroupRuleId"]
    ec2.modify_security_group_rules(
        GroupId=one,
        SecurityGroupRules=[
            {
                "SecurityGroupRuleId": rule,
                "SecurityGroupRule": {
                    "IpProtocol": "udp", "FromPort": 53, "ToPort": 53,
                    "ReferencedGroupId": other, "Description": "dns",
                },
            }
        ],
    )  # fmt: skip
    found = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule])["SecurityGroupRules"][0]
    assert (found["IpProtocol"], found["FromPort"], found["Description"]) == ("udp", 53, "dns")
    ec2.update_security_group_rule_descriptions_ingress(
        GroupId=one,
        SecurityGroupRuleDescriptions=[{"SecurityGroupRuleId": rule, "Description": "names"}],
    )
    found = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule])["SecurityGroupRules"][0]
    assert found["Description"] == "names"


def test_a_referenced_group_stays(ec2: Any, vpc: str, refused: Any) -> None:
    one, other = group(ec2, vpc, "a"), group(ec2, vpc, "b")
    pair = [tcp(443, UserIdGroupPairs=[{"GroupId": other}])]
    ec2.authorize_security_group_egress(GroupId=one, IpPermissions=pair)
    with refused("DependencyViolation"):
        ec2.delete_security_group(GroupId=other)
    ec2.revoke_security_group_egress(GroupId=one, IpPermissions=pair)
    ec2.delete_security_group(GroupId=other)
    ec2.authorize_security_group_ingress(
        GroupId=one, IpPermissions=[tcp(1, UserIdGroupPairs=[{"GroupId": one}])]
    )
    ec2.delete_security_group(GroupId=one)


def test_a_used_group_stays(ec2: Any, vpc: str, refused: Any) -> None:
    one = group(ec2, vpc, "a")
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    eni = ec2.create_network_interface(SubnetId=subnet, Groups=[one])["NetworkInterface"]
    with refused("DependencyViolation"):
        ec2.delete_security_group(GroupId=one)
    ec2.delete_network_interface(NetworkInterfaceId=eni["NetworkInterfaceId"])
    ec2.delete_security_group(GroupId=one)


def test_a_default_group_stays(ec2: Any, vpc: str, refused: Any) -> None:
    found = ec2.describe_security_groups(
        Filters=[
            {"Name": "vpc-id", "Values": [vpc]},
            {"Name": "group-name", "Values": ["default"]},
        ]
    )["SecurityGroups"][0]
    with refused("CannotDelete"):
        ec2.delete_security_group(GroupId=found["GroupId"])


def test_sixty_rules_a_direction_and_family(ec2: Any, vpc: str, refused: Any) -> None:
    one = group(ec2, vpc, "a")
    many = [tcp(port, IpRanges=[{"CidrIp": "10.0.0.0/8"}]) for port in range(1, 61)]
    ec2.authorize_security_group_ingress(GroupId=one, IpPermissions=many)
    more = [tcp(61, IpRanges=[{"CidrIp": "10.0.0.0/8"}])]
    with refused("RulesPerSecurityGroupLimitExceeded"):
        ec2.authorize_security_group_ingress(GroupId=one, IpPermissions=more)
    ec2.authorize_security_group_ingress(
        GroupId=one, IpPermissions=[tcp(61, Ipv6Ranges=[{"CidrIpv6": "::/0"}])]
    )

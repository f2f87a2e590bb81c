"""A small estate as the describe calls report it: a VPC of ours and one of a stranger."""

from collections.abc import Mapping, Sequence
from typing import Any

from ringwall.resources.kind import Reads
from tests.resources.wanted import ACCOUNT, DEPLOYMENT, REGION

Listings = dict[str, list[dict[str, Any]]]


def tags(key: str, deployment: str = DEPLOYMENT) -> list[dict[str, str]]:
    return [
        {"Key": "ringwall:deployment", "Value": deployment},
        {"Key": "ringwall:key", "Value": key},
    ]


def reads(
    listings: Mapping[str, Sequence[Any]],
    details: Mapping[str, Mapping[str, Any]] | None = None,
    refused: Mapping[str, str] | None = None,
) -> Reads:
    """Build Reads; listings are named by operation alone."""
    return Reads(
        ACCOUNT,
        REGION,
        {f"ec2:{name}": items for name, items in listings.items()},
        {f"ec2:{name}": items for name, items in (details or {}).items()},
        {f"ec2:{name}": code for name, code in (refused or {}).items()},
    )


def entry(number: int, action: str = "allow", **rest: Any) -> dict[str, Any]:
    found = {"RuleNumber": number, "RuleAction": action, "Protocol": "-1", "Egress": False}
    return found | ({} if "Ipv6CidrBlock" in rest else {"CidrBlock": "0.0.0.0/0"}) | rest


def estate() -> Listings:
    """Return the listings of the estate, new each time."""
    return {
        "describe_vpcs": [
            {
                "VpcId": "vpc-1",
                "CidrBlock": "10.1.0.0/16",
                "InstanceTenancy": "default",
                "State": "available",
                "IsDefault": False,
                "OwnerId": ACCOUNT,
                "Tags": tags("v"),
                "CidrBlockAssociationSet": [
                    {
                        "AssociationId": "vpc-cidr-assoc-0",
                        "CidrBlock": "10.1.0.0/16",
                        "CidrBlockState": {"State": "associated"},
                    },
                    {
                        "AssociationId": "vpc-cidr-assoc-1",
                        "CidrBlock": "100.64.0.0/16",
                        "CidrBlockState": {"State": "associated"},
                    },
                    {
                        "AssociationId": "vpc-cidr-assoc-2",
                        "CidrBlock": "100.65.0.0/16",
                        "CidrBlockState": {"State": "disassociated"},
                    },
                ],
                "Ipv6CidrBlockAssociationSet": [
                    {
                        "AssociationId": "vpc-cidr-assoc-6",
                        "Ipv6CidrBlock": "2001:db8:1::/56",
                        "Ipv6CidrBlockState": {"State": "associated"},
                        "NetworkBorderGroup": "us-east-1",
                        "Ipv6Pool": "Amazon",
                    }
                ],
            },
            {"VpcId": "vpc-9", "CidrBlock": "172.31.0.0/16", "State": "available"},
            {"VpcId": "vpc-8", "CidrBlock": "10.8.0.0/16", "State": "deleting", "Tags": tags("v")},
        ],
        "describe_subnets": [
            {
                "SubnetId": "subnet-1",
                "VpcId": "vpc-1",
                "CidrBlock": "10.1.0.0/24",
                "AvailabilityZone": "us-east-1a",
                "AvailabilityZoneId": "use1-az4",
                "State": "available",
                "MapPublicIpOnLaunch": False,
                "AssignIpv6AddressOnCreation": True,
                "EnableDns64": False,
                "AvailableIpAddressCount": 251,
                "Ipv6CidrBlockAssociationSet": [
                    {
                        "AssociationId": "subnet-cidr-assoc-1",
                        "Ipv6CidrBlock": "2001:db8:1::/64",
                        "Ipv6CidrBlockState": {"State": "associated"},
                    }
                ],
                "Tags": tags("v/public/us-east-1a"),
            },
            {
                "SubnetId": "subnet-9",
                "VpcId": "vpc-9",
                "CidrBlock": "172.31.0.0/20",
                "AvailabilityZone": "us-east-1a",
                "State": "available",
            },
        ],
        "describe_internet_gateways": [
            {
                "InternetGatewayId": "igw-1",
                "Attachments": [{"State": "available", "VpcId": "vpc-1"}],
                "Tags": tags("v"),
            },
            {
                "InternetGatewayId": "igw-9",
                "Attachments": [{"State": "available", "VpcId": "vpc-9"}],
            },
            {
                "InternetGatewayId": "igw-8",
                "Attachments": [{"State": "detaching", "VpcId": "vpc-9"}],
            },
        ],
        "describe_egress_only_internet_gateways": [
            {
                "EgressOnlyInternetGatewayId": "eigw-1",
                "Attachments": [{"State": "attached", "VpcId": "vpc-1"}],
                "Tags": tags("v"),
            }
        ],
        "describe_addresses": [
            {
                "AllocationId": "eipalloc-1",
                "PublicIp": "203.0.113.1",
                "Domain": "vpc",
                "AssociationId": "eipassoc-1",
                "Tags": tags("v/nat/us-east-1a"),
            }
        ],
        "describe_nat_gateways": [
            {
                "NatGatewayId": "nat-1",
                "SubnetId": "subnet-1",
                "VpcId": "vpc-1",
                "State": "available",
                "ConnectivityType": "public",
                "AvailabilityMode": "zonal",
                "NatGatewayAddresses": [
                    {
                        "AllocationId": "eipalloc-1",
                        "NetworkInterfaceId": "eni-1",
                        "PrivateIp": "10.1.0.5",
                        "PublicIp": "203.0.113.1",
                        "IsPrimary": True,
                        "Status": "succeeded",
                    }
                ],
                "Tags": tags("v/nat/us-east-1a"),
            },
            {
                "NatGatewayId": "nat-0",
                "SubnetId": "subnet-1",
                "VpcId": "vpc-1",
                "State": "deleted",
                "Tags": tags("v/nat/us-east-1a"),
            },
        ],
        "describe_route_tables": [
            {
                "RouteTableId": "rtb-0",
                "VpcId": "vpc-1",
                "Associations": [
                    {
                        "Main": True,
                        "RouteTableAssociationId": "rtbassoc-0",
                        "RouteTableId": "rtb-0",
                        "AssociationState": {"State": "associated"},
                    }
                ],
                "Routes": [
                    {
                        "DestinationCidrBlock": "10.1.0.0/16",
                        "GatewayId": "local",
                        "Origin": "CreateRouteTable",
                        "State": "active",
                    }
                ],
            },
            {
                "RouteTableId": "rtb-1",
                "VpcId": "vpc-1",
                "Tags": tags("v/public"),
                "Associations": [
                    {
                        "Main": False,
                        "RouteTableAssociationId": "rtbassoc-1",
                        "RouteTableId": "rtb-1",
                        "SubnetId": "subnet-1",
                        "AssociationState": {"State": "associated"},
                    },
                    {
                        "Main": False,
                        "RouteTableAssociationId": "rtbassoc-2",
                        "RouteTableId": "rtb-1",
                        "GatewayId": "igw-1",
                        "AssociationState": {"State": "associated"},
                    },
                    {
                        "Main": False,
                        "RouteTableAssociationId": "rtbassoc-3",
                        "RouteTableId": "rtb-1",
                        "SubnetId": "subnet-2",
                        "AssociationState": {"State": "disassociated"},
                    },
                ],
                "Routes": [
                    {
                        "DestinationCidrBlock": "10.1.0.0/16",
                        "GatewayId": "local",
                        "Origin": "CreateRouteTable",
                        "State": "active",
                    },
                    {
                        "DestinationCidrBlock": "0.0.0.0/0",
                        "GatewayId": "igw-1",
                        "Origin": "CreateRoute",
                        "State": "active",
                    },
                    {
                        "DestinationPrefixListId": "pl-63a5400a",
                        "GatewayId": "vpce-1",
                        "Origin": "CreateRoute",
                        "State": "active",
                    },
                    {
                        "DestinationCidrBlock": "192.168.0.0/16",
                        "GatewayId": "vgw-1",
                        "Origin": "EnableVgwRoutePropagation",
                        "State": "active",
                    },
                ],
            },
        ],
        "describe_network_acls": [
            {
                "NetworkAclId": "acl-0",
                "VpcId": "vpc-1",
                "IsDefault": True,
                "Entries": [entry(32767, "deny"), entry(100)],
                "Associations": [
                    {
                        "NetworkAclAssociationId": "aclassoc-2",
                        "NetworkAclId": "acl-0",
                        "SubnetId": "subnet-9",
                    }
                ],
            },
            {
                "NetworkAclId": "acl-1",
                "VpcId": "vpc-1",
                "IsDefault": False,
                "Tags": tags("v/public"),
                "Associations": [
                    {
                        "NetworkAclAssociationId": "aclassoc-1",
                        "NetworkAclId": "acl-1",
                        "SubnetId": "subnet-1",
                    }
                ],
                "Entries": [
                    entry(7, "deny", CidrBlock="198.51.100.7/32"),
                    entry(1000, Protocol="6", PortRange={"From": 443, "To": 443}),
                    entry(1010, Protocol="1", IcmpTypeCode={"Type": 8, "Code": -1}, Egress=True),
                    entry(32767, "deny"),
                    entry(32768, "deny", Ipv6CidrBlock="::/0"),
                ],
            },
        ],
        "describe_security_groups": [
            {
                "GroupId": "sg-0",
                "GroupName": "default",
                "Description": "default VPC security group",
                "VpcId": "vpc-1",
            },
            {
                "GroupId": "sg-1",
                "GroupName": "fortress-v-web",
                "Description": "Web servers",
                "VpcId": "vpc-1",
                "Tags": tags("v/web"),
            },
            {
                "GroupId": "sg-2",
                "GroupName": "fortress-v-alb",
                "Description": "Load balancer",
                "VpcId": "vpc-1",
                "Tags": tags("v/alb"),
            },
        ],
        "describe_security_group_rules": [
            rule("sgr-1", "sg-1", ReferencedGroupInfo={"GroupId": "sg-2", "UserId": ACCOUNT}),
            rule("sgr-2", "sg-1", PrefixListId="pl-63a5400a", IsEgress=True),
            rule("sgr-3", "sg-2", CidrIpv4="0.0.0.0/0", Description="customers"),
            rule("sgr-4", "sg-2", CidrIpv6="::/0"),
            rule(
                "sgr-5",
                "sg-0",
                IpProtocol="-1",
                FromPort=-1,
                ToPort=-1,
                ReferencedGroupInfo={"GroupId": "sg-0", "UserId": ACCOUNT},
            ),
            rule(
                "sgr-6",
                "sg-0",
                IpProtocol="-1",
                FromPort=-1,
                ToPort=-1,
                CidrIpv4="0.0.0.0/0",
                IsEgress=True,
            ),
        ],
        "describe_network_interfaces": [
            {
                "NetworkInterfaceId": "eni-1",
                "SubnetId": "subnet-1",
                "VpcId": "vpc-1",
                "Groups": [],
                "InterfaceType": "nat_gateway",
                "RequesterManaged": True,
                "SourceDestCheck": False,
                "Status": "in-use",
                "Description": "Interface for NAT Gateway nat-1",
            },
            {
                "NetworkInterfaceId": "eni-2",
                "SubnetId": "subnet-1",
                "VpcId": "vpc-1",
                "Groups": [
                    {"GroupId": "sg-1", "GroupName": "fortress-v-web"},
                    {"GroupId": "sg-0", "GroupName": "default"},
                ],
                "InterfaceType": "interface",
                "SourceDestCheck": True,
                "Status": "in-use",
                "Association": {"PublicIp": "203.0.113.9"},
                "PrivateIpAddresses": [{"PrivateIpAddress": "10.1.0.9", "Primary": True}],
            },
        ],
        "describe_managed_prefix_lists": [
            {
                "PrefixListId": "pl-63a5400a",
                "PrefixListName": "com.amazonaws.us-east-1.s3",
                "OwnerId": "AWS",
                "AddressFamily": "IPv4",
                "State": "create-complete",
            },
            {
                "PrefixListId": "pl-9",
                "PrefixListName": "offices",
                "OwnerId": ACCOUNT,
                "AddressFamily": "IPv4",
                "MaxEntries": 5,
                "State": "modify-complete",
            },
        ],
        "describe_vpc_peering_connections": [
            {
                "VpcPeeringConnectionId": "pcx-1",
                "Status": {"Code": "active"},
                "RequesterVpcInfo": {
                    "VpcId": "vpc-1",
                    "OwnerId": ACCOUNT,
                    "CidrBlock": "10.1.0.0/16",
                },
                "AccepterVpcInfo": {"VpcId": "vpc-9", "OwnerId": ACCOUNT, "Region": REGION},
            },
            {"VpcPeeringConnectionId": "pcx-0", "Status": {"Code": "deleted"}},
        ],
    }


def rule(rule_id: str, group_id: str, **rest: Any) -> dict[str, Any]:
    found = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IsEgress": False}
    return {"SecurityGroupRuleId": rule_id, "GroupId": group_id} | found | rest


def details() -> dict[str, dict[str, Any]]:
    """Return what the details say of the estate."""
    return {
        "describe_vpc_attribute:enableDnsSupport": {"vpc-1": True},
        "describe_vpc_attribute:enableDnsHostnames": {"vpc-1": True},
        "get_managed_prefix_list_entries": {
            "pl-63a5400a": ["3.5.0.0/19", "16.15.176.0/20"],
            "pl-9": ["192.0.2.0/24"],
        },
    }

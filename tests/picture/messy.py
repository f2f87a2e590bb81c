"""An account that nobody planned, as the folder of JSON that `aws ec2 describe-…` prints of it.

Overlapping VPCs, a public database, a peering with no table for it, a NAT instance, a firewall that
routes cannot see through, a load balancer, groups with long and foreign names, an empty VPC.
"""

import json
from typing import Any

Item = dict[str, Any]
ANY4 = "0.0.0.0/0"
LONG = "sg-for-the-very-long-running-batch-jobs-of-team-billing-and-reconciliation-eu-west-1-old"
OWNER = "123456789012"


def messy() -> dict[str, bytes]:
    """Return the files by name."""
    items: dict[str, list[Item] | Item] = {
        "Vpcs": [
            _vpc("vpc-0a", "10.0.0.0/16", 'legacy <prod> & "friends"'),
            _vpc("vpc-0b", "10.0.0.0/16", ""),
            _vpc("vpc-0c", "10.20.0.0/16", "שירות לקוחות 🚀"),
            _vpc("vpc-0d", "192.168.0.0/24", "empty"),
            _vpc("vpc-0e", "172.31.0.0/16", ""),
        ],
        "Subnets": [
            _subnet("subnet-a1", "vpc-0a", "10.0.1.0/24", public=True),
            _subnet("subnet-a2", "vpc-0a", "10.0.2.0/24"),
            _subnet("subnet-a3", "vpc-0a", "10.0.3.0/24"),
            _subnet("subnet-b1", "vpc-0b", "10.0.1.0/24"),
            _subnet("subnet-c1", "vpc-0c", "10.20.1.0/24", public=True),
            _subnet("subnet-c2", "vpc-0c", "10.20.2.0/24"),
            _subnet("subnet-c3", "vpc-0c", "10.20.3.0/24"),
            _subnet("subnet-e1", "vpc-0e", "172.31.0.0/20", public=True),
            _subnet("subnet-e2", "vpc-0e", "172.31.16.0/20", public=True),
        ],
        "InternetGateways": [_gateway("igw-a", "vpc-0a"), _gateway("igw-c", "vpc-0c"),
                             _gateway("igw-e", "vpc-0e")],
        "VpnGateways": [{"VpnGatewayId": "vgw-c", "State": "available", "Type": "ipsec.1",
                         "VpcAttachments": [{"VpcId": "vpc-0c", "State": "attached"}]}],
        "NatGateways": [], "EgressOnlyInternetGateways": [], "Addresses": [],
        "VpcEndpoints": [], "ManagedPrefixLists": [], "TransitGateways": [],
        "TransitGatewayAttachments": [], "TransitGatewayRouteTables": [],
        "VpcPeeringConnections": [
            _peering("pcx-bc", "vpc-0b", "vpc-0c", "active"),
            _peering("pcx-away", "vpc-0a", "vpc-0ffff", "pending-acceptance"),
        ],
        "RouteTables": [
            _table("rtb-a", "vpc-0a", "10.0.0.0/16", [(ANY4, "GatewayId", "igw-a")], ["subnet-a1"]),
            _table("rtb-a-main", "vpc-0a", "10.0.0.0/16", [], [], main=True),
            _table("rtb-b", "vpc-0b", "10.0.0.0/16",
                   [("10.20.0.0/16", "VpcPeeringConnectionId", "pcx-bc")], [], main=True),
            _table("rtb-c", "vpc-0c", "10.20.0.0/16",
                   [(ANY4, "GatewayId", "igw-c"),
                    ("10.0.0.0/16", "VpcPeeringConnectionId", "pcx-bc")],
                   ["subnet-c1"], main=True),
            _table("rtb-c2", "vpc-0c", "10.20.0.0/16",
                   [(ANY4, "NetworkInterfaceId", "eni-nat"),
                    ("10.99.0.0/16", "GatewayId", "vgw-c")],
                   ["subnet-c2"]),
            _table("rtb-c3", "vpc-0c", "10.20.0.0/16", [(ANY4, "VpcEndpointId", "vpce-fw")],
                   ["subnet-c3"]),
            _table("rtb-e", "vpc-0e", "172.31.0.0/16", [(ANY4, "GatewayId", "igw-e")], [],
                   main=True),
        ],
        "NetworkAcls": [_acl(f"acl-{v}", f"vpc-0{v}", subnets) for v, subnets in {
            "a": ["subnet-a1", "subnet-a2", "subnet-a3"], "b": ["subnet-b1"],
            "c": ["subnet-c1", "subnet-c2", "subnet-c3"], "d": [],
            "e": ["subnet-e1", "subnet-e2"]}.items()],
        "SecurityGroups": [
            _group("sg-a-web", "vpc-0a", "web <front & back>",
                   [(443, ANY4), (22, "203.0.113.0/24")]),
            _group("sg-a-db", "vpc-0a", "rds-public", [(3306, ANY4), (3306, "sg-a-web")]),
            _group("sg-a-app", "vpc-0a", "app", [(8080, "sg-a-web")]),
            _group("sg-a-old", "vpc-0a", "launch-wizard-17", [(22, ANY4)]),
            _group("sg-b-x", "vpc-0b", "default-ish", [(443, "10.20.0.0/16")]),
            _group("sg-c-nat", "vpc-0c", "NAT 防火墙", [(-1, "10.20.0.0/16")]),
            _group("sg-c-app", "vpc-0c", "app", [(443, "sg-c-lb"), (22, "10.99.0.0/16")]),
            _group("sg-c-lb", "vpc-0c", "lb", [(443, ANY4)]),
            *(_group(f"sg-e-{n}", "vpc-0e", f"{LONG}-{n}" if n % 2 else f"svc-{n}",
                     [(8000 + n, f"sg-e-{n - 1}" if n else ANY4)]) for n in range(7)),
            *(_default(f"sg-default-{v}", f"vpc-0{v}") for v in "abcde"),
        ],
        "NetworkInterfaces": [
            _interface("eni-a1", "subnet-a1", ["sg-a-web"], "10.0.1.10", "web-1", "198.51.100.1"),
            _interface("eni-a2", "subnet-a1", ["sg-a-db"], "10.0.1.20", "RDSNetworkInterface",
                       "198.51.100.2"),
            _interface("eni-a3", "subnet-a2", ["sg-a-app"], "10.0.2.10", "app-1"),
            _interface("eni-a4", "subnet-a3", ["sg-a-app", "sg-a-db"], "10.0.3.10", "both"),
            _interface("eni-a5", "subnet-a3", ["sg-default-a"], "10.0.3.11", "forgotten"),
            _interface("eni-b1", "subnet-b1", ["sg-b-x"], "10.0.1.10", ""),
            _interface("eni-nat", "subnet-c1", ["sg-c-nat"], "10.20.1.10", "nat", "198.51.100.3",
                       forwards=True),
            _interface("eni-lb", "subnet-c1", ["sg-c-lb"], "10.20.1.20",
                       "ELB app/front/0123456789abcdef", "198.51.100.4"),
            _interface("eni-c2", "subnet-c2", ["sg-c-app"], "10.20.2.10", ""),
            _interface("eni-c3", "subnet-c3", ["sg-c-app"], "10.20.3.10", ""),
            *(_interface(f"eni-e{n}", f"subnet-e{1 + n % 2}", [f"sg-e-{n}"],
                         f"172.31.{16 * (n % 2)}.{10 + n}", f"host-{n}", f"198.51.100.{20 + n}")
              for n in range(7)),
        ],
        "VpcBlockPublicAccessOptions": {
            "AwsAccountId": OWNER, "AwsRegion": "eu-west-1", "State": "default-state",
            "InternetGatewayBlockMode": "off",
        },
    }  # fmt: skip
    return {f"{name}.json": json.dumps({name: found}).encode() for name, found in items.items()}


def _named(name: str) -> list[Item]:
    return [{"Key": "Name", "Value": name}] if name else []


def _vpc(key: str, cidr: str, name: str) -> Item:
    return {
        "VpcId": key, "CidrBlock": cidr, "OwnerId": OWNER, "State": "available",
        "CidrBlockAssociationSet": [{"CidrBlock": cidr, "CidrBlockState": {"State": "associated"}}],
        "Tags": _named(name),
    }  # fmt: skip


def _subnet(key: str, vpc: str, cidr: str, *, public: bool = False) -> Item:
    return {
        "SubnetId": key, "VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": "eu-west-1a",
        "AvailabilityZoneId": "euw1-az1", "MapPublicIpOnLaunch": public,
        "Ipv6CidrBlockAssociationSet": [], "OwnerId": OWNER, "Tags": [],
    }  # fmt: skip


def _gateway(key: str, vpc: str) -> Item:
    return {
        "InternetGatewayId": key,
        "Attachments": [{"State": "available", "VpcId": vpc}],
        "Tags": [],
    }


def _peering(key: str, one: str, two: str, state: str) -> Item:
    return {
        "VpcPeeringConnectionId": key,
        "RequesterVpcInfo": {"VpcId": one, "OwnerId": OWNER, "Region": "eu-west-1"},
        "AccepterVpcInfo": {"VpcId": two, "OwnerId": OWNER, "Region": "eu-west-1"},
        "Status": {"Code": state},
    }


def _table(
    key: str,
    vpc: str,
    cidr: str,
    routes: list[tuple[str, str, str]],
    subnets: list[str],
    *,
    main: bool = False,
) -> Item:
    held: list[Item] = [
        {"RouteTableAssociationId": f"rtbassoc-{s}", "RouteTableId": key, "SubnetId": s,
         "Main": False, "AssociationState": {"State": "associated"}} for s in subnets
    ]  # fmt: skip
    if main:
        held.append(
            {"RouteTableAssociationId": f"rtbassoc-{key}", "RouteTableId": key, "Main": True,
             "AssociationState": {"State": "associated"}}
        )  # fmt: skip
    local = {"DestinationCidrBlock": cidr, "GatewayId": "local", "State": "active",
             "Origin": "CreateRouteTable"}  # fmt: skip
    further = [
        {"DestinationCidrBlock": to, name: target, "State": "active", "Origin": "CreateRoute"}
        for to, name, target in routes
    ]
    return {"RouteTableId": key, "VpcId": vpc, "Associations": held, "PropagatingVgws": [],
            "Routes": [local, *further], "Tags": []}  # fmt: skip


def _acl(key: str, vpc: str, subnets: list[str]) -> Item:
    entries = [
        {"RuleNumber": number, "Egress": egress, "RuleAction": action, "Protocol": "-1",
         "CidrBlock": ANY4}
        for egress in (False, True) for number, action in ((100, "allow"), (32767, "deny"))
    ]  # fmt: skip
    return {
        "NetworkAclId": key, "VpcId": vpc, "IsDefault": True, "Entries": entries, "Tags": [],
        "Associations": [{"NetworkAclAssociationId": f"aclassoc-{s}", "NetworkAclId": key,
                          "SubnetId": s} for s in subnets],
    }  # fmt: skip


def _group(key: str, vpc: str, name: str, rules: list[tuple[int, str]]) -> Item:
    return {
        "GroupId": key, "GroupName": name, "Description": name, "VpcId": vpc, "OwnerId": OWNER,
        "IpPermissions": [_rule(port, peer) for port, peer in rules],
        "IpPermissionsEgress": [_rule(-1, ANY4)], "Tags": [],
    }  # fmt: skip


def _rule(port: int, peer: str) -> Item:
    found: Item = {"IpProtocol": "-1" if port < 0 else "tcp", "IpRanges": [], "Ipv6Ranges": [],
                   "PrefixListIds": [], "UserIdGroupPairs": []}  # fmt: skip
    if port >= 0:
        found |= {"FromPort": port, "ToPort": port}
    if peer.startswith("sg-"):
        found["UserIdGroupPairs"] = [{"GroupId": peer, "UserId": OWNER}]
    else:
        found["IpRanges"] = [{"CidrIp": peer}]
    return found


def _default(key: str, vpc: str) -> Item:
    return _group(key, vpc, "default", [(-1, key)])


def _interface(
    key: str,
    subnet: str,
    groups: list[str],
    address: str,
    description: str,
    public: str = "",
    *,
    forwards: bool = False,
) -> Item:
    item: Item = {"Primary": True, "PrivateIpAddress": address}
    found: Item = {
        "NetworkInterfaceId": key, "SubnetId": subnet, "VpcId": f"vpc-0{subnet[7]}",
        "OwnerId": OWNER, "InterfaceType": "interface", "Description": description,
        "Status": "in-use", "SourceDestCheck": not forwards, "PrivateIpAddress": address,
        "PrivateIpAddresses": [item], "Ipv6Addresses": [],
        "Groups": [{"GroupId": group, "GroupName": group} for group in groups], "TagSet": [],
        "Attachment": {"AttachmentId": f"attach-{key}", "Status": "attached"},
    }  # fmt: skip
    if public:
        found["Association"] = item["Association"] = {"PublicIp": public, "IpOwnerId": OWNER}
    return found

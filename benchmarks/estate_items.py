"""One VPC of the large estate → the items that `aws ec2 describe-…` prints of it, by API name."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address

from benchmarks.estate_vpc import (
    ACCOUNT,
    DATABASES,
    ESTATE,
    ESTATE_V6,
    GATEWAY,
    GROUPS,
    OBSERVED,
    REFUSED,
    REGION,
    SEGMENTS,
    TIERS,
    WAYS_OUT,
    WORK,
    ZONES,
    Item,
    Vpc,
    tags,
)


def items(vpc: Vpc) -> Mapping[str, list[Item]]:
    """Return every item of a VPC, by the member under which the API lists it."""
    return {
        "Vpcs": [_vpc(vpc)],
        "Subnets": [_subnet(vpc, *each) for each in vpc.subnets()],
        "InternetGateways": [
            {
                "InternetGatewayId": vpc.id("igw"),
                "OwnerId": ACCOUNT,
                "Attachments": [{"State": "available", "VpcId": vpc.id("vpc")}],
                "Tags": tags(vpc.estate, vpc.key),
            }
        ],
        "RouteTables": [_main_table(vpc), *(_table(vpc, n) for n in range(len(TIERS)))],
        "NetworkAcls": [_acl(vpc, n) for n in range(len(TIERS))],
        "SecurityGroups": [_group(vpc, n, name) for n, name in enumerate(GROUPS)],
        "SecurityGroupRules": list(_rules(vpc)),
        "NetworkInterfaces": [_interface(vpc, n) for n in range(vpc.estate.interfaces)],
        "TransitGatewayAttachments": [_attachment(vpc)],
        "TransitGatewayVpcAttachments": [_vpc_attachment(vpc)],
        "NatGateways": [_nat(vpc)] if vpc.estate.full else [],
        "Addresses": [_public_address(vpc)] if vpc.estate.full else [],
        "EgressOnlyInternetGateways": [_egress_only(vpc)] if vpc.estate.full else [],
    }


def _vpc(vpc: Vpc) -> Item:
    found: Item = {
        "VpcId": vpc.id("vpc"),
        "State": "available",
        "CidrBlock": vpc.cidr,
        "OwnerId": ACCOUNT,
        "InstanceTenancy": "default",
        "IsDefault": False,
        "DhcpOptionsId": "dopt-00000001",
        "CidrBlockAssociationSet": [
            {
                "AssociationId": vpc.id("vpc-cidr-assoc"),
                "CidrBlock": vpc.cidr,
                "CidrBlockState": {"State": "associated"},
            }
        ],
        "Tags": tags(vpc.estate, vpc.key, segment=vpc.segment),
    }
    if vpc.estate.full:
        found["Ipv6CidrBlockAssociationSet"] = [
            {
                "AssociationId": vpc.id("vpc-cidr-assoc", 1),
                "Ipv6CidrBlock": vpc.v6,
                "Ipv6CidrBlockState": {"State": "associated"},
                "NetworkBorderGroup": REGION,
                "Ipv6Pool": "Amazon",
            }
        ]
    return found


def _subnet(vpc: Vpc, index: int, tier: str, zone: str, zone_id: str) -> Item:
    found: Item = {
        "SubnetId": vpc.id("subnet", index),
        "VpcId": vpc.id("vpc"),
        "State": "available",
        "CidrBlock": vpc.subnet(index),
        "AvailabilityZone": zone,
        "AvailabilityZoneId": zone_id,
        "MapPublicIpOnLaunch": tier == "public",
        "AssignIpv6AddressOnCreation": vpc.estate.full,
        "OwnerId": ACCOUNT,
        "AvailableIpAddressCount": 1000,
        "Ipv6CidrBlockAssociationSet": [],
        "Tags": tags(vpc.estate, f"{vpc.key}/{tier}/{zone}"),
    }
    if vpc.estate.full:
        found["Ipv6CidrBlockAssociationSet"] = [
            {
                "AssociationId": vpc.id("subnet-cidr-assoc", index),
                "Ipv6CidrBlock": vpc.subnet_v6(index),
                "Ipv6CidrBlockState": {"State": "associated"},
            }
        ]
    return found


def _route(destination: str, name: str, target: str, origin: str = "CreateRoute") -> Item:
    field = "DestinationIpv6CidrBlock" if ":" in destination else "DestinationCidrBlock"
    return {field: destination, name: target, "Origin": origin, "State": "active"}


def _main_table(vpc: Vpc) -> Item:
    association = {
        "Main": True,
        "RouteTableAssociationId": vpc.id("rtbassoc", 99),
        "RouteTableId": vpc.id("rtb", 99),
        "AssociationState": {"State": "associated"},
    }
    return _table_item(vpc, 99, "main", [], [association])


def _table_item(vpc: Vpc, index: int, name: str, routes: list[Item], held: list[Item]) -> Item:
    local = [_route(vpc.cidr, "GatewayId", "local", "CreateRouteTable")]
    if vpc.estate.full:
        local.append(_route(vpc.v6, "GatewayId", "local", "CreateRouteTable"))
    return {
        "RouteTableId": vpc.id("rtb", index),
        "VpcId": vpc.id("vpc"),
        "OwnerId": ACCOUNT,
        "Associations": held,
        "PropagatingVgws": [],
        "Routes": [*local, *routes],
        "Tags": tags(vpc.estate, f"{vpc.key}/{name}"),
    }


def _table(vpc: Vpc, number: int) -> Item:
    tier, full = TIERS[number], vpc.estate.full
    routes = [_route(ESTATE, "TransitGatewayId", GATEWAY)]
    if full:
        routes.append(_route(ESTATE_V6, "TransitGatewayId", GATEWAY))
    if tier == "public":
        routes.append(_route("0.0.0.0/0", "GatewayId", vpc.id("igw")))
        if full:
            routes.append(_route("::/0", "GatewayId", vpc.id("igw")))
    elif tier == "private" and full:
        routes.append(_route("0.0.0.0/0", "NatGatewayId", vpc.id("nat")))
        routes.append(_route("::/0", "EgressOnlyInternetGatewayId", vpc.id("eigw")))
    held = [
        {
            "Main": False,
            "RouteTableAssociationId": vpc.id("rtbassoc", index),
            "RouteTableId": vpc.id("rtb", number),
            "SubnetId": vpc.id("subnet", index),
            "AssociationState": {"State": "associated"},
        }
        for index, its_tier, *_ in vpc.subnets()
        if its_tier == tier
    ]
    return _table_item(vpc, number, tier, routes, held)


def _acl(vpc: Vpc, number: int) -> Item:
    tier = TIERS[number]
    held = [
        {
            "NetworkAclAssociationId": vpc.id("aclassoc", index),
            "NetworkAclId": vpc.id("acl", number),
            "SubnetId": vpc.id("subnet", index),
        }
        for index, its_tier, *_ in vpc.subnets()
        if its_tier == tier
    ]
    return {
        "NetworkAclId": vpc.id("acl", number),
        "VpcId": vpc.id("vpc"),
        "OwnerId": ACCOUNT,
        "IsDefault": False,
        "Associations": held,
        "Entries": list(_entries(vpc, tier)),
        "Tags": tags(vpc.estate, f"{vpc.key}/{tier}"),
    }


def _entries(vpc: Vpc, tier: str) -> Iterator[Item]:
    """Yield entries: what a tier takes from the estate and the internet, and all replies."""
    anywhere = tier != "isolated"
    within = ["0.0.0.0/0" if anywhere else ESTATE]
    if vpc.estate.full:
        within.append("::/0" if anywhere else ESTATE_V6)
    refused = vpc.random.choice(REFUSED)
    for number, cidr in enumerate(within, 1):
        step = 1000 * number
        yield _entry(step + 10, False, "deny", 6, (22, 23), cidr)
        yield _entry(step + 15, False, "deny", 17, (refused, refused + 1), cidr)
        yield _entry(step + 20, False, "allow", 6, (443, 443), cidr)
        yield _entry(step + 30, False, "allow", 6, (1024, 65_535), cidr)
        yield _entry(step + 40, False, "allow", 17, (1024, 65_535), cidr)
        yield _entry(step + 20, True, "allow", 6, (443, 443), cidr)
        yield _entry(step + 30, True, "allow", 6, (1024, 65_535), cidr)
        yield _entry(step + 40, True, "allow", 17, (1024, 65_535), cidr)
    for egress in (False, True):
        yield _entry(32_767, egress, "deny", -1, None, "0.0.0.0/0")
        if vpc.estate.full:
            yield _entry(32_768, egress, "deny", -1, None, "::/0")


def _entry(
    number: int, egress: bool, action: str, protocol: int, ports: tuple[int, int] | None, cidr: str
) -> Item:
    found: Item = {
        "RuleNumber": number,
        "Egress": egress,
        "RuleAction": action,
        "Protocol": str(protocol),
        "Ipv6CidrBlock" if ":" in cidr else "CidrBlock": cidr,
    }
    if ports:
        found["PortRange"] = {"From": ports[0], "To": ports[1]}
    return found


def _group(vpc: Vpc, number: int, name: str) -> Item:
    return {
        "GroupId": vpc.id("sg", number),
        "GroupName": name,
        "Description": name,
        "VpcId": vpc.id("vpc"),
        "OwnerId": ACCOUNT,
        "IpPermissions": [],
        "IpPermissionsEgress": [],
        "Tags": tags(vpc.estate, f"{vpc.key}/{name}", tier=GROUPS[name]),
    }


def _rules(vpc: Vpc) -> Iterator[Item]:
    """Yield fifteen rules: between the groups, and on a port of each from the whole estate."""
    choose = vpc.random.choice
    service, work, database = vpc.service, choose(WORK), choose(DATABASES)
    observed, (low, high) = choose(OBSERVED), choose(WAYS_OUT)
    wanted: list[tuple[str, bool, int, int, str]] = [
        ("edge", False, 443, 443, "0.0.0.0/0"),
        ("edge", False, observed, observed, ESTATE),
        ("edge", True, service, service, "app"),
        ("edge", True, low, high, ESTATE),
        ("app", False, service, service, "edge"),
        ("app", False, service + 1, service + 2, ESTATE),
        ("app", True, database, database, "db"),
        ("app", True, low, high, ESTATE),
        ("work", False, work, work, "app"),
        ("work", False, work + 1, work + 1, ESTATE),
        ("work", True, 443, 443, "0.0.0.0/0"),
        ("work", True, 1024, 65_535, ESTATE),
        ("db", False, database, database, "app"),
        ("db", False, observed, observed, ESTATE),
        ("db", True, low, high, ESTATE),
    ]
    if vpc.estate.full:
        twins = {ESTATE: ESTATE_V6, "0.0.0.0/0": "::/0"}
        wanted += [(*rule[:4], twins[rule[4]]) for rule in wanted if rule[4] in twins]
    names = list(GROUPS)
    for number, (name, egress, first, last, peer) in enumerate(wanted):
        found: Item = {
            "SecurityGroupRuleId": vpc.id("sgr", number),
            "GroupId": vpc.id("sg", names.index(name)),
            "GroupOwnerId": ACCOUNT,
            "IsEgress": egress,
            "IpProtocol": "tcp",
            "FromPort": first,
            "ToPort": last,
            "Tags": [],
        }
        if peer in GROUPS:
            group = vpc.id("sg", names.index(peer))
            found["ReferencedGroupInfo"] = {"GroupId": group, "UserId": ACCOUNT}
        else:
            found["CidrIpv6" if ":" in peer else "CidrIpv4"] = peer
        yield found


def _interface(vpc: Vpc, number: int) -> Item:
    """Return an interface; they are dealt to the groups, and each group's to the zones."""
    name = list(GROUPS)[number % len(GROUPS)]
    zone = number // len(GROUPS) % len(ZONES)
    index = TIERS.index(GROUPS[name]) * len(ZONES) + zone
    balancer = vpc.estate.full and name == "edge" and number < len(GROUPS) * len(ZONES)
    address: Item = {"Primary": True, "PrivateIpAddress": vpc.address(index, 10 + number)}
    found: Item = {
        "NetworkInterfaceId": vpc.id("eni", number),
        "SubnetId": vpc.id("subnet", index),
        "VpcId": vpc.id("vpc"),
        "AvailabilityZone": ZONES[zone][0],
        "OwnerId": ACCOUNT,
        "InterfaceType": "interface",
        "Description": f"ELB app/{vpc.key}/0123456789abcdef" if balancer else "",
        "Status": "in-use",
        "SourceDestCheck": True,
        "RequesterManaged": balancer,
        "PrivateIpAddress": address["PrivateIpAddress"],
        "PrivateIpAddresses": [address],
        "Ipv6Addresses": [],
        "Groups": [{"GroupId": vpc.id("sg", list(GROUPS).index(name)), "GroupName": name}],
        "TagSet": [],
    }
    if vpc.estate.full:
        found["Ipv6Addresses"] = [{"Ipv6Address": vpc.address_v6(index, 10 + number)}]
    if name == "edge":
        public = str(IPv4Address((52 << 24) + (vpc.number << 8) + number))
        found["Association"] = address["Association"] = {
            "PublicIp": public, "IpOwnerId": ACCOUNT,
        }  # fmt: skip
    if not balancer:
        found["Attachment"] = {
            "AttachmentId": vpc.id("eni-attach", number),
            "DeviceIndex": 0,
            "InstanceId": vpc.id("i", number),
            "InstanceOwnerId": ACCOUNT,
            "Status": "attached",
        }
    return found


def _attachment(vpc: Vpc) -> Item:
    table = f"tgw-rtb-{SEGMENTS.index(vpc.segment):08x}"
    return {
        "TransitGatewayAttachmentId": vpc.id("tgw-attach"),
        "TransitGatewayId": GATEWAY,
        "TransitGatewayOwnerId": ACCOUNT,
        "ResourceOwnerId": ACCOUNT,
        "ResourceType": "vpc",
        "ResourceId": vpc.id("vpc"),
        "State": "available",
        "Association": {"TransitGatewayRouteTableId": table, "State": "associated"},
        "Tags": tags(vpc.estate, vpc.key),
    }


def _vpc_attachment(vpc: Vpc) -> Item:
    return {
        "TransitGatewayAttachmentId": vpc.id("tgw-attach"),
        "TransitGatewayId": GATEWAY,
        "VpcId": vpc.id("vpc"),
        "VpcOwnerId": ACCOUNT,
        "State": "available",
        "SubnetIds": vpc.attached,
        "Options": {
            "DnsSupport": "enable",
            "Ipv6Support": "enable" if vpc.estate.full else "disable",
            "ApplianceModeSupport": "disable",
            "SecurityGroupReferencingSupport": "enable",
        },
        "Tags": tags(vpc.estate, vpc.key),
    }


def _nat(vpc: Vpc) -> Item:
    return {
        "NatGatewayId": vpc.id("nat"),
        "SubnetId": vpc.id("subnet", 0),
        "VpcId": vpc.id("vpc"),
        "State": "available",
        "ConnectivityType": "public",
        "NatGatewayAddresses": [
            {
                "AllocationId": vpc.id("eipalloc"),
                "PrivateIp": vpc.address(0, 5),
                "PublicIp": str(IPv4Address((54 << 24) + vpc.number)),
                "IsPrimary": True,
            }
        ],
        "Tags": tags(vpc.estate, f"{vpc.key}/nat"),
    }


def _public_address(vpc: Vpc) -> Item:
    return {
        "AllocationId": vpc.id("eipalloc"),
        "PublicIp": str(IPv4Address((54 << 24) + vpc.number)),
        "Domain": "vpc",
        "Tags": tags(vpc.estate, f"{vpc.key}/nat"),
    }


def _egress_only(vpc: Vpc) -> Item:
    return {
        "EgressOnlyInternetGatewayId": vpc.id("eigw"),
        "Attachments": [{"State": "attached", "VpcId": vpc.id("vpc")}],
        "Tags": tags(vpc.estate, vpc.key),
    }

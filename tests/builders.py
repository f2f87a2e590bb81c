"""Small networks as graphs, in the forms that the compiler and the readers use."""

from collections.abc import Iterable, Mapping
from ipaddress import ip_network
from typing import Any

from ringwall.model.graph import Node, Origin, Ref, ResourceGraph, Unknown

ACCOUNT, REGION = "111122223333", "us-east-1"
ALL = "0.0.0.0/0"


def ref(kind: str, key: str, attribute: str = "id") -> Ref:
    """Refer to a resource by the short name of its type."""
    return Ref(kind if "::" in kind else f"AWS::EC2::{kind}", key, attribute)


class NetworkBuilder:
    """Collects nodes; every method returns the builder, so that a network reads as a list."""

    def __init__(self, *, observed: bool = False) -> None:
        self.nodes: dict[tuple[str, str], Node] = {}
        self.unknowns: list[Unknown] = []
        self._observed = observed
        self._line = 0

    def add(
        self,
        kind: str,
        key: str,
        properties: Mapping[str, Any] | None = None,
        *,
        observed: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> "NetworkBuilder":
        self._line += 1
        name = kind if "::" in kind else f"AWS::EC2::{kind}"
        node = Node(
            name,
            key,
            ACCOUNT,
            REGION,
            properties or {},
            observed or {},
            Origin("network.yaml", self._line),
            tags or {},
            f"{kind.rsplit('::', maxsplit=1)[-1].lower()}-{self._line:08x}"
            if self._observed
            else "",
        )
        self.nodes[name, key] = node
        return self

    def vpc(
        self, key: str, cidr: str, *, segment: str = "", ipv6: bool = False
    ) -> "NetworkBuilder":
        tags = {"ringwall:segment": segment} if segment else {}
        self.add("VPC", key, {"CidrBlock": cidr}, tags=tags)
        self.add(
            "Ringwall::EC2::DefaultSecurityGroup",
            key,
            {"VpcId": ref("VPC", key), "Ingress": [], "Egress": []},
        )
        if ipv6:
            self.add(
                "VPCCidrBlock",
                f"{key}/ipv6",
                {"VpcId": ref("VPC", key), "AmazonProvidedIpv6CidrBlock": True},
            )
        return self

    def subnet(
        self,
        key: str,
        cidr: str,
        *,
        public: bool = False,
        table: str | None = None,
        acl: str | None = None,
        ipv6: int | None = None,
    ) -> "NetworkBuilder":
        """`V/tier/Z` with its table (`V/tier` unless said otherwise) and, if named, its ACL."""
        vpc, tier, zone = key.split("/")
        properties = {
            "VpcId": ref("VPC", vpc),
            "CidrBlock": cidr,
            "AvailabilityZone": zone,
            "MapPublicIpOnLaunch": public,
        }
        if ipv6 is not None:
            properties["Ipv6CidrBlock"] = ref("VPCCidrBlock", f"{vpc}/ipv6", f"ipv6/64/{ipv6}")
        self.add("Subnet", key, properties)
        table = f"{vpc}/{tier}" if table is None else table
        if table:
            if ("AWS::EC2::RouteTable", table) not in self.nodes:
                self.add("RouteTable", table, {"VpcId": ref("VPC", vpc)})
            link = {"SubnetId": ref("Subnet", key), "RouteTableId": ref("RouteTable", table)}
            self.add("SubnetRouteTableAssociation", key, link)
        if acl:
            link = {"SubnetId": ref("Subnet", key), "NetworkAclId": ref("NetworkAcl", acl)}
            self.add("SubnetNetworkAclAssociation", key, link)
        return self

    def acl(self, key: str, *entries: str) -> "NetworkBuilder":
        """Entries as `in 100 allow tcp/443 0.0.0.0/0`, `out 100 allow all ::/0`."""
        self.add("NetworkAcl", key, {"VpcId": ref("VPC", key.split("/", maxsplit=1)[0])})
        for text in entries:
            way, number, action, what, cidr = text.split()
            self.entry(key, way, int(number), action, what, cidr)
        return self

    def entry(
        self, key: str, way: str, number: int, action: str, what: str, cidr: str
    ) -> "NetworkBuilder":
        protocol, _, ports = what.partition("/")
        numbers = {"all": -1, "tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58}
        properties: dict[str, Any] = {
            "NetworkAclId": ref("NetworkAcl", key),
            "Egress": way == "out",
            "RuleNumber": number,
            "Protocol": numbers.get(protocol) if protocol in numbers else int(protocol),
            "RuleAction": action,
            "Ipv6CidrBlock" if ":" in cidr else "CidrBlock": cidr,
        }
        if protocol in {"icmp", "icmpv6"}:
            kind, _, code = ports.partition(".")
            properties["Icmp"] = {"Type": int(kind or -1), "Code": int(code or -1)}
        elif ports:
            low, _, high = ports.partition("-")
            properties["PortRange"] = {"From": int(low), "To": int(high or low)}
        word = "egress" if way == "out" else "ingress"
        return self.add("NetworkAclEntry", f"{key}:{word}:{number}", properties)

    def group(self, key: str, tier: str = "", *rules: str) -> "NetworkBuilder":
        """Rules as `in tcp/443 10.0.0.0/8`, `out all group:production/db`, `out tcp/443 pl:s3`."""
        tags = {"ringwall:tier": tier} if tier else {}
        properties = {"VpcId": ref("VPC", key.split("/", maxsplit=1)[0]), "GroupName": key}
        self.add("SecurityGroup", key, properties, tags=tags)
        for text in rules:
            self.rule(key, *text.split())
        return self

    def rule(self, key: str, way: str, what: str, peer: str) -> "NetworkBuilder":
        protocol, _, ports = what.partition("/")
        properties: dict[str, Any] = {
            "GroupId": ref("SecurityGroup", key),
            "IpProtocol": "-1" if protocol == "all" else protocol,
        }
        if protocol in {"icmp", "icmpv6"}:
            kind, _, code = ports.partition(".")
            properties |= {"FromPort": int(kind or -1), "ToPort": int(code or -1)}
        elif ports:
            low, _, high = ports.partition("-")
            properties |= {"FromPort": int(low), "ToPort": int(high or low)}
        side = "Destination" if way == "out" else "Source"
        if peer.startswith("group:"):
            properties[f"{side}SecurityGroupId"] = ref("SecurityGroup", peer[6:])
        elif peer.startswith("pl:"):
            properties[f"{side}PrefixListId"] = ref("PrefixList", peer[3:])
        else:
            properties["CidrIpv6" if ":" in peer else "CidrIp"] = peer
        kind = "SecurityGroupEgress" if way == "out" else "SecurityGroupIngress"
        return self.add(kind, f"{key}:{way}:{what}:{peer}", properties)

    def internet_gateway(self, vpc: str) -> "NetworkBuilder":
        self.add("InternetGateway", vpc)
        link = {"VpcId": ref("VPC", vpc), "InternetGatewayId": ref("InternetGateway", vpc)}
        return self.add("VPCGatewayAttachment", f"{vpc}/internet-gateway", link)

    def nat(
        self, key: str, subnet: str, *, public: bool = True, state: str = ""
    ) -> "NetworkBuilder":
        properties = {
            "SubnetId": ref("Subnet", subnet),
            "ConnectivityType": "public" if public else "private",
        }
        return self.add("NatGateway", key, properties, observed={"State": state} if state else {})

    def route(
        self, table: str, destination: str, target: str, *, state: str = "", origin: str = ""
    ) -> "NetworkBuilder":
        """Targets as `igw:production`, `nat:production/nat/a`, `tgw:tgw-1`, `pcx:x`, `eni:x`."""
        kind, _, key = target.partition(":")
        name, type_name = {
            "igw": ("GatewayId", "InternetGateway"),
            "vgw": ("GatewayId", "VPNGateway"),
            "nat": ("NatGatewayId", "NatGateway"),
            "tgw": ("TransitGatewayId", "TransitGateway"),
            "eigw": ("EgressOnlyInternetGatewayId", "EgressOnlyInternetGateway"),
            "pcx": ("VpcPeeringConnectionId", "VPCPeeringConnection"),
            "eni": ("NetworkInterfaceId", "NetworkInterface"),
            "gwlbe": ("VpcEndpointId", "VPCEndpoint"),
        }[kind]
        field = "DestinationIpv6CidrBlock" if ":" in destination else "DestinationCidrBlock"
        if destination.startswith("pl-"):
            field = "DestinationPrefixListId"
        value: Any = ref("PrefixList", destination) if field.endswith("ListId") else destination
        observed = {k: v for k, v in (("State", state), ("Origin", origin)) if v}
        properties = {"RouteTableId": ref("RouteTable", table), field: value}
        properties[name] = ref(type_name, key)
        return self.add("Route", f"{table}>{destination}{origin}", properties, observed=observed)

    def attach(
        self,
        vpc: str,
        subnets: Iterable[str],
        *,
        table: str | None,
        gateway: str = "tgw-1",
        **options: str,
    ) -> "NetworkBuilder":
        properties = {
            "TransitGatewayId": ref("TransitGateway", gateway),
            "VpcId": ref("VPC", vpc),
            "SubnetIds": [ref("Subnet", key) for key in subnets],
            "Options": options,
        }
        self.add("TransitGatewayAttachment", vpc, properties)
        if table:
            self.transit_table(table)
            link = {
                "TransitGatewayAttachmentId": ref("TransitGatewayAttachment", vpc),
                "TransitGatewayRouteTableId": ref("TransitGatewayRouteTable", table),
            }
            self.add("TransitGatewayRouteTableAssociation", vpc, link)
        return self

    def transit_table(self, key: str, gateway: str = "tgw-1") -> "NetworkBuilder":
        if ("AWS::EC2::TransitGatewayRouteTable", key) not in self.nodes:
            link = {"TransitGatewayId": ref("TransitGateway", gateway)}
            self.add("TransitGatewayRouteTable", key, link)
        return self

    def propagate(self, attachment: str, table: str) -> "NetworkBuilder":
        self.transit_table(table)
        link = {
            "TransitGatewayAttachmentId": ref("TransitGatewayAttachment", attachment),
            "TransitGatewayRouteTableId": ref("TransitGatewayRouteTable", table),
        }
        return self.add("TransitGatewayRouteTablePropagation", f"{table}<{attachment}", link)

    def transit_route(self, table: str, cidr: str, attachment: str = "") -> "NetworkBuilder":
        """A static route; without an attachment a blackhole."""
        self.transit_table(table)
        link: dict[str, Any] = {
            "TransitGatewayRouteTableId": ref("TransitGatewayRouteTable", table),
            "DestinationCidrBlock": cidr,
        }
        if attachment:
            link["TransitGatewayAttachmentId"] = ref("TransitGatewayAttachment", attachment)
        else:
            link["Blackhole"] = True
        return self.add("TransitGatewayRoute", f"{table}>{cidr}", link)

    def endpoint(
        self,
        key: str,
        *,
        tables: Iterable[str] = (),
        subnets: Iterable[str] = (),
        groups: Iterable[str] = (),
        cidrs: Iterable[str] = (),
    ) -> "NetworkBuilder":
        vpc, service = key.split("/")
        properties = {
            "VpcId": ref("VPC", vpc),
            "ServiceName": f"com.amazonaws.{REGION}.{service}",
            "VpcEndpointType": "Interface" if list(subnets) else "Gateway",
            "RouteTableIds": [ref("RouteTable", table) for table in tables],
            "SubnetIds": [ref("Subnet", subnet) for subnet in subnets],
            "SecurityGroupIds": [ref("SecurityGroup", group) for group in groups],
        }
        observed = {"Cidrs": list(cidrs)} if cidrs else {}
        return self.add("VPCEndpoint", key, properties, observed=observed)

    def interface(
        self, key: str, subnet: str, address: str, *groups: str, public: str = "", kind: str = ""
    ) -> "NetworkBuilder":
        """A live interface."""
        properties = {
            "SubnetId": ref("Subnet", subnet),
            "GroupSet": [ref("SecurityGroup", group) for group in groups],
        }
        observed: dict[str, Any] = {
            "PrivateIpAddresses": [{"PrivateIpAddress": address}],
            "InterfaceType": kind or "interface",
        }
        if public:
            observed["PublicIp"] = public
        return self.add("NetworkInterface", key, properties, observed=observed)

    def graph(self) -> ResourceGraph:
        return ResourceGraph(dict(self.nodes), tuple(self.unknowns))


def two_subnets() -> NetworkBuilder:
    """One VPC, a web group and an app group, each in a subnet of its own, open ACLs."""
    return (
        NetworkBuilder()
        .vpc("v", "10.0.0.0/16")
        .acl("v/web", *open_acl())
        .acl("v/app", *open_acl())
        .subnet("v/web/a", "10.0.1.0/24", acl="v/web")
        .subnet("v/app/a", "10.0.2.0/24", acl="v/app")
        .group("v/web", "web", "out tcp/8080 group:v/app")
        .group("v/app", "app", "in tcp/8080 group:v/web")
    )


def open_acl() -> tuple[str, ...]:
    return (
        f"in 100 allow all {ALL}",
        f"out 100 allow all {ALL}",
        "in 101 allow all ::/0",
        "out 101 allow all ::/0",
    )


def hosts_of(cidr: str) -> int:
    return ip_network(cidr).num_addresses

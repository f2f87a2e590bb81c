"""A graph → the pieces of a network by key, read anew for the checker.

Rule: a wanted graph is complete, so what it does not say AWS's defaults decide; what is missing
from a graph that was read back is doubtful.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property

from ringwall.errors import InputError
from ringwall.model.graph import Node, Ref, ResourceGraph
from ringwall.resources.ownership import KEY_TAG, SEGMENT_TAG
from ringwall.verify.balancers import Balancers
from ringwall.verify.elements import Acl, Entry, Nat, Route, Subnet, Table
from ringwall.verify.firewalls import read_policies
from ringwall.verify.lines import read_lines
from ringwall.verify.reading import ANYWHERE, DEFAULT_ACL, read_acls, read_groups, read_interfaces
from ringwall.verify.routes import read_tables
from ringwall.verify.sets import Ranges, join, meet
from ringwall.verify.traffic import ALL, address_texts, block, length_of
from ringwall.verify.transit import read_attachments, read_transit_tables
from ringwall.verify.values import Values

# Interfaces that stand for elements which are read on their own.
OWN_MODEL = frozenset(
    {
        "nat_gateway",
        "natGateway",
        "transit_gateway",
        "vpc_endpoint",
        "gateway_load_balancer_endpoint",
    }
)


class Network:
    """The pieces of a network; raises InputError where a property has no form that is known."""

    def __init__(self, graph: ResourceGraph) -> None:
        self.graph = graph
        self.values = Values(graph)
        try:
            self._read()
        except (KeyError, ValueError, TypeError, AttributeError) as failure:
            msg = f"the checker cannot read the network: {type(failure).__name__}: {failure}"
            raise InputError(msg) from failure

    def _read(self) -> None:
        values = self.values
        self.vpcs = {node.key: node for node in values.ec2("VPC")}
        self.is_observed = any(node.physical_id for node in self.vpcs.values())
        self.blocks = self._vpc_blocks()
        self.tables = read_tables(values, self.blocks)
        self.acls = read_acls(values)
        self.groups = read_groups(values)
        self.subnets = self._subnets()
        self.attachments = read_attachments(values)
        self.transit_tables = read_transit_tables(values, self.attachments, self.blocks)
        self.nats = {node.key: self._nat(node) for node in values.ec2("NatGateway")}
        self.interfaces = read_interfaces(values)
        self.balancers = Balancers(values)
        self.peerings = {node.key: node for node in values.ec2("VPCPeeringConnection")}
        self.lines = read_lines(values)
        home = {
            vpc: [text for part, _ in parts for text in address_texts(part)]
            for vpc, parts in self.blocks.items()
        }
        self.firewalls = read_policies(values, home)

    def of(self, vpc: str) -> Ranges:
        """Return the addresses of a VPC."""
        return join(*(part for part, _ in self.blocks.get(vpc, ())))

    def address_sets(self) -> Iterator[Ranges]:
        """Yield every set of addresses that a piece of the network names."""
        yield from (part for parts in self.blocks.values() for part, _ in parts)
        yield from (self.of(vpc) for vpc in self.vpcs)
        yield from (subnet.part for subnet in self.subnets.values())
        for table in self.tables.values():
            yield from (route.part for route in table.routes if route.part)
        for transit in self.transit_tables.values():
            yield from (route.part for route in transit.routes)
        for acl in self.acls.values():
            yield from (entry.part for entry in acl.entries)
        for group in self.groups.values():
            yield from (rule.part for rule in (*group.ingress, *group.egress) if rule.part)
        yield from self.values.lists.values()
        yield from (nat.part for nat in self.nats.values())
        for each in self.interfaces.values():
            yield from (each.part, each.address)
        for policy in self.firewalls.values():
            yield from policy.address_sets()
        for line in self.lines:
            yield from (part for part in (line.reached, line.allowed) if part)

    @cached_property
    def all_blocks(self) -> Ranges:
        """Return the addresses of all VPCs."""
        return join(*(self.of(vpc) for vpc in self.vpcs))

    def _vpc_blocks(self) -> dict[str, tuple[tuple[Ranges, int], ...]]:
        found: dict[str, dict[Ranges, int]] = {}
        for node in self.values.ec2("VPC"):
            texts = [node.properties.get("CidrBlock")]
            for name, cidr, state in (
                ("CidrBlockAssociationSet", "CidrBlock", "CidrBlockState"),
                ("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock", "Ipv6CidrBlockState"),
            ):
                texts += [
                    item[cidr]
                    for item in node.observed.get(name, ())
                    if (item.get(state) or {}).get("State", "associated") == "associated"
                ]
            found[node.key] = {block(text): length_of(block(text)) for text in texts if text}
        for node in self.values.ec2("VPCCidrBlock"):
            vpc = self.values.key(node.properties.get("VpcId"))
            given = self.values.block(node.properties.get("CidrBlock"))[0]
            for part in (given, self.values.of_vpc_block(node)):
                if part and vpc in found:
                    found[vpc][part] = length_of(part)
        return {vpc: tuple(parts.items()) for vpc, parts in found.items()}

    def _subnets(self) -> dict[str, Subnet]:
        values, found = self.values, {}
        tables = {
            values.key(node.properties.get("SubnetId")): node.properties.get("RouteTableId")
            for node in values.ec2("SubnetRouteTableAssociation")
        }
        acls = {
            values.key(node.properties.get("SubnetId")): node.properties.get("NetworkAclId")
            for node in values.ec2("SubnetNetworkAclAssociation")
        }
        for node in values.ec2("Subnet"):
            vpc = values.key(node.properties.get("VpcId"))
            words = node.key.split("/")
            parts = (
                values.block(node.properties.get(name))[0] or ()
                for name in ("CidrBlock", "Ipv6CidrBlock")
            )
            table = self._table(vpc, tables.get(node.key))
            zone = (
                node.observed.get("AvailabilityZoneId")
                or node.properties.get("AvailabilityZoneId")
                or node.properties.get("AvailabilityZone")
                or ""
            )
            public = bool(node.properties.get("MapPublicIpOnLaunch")) or bool(table.doubt)
            found[node.key] = Subnet(
                key=node.key,
                vpc=vpc,
                tier="/".join(words[1:-1]) if words[0] == vpc and len(words) > 2 else "",
                zone=str(zone),
                part=join(*parts),
                table=table,
                acl=self._acl(vpc, acls.get(node.key)),
                # What has an Elastic IP is public wherever a route leads to an internet gateway.
                may_be_public=public or any(r.kind == "internet-gateway" for r in table.routes),
                node=node,
            )
        return found

    def _table(self, vpc: str, value: object) -> Table:
        """R1: without an association of its own a subnet uses the main table (VPC guide)."""
        if value is None:
            for node in self.values.of_type("Ringwall::EC2::MainRouteTableAssociation"):
                if self.values.key(node.properties.get("VpcId")) == vpc:
                    value = node.properties.get("RouteTableId")
        if value is not None:
            key = self.values.key(value)
            doubt = f"route table {key} is not in the input"
            return self.tables.get(key) or Table(key, vpc, doubt=doubt)
        name = f"main table of {vpc}"
        if self.is_observed:
            return Table(name, vpc, doubt=f"{name} is not in the input")
        local = tuple(
            Route(part, length, "local", "", "local", "local")
            for part, length in self.blocks.get(vpc, ())
        )
        return Table(name, vpc, local)

    def _acl(self, vpc: str, value: object) -> Acl:
        if value is not None:
            key = self.values.key(value)
            if isinstance(value, Ref) and value.type == DEFAULT_ACL:
                key = f"default {key}"
            found = self.acls.get(key) or self.acls.get(f"default {key}")
            return found or Acl(key, doubt=f"network ACL {key} is not in the input")
        for node in self.values.of_type(DEFAULT_ACL):
            acl = self.acls[f"default {node.key}"]
            if self.values.key(node.properties.get("VpcId")) == vpc and acl.entries:
                return acl
        name = f"default network ACL of {vpc}"
        if self.is_observed:
            return Acl(name, doubt=f"{name} is not in the input")
        everything = tuple(Entry(100, egress, True, ANYWHERE, ALL) for egress in (False, True))
        return Acl(name, everything)  # a default ACL allows everything (VPC guide)

    def _nat(self, node: Node) -> Nat:
        values = self.values
        gone = {"failed", "unassigning", "disassociating"}
        items = [
            item
            for item in node.observed.get("NatGatewayAddresses") or ()
            if item.get("Status") not in gone
        ]
        regional = node.properties.get("AvailabilityMode") == "regional"
        named = [i.get("PrivateIp") or (regional and i.get("PublicIp")) for i in items]
        if not any(named):
            further = node.properties.get("SecondaryPrivateIpAddresses") or ()
            named = [node.properties.get("PrivateIpAddress"), *further]
        part = join(*(block(text) for text in named if text))
        home = self.subnets.get(values.key(node.properties.get("SubnetId")))
        if home is not None and not part:
            # AWS chooses: any address of the subnet but the four that it reserves (VPC guide).
            low, high = next(iter(meet(home.part, ANYWHERE[:1])), (0, 0))
            part = ((low + 4, high - 1),) if high - low > 8 else ()
        table = None
        if regional:
            key = values.key(node.observed.get("RouteTableId"))
            lost = f"route table of NAT gateway {node.key} is not in the input"
            table = self.tables.get(key) or Table(key, "", doubt=lost)
        known = bool(part) and (home is not None or regional)
        zones = {
            str(item[name])
            for item in items
            for name in ("AvailabilityZone", "AvailabilityZoneId")
            if item.get(name)
        }
        own = values.key(node.properties.get("VpcId") or node.observed.get("VpcId"))
        return Nat(
            key=node.key,
            subnet=home.key if home else "",
            vpc=home.vpc if home else own,
            part=part,
            public=node.properties.get("ConnectivityType", "public") == "public",
            state=str(node.observed.get("State", "available")),
            zones=frozenset(zones),
            table=table,
            doubt="" if known else f"where NAT gateway {node.key} stands is not in the input",
        )

    @cached_property
    def internet_gateways(self) -> dict[str, Node]:
        """Return the attached internet gateway of each VPC."""
        found = {}
        for node in self.values.ec2("VPCGatewayAttachment"):
            if node.properties.get("InternetGatewayId") is not None:
                gateway = self.values.node(
                    "AWS::EC2::InternetGateway", node.properties["InternetGatewayId"]
                )
                found[self.values.key(node.properties.get("VpcId"))] = gateway or node
        return found

    @cached_property
    def edge_tables(self) -> dict[str, str]:
        """Return the route tables of gateways (R16: VPC guide, gateway route tables)."""
        found = {}
        for node in self.values.ec2("RouteTable"):
            for gateway in node.observed.get("GatewayAssociations", ()):
                found[self.values.key(gateway)] = node.key
        for node in self.values.ec2("GatewayRouteTableAssociation"):
            table = self.values.key(node.properties.get("RouteTableId"))
            found[self.values.key(node.properties.get("GatewayId"))] = table
        return found

    @cached_property
    def segments(self) -> dict[str, list[str]]:
        """Return the VPCs of each segment: by tag, else by the associated table."""
        attached = {a.vpc: a.key for a in self.attachments.values() if a.vpc}
        tables = self.associations
        found: dict[str, list[str]] = {}
        for vpc, node in self.vpcs.items():
            of_table = tables.get(attached.get(vpc, ""), ("",))[-1]
            name = node.tags.get(SEGMENT_TAG) or of_table
            if name:
                found.setdefault(name, []).append(vpc)
        return found

    @cached_property
    def untagged(self) -> tuple[str, ...]:
        """Return attached VPCs of ours whose segment's tag is missing."""
        attached = {a.vpc for a in self.attachments.values()}
        return tuple(
            vpc
            for vpc, node in self.vpcs.items()
            if vpc in attached and KEY_TAG in node.tags and SEGMENT_TAG not in node.tags
        )

    @cached_property
    def associations(self) -> dict[str, tuple[str, ...]]:
        """Return the transit gateway route tables of each attachment: of a peering, both sides'."""
        found: dict[str, tuple[str, ...]] = {}
        for node in self.values.ec2("TransitGatewayRouteTableAssociation"):
            if node.observed.get("State", "associated") in {"associated", "associating"}:
                key = self.values.key(node.properties["TransitGatewayAttachmentId"])
                table = self.values.key(node.properties["TransitGatewayRouteTableId"])
                found[key] = (*found.get(key, ()), table)
        return found

    def public_access(self, vpc: str) -> str:
        """Return the mode of Block Public Access of a VPC's account and Region."""
        home = self.vpcs.get(vpc)
        for node in self.values.ec2("VPCBlockPublicAccessOptions"):
            if home is None or (node.account, node.region) == (home.account, home.region):
                return str(node.properties.get("InternetGatewayBlockMode", "off"))
        return "off"

    @cached_property
    def exclusions(self) -> dict[str, str]:
        """Return the exclusions from Block Public Access by VPC or subnet."""
        return {
            self.values.key(node.properties.get("VpcId") or node.properties.get("SubnetId")): str(
                node.properties.get("InternetGatewayExclusionMode")
            )
            for node in self.values.ec2("VPCBlockPublicAccessExclusion")
        }

    def peering_ends(self, node: Node) -> frozenset[str]:
        """Return the two VPCs of a peering connection."""
        return frozenset(self.values.key(node.properties.get(n)) for n in ("VpcId", "PeerVpcId"))

    @cached_property
    def peered(self) -> dict[frozenset[str], bool]:
        """Return the pairs of VPCs with an active peering, and whether groups match over it.

        F4: references across Regions match nothing (peering guide).
        """
        found: dict[frozenset[str], bool] = {}
        for node in self.peerings.values():
            if peering_status(node) == "active":
                ends = self.peering_ends(node)
                regions = {self.vpcs[vpc].region for vpc in ends if vpc in self.vpcs}
                found[ends] = found.get(ends, False) or len(regions) < 2
        return found

    def transit_references(self, vpc: str, *, doubt: bool) -> bool:
        """Tell whether references to groups of a VPC match across its transit gateways.

        `doubt` is the answer where a gateway is not in the input.

        F5: a gateway's switch is off by default, an attachment's on (EC2 API).
        """
        for attachment in self.attachments.values():
            if attachment.vpc != vpc or not attachment.references_groups:
                continue
            gateway = self.values.node("AWS::EC2::TransitGateway", attachment.gateway)
            if gateway is None:
                if doubt:
                    return True
                continue
            options = gateway.properties.get("Options") or {}
            name = "SecurityGroupReferencingSupport"
            if (gateway.properties.get(name) or options.get(name)) == "enable":
                return True
        return False


def peering_status(node: Node) -> str:
    """Return the state of a peering connection."""
    status = node.observed.get("Status", "active")
    return str(status.get("Code") if isinstance(status, Mapping) else status)

"""A ResourceGraph → a Network: every element of it by key, and what is not modelled, by name."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ringwall.model.graph import Node, Ref, ResourceGraph, Unknown
from ringwall.resources.ownership import KEY_TAG, SEGMENT_TAG
from ringwall.trace import gaps, indexes, transit_tables
from ringwall.trace.addresses import Block, Host, block
from ringwall.trace.elements import (
    Acl,
    AclEntry,
    Attachment,
    Group,
    Route,
    RouteTable,
    Subnet,
    Target,
)
from ringwall.trace.values import Values

VPC = "AWS::EC2::VPC"


class Network:
    """The elements of a network, indexed; built once from a graph and never changed.

    `is_observed` tells whether the graph was read back: then what is missing is unknown.
    """

    def __init__(self, graph: ResourceGraph) -> None:
        self.graph = graph
        self.values = Values(graph)
        self.is_observed = any(node.physical_id for node in graph.of_type(VPC))
        self.vpcs = {node.key: node for node in graph.of_type(VPC)}
        self.blocks = indexes.vpc_blocks(graph, self.values)
        self.lists = indexes.prefix_lists(graph)
        self.tables = indexes.route_tables(
            graph, self.values, self.blocks, self.list_name, self.lists
        )
        self.acls = indexes.acls(graph, self.values)
        self.groups = indexes.groups(graph, self.values, self.list_name)
        self.attachments = transit_tables.attachments(graph, self.values)
        self.transit_tables = transit_tables.transit_tables(
            graph, self.values, self.attachments, self.blocks, self.list_name, self.lists
        )
        self.memo: dict[Any, Any] = {}  # answers of pure questions about this network

    def list_name(self, value: Any) -> str:  # noqa: ANN401  (a Ref or an id)
        """Return the name of a prefix list: a service's short name for AWS's, else its key."""
        text = value.key if isinstance(value, Ref) else str(value)
        node = self.graph.get(value) if isinstance(value, Ref) else None
        if node is not None and node.type == "AWS::EC2::VPCEndpoint":
            return indexes.service_list(node.properties["ServiceName"])
        key = self.values.key(value)
        found = node or self.graph.get(("AWS::EC2::PrefixList", key))
        name = str(found.observed.get("PrefixListName", "")) if found else ""
        name = (name or text).removeprefix("aws:")
        if name.startswith("com.amazonaws."):
            return indexes.service_list(name)
        for endpoint in self.graph.of_type("AWS::EC2::VPCEndpoint"):
            if endpoint.observed.get("PrefixListId") == text:
                return indexes.service_list(endpoint.properties["ServiceName"])
        return key

    @cached_property
    def subnets(self) -> dict[str, Subnet]:
        """Return every subnet with its table and ACL."""
        tables = self._by_subnet("AWS::EC2::SubnetRouteTableAssociation")
        lists = self._by_subnet("AWS::EC2::SubnetNetworkAclAssociation")
        found = {}
        for node in self.graph.of_type("AWS::EC2::Subnet"):
            vpc = self.values.key(node.properties.get("VpcId"))
            parts = node.key.split("/")
            tier = "/".join(parts[1:-1]) if parts[0] == vpc and len(parts) > 2 else ""
            blocks = (
                self.values.block(node.properties.get("CidrBlock")),
                self.values.block(node.properties.get("Ipv6CidrBlock")),
            )
            zone_id = node.observed.get("AvailabilityZoneId") or node.properties.get(
                "AvailabilityZoneId"
            )
            name = str(node.properties.get("AvailabilityZone") or zone_id or "")
            table = self._table(tables.get(node.key), vpc)
            found[node.key] = Subnet(
                key=node.key,
                vpc=vpc,
                tier=tier,
                # Zone names map to different zones in different accounts; ids do not.
                zone=str(zone_id or name),
                zone_name=name,
                blocks=tuple(part for part in blocks if isinstance(part, Block)),
                table=table,
                acl=self._acl(lists.get(node.key), vpc),
                gives_public_addresses=bool(node.properties.get("MapPublicIpOnLaunch")),
                node=node,
            )
        return found

    def _by_subnet(self, kind: str) -> dict[str, Node]:
        return {
            self.values.key(node.properties.get("SubnetId")): node
            for node in self.graph.of_type(kind)
        }

    def _table(self, association: Node | None, vpc: str) -> RouteTable | Unknown:
        """R1: a subnet without an explicit association uses the VPC's main table (VPC guide)."""
        if association is not None:
            key = self.values.key(association.properties.get("RouteTableId"))
            return self.tables.get(key) or Unknown(f"route table {key}", "not in the input")
        for node in self.graph.of_type("Ringwall::EC2::MainRouteTableAssociation"):
            if self.values.key(node.properties.get("VpcId")) == vpc:
                key = self.values.key(node.properties.get("RouteTableId"))
                return self.tables.get(key) or Unknown(f"route table {key}", "not in the input")
        if self.is_observed:
            return Unknown(f"main route table of {vpc}", "not in the input")
        local = tuple(
            Route(part, Target("local", ""), "local") for part in self.blocks.get(vpc, ())
        )
        return RouteTable(f"main table of {vpc}", vpc, local)

    def _acl(self, association: Node | None, vpc: str) -> Acl | Unknown:
        """Return the ACL of a subnet: without an association the default one, which allows all."""
        if association is not None:
            value = association.properties.get("NetworkAclId")
            key = self.values.key(value)
            if isinstance(value, Ref) and value.type == "Ringwall::EC2::DefaultNetworkAcl":
                key = f"default {value.key}"
            found = self.acls.get(key)
            found = found or next(
                (
                    a
                    for a in self.acls.values()
                    if a.node and key in {a.node.physical_id, a.node.key}
                ),
                None,
            )
            return found or Unknown(f"network ACL {key}", "not in the input")
        for acl in self.acls.values():
            node = acl.node
            if node is None or node.type != "Ringwall::EC2::DefaultNetworkAcl" or not acl.entries:
                continue
            if self.values.key(node.properties.get("VpcId")) == vpc:
                return acl
        if self.is_observed:
            return Unknown(f"network ACL of a subnet of {vpc}", "not in the input")
        everything = tuple(
            AclEntry(100, egress, True, -1, block(cidr))
            for egress in (False, True)
            for cidr in indexes.ANYWHERE
        )
        return Acl(f"default network ACL of {vpc}", everything)

    def default_group(self, vpc: str) -> str:
        """Return the key of a VPC's default group."""
        return f"default {vpc}"

    def subnet_of(self, address: Host, vpc: str = "") -> Subnet | None:
        """Return the subnet that holds an address, in one VPC or in any."""
        for subnet in self.subnets.values():
            if (not vpc or subnet.vpc == vpc) and any(address in part for part in subnet.blocks):
                return subnet
        return None

    @cached_property
    def internet_gateways(self) -> dict[str, Node]:
        """Return the attached internet gateway of each VPC."""
        found = {}
        for node in self.graph.of_type("AWS::EC2::VPCGatewayAttachment"):
            if node.properties.get("InternetGatewayId") is not None:
                key = self.values.key(node.properties["InternetGatewayId"])
                gateway = self.graph.get(("AWS::EC2::InternetGateway", key))
                found[self.values.key(node.properties.get("VpcId"))] = gateway or node
        return found

    @cached_property
    def attachment_of(self) -> dict[tuple[str, str], Attachment]:
        """Return the attachment of (VPC, transit gateway)."""
        return {(a.vpc, a.gateway): a for a in self.attachments.values()}

    @cached_property
    def associations(self) -> dict[str, str]:
        """Return the transit gateway route table with which each attachment is associated."""
        return {
            self.values.key(node.properties["TransitGatewayAttachmentId"]): self.values.key(
                node.properties["TransitGatewayRouteTableId"]
            )
            for node in self.graph.of_type("AWS::EC2::TransitGatewayRouteTableAssociation")
            if node.observed.get("State", "associated") in {"associated", "associating"}
        }

    @cached_property
    def segments(self) -> dict[str, list[str]]:
        """Return the VPCs of each segment: by tag, else by the associated table.

        The tag says what was meant, so that an attachment moved by hand stays in its segment.
        """
        found: dict[str, list[str]] = defaultdict(list)
        attached = {a.vpc: a.key for a in self.attachments.values() if a.vpc}
        for vpc, node in self.vpcs.items():
            name = node.tags.get(SEGMENT_TAG) or self.associations.get(attached.get(vpc, ""), "")
            if name:
                found[name].append(vpc)
        return dict(found)

    @cached_property
    def edge_tables(self) -> dict[str, str]:
        """Return the route tables that are associated with gateways (ingress routing)."""
        found = {}
        for node in self.graph.of_type("AWS::EC2::RouteTable"):
            for gateway in node.observed.get("GatewayAssociations", ()):
                found[self.values.key(gateway)] = node.key
        for node in self.graph.of_type("AWS::EC2::GatewayRouteTableAssociation"):
            table = self.values.key(node.properties.get("RouteTableId"))
            found[self.values.key(node.properties.get("GatewayId"))] = table
        return found

    @cached_property
    def service_lists(self) -> frozenset[str]:
        """Return the names of the prefix lists of AWS services that gateway endpoints serve."""
        return frozenset(
            indexes.service_list(node.properties["ServiceName"])
            for node in self.graph.of_type("AWS::EC2::VPCEndpoint")
            if node.properties.get("VpcEndpointType") == "Gateway"
        )

    def transit_references(self, address: Host) -> bool | Unknown:
        """Tell whether group references match across the transit gateway of an address's VPC.

        The gateway's switch is off by default, an attachment's is on (EC2 API, the options
        SecurityGroupReferencingSupport).
        """
        subnet = self.subnet_of(address)
        attached = [a for a in self.attachments.values() if subnet and a.vpc == subnet.vpc]
        for attachment in attached:
            gateway = self.graph.get(("AWS::EC2::TransitGateway", attachment.gateway))
            if gateway is None:
                return Unknown(f"transit gateway {attachment.gateway}", "not in the input")
            option = gateway.properties.get("SecurityGroupReferencingSupport")
            option = option or gateway.properties.get("Options", {}).get(
                "SecurityGroupReferencingSupport"
            )
            if option == "enable" and attachment.references_groups:
                return True
        return False

    @cached_property
    def untagged(self) -> tuple[str, ...]:
        """Return attached VPCs of ours whose segment's tag is missing."""
        attached = {attachment.vpc for attachment in self.attachments.values()}
        return tuple(
            vpc
            for vpc, node in self.vpcs.items()
            if vpc in attached and KEY_TAG in node.tags and SEGMENT_TAG not in node.tags
        )

    @cached_property
    def peerings(self) -> dict[str, Node]:
        """Return the peering connections."""
        return {n.key: n for n in self.graph.of_type("AWS::EC2::VPCPeeringConnection")}

    @cached_property
    def public_access_exclusions(self) -> Mapping[str, str]:
        """Return the exclusions from Block Public Access by VPC or subnet."""
        return {
            self.values.key(node.properties.get("VpcId") or node.properties.get("SubnetId")): str(
                node.properties.get("InternetGatewayExclusionMode")
            )
            for node in self.graph.of_type("AWS::EC2::VPCBlockPublicAccessExclusion")
        }

    def public_access(self, vpc: str) -> tuple[str, Node | None]:
        """Return the mode of Block Public Access of a VPC's account and Region, and its node."""
        home = self.vpcs.get(vpc)
        for node in self.graph.of_type("AWS::EC2::VPCBlockPublicAccessOptions"):
            pairs = ((node.account, home.account), (node.region, home.region)) if home else ()
            # What is only wanted may name no account.
            if all(len({*pair} - {""}) < 2 for pair in pairs):
                return str(node.properties.get("InternetGatewayBlockMode", "off")), node
        return "off", None

    @cached_property
    def unread(self) -> tuple[Unknown, ...]:
        """Return what was not read and forbids every answer."""
        return tuple(
            u
            for u in self.graph.unknowns
            if not gaps.is_beside_packets(u.what)
            and u.what not in gaps.SAID_ON_THE_WAY | {gaps.FUNCTION}
        )

    def lacks(self, *types: str) -> Unknown | None:
        """Return what of these types was not read, None if everything was."""
        return next((u for u in self.graph.unknowns if u.what in types), None)

    @cached_property
    def _gaps(self) -> tuple[tuple[Unknown, ...], Mapping[str, tuple[Unknown, ...]]]:
        return gaps.find(self)

    def unknowns_for(self, *vpcs: str) -> tuple[Unknown, ...]:
        """Return what could carry packets into or out of these VPCs and is not modelled."""
        everywhere, by_vpc = self._gaps
        return (*everywhere, *(u for vpc in dict.fromkeys(vpcs) for u in by_vpc.get(vpc, ())))

    def group_of(self, key: str) -> Group | None:
        """Return a security group."""
        return self.groups.get(key)

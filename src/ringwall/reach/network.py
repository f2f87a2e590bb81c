"""A ResourceGraph → a Network: every element of it by key, built once and never changed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from ringwall.model.graph import Node, Ref, ResourceGraph, Unknown
from ringwall.reach.bearers import Bearers
from ringwall.reach.blocks import Block, to_block
from ringwall.reach.elements import (
    Acl,
    Attachment,
    Entry,
    Interface,
    Lead,
    Nat,
    Route,
    RouteTable,
    Subnet,
)
from ringwall.reach.reading_filters import (
    DEFAULT_ACL,
    DEFAULT_GROUP,
    GroupNames,
    read_acls,
    read_groups,
)
from ringwall.reach.reading_gateways import read_nat, read_private_gateways
from ringwall.reach.reading_routes import (
    ANYWHERE,
    PrefixLists,
    read_attachments,
    read_tables,
    read_transit_tables,
    read_vpc_blocks,
)
from ringwall.reach.reading_services import Services
from ringwall.reach.values import Values
from ringwall.resources.ownership import KEY_TAG, SEGMENT_TAG

# Types of which a transit gateway consists: where one was not read, nothing is known of its ways.
TRANSIT_TYPES = (
    "AWS::EC2::TransitGateway",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::TransitGatewayRouteTable",
    "AWS::EC2::TransitGatewayRoute",
    "AWS::EC2::TransitGatewayRouteTableAssociation",
    "AWS::EC2::TransitGatewayRouteTablePropagation",
    "Ringwall::EC2::TransitGatewayPrefixListReference",
)
LINE_TYPES = ("AWS::EC2::VPNConnection", "AWS::DirectConnect::DirectConnectGateway")
APPLIANCE_TAG = "ringwall:appliance"  # what an interface does with packets of others


class Network:
    """The elements of a network.

    `is_observed` tells whether the graph was read back: then what is missing is unknown.
    """

    def __init__(self, graph: ResourceGraph) -> None:
        self.graph = graph
        self.values = Values(graph)
        self.vpcs = {node.key: node for node in self.values.ec2("VPC")}
        self.is_observed = any(node.physical_id for node in self.vpcs.values())
        self.blocks = read_vpc_blocks(self.values)
        self.services = Services(self.values, self.blocks)
        self.lists = PrefixLists(self.values)
        self.tables = read_tables(self.values, self.blocks, self.lists)
        self.acls = read_acls(self.values)
        self.group_names = GroupNames(self.values)
        self.groups = read_groups(self.values, self.lists.name)
        self.attachments = read_attachments(self.values)
        self.transit_tables = read_transit_tables(
            self.values, self.attachments, self.blocks, self.lists
        )

    def lost(self, *types: str) -> Unknown | None:
        """Return the first of these types that was not read, None if all were."""
        return next((self._unread[name] for name in types if name in self._unread), None)

    @cached_property
    def _unread(self) -> dict[str, Unknown]:
        return {u.what: u for u in reversed(self.graph.unknowns)}

    @cached_property
    def subnets(self) -> dict[str, Subnet]:
        """Return every subnet with its table and ACL."""
        values = self.values
        tables = by_subnet(values, "SubnetRouteTableAssociation")
        acls = by_subnet(values, "SubnetNetworkAclAssociation")
        found = {}
        for node in values.ec2("Subnet"):
            vpc = values.key(node.properties.get("VpcId"))
            parts = node.key.split("/")
            tier = "/".join(parts[1:-1]) if parts[0] == vpc and len(parts) > 2 else ""
            given = (
                values.block(node.properties.get("CidrBlock")),
                values.block(node.properties.get("Ipv6CidrBlock")),
            )
            zone_id = node.observed.get("AvailabilityZoneId")
            zone_id = zone_id or node.properties.get("AvailabilityZoneId")
            name = str(node.properties.get("AvailabilityZone") or zone_id or "")
            found[node.key] = Subnet(
                key=node.key,
                vpc=vpc,
                tier=tier,
                # Zone names map to different zones in different accounts; ids do not.
                zone=str(zone_id or name),
                zone_name=name,
                blocks=tuple(part for part in given if isinstance(part, Block)),
                table=self.table_of(tables.get(node.key), vpc),
                acl=self.acl_of(acls.get(node.key), vpc),
                gives_public_addresses=bool(node.properties.get("MapPublicIpOnLaunch")),
                node=node,
            )
        return found

    @cached_property
    def _main_tables(self) -> dict[str, str]:
        return {
            self.values.key(node.properties.get("VpcId")): self.values.key(
                node.properties.get("RouteTableId")
            )
            for node in reversed(self.values.of_type("Ringwall::EC2::MainRouteTableAssociation"))
        }

    def table_of(self, association: Node | None, vpc: str) -> RouteTable | Unknown:
        """R1: a subnet without an explicit association uses the main table (VPC guide)."""
        key = self._main_tables.get(vpc)
        if association is not None:
            key = self.values.key(association.properties.get("RouteTableId"))
        if key is not None:
            return self.tables.get(key) or Unknown(f"route table {key}", "not in the input")
        if self.is_observed:
            return Unknown(f"main route table of {vpc}", "not in the input")
        local = (Route(part, Lead("local"), "local") for part in self.blocks.get(vpc, ()))
        return RouteTable(f"main table of {vpc}", vpc, tuple(local))

    @cached_property
    def _acls_by_name(self) -> dict[str, Acl]:
        found: dict[str, Acl] = {}
        for acl in self.acls.values():
            if acl.node is not None:
                found.setdefault(acl.node.physical_id, acl)
                found.setdefault(acl.node.key, acl)
        return found | self.acls

    @cached_property
    def _default_acls(self) -> dict[str, Acl]:
        return {
            self.values.key(acl.node.properties.get("VpcId")): acl
            for acl in reversed(self.acls.values())
            if acl.node is not None and acl.node.type == DEFAULT_ACL and acl.entries
        }

    def acl_of(self, association: Node | None, vpc: str) -> Acl | Unknown:
        """Return the ACL of a subnet: without an association the default one, which allows all."""
        if association is not None:
            value = association.properties.get("NetworkAclId")
            key = self.values.key(value)
            if isinstance(value, Ref) and value.type == DEFAULT_ACL:
                key = f"default {value.key}"
            return self._acls_by_name.get(key) or Unknown(f"network ACL {key}", "not in the input")
        if vpc in self._default_acls:
            return self._default_acls[vpc]
        if self.is_observed:
            return Unknown(f"network ACL of a subnet of {vpc}", "not in the input")
        everything = tuple(
            Entry(100, egress, True, -1, -1, -1, to_block(cidr))
            for egress in (False, True)
            for cidr in ANYWHERE
        )
        return Acl(f"default network ACL of {vpc}", everything)

    def default_group(self, vpc: str) -> str:
        """Return the name of a VPC's default group."""
        return f"default {vpc}"

    @cached_property
    def internet_gateways(self) -> dict[str, Node]:
        """Return the attached internet gateway of each VPC."""
        found = {}
        for node in self.values.ec2("VPCGatewayAttachment"):
            value = node.properties.get("InternetGatewayId")
            if value is not None:
                gateway = self.values.node("AWS::EC2::InternetGateway", value)
                found[self.values.key(node.properties.get("VpcId"))] = gateway or node
        return found

    @cached_property
    def private_gateways(self) -> dict[str, list[str]]:
        """Return the virtual private gateways that are attached to each VPC."""
        return read_private_gateways(self.values)

    @cached_property
    def nats(self) -> dict[str, Nat]:
        """Return the NAT gateways."""
        return {node.key: self._nat(node) for node in self.values.ec2("NatGateway")}

    def _nat(self, node: Node) -> Nat:
        home = self.subnets.get(self.values.key(node.properties.get("SubnetId")))
        return read_nat(self.values, node, home, self.tables)

    @cached_property
    def interfaces(self) -> dict[str, Interface]:
        """Return the live interfaces, as targets of routes."""
        found = {}
        for node in self.values.ec2("NetworkInterface"):
            subnet = self.subnets.get(self.values.key(node.properties.get("SubnetId")))
            if subnet is not None:
                found[node.key] = self._interface(node, subnet)
        return found

    def _interface(self, node: Node, subnet: Subnet) -> Interface:
        observed = node.observed
        attachment = observed.get("Attachment")
        loose = observed.get("Status") == "available" or (attachment is not None and not attachment)
        owner = (attachment or {}).get("InstanceId")
        instance = self.values.node("AWS::EC2::Instance", owner) if owner else None
        state = instance.observed.get("State", "running") if instance else "running"
        state = state.get("Name") if isinstance(state, Mapping) else state
        lost = self.lost("AWS::EC2::Instance") if owner and instance is None else None
        tagged = (node, *([instance] if instance else []))
        return Interface(
            key=node.key,
            subnet=subnet,
            groups=tuple(sorted(self.members(node.properties.get("GroupSet")))),
            blocks=tuple(to_block(text) for text in addresses(observed)),
            public=is_public(observed),
            kind=str(observed.get("InterfaceType") or "interface"),
            takes_others=node.properties.get("SourceDestCheck") is False,
            is_running=not loose and state == "running",
            doubt=Unknown(f"instance {self.values.key(owner)}", lost.why) if lost else None,
            does=next((t for n in tagged if (t := n.tags.get(APPLIANCE_TAG))), ""),
            node=node,
        )

    @cached_property
    def interfaces_of(self) -> dict[str, list[str]]:
        """Return the interfaces of each subnet."""
        found: dict[str, list[str]] = defaultdict(list)
        for key, each in self.interfaces.items():
            found[each.subnet.key].append(key)
        return dict(found)

    @cached_property
    def bearers(self) -> Bearers:
        """Return the interfaces by their addresses."""
        return Bearers(self.interfaces.values())

    @cached_property
    def first_interfaces(self) -> dict[str, str]:
        """Return the first interface of each instance."""
        return {
            node.key: self.values.key(next(iter(node.observed["NetworkInterfaceIds"])))
            for node in self.values.ec2("Instance")
            if node.observed.get("NetworkInterfaceIds")
        }

    def members(self, value: Any) -> Iterator[str]:  # noqa: ANN401  (a list of Refs)
        """Yield the names of the groups that an interface or an endpoint bears."""
        for item in value or ():
            name = self.group_names.name(item)
            is_default = getattr(item, "type", "") == DEFAULT_GROUP
            plain = self.values.key(item)
            yield name if is_default or plain not in self.groups else plain

    @cached_property
    def attachment_of(self) -> dict[tuple[str, str], Attachment]:
        """Return the attachment of (VPC, transit gateway)."""
        return {(a.vpc, a.gateway): a for a in self.attachments.values() if a.vpc}

    @cached_property
    def attachments_by_vpc(self) -> dict[str, list[Attachment]]:
        """Return the attachments of each VPC; "" has those of no VPC."""
        found: dict[str, list[Attachment]] = defaultdict(list)
        for each in self.attachments.values():
            found[each.vpc].append(each)
        return dict(found)

    @cached_property
    def associations(self) -> dict[str, str]:
        """Return the transit gateway route table with which each attachment is associated."""
        return {
            self.values.key(node.properties["TransitGatewayAttachmentId"]): self.values.key(
                node.properties["TransitGatewayRouteTableId"]
            )
            for node in self.values.ec2("TransitGatewayRouteTableAssociation")
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
    def untagged(self) -> tuple[str, ...]:
        """Return attached VPCs of ours whose segment's tag is missing."""
        attached = {attachment.vpc for attachment in self.attachments.values()}
        return tuple(
            vpc
            for vpc, node in self.vpcs.items()
            if vpc in attached and KEY_TAG in node.tags and SEGMENT_TAG not in node.tags
        )

    @cached_property
    def edge_tables(self) -> dict[str, str]:
        """Return the route tables that are associated with gateways (ingress routing)."""
        found = {
            self.values.key(node.properties.get("GatewayId")): self.values.key(
                node.properties.get("RouteTableId")
            )
            for node in self.values.ec2("GatewayRouteTableAssociation")
        }
        for node in self.values.ec2("RouteTable"):
            for gateway in node.observed.get("GatewayAssociations") or ():
                found[self.values.key(gateway)] = node.key
        return found

    @cached_property
    def peerings(self) -> dict[str, Node]:
        """Return the peering connections."""
        return {node.key: node for node in self.values.ec2("VPCPeeringConnection")}

    @cached_property
    def peered(self) -> frozenset[frozenset[str]]:
        """Return the pairs of VPCs of one Region between which a peering is active.

        F4: "you can't reference the security group of a peer VPC in a different Region".
        """
        return frozenset(
            ends
            for node in self.peerings.values()
            if peering_status(node) == "active"
            and self.is_one_region(ends := self.peering_ends(node))
        )

    def is_one_region(self, vpcs: frozenset[str]) -> bool:
        """Tell whether VPCs that are in the input are of one Region."""
        return len({self.vpcs[vpc].region for vpc in vpcs if vpc in self.vpcs}) < 2

    def peering_ends(self, node: Node) -> frozenset[str]:
        """Return the two VPCs of a peering."""
        return frozenset(self.values.key(node.properties.get(n)) for n in ("VpcId", "PeerVpcId"))

    @cached_property
    def public_access_exclusions(self) -> dict[str, str]:
        """Return the exclusions from Block Public Access by VPC or subnet."""
        return {
            self.values.key(node.properties.get("VpcId") or node.properties.get("SubnetId")): str(
                node.properties.get("InternetGatewayExclusionMode")
            )
            for node in self.values.ec2("VPCBlockPublicAccessExclusion")
        }

    def public_access(self, vpc: str) -> tuple[str, Node | None]:
        """Return the mode of Block Public Access for a VPC, and its node.

        F17: it is a switch of an account in a Region. What is only wanted may name neither.
        """
        home = self.vpcs.get(vpc)
        for node in self.values.ec2("VPCBlockPublicAccessOptions"):
            if home is None or _in_one_place(node, home):
                return str(node.properties.get("InternetGatewayBlockMode", "off")), node
        return "off", None

    def transit_references(self, vpc: str) -> bool | Unknown:
        """Tell whether group references match across the transit gateway of a VPC.

        F5: the gateway's switch is off by default, an attachment's is on (EC2 API, the options
        SecurityGroupReferencingSupport).
        """
        for attachment in self.attachments.values():
            if attachment.vpc != vpc:
                continue
            gateway = self.graph.get(("AWS::EC2::TransitGateway", attachment.gateway))
            if gateway is None:
                return Unknown(f"transit gateway {attachment.gateway}", "not in the input")
            name = "SecurityGroupReferencingSupport"
            option = gateway.properties.get(name)
            option = option or (gateway.properties.get("Options") or {}).get(name)
            if option == "enable" and attachment.references_groups:
                return True
        return False


def _in_one_place(node: Node, other: Node) -> bool:
    pairs = ((node.account, other.account), (node.region, other.region))
    return all(a == b or not a or not b for a, b in pairs)


def by_subnet(values: Values, kind: str) -> dict[str, Node]:
    """Return the associations of one type by their subnets."""
    return {values.key(node.properties.get("SubnetId")): node for node in values.ec2(kind)}


def peering_status(node: Node) -> str:
    """Return the state of a peering, `active` where nobody says otherwise."""
    status = node.observed.get("Status", "active")
    return str(status.get("Code") if isinstance(status, Mapping) else status)


# Where DescribeNetworkInterfaces says which addresses an interface has.
_ADDRESS_MEMBERS = {
    "PrivateIpAddresses": "PrivateIpAddress",
    "Ipv6Addresses": "Ipv6Address",
    "Ipv4Prefixes": "Ipv4Prefix",
    "Ipv6Prefixes": "Ipv6Prefix",
}


def addresses(observed: Mapping[str, Any]) -> Iterator[str]:
    """Yield the private addresses and prefixes of an interface."""
    for members, member in _ADDRESS_MEMBERS.items():
        for item in observed.get(members) or ():
            text = item.get(member) if isinstance(item, Mapping) else item
            if text:
                yield str(text)


def is_public(observed: Mapping[str, Any]) -> bool:
    """Tell whether an interface has a public IPv4 address."""
    if observed.get("PublicIp") is not None:
        return True
    items = observed.get("PrivateIpAddresses") or ()
    return any(isinstance(item, Mapping) and item.get("Association") for item in items)

"""A network → its VPCs with their tiers and edges, its segments and peerings, for a scene."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from ringwall.picture.boxes import Box, Boxes
from ringwall.picture.naming import box_names, name_of, vpc_names
from ringwall.picture.scene import Badge, Group, Link, Segment, Vpc
from ringwall.picture.tiers import attached_alone, tier_name, tiers
from ringwall.reach.blocks import Block
from ringwall.reach.elements import Subnet
from ringwall.reach.engine import Engine
from ringwall.reach.network import Network, peering_status


class Facts:
    """What stands in a network."""

    def __init__(self, engine: Engine, boxes: Boxes) -> None:
        self.engine, self.network, self.boxes = engine, engine.network, boxes
        self.names = vpc_names(self.network)
        self.box_names = box_names(self.network, boxes.all)
        self._segment_of = {
            vpc: name for name, members in self.network.segments.items() for vpc in members
        }
        self._overlaps = _overlaps(self.network)
        self._attached = attached_alone(self.network)
        self._boxes: dict[str, list[Box]] = defaultdict(list)
        for box in boxes.all:
            self._boxes[box.vpc].append(box)

    def vpcs(self) -> tuple[Vpc, ...]:
        """Return every VPC: segment by segment, those of none last."""
        order = {name: number for number, name in enumerate(self.network.segments)}
        found = [self._vpc(key) for key in self.network.vpcs]
        return tuple(sorted(found, key=lambda vpc: order.get(vpc.segment, len(order))))

    def _vpc(self, key: str) -> Vpc:
        network = self.network
        node = network.vpcs[key]
        subnets = self.engine.ends.subnets_of(key)
        everywhere = {str(u) for u in self.engine.gaps.of()}
        return Vpc(
            key=key,
            name=self.names[key],
            cidrs=tuple(map(str, network.blocks.get(key, ()))),
            account=node.account,
            region=node.region,
            segment=self._segment_of.get(key, ""),
            tiers=tuple(tiers(subnets, self._groups(key, subnets), self._attached)),
            badges=tuple(self._badges(key)),
            gaps=tuple(str(u) for u in self.engine.gaps.of(key) if str(u) not in everywhere),
        )

    def _groups(self, vpc: str, subnets: list[Subnet]) -> dict[str, list[Group]]:
        """Return the groups of a VPC by the first subnet in which they stand."""
        tier = {subnet.key: tier_name(subnet) for subnet in subnets}
        found: dict[str, list[Group]] = defaultdict(list)
        for box in self._boxes[vpc]:
            names = dict.fromkeys(tier[key] for key in box.subnets)
            others = tuple(names)[1:]
            name = self.box_names[vpc, box.key]
            group = Group(box.key, name, box.interfaces, box.holds, others)
            found[box.subnets[0]].append(group)
        return found

    def _badges(self, vpc: str) -> Iterator[Badge]:
        network = self.network
        if not self.engine.ends.subnets_of(vpc):
            yield Badge("no subnets", wrong=True)
        for other, blocks in self._overlaps.get(vpc, ()):
            yield Badge(f"overlaps {self.names[other]}", f"both hold {blocks}", wrong=True)
        if vpc in network.internet_gateways:
            yield Badge("internet gateway", network.internet_gateways[vpc].key)
        nats = [nat.key for nat in network.nats.values() if nat.vpc == vpc]
        if nats:
            yield Badge(_counted(len(nats), "NAT gateway"), ", ".join(nats))
        for gateway in network.private_gateways.get(vpc, ()):
            yield Badge("virtual private gateway", gateway)
        services = [
            str(node.properties.get("ServiceName", node.key)).rsplit(".", 1)[-1]
            for node in network.values.ec2("VPCEndpoint")
            if network.values.key(node.properties.get("VpcId")) == vpc
            and node.properties.get("VpcEndpointType") != "Interface"
        ]
        if services:
            yield Badge(f"endpoints: {', '.join(sorted(services))}", "gateway endpoints")
        gateways = [each.gateway for each in network.attachments.values() if each.vpc == vpc]
        if len(gateways) > 1:
            yield Badge(f"attached to {', '.join(gateways)}")
        for key, node in network.peerings.items():
            ends = network.peering_ends(node)
            if vpc in ends:
                others = " and ".join(self.names.get(e, e) for e in sorted(ends - {vpc}))
                state = peering_status(node)
                how = "peered with" if state == "active" else f"peering, {state}, with"
                yield Badge(f"{how} {others}", f"{key}: {state}")

    def segments(self) -> tuple[Segment, ...]:
        """Return the route domains of Transit Gateways, in the order of their VPCs."""
        network = self.network
        table_of = {
            self._segment_of[each.vpc]: network.associations[key]
            for key, each in network.attachments.items()
            if each.vpc in self._segment_of and key in network.associations
        }
        found = []
        for name in network.segments:
            table = network.transit_tables.get(table_of.get(name, ""))
            gateway = str(table.node.properties.get("TransitGatewayId", "")) if table else ""
            if table:
                gateway = network.values.key(table.node.properties.get("TransitGatewayId"))
            shown = name_of(table.node, name) if table and table.key == name else name
            others = tuple(
                f"{each.kind} {each.resource or each.key}"
                for key, each in network.attachments.items()
                if not each.vpc and table and network.associations.get(key) == table.key
            )
            routes = self._routes_to(table.key) if table else {}
            found.append(Segment(name, shown, gateway, self._told_routes(routes), others))
        return tuple(found)

    def _routes_to(self, table: str) -> Mapping[str, set[str]]:
        """Return the VPCs that a table has a route to, by segment."""
        found: dict[str, set[str]] = defaultdict(set)
        for route in self.network.transit_tables[table].routes:
            target = self.network.attachments.get(str(route.attachment))
            if target is None or route.blackhole:
                continue
            if target.vpc in self._segment_of:
                found[self._segment_of[target.vpc]].add(target.vpc)
            elif not target.vpc:
                found[f"{target.kind} {target.resource or target.key}"].add(target.key)
        return found

    def _told_routes(self, routes: Mapping[str, set[str]]) -> tuple[str, ...]:
        told = []
        for name, vpcs in routes.items():
            members = len(self.network.segments.get(name, vpcs))
            part = f" ({len(vpcs)} of {members} VPCs)" if len(vpcs) < members else ""
            told.append(self.segment_name(name) + part)
        return tuple(told)

    def segment_name(self, key: str) -> str:
        """Return the name of a segment."""
        table = self.network.transit_tables.get(key)
        return name_of(table.node, key) if table else key

    def links(self) -> tuple[Link, ...]:
        """Return the peering connections."""
        found = []
        for key, node in self.network.peerings.items():
            ends = [
                self.network.values.key(node.properties.get(name))
                for name in ("VpcId", "PeerVpcId")
            ]
            found.append(Link(key, (ends[0], ends[1]), peering_status(node)))
        return tuple(found)


def _counted(count: int, what: str) -> str:
    return what if count == 1 else f"{count} {what}s"


def _overlaps(network: Network) -> dict[str, list[tuple[str, str]]]:
    """Return, for each VPC, the others that hold addresses of it, and the first block shared."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    blocks = sorted(
        ((part, vpc) for vpc, parts in network.blocks.items() for part in parts),
        key=lambda each: (each[0].version, each[0].start, -each[0].end),
    )
    seen: set[frozenset[str]] = set()
    open_blocks: list[tuple[Block, str]] = []
    for part, vpc in blocks:
        open_blocks = [(p, v) for p, v in open_blocks if p.overlaps(part)]
        for other, owner in open_blocks:
            pair = frozenset({vpc, owner})
            if vpc in network.vpcs and owner in network.vpcs and vpc != owner and pair not in seen:
                seen.add(pair)
                for one, two in ((vpc, owner), (owner, vpc)):
                    found[one].append((two, str(other.common(part))))
        open_blocks.append((part, vpc))
    return found

"""Two sites → the ways of a packet and of its reply.

Rule: where AWS may choose (the zone behind a transit gateway), there is one way for each choice;
where the outside may choose (its entrance), too, but then the one that reaches most counts.
"""

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.graph import Unknown
from ringwall.reach import codes
from ringwall.reach.crossings import (
    answered_through,
    by_edge,
    enter_from_internet,
    route,
    route_by,
)
from ringwall.reach.edges import Ground, acl_step, arrive, group_step
from ringwall.reach.elements import Lead, Subnet
from ringwall.reach.filters import Remote, Spot
from ringwall.reach.inspections import symmetry
from ringwall.reach.internet import MIDDLEBOXES, embedded
from ringwall.reach.levels import PASS_ALL
from ringwall.reach.middleboxes import BEHIND
from ringwall.reach.network import TRANSIT_TYPES
from ringwall.reach.premises import (
    DIRECT_CONNECT,
    VPN,
    announces,
    entrances,
    is_down,
    line_of,
    unread_line,
)
from ringwall.reach.transit import LINES, WORKING, enter, gateways_of
from ringwall.reach.ways import Goal, Kind, Position, Site, Step, Translator, Via, Way

# What may be an entrance for private addresses of no VPC, if nobody read it.
ENTRANCES = ("AWS::EC2::VPNGateway", "AWS::EC2::VPCPeeringConnection", *TRANSIT_TYPES)
REWRITING = MIDDLEBOXES | {"nat-gateway"}


class Walker:
    """Walks a network; `name_of` says what people call a site."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground

    def forward(self, source: Site, destination: Site, names: tuple[str, str]) -> list[Way]:
        """Return the ways of the first packet of a connection."""
        start = Position(
            steps=(),
            source=source.spot,
            goal=goal_of(destination, names[1]),
            subnet=source.subnet,
            sender_groups=frozenset(source.groups),
            sender_public=source.public,
            sender_vpc=source.vpc,
        )
        if source.subnet is not None:
            return list(self._depart(start, source, names[0]))
        return list(self._from_outside(start, source, names[0]))

    def back(self, source: Site, destination: Site, way: Way, names: tuple[str, str]) -> list[Way]:
        """Return the ways of the reply to a packet that went along `way`, routed on its own."""
        home = goal_of(source, names[0])
        ends = (source.spot, destination.spot)
        found = self._back(destination, way, names[1], home)
        return [symmetry(self.ground, way, each, ends) for each in found]

    def _back(self, destination: Site, way: Way, name: str, home: Goal) -> list[Way]:
        via = way.via
        start = Position(
            steps=(),
            source=destination.spot,
            goal=home if via.nat is None else _stop_over(via.nat),
            subnet=destination.subnet,
            sender_groups=frozenset(destination.groups),
            sender_public=destination.public,
            sender_vpc=destination.vpc,
            is_reply=True,
            tracked=via.middleboxes,
            kept=via.exits,
            egress_only=via.egress_only,
        )
        if destination.subnet is not None:
            first = list(self._depart(start, destination, name))
            if via.nat is None:
                return [_unrewritten(each, way) for each in first]
        elif via.service_endpoint:
            first = list(self._from_service(start, via))
        elif destination.kind is Kind.OUTSIDE and not via.internet_gateway:
            first = list(self._entrances(start, home.name))
        elif via.egress_only:
            first = list(arrive(self.ground, start.add(answered_through(via.egress_only))))
        else:
            # R13: what answers a NAT64 gateway bears the IPv4 address inside the IPv6 one.
            there = embedded(start.source) or start.source
            first = list(enter_from_internet(self.ground, replace(start, source=there)))
        if via.nat is None:
            return first
        reply = replace(start, goal=home)
        return [w for each in first for w in self._after_nat(each, via.nat, reply)]

    def level(self, way: Way, asked: int | None = None) -> int:
        """Return what becomes of each class of packets on a way; `asked`: of replies to a class."""
        levels = self.ground.filters.levels
        found = PASS_ALL
        for step in way.steps:
            level = step.level if asked is None or not step.by_asked else step.by_asked[asked]
            found = levels.meet(found, level)
        return found if way.delivered else levels.undelivered(found)

    def _depart(self, position: Position, sender: Site, name: str) -> Iterator[Way]:
        """Leave an interface: its groups, then, out of the subnet, the ACL and the route table."""
        assert position.subnet is not None
        subnet, goal = position.subnet, position.goal
        if not position.is_reply and sender.kind is Kind.ENDPOINT:
            # R27: an interface endpoint answers requests alone (PrivateLink guide).
            text = "an interface endpoint starts no connections"
            step = Step("endpoint", name, "").dropped(text, codes.NO_INITIATION)
            position = position.add(step)
        far = goal.subnet.vpc if goal.subnet else ""
        remote = Remote(goal.spot, frozenset(goal.groups or ()), self._crossing(subnet, goal), far)
        asked = len(position.steps)
        if not sender.is_open:
            step = group_step(self.ground, position, sender.groups, remote, egress=True)
            position = position.add(step)
        if goal.subnet is not None and goal.subnet.key == subnet.key:
            yield from arrive(self.ground, position)
            return
        position = position.add(acl_step(self.ground, subnet, goal.spot, egress=True))
        for way in route(self.ground, position):
            asks = remote.groups and not sender.is_open and not position.is_reply
            if way.via.middleboxes and asks:
                # F3: a reference matches nothing where a middlebox lies on the way.
                behind = replace(remote, via=BEHIND)
                step = group_step(self.ground, position, sender.groups, behind, egress=True)
                steps = (*way.steps[:asked], step, *way.steps[asked + 1 :])
                yield replace(way, steps=steps)
            else:
                yield way

    def _crossing(self, subnet: Subnet, goal: Goal) -> str:
        """Return what a reference in an egress rule would have to cross."""
        if goal.subnet is None:
            return "internet"
        if goal.subnet.vpc == subnet.vpc:
            return ""
        pair = frozenset({subnet.vpc, goal.subnet.vpc})
        return "peering" if pair in self.ground.network.peered else "transit-gateway"

    def _from_outside(self, position: Position, source: Site, name: str) -> Iterator[Way]:
        goal = position.goal
        if goal.subnet is None:
            unknown = Unknown(f"{name} to {goal.name}", "neither end is in the network")
            yield position.end(Step("outside", name, "").unsure(unknown, unknown.why))
        elif source.kind is Kind.OUTSIDE:
            yield from self._entrances(position, name)
        else:  # a gateway endpoint starts no connections; the service comes from the internet
            yield from enter_from_internet(self.ground, position)

    def _entrances(self, position: Position, name: str) -> Iterator[Way]:
        """Private addresses of no VPC come in by VPN, Direct Connect or peering alone."""
        goal = position.goal
        assert goal.subnet is not None
        vpc = goal.subnet.vpc
        step = Step("outside", name, "")
        found = [*self._by_gateway(position), *self._by_transit(position)]
        found += [
            replace(position, entrance=str(unknown)).end(step.unsure(unknown))
            for unknown in self._missing(vpc)
        ]
        unread = self.ground.network.lost(*ENTRANCES)
        if unread is not None:
            somehow = replace(position, entrance=str(unread))
            found += self._somehow(somehow.add(step.unsure(unread)))
        if not found:
            text = f"{position.source} has no way into {vpc}"
            found.append(position.end(step.dropped(text, codes.NO_ENTRANCE)))
        yield from found

    def _by_gateway(self, position: Position) -> Iterator[Way]:
        """Come in by the virtual private gateways of a VPC."""
        for behind, gateway in entrances(self.ground, position):
            if not gateway:
                yield behind.end()
                continue
            crossed = replace(behind, via=replace(behind.via, crossed="internet"))
            node = self.ground.network.values.node("AWS::EC2::VPNGateway", gateway)
            if node is None:
                unknown = Unknown(f"virtual private gateway {gateway}", "not in the input")
                yield behind.end(Step("outside", str(position.source), "").unsure(unknown))
            else:
                yield from by_edge(self.ground, crossed, node)

    def _somehow(self, position: Position) -> Iterator[Way]:
        """Come in by what was not read: what the goal's ACL and groups drop is dropped anyhow.

        Not so where a table leads it on its way to a middlebox, which may change its source.
        """
        goal, network = position.goal, self.ground.network
        assert goal.subnet is not None
        own = network.blocks.get(goal.subnet.vpc, ())
        is_led = any(
            route.kind != "local"
            and (route.destination is None or any(route.destination.common(b) for b in own))
            for table in network.tables.values()
            if table.vpc == goal.subnet.vpc
            for route in table.routes
            if not (isinstance(route.lead, Lead) and route.lead.kind not in REWRITING)
        )
        if is_led:
            yield position.end()
        else:
            via = replace(position.via, crossed="beyond")
            yield from arrive(self.ground, replace(position, via=via))

    def _missing(self, vpc: str) -> Iterator[Unknown]:
        """Yield what may be a way in and is not in the input, or has no model."""
        network = self.ground.network
        own = network.attachments_by_vpc.get(vpc, ())
        for attachment in own:
            if ("AWS::EC2::TransitGateway", attachment.gateway) not in network.graph:
                what = f"other attachments of transit gateway {attachment.gateway}"
                yield Unknown(what, "not in the input")
        if own:
            for attachment in network.attachments_by_vpc.get("", ()):
                if attachment.kind not in {"vpc", "peering", *LINES}:
                    why = f"attachments of type {attachment.kind!r} are not modelled"
                    yield Unknown(f"attachment {attachment.key}", why)
        for key, node in network.peerings.items():
            ends = network.peering_ends(node)
            if vpc in ends and not ends <= set(network.vpcs):
                yield Unknown(f"peering {key}", "the VPC on the other side is not in the input")

    def _by_transit(self, came: Position) -> Iterator[Way]:
        """Come in by the lines of transit gateways, each by the table of its attachment."""
        gateways = gateways_of(self.ground, came.goal.vpc)
        for far in self.ground.network.attachments_by_vpc.get("", ()):
            if far.kind not in LINES or far.state not in WORKING:
                continue
            if far.gateway not in gateways:
                continue
            position = replace(came, entrance=far.key)
            node = line_of(self.ground, far)
            kind = VPN if far.kind == "vpn" else DIRECT_CONNECT
            step = Step(
                kind, far.resource or far.key, "between the networks", node=node or far.node
            )
            if kind == VPN and node is not None and is_down(node):
                text = f"{node.key} is down"
                yield position.end(step.dropped(text, codes.TRANSIT_BAD_VPN))
                continue
            spot, lost = position.goal.spot, unread_line(self.ground, far)
            if lost is not None:
                step = step.unsure(lost)
            elif (
                kind == DIRECT_CONNECT
                and node is not None
                and not announces(self.ground, node, far.gateway, spot)
            ):
                text = f"{node.key} does not announce {spot}"
                step = step.dropped(text, codes.NOT_ANNOUNCED)
            through = Step("transit-gateway", far.gateway, "", node=far.node)
            via = replace(position.via, crossed="beyond")
            entered = replace(position.add(step), via=via)
            for reached in enter(self.ground, entered, far, "", through):
                if isinstance(reached, Position):
                    yield from route(self.ground, reached)
                else:
                    yield reached

    def _from_service(self, position: Position, via: Via) -> Iterator[Way]:
        text = "the reply comes back through the endpoint"
        position = position.add(Step("gateway-endpoint", via.service_endpoint, text))
        yield from arrive(self.ground, position)

    def _after_nat(self, first: Way, nat: Translator, reply: Position) -> Iterator[Way]:
        """Go on from a translator to the client: by the table of its subnet, or its own."""
        if not first.delivered:
            yield first
            return
        home = reply.goal
        text = f"destination becomes {home.spot} again"
        step = Step(nat.kind, nat.key, text, node=nat.node)
        position = replace(
            reply,
            steps=(*first.steps, step),
            subnet=nat.subnet,
            sender_groups=frozenset(),
            sender_public=False,
            sender_vpc="",
            home=home.vpc,
            via=Via(middleboxes=first.via.middleboxes),
            entrance=first.entrance,
            after_nat=True,
        )
        if nat.subnet is None:
            yield from route_by(self.ground, position, nat.table, nat.key)
        elif home.subnet is not None and home.subnet.key == nat.subnet.key:
            yield from arrive(self.ground, position)
        else:
            step = acl_step(self.ground, nat.subnet, home.spot, egress=True)
            yield from route(self.ground, position.add(step))


def goal_of(end: Site, name: str) -> Goal:
    """Return an end as what ways are to lead to."""
    groups = None if end.is_open else end.groups
    return Goal(name, end.spot, end.subnet, groups, end.public, end.kind.value)


def _stop_over(nat: Translator) -> Goal:
    spot = Spot(4, nat.spot.address)
    home = nat.subnet.vpc if nat.subnet else getattr(nat.table, "vpc", "")
    return Goal(
        nat.key, spot, nat.subnet, nat.groups, nat.public, nat.kind, stop_over=True, home=home
    )


def _unrewritten(way: Way, forward: Way) -> Way:
    """Drop a reply that does not bear the address that was asked: it answers nothing."""
    crossed = way.via
    if crossed.nat is not None or (crossed.egress_only not in {"", forward.via.egress_only}):
        name = crossed.nat.key if crossed.nat is not None else crossed.egress_only
        text = f"the reply would leave through {name}, which never saw the connection"
        step = Step("gateway", name, "").dropped(text, codes.REWRITTEN_REPLY)
        return replace(way, steps=(*way.steps, step), delivered=False)
    return way

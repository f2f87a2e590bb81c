"""Two sites → the ways of a packet and of its reply.

Rule: where AWS may choose (the zone behind a transit gateway), there is one way for each choice.
"""

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.graph import Unknown
from ringwall.reach import codes
from ringwall.reach.crossings import enter_from_internet, route
from ringwall.reach.edges import Ground, acl_step, arrive, group_step
from ringwall.reach.elements import Nat, Subnet
from ringwall.reach.filters import Remote, Spot
from ringwall.reach.gaps import Gaps
from ringwall.reach.levels import PASS_ALL
from ringwall.reach.ways import Goal, Kind, Position, Site, Step, Via, Way


class Walker:
    """Walks a network; `name_of` says what people call a site."""

    def __init__(self, ground: Ground, gaps: Gaps) -> None:
        self.ground = ground
        self.gaps = gaps

    def forward(self, source: Site, destination: Site, names: tuple[str, str]) -> list[Way]:
        """Return the ways of the first packet of a connection."""
        start = Position(
            steps=(),
            source=source.spot,
            goal=_goal(destination, names[1]),
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
        via = way.via
        home = _goal(source, names[0])
        nat = self.ground.network.nats[via.nat] if via.nat else None
        start = Position(
            steps=(),
            source=destination.spot,
            goal=home,
            subnet=destination.subnet,
            sender_groups=frozenset(destination.groups),
            sender_public=destination.public,
            sender_vpc=destination.vpc,
            is_reply=True,
        )
        if destination.subnet is not None:
            if nat is None:
                first = self._depart(start, destination, names[1])
                return [_unrewritten(each, way) for each in first]
            start = replace(start, goal=self._stop_over(nat))
            return [
                joined
                for each in self._depart(start, destination, names[1])
                for joined in self._after_nat(each, nat, destination.spot, home)
            ]
        if via.service_endpoint:
            return list(self._from_service(start, via, home))
        if nat is not None:
            first = enter_from_internet(self.ground, replace(start, goal=self._stop_over(nat)))
            return [
                joined
                for each in first
                for joined in self._after_nat(each, nat, destination.spot, home)
            ]
        if via.egress_only:
            text = "lets in replies of connections from inside"  # R10
            step = Step("egress-only-internet-gateway", via.egress_only, text)
            return list(arrive(self.ground, start.add(step)))
        return list(enter_from_internet(self.ground, start))

    def level(self, way: Way) -> int:
        """Return what becomes of each class of packets on a way."""
        levels = self.ground.filters.levels
        found = PASS_ALL
        for step in way.steps:
            found = levels.meet(found, step.level)
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
        step = group_step(self.ground, position, sender.groups, remote, egress=True)
        position = position.add(step)
        if goal.subnet is not None and goal.subnet.key == subnet.key:
            yield from arrive(self.ground, position)
            return
        position = position.add(acl_step(self.ground, subnet, goal.spot, egress=True))
        yield from route(self.ground, position)

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
            yield self._entrance(position, name)
        else:  # a gateway endpoint starts no connections; the service comes from the internet
            yield from enter_from_internet(self.ground, position)

    def _entrance(self, position: Position, name: str) -> Way:
        """Private addresses of no VPC come in by VPN, Direct Connect or peering alone."""
        network, goal = self.ground.network, position.goal
        assert goal.subnet is not None
        step = Step("outside", name, "")
        for attachment in network.attachments.values():
            if attachment.vpc != goal.subnet.vpc:
                continue
            if ("AWS::EC2::TransitGateway", attachment.gateway) not in network.graph:
                what = f"other attachments of transit gateway {attachment.gateway}"
                return position.end(step.unsure(Unknown(what, "not in the input")))
        for unknown in self.gaps.of(goal.subnet.vpc):
            return position.end(step.unsure(unknown))
        text = f"{position.source} has no way into {goal.subnet.vpc}"
        return position.end(step.dropped(text, codes.NO_ENTRANCE))

    def _stop_over(self, nat: Nat) -> Goal:
        assert nat.address is not None
        subnet = self.ground.network.subnets.get(nat.subnet)
        spot = Spot(4, nat.address)
        return Goal(nat.key, spot, subnet, None, public=nat.public, kind="nat-gateway")

    def _from_service(self, position: Position, via: Via, home: Goal) -> Iterator[Way]:
        text = "the reply comes back through the endpoint"
        position = position.add(Step("gateway-endpoint", via.service_endpoint, text))
        if not via.nat:
            yield from arrive(self.ground, position)
            return
        nat = self.ground.network.nats[via.nat]
        for first in arrive(self.ground, replace(position, goal=self._stop_over(nat))):
            yield from self._after_nat(first, nat, position.source, home)

    def _after_nat(self, first: Way, nat: Nat, remote: Spot, home: Goal) -> Iterator[Way]:
        """Go on from a NAT gateway to the client: by the table of the gateway's subnet."""
        if not first.delivered:
            yield first
            return
        text = f"destination becomes {home.spot} again"
        step = Step("nat-gateway", nat.key, text, node=nat.node)
        subnet = self.ground.network.subnets[nat.subnet]
        position = Position(
            steps=(*first.steps, step),
            source=remote,
            goal=home,
            subnet=subnet,
            sender_groups=frozenset(),
            sender_public=False,
            is_reply=True,
        )
        if home.subnet is not None and home.subnet.key == subnet.key:
            yield from arrive(self.ground, position)
            return
        position = position.add(acl_step(self.ground, subnet, home.spot, egress=True))
        yield from route(self.ground, position)


def _goal(end: Site, name: str) -> Goal:
    return Goal(name, end.spot, end.subnet, end.groups, end.public, end.kind.value)


def _unrewritten(way: Way, forward: Way) -> Way:
    """Drop a reply that does not bear the address that was asked: it answers nothing."""
    crossed = way.via
    if crossed.nat or (crossed.egress_only and not forward.via.egress_only):
        name = crossed.nat or crossed.egress_only
        text = f"the reply would leave through {name}, which never saw the connection"
        step = Step("gateway", name, "").dropped(text, codes.REWRITTEN_REPLY)
        return Way((*way.steps, step), False, way.via)
    return way

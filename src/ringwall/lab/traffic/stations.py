"""The steps of a traced packet → what each interface and transit gateway on its way logs of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ringwall.lab.traffic.estate import Estate
from ringwall.lab.traffic.interfaces import Interface, Machine, made_id
from ringwall.lab.traffic.outside import Outside
from ringwall.trace import codes
from ringwall.trace.filters import Decision, Outcome
from ringwall.trace.path import AclFilter, GroupFilter, Step

# traffic-path of what leaves an interface (VPC guide, flow log records).
SAME_VPC, GATEWAY, PEERING, BY_ENDPOINT, BY_INTERNET_GATEWAY = 1, 3, 4, 7, 8
PATHS = {
    "internet-gateway": BY_INTERNET_GATEWAY,
    "egress-only-internet-gateway": BY_INTERNET_GATEWAY,
    "gateway-endpoint": BY_ENDPOINT,
    "peering": PEERING,
    "virtual-private-gateway": GATEWAY,
}
BLOCKED = "BPA"  # reject-reason: VPC Block Public Access
FILTERS = frozenset({"network-acl", "security-group"})
BALANCING = frozenset({"load-balancer", "target-group", "endpoint-service"})
REMOTE = ""  # an address that the conversation says: the one end that is outside


@dataclass(frozen=True, slots=True)
class Leg:
    """What a transit gateway logs of a flow at one of its attachments."""

    gateway: str
    attachment: str
    pair: str = ""
    source: Interface | None = None
    destination: Interface | None = None
    lost: str = ""  # no-route, blackhole


@dataclass(frozen=True, slots=True)
class Vantage:
    """One place that logs one direction of a conversation.

    `reply`: of the answer. `translated`: the client's port is the one that a NAT gateway chose.
    With a `leg` it is a transit gateway's, and `interface` is that of the attachment.
    """

    interface: Interface
    egress: bool
    reply: bool
    source: str
    destination: str
    packet_source: str
    packet_destination: str
    action: str
    protocol: int
    version: int
    path: int = 0
    translated: bool = False
    reason: str = ""
    leg: Leg | None = None


End = Machine | Outside


@dataclass(slots=True)
class Way:
    """Where one direction of a conversation has come to; `follow` goes on, `seen` tells."""

    estate: Estate
    ends: tuple[End, End]
    version: int
    protocol: int
    reply: bool
    vacant: bool = False
    nat: Interface | None = None  # of a reply: the gateway that its packet went through
    dropped: bool = False
    _vantages: list[Vantage] = field(default_factory=list)
    _at: Interface | None = None
    _source: str = ""
    _destination: str = ""
    _waiting: Decision | None = None  # an ACL's word about what enters the next station
    _outer: bool = False  # beyond a NAT gateway, seen from the client

    def __post_init__(self) -> None:
        first, last = self.ends[::-1] if self.reply else self.ends
        self._source, self._destination = self._text(first), self._text(last)
        self._at = first.interface if isinstance(first, Machine) else None
        self._outer = self.reply and self.nat is not None
        if self._outer and self.nat is not None:
            self._destination = self.nat.ipv4

    def seen(self) -> Iterator[Vantage]:
        """Yield what is logged, in the order of the way."""
        legs = [v for v in self._vantages if v.leg is not None]
        for each in self._vantages:
            if each.leg is None or not each.egress:
                far = next((v for v in legs if v.egress), None) if each.leg is not None else None
                yield each if far is None else replace(each, leg=_joined(each, far))
            else:
                near = next((v for v in legs if not v.egress), None)
                yield each if near is None else replace(each, leg=_joined(each, near))

    def follow(self, steps: Iterable[tuple[Step, Decision]]) -> None:
        """Read the steps until one of them does not pass."""
        rest = list(steps)
        if self._at is not None:
            self._leave(self._word(rest))
            while rest and rest[0][0].kind in FILTERS and _is_egress(rest[0][0]):
                del rest[0]
        while rest and not self.dropped:
            (step, decision), rest = rest[0], rest[1:]
            if step.kind == "security-group" or step.kind in BALANCING:
                self._arrive(decision if step.kind == "security-group" else None)
                return
            self._pass(step, decision, rest)
            if decision.outcome is Outcome.DROP and step.kind not in FILTERS:
                self.dropped = True
        if not self.dropped:
            self._arrive(None)

    def _pass(self, step: Step, decision: Decision, rest: list[tuple[Step, Decision]]) -> None:
        """Go through what is neither an interface's group nor the end."""
        drops = decision.outcome is Outcome.DROP
        match step.kind:
            case "network-acl" if not _is_egress(step):
                self._waiting = decision
            case "nat-gateway" if not drops:
                self._through_nat(step)
                if not self.dropped and self._at is not None:
                    further = {"source": self._at.ipv4} if self.reply else {}
                    self._leave(self._word(rest), **further)
            case "transit-gateway-route-table":
                self._into_transit(step, drops=drops)
            case "attachment" if not drops:
                self._out_of_transit(step, self._word(rest))
            case "block-public-access" if drops:
                self._block()
            case kind if kind in PATHS:
                self._by(PATHS[kind])
            case _:
                pass

    def _block(self) -> None:
        """Reject at the interface next to the gateway (VPC guide, flow logs: reject-reason BPA)."""
        end = self.ends[0 if self.reply else -1]
        if self._at is not None and self._vantages:
            blocked = replace(self._vantages[-1], action="REJECT", reason=BLOCKED)
            self._vantages[-1] = blocked
        elif isinstance(end, Machine) and not self.vacant:
            self._log(end.interface, egress=False, action="REJECT", reason=BLOCKED)

    def _let_in(self) -> bool:
        """Tell whether the ACL lets the packet into the next station, and forget its word."""
        waiting, self._waiting = self._waiting, None
        return not _drops(waiting)

    def _word(self, steps: list[tuple[Step, Decision]]) -> Step | None:
        """Return the step that stops what leaves the present station, if one does."""
        for step, decision in steps:
            if step.kind not in FILTERS or not _is_egress(step):
                return None
            if decision.outcome is Outcome.DROP:
                return step
        return None

    def _log(self, at: Interface, *, egress: bool, action: str, **further: object) -> None:
        values: dict[str, Any] = {
            "source": self._source,
            "destination": self._destination,
            "packet_source": self._source,
            "packet_destination": self._destination,
            "translated": self._outer,
            "path": SAME_VPC if egress else 0,
        } | further
        self._vantages.append(
            Vantage(
                interface=at,
                egress=egress,
                reply=self.reply,
                action=action,
                protocol=self.protocol,
                version=self.version,
                **values,
            )
        )

    def _leave(self, stopped: Step | None, **further: object) -> None:
        assert self._at is not None
        self.dropped = stopped is not None
        action = "REJECT" if self.dropped else "ACCEPT"
        self._log(self._at, egress=True, action=action, **further)

    def _arrive(self, decision: Decision | None) -> None:
        end = self.ends[0 if self.reply else -1]
        drops = not self._let_in() or _drops(decision)
        self.dropped = drops
        if isinstance(end, Machine) and not self.vacant:
            self._log(end.interface, egress=False, action="REJECT" if drops else "ACCEPT")

    def _through_nat(self, step: Step) -> None:
        key = step.node.key if step.node is not None else step.name
        gateway = self.estate.nats[key]
        self._at, self.nat = gateway, gateway
        self.dropped = not self._let_in()
        action = "REJECT" if self.dropped else "ACCEPT"
        if self.reply:
            client = self._text(self.ends[0])
            self._log(gateway, egress=False, action=action)
            self._destination, self._outer = client, False
        else:
            inner = self._destination
            self._log(
                gateway,
                egress=False,
                action=action,
                destination=gateway.ipv4,
                packet_destination=inner,
            )
            self._source, self._outer = gateway.ipv4, True

    def _into_transit(self, step: Step, *, drops: bool) -> None:
        if self._at is None:
            return
        entry = self._entry(self._at)
        if entry is None:
            return
        stopped = not self._let_in()
        self._log(
            entry,
            egress=False,
            action="REJECT" if stopped else "ACCEPT",
            # Where an attachment's subnet has no address of the family, the packet's own stands.
            destination=entry.address(self.version) or self._destination,
        )
        self.dropped = stopped
        if stopped:
            return
        lost = ""
        if drops:
            lost = "no-route" if step.code == codes.TRANSIT_NO_ROUTE else "blackhole"
        self._leg(entry, egress=False, lost=lost)

    def _leg(self, at: Interface, *, egress: bool, lost: str = "") -> None:
        estate = self.estate
        attachment = next(
            a
            for a in estate.network.attachments.values()
            if at.subnet in a.subnets and a.vpc == at.vpc
        )
        gateway = estate.network.graph.get(("AWS::EC2::TransitGateway", attachment.gateway))
        leg = Leg(
            gateway=(gateway.physical_id if gateway is not None else "")
            or made_id("tgw", estate.seed, attachment.gateway),
            attachment=attachment.node.physical_id
            or made_id("tgw-attach", estate.seed, attachment.key),
            source=None if egress else at,
            destination=at if egress else None,
            lost=lost,
        )
        self._log(at, egress=egress, action="ACCEPT", leg=leg)

    def _out_of_transit(self, step: Step, stopped: Step | None) -> None:
        key = step.text.rsplit("into ", 1)[-1]
        out = self.estate.transits.get(key)
        if out is None:
            return
        self._leg(out, egress=True)
        self._at = out
        self._leave(stopped, source=out.address(self.version) or self._source)

    def _entry(self, at: Interface) -> Interface | None:
        found = [each for each in self.estate.transits.values() if each.vpc == at.vpc]
        return next((each for each in found if each.zone == at.zone), found[0] if found else None)

    def _by(self, path: int) -> None:
        last = self._vantages[-1] if self._vantages else None
        if last is not None and last.egress and last.leg is None:
            self._vantages[-1] = replace(last, path=path)

    def _text(self, end: End) -> str:
        return end.interface.address(self.version) if isinstance(end, Machine) else REMOTE


def _is_egress(step: Step) -> bool:
    if isinstance(step.filter, AclFilter | GroupFilter):
        return step.filter.egress
    # A reply passes groups by the state of its connection; an ACL that is not known says its way.
    return step.kind == "security-group" or step.text.startswith("out")


def _drops(decision: Decision | None) -> bool:
    return decision is not None and decision.outcome is Outcome.DROP


def _joined(one: Vantage, other: Vantage) -> Leg:
    assert one.leg is not None
    assert other.leg is not None
    return replace(
        one.leg,
        pair=other.leg.attachment,
        source=one.leg.source or other.leg.source,
        destination=one.leg.destination or other.leg.destination,
    )

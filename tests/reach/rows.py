"""Which rows of the contract of semantics decide an answer of the tracer.

Rule: a row decides where the hop that decides is its own, or where it chose the way or admitted the
packet on it (a local route, a zone, a reference to a group) and the answer rests on that way.
Rule: an UNKNOWN is decided by no row; a row without a line here has no test that counts it yet.
"""

from collections.abc import Callable
from ipaddress import ip_address, ip_network

from ringwall.trace import codes
from ringwall.trace.network import Network
from ringwall.trace.trace import Hop
from tests.networks.questions import ICMP, ICMPV6, Question
from tests.reach.oracle import Told

Test = Callable[["Look"], bool]


class Look:
    """What the rows look at."""

    def __init__(self, network: Network, question: Question, told: Told) -> None:
        self.network, self.question, self.told = network, question, told
        self.hops: tuple[Hop, ...] = told.hops
        self.decisive = told.decisive
        self.code = self.decisive.code if self.decisive else ""

    def passes(self, kind: str) -> bool:
        """Tell whether the way goes through a kind of place."""
        return any(hop.kind == kind for hop in self.hops)

    def of_kind(self, kind: str) -> list[Hop]:
        return [hop for hop in self.hops if hop.kind == kind]

    @property
    def routes(self) -> list[Hop]:
        return self.of_kind("route-table")

    def decided(self, kind: str) -> bool:
        return self.decisive is not None and self.decisive.kind == kind

    def goes(self, text: str) -> bool:
        """Tell whether a route of the way leads to a kind of target."""
        return any(text in hop.text for hop in self.routes)

    @property
    def far(self) -> bool:
        """Tell whether the ends are in two VPCs."""
        vpcs = {self.question.source.vpc, self.question.destination.vpc}
        return len(vpcs) == 2 and "" not in vpcs

    def candidates(self) -> int:
        """Return how many routes of the first table hold the destination."""
        subnet = self.network.subnets.get(self.question.source.subnet)
        table = getattr(subnet, "table", None)
        if table is None or not hasattr(table, "routes"):
            return 0
        address = ip_address(self.question.receiver)
        return sum(
            1
            for route in table.routes
            if route.destination is not None
            and route.destination.version == address.version
            and route.destination.start <= int(address) < route.destination.end
        )


def _specific(look: Look) -> bool:
    return look.far is False and any(
        hop.rule and "local" not in hop.text and "/" in hop.rule and _in_vpc(look, hop.rule)
        for hop in look.routes
    )


def _in_vpc(look: Look, rule: str) -> bool:
    text = rule.rsplit(maxsplit=1)[-1]
    blocks = look.network.blocks.get(look.question.source.vpc, ())
    try:
        first = int(ip_network(text).network_address)
    except ValueError:
        return False
    return any(block.start <= first < block.end for block in blocks)


def _several_blocks(look: Look) -> bool:
    vpc = look.question.source.vpc or look.question.destination.vpc
    return look.goes("-> local") and len(look.network.blocks.get(vpc, ())) > 1


def _group_rules(look: Look) -> list[str]:
    return [hop.text for hop in look.of_kind("security-group") if hop.verdict == "pass"]


def _by_group(look: Look) -> bool:
    return any(
        f"{word} {key}" in text
        for text in _group_rules(look)
        for key in look.network.groups
        for word in ("from", "to")
    )


def _self(look: Look) -> bool:
    both = set(look.question.source.groups) & set(look.question.destination.groups)
    return any(f"from {key}" in text for text in _group_rules(look) for key in both)


def _mine(look: Look, *found: str) -> bool:
    return look.code in found


ROWS: dict[str, Test] = {
    "R1": lambda x: any(h.name.endswith("/main") or "main table" in h.name for h in x.routes),
    "R2": lambda x: x.candidates() > 1,
    "R3": lambda x: _several_blocks(x) or _specific(x),
    "R4": lambda x: (
        bool(x.question.source.subnet) and x.question.source.subnet == x.question.destination.subnet
    ),
    "R5": lambda x: x.goes("virtual-private-gateway"),
    "R6": lambda x: x.told.answer.verdict == "UNDETERMINED" or any("pl-" in h.id for h in x.routes),
    "R7": lambda x: _mine(x, codes.BAD_ROUTE, codes.TRANSIT_BAD_ROUTE),
    "R8": lambda x: _mine(x, codes.NEVER_FORWARDED),
    "R9": lambda x: x.question.version == 4 and x.passes("internet-gateway"),
    "R10": lambda x: x.passes("egress-only-internet-gateway"),
    "R11": lambda x: x.passes("nat-gateway"),
    "R12": lambda x: x.passes("nat-gateway") and "IGW" in x.code,
    "R13": lambda x: x.goes("64:ff9b::/96"),
    "R14": lambda x: x.goes("-> network-interface") or x.goes("-> instance"),
    "R17": lambda x: x.passes("peering"),
    "R18": lambda x: x.passes("transit-gateway-route-table"),
    "R19": lambda x: _mine(x, codes.TRANSIT_ZONE, codes.TRANSIT_FAR_ZONE),
    "R20": lambda x: any("propagated" in h.text for h in x.of_kind("transit-gateway-route-table")),
    "R21": lambda x: any("peer" in h.text for h in x.of_kind("transit-gateway-route-table")),
    "R22": lambda x: x.passes("attachment"),
    "R23": lambda x: sum(h.kind == "attachment" for h in x.hops) > 1,
    "R24": lambda x: x.goes("-> virtual-private-gateway"),
    "R26": lambda x: x.passes("gateway-endpoint"),
    "R27": lambda x: "endpoint" in {x.question.source.kind, x.question.destination.kind},
    "F1": lambda x: x.decided("security-group"),
    "F2": lambda x: any(h.rule == "state" for h in x.hops),
    "F3": _by_group,
    "F4": lambda x: _by_group(x) and x.passes("peering"),
    "F5": lambda x: _by_group(x) and x.passes("transit-gateway-route-table"),
    "F6": _self,
    "F7": lambda x: x.question.protocol in {ICMP, ICMPV6},
    "F8": lambda x: x.question.protocol not in {1, 6, 17, 58},
    "F9": lambda x: x.decided("network-acl"),
    "F10": lambda x: x.told.answer.verdict == "PARTIAL",
    "F11": lambda x: x.passes("transit-gateway-route-table") and len(x.of_kind("network-acl")) > 2,
    "F17": lambda x: x.decided("block-public-access"),
    "F20": lambda x: x.question.version == 6,
}


def rows_of(network: Network, question: Question, told: Told) -> list[str]:
    """Return the rows that decide an answer."""
    if told.answer.verdict == "UNKNOWN":
        return []
    look = Look(network, question, told)
    return [row for row, test in ROWS.items() if test(look)]

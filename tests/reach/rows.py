"""Which rows of the contract of semantics decide an answer of the tracer.

Rule: a row decides where the hop that decides is its own, or where it chose the way or admitted the
packet on it (a local route, a zone, a reference to a group) and the answer rests on that way.
Rule: an UNKNOWN is decided by no row; a row without a line here has no test that counts it yet.
"""

from collections.abc import Callable
from ipaddress import ip_address, ip_network

from ringwall.trace import codes
from ringwall.trace.balancers import balancers
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


def _preferred(look: Look) -> bool:
    """Tell whether a static or local route won over a propagated one."""
    ends = {ip_address(look.question.sender), ip_address(look.question.receiver)}
    for hop in look.routes:
        table = look.network.tables.get(hop.name)
        learned = [r for r in table.routes if r.origin == "propagated"] if table else []
        for route in learned:
            part = ip_network(str(route.destination))
            is_rival = str(part) == hop.rule or "-> local" in hop.text
            if is_rival and any(end in part for end in ends):
                return True
    return False


def _translated_by_instance(look: Look) -> bool:
    boxes = look.of_kind("appliance")
    return any(hop.text != "forwards unchanged" and hop.verdict != "unknown" for hop in boxes)


def _edge(look: Look) -> bool:
    tables = set(look.network.edge_tables.values())
    redirected = _mine(look, codes.INGRESS_NOT_PUBLIC, codes.INGRESS_REDIRECTION)
    return redirected or any(hop.name in tables for hop in look.routes)


def _translated_to_private(look: Look) -> bool:
    """Tell whether a NAT gateway's private address decided, or was the source somewhere inside."""
    if not look.passes("nat-gateway"):
        return False
    return _mine(look, codes.NO_PUBLIC_ADDRESS_OUT) or not look.passes("internet-gateway")


def _uncut(look: Look) -> bool:
    """Tell whether an entry with bits behind its prefix matched."""
    for hop in look.of_kind("network-acl"):
        for way, word in (("ingress", " from "), ("egress", " to ")):
            address = ("AWS::EC2::NetworkAclEntry", f"{hop.name}:{way}:{hop.rule}")
            node = look.network.graph.get(address)
            cidr = node.properties.get("CidrBlock") if node is not None else None
            if cidr and str(ip_network(cidr, strict=False)) != cidr and word in hop.text:
                return True
    return False


def _balanced(look: Look, *kinds: str) -> bool:
    known = balancers(look.network)
    names = {hop.name for hop in look.of_kind("load-balancer")}
    return any(name in known and known[name].kind in kinds for name in names)


def _with_policy(look: Look) -> bool:
    nodes = [
        look.network.graph.get(("AWS::EC2::VPCEndpoint", hop.name))
        for hop in look.of_kind("gateway-endpoint")
    ]
    return any(node is not None and "PolicyDocument" in node.properties for node in nodes)


ROWS: dict[str, Test] = {
    "R1": lambda x: any(h.name.endswith("/main") or "main table" in h.name for h in x.routes),
    "R2": lambda x: x.candidates() > 1,
    "R3": lambda x: _several_blocks(x) or _specific(x),
    "R4": lambda x: (
        bool(x.question.source.subnet) and x.question.source.subnet == x.question.destination.subnet
    ),
    "R5": _preferred,
    "R6": lambda x: x.told.answer.verdict == "UNDETERMINED" or any("pl-" in h.id for h in x.routes),
    "R7": lambda x: _mine(x, codes.BAD_ROUTE, codes.TRANSIT_BAD_ROUTE),
    "R8": lambda x: _mine(x, codes.NEVER_FORWARDED),
    "R9": lambda x: x.question.version == 4 and x.passes("internet-gateway"),
    "R10": lambda x: x.passes("egress-only-internet-gateway"),
    "R11": lambda x: x.passes("nat-gateway"),
    "R12": _translated_to_private,
    "R13": lambda x: x.goes("64:ff9b::/96"),
    "R14": lambda x: x.goes("-> network-interface") or x.goes("-> instance"),
    "R15": _translated_by_instance,
    "R16": _edge,
    "R17": lambda x: x.passes("peering"),
    "R18": lambda x: x.passes("transit-gateway-route-table"),
    "R19": lambda x: _mine(x, codes.TRANSIT_ZONE, codes.TRANSIT_FAR_ZONE),
    "R20": lambda x: any("propagated" in h.text for h in x.of_kind("transit-gateway-route-table")),
    "R21": lambda x: any("peer" in h.text for h in x.of_kind("transit-gateway-route-table")),
    "R22": lambda x: x.passes("attachment"),
    "R23": lambda x: sum(h.kind == "attachment" for h in x.hops) > 1,
    "R24": lambda x: x.passes("virtual-private-gateway"),
    "R25": lambda x: x.passes("direct-connect-gateway") or _mine(x, codes.NOT_ANNOUNCED),
    "R26": lambda x: x.passes("gateway-endpoint"),
    "R27": lambda x: "endpoint" in {x.question.source.kind, x.question.destination.kind},
    "R28": lambda x: x.passes("gateway-load-balancer-endpoint"),
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
    "F13": _uncut,
    "F14": lambda x: _balanced(x, "application", "classic"),
    "F15": lambda x: _balanced(x, "network"),
    "F16": lambda x: x.passes("network-firewall"),
    "F17": lambda x: x.decided("block-public-access"),
    "F19": _with_policy,
    "F20": lambda x: x.question.version == 6,
    "F21": lambda x: _mine(x, codes.SOURCE_DEST_CHECK),
}
# Rows that decide about no packet between two ends, each with what holds instead.
ELSEWHERE = {
    "R29": "whose a table or a group is says nothing about packets",
    "F12": "the resolver of a VPC is no end; an explanation warns of it",
    "F18": "VPC Lattice is UNKNOWN by name, and an UNKNOWN is decided by no row",
}


def rows_of(network: Network, question: Question, told: Told) -> list[str]:
    """Return the rows that decide an answer."""
    if told.answer.verdict == "UNKNOWN":
        return []
    look = Look(network, question, told)
    return [row for row, test in ROWS.items() if test(look)]

"""Rule groups of AWS Network Firewall → rules about 5-tuples.

Rules:
- A match is NO, PERHAPS or YES: what hangs on more than a first packet shows (applications,
  options, variables that are not in the input) is PERHAPS.
- Addresses and ports are what they name less what they exclude.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from ringwall.reach.blocks import Block, to_block
from ringwall.reach.packets import ICMP, ICMPV6, TCP, UDP

# Options that do not narrow what a rule matches (Suricata, meta keywords), and those of the keyword
# `flow` that a first packet fulfils.
META = frozenset({"sid", "rev", "msg", "gid", "classtype", "metadata", "priority", "reference"})
FIRST = frozenset({"to_server", "from_client", "stateless", "not_established"})
TRANSPORT = {"tcp": {TCP}, "udp": {UDP}, "icmp": {ICMP, ICMPV6}, "ip": None}
ALIASES = {"tcp-pkt": "tcp", "tcp-stream": "tcp", "icmpv4": "icmp", "icmpv6": "icmp"}
# Application protocols that are not over TCP alone.
OVER_UDP = ("dhcp", "ntp", "tftp", "ikev2", "snmp", "quic", "enip")
OVER_BOTH = ("dns", "krb5", "sip", "msn", "dcerpc", "nfs")
APPLICATIONS = {name: {UDP} for name in OVER_UDP} | {name: {TCP, UDP} for name in OVER_BOTH}
ACTIONS = {"aws:pass": "pass", "aws:drop": "drop", "aws:forward_to_sfe": "forward"}
DOMAIN_ACTIONS = {"ALLOWLIST": ("pass", "drop"), "DENYLIST": ("drop",), "REJECTLIST": ("reject",)}

Address = tuple[int, int]  # version, number
Interval = tuple[int, int]
Variables = Mapping[str, Sequence[str]]
_OPTION = re.compile(r'(?:"(?:\\.|[^"\\])*"|\\.|[^;"\\])+')
_WORD = re.compile(r"\[[^\]]*\]|\S+")


class Match(IntEnum):
    """Whether a rule matches; of conditions that must all hold the lowest counts."""

    NO = 0
    PERHAPS = 1
    YES = 2


@dataclass(frozen=True, slots=True)
class Blocks:
    """Addresses: those of `items` less those of `excluded`; no items are all.

    `is_known` is False where a part of it has no meaning in the input.
    """

    items: tuple[Block, ...] = ()
    excluded: tuple[Block, ...] = ()
    is_known: bool = True

    def match(self, address: Address) -> Match:
        """Tell whether it holds an address."""
        if any(block.holds(*address) for block in self.excluded):
            return Match.NO
        if any(block.holds(*address) for block in self.items):
            return Match.YES
        return _rest(is_known=self.is_known, is_all=not self.items)


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports: inclusive ranges of them, said as addresses are."""

    items: tuple[Interval, ...] = ()
    excluded: tuple[Interval, ...] = ()
    is_known: bool = True

    def match(self, port: int) -> Match:
        """Tell whether it holds a port."""
        if any(low <= port <= high for low, high in self.excluded):
            return Match.NO
        if any(low <= port <= high for low, high in self.items):
            return Match.YES
        return _rest(is_known=self.is_known, is_all=not self.items)

    @property
    def edges(self) -> Iterator[int]:
        """Yield the ports at which what it says may change."""
        for low, high in (*self.items, *self.excluded):
            yield from (low, high + 1)


def _rest(*, is_known: bool, is_all: bool) -> Match:
    if not is_known:
        return Match.PERHAPS
    return Match.YES if is_all else Match.NO


@dataclass(frozen=True, slots=True)
class FirewallRule:
    """A rule; `ways` hold source, its ports, destination, its ports: one, or both directions.

    `flags` of a stateless rule are pairs: what must be set of what is looked at.
    """

    action: str  # pass, drop, reject, alert; of the stateless engine pass, drop, forward
    protocols: frozenset[int] | None
    ways: tuple[tuple[Blocks, Ports, Blocks, Ports], ...]
    text: str
    is_certain: bool = True
    flags: tuple[tuple[frozenset[str], frozenset[str]], ...] = ()

    @property
    def blocks(self) -> Iterator[Block]:
        """Yield every block that it names."""
        for source, _, destination, _ in self.ways:
            for part in (source, destination):
                yield from (*part.items, *part.excluded)

    @property
    def ports(self) -> Iterator[Interval]:
        """Yield every range of ports that it names."""
        for _, source, _, destination in self.ways:
            for part in (source, destination):
                yield from (*part.items, *part.excluded)

    def addresses(self, source: Address, destination: Address) -> tuple[Match, ...]:
        """Tell, for each of its ways, whether it speaks of these two addresses."""
        return tuple(
            min(one.match(source), other.match(destination)) for one, _, other, _ in self.ways
        )

    def match(
        self, addresses: tuple[Match, ...], protocol: int, source_port: int, port: int
    ) -> Match:
        """Tell whether it matches packets of two ports; `addresses` are its answers about them."""
        if self.protocols is not None and protocol not in self.protocols:
            return Match.NO
        found = Match.NO
        for match, (_, sources, _, ports) in zip(addresses, self.ways, strict=True):
            if protocol in {TCP, UDP}:
                asked = min(sources.match(source_port), ports.match(port))
                found = max(found, min(match, asked))
            else:
                found = max(found, match)
        return found if self.is_certain else min(found, Match.PERHAPS)

    def looks_at(self, flags: frozenset[str], protocol: int) -> bool:
        """Tell whether a packet with these flags of TCP is meant."""
        if protocol != TCP or not self.flags:
            return True
        return any(flags & masks == wanted for wanted, masks in self.flags)


def unreadable(text: str) -> tuple[FirewallRule, ...]:
    """Return rules that may do anything, which stand for what is not in the input."""
    every = ((Blocks(), Ports(), Blocks(), Ports()),)
    return tuple(FirewallRule(action, None, every, text, False) for action in ("pass", "drop"))


def stateless_rules(group: Mapping[str, Any]) -> Iterator[FirewallRule]:
    """Yield the rules of a stateless group, lowest priority first."""
    source = group.get("RulesSource") or {}
    items = (source.get("StatelessRulesAndCustomActions") or {}).get("StatelessRules") or ()
    for item in sorted(items, key=lambda each: int(each.get("Priority") or 0)):
        definition = item.get("RuleDefinition") or {}
        match = definition.get("MatchAttributes") or {}
        action = action_of(definition.get("Actions") or ())
        flags = tuple(
            (frozenset(each.get("Flags") or ()), frozenset(each.get("Masks") or each["Flags"]))
            for each in match.get("TCPFlags") or ()
        )
        way = (
            _cidrs(match.get("Sources")),
            _pairs(match.get("SourcePorts")),
            _cidrs(match.get("Destinations")),
            _pairs(match.get("DestinationPorts")),
        )
        numbers = frozenset(int(each) for each in match.get("Protocols") or ()) or None
        text = f"stateless rule {item.get('Priority')} {action}"
        yield FirewallRule(action, numbers, (way,), text, flags=flags)


def action_of(actions: Iterable[str]) -> str:
    """Return what standard actions do; custom ones only publish figures."""
    return next((ACTIONS[each] for each in actions if each in ACTIONS), "forward")


def _cidrs(items: Iterable[Mapping[str, Any]] | None) -> Blocks:
    return Blocks(tuple(to_block(each["AddressDefinition"]) for each in items or ()))


def _pairs(items: Iterable[Mapping[str, Any]] | None) -> Ports:
    given = ((int(e["FromPort"]), int(e.get("ToPort", e["FromPort"]))) for e in items or ())
    return Ports(tuple(given))


def stateful_rules(group: Mapping[str, Any], home: Sequence[str]) -> Iterator[FirewallRule]:
    """Yield the rules of a stateful group in order; `home` is HOME_NET unless it says another."""
    variables: dict[str, Sequence[str]] = {"HOME_NET": home}
    for sets in (group.get("RuleVariables") or {}).values():
        variables |= {name: tuple(item.get("Definition") or ()) for name, item in sets.items()}
    source = group.get("RulesSource") or {}
    for item in source.get("StatefulRules") or ():
        yield _structured(item, variables)
    for line in str(source.get("RulesString") or "").replace("\\\n", " ").splitlines():
        if line.strip() and not line.strip().startswith("#"):
            yield from _suricata(line.strip(), variables)
    domains = source.get("RulesSourceList")
    if domains:
        yield from _domains(domains, variables)


def _structured(item: Mapping[str, Any], variables: Variables) -> FirewallRule:
    header = item.get("Header") or {}
    ends = [str(header.get(f"{end}{what}", "any")) for end, what in _ENDS]
    options = []
    for option in item.get("RuleOptions") or ():
        # A keyword may hold its value itself: `sid:1`.
        name, _, value = str(option.get("Keyword", "")).partition(":")
        options.append((name, ",".join(map(str, option.get("Settings") or (value,)))))
    both = str(header.get("Direction", "FORWARD")).upper() == "ANY"
    words = (str(item.get("Action", "")), str(header.get("Protocol", "ip")))
    return _rule(words, ends, options, variables, both=both)


_ENDS = (("Source", ""), ("Source", "Port"), ("Destination", ""), ("Destination", "Port"))


def _suricata(line: str, variables: Variables) -> Iterator[FirewallRule]:
    head, _, rest = line.partition("(")
    words = _WORD.findall(head)
    if len(words) != 7:
        yield from unreadable(line)
        return
    action, protocol, source, source_port, arrow, destination, port = words
    options = []
    for text in _OPTION.findall(rest.rsplit(")", 1)[0]):
        name, _, value = text.strip().partition(":")
        options.append((name.strip(), value))
    ends = [source, source_port, destination, port]
    yield _rule((action, protocol), ends, options, variables, both=arrow == "<>")


def _rule(
    words: tuple[str, str],
    ends: list[str],
    options: list[tuple[str, str]],
    variables: Variables,
    *,
    both: bool,
) -> FirewallRule:
    action, named = words[0].lower(), words[1].lower()
    protocol = ALIASES.get(named, named)
    over = TRANSPORT[protocol] if protocol in TRANSPORT else APPLICATIONS.get(protocol, {TCP})
    certain = protocol in TRANSPORT and all(_is_beside(*option) for option in options)
    source, source_port, destination, port = ends
    way = (
        read_blocks(source, variables),
        read_ports(source_port, variables),
        read_blocks(destination, variables),
        read_ports(port, variables),
    )
    ways = (way, (*way[2:], *way[:2])) if both else (way,)
    arrow = "<>" if both else "->"
    text = f"{action} {protocol} {source} {source_port} {arrow} {destination} {port}"
    return FirewallRule(action, frozenset(over) if over else None, ways, text, certain)


def _is_beside(name: str, value: str) -> bool:
    if not name or name in META:
        return True
    return name == "flow" and {each.strip() for each in value.split(",")} <= FIRST


def _domains(item: Mapping[str, Any], variables: Variables) -> Iterator[FirewallRule]:
    """Yield what a list of domains may do to HTTP and TLS of clients in HOME_NET."""
    kind = str(item.get("GeneratedRulesType", "")).upper()
    names = ", ".join(str(each) for each in (item.get("Targets") or ())[:3])
    way = (read_blocks("$HOME_NET", variables), Ports(), Blocks(), Ports())
    text = f"{kind.lower()} of domains {names}"
    for action in DOMAIN_ACTIONS.get(kind, ("alert",)):
        yield FirewallRule(action, frozenset({TCP}), (way,), text, False)


def read_blocks(text: str, variables: Variables, seen: frozenset[str] = frozenset()) -> Blocks:
    """Read addresses as Suricata writes them: any, a CIDR, !x, [a, !b], $NAME."""
    items: list[Block] = []
    excluded: list[Block] = []
    known, everything = True, False
    for word in _members(text):
        is_not, name = word.startswith("!"), word.lstrip("!")
        inner = _block_word(name, variables, seen)
        if (inner.excluded or not inner.is_known) and (is_not or items):
            return Blocks(is_known=False)  # an exclusion inside of another has no place here
        known = known and inner.is_known
        everything = everything or (inner == Blocks() and not is_not)
        (excluded if is_not else items).extend(inner.items)
        excluded.extend(() if is_not else inner.excluded)
    return Blocks(() if everything else tuple(items), tuple(excluded), known)


def _block_word(name: str, variables: Variables, seen: frozenset[str]) -> Blocks:
    if name.lower() == "any":
        return Blocks()
    if name.startswith("["):
        return read_blocks(name[1:-1], variables, seen)
    if not name.startswith("$"):
        try:
            return Blocks((to_block(name),))
        except ValueError:
            return Blocks(is_known=False)
    key = name[1:]
    if key == "EXTERNAL_NET" and key not in variables:
        return read_blocks("!$HOME_NET", variables, seen)
    if key not in variables or key in seen:
        return Blocks(is_known=False)
    return read_blocks(",".join(variables[key]), variables, seen | {key})


def read_ports(text: str, variables: Variables) -> Ports:
    """Read ports as Suricata writes them: any, 80, 80:90, :1024, !80, [80, 443], $NAME."""
    items: list[Interval] = []
    excluded: list[Interval] = []
    known = True
    for word in _members(text):
        is_not, name = word.startswith("!"), word.lstrip("!")
        inner = _port_word(name, variables)
        known = known and inner.is_known and not inner.excluded
        (excluded if is_not else items).extend(inner.items)
    return Ports(tuple(items), tuple(excluded), known)


def _port_word(name: str, variables: Variables) -> Ports:
    if name.lower() == "any":
        return Ports()
    if name.startswith(("$", "[")):
        given = variables.get(name[1:]) if name.startswith("$") else (name[1:-1],)
        return read_ports(",".join(given), variables) if given else Ports(is_known=False)
    low, colon, high = name.partition(":")
    try:
        return Ports(((int(low or 0), int(high or 65_535) if colon else int(low)),))
    except ValueError:
        return Ports(is_known=False)


def _members(text: str) -> Iterator[str]:
    """Split at the commas that stand in no brackets."""
    depth, word = 0, ""
    for letter in text.strip():
        depth += {"[": 1, "]": -1}.get(letter, 0)
        if letter == "," and not depth:
            yield word.strip()
            word = ""
        else:
            word += letter
    if word.strip():
        yield word.strip()

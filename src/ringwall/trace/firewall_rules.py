"""Rules of AWS Network Firewall: properties and Suricata text → what they match.

Rule: a match is True, False or None; None is "perhaps": it hangs on what the first packet does not
show (application protocols, options, names of variables that are not in the input).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ringwall.trace.addresses import Block, Host, block
from ringwall.trace.packet import ICMP, ICMPV6, TCP, UDP, Packet

# Options that say nothing about which packets a rule matches (Suricata, "Meta keywords"), and the
# states of a flow in which its first packet is.
META = frozenset({"sid", "rev", "msg", "gid", "classtype", "metadata", "priority", "reference"})
FIRST = frozenset({"to_server", "from_client", "stateless", "not_established"})
PROTOCOLS: Mapping[str, frozenset[int]] = {
    "tcp": frozenset({TCP}),
    "udp": frozenset({UDP}),
    "icmp": frozenset({ICMP, ICMPV6}),
}
# Application protocols that run over UDP, or over either; all others over TCP.
OVER_UDP = frozenset({"dhcp", "ntp", "tftp", "ikev2", "snmp", "quic", "enip"})
OVER_BOTH = frozenset({"dns", "krb5", "sip", "msn", "dcerpc", "nfs"})

Variables = Mapping[str, tuple[str, ...]]
Range = tuple[int, int]  # inclusive
_OPTION = re.compile(r'((?:[^;"\\]|\\.|"(?:[^"\\]|\\.)*")+)(?:;|$)')
_WORD = re.compile(r"\[[^\]]*\]|\S+")


@dataclass(frozen=True, slots=True)
class Part:
    """Addresses or ports that are meant and that are not; no members meant is all of them."""

    members: tuple[Block | Range, ...] = ()
    excluded: tuple[Block | Range, ...] = ()
    is_known: bool = True

    def holds(self, value: Host | int) -> bool | None:
        """Tell whether it holds an address or a port."""
        if any(_is_in(value, each) for each in self.excluded):
            return False
        inside = not self.members or any(_is_in(value, each) for each in self.members)
        if self.is_known:
            return inside
        return True if inside and self.members else None


ANY = Part()


def _is_in(value: Host | int, each: Block | Range) -> bool:
    if isinstance(each, Block):
        return value in each
    return isinstance(value, int) and each[0] <= value <= each[1]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; `action` is pass, drop, reject or alert; `is_certain`: the first packet shows it."""

    action: str
    protocols: frozenset[int] | None
    source: Part
    source_ports: Part
    destination: Part
    destination_ports: Part
    text: str
    both_ways: bool = False
    is_certain: bool = True

    def matches(self, packet: Packet, source: Host, destination: Host) -> bool | None:
        """Tell whether it matches the first packet of a flow."""
        if self.protocols is not None and packet.protocol not in self.protocols:
            return False
        ways = [self._fits(packet, source, destination, packet.source_port, packet.port)]
        if self.both_ways:
            ways.append(self._fits(packet, destination, source, packet.port, packet.source_port))
        found = _any(ways)
        return None if found is True and not self.is_certain else found

    def _fits(
        self, packet: Packet, source: Host, destination: Host, sport: int, dport: int
    ) -> bool | None:
        asked = [self.source.holds(source), self.destination.holds(destination)]
        if packet.protocol in {TCP, UDP}:
            asked += [self.source_ports.holds(sport), self.destination_ports.holds(dport)]
        return False if False in asked else (None if None in asked else True)


def _any(found: Iterable[bool | None]) -> bool | None:
    seen = set(found)
    return True if True in seen else (None if None in seen else False)


def addresses(text: str, variables: Variables, seen: frozenset[str] = frozenset()) -> Part:
    """Read addresses as Suricata writes them: any, a CIDR, !x, [a, !b], $NAME."""
    members: list[Block | Range] = []
    excluded: list[Block | Range] = []
    known, is_all = True, False
    for item in _items(text):
        negated, name = item.startswith("!"), item.lstrip("!")
        if name.startswith(("[", "$")):
            inner = _inner(name, variables, seen)
        elif name.lower() == "any":
            inner = ANY
        else:
            inner = _cidr(name)
        if (inner.excluded or not inner.is_known) and (negated or members):
            return Part(is_known=False)  # exclusions inside of others are not followed
        known &= inner.is_known
        is_all |= inner == ANY and not negated
        if negated:
            excluded += inner.members
        else:
            members += inner.members
            excluded += inner.excluded
    return Part(() if is_all else tuple(members), tuple(excluded), known)


def _inner(name: str, variables: Variables, seen: frozenset[str]) -> Part:
    if name.startswith("["):
        return addresses(name[1:-1], variables, seen)
    key = name[1:]
    if key == "EXTERNAL_NET" and key not in variables:
        return addresses("!$HOME_NET", variables, seen)
    if key not in variables or key in seen:
        return Part(is_known=False)
    return addresses(",".join(variables[key]), variables, seen | {key})


def _cidr(text: str) -> Part:
    try:
        return Part((block(text),))
    except ValueError:
        return Part(is_known=False)


def ports(text: str, variables: Variables) -> Part:
    """Read ports as Suricata writes them: any, 80, 80:90, :1024, !80, [80, 443], $NAME."""
    members: list[Block | Range] = []
    excluded: list[Block | Range] = []
    known = True
    for item in _items(text):
        negated, name = item.startswith("!"), item.lstrip("!")
        if name.lower() == "any":
            continue
        if name.startswith(("$", "[")):
            defined = variables.get(name[1:]) if name.startswith("$") else (name[1:-1],)
            inner = ports(",".join(defined), variables) if defined else Part(is_known=False)
            found, known = list(inner.members), known and inner.is_known and not inner.excluded
        else:
            low, colon, high = name.partition(":")
            try:
                found = [(int(low or 0), int(high or 65_535) if colon else int(low))]
            except ValueError:
                found, known = [], False
        (excluded if negated else members).extend(found)
    return Part(tuple(members), tuple(excluded), known)


def _items(text: str) -> Iterator[str]:
    depth, item = 0, ""
    for letter in text.strip():
        depth += (letter == "[") - (letter == "]")
        if letter == "," and depth == 0:
            yield item.strip()
            item = ""
        else:
            item += letter
    if item.strip():
        yield item.strip()


def stateful_rules(group: Mapping[str, Any], home: tuple[str, ...]) -> Iterator[Rule]:
    """Yield the rules of a stateful group; `home` is HOME_NET where the group defines none."""
    given = group.get("RuleVariables") or {}
    variables = {
        name: tuple(item.get("Definition") or ())
        for kind in ("IPSets", "PortSets")
        for name, item in (given.get(kind) or {}).items()
    }
    variables = {"HOME_NET": home, **variables}
    source = group.get("RulesSource") or {}
    for item in source.get("StatefulRules") or ():
        yield _structured(item, variables)
    for line in _lines(str(source.get("RulesString") or "")):
        yield from _suricata(line, variables)
    domains = source.get("RulesSourceList")
    if domains:
        yield from _domains(domains, variables)


def _structured(item: Mapping[str, Any], variables: Variables) -> Rule:
    header = item.get("Header") or {}
    options = []
    for option in item.get("RuleOptions") or ():
        settings = ",".join(str(each) for each in option.get("Settings") or ())
        options.append(f"{option.get('Keyword', '')}:{settings}" if settings else option["Keyword"])
    names = ("Source", "SourcePort", "Destination", "DestinationPort")
    source, sport, destination, dport = (str(header.get(name, "any")) for name in names)
    both = str(header.get("Direction", "FORWARD")).upper() == "ANY"
    words = (str(item.get("Action", "")), str(header.get("Protocol", "ip")))
    return _rule(words, (source, sport, destination, dport), variables, options, both=both)


def _lines(text: str) -> Iterator[str]:
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.strip().startswith("#"):
            yield line.strip()


def _suricata(line: str, variables: Variables) -> Iterator[Rule]:
    head, _, rest = line.partition("(")
    words = _WORD.findall(head)
    options = [each.strip() for each in _OPTION.findall(rest.rsplit(")", 1)[0])]
    if len(words) != 7:
        for word in ("pass", "drop"):  # it may do anything
            yield Rule(word, None, ANY, ANY, ANY, ANY, line, is_certain=False)
        return
    action, protocol, source, sport, arrow, destination, dport = words
    ends = (source, sport, destination, dport)
    yield _rule((action, protocol), ends, variables, options, both=arrow == "<>")


def _rule(
    words: tuple[str, str],
    ends: tuple[str, str, str, str],
    variables: Variables,
    options: Iterable[str],
    *,
    both: bool,
) -> Rule:
    action, protocol = (word.lower() for word in words)
    source, sport, destination, dport = ends
    plain = {"tcp-pkt": "tcp", "tcp-stream": "tcp", "icmpv4": "icmp", "icmpv6": "icmp"}
    protocol = plain.get(protocol, protocol)
    protocols: frozenset[int] | None = PROTOCOLS.get(protocol)
    if protocol not in {"ip", *PROTOCOLS}:
        both_kinds = protocol in OVER_BOTH
        over = {UDP} if protocol in OVER_UDP else ({TCP, UDP} if both_kinds else {TCP})
        protocols = frozenset(over)
    certain = protocol in {"ip", *PROTOCOLS} and all(_is_meta(each) for each in options)
    return Rule(
        action,
        protocols,
        addresses(source, variables),
        ports(sport, variables),
        addresses(destination, variables),
        ports(dport, variables),
        f"{action} {protocol} {source} {sport} {'<>' if both else '->'} {destination} {dport}",
        both_ways=both,
        is_certain=certain,
    )


def _is_meta(option: str) -> bool:
    name, _, value = option.partition(":")
    if name.strip() in META or not name.strip():
        return True
    return name.strip() == "flow" and {each.strip() for each in value.split(",")} <= FIRST


def _domains(item: Mapping[str, Any], variables: Variables) -> Iterator[Rule]:
    """Yield what a domain list may do: it looks at HTTP and TLS of clients in HOME_NET."""
    kind = str(item.get("GeneratedRulesType", "")).upper()
    actions = {"ALLOWLIST": ("pass", "drop"), "DENYLIST": ("drop",), "REJECTLIST": ("reject",)}
    names = ", ".join(str(each) for each in (item.get("Targets") or ())[:3])
    for action in actions.get(kind, ("alert",)):
        home = addresses("$HOME_NET", variables)
        text = f"{kind.lower()} of domains {names}"
        yield Rule(action, frozenset({TCP}), home, ANY, ANY, ANY, text, is_certain=False)

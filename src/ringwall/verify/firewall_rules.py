"""Rules of Network Firewall → what they match for certain, and what they may match.

Rule: what a rule matches for certain is in what it may match. What hangs on more than addresses and
ports (application protocols, options, the client's port, names that are not in the input) is
nothing for certain, and everything that it may be.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ringwall.verify.reading import ANYWHERE
from ringwall.verify.sets import Ranges, join, minus
from ringwall.verify.traffic import ALL, ICMP, ICMPV6, SPAN, TCP, UDP, block, ports, protocols

# Options that say nothing about which packets a rule matches (Suricata, "Meta keywords"), and the
# states of a flow in which its first packet is.
_META = frozenset({"", "sid", "rev", "msg", "gid", "classtype", "metadata", "priority"})
_FIRST = frozenset({"to_server", "from_client", "stateless", "not_established"})
_PROTOCOLS = {"tcp": (TCP,), "udp": (UDP,), "icmp": (ICMP, ICMPV6), "ip": (-1,)}
_PORTS: Ranges = ((0, SPAN),)
Variables = Mapping[str, Iterable[str]]


@dataclass(frozen=True, slots=True)
class Bounds:
    """A set of numbers of which not all may be known: `sure` is in it, and it is in `most`."""

    sure: Ranges
    most: Ranges


@dataclass(frozen=True, slots=True)
class Match:
    """Packets by source, destination and traffic."""

    source: Bounds
    destination: Bounds
    traffic: Bounds


@dataclass(frozen=True, slots=True)
class FirewallRule:
    """A rule: `action` is pass, drop, forward or alert; any of its matches will do."""

    action: str
    matches: tuple[Match, ...]


_EVERYTHING = Match(Bounds((), ANYWHERE), Bounds((), ANYWHERE), Bounds((), ALL))
MAY_PASS = FirewallRule("pass", (_EVERYTHING,))  # what cannot be read
_TO_THE_NAMES = Match(Bounds((), ANYWHERE), Bounds((), ANYWHERE), Bounds((), protocols(TCP)))


def _listed(text: str, whole: Ranges, read: Callable[[str], Ranges], known: Variables) -> Bounds:
    """Read what Suricata writes: any, x, !x, [x, !y], $NAME."""
    meant: list[Bounds] = []
    not_meant: list[Bounds] = []
    for item in _split(text, ","):
        name = item.strip()
        negated, name = name.startswith("!"), name.removeprefix("!").strip()
        if name.lower() == "any":
            found = Bounds(whole, whole)
        elif name.startswith("[") and name.endswith("]"):
            found = _listed(name[1:-1], whole, read, known)
        elif name.startswith("$") and name[1:] in known:
            left = {key: value for key, value in known.items() if key != name[1:]}
            found = _listed(",".join(known[name[1:]]), whole, read, left)
        else:
            try:
                part = read(name)
                found = Bounds(part, part)
            except ValueError:
                found = Bounds((), whole)
        (not_meant if negated else meant).append(found)
    sure, most = (
        join(*(getattr(each, name) for each in meant)) if meant else whole
        for name in ("sure", "most")
    )
    return Bounds(
        minus(sure, join(*(each.most for each in not_meant))),
        minus(most, join(*(each.sure for each in not_meant))),
    )


def _split(text: str, by: str) -> Iterator[str]:
    """Yield the parts of a text between separators outside of brackets; none is empty."""
    depth, part = 0, ""
    for letter in text:
        depth += (letter == "[") - (letter == "]")
        if letter in by and depth == 0:
            yield from [part] if part.strip() else []
            part = ""
        else:
            part += letter
    yield from [part] if part.strip() else []


def _port(text: str) -> Ranges:
    low, colon, high = text.partition(":")
    first = int(low or 0)
    last = int(high or SPAN - 1) if colon else first
    if not 0 <= first <= last < SPAN:
        raise ValueError(text)
    return ((first, last + 1),)


def _traffic(numbers: Iterable[int], port: Bounds, *, certain: bool) -> Bounds:
    """Return traffic of protocols to ports; what has no ports is matched for certain by any."""
    sure, most = [], []
    asked = protocols(*numbers)
    for number in (TCP, UDP):
        if minus(protocols(number), asked):
            continue
        sure += [ports(number, low, high - 1) for low, high in port.sure]
        most += [ports(number, low, high - 1) for low, high in port.most]
    rest = minus(asked, protocols(TCP, UDP))
    every = port.sure == _PORTS
    return Bounds(join(*sure, rest if every else ()) if certain else (), join(*most, rest))


def _rule(
    action: str,
    protocol: str,
    ends: tuple[str, str, str, str],
    known: Variables,
    options: Iterable[str],
    *,
    both: bool,
) -> FirewallRule:
    source, source_port, destination, port = ends
    sides = [_listed(text, ANYWHERE, block, known) for text in (source, destination)]
    gates = [_listed(text, _PORTS, _port, known) for text in (source_port, port)]
    numbers = _PROTOCOLS.get(protocol)
    plain = numbers is not None and all(_is_meta(each) for each in options)
    matches = []
    for (near, far), (own, other) in ((sides, gates), (sides[::-1], gates[::-1]))[: 1 + both]:
        certain = plain and own.sure == _PORTS
        traffic = _traffic(numbers or (-1,), other, certain=certain)
        matches.append(Match(near, far, traffic))
    kinds = {"drop": "drop", "reject": "drop", "alert": "alert", "pass": "pass"}
    if action in kinds:
        return FirewallRule(kinds[action], tuple(matches))
    return MAY_PASS


def _is_meta(option: str) -> bool:
    name, _, value = option.partition(":")
    if name.strip() == "flow":
        return {each.strip() for each in value.split(",")} <= _FIRST
    return name.strip() in _META


def stateful_rules(
    group: Mapping[str, Any], home: Iterable[str], *, of_policy: bool = False
) -> Iterator[FirewallRule]:
    """Yield the rules of a stateful group; `home` is HOME_NET where the group defines none.

    Where the policy and the group both define it, it is not certain which counts.
    """
    given = group.get("RuleVariables") or {}
    known: dict[str, Iterable[str]] = {"HOME_NET": home}
    for kind in ("IPSets", "PortSets"):
        for name, item in (given.get(kind) or {}).items():
            is_twice = of_policy and name == "HOME_NET"
            known[name] = ("?",) if is_twice else item.get("Definition") or ("?",)
    source = group.get("RulesSource") or {}
    for item in source.get("StatefulRules") or ():
        yield _structured(item, known)
    for line in str(source.get("RulesString") or "").replace("\\\n", " ").splitlines():
        if line.strip() and not line.strip().startswith("#"):
            yield _suricata(line, known)
    listed = source.get("RulesSourceList") or {}
    kind = str(listed.get("GeneratedRulesType") or "")
    if kind == "ALLOWLIST":  # what it drops no first packet shows; it passes HTTP and TLS
        yield FirewallRule("pass", (_TO_THE_NAMES,))
    elif kind not in {"", "DENYLIST", "REJECTLIST", "ALERTLIST"}:
        yield MAY_PASS


def _structured(item: Mapping[str, Any], known: Variables) -> FirewallRule:
    header = item.get("Header") or {}
    options = []
    for option in item.get("RuleOptions") or ():
        settings = ",".join(str(each) for each in option.get("Settings") or ())
        options.append(f"{option.get('Keyword', '?')}:{settings}")
    names = ("Source", "SourcePort", "Destination", "DestinationPort")
    source, sport, destination, dport = (str(header.get(name, "?")) for name in names)
    both = str(header.get("Direction", "ANY")).upper() != "FORWARD"
    words = (str(item.get("Action", "?")).lower(), str(header.get("Protocol", "?")).lower())
    return _rule(*words, (source, sport, destination, dport), known, options, both=both)


def _suricata(line: str, known: Variables) -> FirewallRule:
    head, _, rest = line.partition("(")
    words = [word.strip() for word in _split(head, " \t")]
    if len(words) != 7 or words[4] not in {"->", "<>"}:
        return MAY_PASS
    action, protocol, source, sport, arrow, destination, dport = words
    options = rest.rpartition(")")[0].split(";")
    ends = (source, sport, destination, dport)
    return _rule(action.lower(), protocol.lower(), ends, known, options, both=arrow == "<>")


def stateless_rules(group: Mapping[str, Any]) -> Iterator[FirewallRule]:
    """Yield the rules of a stateless group by priority; what looks at flags is not certain."""
    source = group.get("RulesSource") or {}
    found = (source.get("StatelessRulesAndCustomActions") or {}).get("StatelessRules") or ()
    for item in sorted(found, key=lambda each: int(each.get("Priority") or 0)):
        definition = item.get("RuleDefinition") or {}
        match = definition.get("MatchAttributes") or {}
        numbers = [int(each) for each in match.get("Protocols") or ()] or [-1]
        gate = _gate(match.get("DestinationPorts"))
        certain = not match.get("TCPFlags") and _gate(match.get("SourcePorts")).sure == _PORTS
        traffic = _traffic(numbers, gate, certain=certain)
        about = Match(_side(match.get("Sources")), _side(match.get("Destinations")), traffic)
        yield FirewallRule(action_of(definition.get("Actions")), (about,))


def _side(items: Iterable[Mapping[str, Any]] | None) -> Bounds:
    given = [str(each["AddressDefinition"]) for each in items or ()]
    return _listed(",".join(given) or "any", ANYWHERE, block, {})


def _gate(items: Iterable[Mapping[str, Any]] | None) -> Bounds:
    given = [f"{each['FromPort']}:{each.get('ToPort', each['FromPort'])}" for each in items or ()]
    return _listed(",".join(given) or "any", _PORTS, _port, {})


def action_of(actions: Iterable[str] | None) -> str:
    """Return what stateless actions come to: pass, drop or forward; custom ones decide nothing."""
    known = {"aws:pass": "pass", "aws:drop": "drop", "aws:forward_to_sfe": "forward"}
    return next((known[each] for each in actions or () if each in known), "forward")

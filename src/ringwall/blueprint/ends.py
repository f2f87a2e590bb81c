"""Names in flows and expectations, resolved to what they mean in a blueprint."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ringwall.blueprint.syntax import Blueprint, Flow, Path
from ringwall.blueprint.words import did_you_mean, short
from ringwall.model.names import ENDPOINTS, EVERY_VPC, Name, NameKind, parse_name
from ringwall.model.ports import PortSpec


class EndKind(StrEnum):
    """What an end of traffic is."""

    GROUP = "group"
    TIER = "tier"
    VPC = "vpc"
    ENDPOINTS = "endpoints"  # the interface endpoints of a VPC
    INTERNET = "internet"
    ADDRESSES = "addresses"  # a network's ranges, a CIDR or an address
    SERVICE = "service"  # an AWS service behind an endpoint


@dataclass(frozen=True, slots=True)
class End:
    """One end of traffic: `vpc` says where, `name` which group, tier, network or service."""

    kind: EndKind
    text: str
    vpc: str = ""
    name: str = ""
    cidrs: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return `vpc/name`, or what was written."""
        return f"{self.vpc}/{self.name}" if self.vpc and self.name else self.text


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A name that means nothing, or two things: the code and text of the problem."""

    code: str
    message: str
    hint: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResolvedFlow:
    """A flow whose names are resolved; `vpc` is the one that declares it, "" at the top level."""

    path: Path
    flow: Flow
    vpc: str
    sources: tuple[End, ...]
    destinations: tuple[End, ...]

    @property
    def ports(self) -> tuple[PortSpec, ...]:
        """Return the flow's ports."""
        return self.flow.ports


def declared_flows(bp: Blueprint) -> Iterator[tuple[Path, str, Flow]]:
    """Yield every flow with its path and the VPC that declares it, in the order of declaration."""
    for name, vpc in bp.vpcs.items():
        for index, flow in enumerate(vpc.flows):
            yield ("vpcs", name, "flows", index), name, flow
    for index, flow in enumerate(bp.flows):
        yield ("flows", index), "", flow


def resolved_flows(bp: Blueprint) -> tuple[ResolvedFlow, ...]:
    """Return every flow of a loaded blueprint with its names resolved."""
    found = []
    for path, vpc, flow in declared_flows(bp):
        sources = tuple(end for name in flow.sources for end in _ends(bp, name, vpc))
        destinations = tuple(end for name in flow.destinations for end in _ends(bp, name, vpc))
        found.append(ResolvedFlow(path, flow, vpc, sources, destinations))
    return tuple(found)


def _ends(bp: Blueprint, text: str, vpc: str) -> tuple[End, ...]:
    ends = resolve(bp, text, vpc=vpc)
    return () if isinstance(ends, Unresolved) else ends


def resolve(bp: Blueprint, text: str, *, vpc: str = "") -> tuple[End, ...] | Unresolved:
    """Return the ends that a name means; among a VPC's own flows bare names are its groups."""
    name = parse_name(text)
    match name.kind:
        case NameKind.INTERNET:
            return (End(EndKind.INTERNET, text),)
        case NameKind.CIDR:
            return (End(EndKind.ADDRESSES, text, cidrs=(str(name.cidr),)),)
        case NameKind.SERVICE:
            return (End(EndKind.SERVICE, text, name=name.word),)
        case NameKind.SEGMENT:
            return _segment(bp, name)
        case NameKind.MEMBER:
            return _member(bp, name)
        case NameKind.WORD:
            return _word(bp, name, vpc)
        case NameKind.AWS_ID:
            return Unresolved("BP019", f"{text} is an AWS id", "use a name of the blueprint")


def _segment(bp: Blueprint, name: Name) -> tuple[End, ...] | Unresolved:
    segments = bp.transit_gateway.segments if bp.transit_gateway else {}
    if name.word not in segments:
        message = f"unknown segment {name.word!r}"
        return Unresolved("BP043", message, did_you_mean(name.word, list(segments)), (name.word,))
    vpcs = bp.vpcs_of(name.word)
    if not vpcs:
        message = f"no VPC belongs to segment {name.word!r}"
        return Unresolved("BP040", message, f"give a VPC `segment: {name.word}`", (name.word,))
    return tuple(End(EndKind.VPC, name.text, vpc) for vpc in vpcs)


def _member(bp: Blueprint, name: Name) -> tuple[End, ...] | Unresolved:
    if name.word == EVERY_VPC:
        found = [end for vpc in bp.vpcs for end in _part(bp, vpc, name)]
        if found:
            return tuple(found)
        known = dict.fromkeys(part for vpc in bp.vpcs for part in _parts(bp, vpc))
        message = f"no VPC has a group or tier {name.member!r}"
        return Unresolved("BP040", message, did_you_mean(name.member, known), (name.member,))
    if name.word not in bp.vpcs:
        message = f"unknown VPC {name.word!r} in {name.text!r}"
        return Unresolved("BP045", message, did_you_mean(name.word, bp.vpcs), (name.word,))
    ends = _part(bp, name.word, name)
    if ends:
        return ends
    if name.member == ENDPOINTS:
        message = f"vpc {name.word!r} has no interface endpoints"
        hint = f"add `endpoints: {{interface: [...]}}` to vpc {name.word!r}"
        return Unresolved("BP067", message, hint, (name.word, "endpoints", "interface"))
    message = f"vpc {name.word!r} has no group or tier {name.member!r}"
    known = dict.fromkeys(_parts(bp, name.word))
    return Unresolved("BP040", message, did_you_mean(name.member, known), (name.member,))


def _part(bp: Blueprint, vpc: str, name: Name) -> tuple[End, ...]:
    there = bp.vpcs[vpc]
    if name.member in there.groups:
        return (End(EndKind.GROUP, name.text, vpc, name.member),)
    if name.member in there.load_balancers:
        # What flows from and to its group is the load balancer's.
        return (End(EndKind.GROUP, name.text, vpc, there.load_balancers[name.member].group),)
    if name.member in there.all_tiers:
        return (End(EndKind.TIER, name.text, vpc, name.member),)
    if name.member == ENDPOINTS and there.endpoints.interface:
        return (End(EndKind.ENDPOINTS, name.text, vpc, ENDPOINTS),)
    return ()


def _parts(bp: Blueprint, vpc: str) -> tuple[str, ...]:
    there = bp.vpcs[vpc]
    return (*there.groups, *there.load_balancers, *there.all_tiers)


def _word(bp: Blueprint, name: Name, vpc: str) -> tuple[End, ...] | Unresolved:
    word = name.word
    meanings: dict[str, End] = {}
    groups = bp.vpcs[vpc].groups if vpc else {}
    if word in groups:
        meanings[f"the group {vpc}/{word}"] = End(EndKind.GROUP, word, vpc, word)
    if word in bp.vpcs:
        meanings[f"the VPC {word}"] = End(EndKind.VPC, word, word)
    if word in bp.networks:
        cidrs = bp.networks[word]
        meanings[f"the network {word}"] = End(EndKind.ADDRESSES, word, name=word, cidrs=cidrs)
    if len(meanings) > 1:
        message = f"{word!r} could mean {' or '.join(meanings)}"
        hint = f"write {vpc}/{word} for the group, or rename one" if vpc else "rename one"
        return Unresolved("BP041", message, hint, (word,))
    if meanings:
        return tuple(meanings.values())
    known = dict.fromkeys((*groups, *bp.networks, *bp.vpcs, "internet"))
    message = f"unknown name {short(word)!r}"
    elsewhere = [f"{other}/{word}" for other in bp.vpcs if word in bp.vpcs[other].groups]
    if elsewhere:
        hint = f"a group is named with its VPC: {', '.join(elsewhere[:4])}"
        return Unresolved("BP040", message, hint, (word,))
    return Unresolved("BP040", message, did_you_mean(word, known), (word,))

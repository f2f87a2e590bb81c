"""Checks of flows and expectations: what names mean, and whether packets could ever pass."""

from itertools import product

from ringwall.blueprint.ends import End, EndKind, Unresolved, declared_flows
from ringwall.blueprint.judgement import Judgement
from ringwall.blueprint.routing import services_of, shared_endpoint_vpcs
from ringwall.blueprint.semantics_addresses import is_private
from ringwall.blueprint.syntax import Expectation, Flow, Path
from ringwall.model.ports import ANY

MOST_PAIRS = 100_000

_OUTSIDE = {EndKind.INTERNET, EndKind.ADDRESSES}
_PASSIVE = {EndKind.SERVICE, EndKind.ENDPOINTS}  # they answer, and open no connections


def check_flows(judgement: Judgement) -> None:
    """Check every flow of the VPCs and of the top level."""
    pairs = 0
    for path, vpc, flow in declared_flows(judgement.bp):
        sources, destinations = _resolve_both(judgement, path, flow, vpc)
        pairs += len(sources) * len(destinations)
        if pairs > MOST_PAIRS:
            message = f"flows join more than {MOST_PAIRS:,} pairs of ends"
            judgement.error("BP005", path, message, "name VPCs or segments, not every group")
            return
        for (index, source), (other, destination) in product(sources, destinations):
            at_source = (*path, "from", index)
            at_destination = (*path, "to", other)
            _check_pair(judgement, source, destination, at_source, at_destination)
        if ANY in flow.ports and any(end.kind is EndKind.INTERNET for _, end in sources):
            message = "every port and protocol is open to the internet"
            hint = "name the ports that are meant"
            judgement.warning("BP068", (*path, "ports"), message, hint)


def check_expectations(judgement: Judgement) -> None:
    """Check the names of every expectation, its own included."""
    seen: dict[str, int] = {}
    for index, expectation in enumerate(judgement.bp.expect):
        path: Path = ("expect", index)
        if expectation.name in seen:
            message = f"two expectations are called {expectation.name!r}"
            related = ((("expect", seen[expectation.name], "name"), "first here"),)
            hint = "names tell them apart in reports and when one is allowed to fail"
            judgement.error("BP047", (*path, "name"), message, hint, related=related)
        seen.setdefault(expectation.name, index)
        sources, destinations = _resolve_both(judgement, path, expectation, "")
        for position, end in sources:
            if end.kind in _PASSIVE:
                at = (*path, "from", position)
                message = f"{end.text} opens no connections, so it cannot be a source"
                judgement.error("BP069", at, message)
        ends = [end for _, end in (*sources, *destinations)]
        if sources and destinations and all(end.kind in _OUTSIDE for end in ends):
            where = [judgement.plan.owner(c) for e in ends for c in e.cidrs if ":" not in c]
            if not any(where):
                message = "neither end lies in a VPC of this blueprint"
                judgement.error("BP069", (*path, "to"), message)


def _resolve_both(
    judgement: Judgement, path: Path, flow: Flow | Expectation, vpc: str
) -> tuple[list[tuple[int, End]], list[tuple[int, End]]]:
    found: list[list[tuple[int, End]]] = []
    for side, names in (("from", flow.sources), ("to", flow.destinations)):
        ends: list[tuple[int, End]] = []
        for index, name in enumerate(names):
            meant = judgement.resolve(name, vpc=vpc)
            if not isinstance(meant, Unresolved):
                ends += [(index, end) for end in meant]
            elif not judgement.missing.intersection(meant.words):
                at = (*path, side, index)
                judgement.error(meant.code, at, meant.message, meant.hint)
        found.append(ends)
    return found[0], found[1]


def _check_pair(
    judgement: Judgement, source: End, destination: End, at_source: Path, at_destination: Path
) -> None:
    if source.kind in _PASSIVE:
        message = f"{source.text} opens no connections, so nothing flows from it"
        judgement.error("BP069", at_source, message, "turn the flow round")
    elif source.kind in _OUTSIDE and destination.kind in _OUTSIDE | {EndKind.SERVICE}:
        message = f"neither {source.text} nor {destination.text} is a part of this blueprint"
        judgement.error("BP069", at_source, message, "name a group on one side")
    elif source.kind in _OUTSIDE:
        _check_from_outside(judgement, source, destination, at_source, at_destination)
    elif destination.kind is EndKind.SERVICE:
        _check_service(judgement, source, destination, at_destination)
    elif destination.kind in _OUTSIDE:
        _check_to_outside(judgement, source, destination, at_source, at_destination)
    else:
        _check_joined(judgement, source.vpc, destination.vpc, at_destination)
        if destination.kind is EndKind.ENDPOINTS and source.vpc != destination.vpc:
            _check_shared(judgement, source, destination, at_destination)


def _check_joined(judgement: Judgement, source: str, destination: str, path: Path) -> None:
    if judgement.missing:
        return
    missing = judgement.gap(source, destination)
    if missing is not None:
        message = f"no connection from vpc {source!r} to vpc {destination!r}: {missing.message}"
        related = ((missing.path, "what does not route"),)
        judgement.error("BP060", path, message, missing.hint, related=related)


def _check_shared(judgement: Judgement, source: End, destination: End, path: Path) -> None:
    if judgement.missing or judgement.gap(source.vpc, destination.vpc):
        return
    if destination.vpc not in shared_endpoint_vpcs(judgement.bp, judgement.plan, source.vpc):
        message = f"vpc {destination.vpc!r} does not share its interface endpoints"
        related = ((("vpcs", destination.vpc, "endpoints"), "its endpoints"),)
        judgement.error("BP067", path, message, "add `shared: true` to them", related=related)


def _check_service(judgement: Judgement, source: End, destination: End, path: Path) -> None:
    services = services_of(judgement.bp, judgement.plan, source.vpc)
    if destination.name in services or judgement.missing:
        return
    kind = "gateway" if destination.name in {"s3", "dynamodb"} else "interface"
    known = f"; it has {', '.join(services)}" if services else ""
    message = f"vpc {source.vpc!r} reaches no endpoint of {destination.name!r}{known}"
    hint = f"add `endpoints: {{{kind}: [{destination.name}]}}` to vpc {source.vpc!r}"
    judgement.error("BP066", path, message, hint)


def _kinds(judgement: Judgement, end: End) -> tuple[str, ...]:
    """Return the kinds of the tiers in which an end has placements; () when not known."""
    vpc = judgement.bp.vpcs[end.vpc]
    match end.kind:
        case EndKind.GROUP:
            names = [vpc.groups[end.name].tier]
        case EndKind.TIER:
            names = [end.name]
        case EndKind.ENDPOINTS:
            names = [vpc.endpoint_tier or ""]
        case _:
            names = [name for name, tier in vpc.tiers.items() if tier.kind != "attachment"]
    return tuple(vpc.all_tiers[name].kind for name in names if name in vpc.all_tiers)


def _check_from_outside(
    judgement: Judgement, source: End, destination: End, at_source: Path, at_destination: Path
) -> None:
    if source.kind is EndKind.INTERNET or not all(is_private(cidr) for cidr in source.cidrs):
        kinds = _kinds(judgement, destination)
        if kinds and "public" not in kinds:
            what = "the internet" if source.kind is EndKind.INTERNET else source.text
            message = f"{destination.text} is in a tier that is {kinds[0]}: {what} cannot reach it"
            hint = "let it in by a group in a public tier, a load balancer for example"
            judgement.error("BP063", at_destination, message, hint)
        return
    _check_private(judgement, source, destination.vpc, at_source, is_source=True)


def _check_to_outside(
    judgement: Judgement, source: End, destination: End, at_source: Path, at_destination: Path
) -> None:
    if destination.kind is EndKind.ADDRESSES and all(is_private(c) for c in destination.cidrs):
        _check_private(judgement, destination, source.vpc, at_destination, is_source=False)
        return
    kinds = _kinds(judgement, source)
    vpc = judgement.bp.vpcs[source.vpc]
    if not kinds or "public" in kinds:
        return
    related = ((("vpcs", source.vpc, "tiers"), f"the tiers of {source.vpc}"),)
    if "private" not in kinds:
        message = f"{source.text} is in a tier that is {kinds[0]}: it has no way to the internet"
        hint = "put it in a private tier, or use an endpoint (aws:SERVICE)"
        judgement.error("BP061", at_source, message, hint, related=related)
    elif vpc.nat == "none":
        message = f"vpc {source.vpc!r} has no NAT, so {source.text} cannot reach the internet"
        hint = f"add `nat: one-per-zone` to vpc {source.vpc!r}"
        judgement.error("BP062", at_source, message, hint)


def _check_private(
    judgement: Judgement, addresses: End, vpc: str, path: Path, *, is_source: bool
) -> None:
    """Check that private addresses lie in a VPC that is joined with another."""
    if judgement.missing:
        return
    for cidr in addresses.cidrs:
        if ":" in cidr:
            continue
        owner = judgement.plan.owner(cidr)
        if owner is not None:
            source, destination = (owner, vpc) if is_source else (vpc, owner)
            _check_joined(judgement, source, destination, path)
        elif not judgement.plan.touches(cidr):
            message = f"{cidr} lies in no VPC of this blueprint, and no route to it is made"
            hint = "routes to networks outside are made by hand, or by a Transit Gateway's VPN"
            judgement.warning("BP079", path, message, hint)

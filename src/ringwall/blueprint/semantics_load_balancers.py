"""Checks of load balancers: places, listeners, target groups, and the flows that they need."""

from collections.abc import Iterable, Iterator

from ringwall.blueprint.ends import EndKind, Unresolved, declared_flows
from ringwall.blueprint.judgement import Judgement
from ringwall.blueprint.load_balancers import (
    MOST_RULES,
    STRONG_POLICIES,
    Answer,
    LoadBalancer,
    TargetGroup,
)
from ringwall.blueprint.semantics_estate import check_former
from ringwall.blueprint.syntax import Path
from ringwall.blueprint.vpcs import Vpc
from ringwall.blueprint.words import did_you_mean
from ringwall.model.ports import PortSpec

# "Each subnet must have a CIDR block with at least a /27 bitmask" (Application Load Balancers
# guide, subnets).
SMALLEST_SUBNET = 27
TCP = 6
EVERY_PROTOCOL = -1


def check_load_balancers(judgement: Judgement) -> None:
    """Check every load balancer."""
    for vpc_name, vpc in judgement.bp.vpcs.items():
        here: Path = ("vpcs", vpc_name, "load_balancers")
        check_former(judgement, here, {n: each.was for n, each in vpc.load_balancers.items()})
        for name, each in vpc.load_balancers.items():
            path = (*here, name)
            _check_place(judgement, path, vpc_name, vpc, each)
            _check_name(judgement, path, vpc_name, vpc)
            _check_listeners(judgement, path, each)
            _check_target_groups(judgement, path, vpc_name, vpc, each)
            _check_flows(judgement, path, vpc_name, vpc, each)


def _unknown_group(judgement: Judgement, path: Path, vpc_name: str, name: str) -> None:
    if name not in judgement.missing:
        hint = did_you_mean(name, judgement.bp.vpcs[vpc_name].groups)
        judgement.error("BP040", path, f"vpc {vpc_name!r} has no group {name!r}", hint)


def _check_place(
    judgement: Judgement, path: Path, vpc_name: str, vpc: Vpc, wanted: LoadBalancer
) -> None:
    if wanted.group not in vpc.groups:
        _unknown_group(judgement, (*path, "group"), vpc_name, wanted.group)
        return
    tier_name = vpc.groups[wanted.group].tier
    tier = vpc.all_tiers.get(tier_name)
    if tier is None:
        return
    related = ((("vpcs", vpc_name, "tiers", tier_name), "the tier"),)
    if wanted.scheme == "internet-facing" and tier.kind != "public":
        message = f"tier {tier_name!r} is {tier.kind}: public addresses lead nowhere there"
        hint = "put its group in a public tier, or write `scheme: internal`"
        judgement.error("BP101", (*path, "scheme"), message, hint, related=related)
    if len(judgement.bp.zones) < 2 and not judgement.missing & {"zones"}:
        message = "a load balancer stands in two zones at least, and the blueprint has one"
        judgement.error("BP100", path, message, "add a zone", at_key=True)
    placed = judgement.plan.vpcs.get(vpc_name)
    subnets = (
        placed.tiers[tier_name].subnets.values() if placed and tier_name in placed.tiers else ()
    )
    for subnet in subnets:
        if int(subnet.cidr.rpartition("/")[2]) > SMALLEST_SUBNET:
            message = (
                f"subnets of tier {tier_name!r} are too small for a load balancer ({subnet.cidr})"
            )
            hint = f"give the tier a block with a /{SMALLEST_SUBNET} for each zone"
            judgement.error("BP107", (*path, "group"), message, hint, related=related)
            break


def _check_name(judgement: Judgement, path: Path, vpc_name: str, vpc: Vpc) -> None:
    name = str(path[-1])
    for what, names in (("group", vpc.groups), ("tier", vpc.all_tiers)):
        if name in names:
            message = f"a load balancer and a {what} of vpc {vpc_name!r} are called {name!r}"
            related = ((("vpcs", vpc_name, f"{what}s", name), f"the {what}"),)
            judgement.error("BP046", path, message, "rename one", at_key=True, related=related)


def _answers(wanted: LoadBalancer, path: Path) -> Iterator[tuple[Path, Answer]]:
    for index, listener in enumerate(wanted.listeners):
        here = (*path, "listeners", index)
        yield here, listener
        for number, rule in enumerate(listener.rules):
            yield (*here, "rules", number), rule


def _check_listeners(judgement: Judgement, path: Path, wanted: LoadBalancer) -> None:
    seen: dict[int, int] = {}
    for index, listener in enumerate(wanted.listeners):
        here = (*path, "listeners", index)
        if listener.port in seen:
            message = f"two listeners take port {listener.port}"
            related = (((*path, "listeners", seen[listener.port], "port"), "first here"),)
            judgement.error("BP049", (*here, "port"), message, "keep one", related=related)
        seen.setdefault(listener.port, index)
        if listener.tls_policy is not None and listener.tls_policy not in STRONG_POLICIES:
            message = f"{listener.tls_policy} is not known to refuse TLS 1.0 and 1.1"
            hint = "leave it out, or choose one that begins with ELBSecurityPolicy-TLS13-1-2-Res"
            judgement.warning("BP106", (*here, "tls_policy"), message, hint)
        if listener.protocol == "HTTP" and listener.redirect == "https":
            secure = [each for each in wanted.listeners if each.protocol == "HTTPS"]
            if all(each.port != 443 for each in secure):
                message = "it redirects to HTTPS on port 443, which no listener takes"
                judgement.error("BP103", (*here, "redirect"), message, "add one with `port: 443`")
        priorities: dict[int, int] = {}
        for number, rule in enumerate(listener.rules):
            if rule.priority in priorities:
                message = f"two rules have priority {rule.priority}"
                first = (*here, "rules", priorities[rule.priority], "priority")
                judgement.error(
                    "BP080",
                    (*here, "rules", number, "priority"),
                    message,
                    related=((first, "first here"),),
                )
            priorities.setdefault(rule.priority, number)
    count = sum(len(listener.rules) for listener in wanted.listeners)
    if count > MOST_RULES:
        message = f"{count} rules are more than the {MOST_RULES} of a load balancer"
        judgement.error("BP083", (*path, "listeners"), message, "put paths together", at_key=True)


def _check_target_groups(
    judgement: Judgement, path: Path, vpc_name: str, vpc: Vpc, wanted: LoadBalancer
) -> None:
    used: set[str] = set()
    for here, answer in _answers(wanted, path):
        name = answer.target_group
        if name is None:
            continue
        used.add(name)
        if name not in wanted.target_groups and name not in judgement.missing:
            message = f"load balancer {path[-1]!r} has no target group {name!r}"
            hint = did_you_mean(name, wanted.target_groups) or "add it to `target_groups`"
            judgement.error("BP102", (*here, "target_group"), message, hint)
    for name, target in wanted.target_groups.items():
        here = (*path, "target_groups", name)
        if target.group not in vpc.groups:
            _unknown_group(judgement, (*here, "group"), vpc_name, target.group)
        if name not in used:
            message = f"no listener leads to the target group {name!r}"
            judgement.warning("BP104", here, message, f"target_group: {name}", at_key=True)


def _check_flows(
    judgement: Judgement, path: Path, vpc_name: str, vpc: Vpc, wanted: LoadBalancer
) -> None:
    """Check that flows lead to every listener, and from the load balancer to its targets."""
    if judgement.missing or wanted.group not in vpc.groups:
        return
    own = f"{vpc_name}/{wanted.group}"
    into = [ports for _, ports, to in _flows(judgement) if own in to]
    for index, listener in enumerate(wanted.listeners):
        if not any(_holds(spec, listener.port) for ports in into for spec in ports):
            message = f"no flow leads to port {listener.port} of {own}"
            hint = (
                f"add {{from: internet, to: {wanted.group}, ports: [{listener.port}]}} to `flows`"
            )
            judgement.warning("BP109", (*path, "listeners", index, "port"), message, hint)
        clear = listener.protocol == "HTTP" and listener.redirect is None
        if clear and any("internet" in who for who, _, to in _flows(judgement) if own in to):
            message = f"the internet speaks HTTP with port {listener.port}, in the clear"
            judgement.warning(
                "BP108", (*path, "listeners", index, "port"), message, "redirect: https"
            )
    for name, target in wanted.target_groups.items():
        if target.group not in vpc.groups:
            continue
        there = f"{vpc_name}/{target.group}"
        onward = [ports for who, ports, to in _flows(judgement) if own in who and there in to]
        for what, port in _ports(target):
            if any(_holds(spec, port) for ports in onward for spec in ports):
                continue
            message = f"no flow lets {own} reach {there} on port {port}, {what}"
            hint = f"add {{from: {wanted.group}, to: {target.group}, ports: [{port}]}} to `flows`"
            judgement.error("BP105", (*path, "target_groups", name), message, hint, at_key=True)


def _ports(target: TargetGroup) -> Iterator[tuple[str, int]]:
    yield "which its targets take", target.port
    if target.health_check.port not in {None, target.port}:
        yield "where they are checked", target.health_check.port or 0


def _flows(judgement: Judgement) -> Iterator[tuple[set[str], tuple[PortSpec, ...], set[str]]]:
    """Yield who opens connections to whom on which ports, each by the keys of groups."""
    for _, vpc, flow in declared_flows(judgement.bp):
        yield (
            _members(judgement, flow.sources, vpc),
            flow.ports,
            _members(judgement, flow.destinations, vpc),
        )


def _members(judgement: Judgement, names: Iterable[str], vpc: str) -> set[str]:
    found: set[str] = set()
    for name in names:
        ends = judgement.resolve(name, vpc=vpc)
        if isinstance(ends, Unresolved):
            continue
        for end in ends:
            groups = judgement.bp.vpcs[end.vpc].groups if end.vpc else {}
            match end.kind:
                case EndKind.GROUP:
                    found.add(end.key)
                case EndKind.VPC:
                    found |= {f"{end.vpc}/{group}" for group in groups}
                case EndKind.TIER:
                    found |= {f"{end.vpc}/{n}" for n, g in groups.items() if g.tier == end.name}
                case _:
                    found.add(end.text)
    return found


def _holds(spec: PortSpec, port: int) -> bool:
    if spec.number == EVERY_PROTOCOL:
        return True
    return spec.number == TCP and spec.low <= port <= spec.high

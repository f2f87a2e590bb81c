"""Checks of web ACLs: their rules, their capacity, and the load balancers that name them."""

from ringwall.blueprint.judgement import Judgement
from ringwall.blueprint.semantics_estate import check_former
from ringwall.blueprint.syntax import Path
from ringwall.blueprint.web_acls import INCLUDED_CAPACITY, MOST_CAPACITY, WebAcl
from ringwall.blueprint.words import did_you_mean


def check_web_acls(judgement: Judgement) -> None:
    """Check every web ACL, and that load balancers name one that is there."""
    web_acls = judgement.bp.web_acls
    check_former(judgement, ("web_acls",), {name: each.was for name, each in web_acls.items()})
    used: set[str] = set()
    for vpc_name, vpc in judgement.bp.vpcs.items():
        for name, balancer in vpc.load_balancers.items():
            wanted = balancer.web_acl
            if wanted is None:
                continue
            used.add(wanted)
            if wanted not in web_acls and wanted not in judgement.missing:
                path: Path = ("vpcs", vpc_name, "load_balancers", name, "web_acl")
                hint = did_you_mean(wanted, web_acls) or "add it to `web_acls`"
                judgement.error("BP110", path, f"unknown web ACL {wanted!r}", hint)
    for name, each in web_acls.items():
        here: Path = ("web_acls", name)
        _check_rules(judgement, here, each)
        if name not in used and not judgement.missing:
            message = f"no load balancer names the web ACL {name!r}, so it judges nothing"
            judgement.warning("BP113", here, message, f"web_acl: {name}", at_key=True)


def _check_rules(judgement: Judgement, here: Path, web_acl: WebAcl) -> None:
    for part, names in (
        ("managed_rules", [each.name for each in web_acl.managed_rules]),
        ("rate_limits", [each.name for each in web_acl.rate_limits]),
    ):
        for index, name in enumerate(names):
            if name in names[:index]:
                first = (((*here, part, names.index(name)), "first here"),)
                message = f"{name} stands twice"
                judgement.error("BP049", (*here, part, index), message, "keep one", related=first)
    capacity = web_acl.capacity
    if capacity > MOST_CAPACITY:
        message = f"its rules take {capacity} capacity units, and a web ACL has {MOST_CAPACITY}"
        judgement.error("BP083", here, message, "leave out a rule group", at_key=True)
    elif capacity > INCLUDED_CAPACITY:
        message = (
            f"its rules take {capacity} capacity units: AWS charges for more than "
            f"{INCLUDED_CAPACITY} with every request"
        )
        judgement.warning("BP111", here, message, "leave out a rule group", at_key=True)

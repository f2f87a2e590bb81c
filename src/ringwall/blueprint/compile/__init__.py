"""A blueprint into the graph of resources that it asks for, one module a subject.

Input: a Blueprint that was loaded. Output: a ResourceGraph in normal form, every node with the
place in the blueprint that asked for it. The order of nodes says nothing about the order of steps.

Stages: `survey` lays out addresses and ends of flows (a Site), then each subject adds its nodes to
a Draft: networks, routing, transit_gateway, segmentation, nacls, endpoints, load_balancers,
web_acls, logs, watching, responding, dns, account.
"""

from collections.abc import Mapping

from ringwall.blueprint.addresses import address_plan
from ringwall.blueprint.compile.account import compile_account
from ringwall.blueprint.compile.dns import compile_dns
from ringwall.blueprint.compile.draft import Draft, Scope
from ringwall.blueprint.compile.endpoints import compile_endpoints
from ringwall.blueprint.compile.handwritten import handwritten_entries
from ringwall.blueprint.compile.load_balancers import compile_load_balancers
from ringwall.blueprint.compile.logs import compile_logs
from ringwall.blueprint.compile.nacls import compile_nacls
from ringwall.blueprint.compile.networks import compile_networks
from ringwall.blueprint.compile.responding import compile_responding
from ringwall.blueprint.compile.routing import compile_routing
from ringwall.blueprint.compile.segmentation import compile_segmentation
from ringwall.blueprint.compile.survey import survey
from ringwall.blueprint.compile.transit_gateway import compile_transit_gateway
from ringwall.blueprint.compile.watching import compile_watching
from ringwall.blueprint.compile.web_acls import compile_web_acls
from ringwall.blueprint.syntax import Blueprint
from ringwall.errors import BlueprintError
from ringwall.model.grants import Grant
from ringwall.model.graph import ResourceGraph

__all__ = ["compile_blueprint"]


def compile_blueprint(
    bp: Blueprint, playbooks: Mapping[str, tuple[Grant, ...]] | None = None
) -> ResourceGraph:
    """Compile a blueprint; `playbooks` are those that a response may use, each with what it needs.

    Raises BlueprintError with every network ACL that cannot hold what its tier needs, and with what
    a response cannot be given.
    """
    draft = Draft(bp.name, bp.account or "", bp.region, bp.tags, _scopes(bp))
    plan = address_plan(bp)
    site = survey(bp, plan)
    compile_networks(draft, site)
    compile_transit_gateway(draft, bp, site)
    compile_routing(draft, site)
    compile_segmentation(draft, site)
    compile_nacls(draft, site, handwritten_entries(bp), bp.quotas.nacl_entries)
    compile_endpoints(draft, bp, plan, site)
    compile_load_balancers(draft, bp, site)
    compile_web_acls(draft, bp)
    compile_logs(draft, bp, site)
    compile_watching(draft, bp, site)
    compile_responding(draft, bp, playbooks or {})
    compile_dns(draft, bp, site)
    compile_account(draft, bp, site)
    if draft.problems:
        raise BlueprintError(bp.file, draft.problems)
    return draft.graph()


def _scopes(bp: Blueprint) -> dict[str, Scope]:
    """Return what VPCs, tiers and groups say of all that is in them."""
    scopes: dict[str, Scope] = {}
    for name, vpc in bp.vpcs.items():
        scopes[name] = Scope(vpc.tags, vpc.was, vpc.protect)
        for tier_name, tier in vpc.tiers.items():
            scopes[f"{name}/{tier_name}"] = Scope({}, tier.was, tier.protect)
        for group_name, group in vpc.groups.items():
            scopes[f"{name}/{group_name}"] = Scope({}, group.was, group.protect)
    return scopes

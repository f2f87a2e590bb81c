"""The account's switches as written into nodes, only where the blueprint says it owns them."""

from ringwall.blueprint.compile.draft import Draft
from ringwall.blueprint.compile.site import Site
from ringwall.blueprint.compile.survey import origin_of
from ringwall.blueprint.syntax import Blueprint


def compile_account(draft: Draft, bp: Blueprint, site: Site) -> None:
    """Add Block Public Access and its exclusions."""
    settings = bp.account_settings
    if not settings.owned:
        return
    draft.add_child(
        "AWS::EC2::VPCBlockPublicAccessOptions",
        {"InternetGatewayBlockMode": settings.block_public_access},
        origin_of(bp, ("account_settings",)),
    )
    for name, mode in settings.exclusions.items():
        vpc = site.by_name.get(name)
        if vpc is not None:
            draft.add(
                "AWS::EC2::VPCBlockPublicAccessExclusion",
                name,
                {"VpcId": vpc.ref, "InternetGatewayExclusionMode": mode},
                origin_of(bp, ("account_settings", "exclusions", name)),
            )

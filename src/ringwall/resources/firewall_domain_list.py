"""AWS::Route53Resolver::FirewallDomainList: ours with its domains, and those that AWS manages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ringwall.model.calls import Call, Idempotence, Token, Wait
from ringwall.model.graph import Node
from ringwall.model.plan import Exposure
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.hosted_zone import zone_name
from ringwall.resources.kind import Detail, Listing, Reads, ResourceType
from ringwall.resources.ownership import to_tag_list
from ringwall.resources.resolver import (
    NOT_FOUND,
    may_be_ours,
    object_id,
    resolver_tag,
    resolver_tags,
)

TYPE = "AWS::Route53Resolver::FirewallDomainList"
LISTS = Listing("route53resolver", "list_firewall_domain_lists", "FirewallDomainLists")
TAGS = resolver_tags(LISTS)
DOMAINS = Detail(
    "route53resolver",
    "list_firewall_domains",
    LISTS.name,
    item_id=object_id,
    request=lambda item: {"FirewallDomainListId": item["Id"]},
    items="Domains",
    # AWS does not tell the domains of the lists that it manages.
    wanted=lambda item, deployment: (
        not item.get("ManagedOwnerName") and may_be_ours(item, deployment)
    ),
)
MANAGED = "aws:"
# UpdateFirewallDomains takes so many at once (Route 53 Resolver API reference).
MOST_DOMAINS = 1000


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Bring the domains into lower case without the last dot, each once, sorted."""
    full = dict(properties)
    if "Domains" in full:
        full["Domains"] = sorted({zone_name(domain) for domain in full["Domains"]})
    return full


def read(reads: Reads) -> Iterable[Node]:
    """Yield every list; one that AWS manages has the key `aws:` and its name."""
    for item in reads.items(LISTS):
        properties: dict[str, Any] = {"Name": item["Name"]}
        domains = reads.detail(DOMAINS, item["Id"])
        if domains is not None:
            properties["Domains"] = domains
        observed = {"Arn": item.get("Arn"), "ManagedOwnerName": item.get("ManagedOwnerName")}
        tags = reads.detail(TAGS, item["Id"])
        node = ec2_node(reads, TYPE, item["Id"], normalise(properties), observed, tags)
        if item.get("ManagedOwnerName"):
            node = replace(node, key=f"{MANAGED}{item['Name']}")
        yield node


def _complete(node: Node) -> Wait:
    return Wait(
        "get_firewall_domain_list",
        {"FirewallDomainListId": node.ref},
        "FirewallDomainList.Status",
        success=frozenset({"COMPLETE"}),
        failure=frozenset({"COMPLETE_IMPORT_FAILED"}),
    )


def _change(node: Node, operation: str, domains: Sequence[str]) -> list[Call]:
    return [
        Call(
            "route53resolver",
            "update_firewall_domains",
            {
                "FirewallDomainListId": node.ref,
                "Operation": operation,
                "Domains": list(domains[start : start + MOST_DOMAINS]),
            },
            waits_for=(_complete(node),),
        )
        for start in range(0, len(domains), MOST_DOMAINS)
    ]


def create(node: Node) -> tuple[Call, ...]:
    """Create it empty, then add its domains: CreateFirewallDomainList takes none."""
    request = {
        "CreatorRequestId": Token(),
        "Name": node.properties["Name"],
        "Tags": to_tag_list(node.tags),
    }
    made = Call(
        "route53resolver",
        "create_firewall_domain_list",
        request,
        extract={"id": "FirewallDomainList.Id", "Arn": "FirewallDomainList.Arn"},
        idempotent_by=Idempotence.TOKEN,
    )
    return (made, *_change(node, "ADD", node.properties.get("Domains", [])))


def update(before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Add the domains that are new, then remove the others."""
    old, new = (set(node.properties.get("Domains", ())) for node in (before, after))
    return (*_change(after, "ADD", sorted(new - old)), *_change(after, "REMOVE", sorted(old - new)))


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it, and wait until it is gone; AWS refuses while a rule names it."""
    gone = Wait(
        "get_firewall_domain_list",
        {"FirewallDomainListId": node.ref},
        "FirewallDomainList.Status",
        success=frozenset({"gone"}),
        gone_codes=NOT_FOUND,
    )
    return (
        Call(
            "route53resolver",
            "delete_firewall_domain_list",
            {"FirewallDomainListId": node.ref},
            waits_for=(gone,),
            ignore=NOT_FOUND,
        ),
    )


def exposure(before: Node | None, after: Node | None) -> Exposure:
    """Tell the exposure: alone a list does nothing, but rules that name it feel its changes."""
    return Exposure.NEUTRAL if before is None or after is None else Exposure.BOTH


RESOURCE = ResourceType(
    name=TYPE,
    listings=(LISTS,),
    details=(TAGS, DOMAINS),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=resolver_tag,
    # Nothing renames it, and nothing goes by its name: a new one would make every rule anew.
    initial=frozenset({"Name"}),
    exposure=exposure,
    permissions={"apply": ("route53resolver:TagResource",)},
)

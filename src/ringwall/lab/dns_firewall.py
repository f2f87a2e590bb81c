"""Route 53 Resolver DNS Firewall: domain lists, rule groups, rules and associations."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.moto_api._internal import mock_random

from ringwall.lab import world
from ringwall.lab.actions import Call, Described, add_json, refuse
from ringwall.lab.world import Moto

MANAGED_BY = "Route 53 Resolver DNS Firewall"
# Route 53 developer guide, "Managed Domain Lists".
MANAGED = (
    "AWSManagedDomainsMalwareDomainList",
    "AWSManagedDomainsBotnetCommandandControl",
    "AWSManagedDomainsAggregateThreatList",
    "AWSManagedDomainsAmazonGuardDutyThreatList",
)


class Thing:
    """A list, group or association: what is described of it, and what is not."""

    def __init__(self, prefix: str, kind: str, call: Call, fields: Described) -> None:
        self.id = f"{prefix}-{mock_random.get_random_hex(16)}"
        self.arn = (
            f"arn:{call.backend.partition}:route53resolver:{call.region}:{call.account}:"
            f"{kind}/{self.id}"
        )
        self.fields = fields
        self.status = "COMPLETE"
        self.domains: list[str] = []
        self.rules: list[Described] = []
        self.created = self.modified = now()
        self.asked = {key: value for key, value in call.params.items() if key != "Tags"}

    def describe(self, **more: Moto) -> Described:
        """Return the whole description."""
        return {
            "Id": self.id,
            "Arn": self.arn,
            "Status": self.status,
            "StatusMessage": "",
            "CreationTime": self.created,
            "ModificationTime": self.modified,
            **self.fields,
            **more,
        }


class Firewall:
    """What one account and region holds."""

    def __init__(self) -> None:
        self.lists: dict[str, Thing] = {}
        self.groups: dict[str, Thing] = {}
        self.associations: dict[str, Thing] = {}
        self.configs: dict[str, Described] = {}


def now() -> str:
    """Return the time as Resolver prints it."""
    return datetime.now(UTC).isoformat()  # noqa: TID251  (a server's own clock)


def firewall(call: Call) -> Firewall:
    """Return what the account and region of a call hold."""
    return world.store(call.backend, Firewall)


def managed_lists(call: Call) -> dict[str, Described]:
    """Return AWS's own domain lists, by id."""
    listed = {}
    for name in MANAGED:
        digest = hashlib.sha256(f"{call.region}{name}".encode()).hexdigest()[:16]
        arn = f"arn:aws:route53resolver:{call.region}::firewall-domain-list/rslvr-fdl-{digest}"
        listed[f"rslvr-fdl-{digest}"] = {
            "Id": f"rslvr-fdl-{digest}",
            "Arn": arn,
            "Name": name,
            "ManagedOwnerName": MANAGED_BY,
            "ManagedListType": "THREAT",
        }
    return listed


def missing(what: str, one: str) -> None:
    """Refuse for want of a thing."""
    refuse("ResourceNotFoundException", f"[RSLVR-02000] {what} with ID '{one}' does not exist")


def get(shelf: dict[str, Thing], what: str, one: str) -> Thing:
    """Return one thing of a shelf, or refuse."""
    if one not in shelf:
        missing(what, one)
    return shelf[one]


def page(call: Call, key: str, listed: list[Any]) -> Described:
    """Return one page of a listing, by MaxResults and NextToken."""
    start, most = int(call.get("NextToken", 0)), int(call.get("MaxResults", 100))
    answer: Described = {key: listed[start : start + most]}
    if start + most < len(listed):
        answer["NextToken"] = str(start + most)
    return answer


def made_before(call: Call, shelf: dict[str, Thing]) -> Thing | None:
    """Return what the same CreatorRequestId made before.

    "A unique string that identifies the request and that allows you to retry failed requests
    without the risk of running the operation twice."
    """
    token = call.need("CreatorRequestId")
    asked = {key: value for key, value in call.params.items() if key != "Tags"}
    for one in shelf.values():
        if one.fields["CreatorRequestId"] == token:
            if one.asked != asked:
                text = f"[RSLVR-02024] CreatorRequestId '{token}' was used with other parameters"
                refuse("ValidationException", text)
            return one
    return None


def tag(call: Call, one: Thing) -> None:
    """Tag what was made with the tags of the call."""
    call.backend.tagger.tag_resource(one.arn, call.get("Tags", []))


def create_firewall_domain_list(call: Call) -> Described:
    """CreateFirewallDomainList."""
    shelf = firewall(call).lists
    made = made_before(call, shelf)
    if made is None:
        fields = {name: call.need(name) for name in ("Name", "CreatorRequestId")}
        made = Thing("rslvr-fdl", "firewall-domain-list", call, fields)
        shelf[made.id] = made
        tag(call, made)
    return {"FirewallDomainList": made.describe(DomainCount=len(made.domains))}


def get_firewall_domain_list(call: Call) -> Described:
    """GetFirewallDomainList."""
    own = managed_lists(call).get(call.need("FirewallDomainListId"))
    if own is not None:
        return {"FirewallDomainList": {**own, "Status": "COMPLETE", "DomainCount": 0}}
    one = get(firewall(call).lists, "Firewall domain list", call.need("FirewallDomainListId"))
    return {"FirewallDomainList": one.describe(DomainCount=len(one.domains))}


def list_firewall_domain_lists(call: Call) -> Described:
    """ListFirewallDomainLists: AWS's own among them."""
    listed = list(managed_lists(call).values())
    listed += [
        {"Id": one.id, "Arn": one.arn, **one.fields} for one in firewall(call).lists.values()
    ]
    return page(call, "FirewallDomainLists", listed)


def _domain(text: str) -> str:
    """Return a domain as Resolver keeps it: in lower case, with a final dot."""
    name = text.strip().rstrip(".").lower()
    rest = name.removeprefix("*.") if name != "*" else "x"
    labels = rest.split(".")
    if "*" in rest or not all(0 < len(label) < 64 for label in labels) or len(name) > 253:
        refuse("ValidationException", f"[RSLVR-02030] '{text}' is not a valid domain")
    return f"{name}."


def update_firewall_domains(call: Call) -> Described:
    """UpdateFirewallDomains."""
    one = get(firewall(call).lists, "Firewall domain list", call.need("FirewallDomainListId"))
    domains = [_domain(text) for text in call.need("Domains")]
    match call.need("Operation"):
        case "ADD":
            kept = one.domains + domains
        case "REMOVE":
            kept = [domain for domain in one.domains if domain not in domains]
        case "REPLACE":
            kept = domains
        case other:
            refuse("ValidationException", f"Value '{other}' at 'operation' is not valid")
    one.domains = sorted(set(kept))
    one.modified = now()
    world.clock().pass_through(one, "UPDATING", "COMPLETE", world.ASSOCIATION, attribute="status")
    return {"Id": one.id, "Name": one.fields["Name"], "Status": one.status, "StatusMessage": ""}


def list_firewall_domains(call: Call) -> Described:
    """ListFirewallDomains; what AWS's own lists hold is not shown."""
    list_id = call.need("FirewallDomainListId")
    if list_id in managed_lists(call):
        refuse("AccessDeniedException", "The contents of a managed domain list are not shown.")
    one = get(firewall(call).lists, "Firewall domain list", list_id)
    return page(call, "Domains", one.domains)


def delete_firewall_domain_list(call: Call) -> Described:
    """DeleteFirewallDomainList: refused while a rule uses it."""
    home, list_id = firewall(call), call.need("FirewallDomainListId")
    if list_id in managed_lists(call):
        refuse("AccessDeniedException", "A managed domain list cannot be deleted.")
    one = get(home.lists, "Firewall domain list", list_id)
    if any(rule.get("FirewallDomainListId") == one.id for group in home.groups.values()
           for rule in group.rules):  # fmt: skip
        refuse("ConflictException", f"[RSLVR-02016] Domain list {one.id} is used by a rule")
    del home.lists[one.id]
    one.status = "DELETING"
    return {"FirewallDomainList": one.describe(DomainCount=len(one.domains))}


HANDLERS: dict[str, Callable[[Call], Described]] = {
    "CreateFirewallDomainList": create_firewall_domain_list,
    "GetFirewallDomainList": get_firewall_domain_list,
    "ListFirewallDomainLists": list_firewall_domain_lists,
    "UpdateFirewallDomains": update_firewall_domains,
    "ListFirewallDomains": list_firewall_domains,
    "DeleteFirewallDomainList": delete_firewall_domain_list,
}


def install() -> None:
    """Answer the calls about domain lists."""
    from moto.route53resolver.responses import Route53ResolverResponse  # noqa: PLC0415

    add_json(Route53ResolverResponse, lambda self: self.route53resolver_backend, HANDLERS)

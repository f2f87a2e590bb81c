"""What gateways, endpoints and attachments cost by the hour, from a dated table.

The figures are on-demand list prices of us-east-1 in US dollars, from the public pricing pages of
Amazon VPC and AWS Transit Gateway, without what is charged for data. Other regions differ by some
tens of per cent; the table says what a change adds, not what a bill will be.
"""

from collections.abc import Iterable
from types import MappingProxyType

from ringwall.model.graph import Node
from ringwall.model.plan import Action, Change
from ringwall.resources import registry

PRICES_AS_OF = "2026-11-01"
PRICES_REGION = "us-east-1"
HOURLY = MappingProxyType(
    {
        "application-load-balancer": 0.0225,  # without capacity units
        "nat-gateway": 0.045,
        "public-ipv4-address": 0.005,
        "transit-gateway-attachment": 0.05,
        "web-acl-rule": 1 / 730,  # a dollar a month; the web ACL itself counts as five
        "vpc-endpoint-interface": 0.01,  # each zone
    }
)


def hourly(node: Node | None) -> float:
    """Return what a resource costs an hour, in dollars."""
    kind = registry().get(node.type) if node is not None else None
    if node is None or kind is None or kind.price is None:
        return 0.0
    name, count = kind.price(node)
    return HOURLY.get(name, 0.0) * count


def cost_of(changes: Iterable[Change]) -> float:
    """Return the dollars an hour that come (or, negative, go) with the changes."""
    total = 0.0
    for change in changes:
        if change.action is not Action.CREATE:
            total -= hourly(change.before)
        if change.action is not Action.DELETE:
            total += hourly(change.after)
    return round(total, 4)

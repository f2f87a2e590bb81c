"""Every call that a type names is one that AWS's service model takes, and answers as we read it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from botocore.model import ListShape

from ringwall.model.calls import Call, Idempotence, Token
from ringwall.model.graph import Node
from ringwall.resources import registry, resource_type
from ringwall.resources.kind import Detail, Listing, ResourceType
from tests.resources.shapes import ListOf, lookups, operations, parameter_errors, point, problems
from tests.resources.wanted import WANTED

LISTINGS = {
    listing.name: listing
    for kind in registry().values()
    for listing in (*kind.listings, *kind.surveyed)
}
DETAILS = {detail.name: detail for kind in registry().values() for detail in kind.details}


class AnyItem(dict[str, Any]):
    """A described item that has every member."""

    def __missing__(self, name: str) -> str:
        return "text-0123456789abcdef"

    def get(self, name: str, _default: Any = None) -> Any:
        return self[name]


def observed(node: Node) -> Node:
    """Return a wanted node as if it had been read."""
    more = {
        "VpcId": "vpc-1",
        "RuleIds": {"Ingress": ["sgr-1"], "Egress": ["sgr-2"]},
        "Ipv6CidrBlockAssociationSet": [
            {"AssociationId": "subnet-cidr-assoc-1", "Ipv6CidrBlock": "2001:db8::/64"}
        ],
    }
    return replace(node, observed={**more, **node.observed}, physical_id=node.physical_id or "x-1")


def changed(node: Node) -> tuple[Node, frozenset[str]]:
    """Return the node as it stood before every property that can be changed had its value."""
    kind = resource_type(node.type)
    names = frozenset(node.properties) - kind.replace - kind.initial
    before = {name: value for name, value in node.properties.items() if name not in names}
    if "Ipv6CidrBlock" in names:
        before["Ipv6CidrBlock"] = "2001:db8::/64"
    return replace(observed(node), properties=before), names


def calls_of(node: Node) -> list[Call]:
    kind = resource_type(node.type)
    before, names = changed(node)
    made = [*kind.create(node), *kind.delete(observed(node))]
    made += kind.update(before, observed(node), names) if names else ()
    made += kind.tag(observed(node), node.tags) if kind.tag else ()
    return made


TITLES = [f"{node.short_type}-{number}" for number, node in enumerate(WANTED)]


@pytest.mark.parametrize("node", WANTED, ids=TITLES)
def test_calls_are_as_the_service_model_asks(node):
    assert [problem for call in calls_of(node) for problem in problems(call)] == []


@pytest.mark.parametrize("node", WANTED, ids=TITLES)
def test_client_tokens_stand_exactly_where_the_model_has_them(node):
    for call in resource_type(node.type).create(node):
        members = operations(call.service)[call.operation].input_shape.members
        holds = [name for name, value in call.request.items() if isinstance(value, Token)]
        assert holds == (["ClientToken"] if "ClientToken" in members else [])
        assert (call.idempotent_by is Idempotence.TOKEN) == bool(holds)


@pytest.mark.parametrize("node", WANTED, ids=TITLES)
def test_what_bears_tags_bears_them_from_its_creation_on(node):
    kind = resource_type(node.type)
    first = kind.create(node)[0]
    assert ("TagSpecifications" in first.request) == (kind.tag is not None)


@pytest.mark.parametrize("node", WANTED, ids=TITLES)
def test_deleting_what_is_gone_is_no_error(node):
    for call in resource_type(node.type).delete(observed(node)):
        replaces = call.operation.startswith("replace_")
        assert replaces or call.ignore, f"{call.operation} must know how AWS says it is gone"


@pytest.mark.parametrize("name", LISTINGS)
def test_listings_page_through_lists(name):
    listing: Listing = LISTINGS[name]
    assert parameter_errors(listing.service, listing.operation, listing.request) == ""
    found = point(listing.service, listing.operation, listing.items)
    assert isinstance(found, ListOf) or found.type_name == "list"


def answer_of(name: str) -> Any:
    return point(DETAILS[name].service, DETAILS[name].operation, DETAILS[name].items)


@pytest.mark.parametrize("name", DETAILS)
def test_details_ask_of_a_listing_that_is_read(name):
    detail: Detail = DETAILS[name]
    assert detail.of in LISTINGS or isinstance(answer_of(detail.of), ListOf | ListShape)
    assert detail.operation in operations(detail.service)
    request = detail.request(AnyItem())
    errors = parameter_errors(detail.service, detail.operation, request)
    assert not errors or "valid types" in errors, errors
    point(detail.service, detail.operation, detail.items)


@pytest.mark.parametrize("kind", registry().values(), ids=lambda kind: kind.name)
def test_a_type_is_whole(kind: ResourceType):
    assert kind.listings, "nothing is read"
    if kind.parent:
        assert kind.key is not None, "what belongs to a parent is keyed by it"
    if kind.tag is not None:
        assert kind.key is None, "what bears tags has the key of its tag"
        assert not kind.parent
    if kind.name.startswith("Ringwall::"):
        assert kind.name.split("::")[1] in {"EC2", "Route53Resolver"}


def test_a_lookup_puts_quoted_texts_in_its_path():
    node = next(n for n in WANTED if n.short_type == "SubnetNetworkAclAssociation")
    (call,) = resource_type(node.type).create(node)
    (lookup,) = lookups(call.request)
    resolved: Mapping[str, str] = {"subnet": "subnet-1'"}
    assert "SubnetId=='subnet-1\\''" in lookup.expression(resolved)

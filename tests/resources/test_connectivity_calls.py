"""Calls of connectivity, logging and DNS, judged by botocore's models and by our own rules."""

from dataclasses import replace

import pytest

from ringwall.model.calls import Call, Idempotence, Token
from ringwall.model.graph import Node, Ref, references
from ringwall.resources import resource_type
from tests.resources.connectivity import NODES, OTHER_TABLE, TGW_TABLE, node
from tests.resources.shapes import operations, problems

TITLES = [f"{one.short_type}-{number}" for number, one in enumerate(NODES)]
each = pytest.mark.parametrize("wanted", NODES, ids=TITLES)


def read_back(wanted: Node) -> Node:
    return replace(wanted, physical_id="x-0123456789abcdef0")


def updates(wanted: Node) -> list[Call]:
    """Return the calls that set, and that take away, whatever may change."""
    kind = resource_type(wanted.type)
    free = frozenset(wanted.properties) - kind.replace
    if not free:
        return []
    # What refers to something is never absent.
    kept = {n: v for n, v in wanted.properties.items() if n in kind.replace or isinstance(v, Ref)}
    bare = replace(read_back(wanted), properties=kind.normalise(kept))
    return [*kind.update(bare, wanted, free), *kind.update(read_back(wanted), wanted, free)]


def calls(wanted: Node) -> list[Call]:
    kind = resource_type(wanted.type)
    made = [*kind.create(wanted), *kind.delete(read_back(wanted)), *updates(wanted)]
    return made + list(kind.tag(read_back(wanted), {"Owner": "me"}) if kind.tag else ())


@each
def test_requests_answers_and_waits_are_as_the_service_model_says(wanted: Node) -> None:
    assert [problem for call in calls(wanted) for problem in problems(call)] == []


@each
def test_the_normal_form_is_its_own_normal_form(wanted: Node) -> None:
    normalise = resource_type(wanted.type).normalise
    assert normalise(wanted.properties) == dict(wanted.properties)


@each
def test_tokens_stand_where_the_model_wants_them(wanted: Node) -> None:
    for call in resource_type(wanted.type).create(wanted):
        shape = operations(call.service)[call.operation].input_shape
        members = shape.members if shape else {}
        asked = {"ClientToken", "CreatorRequestId", "CallerReference"} & set(members)
        assert asked == {name for name, v in call.request.items() if isinstance(v, Token)}


@each
def test_a_creation_is_safe_to_repeat(wanted: Node) -> None:
    """A create without a token is found by its tags; what bears none says that it exists."""
    kind = resource_type(wanted.type)
    first = kind.create(wanted)[0]
    if first.idempotent_by is Idempotence.TAG:
        assert kind.tag is not None


@each
def test_the_key_of_a_child_follows_from_its_properties(wanted: Node) -> None:
    key = resource_type(wanted.type).key
    assert key is None or key(wanted.properties) == wanted.key


@each
def test_a_parent_is_referred_to(wanted: Node) -> None:
    kind = resource_type(wanted.type)
    if kind.parent:
        assert isinstance(wanted.properties[kind.parent], Ref)
        assert kind.key is not None


@each
def test_requests_hold_references_and_no_keys(wanted: Node) -> None:
    refs = {(r.type, r.key) for call in calls(wanted) for r in references(call.request)}
    known = {(r.type, r.key) for r in references(wanted.properties)}
    assert refs <= known | {(wanted.type, wanted.key)}


def test_an_attachment_leaves_its_table_before_it_joins_another() -> None:
    """CloudFormation creates before it deletes, which AWS refuses: Resource.AlreadyAssociated."""
    before = next(one for one in NODES if one.short_type.endswith("TableAssociation"))
    after = replace(
        before, properties={**before.properties, "TransitGatewayRouteTableId": OTHER_TABLE}
    )
    name = "TransitGatewayRouteTableId"
    leave, join = resource_type(before.type).update(before, after, frozenset({name}))
    assert leave.operation == "disassociate_transit_gateway_route_table"
    assert leave.request[name] == TGW_TABLE
    assert leave.waits_for[0].success == {"disassociated", "gone"}
    assert join.operation == "associate_transit_gateway_route_table"
    assert join.request[name] == OTHER_TABLE


def test_an_attachment_adds_and_removes_subnets_without_a_replacement() -> None:
    before = next(one for one in NODES if one.short_type == "TransitGatewayAttachment")
    kind = resource_type(before.type)
    kept, gone = before.properties["SubnetIds"]
    new = Ref(kept.type, "v/private/us-east-1c")
    after = replace(before, properties={**before.properties, "SubnetIds": [kept, new]})
    (call,) = kind.update(before, after, frozenset({"SubnetIds"}))
    assert call.request["AddSubnetIds"] == [new]
    assert call.request["RemoveSubnetIds"] == [gone]
    assert "SubnetIds" not in kind.replace


def test_the_bucket_of_another_region_names_its_place() -> None:
    bucket = node("AWS::S3::Bucket", "logs", BucketName="ringwall-f-logs")
    create = resource_type(bucket.type).create
    assert "LocationConstraint" not in create(bucket)[0].request["CreateBucketConfiguration"]
    abroad = create(replace(bucket, region="eu-west-1"))[0].request
    assert abroad["CreateBucketConfiguration"]["LocationConstraint"] == "eu-west-1"


def test_tagging_a_bucket_keeps_the_tags_of_others() -> None:
    bucket = node("AWS::S3::Bucket", "logs", BucketName="ringwall-f-logs")
    bucket = replace(bucket, observed={"Tags": {"CostCenter": "7"}})
    tag = resource_type(bucket.type).tag
    assert tag is not None
    (call,) = tag(bucket, {"Owner": "me"})
    assert {t["Key"] for t in call.request["Tagging"]["TagSet"]} >= {"CostCenter", "Owner"}

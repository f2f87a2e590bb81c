"""Names that were derived in another way are kept: a new name would be a new resource."""

from dataclasses import replace

import pytest

from ringwall.app.workspace import blueprint_of
from ringwall.changes.planning import make_plan
from ringwall.model.graph import ResourceGraph
from ringwall.model.plan import Action
from ringwall.resources import resource_type
from tests.e2e.conftest import EXAMPLES

MINIMAL = (EXAMPLES / "minimal.yaml").read_text()
ROLE, BUCKET = "AWS::IAM::Role", "AWS::S3::Bucket"


def wanted(destination, **more):
    options = "".join(f", {name}: {value}" for name, value in more.items())
    text = f"{MINIMAL}flow_logs: {{destination: {destination}{options}}}\n"
    return blueprint_of(text, "minimal.yaml").graph


def read_back(graph, *renames):
    """Return a graph as it would be read, with other names in it."""

    def renamed(value):
        if isinstance(value, str):
            for old, new in renames:
                value = value.replace(old, new)
            return value
        if isinstance(value, dict):
            return {name: renamed(item) for name, item in value.items()}
        return [renamed(item) for item in value] if isinstance(value, (list, tuple)) else value

    def properties(node):
        if node.type.startswith(("AWS::IAM", "AWS::S3")):
            return resource_type(node.type).normalise(renamed(dict(node.properties)))
        return node.properties

    return ResourceGraph.of(
        replace(node, physical_id=f"id-{n}", origin=None, properties=properties(node))
        for n, node in enumerate(graph)
    )


def plan(graph, observed):
    return make_plan(graph, observed, deployment="minimal", account="1", region="us-east-1")


def test_a_role_keeps_the_name_that_it_was_given_without_a_region():
    graph = wanted("cloudwatch")
    old = read_back(graph, ("ringwall-minimal-flow-logs-us-east-1", "ringwall-minimal-flow-logs"))
    assert plan(graph, old).empty
    role = old[ROLE, "flow-logs"]
    tags = {name: value for name, value in role.tags.items() if name != "ringwall:region"}
    (change,) = plan(graph, old.with_nodes([replace(role, tags=tags)])).changes
    assert (change.action, change.type) == (Action.UPDATE, ROLE)
    assert [p.name for p in change.properties] == ["Tags"]


@pytest.mark.parametrize(
    "name", ["ringwall-minimal-flow-logs-123456789012-us-east-1", "ringwall-minimal-flow-logs"]
)
def test_a_bucket_keeps_the_name_that_was_derived_and_its_policy_goes_with_it(name):
    graph = wanted("s3")
    assert plan(graph, read_back(graph, ("ringwall-minimal-flow-logs-us-east-1", name))).empty


def test_a_bucket_whose_name_is_written_down_has_that_name():
    graph = wanted("s3", bucket="ringwall-minimal-flow-logs-archive")
    old = read_back(wanted("s3"))
    assert (BUCKET, Action.REPLACE) in {(c.type, c.action) for c in plan(graph, old).changes}


def test_long_names_fit_and_differ_between_regions():
    found = set()
    for region in ("ap-northeast-1", "ap-southeast-1"):
        text = MINIMAL.replace("name: minimal", "name: a123456789-123456789-123456789-1")
        text = text.replace("us-east-1", region) + "flow_logs: {destination: DESTINATION}\n"
        for destination, type_name, name in (
            ("cloudwatch", ROLE, "RoleName"),
            ("s3", BUCKET, "BucketName"),
        ):
            graph = blueprint_of(text.replace("DESTINATION", destination), "long.yaml").graph
            found.add((type_name, graph[type_name, "flow-logs"].properties[name]))
    assert len(found) == 4
    assert max(len(name) for _, name in found) <= 63

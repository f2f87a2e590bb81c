"""Whatever a blueprint says of load balancers and web ACLs: AWS takes it, and it reads back."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringwall.blueprint.compile import compile_blueprint
from ringwall.blueprint.load_balancers import LoadBalancer
from ringwall.blueprint.loading import load
from ringwall.blueprint.web_acls import CAPACITIES
from ringwall.changes.planning import make_plan
from ringwall.formats import cloudformation, terraform
from ringwall.model.graph import ResourceGraph
from tests.blueprint.compile.test_cfn_schemas import _faults
from tests.formats.cloudformation import test_writing as in_cloudformation
from tests.formats.terraform import test_writing as in_terraform

ACCOUNT, REGION = "123456789012", "us-east-1"
CERTIFICATE = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/0b5c1f3e-7a52-4d0e-9c51-3f2a8e6d7c90"
PORTS = {"app": 8080, "api": 9090}


def _given(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a mapping in which each field may be left out."""
    return st.fixed_dictionaries({}, optional=fields)


ANSWERS = st.one_of(
    st.sampled_from(sorted(PORTS)).map(lambda name: {"target_group": name}),
    st.sampled_from([200, 404, 503]).map(lambda code: {"respond": code}),
)
CONDITIONS = st.one_of(
    st.just({"path": ["/api/*", "/v?"]}),
    st.just({"host": "*.example.org"}),
    st.just({"path": "/x", "host": ["a.example.org", "b.example.org"]}),
)
HEALTH = _given(
    path=st.just("/health?deep=1"),
    port=st.just(8081),
    codes=st.sampled_from(["200-204", 301]),
    interval_seconds=st.integers(6, 300),
    healthy_count=st.integers(2, 10),
)
SETTINGS = _given(
    scheme=st.sampled_from(["internal", "internet-facing"]),
    redirect_http=st.booleans(),
    drop_invalid_headers=st.booleans(),
    desync_mitigation=st.sampled_from(["defensive", "strictest", "monitor"]),
    forwarded_for=st.sampled_from(["append", "preserve", "remove"]),
    preserve_host=st.booleans(),
    http2=st.booleans(),
    idle_seconds=st.integers(1, 4000),
    access_logs=st.just({"retention_days": 30}),
    waf_fail_open=st.booleans(),
    protect=st.booleans(),
)
WEB_ACLS = _given(
    default=st.sampled_from(["allow", "block"]),
    managed_rules=st.lists(st.sampled_from(sorted(CAPACITIES)), unique=True, max_size=4),
    rate_limits=st.lists(
        st.fixed_dictionaries(
            {"name": st.sampled_from(["one", "two"]), "requests": st.integers(10, 10_000)},
            optional={
                "seconds": st.sampled_from([60, 120, 300, 600]),
                "path": st.just("/login"),
                "action": st.just("count"),
            },
        ),
        max_size=2,
        unique_by=lambda limit: limit["name"],
    ),
    logs=st.one_of(st.none(), st.just({"redact_headers": ["x-key"]})),
    sampled_requests=st.booleans(),
    description=st.just("What judges requests"),
)


@st.composite
def listeners(draw: st.DrawFn) -> dict[str, Any]:
    port = draw(st.sampled_from([80, 443, 8443]))
    secure = {"certificate": CERTIFICATE} if port != 80 else {"protocol": "HTTP"}
    priorities = draw(st.lists(st.integers(1, 50_000), unique=True, max_size=3))
    rules = [{"priority": p, **draw(ANSWERS), **draw(CONDITIONS)} for p in priorities]
    return {"port": port, **secure, **draw(ANSWERS), "rules": rules}


@st.composite
def layered(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a blueprint with one load balancer or two, and web ACLs."""
    acls = {name: draw(WEB_ACLS) for name in draw(st.sets(st.sampled_from(["a", "b"])))}
    balancers = {}
    for name in draw(st.sets(st.sampled_from(["front", "back"]), min_size=1)):
        targets = {
            each: {
                "group": each,
                "port": port,
                "health_check": draw(HEALTH),
                **draw(
                    _given(
                        protocol=st.sampled_from(["HTTP", "HTTPS"]),
                        target_type=st.sampled_from(["instance", "ip"]),
                        deregistration_seconds=st.integers(0, 3600),
                        stickiness_seconds=st.integers(1, 604_800),
                    )
                ),
            }
            for each, port in PORTS.items()
        }
        judge = {"web_acl": draw(st.sampled_from(sorted(acls)))} if acls else {}
        listening = draw(
            st.lists(listeners(), min_size=1, max_size=3, unique_by=lambda x: x["port"])
        )
        balancers[name] = {
            "group": "edge",
            "listeners": listening,
            "target_groups": targets,
            **draw(SETTINGS),
            **judge,
        }
    inside = [{"from": "edge", "to": name, "ports": [port, 8081]} for name, port in PORTS.items()]
    return {
        "name": draw(st.sampled_from(["drawn", "d" * 32, "internal-x"])),
        "region": REGION,
        "zones": ["us-east-1a", "us-east-1b"],
        "addresses": {"ipv6": draw(st.sampled_from(["none", "amazon"]))},
        "web_acls": acls,
        "vpcs": {
            "main": {
                "tiers": {"public": {"kind": "public"}, "private": {"kind": "private"}},
                "groups": {
                    "edge": {"tier": "public"},
                    **{name: {"tier": "private"} for name in PORTS},
                },
                "load_balancers": balancers,
                "flows": [{"from": "internet", "to": "edge", "ports": [80, 443]}, *inside],
            }
        },
    }


# What is read back of a plan has the tags of all it names, and no others.
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(layered())
def test_whatever_is_said_of_layers_is_taken_and_reads_back(document: dict[str, Any]) -> None:
    graph = compile_blueprint(load(json.dumps(document), "drawn.yaml"))
    own = [node for node in graph if not node.type.startswith("Ringwall::")]
    assert [fault for node in own for fault in _faults(node)] == []
    found = in_cloudformation.read_back(graph, cloudformation.write(graph))
    assert in_cloudformation.network(found) == in_cloudformation.network(graph)
    told = in_terraform.read_back(terraform.write(graph))
    assert in_terraform.network(told) == in_terraform.network(graph)
    assert (found.unknowns, told.unknowns) == ((), ())
    names = {"deployment": document["name"], "account": ACCOUNT, "region": REGION}
    plan = make_plan(graph, ResourceGraph(), **names)
    assert len(plan.changes) == len(graph)
    assert make_plan(graph, graph, **names).changes == ()


def test_the_drawn_settings_are_all_there_are() -> None:
    """Whoever adds a field adds it here."""
    drawn = {"group", "listeners", "target_groups", "web_acl", "was"}
    drawn |= set(SETTINGS.wrapped_strategy.optional)  # type: ignore[attr-defined]
    assert drawn == set(LoadBalancer.model_fields)

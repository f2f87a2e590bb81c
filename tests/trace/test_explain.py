"""What `explain` and `check` say, for people and for machines."""

import json
from dataclasses import replace

from ringwall.model.graph import Node, Origin, ResourceGraph
from ringwall.model.origins import with_origins
from ringwall.model.ports import parse_ports
from ringwall.trace.expectations import Expectation, check
from ringwall.trace.explain import explain, render_text
from ringwall.trace.network import Network
from tests.builders import two_subnets
from tests.trace.asking import network, told
from tests.trace.test_routing_rules import internet_vpc


def test_an_explanation_needs_no_colour_or_symbols():
    text = render_text(told(two_subnets(), "v/web", "v/app", "443"), 100, ascii_only=True)
    assert text.startswith("DENY  v/web -> v/app  443\n")
    assert text.isascii()


def test_the_document_of_an_explanation():
    document = told(two_subnets(), "v/web", "v/app", "443").to_dict()
    assert document["schema"] == "ringwall/explain/1"
    assert document["verdict"] == "DENY"
    assert document["forward"]["hops"][0] == {
        "n": 1,
        "kind": "security-group",
        "id": "v/web",
        "name": "v/web",
        "verdict": "drop",
        "rule": {"id": "", "text": "no egress rule of v/web admits tcp/443 to 10.0.2.4"},
        "source": {"file": "network.yaml", "line": 21, "col": 1},
        "aws_code": "ENI_SG_RULES_MISMATCH",
        "decisive": True,
    }
    assert document["blockers"][1] == {
        "code": "ENI_SG_RULES_MISMATCH",
        "resource": "v/app",
        "rule": "",
        "source": {"file": "network.yaml", "line": 23, "col": 1},
        "text": "no ingress rule of v/app admits tcp/443 from 10.0.1.4",
        "direction": "forward",
    }
    assert document["witness"] == {
        "from": "v/web in a",
        "to": "v/app in a",
        "source_address": "10.0.1.4",
        "destination_address": "10.0.2.4",
        "protocol": 6,
        "packet": "tcp/443",
        "port": 443,
        "source_port": 49152,
        "atom": "tcp/443",
    }
    assert len(document["return"]["hops"]) == 5
    assert json.loads(json.dumps(document)) == document


def test_a_question_that_cannot_be_placed_is_unknown_in_text_and_document():
    found = told(two_subnets(), "10.0.77.1", "v/app", "443")
    assert found.to_dict()["unknown"][0]["what"] == "10.0.77.1"
    assert render_text(found).splitlines()[0] == "UNKNOWN  10.0.77.1 -> v/app  443"


def test_where_placements_differ_the_one_that_reaches_most_is_shown():
    base = internet_vpc().nat("v/nat/b", "v/public/b", state="failed")
    text = render_text(told(base, "v/app", "8.8.8.8", "443"))
    assert text.startswith("ALLOW")
    assert "not the same everywhere: 1 ALLOW, 1 DENY" in text


def test_partial_names_its_ports():
    base = two_subnets().entry("v/app", "out", 50, "deny", "tcp/1024-2047", "0.0.0.0/0")
    found = told(base, "v/web", "v/app", "8080")
    assert found.to_dict()["ports"] == ["0-1023", "2048-65535"]
    assert "only for client ports 0-1023, 2048-65535" in render_text(found)


def asked(name: str, source: str, destination: str, port: str, *, reachable: bool) -> Expectation:
    ports = (parse_ports(port),)
    return Expectation(
        name, (source,), (destination,), ports, reachable, "because", Origin("b.yaml", 9, 3)
    )


def test_expectations_are_judged_one_by_one():
    questions = [
        asked("works", "v/web", "v/app", "8080", reachable=True),
        asked("stays out", "v/app", "v/web", "any", reachable=False),
        asked("leaks", "v/web", "v/app", "any", reachable=False),
        asked("nobody", "v/gone", "v/app", "443", reachable=False),
    ]
    results = check(network(two_subnets()), questions)
    documents = [result.to_dict() for result in results]
    summary = [(d["name"], d["ok"], d["verdict"]) for d in documents]
    assert summary == [
        ("works", True, "ALLOW"),
        ("stays out", True, "DENY"),
        ("leaks", False, "ALLOW"),
        ("nobody", False, "UNKNOWN"),
    ]
    assert [result.is_undecided for result in results] == [False, False, False, True]
    assert documents[0]["atoms"] == 1
    assert documents[1]["atoms"] > 5
    assert documents[2]["hops"] == documents[2]["forward"]["hops"]
    assert documents[2]["witness"]["port"] == 8080
    assert documents[2]["source"] == {"file": "b.yaml", "line": 9, "col": 3}
    assert documents[3]["unknown"][0]["what"] == "v/gone"
    assert "hops" not in documents[0]
    assert json.loads(json.dumps(documents)) == documents


def test_a_must_not_says_what_its_proof_leaves_open():
    base = internet_vpc()
    [isolated] = check(network(base), [asked("x", "v/app", "v/edge", "any", reachable=False)])
    assert any("DNS channel" in note for note in isolated.notes)
    [reach] = check(network(base), [asked("x", "v/app", "v/edge", "443", reachable=True)])
    assert reach.notes == ()


def test_what_was_read_back_is_explained_by_the_blueprints_lines():
    wanted = two_subnets().graph()
    observed = ResourceGraph.of(
        replace(node, origin=None, physical_id=f"id-{number}") for number, node in enumerate(wanted)
    )
    stranger = Node("AWS::EC2::SecurityGroup", "sg-1", "111122223333", "us-east-1")
    found = with_origins(observed.with_nodes([stranger]), wanted)
    assert [node.origin for node in found] == [*(node.origin for node in wanted), None]
    assert found[stranger.ref] is stranger
    told_live = explain(Network(found), "v/web", "v/app", parse_ports("8080"))
    [first, *_] = told_live.to_dict()["forward"]["hops"]
    assert first["source"] == {"file": "network.yaml", "line": 22, "col": 1}
    assert first["rule"]["id"].startswith("id-")

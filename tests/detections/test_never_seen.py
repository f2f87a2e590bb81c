"""What nobody used, and the tighter blueprint that is proven to cut nothing."""

from pathlib import Path

import pytest

from ringwall.blueprint import load
from ringwall.blueprint.ends import declared_flows
from ringwall.blueprint.tightening import Tightening, tightened
from ringwall.detections import registry
from ringwall.errors import QuestionError
from tests.detections.test_examples import found
from tests.fortress import TEXT

NEVER = registry()["RW522"]
CUSTOMERS = "8.8.8.8:50000 > 10.0.0.9:443 back=900 flags every=1d times=15"
DEVELOPERS = "8.8.8.8:50000 > 10.0.0.9:8000 back=900 flags times=3 ports=+1"
APP = "10.0.0.9:50000 > 10.0.16.9:5432 back=900 flags"


def said(text: str, folder: Path) -> list[tuple[str, str, str]]:
    return [
        (each.entities[0].name, str(each.evidence["change"]), str(each.evidence["kept_for"]))
        for each in found(NEVER, text, folder)
    ]


def test_what_was_never_used_is_proposed_to_go_and_what_was_used_in_part_to_be_narrower(tmp_path):
    one, two = "vpcs.v.flows[0]", "vpcs.v.flows[1]"
    assert said(f"{CUSTOMERS}\n{DEVELOPERS}", tmp_path) == [
        (one, f"{one}: ports: [443, 8000-8999] -> [443, 8000, 8001, 8002]", ""),
        (two, f"remove {two}: [web] -> [db] ports [5432]", ""),
    ]


def test_what_an_expectation_needs_stays_though_nobody_used_it(tmp_path):
    text = APP.replace("flags", "flags every=1d times=15")
    kept = "expectation 'customers' needs it"
    assert said(text, tmp_path) == [("vpcs.v.flows[0]", "", kept)]


def test_traffic_that_was_only_rejected_was_not_used(tmp_path):
    text = f"{CUSTOMERS}\n10.0.0.9:50000 > 10.0.16.9:5432 reject times=9"
    assert [each[0] for each in said(text, tmp_path)] == ["vpcs.v.flows[0]", "vpcs.v.flows[1]"]


def test_logs_of_fewer_days_than_asked_prove_nothing(tmp_path):
    with pytest.raises(QuestionError, match=r"cover 1\.0 days, never-seen asks for 14"):
        found(NEVER, CUSTOMERS.replace("times=15", "times=2"), tmp_path)


def test_a_tightened_blueprint_lacks_what_was_taken_away_and_nothing_else():
    bp = load(TEXT, "fortress.yaml")
    flows = list(declared_flows(bp))
    path, _, flow = flows[3]
    one = flow.model_copy(update={"ports": flow.ports[:1]})
    there = tightened(bp, [Tightening(path, flow, None), Tightening(flows[5][0], flows[5][2], one)])
    left = [flow for _, _, flow in declared_flows(there)]
    assert left == [one if n == 5 else f for n, (_, _, f) in enumerate(flows) if n != 3]
    assert there.model_copy(update={"vpcs": bp.vpcs, "flows": bp.flows}) == bp

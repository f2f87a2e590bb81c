"""A finding as OCSF says one is."""

import json
from pathlib import Path
from typing import Any

import pytest

from ringwall.cli.main import run
from tests.detections.stores import store_of

TRAFFIC = (
    "198.51.100.7 > 10.0.1.5:1 ports=+1 reject every=60 times=60",
    "dns 10.0.1.5 c2.example.com action=BLOCK",
    "quiet eni-9 SKIPDATA every=60 times=20",
)
# The required attributes of class 2004, and of the objects in it (schema.ocsf.io, 1.4.0).
REQUIRED = {
    "": {
        "activity_id",
        "category_uid",
        "class_uid",
        "finding_info",
        "metadata",
        "severity_id",
        "time",
        "type_uid",
    },
    "finding_info": {"uid", "title"},
    "metadata": {"product", "version"},
}


@pytest.fixture
def findings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    assert run(["traffic", "detect", "--store", str(store_of(tmp_path, *TRAFFIC)), "--ocsf"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_finding_has_what_is_required(findings: list[dict[str, Any]]):
    assert {each["finding_info"]["analytic"]["uid"] for each in findings} >= {"RW505", "RW530"}
    for each in findings:
        for place, names in REQUIRED.items():
            assert names <= set(each[place] if place else each)
        assert each["type_uid"] == each["class_uid"] * 100 + each["activity_id"] == 200401


def test_the_ends_stand_in_the_evidence(findings: list[dict[str, Any]]):
    scan = next(f for f in findings if f["finding_info"]["analytic"]["uid"] == "RW505")
    assert scan["evidences"] == [
        {
            "data": {"ports": 60, "hours": 1, "rejected": 60},
            "src_endpoint": {"ip": "198.51.100.7"},
            "dst_endpoint": {"ip": "10.0.1.5"},
        }
    ]
    assert scan["finding_info"]["attacks"] == [
        {
            "version": "16",
            "technique": {"uid": "T1046", "name": "Network Service Discovery"},
        },
        {
            "version": "16",
            "technique": {"uid": "T1595", "name": "Active Scanning"},
            "sub_technique": {"uid": "T1595.001", "name": "Scanning IP Blocks"},
        },
    ]


def test_the_published_models_accept_it(findings: list[dict[str, Any]]):
    reason = "NOT JUDGED BY THE PUBLISHED MODELS: pip install py-ocsf-models"
    models = pytest.importorskip(
        "py_ocsf_models.events.findings.detection_finding", reason=reason, exc_type=ImportError
    )
    for each in findings:
        models.DetectionFinding.model_validate(each)

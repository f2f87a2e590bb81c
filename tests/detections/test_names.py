"""With a network, the output speaks in its names."""

import json
from pathlib import Path

import pytest

from ringwall.cli.main import run
from ringwall.detections.detection import Context, Entity, Sighting, without_relayed
from ringwall.model.finding import Severity
from tests.detections.stores import store_of

EXAMPLE = str(Path(__file__).parents[2] / "examples" / "minimal.yaml")
SCAN = "10.0.0.9 > 10.0.16.5:1 ports=+1 reject every=60 times=60"


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(store_of(tmp_path, SCAN))


def test_findings_name_their_ends(store: str, capsys):
    words = ["traffic", "detect", "--store", store, "--network", EXAMPLE, "--only", "RW505"]
    assert run([*words, "--json"]) == 0
    [finding] = json.loads(capsys.readouterr().out)["findings"]
    assert finding["entities"] == [
        {"role": "source", "address": "10.0.0.9", "name": "main/web"},
        {"role": "destination", "address": "10.0.16.5", "name": "main/db"},
    ]
    assert "main/web (10.0.0.9) tried 60 ports of main/db (10.0.16.5)" in finding["text"]


def test_names_can_be_asked_about(store: str, capsys):
    words = ["traffic", "between", "main/web", "main/isolated", "--store", store]
    assert run([*words, "--network", EXAMPLE, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["asked"], told["rejected"]) == (["main/web", "main/isolated"], 60)
    assert told["dealings"][0]["own_name"] == "main/web"
    assert run(["traffic", "host", "main/nobody", "--store", store, "--network", EXAMPLE]) == 2
    assert "nothing in the network is called 'main/nobody'" in capsys.readouterr().err


def test_a_public_block_of_the_network_is_inside(tmp_path: Path, capsys):
    """A source inside that scans is worse than one outside."""
    blueprint = tmp_path / "public.yaml"
    blueprint.write_text(
        Path(EXAMPLE)
        .read_text()
        .replace(
            "    # cidr: 10.0.0.0/16     # allotted from 10.0.0.0/8 when left out",
            "    cidr: 52.94.0.0/16",
        )
    )
    store = store_of(tmp_path / "store", "52.94.0.9 > 52.94.16.5:1 ports=+1 reject times=60")
    severities = {}
    for network in ((), ("--network", str(blueprint))):
        words = ["traffic", "detect", "--store", str(store), "--only", "RW505", "--json", *network]
        assert run(words) == 0
        [finding] = json.loads(capsys.readouterr().out)["findings"]
        severities[network] = finding["severity"]
    assert list(severities.values()) == ["medium", "high"]


def found(detection: str, source: str, destination: str) -> Sighting:
    ends = (Entity("source", source), Entity("destination", destination))
    return Sighting(detection, Severity.HIGH, ends, 0, 1, "text")


def test_what_a_relay_passes_on_is_told_of_the_origin_alone():
    context = Context(relays=lambda address: address == "10.0.0.1")
    origin = found("RW503", "10.0.1.5", "203.0.113.9")
    passed_on = found("RW503", "10.0.0.1", "203.0.113.9")
    alone = found("RW503", "10.0.0.1", "203.0.113.77")
    other = found("RW542", "10.0.0.1", "203.0.113.9")
    told = without_relayed([origin, passed_on, alone, other], context)
    assert told == [origin, alone, other]

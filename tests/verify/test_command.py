"""`ringwall check --certificate` and `ringwall verify-certificate`."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ringwall.cli.main import run

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(EXAMPLES / "minimal.yaml", tmp_path / "minimal.yaml")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


def certified(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "minimal.yaml", "--certificate", "proofs.json"]) == 0
    assert "✓ 5 of 5 proofs written to proofs.json\n" in capsys.readouterr().out


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_what_check_writes_is_accepted(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    certified(capsys)
    assert run(["verify-certificate", "minimal.yaml", "proofs.json"]) == 0
    assert capsys.readouterr().out == "✓ 5 of 5 proofs accepted\n"


def test_the_same_network_gives_the_same_file(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    certified(capsys)
    first = (files / "proofs.json").read_bytes()
    certified(capsys)
    assert (files / "proofs.json").read_bytes() == first


def test_another_network_is_judged_by_what_it_is(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    certified(capsys)
    text = (files / "minimal.yaml").read_text()
    flow = "      - {from: internet, to: web, ports: [443], why: customers}\n"
    opened = text.replace(flow, flow + "      - {from: internet, to: web, ports: [22]}\n")
    (files / "minimal.yaml").write_text(opened)
    assert run(["verify-certificate", "minimal.yaml", "proofs.json"]) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "✗ nobody administers web from the internet: refused"
    assert "NetworkAcl main/public does not stop all that a cut" in told[1]
    assert told[1].endswith("tcp/22")
    assert told[-2:] == [
        "note: the network is not as it was when minimal.yaml was certified",
        "✗ 4 of 5 proofs accepted",
    ]


def test_a_certificate_of_another_network_can_be_refused_for_that(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    certified(capsys)
    assert run(["verify-certificate", "minimal.yaml", "proofs.json", "--same-network"]) == 0
    text = (files / "minimal.yaml").read_text()
    (files / "minimal.yaml").write_text(text.replace("a small service", "a service"))
    capsys.readouterr()
    code = run(["verify-certificate", "minimal.yaml", "proofs.json", "--same-network"])
    told = capsys.readouterr().err
    assert (code, "error: proofs.json: it was written for another network" in told) in {
        (2, True),
        (0, False),  # a purpose is in no resource
    }


def test_every_expectation_wants_a_proof(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    certified(capsys)
    (files / "more.yaml").write_text(
        "expect:\n  - {name: more, from: main/db, to: main/web, ports: [443], reachable: false}\n"
    )
    command = ["verify-certificate", "minimal.yaml", "proofs.json", "--expect", "more.yaml"]
    assert run(command) == 1
    told = capsys.readouterr().out
    assert told == "✗ more: the certificate has no proof of it\n✗ 5 of 6 proofs accepted\n"


def test_json_says_it_all(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "minimal.yaml", "--certificate", "proofs.json", "--json"]) == 0
    written = document(capsys)["certificate"]
    assert (written["file"], written["proofs"], written["lacking"]) == ("proofs.json", 5, [])
    assert run(["verify-certificate", "minimal.yaml", "proofs.json", "--json"]) == 0
    found = document(capsys)
    assert found["schema"] == "ringwall/verify-certificate/1"
    assert found["answer"] == "accepted"
    assert found["network"] == {
        "name": "minimal.yaml",
        "digest": written["digest"],
        "same": True,
    }
    assert [proof["answer"] for proof in found["proofs"]] == ["accepted"] * 5


def test_what_fails_is_not_certified(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (files / "minimal.yaml").read_text()
    wrong = "  - {name: wrong, from: internet, to: main/web, ports: [443], reachable: false}\n"
    (files / "minimal.yaml").write_text(text + wrong)
    assert run(["check", "minimal.yaml", "--certificate", "proofs.json"]) == 1
    assert "✓ 5 of 5 proofs written" in capsys.readouterr().out
    assert run(["verify-certificate", "minimal.yaml", "proofs.json"]) == 1
    assert "✗ wrong: the certificate has no proof of it" in capsys.readouterr().out

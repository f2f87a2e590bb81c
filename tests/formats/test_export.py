"""`ringwall export`: what it writes, says and refuses."""

import json
from pathlib import Path

import pytest

from ringwall.app import exporting
from ringwall.cli.commands.export import TARGETS
from ringwall.cli.main import run

BLUEPRINT = str(Path(__file__).parents[2] / "examples" / "minimal.yaml")


def export(folder: Path, *more: str, to: str = "cloudformation") -> int:
    return run(["export", BLUEPRINT, "--to", to, "-o", str(folder), *more])


def test_it_says_what_each_file_holds_and_what_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(tmp_path / "out") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{tmp_path}/out/vpc-main.json  30 resources"
    assert lines[2] == "left out, 1:"
    assert lines[3].startswith("  ! default security group of VPC main: ")
    template = json.loads((tmp_path / "out" / "vpc-main.json").read_text())
    assert len(template["Resources"]) == 30


def test_json_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export(tmp_path, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "ringwall/export/1"
    assert [item["file"] for item in document["files"]] == ["vpc-main.json"]
    assert len(document["left_out"]) == 1


def test_an_earlier_export_is_replaced(tmp_path: Path) -> None:
    assert export(tmp_path) == 0
    (tmp_path / "old.json").write_text("{}")
    marker = tmp_path / exporting.MARKER
    marker.write_text(json.dumps({"files": ["old.json", "vpc-main.json"]}))
    assert export(tmp_path) == 0
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [exporting.MARKER, "vpc-main.json"]


def test_files_of_others_are_not_written_among(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert export(tmp_path) == 2
    assert "holds files that no export wrote: 'mine.txt'" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert export(tmp_path, "--force") == 0
    assert (tmp_path / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("names", [["../../x"], "x", [1], ["a/b"], [".."], None])
def test_a_marker_names_files_of_its_folder_alone(
    tmp_path: Path, names: object, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / exporting.MARKER).write_text(json.dumps({"files": names}))
    assert export(tmp_path) == 2
    assert "does not name the files of an export" in capsys.readouterr().err


def test_the_command_offers_every_format() -> None:
    assert set(exporting.FORMATS) == set(TARGETS)


def test_terraform_is_written_again_beside_what_it_keeps(tmp_path: Path) -> None:
    assert export(tmp_path, to="terraform") == 0
    (tmp_path / ".terraform").mkdir()
    (tmp_path / "terraform.tfstate").write_text("{}")
    assert export(tmp_path, to="terraform") == 0
    assert {path.name for path in tmp_path.iterdir()} >= {"vpc-main.tf.json", "terraform.tfstate"}

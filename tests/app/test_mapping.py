"""`ringwall map`: what it writes, prints and refuses."""

import json
from xml.etree import ElementTree as ET

import pytest

from ringwall.cli.main import run
from tests.picture.messy import messy
from tests.picture.scenes import EXAMPLES

MINIMAL = str(EXAMPLES / "minimal.yaml")


def test_a_map_is_written_to_a_file(tmp_path, capsys):
    path = tmp_path / "map.svg"
    assert run(["map", MINIMAL, "-o", str(path)]) == 0
    assert capsys.readouterr() == ("", f"wrote {path}\n")
    assert ET.fromstring(path.read_text()).attrib["class"] == "ringwall"


def test_without_a_file_a_map_is_printed(capsys):
    assert run(["map", MINIMAL]) == 0
    assert ET.fromstring(capsys.readouterr().out).tag.endswith("svg")


def test_a_map_is_told_in_tables(capsys):
    assert run(["map", MINIMAL, "--table"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("# minimal\n")
    assert "| main/web | main/db | tcp/5432 |  |  |" in out


def test_a_map_is_json(tmp_path, capsys):
    for name, data in messy().items():
        (tmp_path / name).write_bytes(data)
    assert run(["map", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "ringwall/map/1"
    assert found["title"] == tmp_path.name
    assert [vpc["key"] for vpc in found["vpcs"]] == [
        "vpc-0a",
        "vpc-0b",
        "vpc-0c",
        "vpc-0d",
        "vpc-0e",
    ]


def test_what_does_not_hold_is_in_the_map_and_is_no_failure_of_it(tmp_path, capsys):
    expect = tmp_path / "expect.yaml"
    expect.write_text(
        "expect:\n"
        "  - {name: nobody, from: internet, to: main/web, ports: [443], reachable: false}\n"
    )
    assert run(["map", MINIMAL, "--expect", str(expect), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["status"] == "5 of 6 expectations hold"
    assert [each["fault"] for each in found["violations"]] == ["unwanted"]
    assert [f["violations"] for f in found["flows"] if f["source"]["name"] == "internet"] == [[1]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gone.yaml"], "error: there is no file 'gone.yaml'"),
        ([MINIMAL, "--select", "main/nothing"], "error: there is nothing called 'main/nothing'"),
        ([MINIMAL, "--select", "a b c"], "error: "),
        ([MINIMAL, "--expect", "gone.yaml"], "error: there is no file 'gone.yaml'"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, message, capsys):
    assert run(["map", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    first, *rest = err.splitlines()
    assert first.startswith(message)
    assert all(line.startswith("hint: ") for line in rest)


def test_a_map_that_cannot_be_written_is_an_error(tmp_path, capsys):
    assert run(["map", MINIMAL, "-o", str(tmp_path)]) == 4
    assert "error: cannot write" in capsys.readouterr().err

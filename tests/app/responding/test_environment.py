"""What a function is told by its environment and its package: also where people type."""

import json
from pathlib import Path

import pytest

from ringwall.app.responding.environment import NAMES, given_by
from ringwall.app.responding.packing import typed
from tests.shell.estates import EXAMPLES

VARIABLES = {"RINGWALL_JOURNAL": "ringwall-minimal-journal"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "blueprint.yaml").write_text((EXAMPLES / "minimal.yaml").read_text())
    return tmp_path


def test_commands_name_the_files_as_they_were_called_where_the_package_was_made(root: Path):
    names = {"blueprint": "our net.yaml", "policy": "policies/strict.yaml"}
    (root / NAMES).write_text(json.dumps(names))
    more = {"RINGWALL_ENDPOINT": "http://127.0.0.1:5000"}
    desk = given_by(VARIABLES | more, root).desk
    place = "'our net.yaml' --ledger dynamodb:ringwall-minimal-journal"
    assert desk.command("show", "i-1") == (
        f"ringwall respond show i-1 {place} --endpoint-url http://127.0.0.1:5000"
    )
    assert desk.command("approve", "i-1") == (
        f"ringwall respond approve i-1 {place} --policy policies/strict.yaml"
        " --endpoint-url http://127.0.0.1:5000 --reason WHY"
    )


def test_no_path_of_the_package_is_in_a_command(root: Path):
    command = given_by(VARIABLES, root).desk.command("undo", "i-1")
    assert str(root) not in command
    table = "dynamodb:ringwall-minimal-journal"
    assert command == f"ringwall respond undo i-1 --ledger {table} --reason WHY"


@pytest.mark.parametrize(
    ("given", "typed_"),
    [("nets/our.yaml", "nets/our.yaml"), ("/home/ann/nets/our.yaml", "our.yaml"), ("", "")],
)
def test_a_package_knows_what_its_files_are_called_and_not_where_they_lie(given: str, typed_: str):
    assert typed(given) == typed_

"""The command line run in an empty folder that holds a blueprint."""

import json
import shutil
from dataclasses import dataclass
from typing import Any

import pytest

from ringwall.cli.main import run
from tests.e2e.conftest import EXAMPLES


@dataclass
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def ringwall(capsys, monkeypatch, tmp_path):
    """Run a command in a folder with `minimal.yaml`; return its exit code and what it printed."""
    shutil.copy(EXAMPLES / "minimal.yaml", tmp_path / "minimal.yaml")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")

    def call(*words):
        capsys.readouterr()
        code = run([str(word) for word in words])
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    return call

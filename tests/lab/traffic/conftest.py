"""Worlds that several tests look at."""

from pathlib import Path

import pytest
from tests.lab.traffic.worlds import DUAL, World, made


@pytest.fixture(scope="session")
def fortress(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return the fortress from midnight to six, without attacks."""
    return made(tmp_path_factory.mktemp("fortress"), hours=6, scale=0.5, seed=3)


@pytest.fixture(scope="session")
def dual_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the file of a dual-stack blueprint."""
    path: Path = tmp_path_factory.mktemp("dual") / "dual.yaml"
    path.write_text(DUAL)
    return str(path)

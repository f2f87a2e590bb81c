"""A lab and a runner for the resource types that are proven against it."""

from collections.abc import Iterator

import pytest

from ringwall.lab.server import FAKE_CREDENTIALS, Lab
from tests.resources.running import Runner


@pytest.fixture(scope="module")
def running_lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.fixture
def runner(running_lab: Lab) -> Runner:
    running_lab.reset()
    return Runner(running_lab.endpoint, FAKE_CREDENTIALS, "us-east-1")

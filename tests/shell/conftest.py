"""A lab for the shell's tests, and nothing of the person's own AWS settings."""

import pytest

from ringwall.lab.server import Lab
from ringwall.shell.aws import connect


@pytest.fixture(scope="module")
def running_lab():
    with pytest.MonkeyPatch.context() as patch, Lab() as lab:
        patch.delenv("AWS_PROFILE", raising=False)
        for name, value in lab.environment.items():
            patch.setenv(name, value)
        yield lab


@pytest.fixture(scope="module")
def connection(running_lab):
    """The cloud of all tests: making clients takes longer than asking them."""
    return connect(region="us-east-1", endpoint=running_lab.endpoint)


@pytest.fixture
def lab(running_lab):
    running_lab.reset()
    return running_lab


@pytest.fixture
def cloud(lab, connection):
    assert not lab.calls
    return connection

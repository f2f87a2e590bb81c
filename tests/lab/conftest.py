"""A lab for each test module, and clients for it."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ringwall.lab.server import FAKE_CREDENTIALS, Lab

REGION = "us-east-1"


@pytest.fixture(scope="module")
def running_lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.fixture
def lab(running_lab: Lab) -> Lab:
    running_lab.reset()
    return running_lab


@pytest.fixture(scope="module")
def _clients(running_lab: Lab) -> Callable[..., Any]:
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            made[service] = boto3.client(
                service,
                endpoint_url=running_lab.endpoint,
                region_name=REGION,
                config=Config(
                    retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20
                ),
                **FAKE_CREDENTIALS,
            )
        return made[service]

    return client


@pytest.fixture
def client(lab: Lab, _clients: Callable[..., Any]) -> Callable[..., Any]:
    return _clients


@pytest.fixture
def ec2(client: Callable[..., Any]) -> Any:
    return client("ec2")


class Refused:
    """Expect an AWS error of a given code: `with refused("DependencyViolation"): ...`."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: object, _: object) -> bool:
        assert isinstance(error, ClientError), f"expected {self.code}, got {error!r}"
        assert error.response["Error"]["Code"] == self.code, error
        return True


@pytest.fixture(scope="session")
def refused() -> type[Refused]:
    return Refused


@pytest.fixture
def until() -> Callable[..., int]:
    def poll(look: Callable[[], Any], wanted: Any, most: int = 8) -> int:
        """Look until it is as wanted; return how often that took."""
        seen = None
        for count in range(1, most + 1):
            seen = look()
            if seen == wanted:
                return count
        pytest.fail(f"still {seen!r}, not {wanted!r}")

    return poll

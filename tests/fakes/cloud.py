"""AWS in memory, for the calls that Ringwall makes; held to the lab by test_fake_cloud.

Everything is there at once: there is no waiting, and nothing is eventual.
"""

import copy
import threading
from collections.abc import Mapping
from typing import Any

from ringwall.shell.aws import find
from tests.fakes import ec2, groups, services, transit_gateways, watching
from tests.fakes.memory import ACCOUNT, REGION, Memory, answered

PARTS = (
    ec2,
    groups,
    services,
    transit_gateways,
    watching,
)  # imported for the handlers they register


class FakeCloud:
    """Implements shell.aws.Cloud; `calls` are the operations asked, reads included."""

    account = ACCOUNT
    region = REGION
    endpoint = "http://127.0.0.1:1"

    def __init__(self) -> None:
        self.memory = Memory()
        self.calls: list[tuple[str, str]] = []
        self._lock = threading.Lock()
        services.furnish(self.memory)

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            self.calls.append((service, operation))
            return answered(self.memory, service, operation, request)

    def paginate(
        self, service: str, operation: str, request: Mapping[str, Any], items_path: str
    ) -> Any:
        return find(items_path, self.call(service, operation, request))

    def copy(self) -> "FakeCloud":
        """Return an account of its own in the same state."""
        other = FakeCloud()
        other.memory = copy.deepcopy(self.memory)
        return other

"""What must, or must not, be reachable."""

from dataclasses import dataclass

from ringwall.model.graph import Origin
from ringwall.model.ports import PortSpec


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must, or must not, be reachable; every source and destination of the lists is meant."""

    name: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    ports: tuple[PortSpec, ...]
    reachable: bool
    why: str = ""
    origin: Origin | None = None

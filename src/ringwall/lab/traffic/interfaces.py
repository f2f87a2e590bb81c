"""Network interfaces and what bears them, with ids as AWS's look."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from ringwall.trace.ends import Placement

NOBODY = "111122223333"  # an account of AWS's own examples, where the network names none


class Role(StrEnum):
    """What an interface serves."""

    INSTANCE = "instance"
    BALANCER = "load-balancer"
    NAT = "nat-gateway"
    ENDPOINT = "endpoint"
    TRANSIT = "transit-gateway"


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface as flow logs speak of it; "" is what it has not.

    `number` counts from 0 over the estate. `window` is the longest aggregation in seconds, `phase`
    where in it the interface's windows begin.
    """

    number: int
    id: str
    account: str
    region: str
    vpc: str
    vpc_id: str
    subnet: str
    subnet_id: str
    zone: str
    zone_id: str
    instance_id: str
    ipv4: str
    ipv6: str
    public: str
    role: Role
    window: int
    phase: int

    def address(self, version: int) -> str:
        """Return its address of a family, "" for none."""
        return self.ipv4 if version == 4 else self.ipv6


@dataclass(frozen=True, slots=True)
class Machine:
    """What speaks and answers behind an interface: an instance, a node, an endpoint."""

    name: str
    group: str
    placement: Placement
    interface: Interface

    @property
    def role(self) -> Role:
        """Return what it is."""
        return self.interface.role

    @property
    def vpc(self) -> str:
        """Return the key of its VPC."""
        return self.interface.vpc

    def __str__(self) -> str:
        return self.name


def made_id(prefix: str, *parts: object) -> str:
    """Return an id as AWS's look, the same for the same parts: `eni-0123456789abcdef0`."""
    digest = sha256("/".join(map(str, (prefix, *parts))).encode()).hexdigest()
    return f"{prefix}-0{digest[:16]}"

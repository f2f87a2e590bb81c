"""The fields of AWS's logs: their names in text, their order, their kinds.

Source: VPC Flow Logs guide, "Flow log records"; Transit Gateway guide, "Transit Gateway Flow Logs";
Route 53 developer guide, "Values that appear in Resolver query logs".

Rules:
- A field bears AWS's name in a text header, with hyphens; in Parquet it has underscores.
- The version that a record states is not relied upon: the header alone says what the columns are.
- `-` is no value, in any field.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class Kind(Enum):
    """What the text of a field is."""

    TEXT = "text"
    INTEGER = "integer"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record: its name in a text header, the version that brought it, its kind."""

    name: str
    version: int
    kind: Kind = Kind.TEXT

    @property
    def underscored(self) -> str:
        """Return the name in AWS's Parquet files."""
        return self.name.replace("-", "_")


_INTEGERS = frozenset(
    {
        "version",
        "srcport",
        "dstport",
        "protocol",
        "packets",
        "bytes",
        "start",
        "end",
        "tcp-flags",
        "traffic-path",
        "encryption-status",
        "packets-lost-no-route",
        "packets-lost-blackhole",
        "packets-lost-mtu-exceeded",
        "packets-lost-ttl-expired",
    }
)
_ADDRESSES = frozenset({"srcaddr", "dstaddr", "pkt-srcaddr", "pkt-dstaddr"})


def _fields(version: int, names: str) -> tuple[Field, ...]:
    return tuple(Field(name, version, _kind(name)) for name in names.split())


def _kind(name: str) -> Kind:
    if name in _INTEGERS:
        return Kind.INTEGER
    return Kind.ADDRESS if name in _ADDRESSES else Kind.TEXT


# The default format: these fields, in this order.
DEFAULT_FLOW = _fields(
    2,
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start"
    " end action log-status",
)
# Every field that a flow log of a VPC can have, in the order of the versions.
FLOW = (
    *DEFAULT_FLOW,
    *_fields(3, "vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr"),
    *_fields(4, "region az-id sublocation-type sublocation-id"),
    *_fields(5, "pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path"),
    *_fields(
        7,
        "ecs-cluster-arn ecs-cluster-name ecs-container-instance-arn ecs-container-instance-id"
        " ecs-container-id ecs-second-container-id ecs-service-name ecs-task-definition-arn"
        " ecs-task-arn ecs-task-id",
    ),
    *_fields(8, "reject-reason"),
    *_fields(9, "resource-id"),
    *_fields(10, "encryption-status"),
)
# The default format of a Transit Gateway's flow log, which has every field, in this order.
TRANSIT = _fields(
    6,
    "version resource-type account-id tgw-id tgw-attachment-id tgw-src-vpc-account-id"
    " tgw-dst-vpc-account-id tgw-src-vpc-id tgw-dst-vpc-id tgw-src-subnet-id tgw-dst-subnet-id"
    " tgw-src-eni tgw-dst-eni tgw-src-az-id tgw-dst-az-id tgw-pair-attachment-id srcaddr dstaddr"
    " srcport dstport protocol packets bytes start end log-status type packets-lost-no-route"
    " packets-lost-blackhole packets-lost-mtu-exceeded packets-lost-ttl-expired tcp-flags region"
    " flow-direction pkt-src-aws-service pkt-dst-aws-service",
)
# A header is recognised by these: no value of a field is one of them.
NAMES: Mapping[str, Field] = MappingProxyType(
    {name: field for field in (*FLOW, *TRANSIT) for name in (field.name, field.underscored)}
)

# The values of log-status other than OK: no traffic in the window; records were lost.
NODATA, SKIPDATA, OK = "NODATA", "SKIPDATA", "OK"

# tcp-flags is the union of the packets' flags; ACK and PSH are not in it.
FIN, SYN, RST, SYN_ACK = 1, 2, 4, 18

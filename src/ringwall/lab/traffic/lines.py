"""Records → the text of AWS's log files: a template a place and outside end, filled in a record.

Source of names and orders: `ringwall.traffic.fields`. A record states the highest version of its
fields (VPC guide, flow log records: version).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ringwall.lab.traffic.interfaces import NOBODY, Interface
from ringwall.lab.traffic.outside import Outside
from ringwall.lab.traffic.stations import REMOTE, Vantage
from ringwall.traffic.fields import DEFAULT_FLOW, FLOW, NODATA, SKIPDATA, TRANSIT, Field

# What a template is filled with, in the order in which every format has it; `lost` are the packets
# that a transit gateway had no way for.
VARYING = ("srcport", "dstport", "packets", "bytes", "start", "end", "lost", "tcp-flags")
NOTHING = "%.0s"  # takes a value and shows nothing of it
NONE = "-"


def fields_of(version: int) -> tuple[Field, ...]:
    """Return the fields of a format: 2 is AWS's default, 3 to 10 all fields up to that version."""
    return DEFAULT_FLOW if version == 2 else tuple(f for f in FLOW if f.version <= version)


@dataclass(slots=True)
class Flow:
    """Templates of a VPC's flow log of some fields."""

    fields: Sequence[Field]
    everyone: Sequence[Outside]
    _silent: dict[tuple[int, str], str] = field(default_factory=dict)

    @property
    def header(self) -> str:
        """Return the first line of a file."""
        return " ".join(each.name for each in self.fields)

    @property
    def _version(self) -> str:
        return str(max(each.version for each in self.fields))

    def template(self, vantage: Vantage, remote: int) -> str:
        """Return the line of a place, to be filled with VARYING."""
        outside = self.everyone[remote] if remote >= 0 else None
        values = self._of_interface(vantage.interface) | {
            "srcaddr": _text(vantage.source, outside),
            "dstaddr": _text(vantage.destination, outside),
            "protocol": str(vantage.protocol),
            "action": vantage.action,
            "log-status": "OK",
            "type": f"IPv{vantage.version}",
            "pkt-srcaddr": _text(vantage.packet_source, outside),
            "pkt-dstaddr": _text(vantage.packet_destination, outside),
            "pkt-src-aws-service": self._service(vantage.packet_source, outside),
            "pkt-dst-aws-service": self._service(vantage.packet_destination, outside),
            "flow-direction": "egress" if vantage.egress else "ingress",
            "traffic-path": str(vantage.path) if vantage.egress and vantage.path else NONE,
            "reject-reason": vantage.reason or NONE,
        }
        names = {each.name for each in self.fields}
        values |= dict.fromkeys(names.intersection(VARYING), "%d")
        values["end"] += NOTHING if "tcp-flags" in names else NOTHING * 2
        return self._line(values)

    def silent(self, interface: Interface, status: str, start: int, end: int) -> str:
        """Return the line of a window without data, or with records lost."""
        found = self._silent.get((interface.number, status))
        if found is None:
            assert status in {NODATA, SKIPDATA}
            values = self._of_interface(interface) | {
                "start": "%d",
                "end": "%d",
                "log-status": status,
            }
            found = self._silent[interface.number, status] = self._line(values)
        return found % (start, end)

    def _line(self, values: Mapping[str, str]) -> str:
        return " ".join(values.get(each.name, NONE) for each in self.fields)

    def _of_interface(self, interface: Interface) -> dict[str, str]:
        return {
            "version": self._version,
            "account-id": interface.account,
            "interface-id": interface.id,
            "vpc-id": interface.vpc_id,
            "subnet-id": interface.subnet_id,
            "instance-id": interface.instance_id or NONE,
            "region": interface.region,
            "az-id": interface.zone_id,
        }

    def _service(self, address: str, outside: Outside | None) -> str:
        if address == REMOTE and outside is not None:
            return outside.service or NONE
        return NONE


@dataclass(slots=True)
class Transit:
    """Templates of a transit gateway's flow log."""

    everyone: Sequence[Outside]
    account: str = NOBODY

    @property
    def header(self) -> str:
        """Return the first line of a file."""
        return " ".join(each.name for each in TRANSIT)

    def template(self, vantage: Vantage, remote: int) -> str:
        """Return the line of a place, to be filled with VARYING."""
        leg = vantage.leg
        assert leg is not None
        outside = self.everyone[remote] if remote >= 0 else None
        values = {
            "version": "6",
            "resource-type": "TransitGateway",
            "account-id": self.account,
            "tgw-id": leg.gateway,
            "tgw-attachment-id": leg.attachment,
            "tgw-pair-attachment-id": leg.pair or NONE,
            "srcaddr": _text(vantage.packet_source, outside),
            "dstaddr": _text(vantage.packet_destination, outside),
            "protocol": str(vantage.protocol),
            "log-status": "OK",
            "type": f"IPv{vantage.version}",
            "packets-lost-no-route": "0" if leg.lost == "blackhole" else "%d",
            "packets-lost-blackhole": "%d" if leg.lost == "blackhole" else "0",
            "packets-lost-mtu-exceeded": "0",
            "packets-lost-ttl-expired": "0",
            "region": vantage.interface.region,
            "flow-direction": "egress" if vantage.egress else "ingress",
        }
        for side, interface in (("src", leg.source), ("dst", leg.destination)):
            if interface is not None:
                values |= {
                    f"tgw-{side}-vpc-account-id": self.account,
                    f"tgw-{side}-vpc-id": interface.vpc_id,
                    f"tgw-{side}-subnet-id": interface.subnet_id,
                    f"tgw-{side}-eni": interface.id,
                    f"tgw-{side}-az-id": interface.zone_id,
                }
        values |= dict.fromkeys(set(VARYING) - {"lost"}, "%d")
        return " ".join(values.get(each.name, NONE) for each in TRANSIT)


def _text(address: str, outside: Outside | None) -> str:
    if address != REMOTE:
        return address
    return outside.address if outside is not None else NONE

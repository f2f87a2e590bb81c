"""Traffic in a few words, for the examples of detections: text → rows of a store's tables.

A line is one kind of record, repeated:
  SOURCE[:PORT] > DESTINATION[:PORT] [WORD …]     records of VPC flow logs
  transit SOURCE > DESTINATION [WORD …]           of a Transit Gateway's flow log
  dns CLIENT NAME [WORD …]                        queries to the resolver; `#` in NAME is a number
  quiet INTERFACE NODATA|SKIPDATA [WORD …]        windows without records
Words:
  at=TIME every=TIME times=N    the first, the distance, how many; TIME is 30, 5m, 3h or 1d
  jitter=TIME                   each record is up to so much later, by a rule that looks random
  ports=+N hosts=+N sources=+N  what each further record adds to the destination's port or
                                address, or to the source's address; clients' ports go up by one
  udp icmp tcp                  the protocol (tcp)
  reject                        REJECT; otherwise ACCEPT
  bytes=N packets=N             of a record (600, 6); lasting=TIME (10)
  back=N back-packets=N         bytes and packets of a reply's record; without `back` no reply
  arrives                       the destination's interface says that it came in
  flags                         tcp-flags are logged: 2, and 18 of a reply (4 with `reset`)
  eni=ID                        the interface that logs (eni-1)
  lost=no-route|blackhole       packets that a Transit Gateway dropped
  rcode=CODE action=ACTION type=TYPE     of a query
IPv6 addresses stand in brackets before a port. Time 0 is 2026-01-01 00:00 UTC.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address
from typing import Final

from ringwall.traffic.addresses import to_halves
from ringwall.traffic.tables import TABLES

Rows = dict[str, list[dict[str, int | str | None]]]

START: Final = 1_767_225_600  # 2026-01-01 00:00 UTC
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1}


def example(text: str) -> Rows:
    """Return the rows, by table; raises ValueError for a word that is not known.

    A column that a row does not have is null.
    """
    rows: Rows = {name: [] for name in TABLES}
    for line in filter(str.strip, text.splitlines()):
        first, *rest = line.split()
        if first in _KINDS:
            table, make = _KINDS[first]
        else:
            (table, make), rest = ("flow", _flows), [first, *rest]
        rows[table] += make(rest)
    return rows


@dataclass(slots=True)
class _Words:
    """The words of a line: NAME=VALUE and bare ones."""

    given: dict[str, str]

    @classmethod
    def of(cls, words: list[str], known: frozenset[str]) -> "_Words":
        given = {name: value for name, _, value in (word.partition("=") for word in words)}
        strange = sorted(set(given) - known)
        if strange:
            message = f"no word of an example: {strange[0]}"
            raise ValueError(message)
        return cls(given)

    def __contains__(self, name: str) -> bool:
        return name in self.given

    def text(self, name: str, default: str = "") -> str:
        return self.given.get(name, default)

    def number(self, name: str, default: int) -> int:
        return int(self.given.get(name, default))

    def seconds(self, name: str, default: str) -> int:
        text = self.given.get(name, default)
        unit = _UNITS.get(text[-1])
        return int(text) if unit is None else int(text[:-1]) * unit

    def times(self) -> Iterator[tuple[int, int]]:
        """Yield a number from 0 and the time of each record."""
        for number in range(self.number("times", 1)):
            late = self.seconds("jitter", "0")
            time = START + self.seconds("at", "0") + number * self.seconds("every", "60")
            digest = sha256(str(number).encode()).digest()
            yield number, time + int.from_bytes(digest[:4]) % (late + 1)


_TIMES = frozenset({"at", "every", "times", "jitter"})
_OF_FLOWS = """
ports hosts sources udp icmp tcp reject bytes packets lasting back back-packets flags reset eni
service arrives
"""
_FLOW_WORDS = _TIMES | frozenset(_OF_FLOWS.split())


def _end(text: str) -> tuple[str, int | None]:
    """Take `ADDRESS[:PORT]` apart; an IPv6 address with a port has brackets."""
    if text.startswith("["):
        address, _, port = text[1:].partition("]")
        return address, int(port[1:]) if port else None
    if text.count(":") == 1:
        address, _, port = text.partition(":")
        return address, int(port)
    return text, None


def _plus(address: str, number: int) -> str:
    return str(ip_address(address) + number)


def _halves(name: str, address: str) -> dict[str, int]:
    _, high, low = to_halves(address)
    return {f"{name}_high": high, f"{name}_low": low}


def _flows(words: list[str]) -> Iterator[dict[str, int | str | None]]:
    source, arrow, destination, *rest = words
    assert arrow == ">", words
    said = _Words.of(rest, _FLOW_WORDS)
    one, client = _end(source)
    other, port = _end(destination)
    protocol = next((number for name, number in _PROTOCOLS.items() if name in said), 6)
    for number, time in said.times():
        here = _plus(one, number * said.number("sources", 0))
        there = _plus(other, number * said.number("hosts", 0))
        ports = (
            (40000 + number % 20000) if client is None else client,
            (0 if port is None else port) + number * said.number("ports", 0),
        )
        if protocol == 1:
            ports = (0, 0)
        row: dict[str, int | str | None] = {
            "family": to_halves(here)[0],
            **_halves("srcaddr", here),
            **_halves("dstaddr", there),
            "srcport": ports[0],
            "dstport": ports[1],
            "protocol": protocol,
            "packets": said.number("packets", 6),
            "bytes": said.number("bytes", 600),
            "start": time,
            "seconds": said.seconds("lasting", "10"),
            "accepted": 0 if "reject" in said else 1,
            "interface_id": said.text("eni", "eni-1"),
            "account_id": "111122223333",
        }
        if "flags" in said:
            row["tcp_flags"] = 2
        if "arrives" in said:
            row["flow_direction"] = "ingress"
        if "service" in said:
            row["pkt_dst_aws_service"] = said.text("service")
        yield row
        if "back" in said:
            yield row | {
                **_halves("srcaddr", there),
                **_halves("dstaddr", here),
                "srcport": ports[1],
                "dstport": ports[0],
                "packets": said.number("back-packets", 6),
                "bytes": said.number("back", 600),
                "tcp_flags": (4 if "reset" in said else 18) if "flags" in said else None,
                "pkt_dst_aws_service": None,
                "flow_direction": None,
            }


def _transit(words: list[str]) -> Iterator[dict[str, int | str | None]]:
    source, arrow, destination, *rest = words
    assert arrow == ">", words
    said = _Words.of(rest, _TIMES | {"lost", "udp", "icmp", "tcp", "bytes", "packets"})
    one, client = _end(source)
    other, port = _end(destination)
    for number, time in said.times():
        lost, packets = said.text("lost"), said.number("packets", 3)
        yield {
            "family": to_halves(one)[0],
            **_halves("srcaddr", one),
            **_halves("dstaddr", other),
            "srcport": 40000 + number if client is None else client,
            "dstport": port or 0,
            "protocol": 6,
            "packets": packets,
            "bytes": said.number("bytes", 180),
            "start": time,
            "seconds": 10,
            "tgw_id": "tgw-1",
            "tgw_attachment_id": "tgw-attach-1",
            "packets_lost_no_route": packets if lost == "no-route" else 0,
            "packets_lost_blackhole": packets if lost == "blackhole" else 0,
        }


def _queries(words: list[str]) -> Iterator[dict[str, int | str | None]]:
    client, name, *rest = words
    said = _Words.of(rest, _TIMES | {"rcode", "action", "type", "list", "hosts"})
    for number, time in said.times():
        label = sha256(str(number).encode()).hexdigest()
        yield {
            "family": to_halves(client)[0],
            **_halves("srcaddr", client),
            "time": time,
            "srcport": 40000 + number % 20000,
            "transport": "UDP",
            "query_name": name.replace("##", label).replace("#", label[:12]),
            "query_type": said.text("type", "A"),
            "query_class": "IN",
            "rcode": said.text("rcode", "NOERROR"),
            "firewall_rule_action": said.text("action") or None,
            "firewall_domain_list_id": said.text("list") or None,
        }


def _quiet(words: list[str]) -> Iterator[dict[str, int | str | None]]:
    interface, status, *rest = words
    said = _Words.of(rest, _TIMES | {"lasting"})
    for _, time in said.times():
        yield {
            "account_id": "111122223333",
            "interface_id": interface,
            "start": time,
            "seconds": said.seconds("lasting", "60"),
            "log_status": status,
        }


_Maker = Callable[[list[str]], Iterator[dict[str, int | str | None]]]
_KINDS: Mapping[str, tuple[str, _Maker]] = {
    "transit": ("transit", _transit),
    "dns": ("dns", _queries),
    "quiet": ("quiet", _quiet),
}

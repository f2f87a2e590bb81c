"""What the views make of records: who opened, who is inside, what failed, which domain it is."""

from pathlib import Path
from typing import Any

import pytest

from ringwall.shell.engines.duck import Duck
from ringwall.shell.engines.engine import Scope
from ringwall.shell.engines.queries import parsed
from ringwall.shell.engines.store import Store
from ringwall.traffic.addresses import to_halves
from ringwall.traffic.ranges import NOT_INTERNET
from tests.detections.stores import store_of, write_store

TCP, UDP, ICMP = 6, 17, 1
START = 1_767_225_600


def record(**given: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"family": 4, "protocol": TCP, "packets": 1, "bytes": 100}
    row |= {"start": START, "seconds": 10, "accepted": 1, "srcport": 40000, "dstport": 443}
    for name in ("srcaddr", "dstaddr", "pkt_srcaddr", "pkt_dstaddr"):
        text = given.pop(name, {"srcaddr": "10.0.0.1", "dstaddr": "10.0.0.2"}.get(name))
        if text is not None:
            row["family"], row[f"{name}_high"], row[f"{name}_low"] = to_halves(text)
    return row | given


def asked(folder: Path, sql: str, *records: dict[str, Any], scope: Scope | None = None) -> Any:
    store = write_store(folder, {"flow": records, "dns": [], "transit": [], "quiet": []})
    return rows(store, sql, scope or Scope())


def rows(store: Path, sql: str, scope: Scope) -> list[dict[str, Any]]:
    engine = Duck(Store.at(store), scope, threads=1)
    try:
        return [dict(row) for row in engine.rows(parsed(sql))]
    finally:
        engine.close()


@pytest.mark.parametrize(
    ("given", "opened"),
    [
        ({"tcp_flags": 2}, 1),
        ({"tcp_flags": 3}, 1),
        ({"tcp_flags": 6}, 1),
        ({"tcp_flags": 18}, 0),
        ({"tcp_flags": 19}, 0),
        ({"tcp_flags": 2, "srcport": 443, "dstport": 40000}, 1),
        ({"tcp_flags": 18, "srcport": 40000, "dstport": 443}, 0),
        # in the middle of a connection, and where a log has no flags: the ports
        ({"tcp_flags": 0}, 1),
        ({"tcp_flags": 1, "srcport": 443, "dstport": 40000}, 0),
        ({}, 1),
        ({"srcport": 443, "dstport": 40000}, 0),
        ({"srcport": 1023, "dstport": 1024}, 0),
        ({"srcport": 1024, "dstport": 1023}, 1),
        ({"srcport": 2000, "dstport": 8080}, 1),
        ({"srcport": 5432, "dstport": 2000}, 0),
        ({"srcport": 8080, "dstport": 443}, 1),
        ({"srcport": 443, "dstport": 8080}, 0),
        ({"srcport": 9090, "dstport": 8080}, 1),
        ({"srcport": 33000, "dstport": 44000}, 0),
        ({"srcport": 44000, "dstport": 33000}, 1),
        ({"srcport": 44000, "dstport": 44000}, 1),
        ({"srcport": 123, "dstport": 123, "protocol": UDP}, 1),
        ({"srcport": 53, "dstport": 40000, "protocol": UDP}, 0),
        # the resolver's flags are none
        ({"srcport": 53, "dstport": 40000, "protocol": UDP, "tcp_flags": 2}, 0),
        # who is rejected called, but for late replies of a service
        ({"accepted": 0, "srcport": 33000, "dstport": 44000}, 1),
        ({"accepted": 0, "srcport": 443, "dstport": 40000}, 0),
        ({"accepted": 0, "srcport": 443, "dstport": 22}, 1),
        ({"protocol": ICMP, "srcport": 0, "dstport": 0}, 1),
        ({"protocol": 47, "srcport": None, "dstport": None}, 1),
    ],
)
def test_who_opened(given: dict[str, Any], opened: int, tmp_path: Path):
    [row] = asked(tmp_path, "SELECT opened FROM flow", record(**given))
    assert row["opened"] == opened


def test_an_endpoint_is_the_packets_where_the_log_has_it_and_both_are_kept(tmp_path: Path):
    sql = (
        "SELECT source_low, seen_source_low, packet_source_low, destination_low, "
        "seen_destination_low, packet_destination_low FROM flow"
    )
    [row] = asked(tmp_path, sql, record(pkt_dstaddr="203.0.113.9"))
    one, other, packet = (to_halves(a)[2] for a in ("10.0.0.1", "10.0.0.2", "203.0.113.9"))
    assert list(row.values()) == [one, one, None, packet, other, packet]


def test_who_passes_on_what_others_send_is_a_relay(tmp_path: Path):
    found = asked(
        tmp_path,
        "SELECT family, high, low FROM relay",
        record(pkt_dstaddr="203.0.113.9"),
        record(pkt_srcaddr="10.0.0.1", pkt_dstaddr="10.0.0.2"),
        record(srcaddr="10.0.0.7", dstaddr="10.0.0.8"),
    )
    assert found == [{"family": 4, "high": 0, "low": to_halves("10.0.0.2")[2]}]


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("10.0.0.0", 1),
        ("10.255.255.255", 1),
        ("11.0.0.0", 0),
        ("9.255.255.255", 0),
        ("172.16.0.0", 1),
        ("172.32.0.0", 0),
        ("192.168.255.255", 1),
        ("100.64.0.1", 1),
        ("100.128.0.0", 0),
        ("224.0.0.251", 1),
        ("255.255.255.255", 1),
        ("52.94.1.1", 0),
        ("fd00::1", 1),
        ("fe80::1", 1),
        ("ff02::1", 1),
        ("2001:db8::1", 0),
        ("2600:1f18::1", 0),
    ],
)
def test_who_is_inside_without_a_network(address: str, inside: int, tmp_path: Path):
    other = "10.0.0.2" if "." in address else "fd00::2"
    sql = "SELECT source_inside, destination_inside FROM flow"
    [row] = asked(tmp_path, sql, record(srcaddr=address, dstaddr=other))
    assert row == {"source_inside": inside, "destination_inside": 1}


def test_with_a_network_its_blocks_are_inside_too(tmp_path: Path):
    scope = Scope(inside=(*NOT_INTERNET, "52.94.0.0/16", "2600:1f18::/56"))
    sql = "SELECT family, source_inside FROM flow ORDER BY family"
    found = asked(
        tmp_path,
        sql,
        record(srcaddr="52.94.1.1"),
        record(srcaddr="2600:1f18::1", dstaddr="fd00::2"),
        scope=scope,
    )
    assert [row["source_inside"] for row in found] == [1, 1]


REPLY = {"srcaddr": "10.0.0.2", "dstaddr": "10.0.0.1", "srcport": 443, "dstport": 40000}


@pytest.mark.parametrize(
    ("records", "failed"),
    [
        ([record(), record(**REPLY, bytes=900)], 0),
        ([record()], 1),
        ([record(accepted=0)], 1),
        # accepted where it was sent, rejected where it arrived
        ([record(interface_id="a"), record(accepted=0, interface_id="b")], 1),
        ([record(), record(**REPLY, bytes=40)], 1),
        ([record(), record(**REPLY, bytes=80, packets=2)], 1),
        ([record(), record(**REPLY, bytes=44)], 0),
        ([record(), record(**REPLY, bytes=40, tcp_flags=18)], 0),
        ([record(), record(**REPLY, bytes=40, tcp_flags=4)], 1),
        ([record(), record(**REPLY, accepted=0, bytes=900)], 1),
        # UDP need not be answered
        ([record(protocol=UDP)], 0),
        ([record(protocol=UDP, accepted=0)], 1),
        ([record(protocol=UDP), record(**REPLY, protocol=UDP)], 0),
        ([record(protocol=UDP, accepted=0), record(**REPLY, protocol=UDP)], 0),
    ],
)
def test_what_came_to_nothing(records: list[dict[str, Any]], failed: int, tmp_path: Path):
    [row] = asked(tmp_path, "SELECT failed, source_low, port FROM conversation", *records)
    assert row == {"failed": failed, "source_low": to_halves("10.0.0.1")[2], "port": 443}


def test_a_log_without_actions_is_of_accepted_traffic(tmp_path: Path):
    sql = "SELECT records, rejected, bytes_out FROM conversation"
    told = asked(tmp_path, sql, record(accepted=None, bytes=7))
    assert told == [{"records": 1, "rejected": 0, "bytes_out": 7}]


def test_a_reset_over_ipv6_is_sixty_bytes(tmp_path: Path):
    there = record(srcaddr="fd00::1", dstaddr="fd00::2")
    for size, failed in ((60, 1), (61, 0)):
        back = record(srcaddr="fd00::2", dstaddr="fd00::1", srcport=443, dstport=40000, bytes=size)
        sql = "SELECT failed FROM conversation"
        assert asked(tmp_path / str(size), sql, there, back) == [{"failed": failed}]


def test_a_conversation_is_both_directions_on_one_port_in_five_minutes(tmp_path: Path):
    sql = (
        "SELECT slot, port, records, rejected, bytes_out, bytes_back, first, last "
        "FROM conversation ORDER BY slot"
    )
    found = asked(
        tmp_path,
        sql,
        record(bytes=1),
        record(bytes=10, srcport=50000, start=START + 299),
        record(bytes=100, srcport=50001, accepted=0, start=START + 100),
        record(**REPLY, bytes=1000),
        record(bytes=10000, start=START + 300),
    )
    assert [list(row.values()) for row in found] == [
        [START, 443, 3, 1, 11, 1000, START, START + 309],
        [START + 300, 443, 1, 0, 10000, 0, START + 300, START + 310],
    ]


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("example.com", "example.com"),
        ("a.b.example.com", "example.com"),
        ("example.co.uk", "example.co.uk"),
        ("www.example.co.uk", "example.co.uk"),
        ("www.example.com.au", "example.com.au"),
        ("co.uk", "co.uk"),
        ("www.example.de", "example.de"),
        ("com.example.de", "example.de"),
        ("localhost", "localhost"),
    ],
)
def test_the_registered_domain(name: str, domain: str, tmp_path: Path):
    store = store_of(tmp_path, f"dns 10.0.0.1 {name}")
    assert rows(store, "SELECT domain FROM dns", Scope()) == [{"domain": domain}]

"""A day with everything that looks like an attack and is none, and attacks of middling strength."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ringwall.app.detecting import detect
from ringwall.app.inquiring import Inquiry
from ringwall.detections import registry
from ringwall.detections.detection import Sighting
from tests.detections.stores import store_of, with_more

SCANNER = "10.0.9.9"
MESH = "\n".join(
    f"10.0.3.{one} > 10.0.3.{other}:9090 at={7 * one + other}m every={11 + one}m times=90 "
    "bytes=2000 back=9000"
    for one in range(1, 8)
    for other in range(8, 14)
)
BACKGROUND = "\n".join(
    f"60.{port % 200}.{host}.3 > 10.0.1.{host}:{port} sources=+70001 reject every=97 times=850 "
    "bytes=40 packets=1"
    for host in (5, 6, 7)
    for port in (22, 23, 445, 3389, 5060, 8080)
)
BENIGN = f"""
10.0.1.5:123 > 203.0.113.123:123 udp every=64 times=1350 bytes=76 back=76
10.0.1.6:123 > 203.0.113.123:123 udp every=64 times=1350 bytes=76 back=76
10.0.0.10 > 10.0.1.5:8080 every=10 times=8600 bytes=400 back=300
10.0.0.10 > 10.0.4.5:5432 every=10 times=8600 bytes=160 back=120
10.0.1.6 > 10.0.9.50:22 at=2h times=4 every=10m bytes=3000000000 back=2000000
10.0.1.5 > 151.101.1.1:443 at=4h sources=+1 every=37 times=3 bytes=2000000 back=180000000
{SCANNER} > 10.0.1.1:22 hosts=+1 at=9h every=2 times=200
10.0.1.5:5353 > 224.0.0.251:5353 udp every=30 times=2800
10.0.0.2:53 > 10.0.1.5:33000 ports=+1 udp every=20 times=4000
10.0.0.20:41000 > 203.0.113.40:443 every=60 times=1430 bytes=90 back=90 lasting=60
198.18.0.1 > 10.0.1.5:443 sources=+13 every=1 jitter=20h times=9000 bytes=900 back=20000
10.0.1.5 > 10.0.4.5:5432 every=9 times=9500 bytes=1500 back=9000
10.0.1.5 > 203.0.113.60:443 every=1 jitter=23h times=300 bytes=30000 back=4000
10.0.1.6 > 203.0.113.61:443 every=1 jitter=23h times=300 bytes=30000 back=4000
10.0.1.7 > 203.0.113.62:443 every=1 jitter=23h times=300 bytes=30000 back=4000
dns 10.0.1.5 www.example.com every=5m times=280
dns 10.0.1.5 #.cdn.example.net every=3m times=400
dns 10.0.1.6 host.corp.example rcode=NXDOMAIN every=30 times=2000
transit 10.1.0.5 > 10.2.0.9:443 every=5m times=280
quiet eni-7 NODATA every=60 times=1000
{MESH}
{BACKGROUND}
"""
PROBE, RESET = "bytes=40 packets=1", "back=40 back-packets=1"
ATTACKS: dict[str, tuple[set[str], str, str]] = {
    "vertical scan, rejected": (
        {"RW505", "RW507"},
        "192.0.2.7",
        "192.0.2.7 > 10.0.1.5:1 ports=+1 at=8h every=60 times=180 reject bytes=40 packets=1",
    ),
    "vertical scan, answered by resets": (
        {"RW505", "RW507"},
        "192.0.2.7",
        f"192.0.2.7 > 10.0.1.5:1 ports=+1 at=8h every=60 times=180 {PROBE} {RESET}",
    ),
    "vertical scan of high ports, with flags": (
        {"RW505", "RW507"},
        "192.0.2.7",
        f"192.0.2.7:2000 > 10.0.1.5:30000 ports=+7 at=8h times=180 {PROBE} {RESET} flags reset",
    ),
    "horizontal scan": (
        {"RW506", "RW507"},
        "10.0.1.7",
        "10.0.1.7 > 10.0.5.1:3389 hosts=+1 at=8h every=60 times=60 reject bytes=40 packets=1",
    ),
    "brute force": (
        {"RW540"},
        "192.0.2.8",
        "192.0.2.8 > 10.0.1.6:22 at=8h every=10 times=1000 bytes=2400 back=2900",
    ),
    "beacon": (
        {"RW542"},
        "10.0.1.7",
        "10.0.1.7 > 192.0.2.9:443 at=8h every=270 jitter=60 times=190 bytes=600 back=400",
    ),
    # the host sends 9 megabytes a day
    "exfiltration": (
        {"RW503"},
        "10.0.1.6",
        "10.0.1.6 > 192.0.2.10:443 at=13h every=2m times=60 bytes=750000 back=9000",
    ),
    "lateral movement": (
        {"RW544"},
        "10.0.1.5",
        "10.0.1.5 > 10.0.6.1:22 hosts=+1 at=13h every=20m times=10 bytes=9000 back=9000",
    ),
    "DNS tunnel": (
        {"RW532"},
        "10.0.4.5",
        "dns 10.0.4.5 ##.##.t.example.org at=8h every=1 times=5000",
    ),
    "generated domains": (
        {"RW531"},
        "10.0.4.5",
        """
        dns 10.0.4.5 #.com at=8h rcode=NXDOMAIN every=22 times=480
        dns 10.0.4.5 #.net at=8h every=90 times=120
        """,
    ),
    "segment trespass": ({"RW510"}, "10.1.0.5", "transit 10.1.0.5 > 10.3.0.9:22 lost=no-route"),
    "blocked domain": (
        {"RW530"},
        "10.0.1.5",
        "dns 10.0.1.5 c2.example.biz at=8h action=BLOCK rcode=NXDOMAIN",
    ),
    "DNS beside the resolver": ({"RW533"}, "10.0.1.5", "10.0.1.5 > 8.8.8.8:53 udp back=200"),
}


FIVE_PORTS = "\n".join(
    f"192.0.2.7 > 10.0.5.1:{port} hosts=+1 at=8h every=5m times=8 reject {PROBE}"
    for port in (22, 23, 80, 443, 3389)
)
TWENTY = "\n".join(
    f"192.0.2.{number} > 10.0.1.6:22 at=8h times=60 bytes=2400 back=2900"
    for number in range(20, 40)
)
# The hard and the easy ends of each attack.
ENDS: dict[str, tuple[set[str], str, str]] = {
    "vertical scan, a port in 5 minutes": (
        {"RW507"},
        "192.0.2.7",
        f"192.0.2.7 > 10.0.1.5:1 ports=+1 at=8h every=5m times=48 reject {PROBE}",
    ),
    "vertical scan, a port a second": (
        {"RW505"},
        "192.0.2.7",
        f"192.0.2.7 > 10.0.1.5:1 ports=+1 at=8h every=1 times=1000 reject {PROBE}",
    ),
    "vertical scan, half of it accepted": (
        {"RW505"},
        "192.0.2.7",
        f"""
        192.0.2.7 > 10.0.1.5:1 ports=+2 at=8h every=2m times=60 reject {PROBE}
        192.0.2.7 > 10.0.1.5:2 ports=+2 at=8h every=2m times=60 {PROBE} back=60 back-packets=1
        """,
    ),
    "horizontal scan, a host in 5 minutes": (
        {"RW507"},
        "10.0.1.7",
        f"10.0.1.7 > 10.0.5.1:3389 hosts=+1 at=8h every=5m times=30 reject {PROBE}",
    ),
    "horizontal scan of five ports": ({"RW507"}, "192.0.2.7", FIVE_PORTS),
    "brute force, once a minute from twenty sources": ({"RW541"}, "10.0.1.6", TWENTY),
    "brute force, sixty a minute": (
        {"RW540"},
        "192.0.2.8",
        "192.0.2.8 > 10.0.1.6:22 at=8h every=1 times=3000 bytes=2400 back=2900",
    ),
    "brute force of a database, from inside": (
        {"RW540"},
        "10.0.1.7",
        "10.0.1.7 > 10.0.4.5:5432 at=8h every=10 times=360 bytes=700 back=600",
    ),
    "beacon with a wide jitter": (
        {"RW542"},
        "10.0.1.7",
        "10.0.1.7 > 192.0.2.9:443 at=8h every=210 jitter=180 times=160 bytes=600 back=400",
    ),
    "beacon of three hours": (
        {"RW542"},
        "10.0.1.7",
        "10.0.1.7 > 192.0.2.9:443 at=8h every=270 jitter=60 times=36 bytes=600 back=400",
    ),
    "exfiltration of fifty days in one flow": (
        {"RW503"},
        "10.0.1.6",
        "10.0.1.6 > 192.0.2.10:443 at=10h bytes=450000000 back=900000 lasting=5m",
    ),
    "lateral movement to a hundred": (
        {"RW544"},
        "10.0.1.5",
        "10.0.1.5 > 10.0.6.1:22 hosts=+1 at=13h every=2m times=100 bytes=9000 back=9000",
    ),
    "DNS tunnel, a kilobyte a minute": (
        {"RW532"},
        "10.0.4.5",
        "dns 10.0.4.5 ##.t.example.org at=8h every=4 times=1800",
    ),
    "generated domains, twenty an hour": (
        {"RW531"},
        "10.0.4.5",
        """
        dns 10.0.4.5 #.com at=8h rcode=NXDOMAIN every=225 times=48
        dns 10.0.4.5 #.net at=8h every=15m times=12
        """,
    ),
}


@pytest.fixture(scope="module")
def benign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store_of(tmp_path_factory.mktemp("benign"), BENIGN)


def findings(store: Path) -> Iterator[Sighting]:
    detected = detect(Inquiry(store, datetime(2026, 1, 2, tzinfo=UTC)))
    known = registry()
    assert [each for each in detected.unjudged if not known[each].needs_network] == []
    for found in detected.findings:
        if not any(each.address == SCANNER for each in found.entities):  # on the allow-list
            yield found


def test_nothing_is_told_of_a_day_without_attacks(benign: Path):
    assert [each.text for each in findings(benign)] == []


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_of_middling_strength_is_told_and_nothing_else(
    name: str, benign: Path, tmp_path: Path
):
    judge(ATTACKS[name], with_more(benign, tmp_path / "store", ATTACKS[name][2]))


@pytest.mark.campaign
@pytest.mark.parametrize("name", ENDS)
def test_a_weak_or_a_strong_attack_is_told_and_nothing_else(
    name: str, benign: Path, tmp_path: Path
):
    judge(ENDS[name], with_more(benign, tmp_path / "store", ENDS[name][2]))


def judge(attack: tuple[set[str], str, str], store: Path) -> None:
    detections, attacker, _ = attack
    found = list(findings(store))
    about = [each for each in found if any(e.address == attacker for e in each.entities)]
    assert {each.detection for each in about} & detections
    assert [each.text for each in found if each not in about] == []

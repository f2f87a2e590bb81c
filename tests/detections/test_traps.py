"""Trap 8 of the article: its three queries, made to run, beside their corrected forms."""

from pathlib import Path

from ringwall.detections import named
from ringwall.detections.detection import Context
from ringwall.shell.engines.duck import Duck
from ringwall.shell.engines.engine import Scope
from ringwall.shell.engines.queries import detection_query
from ringwall.shell.engines.store import Store
from tests.detections.stores import store_of

LATE_REPLIES = "10.0.1.5:443 > 198.18.0.9:40000 ports=+1 reject every=60 times=600"
SCAN = "192.0.2.7 > 10.0.1.5:1 ports=+1 reject every=60 times=60"
ACCEPTED_SCAN = "192.0.2.8 > 10.0.1.6:1 ports=+1 every=60 times=60 back=40 back-packets=1"
ONE_RECORD = "198.51.100.9 > 10.0.1.5:23 reject"
SMALL_FLOWS = "10.0.1.5 > 203.0.113.9:443 every=1m times=600 bytes=900000 back=900"
USUAL = "10.0.1.5 > 198.51.100.1:443 every=10m times=144 bytes=20000 back=9000"
BACKUP = "10.0.1.6 > 10.0.9.9:22 at=2h bytes=900000000 back=9000"


def told(folder: Path, name: str, *texts: str) -> list[str]:
    """Return the addresses of the source that a detection names, in its order."""
    detection = named(name)
    assert detection is not None
    engine = Duck(Store.at(store_of(folder, *texts)), Scope(), threads=1)
    try:
        rows = engine.rows(detection_query(detection.sql, detection.settings({})))
    finally:
        engine.close()
    found = detection.sightings(rows, Context())
    return [each.entities[0].address for each in found]


def test_trap_8_one_rejected_record_makes_a_suspect_and_late_replies_lead(tmp_path: Path):
    texts = (LATE_REPLIES, SCAN, ONE_RECORD)
    written = told(tmp_path / "a", "rejected-sources-as-written", *texts)
    assert written == ["10.0.1.5", "192.0.2.7", "198.51.100.9"]
    stubborn = "192.0.2.7 > 10.0.1.5:22 reject every=60 times=1200"
    assert told(tmp_path / "b", "rejected-sources", *texts, stubborn) == ["192.0.2.7"]


def test_trap_8_ports_of_rejected_records_rank_servers_and_miss_accepted_scans(tmp_path: Path):
    texts = (LATE_REPLIES, SCAN, ACCEPTED_SCAN)
    assert told(tmp_path / "a", "port-scan-as-written", *texts) == ["10.0.1.5", "192.0.2.7"]
    assert told(tmp_path / "b", "vertical-scan", *texts) == ["192.0.2.7", "192.0.2.8"]


def test_trap_8_records_above_a_megabyte_show_backups_and_no_exfiltration(tmp_path: Path):
    texts = (USUAL, SMALL_FLOWS, BACKUP)
    assert told(tmp_path / "a", "transfers-as-written", *texts) == ["10.0.1.6"]
    assert told(tmp_path / "b", "exfiltration", *texts) == ["10.0.1.5"]

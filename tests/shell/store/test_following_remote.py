"""Objects of a bucket are followed as files of a folder are."""

from pathlib import Path

from ringwall.app.following import Following, follow
from ringwall.app.ingesting import Wish
from ringwall.app.inquiring import inquire
from tests.fakes.clock import FakeClock

LINE = "2 123456789010 eni-1 {} 10.0.1.5 40000 {} 6 1 40 {} {} REJECT OK\n"
BEGIN = 1_764_000_000


def scan(source: str) -> bytes:
    """Return a log of rejected tries of many ports."""
    lines = [LINE.format(source, n, BEGIN + n, BEGIN + n + 1) for n in range(1, 61)]
    return "".join(lines).encode()


def test_each_finding_is_told_once_when_its_object_has_come(tmp_path: Path, cloud, lab):
    cloud.call("s3", "create_bucket", {"Bucket": "logs"})

    def put(key: str, body: bytes) -> None:
        cloud.call("s3", "put_object", {"Bucket": "logs", "Key": key, "Body": body})

    class Delivering(FakeClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            put("flow/two.log", scan("198.51.100.2"))
            put("other/three.log", scan("198.51.100.3"))

    put("flow/one.log", scan("198.51.100.1"))
    clock = Delivering()
    wish = Wish(("s3://logs/flow/",), str(tmp_path), endpoint_url=lab.endpoint)
    following = Following(wish, ("RW505",), times=3)
    looks = list(follow(following, inquire(tmp_path, memory="512MB", clock=clock), clock=clock))
    told = [[news.finding.entities[0].address for news in look.news] for look in looks]
    assert told == [["198.51.100.1"], ["198.51.100.2"], []]
    assert [look.report.read for look in looks if look.report] == [1, 1, 0]

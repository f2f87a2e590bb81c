"""Which records are an attack's, by what the truth says of its ends alone."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from tests.lab.traffic.reading import Record, ends
from tests.lab.traffic.worlds import World


class Matcher:
    """Tells an attack's records by an end that nobody else has, or by its own client ports."""

    def __init__(self, attack: dict[str, Any]) -> None:
        self.sources = {each["address"] for each in attack["from"]}
        self.targets = {each["address"] for each in attack["to"]}
        self.strangers = {e["address"] for e in attack["from"] if "interface" not in e}
        if attack["kind"] in {"beacon", "exfiltration"}:
            self.strangers = self.targets
        self.low, self.high = attack["client_ports"]
        self.ports = attack["ports"]
        self.names = set(attack["names"])

    def has(self, record: Record) -> bool:
        """Tell whether a record is the attack's."""
        a, b = ends(record)
        if self.strangers:
            return a in self.strangers or b in self.strangers
        return any(
            (one in self.sources and other in self.targets and self.low <= port <= self.high)
            # What no table leads to goes out by a NAT gateway, which chooses another port.
            or (translated and other in self.targets and self._tried(record["dstport"]))
            for one, other, port, translated in (
                (a, b, record["srcport"], self._is_gateway(record, a)),
                (b, a, record["dstport"], False),
            )
        )

    def _is_gateway(self, record: Record, sender: str) -> bool:
        leaves = record["flow-direction"] == "egress" and record.get("traffic-path") == "8"
        return leaves and record.get("instance-id") is None and sender not in self.sources

    def _tried(self, port: int) -> bool:
        return any(low <= port <= high for low, high in self.ports)

    def of(self, records: Iterable[Record]) -> list[Record]:
        """Return the records that are the attack's."""
        return [record for record in records if self.has(record)]

    def asks(self, query: Record) -> bool:
        """Tell whether a question is for one of the attack's names, or for what is below one."""
        labels = query["query_name"][:-1].split(".")
        return any(".".join(labels[n:]) in self.names for n in range(len(labels)))


def counted(world: World) -> list[dict[str, int]]:
    """Return for each attack the counts that its `records` must be."""
    matchers = [Matcher(attack) for attack in world.truth["attacks"]]
    found: list[Counter[str]] = [Counter() for _ in matchers]
    for kind, records in (("flow", world.flow), ("transit", world.transit)):
        for record in records:
            for matcher, counts in zip(matchers, found, strict=True):
                counts[kind] += matcher.has(record)
    for query in world.queries:
        for matcher, counts in zip(matchers, found, strict=True):
            counts["queries"] += matcher.asks(query)
    return [{kind: counts[kind] for kind in ("flow", "transit", "queries")} for counts in found]

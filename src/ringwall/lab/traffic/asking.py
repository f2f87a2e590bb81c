"""Questions of an hour → files of the resolver query log, one a VPC every five minutes."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from ringwall.lab.traffic.delivery import EVERY, Layout, deliver
from ringwall.lab.traffic.names import Query, Resolver


@dataclass(slots=True)
class Asking:
    """Writes hour after hour; `logged` are the VPCs whose queries are logged.

    `counts` are questions that were logged, `first` and `last` their seconds, by label.
    """

    resolver: Resolver
    layout: Layout
    logged: frozenset[str]
    counts: Counter[int] = field(default_factory=Counter)
    first: dict[int, int] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)

    def hour(self, queries: Sequence[Query]) -> None:
        """Write the questions of an hour."""
        files: dict[tuple[str, int], list[str]] = defaultdict(list)
        for query, line in self.resolver.lines(sorted(queries, key=lambda q: q.moment)):
            interface = query.machine.interface
            if interface.vpc not in self.logged:
                continue
            moment = int(query.moment)
            files[interface.vpc_id, moment // EVERY].append(line)
            self.counts[query.label] += 1
            self.first.setdefault(query.label, moment)
            self.last[query.label] = moment
        for (vpc_id, slot), lines in sorted(files.items()):
            deliver(self.layout.queries(vpc_id, (slot + 1) * EVERY), "\n".join([*lines, ""]))

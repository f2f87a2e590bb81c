"""Records of an hour → files of flow logs: silent windows, lost records and late files included.

Rules:
- A window belongs to the file of the five minutes in which it ends.
- An interface without a record in a window logs NODATA; some windows lose records and say SKIPDATA.
  What is counted in the truth was not lost, and of an attack nothing is.
- Some files hold what comes hours late.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringwall.lab.traffic.conversations import Columns, chosen, joined
from ringwall.lab.traffic.counts import Counts
from ringwall.lab.traffic.delivery import EVERY, Layout, deliver
from ringwall.lab.traffic.interfaces import made_id
from ringwall.lab.traffic.lines import Flow, Transit
from ringwall.lab.traffic.scene import Scene
from ringwall.lab.traffic.silence import gaps, keys_of, losses
from ringwall.lab.traffic.windows import Places, merged, places_of, records_of
from ringwall.traffic.fields import NODATA, SKIPDATA

LATE = 1 / 80  # of the files
LATE_BY = (3_600, 3 * 3_600)  # seconds
SLOT = 32  # bits of the number of the five minutes in the key of a file
VALUES = ("sport", "dport", "packets", "bytes", "start", "end")

Lines = dict[int, list[str]]  # by file: the number of its log, and of its five minutes


@dataclass(slots=True)
class Writer:
    """Writes hour after hour; `logged` are the VPCs with a flow log, and which traffic it has.

    `attacks` is the first label that is an attack's.
    """

    scene: Scene
    layout: Layout
    flow: Flow
    transit: Transit
    counts: Counts
    logged: Mapping[str, str]  # VPC -> ALL, ACCEPT or REJECT
    attacks: int
    _places: Places = field(init=False)
    _carry: list[Columns] = field(default_factory=list)
    _templates: dict[int, str] = field(default_factory=dict)
    _pending: list[Future[None]] = field(default_factory=list)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    def __post_init__(self) -> None:
        self._places = places_of(self.scene.courses)

    def hour(self, conversations: Columns, start: int, end: int) -> None:
        """Write what ends in (start, end]; raises OutsideError."""
        if len(self._places.count) != len(self.scene.courses.known):
            self._places = places_of(self.scene.courses)
        places = self._places
        logs = self._logs(places)
        records, ends = self._ended(records_of(conversations, places), places, end)
        log = self._log_of(places, logs)[records["vantage"]]
        records, ends, log = chosen(records, log >= 0), ends[log >= 0], log[log >= 0]
        records, files = merged(records, log << SLOT | (ends - 1) // EVERY)
        keys = keys_of(records, places)
        rng = self.scene.numbers("skipped", start)
        lost = losses(keys, rng)
        there = ~np.isin(keys, lost) | (records["label"] >= self.attacks)
        there |= rng.random(len(there)) < 0.5
        records, files = chosen(records, there), files[there]
        self.counts.note(records, places.transit[records["vantage"]])
        lines = _split(self._texts(records, places), files)
        late = self._late(lines, places.interface[records["vantage"]], files)
        heard = set(keys[there].tolist())
        self._add_gaps(lines, logs, heard, set(lost.tolist()), (start, end))
        self._deliver(lines, late, logs)

    def close(self) -> None:
        """Wait until everything is written; raises OutsideError."""
        for each in self._pending:
            each.result()
        self._pool.shutdown()

    def _ended(self, records: Columns, places: Places, end: int) -> tuple[Columns, NDArray[Any]]:
        """Return the records whose windows have ended, and when; keep the others for later."""
        records = joined([*self._carry, records])
        place = records["vantage"]
        begins = records["window"] * places.length[place] + places.phase[place]
        ends = begins + places.length[place]
        fits = (ends > self.scene.begin) & (begins < self.scene.end)
        now = fits & ((ends <= end) | (end >= self.scene.end))
        self._carry = [chosen(records, fits & ~now)]
        return chosen(records, now), ends[now]

    def _logs(self, places: Places) -> tuple[str, ...]:
        """Return who has a log: the VPCs, then the transit gateways."""
        gateways = {v.leg.gateway for v in places.vantages if v.leg is not None}
        return (*self.scene.estate.network.vpcs, *sorted(gateways))

    def _log_of(self, places: Places, logs: Sequence[str]) -> NDArray[Any]:
        """Return the number of the log that each place writes into, -1 for none."""
        index = {name: n for n, name in enumerate(logs)}
        found = []
        for each in places.vantages:
            vpc = each.interface.vpc
            if each.leg is not None:
                found.append(index[each.leg.gateway])
            elif self.logged.get(vpc) in {"ALL", each.action}:
                found.append(index[vpc])
            else:
                found.append(-1)
        return np.array(found, np.int64)

    def _texts(self, records: Columns, places: Places) -> list[str]:
        """Return the line of each record."""
        place = records["vantage"]
        who = place.astype(np.int64) << 32 | (records["remote"].astype(np.int64) + 1)
        known, back = np.unique(who, return_inverse=True)
        templates = [self._template(key, places) for key in known.tolist()]
        columns = [records[name].tolist() for name in VALUES]
        lost = np.where(places.loses[place], records["packets"], 0).tolist()
        rows = zip(*columns, lost, records["flags"].tolist(), strict=True)
        return [templates[t] % row for t, row in zip(back.tolist(), rows, strict=True)]

    def _template(self, key: int, places: Places) -> str:
        found = self._templates.get(key)
        if found is None:
            vantage = places.vantages[key >> 32]
            maker = self.flow if vantage.leg is None else self.transit
            found = maker.template(vantage, (key & 0xFFFF_FFFF) - 1)
            self._templates[key] = found
        return found

    def _late(self, lines: Lines, interfaces: NDArray[Any], files: NDArray[Any]) -> Lines:
        """Take out of some files the lines of a third of the interfaces."""
        late: Lines = {}
        for key in lines:
            if self.scene.random("late", key).random() < LATE:
                behind = (interfaces[files == key] % 3 == 0).tolist()
                late[key] = [
                    line for line, is_late in zip(lines[key], behind, strict=True) if is_late
                ]
                lines[key] = [
                    line for line, is_late in zip(lines[key], behind, strict=True) if not is_late
                ]
        return late

    def _add_gaps(
        self,
        lines: Lines,
        logs: Sequence[str],
        heard: set[int],
        lost: set[int],
        hour: tuple[int, int],
    ) -> None:
        """Add the lines of windows without data, and of those that lost records."""
        index = {name: n for n, name in enumerate(logs)}
        interfaces = [each for each in self.scene.estate.interfaces if each.vpc in self.logged]
        for gap in gaps(interfaces, heard, lost, *hour):
            key = index[gap.interface.vpc] << SLOT | (gap.ends - 1) // EVERY
            status = SKIPDATA if gap.lost else NODATA
            line = self.flow.silent(gap.interface, status, gap.begins, gap.ends - 1)
            lines[key].append(line)
            if gap.lost:
                self.counts.skipped.append(
                    {"interface": gap.interface.id, "start": gap.begins, "end": gap.ends}
                )
            else:
                self.counts.nodata += 1

    def _deliver(self, lines: Lines, late: Lines, logs: Sequence[str]) -> None:
        for each in self._pending:
            each.result()
        self._pending = []
        for key, part in sorted(lines.items()):
            self._send(key, part, logs, 0)
        for key, part in sorted(late.items()):
            delay = int(self.scene.random("delay", key).uniform(*LATE_BY)) // EVERY * EVERY
            path = self._send(key, part, logs, delay)
            if path is not None:
                self.counts.late.append(path.relative_to(self.layout.root).as_posix())

    def _send(self, key: int, lines: list[str], logs: Sequence[str], delay: int) -> Path | None:
        """Write a file in the background; return its path, None for no lines."""
        if not lines:
            return None
        log, slot = key >> SLOT, key & (1 << SLOT) - 1
        is_flow = logs[log] in self.scene.estate.network.vpcs
        header = self.flow.header if is_flow else self.transit.header
        name = made_id("fl", self.scene.seed, logs[log])
        path = self.layout.flow("vpc" if is_flow else "tgw", name, (slot + 1) * EVERY, delay)
        self._pending.append(self._pool.submit(_write, path, header, lines))
        return path


def _split(lines: list[str], files: NDArray[Any]) -> Lines:
    """Return the lines of each file; the files come in order."""
    found: Lines = defaultdict(list)
    cuts = [*np.flatnonzero(np.diff(files, prepend=-1)).tolist(), len(lines)]
    for low, high in pairwise(cuts):
        found[int(files[low])] = lines[low:high]
    return found


def _write(path: Path, header: str, lines: list[str]) -> None:
    deliver(path, "\n".join([header, *lines, ""]))

"""Records of an hour → files of flow logs: silent windows, lost records and late files included.

Rules:
- A window belongs to the file of the five minutes in which it ends.
- An interface without a record in a window logs NODATA; some windows lose records and say SKIPDATA.
  What is counted in the truth was not lost.
- Some files hold what comes hours late.
"""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringwall.lab.traffic.conversations import Columns, chosen, joined
from ringwall.lab.traffic.delivery import EVERY, Layout, deliver
from ringwall.lab.traffic.interfaces import Interface, made_id
from ringwall.lab.traffic.lines import Flow, Transit
from ringwall.lab.traffic.scene import Scene
from ringwall.lab.traffic.windows import Places, merged, places_of, records_of
from ringwall.traffic.fields import NODATA, SKIPDATA

SKIPPED = 1 / 20_000  # of the windows with data
LATE = 1 / 80  # of the files
LATE_BY = (3_600, 3 * 3_600)  # seconds


@dataclass(slots=True)
class Counts:
    """How many records each label has, in flow logs and in transit gateways', and when."""

    flow: NDArray[Any]
    transit: NDArray[Any]
    first: NDArray[Any]
    last: NDArray[Any]
    nodata: int = 0
    lines: int = 0
    skipped: list[dict[str, Any]] = field(default_factory=list)
    late: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, labels: int) -> "Counts":
        """Return counts of nothing for that many labels."""
        never = np.iinfo(np.int64).max
        return cls(
            np.zeros(labels, np.int64),
            np.zeros(labels, np.int64),
            np.full(labels, never, np.int64),
            np.zeros(labels, np.int64),
        )

    def note(self, records: Columns, transit: NDArray[Any]) -> None:
        """Count records."""
        label = records["label"]
        self.flow += np.bincount(label[~transit], minlength=len(self.flow))
        self.transit += np.bincount(label[transit], minlength=len(self.transit))
        np.minimum.at(self.first, label, records["start"])
        np.maximum.at(self.last, label, records["end"])


@dataclass(slots=True)
class Writer:
    """Writes hour after hour; `logged` are the VPCs with a flow log, and which traffic it has."""

    scene: Scene
    layout: Layout
    flow: Flow
    transit: Transit
    counts: Counts
    logged: dict[str, str]  # VPC -> ALL, ACCEPT or REJECT
    attacks: int  # the first label that is an attack's
    _carry: list[Columns] = field(default_factory=list)
    _templates: dict[int, str] = field(default_factory=dict)
    _pending: list[Future[None]] = field(default_factory=list)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    @property
    def logs(self) -> tuple[str, ...]:
        """Return the flow logs' names: the VPCs', then the transit gateways'."""
        gateways = {
            v.leg.gateway for c in self.scene.courses.known for v in c.vantages if v.leg is not None
        }
        return (*self.scene.estate.network.vpcs, *sorted(gateways))

    def hour(self, conversations: Columns, start: int, end: int) -> None:
        """Write what ends in (start, end]."""
        places = places_of(self.scene.courses)
        records = joined([*self._carry, records_of(conversations, places)])
        place = records["vantage"]
        begins = records["window"] * places.length[place] + places.phase[place]
        ends = begins + places.length[place]
        is_last = end >= self.scene.end
        fits = (ends > self.scene.begin) & (begins < self.scene.end)
        now = fits & ((ends <= end) | is_last)
        self._carry = [chosen(records, fits & ~now)]
        records, ends = chosen(records, now), ends[now]
        logs = self.logs
        log = self._log_of(logs)[records["vantage"]]
        wanted = self._wanted()[records["vantage"]] & (log >= 0)
        records, ends, log = chosen(records, wanted), ends[wanted], log[wanted]
        order = log.astype(np.int64) << 32 | (ends - 1) // EVERY
        records, order = merged(records, order)
        records, order, lost = self._lose(records, order, places, start, end)
        transit = places.transit[records["vantage"]]
        self.counts.note(records, transit)
        texts, late = self._texts(records, order, places)
        self._add_silence(texts, records, order, places, logs, (start, end), lost)
        self._deliver(texts, late, logs)

    def close(self) -> None:
        """Wait until everything is written."""
        for each in self._pending:
            each.result()
        self._pool.shutdown()

    def _log_of(self, logs: Sequence[str]) -> NDArray[Any]:
        index = {name: n for n, name in enumerate(logs)}
        found = []
        for course in self.scene.courses.known:
            for v in course.vantages:
                if v.leg is not None:
                    found.append(index[v.leg.gateway])
                else:
                    found.append(index[v.interface.vpc] if v.interface.vpc in self.logged else -1)
        return np.array(found, np.int64)

    def _wanted(self) -> NDArray[Any]:
        found = []
        for course in self.scene.courses.known:
            for v in course.vantages:
                which = self.logged.get(v.interface.vpc, "ALL")
                found.append(v.leg is not None or which in {"ALL", v.action})
        return np.array(found, bool)

    def _lose(
        self,
        records: Columns,
        order: NDArray[Any],
        places: Places,
        start: int,
        end: int,
    ) -> tuple[Columns, NDArray[Any], list[tuple[int, int]]]:
        """Take records out of a few windows; return what is left, and which windows they are."""
        rng = self.scene.numbers("skipped", start)
        place = records["vantage"]
        key = places.interface[place] << 40 | records["window"]
        key = np.where(places.transit[place], -1, key)
        windows = np.unique(key[key >= 0])
        chosen_windows = windows[rng.random(len(windows)) < SKIPPED]
        hit = np.isin(key, chosen_windows) & (records["label"] < self.attacks)
        gone = hit & (rng.random(len(hit)) < 0.5)
        lost = [(int(k >> 40), int(k & (1 << 40) - 1)) for k in chosen_windows]
        del end
        return chosen(records, ~gone), order[~gone], lost

    def _texts(
        self,
        records: Columns,
        order: NDArray[Any],
        places: Places,
    ) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
        """Return the lines of each file, and of those what comes late."""
        who = records["vantage"].astype(np.int64) << 32 | (records["remote"].astype(np.int64) + 1)
        known, back = np.unique(who, return_inverse=True)
        templates = [self._template(int(k)) for k in known.tolist()]
        transit = places.transit[records["vantage"]]
        names = ("sport", "dport", "packets", "bytes", "start", "end")
        columns = [records[name].tolist() for name in names]
        lost = np.where(transit, self._lost()[records["vantage"]] * records["packets"], 0).tolist()
        rows = zip(*columns, lost, records["flags"].tolist(), strict=True)
        lines = [templates[t] % row for t, row in zip(back.tolist(), rows, strict=True)]
        self.counts.lines += len(lines)
        texts: dict[int, list[str]] = {}
        late: dict[int, list[str]] = defaultdict(list)
        cuts = [*np.flatnonzero(np.diff(order, prepend=-1)).tolist(), len(lines)]
        for low, high in pairwise(cuts):
            key = int(order[low])
            part = lines[low:high]
            if self._is_late(key):
                third = (places.interface[records["vantage"][low:high]] % 3 == 0).tolist()
                late[key] = [line for line, behind in zip(part, third, strict=True) if behind]
                part = [line for line, behind in zip(part, third, strict=True) if not behind]
            texts[key] = part
        return texts, late

    def _template(self, key: int) -> str:
        found = self._templates.get(key)
        if found is None:
            vantage = self._vantages()[key >> 32]
            maker = self.flow if vantage.leg is None else self.transit
            found = maker.template(vantage, (key & 0xFFFF_FFFF) - 1)
            self._templates[key] = found
        return found

    def _vantages(self) -> list[Any]:
        courses = self.scene.courses.known
        cached = self.scene.memo.get("vantages")
        if cached is None or cached[0] != len(courses):  # type: ignore[index]
            cached = (len(courses), [v for c in courses for v in c.vantages])
            self.scene.memo["vantages"] = cached
        return cached[1]  # type: ignore[index,no-any-return]

    def _lost(self) -> NDArray[Any]:
        return np.array(
            [bool(v.leg is not None and v.leg.lost) for v in self._vantages()], np.int64
        )

    def _is_late(self, key: int) -> bool:
        return self.scene.random("late", key).random() < LATE

    def _add_silence(
        self,
        texts: dict[int, list[str]],
        records: Columns,
        order: NDArray[Any],
        places: Places,
        logs: Sequence[str],
        hour: tuple[int, int],
        lost: list[tuple[int, int]],
    ) -> None:
        """Add a line for each window of an interface without data, or with records lost."""
        del order
        place = records["vantage"]
        flow = ~places.transit[place]
        heard = set((places.interface[place][flow] << 40 | records["window"][flow]).tolist())
        index = {name: n for n, name in enumerate(logs)}
        interfaces = self.scene.estate.interfaces
        for each in interfaces:
            if each.vpc not in self.logged:
                continue
            first, last = ((m - each.phase) // each.window for m in hour)
            for window in range(first, last):
                if (each.number << 40 | window) not in heard:
                    self._silent(texts, each, window, NODATA, index)
                    self.counts.nodata += 1
        for number, window in lost:
            self._silent(texts, interfaces[number], window, SKIPDATA, index)
            each = interfaces[number]
            begins = window * each.window + each.phase
            self.counts.skipped.append(
                {"interface": each.id, "start": begins, "end": begins + each.window}
            )

    def _silent(
        self,
        texts: dict[int, list[str]],
        each: Interface,
        window: int,
        status: str,
        index: dict[str, int],
    ) -> None:
        begins = window * each.window + each.phase
        ends = begins + each.window
        key = index[each.vpc] << 32 | (ends - 1) // EVERY
        line = self.flow.silent(each, status, begins, ends - 1)
        texts.setdefault(key, []).append(line)

    def _deliver(
        self, texts: dict[int, list[str]], late: dict[int, list[str]], logs: Sequence[str]
    ) -> None:
        for each in self._pending:
            each.result()
        self._pending = []
        vpcs = len(self.scene.estate.network.vpcs)
        for key, lines in [*sorted(texts.items()), *sorted(late.items())]:
            log, slot = key >> 32, key & 0xFFFF_FFFF
            is_late = lines is late.get(key)
            if not lines:
                continue
            name = made_id("fl", self.scene.seed, logs[log])
            delay = 0
            if is_late:
                delay = int(self.scene.random("delay", key).uniform(*LATE_BY)) // EVERY * EVERY
            is_flow = log < vpcs
            header = self.flow.header if is_flow else self.transit.header
            folder = "vpc" if is_flow else "tgw"
            path = self.layout.flow(folder, name, (slot + 1) * EVERY, delay)
            if is_late:
                self.counts.late.append(str(path.relative_to(self.layout.root)))
            self._pending.append(self._pool.submit(_write, path, header, lines))


def _write(path: Path, header: str, lines: list[str]) -> None:
    deliver(path, "\n".join([header, *lines, ""]))

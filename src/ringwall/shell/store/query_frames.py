"""Lines of a resolver query log → rows of `dns`, many at once, or word that they are not usual.

Lines are usual if each is an object of known keys whose values are texts, as AWS writes them. Arrow
splits them into columns, and a value that comes again is read once.

Rules:
- All lines of a text are usual, or it has no frame: then it is halved, down to `FEW` lines, which
  `traffic.queries.read_query` reads one by one. So whatever is not usual is judged there alone.
- Arrow takes two objects on a line, an object on two lines, and null for a missing value; the twin
  does not, so that lines are counted, and null is not usual. It refuses a key that comes twice, and
  a key that it was not told of: so nothing is nested deeper than it is in the schema.
- Keys that are new and hold texts are learnt, and passed over.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final

import numpy as np

from ringwall.shell.store.arrow import Arrow, pyarrow
from ringwall.traffic import queries
from ringwall.traffic.batches import Array, Frame
from ringwall.traffic.problems import Reason
from ringwall.traffic.queries import SOURCES, TEXTS, Wrong

FEW: Final = 32
MOST_LEARNT: Final = 32
MOST_LESSONS: Final = 256  # lines of a file that are looked at for new keys
_REMEMBERED: Final = 1 << 16
_OPEN, _CLOSE, _END = b"{}\n"
_NULL: Final = re.compile(rb"[:,\[]\s*null")
_ANSWER: Final = ("Rdata", "Type", "Class")
_ALIASES: Final = tuple(name.replace("_", "-") for name in SOURCES if "_" in name)
_KNOWN: Final = (*TEXTS, "version", "query_name", "query_timestamp", "srcaddr", "srcport")

halves_of = lru_cache(_REMEMBERED)(queries.halves_of)
time_of = lru_cache(_REMEMBERED)(queries.time_of)


class QueryFrames:
    """Makes frames of the lines of one file."""

    def __init__(self) -> None:
        self._learnt: set[str] = set()
        self._lessons = 0
        self._schema: Arrow = None

    def of(self, text: bytes) -> Iterator[tuple[bytes, Frame | None]]:
        """Yield pieces of a text of whole lines, in order, each with its frame if it has one."""
        ends = np.flatnonzero(np.frombuffer(text, np.uint8) == _END)
        frame = self._frame(text, ends)
        if frame is not None:
            yield text, frame
        elif len(ends) <= FEW:
            self._learn(text)
            yield text, None
        else:
            half = int(ends[len(ends) // 2]) + 1
            yield from self.of(text[:half])
            yield from self.of(text[half:])

    def _frame(self, text: bytes, ends: Array) -> Frame | None:
        if len(ends) < 2 or not _is_usual(text, ends):
            return None
        import pyarrow.json as pj  # noqa: PLC0415  (it may be missing)

        pa = pyarrow()
        if self._schema is None:
            self._schema = _schema_of(self._learnt)
        try:
            found = pj.read_json(
                pa.BufferReader(text),
                read_options=pj.ReadOptions(use_threads=False, block_size=len(text) + 1),
                parse_options=pj.ParseOptions(
                    explicit_schema=self._schema, unexpected_field_behavior="error"
                ),
            )
            return _rows_of(found.combine_chunks()) if found.num_rows == len(ends) else None
        except (pa.ArrowException, Wrong):
            return None

    def _learn(self, text: bytes) -> None:
        """Learn which keys of lines hold texts that nobody asks for."""
        for line in text.split(b"\n"):
            self._lessons += 1
            if self._lessons > MOST_LESSONS:
                return
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if not isinstance(record, dict):
                continue
            for name, value in record.items():
                if isinstance(value, str) and _is_new(name) and len(self._learnt) < MOST_LEARNT:
                    self._learnt.add(name)
                    self._schema = None


def _is_new(name: str) -> bool:
    """Tell whether a key may be passed over: `query-name` is read like `query_name`."""
    known = {*_KNOWN, "answers", "srcids"}
    return name.isascii() and name.isprintable() and name.replace("-", "_") not in known


def _is_usual(text: bytes, ends: Array) -> bool:
    """Tell whether every line begins and ends an object, and nothing in it needs the twin."""
    letters = np.frombuffer(text, np.uint8)
    return bool(
        text.isascii()
        and text.startswith(b"{")
        and (letters[ends[:-1] + 1] == _OPEN).all()
        and (letters[ends - 1] == _CLOSE).all()
        and np.diff(ends, prepend=-1).max() <= queries.LONGEST
        and not (b"\\" in text and b"\\u" in text)
        and not (b"null" in text and _NULL.search(text))
    )


def _schema_of(learnt: set[str]) -> Arrow:
    pa = pyarrow()

    def texts(names: tuple[str, ...]) -> list[tuple[str, Any]]:
        return [(name, pa.string()) for name in names]

    return pa.schema(
        [
            *texts((*_KNOWN, *sorted(learnt))),
            ("answers", pa.list_(pa.struct(texts(_ANSWER)))),
            ("srcids", pa.struct(texts((*SOURCES, *_ALIASES)))),
        ]
    )


def _rows_of(table: Arrow) -> Frame | None:
    """Return the rows of lines; None where one is no query; raises Wrong."""
    columns = {name: table[name].chunk(0) for name in table.schema.names}
    sources = _sources(columns["srcids"])
    if sources is None or columns["query_name"].null_count:
        return None
    texts = {name: _texts(columns[name]) for name in TEXTS}
    texts |= {name: _texts(column) for name, column in sources.items()}
    texts["query_name"] = _texts(columns["query_name"], _name)
    texts["answers"] = _texts(_answers(columns["answers"]))
    codes, found = _coded(columns["query_timestamp"])
    times = [time_of(text.decode()) for text in found]
    if None in times or not found or codes.min() < 0:
        return None
    time = np.array(times, np.int64)[codes]
    port = _ports(columns["srcport"])
    codes, found = _coded(columns["srcaddr"])
    halves = np.array(
        [*(halves_of(text.decode()) or (0, -1, -1) for text in found), (0, -1, -1)], np.int64
    )
    family, high, low = halves[codes].T
    numbers = {"time": time, "srcport": port, "srcaddr_high": high, "srcaddr_low": low}
    return Frame(table.num_rows, family, numbers, texts)


def _sources(column: Arrow) -> dict[str, Arrow] | None:
    """Return the columns of `srcids`; None where a line has one of them under both its names."""
    import pyarrow.compute as pc  # noqa: PLC0415  (it may be missing)

    fields = dict(zip((*SOURCES, *_ALIASES), column.flatten(), strict=True))
    for alias in _ALIASES:
        name = alias.replace("-", "_")
        if pc.any(pc.and_(fields[alias].is_valid(), fields[name].is_valid())).as_py():
            return None
        fields[name] = pc.coalesce(fields[name], fields[alias])
    return {name: fields[name] for name in SOURCES}


def _answers(column: Arrow) -> Arrow:
    """Return the answers of each line as `TYPE RDATA`, one to a line; "" for none."""
    import pyarrow.compute as pc  # noqa: PLC0415  (it may be missing)

    data, kind, _ = column.flatten().flatten()
    kind = pc.fill_null(kind, "")
    kind = pc.if_else(pc.equal(kind, ""), "?", kind)
    told = pc.binary_join_element_wise(kind, pc.fill_null(data, ""), " ")
    told = pc.replace_substring(told, "\n", " ")
    return pc.binary_join(pyarrow().ListArray.from_arrays(column.offsets, told), "\n")


def _coded(column: Arrow) -> tuple[Array, list[bytes]]:
    """Return the place of each row's text among those that differ, -1 for none, and these."""
    encoded = column.dictionary_encode()
    texts = encoded.dictionary.cast(pyarrow().binary()).to_pylist()
    return encoded.indices.fill_null(-1).to_numpy(), texts


def _texts(
    column: Arrow, read: Callable[[bytes], bytes] = lambda text: text
) -> tuple[Array, list[bytes]]:
    """Return codes and texts as they are kept: neither "" nor "-" is one."""
    codes, found = _coded(column)
    kept = [read(text) for text in found]
    if b"" in kept or b"-" in kept:
        places = [-1 if text in {b"", b"-"} else place for place, text in enumerate(kept)]
        codes = np.array([*places, -1], np.int32)[codes]
    return codes, kept


def _name(text: bytes) -> bytes:
    return text.lower().removesuffix(b".") or b"."


def _ports(column: Arrow) -> Array:
    """Return ports, -1 for none; raises Wrong."""
    import pyarrow.compute as pc  # noqa: PLC0415  (it may be missing)

    digits = pc.and_(pc.ascii_is_decimal(column), pc.less(pc.binary_length(column), 9))
    if pc.all(digits, skip_nulls=True).as_py() is not False:
        ports: Array = pc.fill_null(pc.cast(column, pyarrow().int64()), -1).to_numpy()
        if ports.max() > 65535:
            raise Wrong(Reason.INTEGER)
        return ports
    values = [queries.port_of(text) for text in column.to_pylist()]
    return np.array([-1 if value is None else value for value in values], np.int64)

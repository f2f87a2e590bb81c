"""Sources → a store: each file once, each line a row or set aside."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final, Protocol, Self, TypeVar

from ringwall.errors import RingwallError, StoreError
from ringwall.shell.clock import Clock
from ringwall.shell.store.ahead import ahead
from ringwall.shell.store.aside import Aside
from ringwall.shell.store.fetching import fetched
from ringwall.shell.store.growing import Before, before, digests, split
from ringwall.shell.store.inflating import BOMB, CUT, Pieces
from ringwall.shell.store.intake import Intake, Rehearsal
from ringwall.shell.store.manifest import Manifest, Reading, Seen
from ringwall.shell.store.parquet_text import text_of
from ringwall.shell.store.reading import Counts, NotALog, Tell, TextReader
from ringwall.shell.store.sources import Source
from ringwall.shell.store.store import Store, complaints
from ringwall.traffic.layouts import Layout
from ringwall.traffic.parsers import Parser
from ringwall.traffic.problems import Problem, Reason
from ringwall.traffic.recognising import PARQUET
from ringwall.traffic.stamps import stamp_of

PATIENCE: Final = 60.0  # seconds that any file may take
MOST_NAMED: Final = 10_000
LARGE: Final = 512 << 10  # bytes of a file that is inflated by a thread of its own
SLOWEST: Final = 256 << 10  # bytes of text a second, beyond


Name = TypeVar("Name")


class Watcher(Protocol):
    """Told how far it is; must return at once."""

    def ingesting(self, report: "Report") -> None:
        """Say what was read so far."""
        ...


class Unwatched:
    """Shows nothing."""

    def ingesting(self, report: "Report") -> None:
        """Show nothing."""


@dataclass(slots=True)
class Report:
    """What an ingest did; bytes are those of the files, as they lie.

    Of files that are named one by one (`faults`, `strange`, `unreadable`, `changed`) the first
    `MOST_NAMED` are. `changed` have another content than before: their `earlier` records stand in
    the store beside the new ones. Of those that have `grown`, only what is new was read.
    """

    parser: str
    files: int = 0
    total_bytes: int = 0
    bytes: int = 0
    read: int = 0
    known: int = 0
    records: int = 0
    quiet: int = 0
    lines: int = 0
    aside: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[str, str]] = field(default_factory=list)
    strange: list[tuple[str, bool]] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    earlier: int = 0
    grown: int = 0
    assumed: int = 0
    kept: int = 0
    aside_file: str = ""
    seconds: float = 0.0
    parts: int = 0
    size: int = 0
    removed: tuple[int, int] = (0, 0)


class Ingest:
    """One run of reading into a store."""

    def __init__(
        self,
        store: Store,
        parser: Parser,
        clock: Clock,
        *,
        layout: Layout | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        self._store = store
        self._intake = Intake(store, parser)
        self._aside = Aside(store.folder, store.new_name())
        self._clock = clock
        self.layout = layout
        self._watcher = watcher or Unwatched()
        self._begun = clock.monotonic()
        self.report = Report(parser.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Commit what was read, unless something went wrong."""
        try:
            if kind is None:
                self._intake.end()
        finally:
            self._intake.abandon()
            self._aside.close()
        report = self.report
        report.kept = self._aside.kept
        report.aside_file = str(self._aside.path) if self._aside.kept else ""
        report.parts, report.size = self._intake.written.parts, self._intake.written.size
        self._tell()

    def read(self, sources: Iterable[Source]) -> None:
        """Read every source that was not read yet; raises StoreError."""
        for source in fetched(sources, self._is_known):
            self._read(source)
            self._tell()

    @property
    def manifest(self) -> Manifest:
        """Return what the store holds."""
        return self._store.manifest

    @property
    def now(self) -> int:
        """Return the time, in seconds since 1970."""
        return int(self._clock.now().timestamp())

    def _tell(self) -> None:
        self.report.seconds = self._clock.monotonic() - self._begun
        self._watcher.ingesting(self.report)

    def _read(self, source: Source) -> None:
        """Read one source; what is wrong with it alone is noted."""
        manifest = self.manifest
        if self._is_known(source):
            self._skip(source)
            return
        try:
            with source.open() as file:
                earlier = [*manifest.earlier(source.name), *self._intake.earlier(source.name)]
                digest, parts = digests(file, [each.size for each in earlier])
                if manifest.has_digest(digest) or self._intake.has_digest(digest):
                    self._skip(source)
                    return
                text = before(file, earlier, parts)
                file.seek(0)
                self._take(source, file, digest, text)
                self._compare(source.name, earlier, text)
        except NotALog:
            _note(self.report.strange, (source.name, source.named))
            self.report.bytes += source.size
        except StoreError:
            raise
        except RingwallError as error:
            _note(self.report.unreadable, (source.name, error.message))
        except OSError as failure:
            _note(self.report.unreadable, (source.name, failure.strerror or str(failure)))

    def _is_known(self, source: Source) -> bool:
        return self._store.manifest.has_name(source.name, source.size, source.stamp)

    def _skip(self, source: Source) -> None:
        self.report.known += 1
        self.report.bytes += source.size

    def _compare(self, name: str, earlier: Sequence[Reading], text: Before | None) -> None:
        """Note of a file that was read before what became of it."""
        if text is not None:
            self.report.grown += 1
        elif earlier:
            _note(self.report.changed, name)
            self.report.earlier += sum(each.records + each.quiet for each in earlier)

    def _take(self, source: Source, file: BinaryIO, digest: bytes, text: Before | None) -> None:
        """Read a file, of one that has grown what is new."""
        reader = self.reader(source.name)
        if text is not None:
            reader.turn(Rehearsal(self._intake.parser), lambda _: None)
        fault, lines = "", 0
        pieces = self._pieces(file, source.size, reader)
        try:
            for is_new, piece in split(pieces, text) if text else ((True, each) for each in pieces):
                if is_new and text is not None:
                    lines, text = reader.turn(self._intake, self._teller(source.name)), None
                reader.feed(piece)
        except (ValueError, OSError) as failure:  # what came before it is taken
            fault = str(failure)
        counts = reader.close(cut=fault == CUT)
        if text is not None:  # nothing was new
            counts = Counts(format=counts.format)
        counts.lines -= lines
        self.note(source, digest, counts, fault)

    def reader(self, name: str, layout: Layout | None = None) -> TextReader:
        """Return what reads a text into the store; its problems are those of a name."""
        stamp = stamp_of(name)
        fallback = -1 if stamp is None else stamp
        layout = layout or self.layout
        return TextReader(self._intake, self._teller(name), layout=layout, fallback=fallback)

    def _teller(self, name: str) -> Tell:
        """Return what takes the problems of a text."""

        def tell(problems: list[Problem]) -> None:
            with complaints(self._store.folder):
                self._aside.put(name, problems)
            self.report.aside.update(each.reason.name.lower() for each in problems)

        return tell

    def note(
        self,
        source: Source,
        digest: bytes,
        counts: Counts,
        fault: str = "",
        seen: Seen | None = None,
    ) -> None:
        """Count what a source gave, and let it belong to the store with the next commit."""
        report = self.report
        report.read += 1
        report.records += counts.records
        report.quiet += counts.quiet
        report.lines += counts.lines
        report.assumed += counts.format == "default"
        if fault:
            _note(report.faults, (source.name, fault))
        with complaints(self._store.folder):
            self._aside.flush()
        self._intake.end_of(
            Reading(
                source.name,
                digest,
                source.size,
                source.stamp,
                self.now,
                counts.records,
                counts.quiet,
                counts.lines,
                counts.aside,
                fault,
                seen,
            )
        )

    def _pieces(self, file: BinaryIO, size: int, reader: TextReader) -> Iterator[bytes]:
        """Yield the text of a file; raises ValueError for what is wrong with the file."""
        magic = file.read(len(PARQUET))
        file.seek(0)
        begun, text, before = self._clock.monotonic(), 0, self.report.bytes
        pieces = Pieces(file)
        stopped = False
        texts = text_of(file) if magic == PARQUET else iter(pieces)
        for piece in ahead(texts) if size >= LARGE else texts:
            yield piece
            text += len(piece)
            self.report.bytes = before + pieces.read
            self._tell()
            late = self._clock.monotonic() - begun > PATIENCE + text / SLOWEST
            if late and not stopped:
                stopped = True
                reader.stop(Reason.SLOW)
        if pieces.fault:
            raise ValueError(BOMB if pieces.fault == BOMB else pieces.fault)


def _note(names: list[Name], name: Name) -> None:
    """Add a name, as long as there are not too many."""
    if len(names) < MOST_NAMED:
        names.append(name)

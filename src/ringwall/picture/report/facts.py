"""What a report of traffic shows, in values: the page is drawn from these alone.

Rules:
- Times are seconds since 1970, UTC; `last` and `end` of a time are what `end` says: exclusive.
- Texts are as they came: names and domains are what strangers chose. The page escapes them.
"""

from dataclasses import dataclass

from ringwall.model.finding import Severity


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers in time, one to a column; `unit` is "bytes", or "" for counts.

    `log` is the kind of log that they are from, and `missing` how much of each column, 0 to 1, has
    none of it: hours without any record.
    """

    title: str
    log: str
    unit: str
    values: tuple[int, ...]
    missing: tuple[float, ...]
    rejected: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """As many columns of `step` seconds from `start` on; every series has a value for each."""

    start: int
    step: int
    columns: int
    series: tuple[Series, ...]

    @property
    def end(self) -> int:
        """Return the second after the last column."""
        return self.start + self.step * self.columns

    def at(self, column: int) -> int:
        """Return the first second of a column."""
        return self.start + self.step * column


@dataclass(frozen=True, slots=True)
class Bar:
    """Who or what: its name, its address or what it is else, how much, and how much of it failed.

    `further` are the values of the list's further columns, as text.
    """

    name: str
    beside: str
    value: int
    rejected: int = 0
    further: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Top:
    """A list of who has most.

    `measure` heads the bars, `further` the columns after them, `who` the first.
    """

    title: str
    caption: str
    measure: str
    unit: str
    bars: tuple[Bar, ...]
    further: tuple[str, ...] = ()
    who: str = "who"


@dataclass(frozen=True, slots=True)
class Part:
    """Who has a part in a finding."""

    role: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Found:
    """A finding; `evidence` are pairs of what is counted and how much.

    `samples` are records behind it, the names of their fields first.
    """

    id: str
    detection: str
    severity: Severity
    text: str
    parts: tuple[Part, ...]
    first: int
    last: int
    evidence: tuple[tuple[str, str], ...]
    samples: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A detection that was run, or was to be; `unjudged` says why it was not."""

    id: str
    name: str
    title: str
    confidence: str
    attacks: tuple[str, ...]
    why: str
    instead: str
    blind: str
    sql: str
    unjudged: str = ""
    found: int = 0


@dataclass(frozen=True, slots=True)
class Log:
    """A kind of log: its records, when, and runs of hours without any (start, end)."""

    name: str
    is_flow: bool
    records: int
    first: int | None
    last: int | None
    missing_hours: int = 0
    missing: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Loss:
    """An interface of which AWS lost records, in how many windows."""

    interface: str
    windows: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Cover:
    """What the logs cover. `known` is how many interfaces the network has, None without a network.

    `silent` are interfaces of the network without any record; `seen` is how many have one.
    `outside` are flow records of which no end is inside, if they are many.
    """

    logs: tuple[Log, ...]
    seen: int
    flagged: float
    losses: tuple[Loss, ...] = ()
    silent: tuple[str, ...] = ()
    known: int | None = None
    outside: int = 0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A finding that somebody accepted: why, and until which day."""

    detection: str
    severity: Severity
    text: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the page says; `findings` are worst first, all of them.

    `expired` are suppressions whose last day has passed, in a line each.
    """

    title: str
    made: int
    since: int | None
    until: int | None
    cover: Cover
    timeline: Timeline | None
    tops: tuple[Top, ...]
    findings: tuple[Found, ...]
    questions: tuple[Question, ...]
    facts: tuple[str, ...] = ()
    suppressed: tuple[LeftOut, ...] = ()
    expired: tuple[str, ...] = ()

"""The talks of an alarm's window → who it is most likely about, with what shows it.

An alarm names nobody: it says that a number was too high. Who made it so is asked of the flow logs.

Rules:
- What an address inside or outside is, is said by ranges; who opened a connection, by traffic/view.
- The least that makes an offender is stated: of a quiet window nobody is named.
- A middle box is not named for what others send through it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any, Final

import numpy as np

from ringwall.playbooks.records import Event, Party, digest
from ringwall.traffic.addresses import from_halves
from ringwall.traffic.batches import Array
from ringwall.traffic.grouping import grouped
from ringwall.traffic.ranges import NOBODY, Range, to_ranges
from ringwall.traffic.talks import ENDS, Talks, among, failed

MOST: Final = 10  # offenders that are told
SAMPLES: Final = 5  # talks that are shown of each
LEAST_REJECTED: Final = 20  # records; the internet sends everybody a few
LEAST_TARGETS: Final = 10  # ports of one host, or hosts of one port, in vain
LEAST_BYTES: Final = 1_000_000
TIMES: Final = 2.0  # of what the same pair sent before, as RW503 has it for days
_SOURCE: Final = ENDS[:3]
_DESTINATION: Final = ("family", *ENDS[3:])
_PROTOCOLS: Final = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}


class Question(Enum):
    """What is asked of the logs."""

    REJECTED = "most rejected records from outside"
    SCAN = "most ports of a host, or hosts of a port, tried in vain"
    EXFILTRATION = "most bytes sent out, beyond what was sent before"


# The alarms of the article, and of the blueprint's `monitoring:`.
_NAMES: Final[Mapping[str, Question]] = {
    "*suspicious-traffic*": Question.REJECTED,
    "*rejected*": Question.REJECTED,
    "*port-scan*": Question.SCAN,
    "*exfiltration*": Question.EXFILTRATION,
}


@dataclass(frozen=True, slots=True)
class Offender:
    """Who did it: parties, from when to when (seconds), how much, and what shows it."""

    parties: tuple[Party, ...]
    amount: int
    first: int
    last: int
    evidence: Mapping[str, Any] = field(default_factory=dict)


def question_of(kind: str) -> Question | None:
    """Return what an alarm of this name asks of the logs, None if it is not known."""
    known = kind.lower()
    return next((q for pattern, q in _NAMES.items() if fnmatchcase(known, pattern)), None)


def offenders(
    question: Question, talks: Talks, window: tuple[int, int], inside: Sequence[Range]
) -> list[Offender]:
    """Return who is most likely meant, worst first.

    `window` is from and to, both included, in seconds; talks before it are what was usual. `inside`
    are the addresses that are no strangers': the estate's, and private ones.
    """
    return _ANSWERS[question](talks, window, inside)


def named(event: Event, found: Sequence[Offender], looked: Mapping[str, Any]) -> list[Event]:
    """Return an alarm's event with the parties that were found, one event for each offender.

    The first keeps the alarm's id, so that a second delivery is known whoever is found then.
    Without anybody the event is as it was. `looked` is what was read.
    """
    if not found:
        return [replace(event, evidence={**event.evidence, "looked": dict(looked)})]
    return [
        replace(
            event,
            id=digest(event.id, str(number)) if number else event.id,
            parties=each.parties,
            first=each.first,
            last=max(each.last, each.first),
            evidence={**event.evidence, **each.evidence, "looked": dict(looked)},
        )
        for number, each in enumerate(found)
    ]


def _during(talks: Talks, window: tuple[int, int]) -> Talks:
    return talks.chosen((talks["last"] >= window[0]) & (talks["first"] <= window[1]))


def _is(talks: Talks, end: str, ranges: Iterable[Range]) -> Array:
    return among(talks["family"], talks[f"{end}_high"], talks[f"{end}_low"], ranges)


def _rejected(talks: Talks, window: tuple[int, int], inside: Sequence[Range]) -> list[Offender]:
    during = _during(talks, window)
    wanted = (during["rejected"] > 0) & ~_is(during, "source", inside)
    during = during.chosen(wanted & ~_is(during, "destination", to_ranges(NOBODY)))
    if not len(during):
        return []
    by_source = grouped([during[name] for name in _SOURCE])
    rejected = by_source.sums(during["rejected"])
    total = int(rejected.sum())
    found = []
    for number in _worst(rejected, LEAST_REJECTED):
        own = during.chosen(by_source.number == number)
        amount = int(rejected[number])
        evidence = {
            "rejected_records": amount,
            "of_all_rejected": round(amount / total, 3),
            "ports": _distinct(own, ("port", "protocol")),
            "hosts": _distinct(own, _DESTINATION),
        }
        found.append(_offender(own, amount, evidence, "rejected"))
    return found


def _scan(talks: Talks, window: tuple[int, int], inside: Sequence[Range]) -> list[Offender]:
    del inside
    during = _during(talks, window).by((*ENDS, "port", "protocol", "slot"))
    tried = np.isin(during["protocol"], (6, 17)) & (during["records"] > 0)
    during = during.chosen(tried & failed(during) & ~_is(during, "source", to_ranges(NOBODY)))
    if not len(during):
        return []
    once = during.by((*ENDS, "port", "protocol"))
    by_source = grouped([once[name] for name in _SOURCE])
    ports = _most_of_one(once, by_source.number, ("destination_high", "destination_low"))
    hosts = _most_of_one(once, by_source.number, ("port", "protocol"))
    targets = np.maximum(ports, hosts)
    found = []
    for number in _worst(targets, LEAST_TARGETS):
        own = once.chosen(by_source.number == number)
        evidence = {
            "ports_of_one_host": int(ports[number]),
            "hosts_of_one_port": int(hosts[number]),
            "targets": len(own),
            "records": int(own["records"].sum()),
        }
        found.append(_offender(own, int(targets[number]), evidence, "records"))
    return found


def _most_of_one(talks: Talks, source: Array, names: Sequence[str]) -> Array:
    """Return for each source how many of its talks at most have these columns in common."""
    pairs = grouped([source, *(talks[name] for name in names)])
    found = np.zeros(int(source.max()) + 1, np.int64)
    np.maximum.at(found, source[pairs.first], pairs.counts())
    return found


def _exfiltration(talks: Talks, window: tuple[int, int], inside: Sequence[Range]) -> list[Offender]:
    sent = _sent_out(talks.without_echoes(), inside)
    pairs = grouped([sent[name] for name in ENDS]) if len(sent) else None
    if pairs is None:
        return []
    is_during = (sent["last"] >= window[0]) & (sent["first"] <= window[1])
    out = pairs.sums(np.where(is_during, sent["bytes_out"], 0))
    back = pairs.sums(np.where(is_during, sent["bytes_back"], 0))
    usual = _usual(sent, pairs.number, len(pairs), is_during, window)
    relayed = _relayed(talks.relays, sent.chosen(pairs.first), out)
    is_more = (out > back) & (out >= TIMES * usual) & ~relayed
    beyond = np.where(is_more, out - usual, 0)
    found = []
    for number in _worst(beyond, LEAST_BYTES):
        own = sent.chosen((pairs.number == number) & is_during)
        evidence = {
            "bytes_out": int(out[number]),
            "bytes_back": int(back[number]),
            "usual_bytes_out": int(usual[number]),
        }
        offender = _offender(own, int(beyond[number]), evidence, "bytes_out")
        destination = Party("destination", _address(own, "destination"))
        found.append(replace(offender, parties=(*offender.parties, destination)))
    return found


def _sent_out(talks: Talks, inside: Sequence[Range]) -> Talks:
    """Return what left, with whoever is inside as the source, whoever opened the connection.

    What goes to AWS services is left out: backups go there (RW503 does the same).
    """
    ours, theirs = _is(talks, "source", inside), _is(talks, "destination", inside)
    out = talks.chosen(ours & ~theirs & (talks["to_service"] == 0) & (talks["bytes_out"] > 0))
    taken = talks.chosen(~ours & theirs & (talks["bytes_back"] > 0))
    turned = dict(taken.columns)
    for name in ("high", "low"):
        turned[f"source_{name}"] = taken[f"destination_{name}"]
        turned[f"destination_{name}"] = taken[f"source_{name}"]
    turned["bytes_out"], turned["bytes_back"] = taken["bytes_back"], taken["bytes_out"]
    columns = {name: np.concatenate([out[name], turned[name]]) for name in out.columns}
    return replace(out, columns=columns)


def _usual(
    sent: Talks, pair: Array, pairs: int, is_during: Array, window: tuple[int, int]
) -> Array:
    """Return what each pair sent before, for as long as the window is."""
    before = np.where(is_during, 0, sent["bytes_out"])
    begin = int(sent["first"].min())
    length = max(window[0] - begin, 0)
    if length == 0:
        return np.zeros(pairs, np.int64)
    amounts = np.bincount(pair, weights=before, minlength=pairs)
    share = min((window[1] - window[0] + 1) / length, 1.0)
    return (amounts * share).astype(np.int64)


def _relayed(relays: frozenset[tuple[int, int, int]], pairs: Talks, out: Array) -> Array:
    """Tell which pairs begin at a middle box, while another sent the same peer half of it."""
    found = np.zeros(len(pairs), bool)
    sources = zip(*(pairs[name].tolist() for name in _SOURCE), strict=True)
    for number in [n for n, source in enumerate(sources) if source in relays]:
        same = np.ones(len(pairs), bool)
        for name in _DESTINATION:
            same &= pairs[name] == pairs[name][number]
        same[number] = False
        found[number] = bool((2 * out[same] >= out[number]).any())
    return found


def _worst(amounts: Array, least: int) -> list[int]:
    """Return the numbers of the largest amounts, the largest first; of equal ones the first."""
    order = np.argsort(-amounts, kind="stable")[:MOST]
    return [int(number) for number in order if amounts[number] >= least]


def _distinct(talks: Talks, names: Sequence[str]) -> int:
    return len(grouped([talks[name] for name in names]))


def _address(talks: Talks, end: str, row: int = 0) -> str:
    high, low = (int(talks[f"{end}_{half}"][row]) for half in ("high", "low"))
    return from_halves(int(talks["family"][row]), high, low)


def _offender(own: Talks, amount: int, evidence: Mapping[str, Any], by: str) -> Offender:
    """Return the offender whose talks these are; samples are those with most of a column."""
    first, last = int(own["first"].min()), int(own["last"].max())
    shown = np.argsort(-own[by], kind="stable")[:SAMPLES]
    samples = [_sample(own, int(row)) for row in shown]
    parties = (Party("source", _address(own, "source")),)
    return Offender(parties, amount, first, last, {**evidence, "sample": samples})


def _sample(own: Talks, row: int) -> dict[str, Any]:
    protocol = int(own["protocol"][row])
    return {
        "destination": _address(own, "destination", row),
        "port": int(own["port"][row]),
        "protocol": _PROTOCOLS.get(protocol, str(protocol)),
        "records": int(own["records"][row]),
        "rejected": int(own["rejected"][row]),
        "bytes_out": int(own["bytes_out"][row]),
    }


_ANSWERS: Final[
    Mapping[Question, Callable[[Talks, tuple[int, int], Sequence[Range]], list[Offender]]]
] = {
    Question.REJECTED: _rejected,
    Question.SCAN: _scan,
    Question.EXFILTRATION: _exfiltration,
}

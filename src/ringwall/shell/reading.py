"""Resource types → Reads: every listing once, then what AWS forces per object, at the same time.

Rules:
- A call that AWS refuses stands in `Reads.refused` with its code; an empty list was answered empty.
- What only surveys ask is asked if one of the types is a survey's alone. Not every region has every
  service, nor every account: of calls that no blueprint needs any failure but that of the
  credentials is a refusal.
- The order of results is that of the types and of AWS's answers, whatever comes back first.
"""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, TypeVar

from ringwall.errors import CloudError
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType
from ringwall.shell import codes
from ringwall.shell.aws import Cloud
from ringwall.shell.progress import Progress, Silence

WORKERS = 8

Asked = TypeVar("Asked", Listing, Detail)
Key = TypeVar("Key")


def read_account(
    cloud: Cloud,
    types: Iterable[ResourceType],
    deployment: str,
    progress: Progress | None = None,
    *,
    workers: int = WORKERS,
) -> Reads:
    """Read what these types ask for; raises CloudError when AWS fails other than by refusing."""
    kinds = tuple(types)
    job = _Reading(cloud, deployment, progress or Silence(), max(1, workers))
    survey = any(kind.survey and not kind.watched for kind in kinds)
    asked = (
        item for kind in kinds for item in (*kind.listings, *(kind.surveyed if survey else ()))
    )
    listings = _by_name(asked)
    details = _by_name(item for kind in kinds for item in kind.details)
    needed = {listing.name for kind in kinds if not kind.survey for listing in kind.listings}
    needed |= {detail.name for kind in kinds if not kind.survey for detail in kind.details}
    answered = job.run({name: _lister(each, needed) for name, each in listings.items()})
    found = {name: value or [] for name, value in answered.items()}
    kept: dict[str, dict[str, Any]] = {name: {} for name in details}
    whose = "" if survey else deployment
    reads = Reads(cloud.account, cloud.region, found, kept, {}, whose)
    for wave in _waves(details):
        wanted = {
            (detail.name, detail.item_id(item)): _asker(detail, item, needed)
            for detail in wave
            for item in reads.asked_of(detail, whose if detail.whole else deployment)
        }
        for (name, item_id), value in job.run(wanted).items():
            kept[name][item_id] = value
    return replace(reads, refused=dict(sorted(job.refused.items())))


def _waves(details: Mapping[str, Detail]) -> Iterator[list[Detail]]:
    """Yield details after those whose answers name the objects that they are asked of."""
    left = dict(details)
    while left:
        ready = [detail for detail in left.values() if detail.of not in left]
        if not ready:
            msg = f"details that wait for each other: {', '.join(sorted(left))}"
            raise ValueError(msg)
        yield ready
        for detail in ready:
            del left[detail.name]


def filled(request: Mapping[str, Any], deployment: str) -> dict[str, Any]:
    """Put the deployment's name where the request says `{deployment}`."""
    return {name: _filled(value, deployment) for name, value in request.items()}


def _filled(value: Any, deployment: str) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return value.replace("{deployment}", deployment)
    if isinstance(value, Mapping):
        return filled(value, deployment)
    if isinstance(value, (list, tuple)):
        return [_filled(item, deployment) for item in value]
    return value


def _by_name(items: Iterable[Asked]) -> dict[str, Asked]:
    found: dict[str, Asked] = {}
    for item in items:
        known = found.setdefault(item.name, item)
        if known is not item and known != item:
            msg = f"two resource types ask {item.name} in different ways"
            raise ValueError(msg)
    return found


@dataclass(frozen=True, slots=True)
class _Question:
    name: str
    service: str
    operation: str
    request: Mapping[str, Any]
    items: str
    may_be_absent: bool
    may_fail: bool


def _lister(asked: Listing, needed: set[str]) -> _Question:
    how = (asked.name, asked.service, asked.operation, asked.request, asked.items)
    return _Question(*how, may_be_absent=False, may_fail=asked.name not in needed)


def _asker(asked: Detail, item: Item, needed: set[str]) -> _Question:
    how = (asked.name, asked.service, asked.operation, asked.request(item), asked.items)
    return _Question(*how, may_be_absent=True, may_fail=asked.name not in needed)


@dataclass(slots=True)
class _Reading:
    cloud: Cloud
    deployment: str
    progress: Progress
    workers: int
    refused: dict[str, str] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    done: int = 0
    total: int = 0

    def run(self, questions: Mapping[Key, _Question]) -> dict[Key, Any]:
        """Ask all of them at the same time; what was refused or is gone is not in the answer."""
        self.total += len(questions)
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="ringwall-read")
        try:
            futures = {key: pool.submit(self._ask, asked) for key, asked in questions.items()}
            for future in as_completed(futures.values()):
                future.result()  # the first failure ends the reading
            answers = {key: future.result() for key, future in futures.items()}
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return {key: answer[0] for key, answer in answers.items() if answer}

    def _ask(self, question: _Question) -> tuple[Any] | None:
        request = filled(question.request, self.deployment)
        try:
            value = self.cloud.paginate(
                question.service, question.operation, request, question.items
            )
        except CloudError as error:
            if error.code in codes.DENIED or error.code in codes.UNSUPPORTED:
                self.refused[question.name] = error.code
                return None
            if question.may_be_absent and codes.is_absent(error.code):
                return None  # gone since it was listed, or a part that it need not have
            if question.may_fail and error.code not in codes.EXPIRED | codes.BAD_CREDENTIALS:
                self.refused[question.name] = error.code
                return None
            raise
        finally:
            with self.lock:
                self.done += 1
                self.progress.reading(self.done, self.total, question.name)
        return (value,)

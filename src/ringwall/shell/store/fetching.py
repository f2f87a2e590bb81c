"""Remote sources → the same, opened ahead of time by a few threads."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import BinaryIO, Final

from ringwall.shell.store.sources import Source

AT_ONCE: Final = 8
AHEAD: Final = 16  # sources that are open, or being opened


def fetched(
    sources: Iterable[Source], is_known: Callable[[Source], bool]
) -> Generator[Source, None, None]:
    """Yield sources in their order; those that are remote and not known are opened ahead."""
    waiting: deque[tuple[Source, Future[BinaryIO] | None]] = deque()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ringwall-fetch") as pool:
        try:
            for source in sources:
                early = source.remote and not is_known(source)
                waiting.append((source, pool.submit(source.open) if early else None))
                while len(waiting) >= AHEAD or (waiting and waiting[0][1] is None):
                    yield _opened(*waiting.popleft())
            while waiting:
                yield _opened(*waiting.popleft())
        finally:
            for _, future in waiting:
                if future is not None and not future.cancel():
                    future.add_done_callback(_closed)


def _opened(source: Source, future: Future[BinaryIO] | None) -> Source:
    return source if future is None else replace(source, open=future.result)


def _closed(future: Future[BinaryIO]) -> None:
    if not future.cancelled() and future.exception() is None:
        future.result().close()

"""An iterator → the same, run a little ahead by a thread of its own."""

from collections.abc import Generator, Iterable
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Final, TypeVar

Item = TypeVar("Item")
AHEAD: Final = 3  # items
_PAUSE: Final = 0.1  # seconds between two looks whether anybody still wants more


def ahead(items: Iterable[Item]) -> Generator[Item, None, None]:
    """Yield what an iterable yields, and raise what it raises, in order."""
    queue: Queue[tuple[Item] | BaseException | None] = Queue(AHEAD)
    stopped = Event()

    def put(item: tuple[Item] | BaseException | None) -> bool:
        while not stopped.is_set():
            try:
                queue.put(item, timeout=_PAUSE)
            except Full:
                continue
            return True
        return False

    def fill() -> None:
        try:
            for item in items:
                if not put((item,)):
                    return
            put(None)
        except BaseException as failure:  # noqa: BLE001  (raised again where it is wanted)
            put(failure)

    thread = Thread(target=fill, name="ringwall-ahead", daemon=True)
    thread.start()
    try:
        while (got := queue.get()) is not None:
            if isinstance(got, BaseException):
                raise got
            yield got[0]
    finally:
        stopped.set()
        while thread.is_alive():
            try:
                queue.get_nowait()
            except Empty:
                thread.join(_PAUSE / 10)

"""Answers that a network remembers."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from ringwall.trace.network import Network

Answer = TypeVar("Answer")


def remembered(find: Callable[["Network"], Answer]) -> Callable[["Network"], Answer]:
    """Answer a question about a network once, and remember the answer with it."""

    @wraps(find)
    def ask(network: "Network") -> Answer:
        key = (find.__module__, find.__qualname__)
        if key not in network.memo:
            network.memo[key] = find(network)
        answer: Answer = network.memo[key]
        return answer

    return ask

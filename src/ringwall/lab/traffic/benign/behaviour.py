"""What a benign behaviour is: a name, what it looks like and is not, and an hour of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.courses import End
from ringwall.lab.traffic.scene import Scene

Play = Callable[[Scene, Book, np.random.Generator, float, float], None]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """`play` writes what opens in [start, end); `actors` are those whom a reader should know."""

    name: str
    what: str
    play: Play
    actors: Callable[[Scene], Sequence[End]]

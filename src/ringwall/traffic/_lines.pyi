from collections.abc import Sequence

from ringwall.traffic.lines import File, Parsed, Rows, Target

class Dictionary:
    @property
    def size(self) -> int: ...
    def __len__(self) -> int: ...
    def code(self, text: bytes) -> int: ...
    def texts(self) -> list[bytes]: ...

def parse(
    data: bytes,
    span: tuple[int, int],
    targets: Sequence[Target],
    rows: Rows,
    room: tuple[int, int],
    file: File,
    problems: list[tuple[int, int, int, int]],
    *,
    sure: bool = False,
) -> Parsed: ...

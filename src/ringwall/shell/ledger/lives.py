"""A file beside a ledger, in which every living holder of locks has locked a byte.

Rules:
- The kernel gives a byte free when its process ends, however it ends, and not before: neither a
  process's number nor a clock has a part in it. Containers of one machine share it.
- The byte is drawn anew for each time that locks are held: a free one is nobody else's.
- What another kernel locked is not seen here (a folder shared by machines), and what was locked in
  a file that was put aside is not in this one: of those holders nothing is known.
- The locks are those of the open file (F_OFD_SETLK, fcntl(2)), not of the process, which loses the
  others as soon as it closes the file anywhere.
"""

import os
import secrets
import struct
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from ringwall.shell.ledger.holders import Holder, Life, read_holder

try:
    import fcntl
except ImportError:  # not of this system
    _SET: int | None = None
    _GET: int | None = None
else:
    _SET = getattr(fcntl, "F_OFD_SETLK", None)
    _GET = getattr(fcntl, "F_OFD_GETLK", None)
_FLOCK: Final = "hhqqi4x"  # struct flock of 64-bit Linux: type, whence, start, length, pid
_BITS: Final = 62  # of a byte's place in the file; nothing is written there


class Lives:
    """The bytes of the owners that hold locks through one ledger."""

    def __init__(self, path: Path, here: Holder | None = None) -> None:
        self.here = here or Holder.this()
        self._path = path
        self._file = -1
        self._bytes: dict[str, int] = {}
        self._closing: Callable[[], object] = int  # nothing is open yet

    def begin(self, owner: str) -> str:
        """Let an owner be seen to live until `end`, or its process's; return what tells of it."""
        byte = self._bytes.get(owner)
        if byte is None and self.here.boot and self._is_open():
            byte = secrets.randbits(_BITS)
            if self._ask(_SET, fcntl.F_WRLCK, byte) is None:
                byte = None
            else:
                self._bytes[owner] = byte
        more = {} if byte is None else {"byte": byte, "file": self._identity()}
        return self.here.written(**more)

    def end(self, owner: str) -> None:
        """Let an owner be seen to hold nothing more."""
        byte = self._bytes.pop(owner, None)
        if byte is not None:
            self._ask(_SET, fcntl.F_UNLCK, byte)

    def life(self, owner: str, told: str) -> Life:
        """Return whether an owner lives, of whom `begin` told."""
        holder, known = read_holder(told)
        byte = known.get("byte")
        if not isinstance(byte, int) or not holder.boot or holder.boot != self.here.boot:
            return Life.UNKNOWN
        if self._bytes.get(owner) == byte:  # the kernel tells of others' alone
            return Life.ALIVE
        if not self._is_open() or known.get("file") != self._identity():
            return Life.UNKNOWN
        found = self._ask(_GET, fcntl.F_WRLCK, byte)
        if found is None:
            return Life.UNKNOWN
        return Life.DEAD if found == fcntl.F_UNLCK else Life.ALIVE

    def close(self) -> None:
        """Let go of the file, and with it of every byte."""
        self._bytes.clear()
        self._file = -1
        self._closing()

    def _is_open(self) -> bool:
        if self._file < 0 and _SET is not None:
            try:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError:
                return False
            self._closing = weakref.finalize(self, os.close, self._file)
        return self._file >= 0

    def _identity(self) -> list[int]:
        # The number of a file is not given again while somebody has it open.
        told = os.fstat(self._file)
        return [told.st_dev, told.st_ino]

    def _ask(self, command: int | None, kind: int, byte: int) -> int | None:
        """Return the kind of lock that the kernel answers, None where it knows no such locks."""
        if command is None:
            return None
        asked = struct.pack(_FLOCK, kind, os.SEEK_SET, byte, 1, 0)
        try:
            answer: tuple[Any, ...] = struct.unpack(_FLOCK, fcntl.fcntl(self._file, command, asked))
        except OSError:
            return None
        return int(answer[0])

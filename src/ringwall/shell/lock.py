"""One run at a time for a deployment: a parameter in SSM that is created without overwrite.

Rules:
- A lock names its holder and expires; a run renews it while it works.
- SSM cannot delete on a condition. An expired lock is therefore taken over under a second
  parameter, created without overwrite too, after reading the first again.
- A holder that died on this machine is known to be dead; its lock is taken over at once.
"""

import getpass
import json
import os
import secrets
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ringwall.errors import CloudError, LockedError
from ringwall.shell.aws import Cloud
from ringwall.shell.clock import Clock, SystemClock
from ringwall.shell.codes import is_absent, is_present

LIFETIME = timedelta(minutes=15)
RENEWALS = 3  # in a lifetime
PROCESSES = range(1, 2**31)  # numbers that a process can have
TRIES = 3  # of a write whose answer is unclear


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock: `nonce` tells runs apart, `place` the machines and their containers."""

    who: str
    pid: int
    place: str
    operation: str
    since: datetime
    expires: datetime
    nonce: str

    def __str__(self) -> str:
        since, expires = (time.strftime("%H:%M:%S UTC") for time in (self.since, self.expires))
        return f"{self.who} (process {self.pid}), {self.operation} since {since}, until {expires}"


@dataclass(frozen=True, slots=True)
class Process:
    """The process that asks for a lock; `is_alive` answers for processes of the same place."""

    who: str
    pid: int
    place: str

    @classmethod
    def this(cls) -> Self:
        """Return the present process."""
        try:
            user = getpass.getuser()
        except (KeyError, OSError):
            user = str(os.getuid())
        return cls(f"{user}@{socket.gethostname()}", os.getpid(), _place())

    def is_alive(self, pid: int) -> bool:
        """Tell whether a process of this place still runs."""
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except OSError:
            return True
        return True


def _place() -> str:
    # A process number means nothing after a reboot or in another container.
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def parameter_name(deployment: str) -> str:
    """Return the name of a deployment's lock."""
    return f"/ringwall/{deployment}/lock"


@dataclass(slots=True)
class Lock:
    """The lock of a deployment, held for the time of a `with` block.

    Raises LockedError when another run holds it; `check` raises it when the lock was lost.
    """

    cloud: Cloud
    deployment: str
    operation: str
    clock: Clock = field(default_factory=SystemClock)
    process: Process = field(default_factory=Process.this)
    lifetime: timedelta = LIFETIME
    holder: Holder | None = None
    _lost: LockedError | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.acquire()
        self._thread = threading.Thread(target=self._keep, name="ringwall-lock", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=self.lifetime.total_seconds())
        try:
            self.release()
        except CloudError:
            if error is None:
                raise

    def acquire(self) -> None:
        """Take the lock, or an expired one over."""
        mine = self._new()
        if self._create(parameter_name(self.deployment), mine):
            self.holder = mine
            return
        other = read_holder(self.cloud, self.deployment)
        if other is not None and not self._is_stale(other):
            raise _locked(self.deployment, other)
        self._take_over(mine)

    def renew(self) -> None:
        """Put off the expiry; raises LockedError when the lock is another's by now."""
        if self.holder is None:
            return
        self._see_that_it_is_mine()
        renewed = self._new(self.holder)
        self.cloud.call("ssm", "put_parameter", {**_put(self._name, renewed), "Overwrite": True})
        self.holder = renewed

    def check(self) -> None:
        """Raise LockedError when the lock was lost or has expired."""
        if self._lost is not None:
            raise self._lost
        if self.holder is not None and self.clock.now() >= self.holder.expires:
            self.renew()

    def release(self) -> None:
        """Give the lock back, if it is still ours."""
        held = self.holder
        if held is None:
            return
        for turn in range(TRIES):
            try:
                found = read_holder(self.cloud, self.deployment)
                if found is not None and found.nonce == held.nonce:
                    _delete(self.cloud, self._name)
                self.holder = None
            except CloudError as error:
                if not error.retryable or turn + 1 == TRIES:
                    error.hint = error.hint or _way_out(self.deployment)
                    raise
            else:
                return

    @property
    def _name(self) -> str:
        return parameter_name(self.deployment)

    def _new(self, former: Holder | None = None) -> Holder:
        now = self.clock.now()
        return Holder(
            self.process.who,
            self.process.pid,
            self.process.place,
            self.operation,
            former.since if former else now,
            now + self.lifetime,
            former.nonce if former else secrets.token_hex(8),
        )

    def _is_stale(self, other: Holder) -> bool:
        if self.clock.now() >= other.expires:
            return True
        here = bool(other.place) and other.place == self.process.place
        return here and not self.process.is_alive(other.pid)

    def _create(self, name: str, mine: Holder) -> bool:
        """Create a parameter; tell whether it is ours, an unclear answer notwithstanding."""
        for turn in range(TRIES):
            try:
                self.cloud.call("ssm", "put_parameter", {**_put(name, mine), "Overwrite": False})
            except CloudError as error:
                if is_present(error.code):
                    found = _read(self.cloud, name)
                    return found is not None and found.nonce == mine.nonce
                if not error.unclear:
                    raise
                # It may have been created all the same: whose is the one that is there?
                found = _read(self.cloud, name)
                if found is not None:
                    return found.nonce == mine.nonce
                if turn + 1 == TRIES:
                    raise
            else:
                return True
        return False

    def _take_over(self, mine: Holder) -> None:
        turnstile = f"{self._name}/takeover"
        if not self._create(turnstile, mine):
            waiting = _read(self.cloud, turnstile)
            raise _locked(self.deployment, waiting)
        try:
            other = read_holder(self.cloud, self.deployment)
            if other is not None and not self._is_stale(other):
                raise _locked(self.deployment, other)
            _delete(self.cloud, self._name)
            if not self._create(self._name, mine):
                raise _locked(self.deployment, read_holder(self.cloud, self.deployment))
            self.holder = mine
        finally:
            _delete(self.cloud, turnstile)

    def _see_that_it_is_mine(self) -> None:
        found = read_holder(self.cloud, self.deployment)
        if self.holder is None or (found is not None and found.nonce == self.holder.nonce):
            return
        message = f"this run has lost the lock of '{self.deployment}'"
        taker = f" to {found}" if found else ": it was removed (`ringwall unlock`?)"
        self._lost = LockedError(
            message + taker, hint="see what the other run does, then run again"
        )
        raise self._lost

    def _keep(self) -> None:
        while not self._stop.wait(self.lifetime.total_seconds() / RENEWALS):
            try:
                self.renew()
            except LockedError:
                return
            except CloudError:
                continue  # two more tries before it expires


def read_holder(cloud: Cloud, deployment: str) -> Holder | None:
    """Return who holds a deployment's lock, or None; raises LockedError on a value not ours."""
    return _read(cloud, parameter_name(deployment))


def unlock(cloud: Cloud, deployment: str) -> Holder | None:
    """Remove a deployment's lock, whoever holds it; return who held it."""
    try:
        holder = read_holder(cloud, deployment)
    except LockedError:
        holder = None  # nobody can tell who
    for name in (parameter_name(deployment), f"{parameter_name(deployment)}/takeover"):
        _delete(cloud, name)
    return holder


def _locked(deployment: str, other: Holder | None) -> LockedError:
    who = f"by {other}" if other else "by another run that begins just now"
    return LockedError(f"'{deployment}' is locked {who}", hint=_way_out(deployment))


def _way_out(deployment: str) -> str:
    return (
        f"wait for it to end; if it cannot any more: "
        f"`ringwall unlock --reason '…'` with the blueprint of '{deployment}'"
    )


def _put(name: str, holder: Holder) -> dict[str, Any]:
    value = {
        "holder": holder.who,
        "pid": holder.pid,
        "place": holder.place,
        "operation": holder.operation,
        "since": holder.since.isoformat(),
        "expires": holder.expires.isoformat(),
        "nonce": holder.nonce,
    }
    return {"Name": name, "Value": json.dumps(value, sort_keys=True), "Type": "String"}


def _read(cloud: Cloud, name: str) -> Holder | None:
    try:
        parameter = cloud.call("ssm", "get_parameter", {"Name": name})["Parameter"]
    except CloudError as error:
        if is_absent(error.code):
            return None
        raise
    try:
        return _written(json.loads(parameter["Value"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        message = f"the lock '{name}' holds something that Ringwall did not write"
        raise LockedError(message, hint="look at it, then `ringwall unlock --reason '…'`") from None


def _written(value: Mapping[str, Any]) -> Holder:
    """Read what `_put` wrote; raises ValueError, KeyError, TypeError or AttributeError."""
    pid = int(value["pid"])
    since, expires = (datetime.fromisoformat(value[name]) for name in ("since", "expires"))
    if pid not in PROCESSES or not (since.tzinfo and expires.tzinfo):
        msg = "no process, or a time without a zone"
        raise ValueError(msg)
    place = str(value.get("place", ""))
    words = str(value["holder"]), pid, place, str(value["operation"])
    return Holder(*words, since, expires, str(value["nonce"]))


def _delete(cloud: Cloud, name: str) -> None:
    for turn in range(TRIES):
        try:
            cloud.call("ssm", "delete_parameter", {"Name": name})
        except CloudError as error:
            if is_absent(error.code):
                return
            if not error.retryable or turn + 1 == TRIES:
                raise
        else:
            return

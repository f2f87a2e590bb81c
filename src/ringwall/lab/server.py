"""A lab served on 127.0.0.1: any AWS client that is given its address works against it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Thread
from typing import TYPE_CHECKING, Any, Self

from ringwall.errors import MissingExtra, OutsideError
from ringwall.lab.server_names import ACCOUNT_ID, FAKE_CREDENTIALS, LOOPBACK, CertificateName
from ringwall.lab.world import ClockMode, World, clock, enter

if TYPE_CHECKING:
    from ringwall.lab.functions import Invocation
    from ringwall.lab.wire import FaultMode, Faults, Wire

__all__ = ["ACCOUNT_ID", "FAKE_CREDENTIALS", "LOOPBACK", "Lab", "serve"]

PATIENCE = (
    20.0  # seconds that functions at work are waited for, each, before a lab is emptied or ends
)
_running: "Lab | None" = None


class Lab:
    """AWS on the desk, for the time of a `with` block; one at a time in a process.

    `port` 0 takes a free one. `clock` "virtual": every request lets one second pass, so that a
    wait ends after a few polls; "real": transitions take wall-clock seconds. `seed` makes the
    made-up ids repeat. `quotas` overrides world.DEFAULT_QUOTAS. `certificates` are ARNs of ACM that
    the lab has from its beginning, and after each reset; InputError for what is none.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        clock: ClockMode = "virtual",
        seed: int = 0,
        quotas: Mapping[str, int] | None = None,
        certificates: Sequence[str] = (),
    ) -> None:
        self.account_id = ACCOUNT_ID
        self._port = port
        self._mode: ClockMode = clock
        self._seed = seed
        self._quotas = dict(quotas or {})
        self._certificates = tuple(map(CertificateName.of, certificates))
        self._wire: Wire | None = None
        self._server: Any = None
        self._thread: Thread | None = None

    def start(self) -> Self:
        """Listen, with an empty account."""
        global _running  # noqa: PLW0603  (moto's state is global to the process)
        if _running is not None:
            message = "a lab already runs in this process"
            raise OutsideError(message, hint="one lab at a time; lab.reset() empties it")
        try:
            from ringwall.lab.listener import Listener, application  # noqa: PLC0415
        except ModuleNotFoundError as missing:
            if (missing.name or "").split(".")[0] not in ("moto", "flask", "flask_cors"):
                raise
            part = "the lab"
            raise MissingExtra(part, "lab") from missing
        self._wire = application()
        self._server = Listener(LOOPBACK, self._port, self._wire)
        _running = self
        self.reset()
        self._thread = Thread(target=self._server.serve_forever, name="ringwall-lab", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Wait for functions at work, stop listening and drop every open connection."""
        global _running  # noqa: PLW0603
        if self._server is not None and self._thread is not None:
            self.wire.end_functions(PATIENCE)
            self._server.shutdown()
            self._thread.join(timeout=5)
            self._server.close()
        self._server = self._thread = None
        if _running is self:
            _running = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait(self) -> None:
        """Block until the lab is stopped."""
        if self._thread is not None:
            self._thread.join()

    def reset(self) -> None:
        """Empty every account, disarm the faults, forget the calls, and start time again.

        Functions that are at work are waited for: they would go on in what comes after. Calls that
        have not begun are given up.
        """
        from ringwall.lab.listener import empty  # noqa: PLC0415

        if self._thread is not None:
            self.wire.end_functions(PATIENCE)
        with self.wire.lock:
            enter(World(self._mode, self._quotas, self.endpoint))
            empty(self._seed, self._certificates)
            self.wire.faults.clear()
            self.wire.calls.clear()

    @property
    def wire(self) -> "Wire":
        """The layer that records and breaks requests."""
        if self._wire is None:
            message = "the lab has not been started"
            raise OutsideError(message, hint="use it in a `with` block")
        return self._wire

    @property
    def endpoint(self) -> str:
        """The address for AWS_ENDPOINT_URL."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._server.server_port) if self._server is not None else self._port

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables with which the AWS CLI and boto3 talk to this lab."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": FAKE_CREDENTIALS["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": FAKE_CREDENTIALS["aws_secret_access_key"],
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
        }

    @property
    def calls(self) -> list[tuple[str, str, bool]]:
        """Every request seen since the last clear(): service, operation, read-only."""
        return self.wire.calls

    @property
    def faults(self) -> "Faults":
        """The requests to be broken."""
        return self.wire.faults

    def fail(
        self, n: int, mode: "FaultMode", *, persist: int = 1, writes_only: bool = False
    ) -> None:
        """Break the `n`-th request from now; see `Faults.fail`."""
        self.wire.faults.fail(n, mode, persist=persist, writes_only=writes_only)

    def advance(self, seconds: float) -> None:
        """Let virtual time pass without a request; schedules of EventBridge run."""
        self.wire.advance(seconds)

    @property
    def now(self) -> datetime:
        """The time of day in this lab, which runs ahead with each request when it is virtual."""
        return clock().utc()

    def wait_for_functions(self, seconds: float = 60.0) -> "list[Invocation]":
        """Wait until what called functions has ended, and return the calls of this lab so far.

        Raises TimeoutError when one takes longer than `seconds`.
        """
        return self.wire.wait_for_functions(seconds)


def serve(
    port: int = 4566,
    *,
    host: str = LOOPBACK,
    clock: ClockMode = "virtual",
    seed: int = 0,
    quotas: Mapping[str, int] | None = None,
) -> None:
    """Serve a lab until interrupted; any host but loopback is refused.

    A lab has no authentication, so it must not be reachable from elsewhere.
    """
    if host not in (LOOPBACK, "localhost"):
        message = f"a lab listens on {LOOPBACK} only, not on '{host}'"
        raise OutsideError(message, hint="forward the port if you need it elsewhere")
    lab = Lab(port, clock=clock, seed=seed, quotas=quotas)
    with lab:
        lab.wait()

"""The HTTP server of a lab: one thread a connection, connections kept alive."""

import functools
import logging
import socket
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any, cast

import moto.core.responses
import moto.core.utils
from moto.backends import get_backend, list_of_moto_modules
from moto.core.base_backend import BackendDict
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import ThreadedWSGIServer

from ringwall.errors import OutsideError
from ringwall.lab import alarms, behaviours
from ringwall.lab.certificates import place
from ringwall.lab.server_names import CertificateName
from ringwall.lab.wire import Wire
from ringwall.lab.world import Moto

logging.getLogger("werkzeug").setLevel(logging.ERROR)


class Handler(MotoRequestHandler):
    """Answer requests on one connection until the client leaves.

    werkzeug's own handler closes every connection and waits 10 ms before it does so.
    """

    protocol_version = "HTTP/1.1"
    # Without this, small writes wait up to 40 ms for the client's delayed acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        """Note the connection, so that stopping the lab can drop it."""
        super().setup()
        cast("Listener", self.server).connections.add(self.connection)

    def finish(self) -> None:
        """Forget the connection."""
        cast("Listener", self.server).connections.discard(self.connection)
        try:
            super().finish()
        except OSError:
            self.close_connection = True

    def run_wsgi(self) -> None:
        """Answer one request."""
        if self.headers.get("Expect", "").lower().strip() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        environ = self.make_environ()
        if environ.get("wsgi.input_terminated"):
            body = environ["wsgi.input"].read()
        else:
            body = self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        answer: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], _: Moto = None) -> None:
            answer[:] = [status, headers]

        try:
            content = b"".join(self.server.app(environ, cast("Any", start)))
            self._send(environ["REQUEST_METHOD"], answer[0], answer[1], content)
        except ConnectionError:
            self.close_connection = True

    def _send(
        self, method: str, status: str, headers: list[tuple[str, str]], content: bytes
    ) -> None:
        code, reason = status.split(None, 1)
        self.send_response(int(code), reason)
        has_length = False
        for name, value in headers:
            if name.lower() == "content-length":
                has_length = True
                if method != "HEAD":
                    continue
            elif name.lower() in ("transfer-encoding", "connection"):
                continue
            self.send_header(name, value)
        if method != "HEAD":
            self.send_header("Content-Length", str(len(content)))
        elif not has_length:
            self.send_header("Content-Length", "0")
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_request(self, *_: Moto) -> None:
        """Say nothing: the recorder knows."""


class Listener(ThreadedWSGIServer):
    """A threaded server that can drop its connections."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, app: Wire) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(host, port, app, handler=Handler)

    def server_bind(self) -> None:
        """Take the port; raises OutsideError where it cannot be had."""
        try:
            super().server_bind()
        except OSError as failure:
            msg = f"the lab cannot listen on port {self.port}: {failure.strerror}"
            raise OutsideError(msg, hint="choose another with --port; 0 takes a free one") from None

    def close(self) -> None:
        """Stop listening and drop every connection."""
        self.server_close()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class Dispatcher(DomainDispatcherApplication):
    """Choose moto's application for a request, or say that there is none."""

    def __init__(self, create_app: Callable[..., Moto]) -> None:
        super().__init__(create_app)
        self._known: dict[str | None, Moto] = {}

    def get_backend_for_host(self, host: str | None) -> Moto:
        """Return the name of moto's service behind a host name; it is found once."""
        if host not in self._known:
            self._known[host] = self._backend_for_host(host)
        return self._known[host]

    def _backend_for_host(self, host: str | None) -> Moto:
        # moto lists a folder of some two hundred modules to know them.
        if host is None or host == "moto_api" or host in list_of_moto_modules():
            return host
        for backend, pattern in self.backend_url_patterns:
            if pattern.match(f"http://{host}"):
                return backend
        raise NotImplementedError(host)


def application() -> Wire:
    """Return moto's server, with the lab's behaviours installed."""
    behaviours.install()
    # moto inspects some thousand methods on every request otherwise.
    names: Any = functools.cache(moto.core.utils.method_names_from_class)
    vars(moto.core.responses)["method_names_from_class"] = names
    moto_app: Any = Dispatcher(create_backend_app)
    return Wire(moto_app)


def empty(seed: int, certificates: Iterable[CertificateName]) -> None:
    """Forget everything that any account holds but these certificates; begin the ids anew."""
    from moto.core.model_instances import reset_model_data  # noqa: PLC0415

    BackendDict.reset()
    # Some backends look EC2's up while they begin anew: that of before, whose ids would come twice.
    get_backend("ec2").clear()
    reset_model_data()
    mock_random.seed(seed)
    alarms.begin()
    for certificate in certificates:
        place(certificate)

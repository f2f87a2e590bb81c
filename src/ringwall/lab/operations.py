"""An HTTP request of an AWS client turned into the operation that it asks for."""

import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

_SCOPE = re.compile(r"Credential=[^/]+/[^/]+/([^/]*)/([^/]+)/aws4_request")
_READS = (
    "Describe", "Get", "List", "Search", "Head", "Lookup", "BatchGet", "Query", "Scan",
    "Filter", "Test", "Simulate", "Check", "Validate",
)  # fmt: skip
# Names that begin like a read and are none.
_WRITES = ("GetSessionToken", "GetFederationToken")


@dataclass(frozen=True, slots=True)
class Operation:
    """What one request asks for; `protocol` is the form in which errors must be answered."""

    service: str
    name: str
    protocol: str
    read_only: bool


def _body(environ: dict[str, Any]) -> bytes:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    raw: bytes = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = BytesIO(raw)
    return raw


def _rest_name(service: str, environ: dict[str, Any]) -> str:
    """Return the operation's name, or method and path when the service's model knows none."""
    from moto.core.request import Request  # noqa: PLC0415  (moto loads with the lab)
    from moto.core.routing import get_service_router  # noqa: PLC0415

    fallback = f"{environ['REQUEST_METHOD']} {environ.get('PATH_INFO', '')}"
    try:
        operation, _ = get_service_router(service).match(Request({**environ}))
    except Exception:  # noqa: BLE001  (whatever the router trips over, the request is still one)
        return fallback
    return str(operation.name)


def operation_of(environ: dict[str, Any]) -> Operation:
    """Read the operation of a request; the body stays readable."""
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    service = scope.group(2).lower() if scope else "s3"
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    content = environ.get("CONTENT_TYPE", "")
    action = ""
    if target:
        name, protocol = target.rsplit(".", 1)[-1], "json"
    else:
        if content.startswith("application/x-www-form-urlencoded"):
            action = parse_qs(_body(environ).decode(errors="replace")).get("Action", [""])[0]
        action = action or parse_qs(environ.get("QUERY_STRING", "")).get("Action", [""])[0]
        if action:
            name, protocol = action, "ec2" if service == "ec2" else "query"
        else:
            name = _rest_name(service, environ)
            protocol = {"s3": "s3", "route53": "rest-xml", "cloudfront": "rest-xml"}.get(
                service, "rest-json"
            )
    read_only = name not in _WRITES and (
        name.startswith(_READS) or name.startswith(("GET ", "HEAD "))
    )
    return Operation(service, name, protocol, read_only)

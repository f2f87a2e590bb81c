"""AWS as a port: requests go in, answers or CloudErrors come out.

Rules:
- boto3 is imported when a Cloud is made, not before.
- boto3's own retries are off: it re-sends a create whose answer was cut. What is throttled was not
  done and is tried again here; an unclear answer is tried again for reads alone.
- No message holds a credential.
"""

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from typing import Any, Protocol
from urllib.parse import urlsplit

from ringwall.errors import CloudError, InputError
from ringwall.shell.clock import Clock, SystemClock
from ringwall.shell.complaints import to_cloud_error
from ringwall.shell.pace import Pace, is_loopback, pace_of

READ_PREFIXES = ("describe_", "get_", "list_", "search_", "head_", "query", "batch_get_")
HTTP_OK = 200
CONNECT_TIMEOUT = 10  # seconds
UNREACHABLE_ATTEMPTS = 3  # a person waits for the answer that the network is down
READ_TIMEOUT = 60  # seconds; the slowest EC2 answers take about half of it


class Cloud(Protocol):
    """One account and region of AWS."""

    @property
    def account(self) -> str:
        """Return the account's number."""
        ...

    @property
    def region(self) -> str:
        """Return the region's name."""
        ...

    @property
    def endpoint(self) -> str:
        """Return the address that EC2 is asked at."""
        ...

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Make one request; raises CloudError."""
        ...

    def paginate(
        self, service: str, operation: str, request: Mapping[str, Any], items_path: str
    ) -> Any:  # noqa: ANN401  (JSON of any shape)
        """Read all pages of an answer, merged, and return what the JMESPath yields of it."""
        ...


MARKER = "NextMarker"  # of the answers of AWS WAF, and of the requests for what follows


def is_read(operation: str) -> bool:
    """Tell whether an operation (botocore's spelling) changes nothing."""
    return operation.startswith(READ_PREFIXES)


def find(path: str, document: object) -> Any:  # noqa: ANN401  (JSON of any shape)
    """Return what a JMESPath yields of a document."""
    import jmespath  # noqa: PLC0415  (comes with boto3)

    return jmespath.search(path, document)


def merge(pages: Iterator[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one answer in which lists are joined and other members are those of the last page."""
    merged: dict[str, Any] = {}
    for page in pages:
        for name, value in page.items():
            if name == "ResponseMetadata":
                continue
            known = merged.get(name)
            merged[name] = [*known, *value] if isinstance(known, list) else value
    return merged


class BotoCloud:
    """AWS over boto3; safe for threads."""

    def __init__(
        self,
        session: Any,  # noqa: ANN401  (boto3 has no types of its own)
        *,
        endpoint: str,
        clock: Clock,
        pace: Pace | None = None,
    ) -> None:
        self._session = session
        self._endpoint = endpoint
        self._clock = clock
        self._pace = pace
        self._clients: dict[str, Any] = {}
        self._lock = threading.RLock()

    @property
    def region(self) -> str:
        """Return the region's name."""
        return str(self._session.region_name)

    @cached_property
    def account(self) -> str:
        """Return the account's number; asks STS once."""
        return str(self.call("sts", "get_caller_identity", {})["Account"])

    @cached_property
    def endpoint(self) -> str:
        """Return the address that EC2 is asked at."""
        return str(self._client("ec2").meta.endpoint_url)

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Make one request; raises CloudError."""
        client = self._client(service)
        method = getattr(client, operation)
        answer = self._patiently(service, operation, lambda: method(**request))
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    def paginate(
        self, service: str, operation: str, request: Mapping[str, Any], items_path: str
    ) -> Any:  # noqa: ANN401
        """Read all pages of an answer, merged, and return what the JMESPath yields of it."""
        client = self._client(service)
        if not client.can_paginate(operation):
            return find(items_path, merge(self._marked(service, operation, request)))
        from botocore.paginate import Paginator  # noqa: PLC0415

        # A paginator over our own call, so that a throttled page is asked again, not all pages.
        name = client.meta.method_to_api_mapping[operation]
        config = self._session._session.get_paginator_model(service).get_paginator(name)  # noqa: SLF001
        model = client.meta.service_model.operation_model(name)

        def one_page(**page_request: Any) -> dict[str, Any]:  # noqa: ANN401
            return self.call(service, operation, page_request)

        pages = Paginator(one_page, config, model).paginate(
            **request, PaginationConfig=_page_size(config, model, request)
        )
        return find(items_path, merge(iter(pages)))

    def _marked(
        self, service: str, operation: str, request: Mapping[str, Any]
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the pages of an answer that botocore knows no paginator for: AWS WAF marks them."""
        seen: set[str] = set()
        marker: dict[str, Any] = {}
        while True:
            page = self.call(service, operation, {**request, **marker})
            yield page
            following = page.get(MARKER)
            if not isinstance(following, str) or not following or following in seen:
                return
            seen.add(following)
            marker = {MARKER: following}

    def _patiently(self, service: str, operation: str, send: Callable[[], Any]) -> Any:  # noqa: ANN401
        attempt = 0
        while True:
            try:
                return send()
            except Exception as failure:  # noqa: BLE001  (to_cloud_error re-raises what is ours)
                error = to_cloud_error(failure, service, operation)
            again = error.retryable and (is_read(operation) or not error.unclear)
            pace = self._pace or pace_of(str(self._client(service).meta.endpoint_url))
            attempts = UNREACHABLE_ATTEMPTS if error.code == "Unreachable" else pace.attempts
            if not again or attempt + 1 >= attempts:
                raise error from None
            self._clock.sleep(pace.backoff(attempt))
            attempt += 1

    def _client(self, service: str) -> Any:  # noqa: ANN401
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._make(service)
            return self._clients[service]

    def _make(self, service: str) -> Any:  # noqa: ANN401
        from botocore.config import Config  # noqa: PLC0415

        config = Config(
            retries={"total_max_attempts": 1, "mode": "standard"},
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            max_pool_connections=16,
            user_agent_extra="ringwall",
        )
        try:
            client = self._session.client(
                service, endpoint_url=self._endpoint or None, config=config
            )
            if is_loopback(client.meta.endpoint_url) and service == "s3":
                # A lab has no name for each bucket.
                config = config.merge(Config(s3={"addressing_style": "path"}))
                client = self._session.client(
                    service, endpoint_url=self._endpoint or None, config=config
                )
        except Exception as failure:  # noqa: BLE001
            raise to_cloud_error(failure, service, "connect") from None
        if service == "logs":
            client.meta.events.register(_EVENTS_COME, _events_as_they_are)
        return client


_EVENTS_COME = "before-parse.cloudwatch-logs.FilterLogEvents"


def _events_as_they_are(
    response_dict: dict[str, Any],
    customized_response_dict: dict[str, Any],
    **_: object,
) -> None:
    """Take the events of a page as JSON has them.

    botocore walks every member of every event, which takes five times as long: of a million records
    that is more than all that is done with them.
    """
    if response_dict["status_code"] != HTTP_OK:
        return
    document = json.loads(response_dict["body"])
    customized_response_dict["events"] = document.pop("events", [])
    response_dict["body"] = json.dumps(document).encode()


def _page_size(config: Mapping[str, Any], model: Any, request: Mapping[str, Any]) -> dict[str, int]:  # noqa: ANN401
    """Ask EC2 for the largest page it allows.

    Without MaxResults EC2 answers all at once, which times out in large accounts (EC2 Developer
    Guide, pagination); with it, a request must not name ids.
    """
    limit = config.get("limit_key")
    if model.service_model.service_name != "ec2" or not limit:
        return {}
    if any(name.endswith(("Ids", "Id")) for name in request):
        return {}
    largest = model.input_shape.members[limit].metadata.get("max")
    return {"PageSize": int(largest)} if largest else {}


def connect(
    profile: str = "",
    region: str = "",
    endpoint: str = "",
    *,
    role: str = "",
    clock: Clock | None = None,
    pace: Pace | None = None,
) -> BotoCloud:
    """Return the account and region that the usual settings name; with `role`, as that role.

    Empty arguments leave the choice to AWS's own ways: environment, profile files, SSO, role of
    the machine; `AWS_ENDPOINT_URL` too. Raises CloudError when profile or region are missing,
    InputError for an endpoint that is no URL.
    """
    import boto3  # noqa: PLC0415

    _refuse_no_url(endpoint or os.environ.get("AWS_ENDPOINT_URL", ""))

    # boto3 knows AWS_DEFAULT_REGION alone; AWS's other tools, AWS_REGION (SDK reference guide).
    region = region or os.environ.get("AWS_REGION", "")
    try:
        session = boto3.Session(botocore_session=_core(profile), region_name=region or None)
    except Exception as failure:  # noqa: BLE001
        raise to_cloud_error(failure, "sts", "connect") from None
    if not session.region_name:
        where, code, message = "connect", "NoRegion", "no AWS region is set"
        hint = "name it in the blueprint (`region:`), by AWS_REGION, or in the profile"
        raise CloudError(where, code, message, hint=hint)
    if role:
        session = _assumed(session, role, endpoint)
    return BotoCloud(session, endpoint=endpoint, clock=clock or SystemClock(), pace=pace)


def _core(profile: str) -> Any:  # noqa: ANN401  (botocore has no types)
    """Return a session of botocore that knows AWS's models if one before it has read them."""
    from botocore.session import Session  # noqa: PLC0415

    session = Session(profile=profile or None)
    loader = _models(session.get_config_variable("data_path"))
    session.register_component("data_loader", loader)
    # boto3 adds its own folder for each session.
    loader.search_paths[:] = dict.fromkeys(loader.search_paths)
    return session


@cache
def _models(data_path: str | None) -> Any:  # noqa: ANN401  (botocore has no types)
    """Return what reads AWS's models: they are large, and the same for every session."""
    from botocore.loaders import create_loader  # noqa: PLC0415

    return create_loader(data_path)


def _refuse_no_url(endpoint: str) -> None:
    try:
        parts = urlsplit(endpoint)
        is_url = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none
        is_url = False
    if endpoint and (not is_url or any(map(str.isspace, endpoint))):
        msg = f"{endpoint!r} is no endpoint of AWS"
        raise InputError(msg, hint="write http://HOST:PORT or https://HOST")


def _assumed(session: Any, role: str, endpoint: str) -> Any:  # noqa: ANN401  (boto3 sessions)
    """Return a session of a role, in the same region."""
    import boto3  # noqa: PLC0415

    try:
        client = session.client("sts", endpoint_url=endpoint or None)
        answer = client.assume_role(RoleArn=role, RoleSessionName="ringwall")
    except Exception as failure:  # noqa: BLE001
        raise to_cloud_error(failure, "sts", "assume_role") from None
    given = answer["Credentials"]
    return boto3.Session(
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        region_name=session.region_name,
    )

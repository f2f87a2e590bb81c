"""A small executor for the tests: calls of resource types, made through plain boto3."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import boto3
import jmespath
from botocore.config import Config
from botocore.exceptions import ClientError

from ringwall.model.calls import Call, JsonText, Lookup, Token, Wait
from ringwall.model.graph import Address, Node, Ref, ResourceGraph
from ringwall.resources import registry
from ringwall.resources.assemble import assemble
from ringwall.resources.kind import Reads
from ringwall.shell.reading import filled

MOST_POLLS = 20
ABSENT = ("NotFound", "NotFoundException", "NotFoundError", "NoSuch")


class Runner:
    """Makes calls against one endpoint and remembers what they extract."""

    def __init__(self, endpoint: str, credentials: Mapping[str, str], region: str) -> None:
        self.endpoint, self.credentials, self.region = endpoint, credentials, region
        self.known: dict[Address, dict[str, str]] = {}
        self.clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service not in self.clients:
            self.clients[service] = boto3.client(
                service,
                endpoint_url=self.endpoint,
                region_name=self.region,
                config=Config(retries={"total_max_attempts": 1}),
                **self.credentials,
            )
        return self.clients[service]

    def make(self, node: Node, calls: Sequence[Call]) -> None:
        for number, call in enumerate(calls):
            request = self.resolved(call.request, f"{node.key}-{number}")
            try:
                answer = getattr(self.client(call.service), call.operation)(**request)
            except ClientError as error:
                if error.response["Error"]["Code"] not in call.ignore:
                    raise
                continue
            assert not answer.get("Unsuccessful"), answer
            for name, path in call.extract.items():
                found = jmespath.search(path, answer)
                assert found, f"{call.operation}: {name} is not in the answer"
                bare = str(found).removeprefix("/hostedzone/").removeprefix("/change/")
                self.known.setdefault((node.type, node.key), {})[name] = bare
            for wait in call.waits_for:
                self.wait(call.service, wait)

    def wait(self, service: str, wait: Wait) -> None:
        seen: list[str] = []
        for _ in range(MOST_POLLS):
            try:
                ask = getattr(self.client(service), wait.operation)
                found = jmespath.search(wait.path, ask(**self.resolved(wait.request, "")))
            except ClientError as error:
                if error.response["Error"]["Code"] not in wait.gone_codes:
                    raise
                found = None
            states = [found] if isinstance(found, str) else list(found or ["gone"])
            if all(state in wait.success for state in states):
                return
            assert not wait.failure.intersection(states), states
            seen += states
        raise AssertionError(f"{wait.operation} is never {sorted(wait.success)}: {seen}")

    def resolved(self, value: Any, token: str) -> Any:
        match value:
            case Ref():
                known = self.known.get((value.type, value.key), {})
                return known.get(value.attribute) or (value.key if value.attribute == "id" else "")
            case Token():
                return f"{token}-{value.part}"
            case Lookup():
                names = {name: str(self.resolved(v, token)) for name, v in value.values.items()}
                request = self.resolved(value.request, token)
                expression = value.expression(names)
                found = self.ask(value.service, value.operation, request, expression)
                assert found, f"{value.operation} finds nothing"
                return found
            case JsonText():
                return json.dumps(self.resolved(value.value, token))
            case Mapping():
                return {name: self.resolved(item, token) for name, item in value.items()}
            case list() | tuple():
                return [self.resolved(item, token) for item in value]
            case _:
                return value

    def ask(self, service: str, operation: str, request: Mapping[str, Any], path: str) -> Any:
        client = self.client(service)
        if client.can_paginate(operation):
            pages = client.get_paginator(operation).paginate(**request)
            return jmespath.search(path, pages.build_full_result())
        return jmespath.search(path, getattr(client, operation)(**request))

    def read(self, account: str, deployment: str, *types: str) -> ResourceGraph:
        kinds = [registry()[name] for name in types]
        listings: dict[str, Sequence[Any]] = {}
        details: dict[str, dict[str, Any]] = {}
        for listing in {one.name: one for kind in kinds for one in kind.listings}.values():
            request = filled(listing.request, deployment)
            found = self.ask(listing.service, listing.operation, request, listing.items)
            listings[listing.name] = found or []
        for detail in {one.name: one for kind in kinds for one in kind.details}.values():
            kept = details.setdefault(detail.name, {})
            for item in listings.get(detail.of, ()):
                if not detail.wanted(item, deployment):
                    continue
                try:
                    kept[detail.item_id(item)] = self.ask(
                        detail.service, detail.operation, detail.request(item), detail.items
                    )
                except ClientError as error:
                    code = error.response["Error"]["Code"]
                    if not (code.startswith(ABSENT) or code.endswith(ABSENT)):
                        raise
        return assemble(Reads(account, self.region, listings, details), deployment)

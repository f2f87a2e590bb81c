"""Tables of objects, with the manners that AWS's services share: ids, tags, filters, refusals."""

import copy
import re
from collections.abc import Callable, Mapping
from typing import Any

from ringwall.errors import CloudError
from ringwall.shell.complaints import action_name

ACCOUNT = "123456789012"
REGION = "us-east-1"

Request = Mapping[str, Any]
Answer = dict[str, Any]
Handler = Callable[["Memory", Request], Answer | None]

HANDLERS: dict[tuple[str, str], Handler] = {}


class Refusal(Exception):  # noqa: N818  (AWS's word, not ours)
    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code, message)
        self.code, self.message = code, message


def operation(service: str, *names: str) -> Callable[[Handler], Handler]:
    """Register what answers one operation, or several."""

    def register(handler: Handler) -> Handler:
        for name in names or (handler.__name__,):
            HANDLERS[service, name] = handler
        return handler

    return register


class Memory:
    """Everything that the fake account holds, by kind and id; `tokens` are answers to keep."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, dict[str, Any]]] = {}
        self.tokens: dict[tuple[str, str], Answer] = {}
        self.counter = 0

    def table(self, kind: str) -> dict[str, dict[str, Any]]:
        return self.tables.setdefault(kind, {})

    def new_id(self, prefix: str) -> str:
        self.counter += 1
        return f"{prefix}-{self.counter:017x}"

    def get(self, kind: str, object_id: str, code: str) -> dict[str, Any]:
        if object_id not in self.table(kind):
            raise Refusal(code, f"{object_id} does not exist")
        return self.table(kind)[object_id]

    def where(self, kind: str, **members: Any) -> list[dict[str, Any]]:
        return [
            item
            for item in self.table(kind).values()
            if all(item.get(name) == value for name, value in members.items())
        ]

    def refuse_if(self, reason: object, code: str = "DependencyViolation") -> None:
        if reason:
            raise Refusal(code)


def tags_of(request: Request) -> list[dict[str, str]]:
    """Return the tags that an EC2 create asks for."""
    return [dict(tag) for spec in request.get("TagSpecifications", ()) for tag in spec["Tags"]]


def matches(item: Mapping[str, Any], filters: Any) -> bool:
    """Tell whether an EC2 item passes all filters: tags, or members in kebab case with dots."""
    return all(_passes(item, f["Name"], f["Values"]) for f in filters or ())


def _passes(item: Mapping[str, Any], name: str, values: list[str]) -> bool:
    tags = {tag["Key"]: tag["Value"] for tag in item.get("Tags", ())}
    if name.startswith("tag:"):
        return tags.get(name[4:]) in values
    if name == "tag-key":
        return any(value in tags for value in values)
    found: list[Any] = [item]
    for part in name.split("."):
        member = "".join(word.capitalize() for word in part.split("-"))
        if member == "Default":
            member = "IsDefault"
        found = [
            below
            for above in found
            for key in (member, f"{member}s")
            if isinstance(above, Mapping) and key in above
            for below in (above[key] if isinstance(above[key], list) else [above[key]])
        ]
    return any(_text(value) in values for value in found)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def listed(memory: Memory, kind: str, request: Request, id_member: str, code: str) -> list[Any]:
    """Return the items of a kind that a describe request names or filters."""
    ids = next((request[name] for name in request if name.endswith("Ids")), None)
    if ids:
        return [memory.get(kind, one, code) for one in ids]
    one = request.get(id_member)
    items = [memory.get(kind, one, code)] if one else list(memory.table(kind).values())
    return [
        item for item in items if matches(item, request.get("Filters") or request.get("Filter"))
    ]


def answered(memory: Memory, service: str, name: str, request: Request) -> Answer:
    """Answer one request; raises CloudError as AWS refuses it."""
    handler = HANDLERS.get((service, name))
    if handler is None:
        msg = f"the fake does not know {service}:{name}"
        raise AssertionError(msg)
    token = request.get("ClientToken") or request.get("CreatorRequestId")
    if token and (name, token) in memory.tokens:
        return copy.deepcopy(memory.tokens[name, token])
    try:
        answer = copy.deepcopy(handler(memory, copy.deepcopy(dict(request))) or {})
    except Refusal as refusal:
        where = action_name(service, name)
        raise CloudError(where, refusal.code, refusal.message or "refused") from None
    if token:
        memory.tokens[name, token] = copy.deepcopy(answer)
    return answer


def snake(name: str) -> str:
    """Return `NetworkAclId` as `network_acl_id`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()

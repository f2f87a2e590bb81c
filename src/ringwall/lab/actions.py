"""A way to add an AWS action to moto: a function from a parsed call to a described answer."""

import fnmatch
import functools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

from botocore import xform_name
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.moto_api._internal import mock_random

from ringwall.lab.world import Moto

Described = dict[str, Any]


class Call:
    """One call of an action: its parameters under AWS's names, and moto's backend for it."""

    def __init__(self, response: Moto, backend: Moto, params: Mapping[str, Any]) -> None:
        self.response = response
        self.backend = backend
        self.params = params
        self.region: str = response.region
        self.account: str = response.current_account

    def get(self, name: str, default: Moto = None) -> Moto:
        """Return a parameter."""
        value = self.params.get(name)
        return default if value is None else value

    def need(self, name: str) -> Moto:
        """Return a parameter that must be there."""
        value = self.params.get(name)
        if value is None:
            refuse("MissingParameter", f"The request must contain the parameter {name}")
        return value

    def filters(self) -> dict[str, list[str]]:
        """Return the filters of an EC2 call by name."""
        return {
            one["Name"]: [str(value) for value in one.get("Values", [])]
            for one in self.get("Filters") or self.get("Filter") or []
        }

    def tags(self) -> dict[str, str]:
        """Return the tags that an EC2 create carries for what it creates."""
        found: dict[str, str] = {}
        for one in self.get("TagSpecifications") or self.get("TagSpecification") or []:
            found |= {tag["Key"]: tag.get("Value", "") for tag in one.get("Tags", [])}
        return found


Handler = Callable[[Call], Described]


class AwsError(ServiceException):
    """An error that AWS answers; moto serialises it for the service at hand."""


def refuse(code: str, message: str) -> NoReturn:
    """Answer the call with an AWS error."""
    raise AwsError(code, message)


def add_ec2(handlers: Mapping[str, Handler]) -> None:
    """Make each handler the answer to the EC2 action it is listed under."""
    from moto.ec2.responses import EC2Response  # noqa: PLC0415

    for action, handler in handlers.items():

        def method(self: Moto, handler: Handler = handler) -> ActionResult:
            return ActionResult(handler(Call(self, self.ec2_backend, self._get_params())))

        setattr(EC2Response, camelcase_to_underscores(action), method)


def add_json(
    response_class: type, backend_of: Callable[[Any], Any], handlers: Mapping[str, Handler]
) -> None:
    """Make each handler the answer to the action of a service that speaks JSON."""
    for action, handler in handlers.items():

        def method(self: Moto, handler: Handler = handler) -> str:
            answer = handler(Call(self, backend_of(self), json.loads(self.body or "{}")))
            return json.dumps(answer)

        setattr(response_class, camelcase_to_underscores(action), method)


def wrap(owner: type, name: str) -> Callable[[Callable[..., Any]], None]:
    """Replace method `name` of `owner` by a function that gets the original as first argument."""

    def install(replacement: Callable[..., Any]) -> None:
        original = getattr(owner, name)

        @functools.wraps(original)
        def method(*args: Moto, **kwargs: Moto) -> Moto:
            return replacement(original, *args, **kwargs)

        setattr(owner, name, method)

    return install


def new_id(prefix: str) -> str:
    """Return a made-up id such as tgw-0123456789abcdef0."""
    return f"{prefix}-{mock_random.get_random_hex(17)}"


def tag_set(backend: Moto, resource_id: str) -> list[dict[str, str]]:
    """Return the tags of an EC2 resource as a describe lists them."""
    return [
        {"Key": key, "Value": value} for key, value in backend.tags.get(resource_id, {}).items()
    ]


def values_at(record: Moto, path: str) -> list[str]:
    """Return what stands at a dotted path, through lists, as AWS would print it."""
    found = [record]
    for step in path.split("."):
        after: list[Any] = []
        for one in found:
            value = one.get(step) if isinstance(one, Mapping) else None
            after.extend(value if isinstance(value, list) else [value])
        found = after
    return [
        str(one).lower() if isinstance(one, bool) else str(one) for one in found if one is not None
    ]


def matches(record: Mapping[str, Any], name: str, wanted: Sequence[str], path: str) -> bool:
    """Whether a record passes one filter; `*` and `?` stand for characters."""
    if name.startswith("tag:"):
        tags = {tag["Key"]: tag["Value"] for tag in record.get("Tags", [])}
        values = [tags[name[4:]]] if name[4:] in tags else []
    elif name == "tag-key":
        values = [tag["Key"] for tag in record.get("Tags", [])]
    else:
        values = values_at(record, path)
    return any(fnmatch.fnmatchcase(value, pattern) for value in values for pattern in wanted)


def select(
    records: Iterable[Described], filters: Mapping[str, Sequence[str]], paths: Mapping[str, str]
) -> list[Described]:
    """Return the records that pass every filter; `paths` tells where a filter looks."""
    kept = list(records)
    for name, wanted in filters.items():
        if name not in paths and not name.startswith("tag"):
            refuse("InvalidParameterValue", f"The filter '{name}' is invalid")
        kept = [one for one in kept if matches(one, name, wanted, paths.get(name, ""))]
    return kept


def snake(action: str) -> str:
    """Return an action's name as boto3 spells it."""
    return str(xform_name(action))

"""Requests with Refs, Tokens and Lookups → requests that AWS understands.

Rules:
- What was learnt in this run comes before what the plan knew.
- A reference that nothing answers is an error, never an empty text.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from threading import RLock
from typing import Any

from ringwall.errors import CloudError, OutsideError
from ringwall.model.calls import Call, Content, JsonText, Lookup, Token
from ringwall.model.graph import Address, Ref
from ringwall.resources.ipv6 import derive_block
from ringwall.shell.aws import Cloud, find

TOKEN_LENGTH = 32  # EC2 takes up to 64 ASCII characters, others less


class KnownIds:
    """Physical ids and other attributes of resources by (type, key); safe for threads."""

    def __init__(self, ids: Mapping[Address, Mapping[str, str]]) -> None:
        self._ids: dict[Address, dict[str, str]] = {a: dict(named) for a, named in ids.items()}
        self._made: set[Address] = set()
        self._lock = RLock()

    def learn(self, address: Address, attributes: Mapping[str, str]) -> None:
        """Remember attributes of a resource that was made or changed in this run."""
        with self._lock:
            known = self._ids.setdefault(address, {})
            if "id" in attributes and attributes["id"] != known.get("id"):
                known.clear()
            known.update(attributes)
            self._made.add(address)

    def get(self, address: Address, attribute: str) -> str | None:
        """Return an attribute, or None."""
        with self._lock:
            return self._ids.get(address, {}).get(attribute)

    def is_new(self, address: Address) -> bool:
        """Tell whether a resource was made or changed in this run."""
        with self._lock:
            return address in self._made

    def key_of(self, type_name: str, physical_id: str) -> str:
        """Return the key of a physical id; the id itself where it is not known."""
        with self._lock:
            for (known_type, key), attributes in self._ids.items():
                if known_type == type_name and attributes.get("id") == physical_id:
                    return key
        return physical_id

    def snapshot(self) -> dict[Address, dict[str, str]]:
        """Return a copy of everything known."""
        with self._lock:
            return {address: dict(named) for address, named in self._ids.items()}


def answer(ref: Ref, known: KnownIds) -> str | None:
    """Return the text that a reference stands for, or None."""
    address = (ref.type, ref.key)
    if ref.attribute.startswith("ipv6/"):
        block = known.get(address, "Ipv6CidrBlock")
        return derive_block(ref.attribute, block) if block else None
    return known.get(address, ref.attribute)


def resolve(value: Any, replace: Callable[[Any], Any]) -> Any:  # noqa: ANN401  (JSON with leaves)
    """Return a request in which each Ref, Token, Lookup and Content is replaced."""
    if isinstance(value, (Ref, Token, Lookup, Content)):
        return replace(value)
    if isinstance(value, JsonText):
        whole = resolve(value.value, replace)
        return json.dumps(whole, sort_keys=True, separators=(",", ":"))
    if isinstance(value, Mapping):
        return {name: resolve(item, replace) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [resolve(item, replace) for item in value]
    return value


def leaves(value: Any) -> Iterator[Ref | Lookup | Token]:  # noqa: ANN401
    """Yield every Ref, Token and Lookup of a request, those inside Lookups too."""
    if isinstance(value, (Ref, Token)):
        yield value
    elif isinstance(value, Lookup):
        yield value
        yield from leaves(value.request)
        yield from leaves(value.values)
    elif isinstance(value, JsonText):
        yield from leaves(value.value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from leaves(item)


def client_token(
    deployment: str, address: Address, call: Call, attempt: str, part: str = ""
) -> str:
    """Return the client token of one attempt: the same for a repetition, another for the next."""
    parts = (
        deployment,
        *address,
        call.service,
        call.operation,
        attempt,
        *((part,) if part else ()),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:TOKEN_LENGTH]


def text_of(ref: Ref, known: KnownIds) -> str:
    """Return the text that a reference stands for; raises OutsideError where it is not known."""
    found = answer(ref, known)
    if found is None:
        msg = f"AWS has not said the {ref.attribute} of {ref.type} '{ref.key}'"
        raise OutsideError(msg, hint="plan again: the next run reads it from the account")
    return found


def look_up(lookup: Lookup, cloud: Cloud, known: KnownIds) -> str | None:
    """Make the read of a Lookup; None when nothing is there (yet)."""

    def value(leaf: Any) -> Any:  # noqa: ANN401
        return text_of(leaf, known) if isinstance(leaf, Ref) else leaf

    names = {name: str(resolve(item, value)) for name, item in lookup.values.items()}
    whole = cloud.paginate(lookup.service, lookup.operation, resolve(lookup.request, value), "@")
    found = find(lookup.expression(names), whole)
    if isinstance(found, list):
        found = found[0] if found else None
    return None if found in (None, "") else str(found)


def not_there(lookup: Lookup) -> CloudError:
    """Return the error of a Lookup without an answer."""
    message = "what the next call needs is not there"
    return CloudError(f"{lookup.service}:{lookup.operation}", "NothingFound", message)

"""The text of `terraform show -json` → the resources it plans, and the configuration behind them.

Rules:
- What a plan says of one resource stands in `resource_changes`: `after`, and `after_unknown` for
  what is known only after apply. `planned_values` says which resources there are; the two must
  agree, and what one of them lacks is unknown by its address.
- A state (`values` at the top) is read as a plan in which everything is known.
- Sensitive values are unknown: they are neither compared nor printed.

Source: https://developer.hashicorp.com/terraform/internals/json-format, format_version 1.x.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ringwall.errors import InputError

MAX_CHARACTERS = 200_000_000
MAX_RESOURCES = 200_000
MAX_MODULES = 20_000
GONE = frozenset({("delete",), ("forget",)})
Document = Mapping[str, Any]
HINT = "write it with `terraform plan -out=p && terraform show -json p`"


@dataclass(eq=False, slots=True)
class Module:
    """One module as the configuration has it: once, however often it is called."""

    resources: Mapping[str, Document]  # by `aws_vpc.main`, `data.aws_vpc.main`
    calls: Mapping[str, Document]  # by name, with `expressions` and `module`
    outputs: Mapping[str, Document]
    variables: Mapping[str, Document]
    children: Mapping[str, "Module"]


@dataclass(eq=False, slots=True)
class Instance:
    """One resource, or data source, with what the plan says of its arguments."""

    address: str
    path: tuple[str, ...]  # of modules, as `net` or `net["a"]`
    mode: str
    type: str
    name: str
    index: str | int | None
    values: Document
    unknown: Any = field(default_factory=dict)  # `after_unknown`
    sensitive: Any = field(default_factory=dict)
    config: Document = field(default_factory=dict)
    before: Document = field(default_factory=dict)
    provider: str = ""

    @property
    def local(self) -> str:
        """Return its address inside its module, without an index."""
        prefix = "data." if self.mode == "data" else ""
        return f"{prefix}{self.type}.{self.name}"

    def __str__(self) -> str:
        return self.address


@dataclass(eq=False, slots=True)
class Plan:
    """A plan, or a state."""

    instances: Mapping[str, Instance]  # by address
    root: Module
    providers: Mapping[str, Document]
    variables: Document
    gone: tuple[Instance, ...] = ()  # what the plan removes
    doubts: tuple[tuple[str, str], ...] = ()  # what the plan lacks, and why

    def module(self, path: tuple[str, ...]) -> Module | None:
        """Return the configuration of a module, None where the plan has none."""
        found: Module | None = self.root
        for step in path:
            found = found.children.get(step.partition("[")[0]) if found is not None else None
        return found


class _Faults(Exception):  # noqa: N818  (told as an InputError)
    pass


def open_plan(text: str, file: str) -> Plan:
    """Read a document; raises InputError when it is none, or says of a resource what is none."""
    if len(text) > MAX_CHARACTERS:
        msg = f"{file}: a plan of {len(text)} characters; {MAX_CHARACTERS} is the most"
        raise InputError(msg, hint="plan a smaller network")
    try:
        return _plan(json.loads(text, object_pairs_hook=_once))
    except _Faults as fault:
        message = f"{file}: {fault}"
    except RecursionError:
        message = f"{file}: values stand in each other too deep"
    except json.JSONDecodeError as error:
        message = f"{file}:{error.lineno}: this is no JSON"
    except ValueError:
        message = f"{file}: this is no JSON that Terraform writes"
    raise InputError(message, hint=HINT)


def _plan(document: object) -> Plan:
    top = _object(document, "the document")
    version = top.get("format_version")
    if not isinstance(version, str) or version.partition(".")[0] not in {"0", "1"}:
        msg = f"format_version is {str(version)[:20]!r}; 1.x is read"
        raise _Faults(msg)
    configuration = _object(top.get("configuration", {}), "configuration")
    root = _module(_object(configuration.get("root_module", {}), "the root module"), [0])
    providers = {
        name: _object(item, f"provider {name}")
        for name, item in _object(configuration.get("provider_config", {}), "providers").items()
    }
    instances: dict[str, Instance] = {}
    if "planned_values" not in top:
        if "values" not in top:
            msg = "it has no planned_values"
            raise _Faults(msg)
        _values(_object(top.get("values", {}), "values"), instances, known=True)
        return Plan(instances, root, providers, {})
    _values(_object(top["planned_values"], "planned_values"), instances, known=False)
    prior = _object(top.get("prior_state", {}), "prior_state")
    earlier: dict[str, Instance] = {}
    _values(_object(prior.get("values", {}), "prior_state"), earlier, known=True)
    for address, instance in earlier.items():
        if instance.mode == "data":
            instances.setdefault(address, instance)
    gone, doubts = _changes(top, instances)
    plan = Plan(instances, root, providers, _variables(top, root), tuple(gone))
    for instance in instances.values():
        module = plan.module(instance.path)
        instance.config = module.resources.get(instance.local, {}) if module is not None else {}
    plan.doubts = (*doubts, *_incomplete(top))
    return plan


def _variables(top: Document, root: Module) -> dict[str, Any]:
    return {
        name: item.get("value")
        for name, item in _object(top.get("variables", {}), "variables").items()
        if isinstance(item, Mapping) and not _is_secret(root, name)
    }


def _incomplete(top: Document) -> Iterator[tuple[str, str]]:
    if top.get("errored") not in (None, False):
        yield "the plan", "planning it ended in an error, so that it is only a part"
    if top.get("complete") not in (None, True):
        yield "the plan", "it is only a part: Terraform says that more is to be planned"
    for item in _array(top.get("deferred_changes", []), "deferred_changes"):
        change = item.get("resource_change") if isinstance(item, Mapping) else None
        address = change.get("address") if isinstance(change, Mapping) else None
        yield str(address)[:200], "its change is deferred"


def _is_secret(root: Module, name: str) -> bool:
    said = root.variables.get(name, {}).get("sensitive")
    return said not in (None, False)


def _changes(
    top: Document, instances: dict[str, Instance]
) -> tuple[list[Instance], list[tuple[str, str]]]:
    """Fill in what `resource_changes` say, and return what goes, and what is missing."""
    gone: list[Instance] = []
    doubts: list[tuple[str, str]] = []
    told: set[str] = set()
    for item in _array(top.get("resource_changes"), "resource_changes"):
        change = _object(_object(item, "a change").get("change"), "a change")
        address = item.get("address")
        actions = tuple(map(str, _array(change.get("actions"), f"actions of {address!s:.100}")))
        before, after = change.get("before"), change.get("after")
        if item.get("deposed") is not None:
            continue  # what is left of a replaced resource, to be deleted
        if actions in GONE:
            gone.append(_instance(item, "", before, ()))
            continue
        instance = instances.get(address) if isinstance(address, str) else None
        if instance is None:
            doubts.append((str(address)[:200], "it changes, and is not among the planned values"))
            continue
        if address in told:
            doubts.append((instance.address, "the plan holds two changes of it"))
            continue
        told.add(instance.address)
        if "after_unknown" not in change:
            doubts.append((instance.address, "the plan does not say what is unknown of it"))
        instance.values = _object(after, f"'after' of {address}")
        instance.unknown = _object(change.get("after_unknown", {}), f"after_unknown of {address}")
        instance.sensitive = change.get("after_sensitive", False)
        instance.before = before if isinstance(before, Mapping) else {}
    doubts += [
        (instance.address, "the plan does not hold its change")
        for instance in instances.values()
        if instance.mode != "data" and instance.address not in told
    ]
    return gone, doubts


def _module(document: Document, count: list[int]) -> Module:
    count[0] += 1
    if count[0] > MAX_MODULES:
        msg = f"more than {MAX_MODULES} modules"
        raise _Faults(msg)
    resources: dict[str, Document] = {}
    for item in _array(document.get("resources", []), "resources"):
        resource = _object(item, "a resource of the configuration")
        resources[str(resource.get("address"))] = resource
    calls = {
        name: _object(call, f"module {name}")
        for name, call in _object(document.get("module_calls", {}), "module_calls").items()
    }
    children = {
        name: _module(_object(call.get("module", {}), f"module {name}"), count)
        for name, call in calls.items()
    }
    outputs, variables = (
        {
            name: _object(item, f"{section} {name}")
            for name, item in _object(document.get(section, {}), section).items()
        }
        for section in ("outputs", "variables")
    )
    return Module(resources, calls, outputs, variables, children)


def _values(section: Document, found: dict[str, Instance], *, known: bool) -> None:
    root = _object(section.get("root_module", {}), "the root module")
    waiting: list[tuple[Document, tuple[str, ...]]] = [(root, ())]
    count = 0
    while waiting:
        module, path = waiting.pop()
        count += 1
        if count > MAX_MODULES or len(found) > MAX_RESOURCES:
            msg = f"more than {MAX_RESOURCES} resources or {MAX_MODULES} modules"
            raise _Faults(msg)
        for item in _array(module.get("resources", []), "resources"):
            instance = _instance(item, "values", None, path)
            if instance.address in found:
                msg = f"two resources have the address {instance.address!r}"
                raise _Faults(msg)
            if not known:
                instance.unknown = True
            found[instance.address] = instance
        for item in _array(module.get("child_modules", []), "child_modules"):
            child = _object(item, "a module")
            waiting.append((child, module_path(_text(child, "address", "a module"))))


def _instance(item: object, member: str, values: object, path: tuple[str, ...]) -> Instance:
    said = _object(item, "a resource")
    address = _text(said, "address", "a resource")
    index = said.get("index")
    if index is not None and (isinstance(index, bool) or not isinstance(index, (str, int))):
        msg = f"the index of {address} is neither a text nor a number"
        raise _Faults(msg)
    if not path and isinstance(said.get("module_address"), str):
        path = module_path(said["module_address"])
    return Instance(
        address,
        path,
        _text(said, "mode", address),
        _text(said, "type", address),
        _text(said, "name", address),
        index,
        _object(said.get(member, {}) if member else values, f"the values of {address}"),
        sensitive=said.get("sensitive_values", {}),
        provider=str(said.get("provider_name", "")),
    )


def module_path(address: str) -> tuple[str, ...]:
    """Return the steps of a module's address: `module.a["x"].module.b` is `a["x"]`, `b`."""
    steps: list[str] = []
    for part in split(address):
        if part.startswith("["):
            steps[-1:] = [steps[-1] + part] if steps else [part]
        elif part != "module":
            steps.append(part)
    return tuple(steps)


def split(address: str) -> list[str]:
    """Take an address or a reference apart at its dots and brackets; brackets stay whole."""
    parts: list[str] = []
    start, at = 0, 0
    while at < len(address):
        mark = address[at]
        if mark not in ".[":
            at += 1
            continue
        if at > start:
            parts.append(address[start:at])
        if mark == ".":
            at += 1
        else:
            end = _bracket(address, at)
            parts.append(address[at:end])
            at = end
        start = at
    if at > start:
        parts.append(address[start:at])
    return parts


def _bracket(address: str, start: int) -> int:
    """Return where a bracket that opens at `start` has closed; quotes inside may hold anything."""
    at, quoted = start + 1, False
    while at < len(address):
        mark = address[at]
        if quoted and mark == "\\":
            at += 1
        elif mark == '"':
            quoted = not quoted
        elif mark == "]" and not quoted:
            return at + 1
        at += 1
    return len(address)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        msg = "a name stands twice in one object"
        raise ValueError(msg)
    return found


def _object(value: object, what: str) -> Document:
    if isinstance(value, Mapping):
        return value
    msg = f"{what} is no object"
    raise _Faults(msg)


def _array(value: object, what: str) -> list[Any]:
    if isinstance(value, list):
        return value
    msg = f"{what} is no list"
    raise _Faults(msg)


def _text(said: Document, name: str, what: str) -> str:
    value = said.get(name)
    if isinstance(value, str) and value:
        return value
    msg = f"{what[:100]} has no {name}"
    raise _Faults(msg)

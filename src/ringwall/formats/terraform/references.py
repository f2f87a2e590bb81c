"""What the configuration's references lead to: instances, constants, or what the plan hides.

A plan names what an expression refers to, and keeps the expression itself to itself: neither
functions nor conditions nor the values of locals are in it.

Rules:
- Only ids and ARNs are followed. Nothing is computed with them, so that a value which is unknown
  until apply is one of those ids that its expression refers to, and no other.
- One candidate of the wanted type is the answer. Among several, `count.index` and `each.key` choose
  the instance with the same index; whatever else is ambiguous stays unknown, with the candidates.
- A local may hold any id of its module; it is followed where there is one candidate alone.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ringwall.formats.terraform.document import Instance, Plan, split

MAX_DEPTH = 60
MAX_STEPS = 5_000_000
IDS = frozenset({"id", "arn"})
_NEUTRAL = frozenset({"path", "terraform", "self"})  # they hold no ids


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands: its module, and the index of the resource or module call."""

    path: tuple[str, ...]
    index: str | int | None = None
    each: Mapping[str, Any] | None = None  # the for_each expression
    own: Instance | None = None


@dataclass(frozen=True, slots=True)
class Led:
    """One reference followed: to instances and a path inside them, a constant, or nothing known.

    `choice` marks count.index and each.key; `hidden` tells what a plan does not say.
    """

    instances: tuple[Instance, ...] = ()
    path: tuple[str, ...] = ()
    constant: Any = None
    choice: bool = False
    hidden: str = ""
    local: tuple[str, ...] | None = None  # the module whose local it is


@dataclass(slots=True)
class References:
    """The references of a plan's configuration."""

    plan: Plan
    _by_local: dict[tuple[tuple[str, ...], str], list[Instance]] = field(default_factory=dict)
    _paths: dict[tuple[tuple[str, ...], str], list[tuple[str, ...]]] = field(default_factory=dict)
    _by_module: dict[tuple[str, ...], list[Instance]] = field(default_factory=dict)
    _steps: int = 0

    def __post_init__(self) -> None:
        by_local: dict[tuple[tuple[str, ...], str], list[Instance]] = defaultdict(list)
        paths: set[tuple[str, ...]] = set()
        for instance in self.plan.instances.values():
            by_local[instance.path, instance.local].append(instance)
            paths |= {instance.path[: i + 1] for i in range(len(instance.path))}
        for found in by_local.values():
            found.sort(key=lambda i: (isinstance(i.index, str), i.index or 0, i.address))
        self._by_local = dict(by_local)
        for (home, _), instances in by_local.items():
            self._by_module.setdefault(home, []).extend(instances)
        calls: dict[tuple[tuple[str, ...], str], list[tuple[str, ...]]] = defaultdict(list)
        for path in sorted(paths):
            calls[path[:-1], path[-1].partition("[")[0]].append(path)
        self._paths = dict(calls)

    def scope(self, instance: Instance) -> Scope:
        """Return the scope of a resource's arguments."""
        each = instance.config.get("for_each_expression")
        return Scope(
            instance.path,
            instance.index,
            each if isinstance(each, Mapping) else None,
            instance,
        )

    def of_module(self, path: tuple[str, ...]) -> Iterator[Instance]:
        """Yield the instances that stand in a module itself."""
        yield from self._by_module.get(path, ())

    def lead(self, expression: object, scope: Scope, depth: int = 0) -> list[Led]:
        """Return what an expression refers to, in its order; a reference may lead to several."""
        if not isinstance(expression, Mapping):
            return [Led(hidden="the configuration does not say it")]
        # A template in JSON has both: its text as the constant, and what it refers to.
        listed = expression.get("references")
        if listed is None and "constant_value" in expression:
            return [Led(constant=expression["constant_value"])]
        if not isinstance(listed, list):
            return [Led(hidden="the configuration does not say what it refers to")]
        found: list[Led] = []
        for text in longest(listed):
            found += self._follow(text, scope, depth)
        return found

    def _follow(self, text: str, scope: Scope, depth: int) -> list[Led]:
        self._steps += 1
        if depth > MAX_DEPTH or self._steps > MAX_STEPS:
            return [Led(hidden=f"{text[:100]} leads too far")]
        head, *rest = split(text) or [""]
        if head == "count" or (head == "each" and rest[:1] != ["value"]):
            return [Led(choice=True)]
        if head in _NEUTRAL:
            return []
        if head == "local":
            return [Led(hidden=f"{text[:100]} is not in the plan", local=scope.path)]
        if len(rest) < (2 if head == "data" else 1):
            return [Led(hidden=f"{text[:100]} is not understood")]
        return self._named(head, rest, scope, depth, text)

    def _named(
        self, head: str, rest: Sequence[str], scope: Scope, depth: int, text: str
    ) -> list[Led]:
        match head:
            case "var":
                return self._variable(rest[0], tuple(rest[1:]), scope, depth)
            case "module":
                return self._output(rest, scope, depth)
            case "each":
                return self._each(tuple(rest[1:]), scope, depth)
            case "data":
                return self._resource(f"data.{rest[0]}.{rest[1]}", rest[2:], scope, text)
            case _:
                return self._resource(f"{head}.{rest[0]}", rest[1:], scope, text)

    def _resource(self, local: str, rest: Sequence[str], scope: Scope, text: str) -> list[Led]:
        found = self._by_local.get((scope.path, local), [])
        path = tuple(rest)
        if path and path[0].startswith("["):
            found = [i for i in found if i.index is not None and bracket(i.index) == path[0]]
            path = path[1:]
        if not found:
            return [Led(hidden=f"{text[:100]} is not in the plan")]
        return [Led(tuple(found), path)]

    def _variable(self, name: str, rest: tuple[str, ...], scope: Scope, depth: int) -> list[Led]:
        if not scope.path:
            if name not in self.plan.variables:
                return [Led(hidden=f"var.{name[:80]} is not in the plan")]
            return [Led(constant=_inside(self.plan.variables[name], rest))]
        outer, step = scope.path[:-1], scope.path[-1]
        parent, here = self.plan.module(outer), self.plan.module(scope.path)
        call = parent.calls.get(step.partition("[")[0], {}) if parent is not None else {}
        expressions = call.get("expressions")
        expression = expressions.get(name) if isinstance(expressions, Mapping) else None
        if expression is None:
            default = here.variables.get(name) if here is not None else None
            if default is None:
                return [Led(hidden=f"var.{name[:80]} is not in the plan")]
            return [Led(constant=_inside(default.get("default"), rest))]
        each = call.get("for_each_expression")
        around = Scope(outer, index_of(step), each if isinstance(each, Mapping) else None)
        return [_further(led, rest) for led in self.lead(expression, around, depth + 1)]

    def _output(self, rest: Sequence[str], scope: Scope, depth: int) -> list[Led]:
        name, *path = rest
        wanted = path.pop(0) if path and path[0].startswith("[") else ""
        calls = self._paths.get((scope.path, name), [])
        if wanted:
            calls = [call for call in calls if call[-1] == f"{name}{wanted}"]
        if not path or not calls:
            return [Led(hidden=f"module.{name[:80]} is not in the plan as a whole")]
        found: list[Led] = []
        for call in calls:
            module = self.plan.module(call)
            output = module.outputs.get(path[0]) if module is not None else None
            expression = output.get("expression") if output is not None else None
            inner = self.lead(expression, Scope(call), depth + 1)
            found += [_further(led, tuple(path[1:])) for led in inner]
        return found

    def _each(self, rest: tuple[str, ...], scope: Scope, depth: int) -> list[Led]:
        named = longest((scope.each or {}).get("references", []))
        parts = split(named[0]) if len(named) == 1 else []
        if parts[:1] == ["module"] and len(parts) == 2 and rest and scope.index is not None:
            # `for_each = module.a`: the call of the module with the same key.
            same_call = [parts[1], bracket(scope.index), *rest]
            return self._output(same_call, Scope(scope.path), depth + 1)
        found: list[Led] = []
        around = Scope(scope.path)
        for led in self.lead(scope.each, around, depth + 1):
            same = tuple(i for i in led.instances if i.index == scope.index)
            if same and not led.path:
                found.append(Led(same, rest))
            elif led.instances:
                found.append(_further(led, rest))
            elif led.hidden:
                found.append(led)
        return found or [Led(hidden="each.value is not in the plan")]


def longest(listed: object) -> list[str]:
    """Return references without the shorter forms that Terraform writes after each."""
    kept: list[str] = []
    for text in listed if isinstance(listed, list) else ():
        if not isinstance(text, str):
            continue
        last = kept[-1] if kept else ""
        if last != text and last.startswith(text) and last[len(text)] in ".[":
            continue
        kept.append(text)
    return kept


def bracket(index: str | int) -> str:
    """Return an index as Terraform writes it in an address."""
    if isinstance(index, int):
        return f"[{index}]"
    escaped = index.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'["{escaped}"]'


def index_of(step: str) -> str | int | None:
    """Return the index of a step of a module's address."""
    _, separator, inside = step.partition("[")
    if not separator:
        return None
    text = inside.removesuffix("]")
    if text.startswith('"'):
        return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return int(text) if text.isdecimal() and len(text) < 10 else text


def _further(led: Led, rest: tuple[str, ...]) -> Led:
    if not rest:
        return led
    if led.instances:
        return Led(led.instances, led.path + rest)
    return led if led.hidden or led.choice else Led(constant=_inside(led.constant, rest))


def _inside(value: object, path: tuple[str, ...]) -> object:
    for step in path:
        index = index_of(step) if step.startswith("[") else step
        if isinstance(value, Mapping):
            value = value.get(index)
        elif isinstance(value, list) and isinstance(index, int) and index < len(value):
            value = value[index]
        else:
            return None
    return value

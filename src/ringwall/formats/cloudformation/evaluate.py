"""Expressions of templates into values: parameters, conditions, mappings, intrinsic functions.

Rules:
- What depends on a parameter without a value, on an import that no template exports, or on an
  attribute that only AWS knows, is unknown by that name; nothing takes its place.
- A stack bears its file's name, unless the parameter `AWS::StackName` says otherwise.
- Work is bounded: steps, depth of expressions, length of texts.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ringwall.formats.cloudformation import functions
from ringwall.formats.cloudformation.attributes import Attributes
from ringwall.formats.cloudformation.stacks import Resource, Stack
from ringwall.formats.cloudformation.tree import Tree
from ringwall.formats.cloudformation.values import (
    NO_VALUE,
    Fault,
    Faults,
    NoValue,
    identified,
    is_unknown,
    told,
    unknown,
)
from ringwall.model.arns import partition_of

MAX_STEPS = 2_000_000
MAX_NESTING = 150


class Evaluator:
    """Works out the values of all stacks; each condition, parameter and export once."""

    def __init__(
        self,
        stacks: tuple[Stack, ...],
        faults: Faults,
        *,
        account: str,
        region: str,
        parameters: Mapping[str, str],
    ) -> None:
        self.stacks = stacks
        self.faults = faults
        self.account = account or parameters.get("AWS::AccountId", "")
        self.region = region or parameters.get("AWS::Region", "")
        self.given = parameters
        self.attributes = Attributes(self)
        self._memo: dict[tuple[str, int, str], Any] = {}
        self._busy: set[tuple[str, int, str]] = set()
        self._steps = 0
        self._depth = 0
        self._exports: dict[str, tuple[Stack, Tree] | None] | None = None

    def value(self, stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
        """Return the value of an expression; raises Fault."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise Fault(tree.line, "the templates take more than two million steps to work out")
        if self._depth >= MAX_NESTING:
            raise Fault(tree.line, "expressions lead to each other too deep")
        self._depth += 1
        try:
            return self._value(stack, tree)
        finally:
            self._depth -= 1

    def _value(self, stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
        if tree.kind == "scalar":
            if isinstance(tree.scalar, str) and "{{resolve:" in tree.scalar:
                name = tree.scalar.partition("{{resolve:")[2].partition("}}")[0]
                return unknown(f"the dynamic reference {name[:60]!r} is resolved by AWS")
            return tree.scalar
        if tree.kind == "list":
            found = [self.value(stack, item) for item in tree.items]
            return [item for item in found if not isinstance(item, NoValue)]
        if len(tree.entries) == 1:
            name, argument = next(iter(tree.entries.items()))
            if name in functions.TABLE:
                return functions.TABLE[name](self, stack, argument)
            if name.startswith("Fn::"):
                return unknown(f"{name} is not supported")
        entries = {name: self.value(stack, item) for name, item in tree.entries.items()}
        return {n: v for n, v in entries.items() if not isinstance(v, NoValue)}

    def safely(self, stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
        """Return the value of an expression; a fault is noted, and its value is unknown."""
        try:
            return self.value(stack, tree)
        except Fault as fault:
            self.faults.add(stack.file, fault.line, fault.what)
            return unknown(fault.what)

    def _once(self, kind: str, stack: Stack, name: str, line: int, work: Callable[[], Any]) -> Any:  # noqa: ANN401
        at = (kind, id(stack), name)
        if at in self._memo:
            return self._memo[at]
        if at in self._busy:
            raise Fault(line, f"{kind} '{name}' depends on itself")
        self._busy.add(at)
        try:
            self._memo[at] = work()
        finally:
            self._busy.discard(at)
        return self._memo[at]

    def ref(self, stack: Stack, name: str, line: int) -> Any:  # noqa: ANN401
        """Return what `Ref` of a name gives: a parameter, a resource, or a pseudo parameter."""
        if name.startswith("AWS::"):
            return self._pseudo(stack, name, line)
        if name in stack.section("Parameters"):
            return self._once("parameter", stack, name, line, lambda: self._parameter(stack, name))
        resource = stack.resources.get(name)
        if resource is None:
            raise Fault(line, f"there is no parameter or resource {name[:80]!r}")
        gone = self.absence(resource)
        return gone if gone is not None else self.attributes.ref(resource)

    def absence(self, resource: Resource) -> Any:  # noqa: ANN401
        """Return None if a resource is there, else why it cannot be referred to."""
        exists = self.exists(resource)
        if exists is True:
            return None
        if exists is False:
            return unknown(f"{resource.logical_id} is left out by its condition")
        return exists

    def exists(self, resource: Resource) -> Any:  # noqa: ANN401
        """Return whether a resource is there, or the unknown that this depends on."""
        condition = resource.tree.get("Condition")
        if condition is None:
            return True
        return self.condition(resource.stack, str(condition.scalar), condition.line)

    def get_attribute(self, stack: Stack, name: str, attribute: str, line: int) -> Any:  # noqa: ANN401
        """Return what `Fn::GetAtt` gives."""
        resource = stack.resources.get(name)
        if resource is None:
            raise Fault(line, f"there is no resource {name[:80]!r}")
        gone = self.absence(resource)
        if gone is not None:
            return gone
        if attribute.startswith("Outputs."):
            return self._nested_output(resource, attribute.removeprefix("Outputs."), line)
        return self.attributes.get(resource, attribute)

    def condition(self, stack: Stack, name: str, line: int) -> Any:  # noqa: ANN401
        """Return whether a named condition holds, or an unknown."""
        tree = stack.section("Conditions").get(name)
        if tree is None:
            raise Fault(line, f"there is no condition {name[:80]!r}")

        def work() -> Any:  # noqa: ANN401
            found = self.value(stack, tree)
            if isinstance(found, bool) or is_unknown(found):
                return found
            if found in ("true", "false"):
                return found == "true"
            raise Fault(tree.line, f"condition {name!r} is neither true nor false")

        return self._once("condition", stack, name, line, work)

    def imported(self, name: Any, line: int) -> Any:  # noqa: ANN401
        """Return the value that some template exports under a name."""
        if not isinstance(name, str):
            return unknown(told(name))
        found = self.exports.get(name)
        if found is None:
            why = "exported twice" if name in self.exports else "exported by no template given"
            return unknown(f"{name[:80]!r} is {why}")
        stack, tree = found
        return self._once("export", stack, name, line, lambda: self.value(stack, tree))

    @property
    def exports(self) -> Mapping[str, tuple[Stack, Tree] | None]:
        """Return the expression of every export; None where two have the same name."""
        if self._exports is None:
            self._exports = {}
            for stack in self.stacks:
                for output in stack.section("Outputs").values():
                    self._export(stack, output)
        return self._exports

    def _export(self, stack: Stack, output: Tree) -> None:
        assert self._exports is not None
        export, value = output.get("Export"), output.get("Value")
        name_tree = export.get("Name") if export is not None else None
        if name_tree is None or value is None:
            return
        condition = output.get("Condition")
        try:
            if condition is not None:
                holds = self.condition(stack, str(condition.scalar), condition.line)
                if holds is not True:
                    return
            name = self.value(stack, name_tree)
        except Fault as fault:
            self.faults.add(stack.file, fault.line, fault.what)
            return
        if isinstance(name, str):
            self._exports[name] = None if name in self._exports else (stack, value)

    def _nested_output(self, resource: Resource, name: str, line: int) -> Any:  # noqa: ANN401
        child = resource.stack.nested.get(resource.logical_id)
        if child is None:
            return unknown(f"the template of nested stack {resource.logical_id} is not given")
        output = child.section("Outputs").get(name)
        value = output.get("Value") if output is not None else None
        if value is None:
            raise Fault(line, f"nested stack {resource.logical_id!r} has no output {name[:80]!r}")
        return self._once("output", child, name, line, lambda: self.value(child, value))

    def _pseudo(self, stack: Stack, name: str, line: int) -> Any:  # noqa: ANN401
        match name:
            case "AWS::NoValue":
                return NO_VALUE
            case "AWS::Region":
                return self.region or unknown("AWS::Region is not given")
            case "AWS::AccountId":
                return self.account or unknown("AWS::AccountId is not given")
            case "AWS::StackName":
                return self.given.get(name) or stack.name
            case "AWS::Partition":
                return partition_of(self.region)
            case "AWS::URLSuffix":
                china = self.region.startswith("cn-")
                return "amazonaws.com.cn" if china else "amazonaws.com"
            case "AWS::StackId" | "AWS::NotificationARNs":
                return unknown(f"{name} is given by AWS")
            case _:
                raise Fault(line, f"there is no pseudo parameter {name[:80]!r}")

    def _parameter(self, stack: Stack, name: str) -> Any:  # noqa: ANN401
        tree = stack.section("Parameters")[name]
        is_root = stack.parent is None
        given: Any = self.given.get(name) if is_root else self._passed(stack, name)
        if given is None:
            default = tree.get("Default")
            meaning = stack.meaning(name)
            if default is not None:
                given = default.scalar if default.kind == "scalar" else None
                given = "" if given is None else given
            elif meaning is not None:
                return identified(meaning)
            else:
                return unknown(f"parameter {name} has no value")
        kind_tree = tree.get("Type")
        kind = str(kind_tree.scalar) if kind_tree is not None else "String"
        if kind.startswith("AWS::SSM::"):
            return unknown(f"parameter {name} is read from Systems Manager")
        if isinstance(given, bool):
            given = "true" if given else "false"
        if isinstance(given, int):
            given = str(given)
        if isinstance(given, str):
            allowed = tree.get("AllowedValues")
            values = [_plain(item) for item in allowed.items] if allowed is not None else []
            if values and given not in values and not kind.startswith(("List<", "Comma")):
                raise Fault(tree.line, f"parameter {name!r} may not be {given[:60]!r}")
            if kind == "CommaDelimitedList" or kind.startswith("List<"):
                return [part.strip() for part in given.split(",")]
        return given

    def _passed(self, stack: Stack, name: str) -> Any:  # noqa: ANN401
        """Return the value that a parent passes to a nested stack."""
        parent = stack.parent
        assert parent is not None
        logical_id = stack.name.rpartition("/")[2]
        passed = parent.resources[logical_id].properties.get("Parameters")
        tree = passed.get(name) if passed is not None else None
        if tree is None:
            return None
        found = self.value(parent, tree)
        if isinstance(found, list) and all(isinstance(item, str) for item in found):
            return ",".join(found)
        return None if isinstance(found, NoValue) else found


def _plain(tree: Tree) -> str:
    if isinstance(tree.scalar, bool):
        return "true" if tree.scalar else "false"
    return str(tree.scalar)

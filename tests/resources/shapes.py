"""botocore's service models as judges of our calls: parameters, and paths into answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jmespath
from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.session import get_session
from botocore.validate import ParamValidator
from jmespath.parser import Parser

from ringwall.model.calls import Call, Content, JsonText, Lookup, Token, Wait
from ringwall.model.graph import Ref


@dataclass(frozen=True)
class ListOf:
    """What a projection yields."""

    member: Any


SCALAR = "scalar"  # a literal, or the result of a function or comparison


@cache
def operations(service: str) -> Mapping[str, OperationModel]:
    model = get_session().get_service_model(service)
    return {xform_name(name): model.operation_model(name) for name in model.operation_names}


def plain(value: Any) -> Any:
    """Put texts in the place of Refs, Tokens and Lookups."""
    if isinstance(value, (Ref, Token, Lookup, Content, JsonText)):
        return "text-0123456789abcdef"
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def lookups(value: Any) -> list[Lookup]:
    if isinstance(value, Lookup):
        return [value, *lookups(value.request)]
    if isinstance(value, Mapping):
        return [found for item in value.values() for found in lookups(item)]
    if isinstance(value, (list, tuple)):
        return [found for item in value for found in lookups(item)]
    return []


def parameter_errors(service: str, operation: str, request: Mapping[str, Any]) -> str:
    """Return what botocore says against the parameters of a call, "" if nothing."""
    shape = operations(service)[operation].input_shape
    if shape is None:
        return "" if not request else "the operation takes no parameters"
    return str(ParamValidator().validate(plain(request), shape).generate_report())


def point(service: str, operation: str, path: str) -> Any:
    """Return the shape that a JMESPath leads to in an operation's answer; raises LookupError."""
    jmespath.compile(path)
    return _walk(Parser().parse(path).parsed, operations(service)[operation].output_shape)


def _members(shape: Any) -> Any:
    if isinstance(shape, ListOf):
        return shape.member
    if isinstance(shape, ListShape):
        return shape.member
    msg = f"{shape} is no list"
    raise LookupError(msg)


def _field(name: str, shape: Any) -> Any:
    if isinstance(shape, StructureShape) and name in shape.members:
        return shape.members[name]
    if isinstance(shape, MapShape):
        return shape.value
    msg = f"{shape} has no member {name}"
    raise LookupError(msg)


def _walk(tree: Mapping[str, Any], shape: Any) -> Any:  # noqa: C901  (one case a kind of node)
    children = tree["children"]
    match tree["type"]:
        case "field":
            return _field(tree["value"], shape)
        case "identity" | "current":
            return shape
        case "subexpression" | "pipe" | "index_expression":
            for child in children:
                shape = _walk(child, shape)
            return shape
        case "index":
            return _members(shape)
        case "flatten":
            found = _walk(children[0], shape)
            inner = _members(found)
            return ListOf(_members(inner)) if isinstance(inner, (ListOf, ListShape)) else found
        case "projection":
            return ListOf(_walk(children[1], _members(_walk(children[0], shape))))
        case "filter_projection":
            member = _members(_walk(children[0], shape))
            _walk(children[2], member)
            return ListOf(_walk(children[1], member))
        case "literal":
            return SCALAR
        case "comparator" | "and_expression" | "or_expression" | "not_expression":
            results = [_walk(child, shape) for child in children]
            return results[0] if tree["type"] == "or_expression" else SCALAR
        case "function_expression":
            for child in children:
                _walk(child, shape)
            return SCALAR
        case "multi_select_dict":
            for child in children:
                _walk(child["children"][0], shape)
            return SCALAR
        case "multi_select_list":
            return ListOf(_walk(children[0], shape))
        case other:
            msg = f"the walk knows no {other}"
            raise LookupError(msg)


def is_text(shape: Any) -> bool:
    return shape == SCALAR or (isinstance(shape, Shape) and shape.type_name == "string")


def problems_of_wait(service: str, wait: Wait) -> list[str]:
    found = [parameter_errors(service, wait.operation, wait.request)]
    end = point(service, wait.operation, wait.path)
    while isinstance(end, (ListOf, ListShape)):
        end = _members(end)
    if not is_text(end):
        found.append(f"{wait.path} leads to {end}, not to a state")
    elif isinstance(end, Shape) and getattr(end, "enum", None):
        # An empty answer counts as "gone"; endpoints answer in lower case what stands capitalised.
        known = {"gone", *(state.lower() for state in end.enum)}
        strangers = {state for state in wait.success | wait.failure if state.lower() not in known}
        found += [f"{wait.operation} never reports {state}" for state in sorted(strangers)]
    return [problem for problem in found if problem]


def problems(call: Call) -> list[str]:
    """Return everything that botocore's model holds against a call; raises LookupError."""
    found = [parameter_errors(call.service, call.operation, call.request)]
    for name, path in call.extract.items():
        if not is_text(point(call.service, call.operation, path)):
            found.append(f"{name}: {path} does not lead to text")
    for wait in call.waits_for:
        found += problems_of_wait(call.service, wait)
    for lookup in lookups(call.request):
        found.append(parameter_errors(lookup.service, lookup.operation, lookup.request))
        expression = lookup.expression(dict.fromkeys(lookup.values, "text"))
        if not is_text(point(lookup.service, lookup.operation, expression)):
            found.append(f"{lookup.path} does not lead to text")
    return [problem for problem in found if problem]

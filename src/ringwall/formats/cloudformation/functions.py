"""CloudFormation's intrinsic functions, one function each; the table names them.

Where an argument is unknown the result is unknown for the same reason.
"""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from ringwall.formats.cloudformation.stacks import Stack
from ringwall.formats.cloudformation.tree import Tree
from ringwall.formats.cloudformation.values import (
    MAX_TEXT,
    Fault,
    NoValue,
    is_unknown,
    reasons,
    to_text,
    told,
    unknown,
)
from ringwall.model.graph import Ref

if TYPE_CHECKING:
    from ringwall.formats.cloudformation.evaluate import Evaluator

Function = Callable[["Evaluator", Stack, Tree], Any]
MOST_BLOCKS = 256  # "count: The number of CIDRs to generate. Valid range is between 1 and 256."
_VARIABLE = re.compile(r"\$\{(!?)([^}]*)\}")
DNS_ENTRY = "DnsEntry"  # an endpoint's `<zone id>:<name>`


def _arguments(tree: Tree, name: str, low: int, high: int) -> list[Tree]:
    if tree.kind != "list" or not low <= len(tree.items) <= high:
        count = str(low) if low == high else f"{low} to {high}"
        raise Fault(tree.line, f"{name} takes a list of {count} values")
    return tree.items


def _ref(work: "Evaluator", stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
    if not isinstance(tree.scalar, str):
        raise Fault(tree.line, "Ref takes a name")
    return work.ref(stack, tree.scalar, tree.line)


def _get_att(work: "Evaluator", stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
    if tree.kind == "list":
        name_tree, attribute_tree = _arguments(tree, "Fn::GetAtt", 2, 2)
        attribute = work.value(stack, attribute_tree)
        if is_unknown(attribute):
            return attribute
        name = name_tree.scalar
    else:
        name, _, attribute = str(tree.scalar).partition(".")
    if not isinstance(name, str) or not isinstance(attribute, str) or not attribute:
        raise Fault(tree.line, "Fn::GetAtt takes a resource and an attribute")
    return work.get_attribute(stack, name, attribute, tree.line)


def _sub(work: "Evaluator", stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
    names: Mapping[str, Tree] = {}
    template = tree
    if tree.kind == "list":
        template, table = _arguments(tree, "Fn::Sub", 2, 2)
        names = table.entries
    text = template.scalar
    if not isinstance(text, str):
        raise Fault(tree.line, "Fn::Sub takes a text")
    parts: list[Any] = []
    end = 0
    for found in _VARIABLE.finditer(text):
        parts.append(text[end : found.start()])
        end = found.end()
        name = found[2].strip()
        if found[1]:
            parts.append(f"${{{found[2]}}}")
        elif name in names:
            parts.append(work.value(stack, names[name]))
        elif "." in name and name not in stack.section("Parameters"):
            resource, _, attribute = name.partition(".")
            parts.append(work.get_attribute(stack, resource, attribute, tree.line))
        else:
            parts.append(work.ref(stack, name, tree.line))
    parts.append(text[end:])
    return _joined("", parts, tree.line)


def _joined(delimiter: str, parts: list[Any], line: int) -> Any:  # noqa: ANN401
    present = [part for part in parts if part != "" or delimiter]
    if len(present) == 1:
        return present[0]
    texts = [to_text(part) for part in parts]
    lost = [text.key for text in texts if isinstance(text, Ref)]
    if lost:
        return unknown(*lost)
    if sum(map(len, map(str, texts))) > MAX_TEXT:
        raise Fault(line, f"a text of more than {MAX_TEXT:,} characters")
    return delimiter.join(map(str, texts))


def _join(work: "Evaluator", stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
    delimiter, parts_tree = _arguments(tree, "Fn::Join", 2, 2)
    parts = work.value(stack, parts_tree)
    if is_unknown(parts):
        return parts
    if not isinstance(parts, list) or not isinstance(delimiter.scalar, str | None):
        raise Fault(tree.line, "Fn::Join takes a text and a list")
    return _joined(delimiter.scalar or "", parts, tree.line)


def _select(work: "Evaluator", stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
    index_tree, list_tree = _arguments(tree, "Fn::Select", 2, 2)
    index, items = to_text(work.value(stack, index_tree)), work.value(stack, list_tree)
    if isinstance(index, Ref):
        return index
    if isinstance(items, Ref):
        return unknown(told(items))
    if not index.isdecimal() or len(index) > 6:
        raise Fault(tree.line, f"Fn::Select takes a position, not {index[:40]!r}")
    if not isinstance(items, list) or int(index) >= len(items):
        raise Fault(tree.line, f"there is no element {index} to select")
    return items[int(index)]


def _split(work: "Evaluator", stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
    delimiter, text_tree = _arguments(tree, "Fn::Split", 2, 2)
    value = work.value(stack, text_tree)
    if isinstance(value, Ref) and value.attribute == DNS_ENTRY:
        return [Ref(value.type, value.key, name) for name in ("HostedZoneId", "DnsName")]
    text = to_text(value)
    if isinstance(text, Ref):
        return text
    if not isinstance(delimiter.scalar, str) or not delimiter.scalar:
        raise Fault(tree.line, "Fn::Split takes a text and a text")
    return text.split(delimiter.scalar)


def _if(work: "Evaluator", stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
    name, yes, no = _arguments(tree, "Fn::If", 3, 3)
    holds = work.condition(stack, str(name.scalar), name.line)
    if isinstance(holds, bool):
        return work.value(stack, yes if holds else no)
    return unknown(*reasons(holds))


def _equals(work: "Evaluator", stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
    left, right = (work.value(stack, item) for item in _arguments(tree, "Fn::Equals", 2, 2))
    lost = [*reasons(left), *reasons(right)]
    if lost:
        return unknown(*lost)
    if any(isinstance(side, Ref) for side in (left, right)):
        return left == right or unknown(*(told(s) for s in (left, right) if isinstance(s, Ref)))
    if isinstance(left, (str, int)) and isinstance(right, (str, int)):
        return to_text(left) == to_text(right)
    return bool(left == right)


def _holds(work: "Evaluator", stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
    value = work.value(stack, tree)
    if value in ("true", "false"):
        return value == "true"
    if isinstance(value, bool) or is_unknown(value):
        return value
    raise Fault(tree.line, "a condition is neither true nor false")


def _all(work: "Evaluator", stack: Stack, tree: Tree, name: str, decides: bool) -> Any:  # noqa: ANN401
    parts = [_holds(work, stack, item) for item in _arguments(tree, name, 1, 10)]
    if decides in [part for part in parts if isinstance(part, bool)]:
        return decides
    lost = [why for part in parts for why in reasons(part)]
    return unknown(*lost) if lost else not decides


def _and(work: "Evaluator", stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
    return _all(work, stack, tree, "Fn::And", False)


def _or(work: "Evaluator", stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
    return _all(work, stack, tree, "Fn::Or", True)


def _not(work: "Evaluator", stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
    holds = _holds(work, stack, _arguments(tree, "Fn::Not", 1, 1)[0])
    return holds if is_unknown(holds) else not holds


def _condition(work: "Evaluator", stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
    if tree.kind != "scalar":  # a policy statement's member of this name
        return {"Condition": work.value(stack, tree)}
    return work.condition(stack, str(tree.scalar), tree.line)


def _find_in_map(work: "Evaluator", stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
    names = [
        to_text(work.value(stack, item)) for item in _arguments(tree, "Fn::FindInMap", 3, 4)[:3]
    ]
    lost = [name.key for name in names if isinstance(name, Ref)]
    if lost:
        return unknown(*lost)
    found: Tree | None = Tree(tree.line, "mapping", entries=dict(stack.section("Mappings")))
    for name in names:
        found = found.get(str(name)) if found is not None else None
    if found is not None:
        return work.value(stack, found)
    if len(tree.items) == 4 and tree.items[3].get("DefaultValue") is not None:
        return work.value(stack, tree.items[3].entries["DefaultValue"])
    raise Fault(tree.line, f"no mapping holds {'.'.join(map(str, names))[:80]!r}")


def _cidr(work: "Evaluator", stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
    parts = _arguments(tree, "Fn::Cidr", 2, 3)
    block = work.value(stack, parts[0])
    numbers = [to_text(work.value(stack, part)) for part in parts[1:]]
    lost = [number.key for number in numbers if isinstance(number, Ref)]
    if is_unknown(block) or lost:
        return unknown(*reasons(block), *lost)
    if not all(isinstance(n, str) and n.isdecimal() and len(n) < 4 for n in numbers):
        raise Fault(tree.line, "Fn::Cidr takes a count and a number of bits")
    count, bits = int(str(numbers[0])), int(str(numbers[1])) if numbers[1:] else None
    if not 1 <= count <= MOST_BLOCKS:
        raise Fault(tree.line, f"Fn::Cidr takes a count of 1 to {MOST_BLOCKS}")
    if isinstance(block, Ref):
        return _symbolic(block, count, bits, tree.line)
    try:
        outer = ip_network(str(block), strict=False)
    except ValueError:
        raise Fault(tree.line, f"{str(block)[:60]!r} is no CIDR block") from None
    bits = bits if bits is not None else (64 if outer.version == 6 else 8)
    length = outer.max_prefixlen - bits
    if not outer.prefixlen <= length <= outer.max_prefixlen or bits < 0:
        raise Fault(tree.line, f"{outer} holds no block of {bits} bits")
    if count > 2 ** (length - outer.prefixlen):
        raise Fault(tree.line, f"{outer} holds fewer than {count} blocks of {bits} bits")
    kind, start = type(outer), int(outer.network_address)
    return [str(kind((start + (i << bits), length))) for i in range(count)]


def _symbolic(block: Ref, count: int, bits: int | None, line: int) -> Any:  # noqa: ANN401
    """Return parts of a VPC's IPv6 block of AWS's choosing, a /56 (VPC guide, IPv6 addressing)."""
    inner = re.fullmatch(r"ipv6/(\d+)/(\d+)", block.attribute)
    if block.type != "AWS::EC2::VPCCidrBlock" or inner is None:
        return unknown(told(block))
    outer_length, outer_index = int(inner[1]), int(inner[2])
    length = 128 - (64 if bits is None else bits)
    if not outer_length <= length <= 128 or count > 2 ** (length - outer_length):
        raise Fault(line, f"a /{outer_length} holds fewer than {count} blocks /{length}")
    first = outer_index << (length - outer_length)
    return [Ref(block.type, block.key, f"ipv6/{length}/{first + i}") for i in range(count)]


def _get_azs(work: "Evaluator", stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
    is_own = tree.kind == "mapping" and getattr(tree.get("Ref"), "scalar", "") == "AWS::Region"
    region = work.region if is_own else work.value(stack, tree)
    if isinstance(region, NoValue) or region in (None, ""):
        region = work.region or "zone"
    if not isinstance(region, str):
        return unknown(told(region))
    # Which zones an account has is not in a template; that they are different ones is.
    return [zone_name(region, index) for index in range(6)]


def zone_name(region: str, index: int) -> str:
    """Return the name of the index-th zone that Fn::GetAZs gives."""
    return f"{region}[{index}]"


def _import(work: "Evaluator", stack: Stack, tree: Tree) -> Any:  # noqa: ANN401
    return work.imported(work.value(stack, tree), tree.line)


def _base64(_work: "Evaluator", _stack: Stack, _tree: Tree) -> Any:  # noqa: ANN401
    return ""  # user data, which says nothing about packets


TABLE: Mapping[str, Function] = {
    "Ref": _ref,
    "Condition": _condition,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::If": _if,
    "Fn::Equals": _equals,
    "Fn::And": _and,
    "Fn::Or": _or,
    "Fn::Not": _not,
    "Fn::FindInMap": _find_in_map,
    "Fn::Cidr": _cidr,
    "Fn::GetAZs": _get_azs,
    "Fn::ImportValue": _import,
    "Fn::Base64": _base64,
}

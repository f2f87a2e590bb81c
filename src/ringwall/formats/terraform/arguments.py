"""Arguments of a planned resource → values, references to other resources, or unknowns by name."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ringwall.formats.cloudformation.values import unknown
from ringwall.formats.terraform.document import Instance, Plan
from ringwall.formats.terraform.forms import FORMS
from ringwall.formats.terraform.references import IDS, Led, References
from ringwall.formats.terraform.wanted import LISTS, WANTED
from ringwall.model.graph import Ref

MAX_NESTING = 40
# Arguments that hold the name of what they mean, which is its id.
BY_NAME = {
    "bucket": "aws_s3_bucket",
    "role": "aws_iam_role",
    "log_group": "aws_cloudwatch_log_group",
}
IPV6_BLOCK = "(ipv6 block)"  # what `names` calls the block that AWS chooses for a VPC
_IPV6_PART = re.compile(
    r"\$\{(?:cidrsubnet\((?P<vpc>aws_vpc\.[\w-]+)\.ipv6_cidr_block, (?P<bits>[1-8]), "
    r"(?P<index>\d{1,3})\)|(?P<whole>aws_vpc\.[\w-]+)\.ipv6_cidr_block)\}"
)
Attribute = Callable[[Instance, str], Ref | None]


@dataclass(slots=True)
class Arguments:
    """The arguments of all resources of a plan.

    `names` gives the reference that stands for an instance's attribute, where one does: its id, or
    what AWS makes together with it.
    """

    plan: Plan
    names: Attribute
    references: References = field(init=False)
    known: dict[str, Ref] = field(default_factory=dict)  # what ids of others stand for
    _by_id: dict[str, tuple[Instance, str]] = field(default_factory=dict)
    _by_name: dict[tuple[str, str], Instance] = field(default_factory=dict)
    _busy: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.references = References(self.plan)
        for instance in self.plan.instances.values():
            if instance.mode == "data" or instance.type not in FORMS:
                continue
            for name in IDS:
                text = instance.values.get(name)
                if not isinstance(text, str) or not text:
                    continue
                if name == "id" and instance.type in BY_NAME.values():
                    self._by_name.setdefault((instance.type, text), instance)
                else:
                    self._by_id.setdefault(text, (instance, name))

    def get(self, instance: Instance, name: str) -> object:
        """Return the value of an argument, None where there is none."""
        expressions = instance.config.get("expressions")
        expression = expressions.get(name) if isinstance(expressions, Mapping) else None
        mask = instance.unknown
        part = mask.get(name, False) if isinstance(mask, Mapping) else mask
        secret = instance.sensitive
        hidden = secret.get(name, False) if isinstance(secret, Mapping) else secret
        value = instance.values.get(name)
        if is_masked(part) and expression is None and instance.config:
            return None  # not asked for: AWS chooses it
        return self._value(Spot(instance, name, name, expression), value, part, hidden)

    def leads(self, instance: Instance, name: str) -> list[Led]:
        """Return what the expression of an argument refers to; nothing where it is not written."""
        if not self.is_written(instance, name):
            return []
        expression = instance.config["expressions"][name]
        return self.references.lead(expression, self.references.scope(instance))

    def is_written(self, instance: Instance, name: str) -> bool:
        """Tell whether the configuration sets an argument; a dynamic block leaves no trace."""
        expressions = instance.config.get("expressions")
        return isinstance(expressions, Mapping) and name in expressions

    def _value(
        self, spot: "Spot", value: object, mask: object, hidden: object, depth: int = 0
    ) -> object:
        if depth > MAX_NESTING:
            return unknown(f"{spot} stands too deep")
        if is_masked(hidden):
            return (
                None if value is None and not is_masked(mask) else unknown(f"{spot} is sensitive")
            )
        if is_masked(mask):
            return self._unknown(spot)
        if isinstance(value, Mapping):
            further = mask if isinstance(mask, Mapping) else {}
            names = dict.fromkeys((*value, *further))
            return {
                name: self._value(
                    spot.member(name),
                    value.get(name),
                    mask.get(name, False) if isinstance(mask, Mapping) else mask,
                    hidden.get(name, False) if isinstance(hidden, Mapping) else False,
                    depth + 1,
                )
                for name in names
            }
        if isinstance(value, list):
            count = len(value)
            if mask == [True] * count and count and spot.leaf in LISTS:
                return self._each_of(spot, count)
            spot.unknowns = Counter(_unknown_leaves(spot.leaf, mask))
            return [
                self._value(
                    spot.item(index, count),
                    item,
                    mask[index] if isinstance(mask, list) and index < len(mask) else False,
                    hidden[index] if isinstance(hidden, list) and index < len(hidden) else False,
                    depth + 1,
                )
                for index, item in enumerate(value)
            ]
        if isinstance(mask, list) and mask and value is None:
            return unknown(f"{spot} is known after apply")
        return self.named(value, spot.leaf, spot.instance.type)

    def named(self, value: object, leaf: str = "", of: str = "") -> object:
        """Return the reference that an id or ARN of the plan's own stands for, or the value.

        `leaf` is the argument and `of` the type that has it: some ids are names.
        """
        if not isinstance(value, str):
            return value
        kind = BY_NAME.get(leaf)
        by_name = self._by_name.get((kind, value)) if kind is not None and kind != of else None
        instance, attribute = self._by_id.get(value, (by_name, "id"))
        found = self.names(instance, attribute) if instance is not None else self.known.get(value)
        return found if found is not None else value

    def _unknown(self, spot: "Spot") -> object:
        """Return what an argument is that is known after apply: a reference, or unknown."""
        expression = spot.expression
        if isinstance(expression, list):
            # Blocks whose number is unknown: those that are written.
            return [self._block(spot.item(i, len(expression))) for i in range(len(expression))]
        if isinstance(expression, Mapping) and not expression.keys() & {
            "references",
            "constant_value",
        }:
            return self._block(spot)
        part = self._part_of_ipv6(spot)
        if part is not None:
            return part
        leads = self.references.lead(expression, self.references.scope(spot.instance))
        many = spot.leaf in LISTS and not spot.in_list
        return self._all(spot, leads) if many else self._one(spot, leads)

    def _part_of_ipv6(self, spot: "Spot") -> Ref | None:
        """Return the part of a VPC's IPv6 block that a template in JSON computes, if it is one."""
        expression = spot.expression
        text = expression.get("constant_value") if isinstance(expression, Mapping) else None
        found = _IPV6_PART.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            return None
        local, bits, index = found["vpc"] or found["whole"], found["bits"], found["index"]
        home = "".join(f"module.{step}." for step in spot.instance.path)
        vpc = self.plan.instances.get(f"{home}{local}")
        ref = self.names(vpc, IPV6_BLOCK) if vpc is not None else None
        if ref is None:
            return None
        return Ref(ref.type, ref.key, f"ipv6/{56 + int(bits)}/{index}" if bits else "ipv6/56/0")

    def _block(self, spot: "Spot") -> object:
        expression = spot.expression
        if not isinstance(expression, Mapping):
            return unknown(f"{spot} is known after apply")
        if "references" in expression:
            return self._unknown(spot)
        if "constant_value" in expression:
            return self.named(expression["constant_value"], spot.leaf, spot.instance.type)
        return {name: self._block_member(spot.member(name)) for name in expression}

    def _block_member(self, spot: "Spot") -> object:
        expression = spot.expression
        if isinstance(expression, list):
            return [self._block(spot.item(i, len(expression))) for i in range(len(expression))]
        return self._block(spot)

    def _one(self, spot: "Spot", leads: Sequence[Led]) -> Ref:
        found = list(self._candidates(spot, leads))
        unique = list(dict.fromkeys(ref for ref, _ in found))
        if len(unique) == 1 and len(found) >= spot.beside:
            return unique[0]
        if len(unique) > 1 and any(led.choice for led in leads):
            chosen = self._chosen(spot, leads)
            if chosen is not None:
                return chosen
        return self._ambiguous(spot, leads, unique)

    def _each_of(self, spot: "Spot", count: int) -> list[Any]:
        """Return a list of so many elements, each known after apply."""
        leads = self.references.lead(spot.expression, self.references.scope(spot.instance))
        found = [ref for ref, _ in self._candidates(spot, leads)]
        if len(found) == count:
            return found
        return [self._one(spot.item(index, count), leads) for index in range(count)]

    def _all(self, spot: "Spot", leads: Sequence[Led]) -> object:
        """Return a list whose elements are known after apply, all of them or none."""
        found = list(self._candidates(spot, leads))
        unique = list(dict.fromkeys(ref for ref, _ in found))
        if spot.beside > 1 and (len(unique) > 1 or len(found) < spot.beside):
            return [self._ambiguous(spot, leads, unique)]
        constants = [led.constant for led in leads if led.constant is not None]
        texts = [
            text for value in constants for text in (value if isinstance(value, list) else [value])
        ]
        is_sure = not any(led.hidden or led.choice for led in leads) and all(
            isinstance(text, str) and "-" in text for text in texts
        )
        if unique and is_sure:
            return [*unique, *(self.named(text) for text in texts)]
        return [self._ambiguous(spot, leads, unique)]

    def _ambiguous(self, spot: "Spot", leads: Sequence[Led], unique: Sequence[Ref]) -> Ref:
        if len(unique) > 1:
            names = ", ".join(str(ref) for ref in unique[:3])
            return unknown(f"{spot} is one of {names}{', …' if len(unique) > 3 else ''}")
        why = next((led.hidden for led in leads if led.hidden), "")
        return unknown(f"{spot} is known after apply" + (f": {why}" if why else ""))

    def _candidates(self, spot: "Spot", leads: Sequence[Led]) -> Iterable[tuple[Ref, Instance]]:
        """Yield the ids of the wanted type that references lead to, each as often as named."""
        wanted = WANTED.get(spot.leaf)
        for led in leads:
            for instance in _counted(led):
                ref = self._attribute(instance, led, wanted)
                if ref is not None:
                    yield ref, instance
            if led.local is not None:
                own = [
                    (ref, instance)
                    for instance in self.references.of_module(led.local)
                    if wanted is not None
                    and instance.type in wanted
                    and instance.mode != "data"
                    and (ref := self.names(instance, "id")) is not None
                ]
                yield from own

    def _attribute(self, instance: Instance, led: Led, wanted: frozenset[str] | None) -> Ref | None:
        path = [step for step in led.path if not step.startswith("[")]
        name = path[0] if path else "id"
        if len(path) > 1:
            inner = self.names(instance, dotted(led.path))
            if inner is not None:
                return inner
        if instance.mode == "data":
            value = instance.values.get(name)
            return value if isinstance(value, Ref) else None
        if name in IDS:
            fits = wanted is None or instance.type in wanted
            return self.names(instance, name) if fits else None
        ref = self.names(instance, name)
        if ref is not None:
            return ref
        at = (instance.address, name)
        if at in self._busy or name not in WANTED:
            return None
        self._busy.add(at)
        try:
            found = self.get(instance, name)
        finally:
            self._busy.discard(at)
        return found if isinstance(found, Ref) and found.type != unknown("").type else None

    def _chosen(self, spot: "Spot", leads: Sequence[Led]) -> Ref | None:
        """Return the candidate with the resource's own index, where that is what is meant."""
        bearing = [led for led in leads if led.instances]
        if len(bearing) != 1 or any(led.hidden for led in leads):
            return None
        led = bearing[0]
        index = spot.instance.index
        if index is None or any(step.startswith("[") for step in led.path):
            return None
        same = [instance for instance in led.instances if instance.index == index]
        others = [led for led in leads if led.constant is not None]
        if len(same) != 1 or (others and not self._is_alike(spot.instance, led.instances)):
            return None
        return self._attribute(same[0], led, WANTED.get(spot.leaf))

    def _is_alike(self, instance: Instance, others: Iterable[Instance]) -> bool:
        own = self.references.of_module(instance.path)
        mine = {i.index for i in own if i.local == instance.local}
        return mine == {other.index for other in others}


@dataclass(slots=True)
class Spot:
    """A place inside a resource's arguments: what it is called, and its expression."""

    instance: Instance
    leaf: str
    path: str
    expression: Any
    in_list: bool = False
    unknowns: Counter[str] = field(default_factory=Counter)  # inside a list, by their names
    beside: int = 0  # how many unknowns of this name share the expression's references

    def member(self, name: str) -> "Spot":
        """Return the place of a member of an object."""
        inner = self.expression
        if isinstance(inner, Mapping) and not inner.keys() & {"references", "constant_value"}:
            inner = inner.get(name)
        return Spot(
            self.instance,
            name,
            f"{self.path}.{name}",
            inner,
            unknowns=self.unknowns,
            beside=self.unknowns[name],
        )

    def item(self, index: int, count: int) -> "Spot":
        """Return the place of an item of a list."""
        inner, unknowns = self.expression, self.unknowns
        if isinstance(inner, list):
            inner = inner[index] if len(inner) == count else None
            unknowns = Counter()
        return Spot(
            self.instance,
            self.leaf,
            f"{self.path}[{index}]",
            inner,
            in_list=True,
            unknowns=unknowns,
            beside=unknowns[self.leaf],
        )

    def __str__(self) -> str:
        return f"{self.path} of {self.instance}"


def dotted(path: Sequence[str]) -> str:
    """Return steps as they stand in a reference: `dns_entry[0].dns_name`."""
    return ".".join(path).replace(".[", "[")


def _counted(led: Led) -> Sequence[Instance]:
    """Return the instances that a reference means; `[0]` of what a splat gave is one of them."""
    step = next((s for s in led.path if s.startswith("[")), "")
    inner = step[1:-1]
    is_first = bool(led.path) and led.path[0] == step
    if is_first and inner.isdecimal() and len(inner) < 10 and len(led.instances) > 1:
        by_count = all(isinstance(i.index, int) for i in led.instances)
        chosen = led.instances[int(inner) : int(inner) + 1]
        return chosen if by_count else led.instances
    return led.instances


def is_masked(mask: object) -> bool:
    """Tell whether a mask hides a whole value; what is no mask of Terraform's does."""
    return mask is not False and mask is not None and not isinstance(mask, (Mapping, list))


def _unknown_leaves(name: str, mask: object) -> Iterator[str]:
    """Yield the name of each unknown below a place."""
    if is_masked(mask):
        yield name
    elif isinstance(mask, Mapping):
        for inner, part in mask.items():
            yield from _unknown_leaves(inner, part)
    elif isinstance(mask, list):
        for part in mask:
            yield from _unknown_leaves(name, part)

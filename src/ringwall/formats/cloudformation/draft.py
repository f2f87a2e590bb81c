"""Resources as written into nodes in normal form; what is unknown of them, by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ringwall.formats.cloudformation.attributes import CIDR_BLOCK, NORMAL_TYPES
from ringwall.formats.cloudformation.evaluate import Evaluator
from ringwall.formats.cloudformation.kinds import (
    DROPPED,
    LISTS,
    NEUTRAL,
    NUMBERS,
    REFERENCES,
    REQUIRED,
    SWITCHES,
    TEXTS,
    TOLERATED,
    is_beside_packets,
)
from ringwall.formats.cloudformation.stacks import Resource
from ringwall.formats.cloudformation.values import (
    NO_VALUE,
    Fault,
    identified,
    is_unknown,
    reasons,
    told,
    unknown,
)
from ringwall.model.graph import Node, Origin, Ref, Unknown
from ringwall.resources import registry
from ringwall.resources.identifiers import reference
from ringwall.resources.ownership import from_tag_list
from ringwall.resources.route import DESTINATIONS

# The engines take no block of AWS's choosing there.
TRANSIT_DESTINATION = ("AWS::EC2::TransitGatewayRoute", "DestinationCidrBlock")
OF_AWS = "aws:"  # AWS's own lists are named, as their ids differ between regions
Properties = dict[str, Any]


@dataclass(slots=True)
class Draft:
    """A graph in the making."""

    work: Evaluator
    nodes: dict[tuple[str, str], Node] = field(default_factory=dict)
    unknowns: dict[Unknown, None] = field(default_factory=dict)
    faulty: set[Resource] = field(default_factory=set)  # what they lack is told already
    # Attachments (by key) that a Transit Gateway's default table leaves alone: their
    # "association", their "propagation".
    apart: set[tuple[str, str]] = field(default_factory=set)
    # The key that a node has by its place, by type and the resource's own key.
    keyed: dict[tuple[str, str], str] = field(default_factory=dict)

    def lose(self, what: str, *why: str) -> None:
        """Note what is not known, so that answers say so."""
        self.unknowns.setdefault(Unknown(what, ", ".join(dict.fromkeys(why))))

    def fault(self, resource: Resource, line: int, what: str) -> None:
        """Note a fault of a resource."""
        self.faulty.add(resource)
        self.work.faults.add(resource.stack.file, line, what, address=resource.address)

    def properties(self, resource: Resource) -> Properties:
        """Return the properties of a resource, worked out and tidied, each by itself."""
        known = len(self.work.faults)
        found: Properties = {}
        tree = resource.properties
        if any(name.startswith("Fn::") or name == "Ref" for name in tree.entries):
            value = self.work.safely(resource.stack, tree)
            found = dict(value) if isinstance(value, Mapping) else {}
            for why in reasons(value):
                self.lose(f"{resource.type.rsplit('::', 1)[-1]} {resource.key}", why)
                self.faulty.add(resource)
        else:
            for name, part in tree.entries.items():
                value = self.work.safely(resource.stack, part)
                if value is not NO_VALUE:
                    found[name] = value
        if len(self.work.faults) > known:
            self.faulty.add(resource)
        return self.tidied(resource, found, tree.line)

    def tidied(self, resource: Resource, found: Mapping[str, Any], line: int) -> Properties:
        """Return properties with references, numbers and switches as what they are."""
        try:
            return dict(tidy(identified(found)))
        except Fault as fault:
            self.fault(resource, line, f"resource '{resource.logical_id}': {fault.what}")
            return {}

    def replace(self, node: Node, **changes: Any) -> None:  # noqa: ANN401
        """Put a changed node in the place of the old one."""
        self.nodes[node.type, node.key] = replace(node, **changes)

    def tags(self, resource: Resource) -> Mapping[str, str]:
        """Return the tags; those that cannot be computed are left out."""
        for name in ("Tags", "HostedZoneTags"):
            tree = resource.properties.get(name)
            if tree is None:
                continue
            found = self.work.safely(resource.stack, tree)
            if isinstance(found, Mapping):
                return {str(k): str(v) for k, v in found.items() if isinstance(v, (str, int))}
            pairs = [
                item
                for item in (found if isinstance(found, list) else ())
                if isinstance(item, Mapping) and isinstance(item.get("Value"), (str, int))
            ]
            return from_tag_list(pairs)
        return {}

    def known(self, resource: Resource, kind: str, properties: Properties) -> Properties:
        """Return the properties without those that cannot be computed and matter; these are lost.

        Notes a fault for each that is required and not written.
        """
        if is_beside_packets(kind):
            kept = properties
        else:
            kept = {}
            for name, value in properties.items():
                why = list(reasons(value))
                if (kind, name) == TRANSIT_DESTINATION and isinstance(value, Ref) and not why:
                    why = [told(value)]
                if why and name not in NEUTRAL and (kind, name) not in TOLERATED:
                    self.lose(f"{kind.rsplit('::', 1)[-1]} {resource.key}", f"{name}: {why[0]}")
                else:
                    kept[name] = value
        if kind == "AWS::EC2::Route" and "GatewayId" in properties:
            # Whether a subnet is public hangs on such a route alone.
            why = [w for name in (*DESTINATIONS, "GatewayId") for w in reasons(kept.get(name))]
            if why:
                self.lose(f"Route {resource.key}", *why)
        for name in REQUIRED.get(kind, ()):
            if name not in properties and resource not in self.faulty:
                what = f"resource '{resource.logical_id}' ({kind}) lacks {name}"
                self.fault(resource, resource.line, what)
        return kept

    def add(
        self,
        resource: Resource,
        kind: str,
        properties: Properties,
        *,
        key: str = "",
        observed: Mapping[str, Any] | None = None,
        line: int = 0,
        tagged: bool = True,
    ) -> Node | None:
        """Add a node, in normal form; of two with one key the first stays."""
        known = self.known(resource, kind, properties)
        if any(name not in known for name in REQUIRED.get(kind, ())):
            return None  # told by name
        try:
            node = self._node(resource, kind, known, key, line)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            if is_beside_packets(kind):
                return None  # whatever it is, no packet's way hangs on it
            what = f"resource '{resource.logical_id}' ({kind}) cannot be understood: {_why(error)}"
            self.fault(resource, line or resource.line, what)
            return None
        if tagged:
            node = replace(node, tags=self.tags(resource))
        if observed:
            node = replace(node, observed=dict(observed))
        retained = resource.tree.get("DeletionPolicy")
        if tagged and retained is not None and retained.scalar == "Retain":
            node = replace(node, protect=True)
        if node.key != (key or resource.key):
            self.keyed[node.type, key or resource.key] = node.key
        return self.nodes.setdefault((node.type, node.key), node)

    def _node(
        self, resource: Resource, kind: str, properties: Properties, key: str, line: int
    ) -> Node:
        known_type = registry().get(kind)
        if known_type is not None:
            is_vpc = kind == "AWS::EC2::VPC" and "CidrBlock" not in properties
            if not is_vpc:
                properties = known_type.normalise(properties)
            if known_type.key is not None:
                key = known_type.key(properties)
        return Node(
            kind,
            key or resource.key,
            resource.account or self.work.account,
            resource.region or self.work.region,
            properties,
            origin=Origin(resource.stack.file, line or resource.line, address=resource.address),
        )


def normal_type(resource: Resource) -> str:
    """Return the type that the graph knows a resource by."""
    return NORMAL_TYPES.get(resource.type, resource.type)


def _why(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    text = " ".join(str(error).split())
    return text if len(text) <= 120 else text[:117] + "..."


def tidy(value: Any) -> Any:  # noqa: ANN401
    """Return properties with numbers, switches, lists and references as what they are."""
    if isinstance(value, list):
        return [tidy(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: _tidied(name, tidy(item))
        for name, item in value.items()
        if name not in DROPPED and item is not None
    }


def _tidied(name: str, value: Any) -> Any:  # noqa: ANN401
    if name in TEXTS and not isinstance(value, (str, Ref)):
        raise Fault(0, f"{name} is a text, not {_shown(value)}")
    if name in TEXTS and isinstance(value, Ref) and value.type != CIDR_BLOCK:
        return value if is_unknown(value) else unknown(told(value))
    if name in SWITCHES and isinstance(value, str):
        if value.lower() not in {"true", "false"}:
            raise Fault(0, f"{name} is true or false, not {value[:40]!r}")
        return value.lower() == "true"
    if name in NUMBERS and isinstance(value, str):
        return _number(name, value)
    if name in LISTS and not isinstance(value, list):
        value = [value]
    if name in LISTS:
        return [_reference(name, item) for item in value]
    if name in REFERENCES:
        return _reference(name, value)
    if name == "FirewallDomainListId" and isinstance(value, str) and value.startswith(OF_AWS):
        return Ref("AWS::Route53Resolver::FirewallDomainList", value)
    return value


def _number(name: str, value: str) -> int | str:
    text = value.strip()
    if not text.removeprefix("-").isdecimal() or len(text) > 12:
        raise Fault(0, f"{name} is a number, not {value[:40]!r}")
    return int(text)


def _reference(name: str, value: Any) -> Ref:  # noqa: ANN401
    found = value
    if isinstance(value, str):
        is_named = value.startswith(OF_AWS)
        found = Ref("AWS::EC2::PrefixList", value) if is_named else reference(value)
    if not isinstance(found, Ref):
        raise Fault(0, f"{name} names no resource by its id: {_shown(value)}")
    if not is_unknown(found) and found.type not in REFERENCES[name]:
        raise Fault(0, f"{name} names {found}")
    return found


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."

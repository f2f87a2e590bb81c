"""The nodes of one compilation, each in normal form with its tags, as they are added."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ringwall.errors import Problem
from ringwall.model.arns import partition_of
from ringwall.model.graph import Node, Origin, Ref, ResourceGraph
from ringwall.resources import resource_type
from ringwall.resources.ownership import (
    NAME_TAG,
    PROTECT_TAG,
    REGION_TAG,
    name_tag,
    ownership_tags,
)

# Types whose key has a tier's or a group's name as its second part.
_SECOND_PART = frozenset(
    {
        "AWS::EC2::Subnet",
        "AWS::EC2::RouteTable",
        "AWS::EC2::NetworkAcl",
        "AWS::EC2::SecurityGroup",
    }
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a VPC, tier or group of the blueprint says of all that is in it."""

    tags: Mapping[str, str] = field(default_factory=dict)
    was: tuple[str, ...] = ()
    protect: bool = False


@dataclass(slots=True)
class Draft:
    """A graph in the making; `scopes` are those of `vpc`, `vpc/tier` and `vpc/group`."""

    deployment: str
    account: str
    region: str
    tags: Mapping[str, str]
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    nodes: dict[tuple[str, str], Node] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def partition(self) -> str:
        """Return the partition of the region, the second part of every ARN."""
        return partition_of(self.region)

    def name(self, *parts: str) -> str:
        """Return a name that AWS shows: the deployment and the parts, joined by hyphens."""
        return "-".join((self.deployment, *parts))

    def arn(self, service: str, resource: str, *, region: bool = True) -> str:
        """Return an ARN of this account; `*` stands for an account that is not named."""
        where = self.region if region else ""
        return f"arn:{self.partition}:{service}:{where}:{self.account or '*'}:{resource}"

    def add(
        self,
        type_name: str,
        key: str,
        properties: Mapping[str, Any],
        origin: Origin | None,
        *,
        own: Scope | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> Ref:
        """Add a node that bears tags, further `tags` among them, and refer to it.

        `own` is the scope of what stands in no VPC; else the key's parts name the scopes.
        """
        scope = own or self._scope(type_name, key)
        ec2 = type_name.startswith("AWS::EC2::")
        name = {NAME_TAG: name_tag(self.deployment, key)} if ec2 else {}
        where = {REGION_TAG: self.region} if resource_type(type_name).worldwide else {}
        self._put(
            Node(
                type_name,
                key,
                self.account,
                self.region,
                _normal(type_name, properties),
                origin=origin,
                tags={
                    **name,
                    **self.tags,
                    **scope.tags,
                    **(tags or {}),
                    **({PROTECT_TAG: "true"} if scope.protect else {}),
                    **ownership_tags(self.deployment, key),
                    **where,
                },
                protect=scope.protect,
                was=scope.was,
            )
        )
        return Ref(type_name, key)

    def add_child(
        self, type_name: str, properties: Mapping[str, Any], origin: Origin | None
    ) -> None:
        """Add a node that belongs to its parent and bears no tags; its type's file has its key.

        The first of a key stays.
        """
        normal = _normal(type_name, properties)
        make_key = resource_type(type_name).key
        assert make_key is not None
        key = make_key(normal)
        if (type_name, key) not in self.nodes:
            self.nodes[type_name, key] = Node(
                type_name, key, self.account, self.region, normal, origin=origin
            )

    def refuse(self, code: str, message: str, origin: Origin | None, hint: str = "") -> None:
        """Note a problem of the blueprint at a place."""
        line, column = (origin.line, origin.column) if origin else (1, 1)
        self.problems.append(Problem(code, message, line, column, hint=hint))

    def graph(self) -> ResourceGraph:
        """Return what was added."""
        return ResourceGraph(self.nodes)

    def _put(self, node: Node) -> None:
        if (node.type, node.key) in self.nodes:
            msg = f"two nodes are called {node.type} {node.key!r}"
            raise ValueError(msg)
        self.nodes[node.type, node.key] = node

    def _scope(self, type_name: str, key: str) -> Scope:
        """Return what the VPC, and the tier or group, of a key say; former keys in full."""
        first, slash, rest = key.partition("/")
        second, deeper, tail = rest.partition("/")
        outer = self.scopes.get(first, _NOTHING)
        inner = _NOTHING
        if type_name in _SECOND_PART:
            inner = self.scopes.get(f"{first}/{second}", _NOTHING)
        if not (outer.was or inner.was):
            return Scope(outer.tags, (), outer.protect or inner.protect)
        keys = (
            f"{vpc}{slash}{part}{deeper}{tail}"
            for vpc in (first, *outer.was)
            for part in (second, *inner.was)
        )
        was = tuple(old for old in keys if old != key)
        return Scope(outer.tags, was, outer.protect or inner.protect)


_NOTHING = Scope()


def _normal(type_name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    present = {name: value for name, value in properties.items() if value is not None}
    return resource_type(type_name).normalise(present)

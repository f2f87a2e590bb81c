"""A load balancer's web ACL as a layer: the IP set whose addresses its first rules block.

Rules:
- It counts only if every way of the offender to what is there ends at application load balancers
  with such a rule, and nothing else there sends to it; and if no rule before lets requests pass:
  rules are asked by priority, and the first that allows or blocks ends it (AWS WAF developer guide,
  "setting rule priority").
- It judges requests: connections are still opened to the load balancer. That is no proof over
  packets, and is told so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ringwall.model.grants import Grant, regional
from ringwall.model.graph import Node
from ringwall.playbooks.cutting import Cut
from ringwall.playbooks.measures import Measure, Reading, Request
from ringwall.playbooks.parties import physical
from ringwall.reach.blocks import Block, to_block
from ringwall.reach.end import End
from ringwall.reach.engine import Engine
from ringwall.reach.reading_services import Balancer
from ringwall.reach.values import Values
from ringwall.reach.ways import Kind
from ringwall.resources.ownership import OURS

GRANTS: Final = (
    Grant(("wafv2:GetIPSet", "wafv2:UpdateIPSet"), regional("wafv2", "regional/ipset/*"), (OURS,)),
)
_ACL: Final = "AWS::WAFv2::WebACL"
_SET: Final = "AWS::WAFv2::IPSet"
_ASSOCIATION: Final = "AWS::WAFv2::WebACLAssociation"
_BY_SET: Final = "IPSetReferenceStatement"
_GONE: Final = ("WAFNonexistentItemException",)
_FASTER: Final = ("WAFOptimisticLockException",)
# What may come to bear a group; what bears one now is an end of its own.
_MAY_BE: Final = frozenset({Kind.GROUP, Kind.SUBNET})


@dataclass(frozen=True, slots=True)
class Layer:
    """IP sets that stop an offender's requests, or why they do not.

    `idle` are groups, in words, that would be open to it too, and that nothing else bears now.
    """

    sets: tuple[Node, ...]
    why: str
    idle: tuple[str, ...] = ()


NO_REQUESTS: Final = Layer((), "it judges requests, and this is about what is sent")


def layer(engine: Engine, made: Iterable[Cut]) -> Layer:
    """Return the IP sets that stop all that a cut found open, none where packets must be cut."""
    values, sets, idle = engine.network.values, dict[str, Node](), dict[str, None]()
    for each in made:
        balancers = dict[str, Balancer]()
        for near, sends in _inside(each):
            balancer = engine.network.services.balancers.get(near.balancer)
            if near.kind in _MAY_BE and not sends:
                idle[str(near)] = None
            elif near.kind is not Kind.BALANCER or balancer is None:
                return Layer((), f"{near} is no load balancer")
            elif balancer.kind != "application":
                return Layer((), f"{near} is no application load balancer")
            else:
                balancers[balancer.key] = balancer
        if idle and not balancers:
            return Layer((), f"{next(iter(idle))} is no load balancer")
        for balancer in balancers.values():
            found = _set_of(values, balancer.node, each.block)
            if isinstance(found, str):
                return Layer((), found)
            sets[found.key] = found
    if not sets:
        return Layer((), "nothing of it passes")
    why = "all of its ways end at load balancers with a web ACL"
    return Layer(tuple(sets.values()), why, tuple(idle))


def _inside(made: Cut) -> Iterator[tuple[End, bool]]:
    """Yield the ends inside of what a cut found open, and whether it is what they send."""
    for source, destination in made.open:
        comes_in = source.kind is Kind.INTERNET
        yield (destination, False) if comes_in else (source, True)


def _set_of(values: Values, balancer: Node, block: Block) -> Node | str:
    """Return the IP set of a family that a balancer's web ACL blocks, or why there is none."""
    title = balancer.properties.get("Name") or balancer.key
    linked = [
        node
        for node in values.of_type(_ASSOCIATION)
        if values.key(node.properties.get("ResourceArn")) == balancer.key
    ]
    acl = values.node(_ACL, linked[0].properties.get("WebACLArn")) if linked else None
    if acl is None:
        return f"{title} has no web ACL"
    rules = sorted(acl.properties.get("Rules") or (), key=lambda rule: int(rule["Priority"]))
    for rule in rules:
        found = _blocked_set(values, rule)
        if found is not None and _is_of(found, block):
            return found
        if _may_allow(rule):
            name = rule.get("Name")
            return f"rule {name!r} of the web ACL of {title} may let requests pass before"
    return f"the web ACL of {title} blocks no IP set of IPv{block.version}"


def _blocked_set(values: Values, rule: Mapping[str, Any]) -> Node | None:
    statement = (rule.get("Statement") or {}).get(_BY_SET) or {}
    # By a header the set would hold what clients say, not who they are.
    if "Block" not in (rule.get("Action") or {}) or "IPSetForwardedIPConfig" in statement:
        return None
    return values.node(_SET, statement.get("Arn"))


def _is_of(found: Node, block: Block) -> bool:
    return bool(found.properties.get("IPAddressVersion") == f"IPV{block.version}")


def _may_allow(rule: Mapping[str, Any]) -> bool:
    """Tell whether a rule may end the judgement with a pass; AWS's managed groups never do."""
    if "Allow" in (rule.get("Action") or {}):
        return True
    return "RuleGroupReferenceStatement" in (rule.get("Statement") or {})


def blocked(found: Layer, blocks: Iterable[Block]) -> Iterator[Measure]:
    """Yield the measures that put blocks into the IP sets of their families.

    What is in a set already is left to whoever put it there, and stays when this is taken back.
    """
    every = tuple(blocks)
    for node in found.sets:
        there = _listed(node)
        mine = tuple(str(b) for b in every if _is_of(node, b) and str(b) not in there)
        if mine:
            yield _with(node, mine)


def holds(found: Layer, block: Block) -> bool:
    """Tell whether a block is in all IP sets of its family, of which there is one or more."""
    mine = [node for node in found.sets if _is_of(node, block)]
    return bool(mine) and all(str(block) in _listed(node) for node in mine)


def _listed(node: Node) -> frozenset[str]:
    return frozenset(map(str, node.properties.get("Addresses") or ()))


def _with(node: Node, added: tuple[str, ...]) -> Measure:
    name = {"Name": node.properties["Name"], "Scope": "REGIONAL", "Id": node.observed.get("Id")}

    def change(add: tuple[str, ...] = (), drop: tuple[str, ...] = ()) -> Request:
        parts = ("wafv2", "get_ip_set", name)
        addresses = Reading(*parts, "IPSet.Addresses", add, drop)
        request = {**name, "Addresses": addresses, "LockToken": Reading(*parts, "LockToken")}
        return Request("wafv2", "update_ip_set", request, _GONE if drop else (), _FASTER)

    texts = ", ".join(added)
    return Measure(
        f"put {texts} into IP set {node.properties['Name']}",
        physical(node),
        (change(add=added),),
        (change(drop=added),),
    )


def lacking(values: Values, sets: Iterable[str], blocks: Iterable[str]) -> tuple[str, ...]:
    """Return which blocks are missing in IP sets of their family, or have none."""
    nodes = [node for own in sets if (node := values.node(_SET, own)) is not None]
    found: list[str] = []
    for text in blocks:
        mine = [node for node in nodes if _is_of(node, to_block(text))]
        found += [f"{text} is not in IP set {n.key}" for n in mine if text not in _listed(n)]
        found += [] if mine else [f"{text} is in no IP set"]
    return tuple(found)

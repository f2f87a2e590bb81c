"""What the file of a resource type says: how it is listed, read, keyed, written and deleted.

Rules:
- A reader yields nodes whose key is the physical id and whose Refs name physical ids; `assemble`
  gives them the keys of our tags.
- A writer's request holds `Ref`s for everything that may not exist yet, `node.ref` for itself.
- The difference of two nodes is the difference of their `properties`, which both sides bring into
  the same normal form.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Address, Node, ResourceGraph
from ringwall.model.plan import Exposure

Item = Mapping[str, Any]  # one object as `describe` reports it


@dataclass(frozen=True, slots=True)
class Listing:
    """One paginated call that lists objects in bulk.

    `items` is the JMESPath of the list in each page. `scoped` request members may hold the text
    `{deployment}`, which the shell fills in (an IAM path, a log group prefix).
    """

    service: str
    operation: str
    items: str
    request: Mapping[str, Any] = field(default_factory=dict)
    variant: str = ""  # tells apart two listings of one operation

    @property
    def name(self) -> str:
        """Return `service:operation` (and variant), under which `Reads` keeps the items."""
        suffix = f":{self.variant}" if self.variant else ""
        return f"{self.service}:{self.operation}{suffix}"


@dataclass(frozen=True, slots=True)
class Detail:
    """A call that AWS forces once per listed object.

    `of` is the name of the listing, or of a detail that lists objects; `request` makes the request
    from an item, `item_id` names the item in `Reads.details`, `wanted` tells for which items the
    call is made, given the item and the deployment's name. `items` is the JMESPath of what is kept
    of the (paginated) answer.
    An error that says that there is none is no failure: nothing is kept.
    `whole`: surveys ask it of every object, not of ours alone, for it says where packets go on.
    """

    service: str
    operation: str
    of: str
    item_id: Callable[[Item], str]
    request: Callable[[Item], Mapping[str, Any]]
    items: str = "@"
    wanted: Callable[[Item, str], bool] = lambda _item, _deployment: True
    variant: str = ""  # tells apart two details of one operation
    whole: bool = False

    @property
    def name(self) -> str:
        """Return `service:operation` (and variant), under which `Reads` keeps the answers."""
        suffix = f":{self.variant}" if self.variant else ""
        return f"{self.service}:{self.operation}{suffix}"


@dataclass(frozen=True, slots=True)
class Reads:
    """Everything read of one account and region.

    `listings[name]` are the items of a listing; `details[name][item id]` is what a detail call
    kept; `refused[name]` is the error code of a call that AWS refused. `deployment` is the one
    whose objects alone were looked at by `whole` details, "" if all were.
    """

    account: str
    region: str
    listings: Mapping[str, Sequence[Item]] = field(default_factory=dict)
    details: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    deployment: str = ""

    def items(self, listing: Listing) -> Sequence[Item]:
        """Return the items of a listing, none if it was not read."""
        return self.listings.get(listing.name, ())

    def detail(self, detail: Detail, item_id: str) -> Any:  # noqa: ANN401  (JSON of any shape)
        """Return what a detail call said of an item, or None if it was not asked."""
        return self.details.get(detail.name, {}).get(item_id)

    def objects(self, name: str) -> Iterator[Item]:
        """Yield the objects of a listing, or of all answers of a detail that lists objects."""
        yield from self.listings.get(name, ())
        for answer in self.details.get(name, {}).values():
            yield from answer if isinstance(answer, (list, tuple)) else ()

    def asked_of(self, detail: Detail, deployment: str = "") -> Iterator[Item]:
        """Yield the objects of which a detail is asked."""
        return (item for item in self.objects(detail.of) if detail.wanted(item, deployment))

    def was_read(self, *listings: Listing) -> bool:
        """Tell whether all of these listings were answered."""
        return all(listing.name in self.listings for listing in listings)


def _no_calls(_node: Node) -> tuple[Call, ...]:
    return ()


def _no_update(_before: Node, _after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    return ()


def _no_dependencies(_node: Node, _graph: ResourceGraph) -> Iterable[Address]:
    return ()


def _neutral(_before: Node | None, _after: Node | None) -> Exposure:
    return Exposure.NEUTRAL


def _identity(properties: Mapping[str, Any]) -> dict[str, Any]:
    return dict(properties)


def _always(_reads: Reads) -> bool:
    return True


def _never_read(_reads: Reads) -> Iterable[Node]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """One AWS resource type; each file in this package defines one as `RESOURCE`.

    name         CloudFormation's name, or `Ringwall::…` where it has none.
    listings     bulk calls whose items `read` looks at; types may share a listing.
    details      calls per object, published in the reference.
    survey       no blueprint can ask for it: surveys (snapshots, questions about `aws`) read it;
                 plan, apply and drift neither make its calls nor need their permissions.
    watched      of a survey's type: plan, apply and drift read it all the same, for it may carry
                 packets past what a blueprint says. A refusal makes answers UNKNOWN, no more.
    surveyed     further listings of which only surveys ask, of a type that everything reads.
    possible     of a survey's type whose calls were not answered: whether what else was read leaves
                 room for one that says which packets pass.
    read         yields nodes in normal form; keys and Refs are physical ids.
    key          for what bears no tags: the key, from properties whose Refs already bear our keys.
    parent       the property whose Ref is the parent: in a parent of ours the set is exclusive.
    foreign      an observed node that is no part of its parent: nothing of ours asks for such.
    implicit     an observed node that AWS made by itself and that is never ours to delete
                 (a local route, the 32767 entry, an endpoint's route).
    normalise    brings properties into the normal form: defaults, order, canonical CIDRs.
    create       calls that make it; the first `extract`s its attributes.
    update       calls that bring `before` (observed) to `after`; `changed` names the properties.
    delete       calls that remove an observed node.
    tag          calls that set tags on an existing object; None if it bears no tags.
    replace      properties whose change forces a replacement.
    initial      properties that AWS takes at creation alone and that name nothing (a group's name):
                 a difference in them is no drift, for ownership goes by tags.
    others       properties that others fill (registered targets, a responder's addresses): read and
                 listed, never written, and a difference in them is no drift.
    dies_with_parent  deleting the parent deletes it too, so that it needs no call of its own.
    overlap      tells whether a replacement can be created before the old one is deleted.
    worldwide    AWS has it once for all regions: it bears our region's tag, and `read` yields none
                 of another region's.
    restore      the type always exists (a default group, a switch): deleting is an update back to
                 AWS's default, which `delete` names.
    depends      further nodes that must exist before it, and outlive it.
    exposure     what a change can do to what is reachable.
    permissions  IAM actions that the calls need beyond their own, by plan|apply|destroy.
    price        key in the price table, or "".
    """

    name: str
    listings: tuple[Listing, ...] = ()
    details: tuple[Detail, ...] = ()
    survey: bool = False
    watched: bool = False
    surveyed: tuple[Listing, ...] = ()
    possible: Callable[[Reads], bool] = _always
    read: Callable[[Reads], Iterable[Node]] = _never_read
    key: Callable[[Mapping[str, Any]], str] | None = None
    parent: str = ""
    foreign: Callable[[Node], bool] = lambda _node: False
    implicit: Callable[[Node], bool] = lambda _node: False
    normalise: Callable[[Mapping[str, Any]], dict[str, Any]] = _identity
    create: Callable[[Node], tuple[Call, ...]] = _no_calls
    update: Callable[[Node, Node, frozenset[str]], tuple[Call, ...]] = _no_update
    delete: Callable[[Node], tuple[Call, ...]] = _no_calls
    tag: Callable[[Node, Mapping[str, str]], tuple[Call, ...]] | None = None
    replace: frozenset[str] = frozenset()
    initial: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    dies_with_parent: Callable[[Node], bool] = lambda _node: False
    overlap: Callable[[Node, Node], bool] = lambda _before, _after: False
    worldwide: bool = False
    restore: bool = False
    depends: Callable[[Node, ResourceGraph], Iterable[Address]] = _no_dependencies
    exposure: Callable[[Node | None, Node | None], Exposure] = _neutral
    permissions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    price: Callable[[Node], tuple[str, int]] | None = None


def both(_before: Node | None, _after: Node | None) -> Exposure:
    """Tell the exposure of a type any change of which allows one thing and forbids another."""
    return Exposure.BOTH


def closes(before: Node | None, after: Node | None) -> Exposure:
    """Tell the exposure of a type whose presence forbids traffic: a blackhole, a filter."""
    if before is None:
        return Exposure.CLOSES
    return Exposure.OPENS if after is None else Exposure.BOTH


def opens(before: Node | None, after: Node | None) -> Exposure:
    """Tell the exposure of a type whose presence allows traffic: a rule, a route."""
    if before is None:
        return Exposure.OPENS
    return Exposure.CLOSES if after is None else Exposure.BOTH

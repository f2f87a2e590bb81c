"""What every engine does: answer bound queries over a store's relations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlglot import exp

from ringwall.detections.detection import Row, Setting
from ringwall.shell.engines.queries import relation_query
from ringwall.shell.engines.store import Extent
from ringwall.traffic.columns import Columns
from ringwall.traffic.ranges import NOT_INTERNET
from ringwall.traffic.view import KNOWN_PORTS

EVER = Extent()


@dataclass(frozen=True, slots=True)
class Scope:
    """What the relations are about: when, which blocks are not the internet, which are AWS's.

    `changes` are the seconds from which another network held.
    """

    extent: Extent = EVER
    inside: tuple[str, ...] = NOT_INTERNET
    services: tuple[str, ...] = ()
    changes: tuple[int, ...] = ()

    @property
    def facts(self) -> frozenset[str]:
        """Return what of rollups.FACTS holds whatever the records are."""
        held = {"services": self.services, "changes": self.changes}
        return frozenset(name for name, given in held.items() if given)

    def relation(self, name: str) -> exp.Query:
        """Return the query of a relation."""
        settings: dict[str, Setting] = {
            "since": self.extent.since,
            "until": self.extent.until,
            "inside": self.inside,
            "services": self.services,
            "known": KNOWN_PORTS,
            "changes": self.changes,
        }
        return relation_query(name, settings)


class Engine(Protocol):
    """An engine over one store and scope."""

    name: str
    dialect: str

    def rows(self, query: exp.Expr) -> list[Row]:
        """Return the rows of a query, in its order."""

    def columns(self, query: exp.Expr) -> Columns:
        """Return the rows of a query as columns, in any order: sorting millions is most of it."""

    def close(self) -> None:
        """Give back what it holds."""


def unordered(query: exp.Expr) -> exp.Expr:
    """Return a query without its order, unless the order chooses the rows."""
    copy = query.copy()
    if not copy.args.get("limit"):
        copy.set("order", None)
    return copy


def with_relations(query: exp.Query, names: Sequence[str], scope: Scope) -> exp.Query:
    """Return a query that holds the relations it reads, for engines that keep nothing."""
    whole = query.copy()
    inner = whole.args.pop("with_", None)
    for name in names:
        whole = whole.with_(name, as_=scope.relation(name), copy=False)
    if inner is not None:
        for cte in inner.expressions:
            whole.args["with_"].append("expressions", cte)
    return whole

"""SQL with `$name` in it → a syntax tree that is linted and bound → SQL of an engine.

Rules:
- What is given stands in the tree as literals; no text is ever put together.
- `among(family, high, low, $blocks)` tells whether an address lies in one of some blocks,
  `passed(second, $moments)` how many of some moments a second has passed.
"""

import logging
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TypeVar

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ringwall.detections.detection import Setting
from ringwall.errors import QuestionError
from ringwall.shell.engines.subset import refuse
from ringwall.traffic.addresses import V4
from ringwall.traffic.ranges import Range, to_ranges
from ringwall.traffic.view import RELATIONS

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # what it warns of is refused here by name
_LEAST = -(1 << 63)  # Athena reads this as what is too large for it, with a sign
STORED = ("stored_flow", "stored_transit", "stored_quiet", "stored_dns")
KEYS: Mapping[str, tuple[str, ...]] = {each.name: each.key for each in RELATIONS.values()}


def parsed(sql: str) -> exp.Expr:
    """Return the tree of one statement in DuckDB's dialect; raises QuestionError."""
    try:
        trees = [tree for tree in sqlglot.parse(sql, read="duckdb") if tree is not None]
    except SqlglotError as error:
        msg = f"the query cannot be read: {_plain(str(error))}"
        raise QuestionError(msg) from error
    if len(trees) != 1:
        msg = f"one query is asked at a time, not {len(trees)}"
        raise QuestionError(msg)
    return trees[0]


def _plain(text: str) -> str:
    """Return an error of the parser in one line, without its escapes."""
    return " ".join(re.sub(r"\x1b\[\d+m", "", text).split())


Q = TypeVar("Q", bound=exp.Expr)


@cache
def _linted(sql: str, *, is_view: bool) -> exp.Query:
    tree = parsed(sql)
    refuse(tree, {**KEYS, **dict.fromkeys(STORED, ())} if is_view else KEYS, has_order=not is_view)
    assert isinstance(tree, exp.Query)
    return tree


def detection_query(sql: str, settings: Mapping[str, Setting]) -> exp.Query:
    """Return a detection's query, in the portable subset and bound; raises QuestionError."""
    return bound(_linted(sql, is_view=False), settings)


def relation_query(name: str, settings: Mapping[str, Setting]) -> exp.Query:
    """Return the query of a relation of traffic/view.py, bound."""
    return bound(_linted(RELATIONS[name].sql, is_view=True), settings)


def relations_of(tree: exp.Expr) -> list[str]:
    """Return the relations that a query reads, and those they read, each before its reader."""
    found: dict[str, None] = {}

    def visit(read: exp.Expr) -> None:
        for table in read.find_all(exp.Table):
            if table.name in RELATIONS and table.name not in found:
                visit(_linted(RELATIONS[table.name].sql, is_view=True))
                found[table.name] = None

    visit(tree)
    return list(found)


def bound(tree: Q, settings: Mapping[str, Setting]) -> Q:
    """Return a copy with every `$name` replaced; raises QuestionError for one without a value."""
    copy = tree.copy()
    for call in list(copy.find_all(exp.Anonymous)):
        if call.name.lower() == "passed":
            second, given = call.expressions
            call.replace(_passed(second, _given(given.name, settings)))
        elif call.name.lower() == "among":
            family, high, low, given = call.expressions
            blocks = _given(given.name, settings)
            if not isinstance(blocks, tuple):
                msg = f"${given.name} is no list of addresses"
                raise QuestionError(msg)
            call.replace(_among(family, high, low, to_ranges(str(each) for each in blocks)))
    for place in list(copy.find_all(exp.Placeholder)):
        value = _given(place.name, settings)
        if isinstance(value, tuple):
            if not value:
                msg = f"${place.name} is an empty list"
                raise QuestionError(msg)
            parent = place.parent
            assert isinstance(parent, exp.In), "a list stands in IN (…) alone"
            others = [each for each in parent.expressions if each is not place]
            parent.set("expressions", [*others, *(exp.convert(each) for each in value)])
        else:
            place.replace(exp.convert(value))
    return copy


def _given(name: str, settings: Mapping[str, Setting]) -> Setting:
    if name not in settings:
        msg = f"the query takes ${name}, and nobody gave it"
        raise QuestionError(msg)
    return settings[name]


def _among(family: exp.Expr, high: exp.Expr, low: exp.Expr, ranges: Iterable[Range]) -> exp.Expr:
    """Return the condition that an address lies in one of the ranges.

    A range of IPv6 is a block: one high half and some low ones, or whole high halves.
    """
    fours: list[exp.Expr] = []
    sixes: list[exp.Expr] = []
    for each in ranges:
        if each.family == V4:
            fours.append(_between(low, each.low, each.last_low))
        elif each.high == each.last_high:
            sixes.append(exp.and_(_is(high, each.high), _between(low, each.low, each.last_low)))
        else:
            sixes.append(_between(high, each.high, each.last_high))
    parts = [
        exp.and_(_is(family, number), exp.or_(*found))
        for number, found in ((V4, fours), (6, sixes))
        if found
    ]
    return exp.paren(exp.or_(*parts)) if parts else exp.paren(exp.condition("1 = 0"))


def _passed(second: exp.Expr, moments: Setting) -> exp.Expr:
    """Return how many of some moments are not after a second."""
    if not isinstance(moments, tuple):
        msg = f"{moments!r} is no list of moments"
        raise QuestionError(msg)
    found: exp.Expr = exp.convert(0)
    for each in moments:
        is_past = exp.GTE(this=second.copy(), expression=exp.convert(each))
        found = exp.Add(this=found, expression=exp.Case().when(is_past, exp.convert(1)).else_("0"))
    return exp.paren(found)


def _is(column: exp.Expr, value: int) -> exp.Expr:
    """Return `column = value`; of the least number what says the same (see _LEAST)."""
    if value == _LEAST:
        return exp.LT(this=column.copy(), expression=exp.convert(value + 1))
    return exp.EQ(this=column.copy(), expression=exp.convert(value))


def _between(column: exp.Expr, low: int, high: int) -> exp.Expr:
    """Return `column BETWEEN low AND high`, without the least number."""
    if low == high:
        return _is(column, low)
    if low == _LEAST:
        return exp.LTE(this=column.copy(), expression=exp.convert(high))
    return exp.Between(this=column.copy(), low=exp.convert(low), high=exp.convert(high))


def rendered(tree: exp.Expr, dialect: str, *, pretty: bool = False) -> str:
    """Return the SQL of an engine: duckdb, spark, athena."""
    return tree.sql(dialect=dialect, pretty=pretty)

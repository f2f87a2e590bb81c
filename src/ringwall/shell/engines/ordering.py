"""Which columns tell the rows of a query apart, and whether an order holds all of them.

Rules:
- The rows of a relation are told apart by its key; of a GROUP BY, by its names; of a join, by the
  keys of both sides, but for a side whose key the join says whole; where a column of the key is
  not selected, by all columns together.
- ROW_NUMBER, LAG and sums up to a row depend on the order inside a window, so PARTITION BY and
  ORDER BY hold the key of what the window reads.
"""

from collections.abc import Iterator, Mapping
from itertools import chain

from sqlglot import exp

Keys = Mapping[str, frozenset[str] | None]  # None: rows may be equal


def unordered(
    tree: exp.Query, keys: Mapping[str, tuple[str, ...]], *, has_order: bool
) -> Iterator[str]:
    """Yield what has an order that is not total; `keys` is the key of each relation.

    With `has_order` the query itself must have one.
    """
    known: dict[str, frozenset[str] | None] = {
        name: frozenset(key) if key else None for name, key in keys.items()
    }
    for cte in tree.ctes:
        query = cte.this
        yield from _windows(query, known)
        if query.args.get("limit"):
            yield from _order(query, known)
        known[cte.alias_or_name] = _key(query, known)
    yield from _windows(tree, known)
    if not tree.args.get("order") and not _is_one_row(tree):
        if has_order:
            yield "no ORDER BY"
    else:
        yield from _order(tree, known)


def _is_one_row(query: exp.Expr) -> bool:
    if not isinstance(query, exp.Select) or query.args.get("group"):
        return False
    found = [item.find(exp.AggFunc) for item in query.expressions]
    return bool(found) and all(found) and not query.find(exp.Window)


def _order(query: exp.Query, known: Keys) -> Iterator[str]:
    order = query.args.get("order")
    if order is None:
        return
    names = {item.this.name for item in order.expressions if isinstance(item.this, exp.Column)}
    needed = _key(query, known)
    if needed is None:
        needed = frozenset(query.named_selects)
    missing = sorted(needed - names)
    if missing:
        yield f"ORDER BY leaves equal rows: {', '.join(missing)} missing"


def _windows(query: exp.Expr, known: Keys) -> Iterator[str]:
    for select in query.find_all(exp.Select):
        if select.find_ancestor(exp.CTE) is not query.find_ancestor(exp.CTE):
            continue
        for item in select.expressions:
            for window in item.find_all(exp.Window):
                order = window.args.get("order")
                if order is None:
                    if isinstance(window.this, exp.RowNumber | exp.Lag):
                        yield f"{window.this.key.upper()} without ORDER BY"
                    continue
                yield from _window(window, order, _source_key(select, known))


def _window(window: exp.Window, order: exp.Expr, needed: frozenset[str] | None) -> Iterator[str]:
    parts = chain(window.args.get("partition_by") or (), (o.this for o in order.expressions))
    names = {part.name for part in parts if isinstance(part, exp.Column)}
    if needed is None:
        yield "a window over rows that may be equal (group them first)"
    elif needed - names:
        missing = ", ".join(sorted(needed - names))
        yield f"the order of a window leaves equal rows: {missing} missing"


def _source_key(select: exp.Expr, known: Keys) -> frozenset[str] | None:
    """Return the key of what a SELECT reads, in the names that the sources give."""
    sources = [select.args.get("from_"), *(select.args.get("joins") or ())]
    found: set[str] = set()
    for source in sources:
        table = source.this if source is not None else None
        if not isinstance(table, exp.Table):
            return None
        key = known.get(table.name)
        if key is None:
            return None
        if not key or not key <= _said(source):
            found |= key
    return frozenset(found)


def _said(source: exp.Expr) -> frozenset[str]:
    """Return the columns of a joined table that the join says by columns of the others.

    With all of its key said, a row meets one row of it at most.
    """
    on, own = source.args.get("on"), source.this.alias_or_name
    found = set()
    for part in on.flatten() if isinstance(on, exp.And) else (on,):
        if isinstance(part, exp.EQ):
            sides = {side.table: side.name for side in part.find_all(exp.Column)}
            if own in sides and len(sides) == 2 and all(sides) and _is_plain(part):
                found.add(sides[own])
    return frozenset(found)


def _is_plain(part: exp.EQ) -> bool:
    return isinstance(part.left, exp.Column) and isinstance(part.right, exp.Column)


def _key(query: exp.Expr, known: Keys) -> frozenset[str] | None:
    """Return the names of the columns that tell a query's rows apart, or None."""
    if not isinstance(query, exp.Select):
        return None
    if _is_one_row(query):
        return frozenset()
    group = query.args.get("group")
    if group is not None:
        inside = frozenset(item.name for item in group.expressions)
    else:
        sources = _source_key(query, known)
        if sources is None:
            return None
        inside = sources
    given = {
        item.unalias().name: item.alias_or_name
        for item in query.expressions
        if isinstance(item.unalias(), exp.Column)
    }
    if not inside <= given.keys():
        return None
    return frozenset(given[name] for name in inside)

"""The portable subset of SQL: a syntax tree is in it, or is refused by name.

Rules:
- What is not listed is refused: engines differ in silence (SQLGlot lets `GROUP BY ALL` through to
  Athena, and makes a division of integers one of doubles).
- A query's order is total: it, and the order of a window that numbers rows, holds every column
  that tells the rows apart (ordering.py).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from sqlglot import exp

from ringwall.errors import QuestionError
from ringwall.shell.engines.ordering import unordered

_PLAIN: Final = (
    exp.Select,
    exp.Union,
    exp.With,
    exp.CTE,
    exp.TableAlias,
    exp.From,
    exp.Table,
    exp.Join,
    exp.Where,
    exp.Group,
    exp.Having,
    exp.Order,
    exp.Ordered,
    exp.Limit,
    exp.Subquery,
    exp.Alias,
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Null,
    exp.Placeholder,
    exp.Paren,
    exp.And,
    exp.Or,
    exp.Not,
    exp.EQ,
    exp.NEQ,
    exp.LT,
    exp.LTE,
    exp.GT,
    exp.GTE,
    exp.Between,
    exp.In,
    exp.Is,
    exp.Like,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Div,
    exp.Mod,
    exp.Neg,
    exp.Case,
    exp.If,
    exp.Cast,
    exp.DataType,
    exp.Coalesce,
    exp.Abs,
    exp.Floor,
    exp.Sqrt,
    exp.Ln,
    exp.Length,
    exp.Replace,
    exp.SplitPart,
    exp.Concat,
    exp.Lower,
    exp.Count,
    exp.Distinct,
    exp.Star,
    exp.Sum,
    exp.Min,
    exp.Max,
    exp.Avg,
    exp.StddevPop,
    exp.Window,
    exp.WindowSpec,
    exp.RowNumber,
    exp.Lag,
    exp.Var,
)
OURS: Final = frozenset({"among", "passed"})
_TYPES: Final = {"BIGINT", "INT", "DOUBLE", "VARCHAR", "TEXT"}
# What another engine takes for a word of its own where a name stands.
_WORDS = """
all alter and any as asc between both by case cast check collate column constraint create cross
cube current_date current_time current_timestamp current_user deallocate delete desc describe
distinct drop else end escape except execute exists extract false fetch for foreign from full
group grouping having in inner insert intersect into is join leading left like localtime
localtimestamp natural normalize not null offset on only or order outer over overlaps prepare
primary qualify references right rollup select session_user skip some table then to trailing
trim true uescape union unique unnest user using values when where window with
"""
_RESERVED: Final = frozenset(_WORDS.split())


def refuse(tree: exp.Expr, keys: Mapping[str, tuple[str, ...]], *, has_order: bool = True) -> None:
    """Raise QuestionError with everything in a query that is not in the subset.

    `keys` names the relations that may be read, with the columns that tell their rows apart;
    without `has_order` the rows themselves need none, as those of a view.
    """
    found = list(dict.fromkeys(complaints(tree, keys, has_order=has_order)))
    if found:
        msg = f"not in the portable subset: {'; '.join(found)}"
        raise QuestionError(msg, hint="docs/concepts/detections.md lists what is")


def complaints(
    tree: exp.Expr, keys: Mapping[str, tuple[str, ...]], *, has_order: bool = True
) -> Iterator[str]:
    """Yield what is not in the subset, in a few words each."""
    if not isinstance(tree, exp.Select | exp.Union):
        yield f"a statement that is no SELECT ({tree.key.upper()})"
        return
    for node in tree.walk():
        if not isinstance(node, _PLAIN) and not _is_ours(node):
            yield _named(node)
            continue
        rule = _RULES.get(type(node))
        if rule is not None:
            yield from rule(node)
    ctes = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.name not in ctes and table.name not in keys:
            yield f"{table.name!r}, which is no relation"
    yield from unordered(tree, keys, has_order=has_order)


def _is_ours(node: exp.Expr) -> bool:
    """Tell whether this is a word of our own (queries.py binds them)."""
    return isinstance(node, exp.Anonymous) and node.name.lower() in OURS


def _named(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return f"the function {node.name.upper()}"
    if isinstance(node, exp.Func):
        return f"the function {node.sql_name()}"
    return f"{node.key.upper()} ({node.sql(dialect='duckdb')[:60]})"


def _select(node: exp.Expr) -> Iterator[str]:
    if node.args.get("distinct"):
        yield "SELECT DISTINCT"
    for name in ("qualify", "sample", "laterals", "windows", "offset", "pivots", "kind"):
        if node.args.get(name):
            yield name.upper()
    for item in node.expressions:
        if item.is_star:
            yield "SELECT *"
        elif not isinstance(item, exp.Alias | exp.Column):
            yield f"a column without a name ({item.sql(dialect='duckdb')[:40]})"
    if node.args.get("limit") and not node.args.get("order"):
        yield "LIMIT without ORDER BY"


def _group(node: exp.Expr) -> Iterator[str]:
    for name in ("all", "totals"):
        if node.args.get(name):
            yield f"GROUP BY {name.upper()}"
    for item in node.expressions:
        if not isinstance(item, exp.Column):
            yield f"GROUP BY something that is no name ({item.sql(dialect='duckdb')[:40]})"


def _union(node: exp.Expr) -> Iterator[str]:
    if node.args.get("distinct", True):
        yield "UNION without ALL"
    if node.args.get("by_name"):
        yield "UNION BY NAME"


def _with(node: exp.Expr) -> Iterator[str]:
    if node.args.get("recursive"):
        yield "WITH RECURSIVE"


def _cte(node: exp.Expr) -> Iterator[str]:
    if node.args.get("materialized") is not None:
        yield "AS MATERIALIZED"
    if node.args["alias"].args.get("columns"):
        yield "a CTE with a list of columns"


def _table(node: exp.Expr) -> Iterator[str]:
    if not isinstance(node.this, exp.Identifier):
        yield f"a function as a table ({node.this.sql(dialect='duckdb')[:40]})"
    for name in ("db", "catalog"):
        if node.args.get(name):
            yield f"a table of another schema ({node.sql(dialect='duckdb')})"
    for name in ("sample", "pivots", "laterals", "joins", "when"):
        if node.args.get(name):
            yield f"{name.upper()} of a table"


def _join(node: exp.Expr) -> Iterator[str]:
    method, kind = str(node.args.get("method") or ""), str(node.args.get("kind") or "")
    side = str(node.args.get("side") or "")
    if method:
        yield f"{method} JOIN"
    if node.args.get("using"):
        yield "JOIN … USING"
    if side.upper() not in {"", "LEFT"} or kind.upper() not in {"", "INNER", "CROSS"}:
        yield f"{side} {kind} JOIN".strip().replace("  ", " ")
    if not node.args.get("on") and kind.upper() != "CROSS":
        yield "a JOIN without ON"


def _subquery(node: exp.Expr) -> Iterator[str]:
    if not isinstance(node.parent, exp.In):
        yield "a subquery (a CTE says the same)"


def _in(node: exp.Expr) -> Iterator[str]:
    if node.args.get("query"):
        yield "IN (SELECT …) (a JOIN says the same)"
    if node.args.get("unnest") or node.args.get("field"):
        yield "IN a list that is a value"


def _div(node: exp.Expr) -> Iterator[str]:
    assert isinstance(node, exp.Div)
    if not any(
        isinstance(side, exp.Cast) and side.to.is_type("DOUBLE") for side in (node.left, node.right)
    ):
        yield f"a division of which no side is CAST AS DOUBLE ({node.sql(dialect='duckdb')[:40]})"


def _cast(node: exp.Expr) -> Iterator[str]:
    if isinstance(node, exp.TryCast):
        yield "TRY_CAST"
    name = node.args["to"].this.name
    if name not in _TYPES:
        yield f"the type {name}"


def _identifier(node: exp.Expr) -> Iterator[str]:
    if node.name.lower() in _RESERVED:
        yield f"the name {node.name!r}, which is reserved"
    if node.args.get("quoted"):
        yield f"a quoted name ({node.name!r})"


def _ordered(node: exp.Expr) -> Iterator[str]:
    if not isinstance(node.this, exp.Column):
        yield f"ORDER BY something that is no name ({node.this.sql(dialect='duckdb')[:40]})"
    if node.args.get("with_fill"):
        yield "WITH FILL"


def _window(node: exp.Expr) -> Iterator[str]:
    if node.args.get("alias"):
        yield "a named window"
    spec = node.args.get("spec")
    is_sum = isinstance(node.this, exp.AggFunc) and not isinstance(node.this, exp.Lag)
    if is_sum and node.args.get("order") and spec is None:
        yield "an aggregate over an ordered window without ROWS BETWEEN"
    if spec is not None and str(spec.args.get("kind")).upper() != "ROWS":
        yield f"a window by {spec.args.get('kind')}"


def _star(node: exp.Expr) -> Iterator[str]:
    if not isinstance(node.parent, exp.Count | exp.Select | exp.Column):
        yield "a * that is not COUNT(*)"


def _distinct(node: exp.Expr) -> Iterator[str]:
    if not isinstance(node.parent, exp.Count | exp.Select):
        yield "DISTINCT in an aggregate other than COUNT"
    elif isinstance(node.parent, exp.Count) and len(node.expressions) != 1:
        yield "COUNT(DISTINCT) of several columns"


def _count(node: exp.Expr) -> Iterator[str]:
    if node.args.get("expressions"):
        yield "COUNT of several columns"


_RULES: Mapping[type[exp.Expr], Callable[[exp.Expr], Iterator[str]]] = {
    exp.Select: _select,
    exp.Group: _group,
    exp.Union: _union,
    exp.With: _with,
    exp.CTE: _cte,
    exp.Table: _table,
    exp.Join: _join,
    exp.Subquery: _subquery,
    exp.In: _in,
    exp.Div: _div,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Identifier: _identifier,
    exp.Ordered: _ordered,
    exp.Window: _window,
    exp.Star: _star,
    exp.Distinct: _distinct,
    exp.Count: _count,
}

"""A query of a person: one SELECT over the relations and the stored tables, or refused.

Rule: what a statement does is told by its tree. The engine is shut to all but the store as well.
"""

from sqlglot import exp

from ringwall.errors import QuestionError
from ringwall.shell.engines.queries import KEYS, STORED, parsed

_CHANGING = (exp.DDL, exp.DML, exp.Command, exp.Into, exp.Lock, exp.SetItem, exp.Pragma, exp.Use)
_MAKING = frozenset({"range", "generateseries", "unnest"})  # tables out of nothing


def reading_query(sql: str) -> exp.Query:
    """Return the tree of a query that reads; raises QuestionError for anything else."""
    tree = parsed(sql)
    if not isinstance(tree, exp.Query) or isinstance(tree, exp.DDL | exp.DML):
        msg = f"only SELECT is answered, not {tree.key.upper()}"
        raise QuestionError(msg, hint="nothing is ever written from here")
    for node in tree.walk():
        if isinstance(node, _CHANGING) and not isinstance(node, exp.Query):
            msg = f"only SELECT is answered, not {node.key.upper()}"
            raise QuestionError(msg, hint="nothing is ever written from here")
    known = {*KEYS, *STORED, *(cte.alias_or_name for cte in tree.find_all(exp.CTE))}
    for table in tree.find_all(exp.Table):
        _refuse_table(table, known)
    return tree


def limited(tree: exp.Query, count: int) -> exp.Query:
    """Return a query with a LIMIT of its own, so that its order stays."""
    copy = tree.copy()
    copy.set("limit", exp.Limit(expression=exp.convert(count)))
    return copy


def _refuse_table(table: exp.Table, known: set[str]) -> None:
    if isinstance(table.this, exp.Identifier):
        if table.name in known and not (table.args.get("db") or table.args.get("catalog")):
            return
        msg = f"there is no table {table.sql(dialect='duckdb')}"
        raise QuestionError(msg, hint=f"tables: {', '.join([*KEYS, *STORED])}")
    name = table.this.name if isinstance(table.this, exp.Anonymous) else table.this.key
    if name.lower() not in _MAKING:
        msg = f"the function {name.upper()} is no table here"
        raise QuestionError(msg, hint=f"tables: {', '.join([*KEYS, *STORED])}")

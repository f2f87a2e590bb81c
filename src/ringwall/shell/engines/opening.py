"""The name of an engine → the engine, over a store."""

from pathlib import Path

from ringwall.errors import QuestionError
from ringwall.shell.engines.engine import Engine, Scope
from ringwall.shell.engines.store import Store

ENGINES = ("duckdb", "spark", "athena")


def open_engine(name: str, folder: Path, scope: Scope, *, memory: str = "1GB") -> Engine:
    """Open an engine over the store in a folder; raises what it needs where that is missing."""
    store = Store.at(folder)
    if name == "duckdb":
        from ringwall.shell.engines.duck import Duck  # noqa: PLC0415  (the engine that is asked)

        return Duck(store, scope, memory=memory)
    if name == "spark":
        from ringwall.shell.engines.spark import Spark  # noqa: PLC0415  (the engine that is asked)

        return Spark(store, scope, memory=memory)
    if name == "athena":
        msg = "Athena is not asked from here"
        raise QuestionError(msg, hint="--show-sql prints the statements for it")
    msg = f"there is no engine {name!r}"
    raise QuestionError(msg, hint=f"engines: {', '.join(ENGINES)}")

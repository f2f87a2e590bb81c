"""The engines that answer queries over a store, and the one dialect in which they are asked.

Input: SQL of detections and of people. Output: rows; the same on every engine.
"""

from importlib.util import find_spec

from ringwall.errors import MissingExtra

for _part in ("duckdb", "sqlglot"):
    if find_spec(_part) is None:
        raise MissingExtra(_part, "traffic")

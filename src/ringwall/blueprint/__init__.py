"""Text into a blueprint, and a blueprint into the graph of resources that it asks for."""

from ringwall.blueprint.loading import load, load_bytes, load_expectations, load_policy
from ringwall.blueprint.report import render, render_all
from ringwall.blueprint.schema import schema
from ringwall.blueprint.starter import starter
from ringwall.blueprint.syntax import Blueprint

__all__ = [
    "Blueprint",
    "load",
    "load_bytes",
    "load_expectations",
    "load_policy",
    "render",
    "render_all",
    "schema",
    "starter",
]

"""Nodes that were read back → the same with the places of the blueprint that asked for them."""

from dataclasses import replace

from ringwall.model.graph import ResourceGraph


def with_origins(observed: ResourceGraph, wanted: ResourceGraph) -> ResourceGraph:
    """Give every node of `observed` that has none the origin of its namesake in `wanted`.

    So that an explanation of a live network names the blueprint's lines; what nobody wanted has
    none.
    """
    return observed.with_nodes(
        replace(node, origin=asked.origin)
        for node in observed
        if node.origin is None and (asked := wanted.get((node.type, node.key))) is not None
    )

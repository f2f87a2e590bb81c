"""A seed and features → a random AWS network as a ResourceGraph.

The same seed and features give the same graph. Rules, entries and routes are made from flows that
are drawn first, and what belongs to no flow is added, so that much is allowed and much is not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from ringwall.model.graph import ResourceGraph
from tests.networks.connections import draw_connections
from tests.networks.features import Feature, choose, with_needs
from tests.networks.flows import draw_flows, noise, number_entries
from tests.networks.gateways import draw_gateways
from tests.networks.ground import lay_ground
from tests.networks.plans import Drawing
from tests.networks.services import draw_services


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn network: `features` are those that it was asked for, or that were drawn."""

    graph: ResourceGraph
    features: frozenset[Feature]
    seed: int


def draw(
    seed: int,
    features: Iterable[Feature] | None = None,
    *,
    without: Iterable[Feature] = (),
) -> Drawn:
    """Draw a network; without `features` they are drawn too."""
    rng = Random(seed)
    chosen = choose(rng, seed) if features is None else with_needs(features)
    chosen -= frozenset(without)
    drawing = Drawing(rng, chosen)
    lay_ground(drawing)
    draw_gateways(drawing)
    draw_connections(drawing)
    draw_services(drawing)
    draw_flows(drawing)
    noise(drawing)
    number_entries(drawing)
    if Feature.MISSING in chosen:
        _lose(drawing)
    return Drawn(drawing.builder.graph(), chosen, seed)


def _lose(drawing: Drawing) -> None:
    """Take away one piece that others refer to; of what was read back, the rest is unknown too."""
    if drawing.chance(0.3):
        for vpc in drawing.vpcs:
            drawing.give_id("VPC", vpc, drawing.new_id("vpc"))
    kinds = ("RouteTable", "NetworkAcl", "VPCPeeringConnection", "TransitGatewayRouteTable")
    kind = drawing.rng.choice(kinds)
    keys = drawing.keys(kind)
    if keys:
        drawing.drop(kind, drawing.rng.choice(keys))

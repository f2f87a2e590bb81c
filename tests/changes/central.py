"""A hub whose one NAT gateway serves a spoke, as text and as it would be read back."""

from dataclasses import replace

from ringwall.app.workspace import blueprint_of
from ringwall.model.graph import ResourceGraph

CENTRAL_NAT = """
name: central
region: us-east-1
zones: [us-east-1a]
transit_gateway:
  segments:
    hub: {routes_to: [spokes]}
    spokes: {routes_to: [hub]}
vpcs:
  hub:
    segment: hub
    nat: one
    tiers:
      public: {kind: public}
  spoke:
    segment: spokes
    nat: central
    tiers:
      private: {kind: private}
    groups:
      app: {tier: private}
    flows:
      - {from: app, to: internet, ports: [443]}
expect:
  - {name: out, from: spoke/app, to: internet, ports: [443], reachable: true}
"""


def deployed(text=CENTRAL_NAT):
    """Return the graph of a blueprint as it would be read back."""
    return ResourceGraph.of(
        replace(node, physical_id=f"id-{number}", origin=None, was=())
        for number, node in enumerate(blueprint_of(text, "central.yaml").graph)
    )

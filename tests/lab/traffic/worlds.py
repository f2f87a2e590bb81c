"""Folders of made traffic, each made once for all tests."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.lab.traffic.reading import Record, queries, records

from ringwall.app.sources import open_network
from ringwall.app.traffic_making import make_traffic, orders_of
from ringwall.app.workspace import CloudSettings
from ringwall.lab.traffic.making import Wish

ROOT = Path(__file__).resolve().parents[3]
FORTRESS = str(ROOT / "examples" / "fortress.yaml")
BEGIN = 1_772_409_600  # 2026-03-02T00:00:00Z, a Monday

# Dual stack, with machines on the internet, a resolver of its own and a wide rule inside.
DUAL = """
name: dual
region: eu-west-1
zones: [eu-west-1a, eu-west-1b]
addresses: {ipv6: amazon}
dns_query_logs: {retention_days: 30}
dns_firewall:
  lists:
    bad: {domains: [evil.example, "*.worse.example"]}
  rules: [{list: bad, action: BLOCK, response: NXDOMAIN}]
transit_gateway:
  segments:
    red: {routes_to: [red]}
    blue: {routes_to: [blue]}
vpcs:
  one:
    segment: red
    nat: one
    tiers:
      public: {kind: public}
      private: {kind: private}
    groups:
      edge: {tier: public}
      app: {tier: private}
      dns: {tier: private}
    flows:
      - {from: internet, to: edge, ports: [22, 443]}
      - {from: edge, to: app, ports: [8080, 9000-9999]}
      - {from: [edge, app], to: dns, ports: [53/udp]}
      - {from: [edge, app, dns], to: internet, ports: [443, 123/udp]}
  two:
    segment: blue
    tiers: {private: {kind: private}}
    groups: {worker: {tier: private}}
    flows: [{from: worker, to: worker, ports: [7000]}]
"""


@dataclass(frozen=True)
class World:
    """A folder that `ringwall lab traffic` wrote."""

    folder: Path
    truth: dict[str, Any]

    @cached_property
    def flow(self) -> list[Record]:
        """Return the records with data."""
        return [r for r in self.every_flow if r["log-status"] == "OK"]

    @cached_property
    def every_flow(self) -> list[Record]:
        """Return all records of VPCs."""
        return list(records(self.folder / "logs" / "vpc"))

    @cached_property
    def transit(self) -> list[Record]:
        """Return the records of transit gateways."""
        return list(records(self.folder / "logs" / "tgw"))

    @cached_property
    def queries(self) -> list[Record]:
        """Return the resolver's."""
        return list(queries(self.folder / "logs" / "dns"))

    def behaviour(self, name: str) -> dict[str, Any]:
        """Return what the truth says of a benign behaviour."""
        return next(b for b in self.truth["benign"] if b["behaviour"] == name)


def made(folder: Path, *attacks: str, network: str = FORTRESS, **wish: Any) -> World:
    """Make a world in a folder."""
    asked: dict[str, Any] = {"seed": 1, "hours": 2, "begin": BEGIN, "attacks": orders_of(attacks)}
    source = open_network(network, CloudSettings())
    make_traffic(source, Wish(**asked | wish), str(folder), force=True)
    return World(folder, json.loads((folder / "truth.json").read_text()))

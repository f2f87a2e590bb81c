"""Blueprints that tests compile: the examples, and small ones for each kind of network."""

from pathlib import Path

from ringwall.blueprint.compile import compile_blueprint
from ringwall.blueprint.loading import load
from ringwall.model.graph import ResourceGraph
from ringwall.playbooks import registry

EXAMPLES = Path(__file__).parents[3] / "examples"

CENTRAL = """
name: central
region: us-east-1
zones: [us-east-1a, us-east-1b]
transit_gateway:
  segments:
    hub: {routes_to: [red, blue]}
    red: {routes_to: [hub]}
    blue: {routes_to: [hub]}
vpcs:
  hub:
    segment: hub
    nat: one-per-zone
    tiers:
      public: {kind: public}
      private: {kind: private}
    groups:
      mirror: {tier: private}
    flows:
      - {from: mirror, to: internet, ports: [443]}
  red: &spoke
    segment: red
    nat: central
    tiers:
      private: {kind: private}
      isolated: {kind: isolated}
    groups:
      app: {tier: private}
      db: {tier: isolated}
    flows:
      - {from: app, to: internet, ports: [443]}
      - {from: app, to: db, ports: [5432]}
      - {from: app, to: hub/mirror, ports: [80]}
      - {from: db, to: hub/mirror, ports: [80]}
  blue:
    <<: *spoke
    segment: blue
expect:
  - {name: out, from: "*/app", to: internet, ports: [443], reachable: true}
  - {name: not out, from: "*/app", to: internet, ports: [80, 22], reachable: false}
  - {name: isolated stays in, from: "*/db", to: internet, ports: [any], reachable: false}
  - {name: isolated by its flow, from: "*/db", to: hub/mirror, ports: [80], reachable: true}
  - {name: apart, from: red, to: blue, ports: [any], reachable: false}
  - {name: apart the other way, from: blue, to: red, ports: [any], reachable: false}
  - {name: nobody comes in, from: internet, to: "*/app", ports: [any], reachable: false}
"""

DUAL_STACK = """
name: dual
region: us-east-1
zones: [us-east-1a, us-east-1b]
addresses: {ipv6: amazon}
transit_gateway:
  segments:
    one: {routes_to: [one]}
vpcs:
  left: &vpc
    segment: one
    nat: one
    tiers:
      public: {kind: public}
      private: {kind: private}
      isolated: {kind: isolated}
    groups:
      alb: {tier: public}
      app: {tier: private}
      db: {tier: isolated}
    endpoints: {gateway: [s3], interface: [ssm]}
    flows:
      - {from: internet, to: alb, ports: [443]}
      - {from: alb, to: app, ports: [8080]}
      - {from: app, to: db, ports: [5432]}
      - {from: app, to: internet, ports: [443, 123/udp]}
      - {from: app, to: "aws:s3", ports: [443]}
      - {from: app, to: "aws:ssm", ports: [443]}
      - {from: app, to: alb, ports: [8/icmp, 128/icmpv6]}
  right:
    <<: *vpc
flows:
  - {from: left/app, to: right/app, ports: [9000]}
expect:
  - {name: customers, from: internet, to: "*/alb", ports: [443], reachable: true}
  - {name: across, from: left/app, to: right/app, ports: [9000], reachable: true}
  - {name: not back, from: right/app, to: left/app, ports: [any], reachable: false}
  - {name: out, from: "*/app", to: internet, ports: [443, 123/udp], reachable: true}
  - {name: database, from: left/app, to: left/db, ports: [5432], reachable: true}
  - {name: other database, from: left/app, to: right/db, ports: [any], reachable: false}
  - {name: ping, from: left/app, to: left/alb, ports: [8/icmp], reachable: true}
  - {name: isolated, from: "*/db", to: internet, ports: [any], reachable: false}
"""

EVERYTHING = """
name: everything
account: 012345678901
region: eu-west-1
zones: [eu-west-1a, eu-west-1b, eu-west-1c]
tags: {Owner: network}
account_settings:
  owned: true
  block_public_access: block-bidirectional
  exclusions: {front: allow-bidirectional}
networks:
  office: [203.0.113.0/24, 198.51.100.0/24]
  plant: [10.200.0.0/16]
transit_gateway:
  id: tgw-0123456789abcdef0
  security_group_references: true
  segments:
    front:
      routes_to: [back]
      routes:
        - {cidr: 10.200.0.0/16, vpc: back}
        - {cidr: 10.99.0.0/16, blackhole: true}
    back: {routes_to: [front], was: [rear]}
flow_logs: {destination: s3, traffic: ALL, retention_days: 90}
dns_query_logs: {retention_days: 30}
dns_firewall:
  lists:
    good: {domains: [example.org, "*.example.org"]}
  rules:
    - {list: good, action: ALLOW}
    - managed: AWSManagedDomainsAggregateThreatList
      action: BLOCK
      response: OVERRIDE
      override: sink.example.org
vpcs:
  front:
    segment: front
    cidr: 10.1.0.0/16
    nat: one
    protect: true
    was: [edge]
    tags: {Stage: live}
    tiers:
      public:
        kind: public
        was: [dmz]
        map_public_ip: true
        nacl:
          entries:
            - {number: 100, direction: ingress, action: deny, ports: any, cidr: 192.0.2.0/24}
            - {number: 110, direction: egress, action: deny, ports: 25, cidr: 0.0.0.0/0}
            - {number: 120, direction: ingress, action: allow, ports: 8/icmp, cidr: 0.0.0.0/0}
      private: {kind: private}
    groups:
      gate: {tier: public, was: [door]}
      app: {tier: private, kind: app}
    endpoints:
      gateway: [s3]
      interface:
        - {service: ecr.dkr}
        - {service: ecr.api}
        - service: kms
          policy:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Principal: "*", Action: "kms:Decrypt", Resource: "*"}]
      shared: true
    flows:
      - {from: office, to: gate, ports: [443], why: "the office's staff"}
      - {from: app, to: "aws:kms", ports: [443]}
      - {from: app, to: app, ports: [7946, 7946/udp]}
      - {from: app, to: plant, ports: [102]}
  back:
    segment: back
    cidr: 10.2.0.0/16
    tiers:
      private: {kind: private}
    groups:
      store: {tier: private}
    attachment: {appliance_mode: true, tier: private}
flows:
  - {from: front/app, to: back/store, ports: [5432]}
"""


def compiled(text: str) -> ResourceGraph:
    """Load and compile a blueprint; a response may use every playbook."""
    playbooks = {name: each.grants for name, each in registry().items()}
    return compile_blueprint(load(text, "blueprint.yaml"), playbooks)


def example(name: str) -> str:
    """Return the text of an example."""
    return (EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8")


def responding(place: str, sha256: str = "ab" * 32) -> str:
    """Return the watched network with a function whose zip is at a place."""
    package = f"response:\n  package: {{{place}, sha256: {sha256}}}\n\nvpcs:\n"
    return example("watched").replace("vpcs:\n", package, 1)


ALL = {
    "minimal": example("minimal"),
    "fortress": example("fortress"),
    "forty": example("forty"),
    "web": example("web"),
    "central": CENTRAL,
    "dual-stack": DUAL_STACK,
    "everything": EVERYTHING,
    "watched": example("watched"),
    "responding": responding("bucket: packages, key: ringwall.zip"),
}


def many(count: int) -> str:
    """Return a blueprint of a hub and spokes in three segments, three tiers and three zones."""
    head = """
name: many
region: us-east-1
zones: [us-east-1a, us-east-1b, us-east-1c]
quotas:
  {vpcs: 500, elastic_ips: 900, nat_gateways_per_zone: 300, internet_gateways: 500}
transit_gateway:
  segments:
    shared: {routes_to: [a, b, c]}
    a: {routes_to: [shared]}
    b: {routes_to: [shared]}
    c: {routes_to: [shared, c]}
vpcs:
  hub:
    segment: shared
    nat: one-per-zone
    tiers: {public: {kind: public}, private: {kind: private}, isolated: {kind: isolated}}
    groups: {directory: {tier: private}}
    endpoints: {gateway: [s3], interface: [ssm, kms], shared: true}
    flows: [{from: directory, to: internet, ports: [443]}]
"""
    spoke = """
  spoke-{number}:
    segment: {segment}
    nat: one-per-zone
    tiers: {{public: {{kind: public}}, private: {{kind: private}}, isolated: {{kind: isolated}}}}
    groups:
      alb: {{tier: public}}
      web: {{tier: private}}
      app: {{tier: private}}
      db: {{tier: isolated}}
    endpoints: {{gateway: [s3]}}
    flows:
      - {{from: internet, to: alb, ports: [80, 443]}}
      - {{from: alb, to: web, ports: [80, 443]}}
      - {{from: web, to: app, ports: [8080]}}
      - {{from: app, to: db, ports: [3306]}}
      - {{from: [web, app], to: internet, ports: [443]}}
      - {{from: [web, app], to: hub/directory, ports: [443, 636]}}
      - {{from: app, to: "aws:s3", ports: [443]}}
      - {{from: app, to: hub/endpoints, ports: [443]}}
"""
    return head + "".join(
        spoke.format(number=number, segment="abc"[number % 3]) for number in range(1, count)
    )

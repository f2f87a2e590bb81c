"""Commented starters: a blueprint's text by template, which loads without a problem."""

from ringwall.errors import QuestionError

_MODELINES = """\
# yaml-language-server: $schema=./.ringwall/schema.json
# $schema: ./.ringwall/schema.json
"""

_MINIMAL = """
# One VPC: web servers that the internet reaches, a database that only they reach.
# `ringwall check` proves what stands under `expect`; `ringwall plan` shows what would be made.
name: minimal
region: us-east-1
zones: [us-east-1a, us-east-1b]

vpcs:
  main:
    purpose: a small service
    # cidr: 10.0.0.0/16     # allotted from 10.0.0.0/8 when left out
    tiers:
      public: {kind: public}        # the internet both ways
      isolated: {kind: isolated}    # no internet at all
    groups:
      web: {tier: public, description: Web servers}
      db: {tier: isolated, description: Database}
    flows:
      - {from: internet, to: web, ports: [443], why: customers}
      - {from: web, to: db, ports: [5432], why: queries}

expect:
  - {name: customers reach web, from: internet, to: main/web, ports: [443], reachable: true}
  - {name: web reaches the database, from: main/web, to: main/db, ports: [5432], reachable: true}
  - {name: the database is not on the internet, from: internet, to: main/db, ports: [any], reachable: false}
  - {name: the database cannot call out, from: main/db, to: internet, ports: [any], reachable: false}
  - {name: nobody administers web from the internet, from: internet, to: main/web, ports: [22, 3389], reachable: false}
"""  # noqa: E501  (an expectation reads best on one line)

_HUB_SPOKE = """
# A hub with shared services and two spokes behind a Transit Gateway. Production and development
# both reach the hub, and never each other.
name: hub-spoke
region: us-east-1
zones: [us-east-1a, us-east-1b]     # append new zones at the end
tags:
  Owner: network

addresses:
  ipv4: 10.0.0.0/8      # VPCs are allotted from here, in order: append new ones at the end
  vpc_prefix: 16

# Each segment is a route table of the Transit Gateway. Both sides must name each other.
transit_gateway:
  segments:
    shared: {routes_to: [production, development]}
    production: {routes_to: [shared]}
    development: {routes_to: [shared]}

flow_logs:
  destination: cloudwatch
  retention_days: 90

vpcs:
  hub:
    purpose: shared services and the way to the internet
    segment: shared
    nat: one-per-zone
    tiers:
      public: {kind: public}        # the internet both ways
      private: {kind: private}      # out by NAT only
    groups:
      directory: {tier: private, description: Directory and package mirror}
    endpoints:
      gateway: [s3]
      interface: [ssm, kms]
      tier: private
      shared: true                  # spokes reach these too
    flows:
      - {from: directory, to: internet, ports: [443], why: package updates}

  production: &spoke
    purpose: production workloads
    segment: production
    nat: central                    # by the hub's NAT gateways
    tiers:
      private: {kind: private}
      isolated: {kind: isolated}    # no internet at all
    groups:
      app: {tier: private, description: Application servers}
      db: {tier: isolated, description: Databases}
    flows:
      - {from: app, to: db, ports: [5432]}
      - {from: app, to: internet, ports: [443], why: public APIs}
      - {from: app, to: hub/directory, ports: [443]}
      - {from: app, to: hub/endpoints, ports: [443]}

  development:
    <<: *spoke                      # as production, but for what follows
    purpose: development workloads
    segment: development

expect:
  - {name: app reaches its database, from: production/app, to: production/db, ports: [5432], reachable: true}
  - {name: apps reach shared services, from: "*/app", to: hub/directory, ports: [443], reachable: true}
  - {name: apps reach the internet through the hub, from: "*/app", to: internet, ports: [443], reachable: true}
  - {name: development never touches production, from: development, to: production, ports: [any], reachable: false}
  - {name: production never touches development, from: production, to: development, ports: [any], reachable: false}
  - {name: databases are not on the internet, from: internet, to: "*/db", ports: [any], reachable: false}
  - {name: databases cannot call out, from: "*/db", to: internet, ports: [any], reachable: false}
"""  # noqa: E501  (an expectation reads best on one line)

TEMPLATES: dict[str, str] = {"minimal": _MINIMAL, "hub-spoke": _HUB_SPOKE}


def starter(template: str, name: str = "") -> str:
    """Return a starter's text, called `name` if given; another template raises QuestionError."""
    if template not in TEMPLATES:
        message = f"there is no template {template!r}"
        raise QuestionError(message, hint=f"known: {', '.join(TEMPLATES)}")
    text = TEMPLATES[template].lstrip("\n")
    if name:
        text = text.replace(f"name: {template}\n", f"name: {name}\n", 1)
    return f"{_MODELINES}#\n{text}"

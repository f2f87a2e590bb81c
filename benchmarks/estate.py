"""A seed and a size → the text of a blueprint with that many VPCs.

The same seed and size give the same text. VPCs are spread over segments; every VPC has a public, a
private and an isolated tier, three groups, and flows between them, out by NAT and to a neighbour.
"""

from random import Random

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
SEGMENTS = 8


def estate(vpcs: int = 200, seed: int = 1) -> str:
    """Return the text of a blueprint of so many VPCs, three tiers, three zones."""
    random = Random(seed)
    lines = [
        "name: estate",
        "region: us-east-1",
        f"zones: [{', '.join(ZONES)}]",
        "addresses: {ipv4: 10.0.0.0/8, vpc_prefix: 18}",
        "quotas:",
        f"  vpcs: {vpcs}",
        f"  internet_gateways: {vpcs}",
        f"  elastic_ips: {vpcs}",
        f"  nat_gateways_per_zone: {vpcs}",
        "transit_gateway:",
        "  segments:",
    ]
    lines += [f"    segment-{n}: {{routes_to: [segment-{n}]}}" for n in range(SEGMENTS)]
    lines += ["flow_logs: {destination: cloudwatch}", "vpcs:"]
    for number in range(vpcs):
        lines += _vpc(number, random)
    if vpcs > SEGMENTS:
        lines.append("flows:")
    lines += [
        f"  - {{from: vpc-{number:03}/app, to: vpc-{number + SEGMENTS:03}/app, ports: [8443]}}"
        for number in range(vpcs - SEGMENTS)
    ]
    lines.append("expect:")
    for number in random.sample(range(vpcs), min(vpcs, 20)):
        lines.append(
            f"  - {{name: database {number} is not on the internet, from: internet, "
            f"to: vpc-{number:03}/db, ports: [any], reachable: false}}"
        )
    return "\n".join(lines) + "\n"


def _vpc(number: int, random: Random) -> list[str]:
    app, database = random.choice((8080, 8443, 9000)), random.choice((3306, 5432))
    return [
        f"  vpc-{number:03}:",
        f"    segment: segment-{number % SEGMENTS}",
        "    nat: one",
        "    tiers:",
        "      public: {kind: public}",
        "      private: {kind: private}",
        "      isolated: {kind: isolated}",
        "    groups:",
        "      web: {tier: public}",
        "      app: {tier: private}",
        "      db: {tier: isolated}",
        "    flows:",
        "      - {from: internet, to: web, ports: [80, 443]}",
        f"      - {{from: web, to: app, ports: [{app}]}}",
        f"      - {{from: app, to: db, ports: [{database}]}}",
        "      - {from: app, to: internet, ports: [443]}",
    ]

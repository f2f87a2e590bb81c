"""The estate of a large company, 1,000 VPCs and 100,000 interfaces, as a graph and as JSON.

Every VPC has a public, a private and an isolated tier in three zones, an ACL a tier, four groups
(edge, app, work, db: 12 classes of group and zone's subnet), 15 rules, and an attachment to one
transit gateway. Its three route tables are segments of equal size, so that a third of all pairs
reach each other on some port. With `full` there is IPv6, NAT, and a load balancer a VPC.

The graph is assembled from the items, by the readers of `resources/`, so that both are one estate.
Default groups and default ACLs are left out: nothing uses them.
"""

import json
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.estate_items import items
from benchmarks.estate_vpc import (
    ACCOUNT,
    DEPLOYMENT,
    GATEWAY,
    MOST_VPCS,
    REGION,
    SEGMENTS,
    Estate,
    Item,
    Vpc,
    tags,
)
from benchmarks.memory import peak_megabytes
from benchmarks.table import show
from ringwall.formats.describe.answers import member_of
from ringwall.model.graph import Node, Ref, ResourceGraph
from ringwall.resources import registry
from ringwall.resources.assemble import assemble
from ringwall.resources.kind import Listing, Reads
from ringwall.resources.transit_gateway_route_table import ROUTES
from ringwall.resources.transit_gateway_route_table_propagation import PROPAGATIONS

LIMIT_SECONDS, LIMIT_MEGABYTES = 30, 1_500
ELB = "AWS::ElasticLoadBalancingV2"


def listings(estate: Estate) -> dict[str, list[Item]]:
    """Return the items of the whole estate by member: Vpcs, Subnets, RouteTables …"""
    if not 1 <= estate.vpcs <= MOST_VPCS:
        msg = f"an estate has 1 to {MOST_VPCS} VPCs, not {estate.vpcs}"
        raise ValueError(msg)
    found: dict[str, list[Item]] = defaultdict(list)
    for number in range(estate.vpcs):
        for name, each in items(Vpc(estate, number)).items():
            found[name] += each
    found["TransitGateways"] = [_gateway(estate)]
    found["TransitGatewayRouteTables"] = [_table(estate, n) for n in range(len(SEGMENTS))]
    return dict(found)


def _gateway(estate: Estate) -> Item:
    return {
        "TransitGatewayId": GATEWAY,
        "TransitGatewayArn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:transit-gateway/{GATEWAY}",
        "State": "available",
        "OwnerId": ACCOUNT,
        "Options": {
            "AmazonSideAsn": 64512,
            "DefaultRouteTableAssociation": "disable",
            "DefaultRouteTablePropagation": "disable",
            "SecurityGroupReferencingSupport": "disable",
        },
        "Tags": tags(estate, "transit"),
    }


def _table(estate: Estate, number: int) -> Item:
    return {
        "TransitGatewayRouteTableId": f"tgw-rtb-{number:08x}",
        "TransitGatewayId": GATEWAY,
        "State": "available",
        "DefaultAssociationRouteTable": False,
        "DefaultPropagationRouteTable": False,
        "Tags": tags(estate, SEGMENTS[number]),
    }


def details(estate: Estate) -> dict[str, dict[str, Any]]:
    """Return what is asked once a route table of the gateway: its routes and its propagations."""
    routes: dict[str, Any] = {}
    propagations: dict[str, Any] = {}
    for number in range(len(SEGMENTS)):
        table = f"tgw-rtb-{number:08x}"
        members = [Vpc(estate, n) for n in range(number, estate.vpcs, len(SEGMENTS))]
        blocks = [(vpc, vpc.cidr) for vpc in members]
        if estate.full:
            blocks += [(vpc, vpc.v6) for vpc in members]
        found = [_propagated(vpc, block) for vpc, block in blocks]
        routes[table] = {"Routes": found, "AdditionalRoutesAvailable": False}
        propagations[table] = [{**_attached(vpc), "State": "enabled"} for vpc in members]
    return {ROUTES.name: routes, PROPAGATIONS.name: propagations}


def _attached(vpc: Vpc) -> Item:
    return {
        "TransitGatewayAttachmentId": vpc.id("tgw-attach"),
        "ResourceType": "vpc",
        "ResourceId": vpc.id("vpc"),
    }


def _propagated(vpc: Vpc, block: str) -> Item:
    return {
        "DestinationCidrBlock": block,
        "TransitGatewayAttachments": [_attached(vpc)],
        "Type": "propagated",
        "State": "active",
    }


def reads(estate: Estate) -> Reads:
    """Return what a reader of the account would hold."""
    asked = [listing for kind in registry().values() for listing in kind.listings]
    calls = {listing.items: listing.name for listing in asked}
    found: dict[str, list[Item]] = {listing.name: [] for listing in asked}
    for name, each in listings(estate).items():
        found[calls[name]] = each
    return Reads(ACCOUNT, REGION, found, details(estate))


def graph(estate: Estate) -> ResourceGraph:
    """Return the estate as a graph, load balancers included."""
    found = assemble(reads(estate), DEPLOYMENT if estate.tagged else "")
    return found.with_nodes(_balancers(estate, found)) if estate.full else found


def _balancers(estate: Estate, found: ResourceGraph) -> Iterator[Node]:
    """Yield a load balancer a VPC: from the internet to three targets of the app group."""
    by_id = {node.physical_id: node.ref for node in found if node.physical_id}
    for number in range(estate.vpcs):
        vpc = Vpc(estate, number)
        for kind, properties, observed in _balancer(vpc):
            given = {name: _referred(value, by_id) for name, value in properties.items()}
            arn = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:{kind.lower()}/{vpc.key}"
            yield Node(
                f"{ELB}::{kind}", vpc.key, ACCOUNT, REGION, given, observed, physical_id=arn
            )  # fmt: skip


def _referred(value: Any, by_id: Mapping[str, Ref]) -> Any:  # noqa: ANN401  (JSON)
    if isinstance(value, list):
        return [_referred(item, by_id) for item in value]
    return by_id.get(value, value) if isinstance(value, str) else value


def _balancer(vpc: Vpc) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    public = [vpc.id("subnet", index) for index, tier, *_ in vpc.subnets() if tier == "public"]
    yield (
        "LoadBalancer",
        {
            "Name": vpc.key,
            "Type": "application",
            "Scheme": "internet-facing",
            "Subnets": public,
            "SecurityGroups": [vpc.id("sg", 0)],
            "IpAddressType": "dualstack",
            "LoadBalancerAttributes": [
                {"Key": "load_balancing.cross_zone.enabled", "Value": "true"}
            ],
        },
        {"State": "active", "VpcId": vpc.id("vpc")},
    )
    targets = [
        {"Id": vpc.address(3 + zone, 10 + 4 * zone + 1), "Port": vpc.service} for zone in range(3)
    ]
    yield (
        "TargetGroup",
        {
            "Name": vpc.key,
            "Protocol": "HTTP",
            "Port": vpc.service,
            "TargetType": "ip",
            "VpcId": vpc.id("vpc"),
            "Targets": targets,
            "TargetGroupAttributes": [],
        },
        {"TargetHealth": [{"Target": target, "State": "healthy"} for target in targets]},
    )
    action = {"Type": "forward", "TargetGroupArn": Ref(f"{ELB}::TargetGroup", vpc.key)}
    yield (
        "Listener",
        {
            "LoadBalancerArn": Ref(f"{ELB}::LoadBalancer", vpc.key),
            "Port": 443,
            "Protocol": "HTTPS",
            "DefaultActions": [action],
        },
        {},
    )


def files(estate: Estate) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the text of each file, as `aws ec2 describe-…` prints it.

    A call that is made once a route table has a file for each, under the call's name. What there is
    none of was asked for, too: the folder is complete.
    """
    for name, each in listings(estate).items():
        yield f"{name}.json", _text({name: each})
    found = details(estate)
    for table, answer in found[ROUTES.name].items():
        yield f"SearchTransitGatewayRoutes/{table}.json", _text(answer)
    for table, answer in found[PROPAGATIONS.name].items():
        text = _text({"TransitGatewayRouteTablePropagations": answer})
        yield f"GetTransitGatewayRouteTablePropagations/{table}.json", text
    given = set(listings(estate))
    if estate.full:
        found_of = _balancer_items(estate)
        given |= set(found_of)
        for name, each in found_of.items():
            yield f"{name}.json", _text({name: each})
        yield from _balancer_details(estate)
    yield from _nothing(given)


def _nothing(given: set[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the answers of all other calls: there is none of these."""
    seen: dict[str, Listing] = {}
    for kind in registry().values():
        for listing in (*kind.listings, *kind.surveyed):
            if member_of(listing) not in given:
                seen[listing.name] = listing
    for name, listing in sorted(seen.items()):
        is_one = listing.items.startswith("[")  # the call answers one object, here a switch
        empty = {"InternetGatewayBlockMode": "off"} if is_one else []
        yield f"{name.replace(':', '.')}.json", _text({member_of(listing): empty})


def _balancer_items(estate: Estate) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = defaultdict(list)
    for number in range(estate.vpcs):
        vpc = Vpc(estate, number)
        arn = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}"
        (_, balancer, seen), (_, group, _), (_, listener, _) = _balancer(vpc)
        zones = [{"SubnetId": subnet} for subnet in balancer["Subnets"]]
        found["LoadBalancers"].append(
            {
                "LoadBalancerArn": f"{arn}:loadbalancer/{vpc.key}",
                "LoadBalancerName": vpc.key,
                "Type": balancer["Type"],
                "Scheme": balancer["Scheme"],
                "State": {"Code": "active"},
                "VpcId": seen["VpcId"],
                "AvailabilityZones": zones,
                "SecurityGroups": balancer["SecurityGroups"],
                "IpAddressType": balancer["IpAddressType"],
            }
        )
        target = f"{arn}:targetgroup/{vpc.key}"
        found["TargetGroups"].append(
            {
                "TargetGroupArn": target,
                "TargetGroupName": vpc.key,
                "LoadBalancerArns": [f"{arn}:loadbalancer/{vpc.key}"],
                **{name: group[name] for name in ("Protocol", "Port", "TargetType", "VpcId")},
            }
        )
        found["Listeners"].append(
            {
                "ListenerArn": f"{arn}:listener/{vpc.key}",
                "LoadBalancerArn": f"{arn}:loadbalancer/{vpc.key}",
                "Port": listener["Port"],
                "Protocol": listener["Protocol"],
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": target}],
            }
        )
    return found


def _balancer_details(estate: Estate) -> Iterator[tuple[str, bytes]]:
    """Yield what is asked once a load balancer or a target group: one answer after the other."""
    health, attributes = b"", b""
    for number in range(estate.vpcs):
        vpc = Vpc(estate, number)
        arn = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}"
        (_, balancer, _), (_, group, seen), _ = _balancer(vpc)
        target = {"TargetGroupArn": f"{arn}:targetgroup/{vpc.key}"}
        states = [
            {"Target": item["Target"], "TargetHealth": {"State": item["State"].lower()}}
            for item in seen["TargetHealth"]
        ]
        health += _text({**target, "TargetHealthDescriptions": states}) + b"\n"
        of_balancer = {"LoadBalancerArn": f"{arn}:loadbalancer/{vpc.key}"}
        attributes += _text({**of_balancer, "Attributes": balancer["LoadBalancerAttributes"]})
        attributes += _text({**target, "Attributes": group["TargetGroupAttributes"]})
    yield "TargetHealthDescriptions.json", health
    yield "Attributes.json", attributes


def _text(answer: object) -> bytes:
    return json.dumps(answer, indent=1).encode()


def write(estate: Estate, folder: Path) -> int:
    """Write the files into a folder; return their size in bytes."""
    size = 0
    for name, text in files(estate):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        size += path.write_bytes(text)
    return size


def port_atoms(found: ResourceGraph) -> int:
    """Return how many sets of TCP and UDP ports the rules and entries of a graph tell apart."""
    ranges: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for node in found:
        properties = node.properties
        if "PortRange" in properties:
            ports = properties["PortRange"]
            ranges[int(properties["Protocol"])].add((ports["From"], ports["To"] + 1))
        elif "FromPort" in properties:
            ranges[6].add((properties["FromPort"], properties["ToPort"] + 1))
    return sum(
        len({frozenset(each for each in named if each[0] <= low < each[1]) for low in edges})
        for named in ranges.values()
        for edges in [{0} | {edge for each in named for edge in each if edge < 65_536}]
    )


def measure(form: str, estate: Estate) -> dict[str, float]:
    """Generate one form in this process; return its figures."""
    started = time.process_time()
    size, found = 0, ResourceGraph()
    if form == "graph":
        found = graph(estate)
    else:
        size = sum(len(text) for _, text in files(estate))
    seconds = time.process_time() - started
    peak = peak_megabytes()
    counts = {"bytes": size, "nodes": len(found), "atoms": port_atoms(found)}
    return {"seconds": seconds, "peak": peak, **counts, **Counter(n.short_type for n in found)}


def main() -> None:
    """Print what is generated, in what time and memory."""
    rows = []
    for form in ("graph", "json"):
        for full in ("", "full"):
            words = [sys.executable, "-m", "benchmarks.estate_large", form, full]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            if done.returncode:
                rows.append(
                    (form, full, "failed", *(done.stderr.splitlines() or ["?"])[-1:]) + ("",) * 6
                )
                continue
            found = defaultdict(int, json.loads(done.stdout))
            rules = found["SecurityGroupIngress"] + found["SecurityGroupEgress"]
            rows.append(
                (
                    form,
                    full or "IPv4",
                    f"{found['seconds']:.1f}",
                    f"{found['peak']:.0f}",
                    f"{found['bytes'] / 1e6:.0f}",
                    found["nodes"],
                    found["NetworkInterface"],
                    found["SecurityGroup"],
                    rules,
                    found["atoms"],
                )
            )
    print(f"limits: {LIMIT_SECONDS} s, {LIMIT_MEGABYTES} MB")
    header = "form, estate, CPU s, peak MB, MB, nodes, interfaces, groups, rules, port atoms"
    show(header.split(", "), rows)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        chosen = Estate(full="full" in sys.argv[2:])
        print(json.dumps(measure(sys.argv[1], chosen)))
    else:
        main()

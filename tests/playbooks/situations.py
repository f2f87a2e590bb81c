"""Networks that are attacked, incidents in them, and what a playbook may know of both."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ringwall.model.expectation import Expectation
from ringwall.model.graph import Node, ResourceGraph
from ringwall.model.ports import parse_ports
from ringwall.playbooks.never import NeverBlock
from ringwall.playbooks.playbook import Situation
from ringwall.playbooks.records import Incident, IncidentState, Party, Source
from ringwall.reach.engine import Engine
from ringwall.traffic.naming import Names
from tests.builders import ACCOUNT, ALL, REGION, NetworkBuilder, open_acl

OFFENDER = "198.51.100.7"
OFFENDER6 = "2a00:1450::7"


def site() -> NetworkBuilder:
    """A VPC with a public tier, a private one behind a NAT gateway, and one of the default ACL.

    `v/web` serves the internet on 443, `v/app` takes 8080 of it and calls out; `v/old` is in the
    subnet with the VPC's default network ACL, and open to the internet on 22.
    """
    base = (
        NetworkBuilder(observed=True)
        .vpc("v", "10.0.0.0/16", ipv6=True)
        .internet_gateway("v")
        .acl("v/web", *open_acl())
        .acl("v/app", *open_acl())
        .subnet("v/web/a", "10.0.1.0/24", public=True, acl="v/web", ipv6=1)
        .subnet("v/web/b", "10.0.2.0/24", public=True, acl="v/web", ipv6=2)
        .subnet("v/app/a", "10.0.3.0/24", acl="v/app")
        .subnet("v/old/a", "10.0.4.0/24", public=True)
        .nat("v/nat", "v/web/a")
        .route("v/web", ALL, "igw:v")
        .route("v/web", "::/0", "igw:v")
        .route("v/old", ALL, "igw:v")
        .route("v/app", ALL, "nat:v/nat")
        .group("v/web", "web", f"in tcp/443 {ALL}", "in tcp/443 ::/0", "out tcp/8080 group:v/app")
        .group("v/app", "app", "in tcp/8080 group:v/web", f"out tcp/443 {ALL}")
        .group("v/old", "old", f"in tcp/22 {ALL}")
    )
    base.nodes["AWS::EC2::VPCCidrBlock", "v/ipv6"] = replace(
        base.nodes["AWS::EC2::VPCCidrBlock", "v/ipv6"],
        properties={"VpcId": base.nodes["AWS::EC2::VPC", "v"].ref, "Ipv6CidrBlock": "2600::/56"},
    )
    return base.add(
        "Ringwall::EC2::DefaultNetworkAcl", "v", default_acl(base.nodes["AWS::EC2::VPC", "v"])
    )


def default_acl(vpc: Node) -> dict[str, Any]:
    """The entries that AWS gives to a VPC's default network ACL."""
    entries = [
        {"Egress": egress, "RuleNumber": number, "Protocol": -1, "RuleAction": action, name: cidr}
        for egress in (False, True)
        for number, action, name, cidr in (
            (100, "allow", "CidrBlock", ALL),
            (101, "allow", "Ipv6CidrBlock", "::/0"),
            (32_767, "deny", "CidrBlock", ALL),
            (32_768, "deny", "Ipv6CidrBlock", "::/0"),
        )
    ]
    return {"VpcId": vpc.ref, "Entries": entries}


def identified(graph: ResourceGraph) -> ResourceGraph:
    """Make a graph as one that was read: AWS's own network ACLs are in it, and every id."""
    kind = "Ringwall::EC2::DefaultNetworkAcl"
    graph = graph.with_nodes(
        Node(kind, vpc.key, vpc.account, vpc.region, default_acl(vpc))
        for vpc in graph.of_type("AWS::EC2::VPC")
        if (kind, vpc.key) not in graph
    )
    return graph.with_nodes(
        replace(node, physical_id=f"{node.short_type.lower()}-{number:08x}")
        for number, node in enumerate(graph)
        if not node.physical_id
    )


def situation(
    graph: ResourceGraph | NetworkBuilder,
    *expected: Expectation,
    quota: int = 19,
    allowed: dict[str, str] | None = None,
    **more: Any,
) -> Situation:
    """What a playbook may know of a network."""
    graph = graph.graph() if isinstance(graph, NetworkBuilder) else graph
    engine = Engine(graph)
    return Situation(
        engine=engine,
        names=Names.of(graph),
        never=NeverBlock.of(engine, allowed),
        expected=expected,
        quota=quota,
        account=ACCOUNT,
        region=REGION,
        **more,
    )


def expectation(text: str, *, reachable: bool = True) -> Expectation:
    """An expectation as `internet -> v/web : 443`."""
    ends, _, ports = text.rpartition(" : ")
    source, _, destination = ends.partition(" -> ")
    return Expectation(text, (source,), (destination,), (parse_ports(ports),), reachable)


def incident(
    *parties: Party, kind: str = "RW501", evidence: dict[str, Any] | None = None
) -> Incident:
    """Something that was seen, about these parties."""
    return Incident(
        "0-1", "0", Source.DETECTION, kind, "a test", 5, parties, 100, 160, IncidentState.OPEN,
        200, 200, evidence=evidence or {},
    )  # fmt: skip


def sources(*addresses: str) -> tuple[Party, ...]:
    """Parties that something came from."""
    return tuple(Party("source", address) for address in addresses)


def names(items: Iterable[object]) -> list[str]:
    """Texts of things, in order."""
    return [str(item) for item in items]

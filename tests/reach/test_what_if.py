"""What changes would do, held to the difference of the two networks built anew."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random
from weakref import ref

import pytest

from ringwall.model.collector import uncollected
from ringwall.model.graph import Address, Node, ResourceGraph
from ringwall.reach.difference import difference
from ringwall.reach.engine import Engine
from ringwall.reach.what_if import Basis
from tests.networks.drawing import draw
from tests.networks.features import Feature

F = Feature

PORTS = (22, 80, 443, 444, 1023, 1024, 5432, 8080, 40_000, 65_535)
KINDS = ("rule", "entry", "route", "association", "transit")


def _block(rng: Random, graph: ResourceGraph) -> str:
    """Return a block that may cut what no rule has cut so far."""
    nodes = [n for n in graph.of_type("AWS::EC2::Subnet") if "CidrBlock" in n.properties]
    cidr = str(rng.choice(nodes).properties["CidrBlock"]) if nodes else "10.0.0.0/24"
    first, length = cidr.split("/")
    more = rng.choice([0, 1, 2, 4])
    choices = [
        f"{first}/{min(32, int(length) + more)}",
        f"{first}/{max(8, int(length) - 2 * more)}",
        "0.0.0.0/0",
        "10.0.0.0/8",
        "8.8.8.0/24",
        "192.168.7.0/24",
    ]
    return rng.choice(choices)


def _ports(rng: Random) -> tuple[int, int]:
    low = rng.choice(PORTS)
    return low, rng.choice([low, min(65_535, low + 7), 65_535])


def _rule(rng: Random, graph: ResourceGraph) -> Iterator[Node | Address]:
    groups = graph.of_type("AWS::EC2::SecurityGroup")
    rules = [n for n in graph if n.short_type in {"SecurityGroupIngress", "SecurityGroupEgress"}]
    group, (low, high) = rng.choice(groups), _ports(rng)
    way, side = rng.choice([("Ingress", "Source"), ("Egress", "Destination")])
    peer = (
        {f"{side}SecurityGroupId": rng.choice(groups).ref}
        if rng.random() < 0.3
        else {"CidrIp": _block(rng, graph)}
    )
    more = {"GroupId": group.ref, "IpProtocol": rng.choice(["tcp", "udp"])}
    more |= {"FromPort": low, "ToPort": high} | peer
    if rng.random() < 0.1:
        more = {"GroupId": group.ref, "IpProtocol": rng.choice(["-1", "47", "icmp"])} | peer
    kind = f"AWS::EC2::SecurityGroup{way}"
    yield Node(kind, f"{group.key}:what-if", group.account, group.region, more)
    if rules:
        old = rng.choice(rules)
        yield old.type, old.key
        changed = rng.choice(rules)
        properties = {k: v for k, v in changed.properties.items() if "Cidr" not in k}
        properties = {
            k: v for k, v in properties.items() if "SourceS" not in k and "DestS" not in k
        }
        yield replace(changed, properties=properties | {"CidrIp": _block(rng, graph)})


def _entry(rng: Random, graph: ResourceGraph) -> Iterator[Node | Address]:
    entries = graph.of_type("AWS::EC2::NetworkAclEntry")
    acls = graph.of_type("AWS::EC2::NetworkAcl")
    if acls:
        acl, (low, high) = rng.choice(acls), _ports(rng)
        properties = {
            "NetworkAclId": acl.ref,
            "Egress": rng.random() < 0.5,
            "RuleNumber": rng.choice([1, 99, 100, 150, 32_000]),
            "RuleAction": rng.choice(["allow", "deny"]),
            "Protocol": rng.choice([6, 17, -1]),
            "CidrBlock": _block(rng, graph),
        }
        if properties["Protocol"] != -1:
            properties["PortRange"] = {"From": low, "To": high}
        kind = "AWS::EC2::NetworkAclEntry"
        yield Node(kind, f"{acl.key}:what-if", acl.account, acl.region, properties)
    if entries:
        old, changed = rng.choice(entries), rng.choice(entries)
        yield old.type, old.key
        flip = {"allow": "deny", "deny": "allow"}[changed.properties["RuleAction"]]
        yield replace(changed, properties={**changed.properties, "RuleAction": flip})


def _route(rng: Random, graph: ResourceGraph) -> Iterator[Node | Address]:
    routes, tables = graph.of_type("AWS::EC2::Route"), graph.of_type("AWS::EC2::RouteTable")
    if routes and tables:
        table = rng.choice(tables)
        target = rng.choice(routes).properties
        target = {
            k: v for k, v in target.items() if not k.startswith(("Destination", "RouteTable"))
        }
        properties = {
            **target,
            "RouteTableId": table.ref,
            "DestinationCidrBlock": _block(rng, graph),
        }
        yield Node(
            "AWS::EC2::Route", f"{table.key}:what-if", table.account, table.region, properties
        )
        old, changed = rng.choice(routes), rng.choice(routes)
        yield old.type, old.key
        yield replace(changed, observed={**changed.observed, "State": "blackhole"})


def _association(rng: Random, graph: ResourceGraph) -> Iterator[Node | Address]:
    for kind, name, held in (
        ("SubnetRouteTableAssociation", "RouteTableId", "RouteTable"),
        ("SubnetNetworkAclAssociation", "NetworkAclId", "NetworkAcl"),
    ):
        known = graph.of_type(f"AWS::EC2::{kind}")
        others = graph.of_type(f"AWS::EC2::{held}")
        if known and others:
            old = rng.choice(known)
            yield old.type, old.key
            other = rng.choice(others).ref
            yield replace(old, properties={**old.properties, name: other})


def _transit(rng: Random, graph: ResourceGraph) -> Iterator[Node | Address]:
    name = "TransitGatewayRouteTableId"
    propagations = graph.of_type("AWS::EC2::TransitGatewayRouteTablePropagation")
    attachments = graph.of_type("AWS::EC2::TransitGatewayAttachment")
    tables = graph.of_type("AWS::EC2::TransitGatewayRouteTable")
    if propagations:
        old = rng.choice(propagations)
        yield old.type, old.key
    if attachments and tables:
        table = rng.choice(tables)
        properties = {name: table.ref, "DestinationCidrBlock": _block(rng, graph)}
        properties["TransitGatewayAttachmentId"] = rng.choice(attachments).ref
        kind = "AWS::EC2::TransitGatewayRoute"
        yield Node(kind, "what-if", table.account, table.region, properties)
    for old in graph.of_type("AWS::EC2::TransitGatewayRoute")[:1]:
        yield old.type, old.key


MAKERS = {
    "rule": _rule,
    "entry": _entry,
    "route": _route,
    "association": _association,
    "transit": _transit,
}


def _after(graph: ResourceGraph, changes: list[Node | Address]) -> ResourceGraph:
    graph = graph.with_nodes(each for each in changes if isinstance(each, Node))
    return graph.without(each for each in changes if not isinstance(each, Node))


def unlike(
    seed: int, most: int = 3, features: Iterable[Feature] | None = None
) -> tuple[Counter[str], list[str]]:
    """Ask about changes of each kind, then about one of each at once.

    Returns how many were made in place, and those whose answer is not the difference's.
    """
    graph, rng = draw(seed, features).graph, Random(seed)
    basis = Basis(Engine(graph))
    counted: Counter[str] = Counter()
    asked: list[tuple[str, list[Node | Address]]] = []
    together: dict[Address, Node | Address] = {}
    for kind in KINDS:
        made = list(MAKERS[kind](rng, graph))
        asked += [(kind, [each]) for each in made[:most]]
        for each in made[:1]:
            together[(each.type, each.key) if isinstance(each, Node) else each] = each
    asked.append(("together", list(together.values())))
    wrong: list[str] = []
    for kind, changes in asked:
        found = basis.what_if(changes)
        wanted = difference(graph, _after(graph, changes))
        counted[f"{kind} {'rebuilt' if found.rebuilt else 'in place'}"] += 1
        counted["unlike networks"] += bool(wanted)
        if found.to_dict() != wanted.to_dict():
            wrong.append(f"seed {seed}: {kind} {changes}")
    return counted, wrong


@pytest.mark.parametrize("seed", [4, 5, 26, 34])  # small ones
def test_the_answer_is_that_of_both_networks_built_anew(seed: int):
    _, wrong = unlike(seed, most=1)
    assert wrong == []


@pytest.mark.parametrize(
    "features",
    [
        (F.LATTICE,),
        (F.VPN, F.DIRECT_CONNECT, F.NAT),
        (F.APPLICATION_BALANCERS,),
        (F.NETWORK_BALANCERS,),
        (F.NETWORK_BALANCERS, F.ENDPOINT_SERVICES),
        (F.NETWORK_FIREWALL,),
        (F.INSPECTION_ENDPOINTS, F.SPECIFIC_ROUTES),
    ],
)
def test_what_lies_beside_on_and_behind_ways_is_done_in_place(
    features: tuple[Feature, ...],
):
    counted, wrong = unlike(7, 1, features)
    assert wrong == []
    assert sum(n for what, n in counted.items() if what.endswith("in place")) >= 3, counted


def test_what_is_behind_a_node_that_is_made_again_is_asked_again():
    """An entry of the ACL of a node's subnet cuts ports anew, and drops what targets answer."""
    graph = draw(131, (F.APPLICATION_BALANCERS, F.ACLS, F.INTERFACES)).graph
    basis, asked = Basis(Engine(graph)), 0
    for acl in graph.of_type("AWS::EC2::NetworkAcl"):
        properties = {
            "NetworkAclId": acl.ref,
            "Egress": False,
            "RuleNumber": 1,
            "RuleAction": "deny",
            "Protocol": 6,
            "CidrBlock": "0.0.0.0/0",
            "PortRange": {"From": 1023, "To": 65_535},
        }
        kind = "AWS::EC2::NetworkAclEntry"
        entry = Node(kind, f"{acl.key}:what-if", acl.account, acl.region, properties)
        found = basis.what_if([entry])
        assert found.to_dict() == difference(graph, graph.with_nodes([entry])).to_dict()
        asked += not found.rebuilt
    assert asked


def test_an_answer_leaves_nothing_to_the_collector():
    """Circles of objects of the size of a network would make every other question a slow one."""
    graph = draw(131, (F.APPLICATION_BALANCERS, F.ACLS, F.INTERFACES)).graph
    basis = Basis(Engine(graph))
    rule = next(n for n in graph if n.short_type == "SecurityGroupIngress")
    with uncollected():
        found = basis.what_if([(rule.type, rule.key)])
        assert not found.rebuilt
        engine = ref(found.engine)
        del found
        assert engine() is None


def test_another_kind_of_change_is_answered_by_building_anew():
    graph = draw(5).graph
    gone = next(a for a in graph.nodes if a[0] == "AWS::EC2::Subnet")
    found = Basis(Engine(graph)).what_if([gone])
    assert found.rebuilt
    assert found.to_dict() == difference(graph, graph.without([gone])).to_dict()


@pytest.mark.campaign
def test_the_answer_is_that_of_both_networks_built_anew_everywhere():
    total: Counter[str] = Counter()
    for seed in range(2_000, 2_060):
        counted, wrong = unlike(seed)
        assert wrong == []
        total += counted
    assert total["unlike networks"] > 200
    for kind in KINDS:
        assert total[f"{kind} in place"] > 30, total

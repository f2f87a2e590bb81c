"""What load balancers pass on: certified where it is cut, refused as soon as one thing opens it."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from ringwall.errors import InputError
from ringwall.model.expectation import Expectation
from ringwall.model.graph import ResourceGraph
from ringwall.model.ports import parse_ports
from ringwall.reach.engine import Engine
from ringwall.reach.expectations import check as judge
from ringwall.verify.certificate import Certificate, Proof, from_text, to_text
from ringwall.verify.checking import Answer, Checked, check
from ringwall.verify.closing import NoProofError, close
from ringwall.verify.gaps import Gaps
from ringwall.verify.network import Network
from tests.builders import NetworkBuilder, ref
from tests.trace.building import balancer, in_region, listener, machine, target_group
from tests.trace.test_balancer_rules import afar, classic, meant, network_lb, served, service, web
from tests.verify.campaign import carried
from tests.verify.test_hostile_files import mutated

Build = Callable[[], NetworkBuilder]
Change = Callable[[NetworkBuilder], object]
MUTANTS = int(os.environ.get("RINGWALL_MUTANTS", "20"))
NODES, CLIENTS = "10.0.20.0/23", "10.0.10.0/23"
KEPT: dict[str, Any] = {"preserve_client_ip.enabled": "true"}
HIDDEN: dict[str, Any] = {"preserve_client_ip.enabled": "false"}
LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
ADMITTED = "v/app:in:tcp/8080:group:v/lb"


def cut(base: NetworkBuilder) -> NetworkBuilder:
    """Take away the rule by which the target admits the load balancer."""
    del base.nodes["AWS::EC2::SecurityGroupIngress", ADMITTED]
    return base


def admit(peer: str) -> Change:
    return lambda base: base.rule("v/app", "in", "tcp/8080", peer)


def port_22() -> NetworkBuilder:
    return web().rule("v/lb", "in", "tcp/22", "10.0.0.0/16")


def by_address() -> NetworkBuilder:
    base = cut(served(kind="network", groups=(), cross_zone=True))
    target_group(base, "app", "10.0.30.9", kind="ip", protocol="TCP")
    return listener(base, "front", 80, "app", protocol="TCP")


def chain(**attributes: str) -> NetworkBuilder:
    """A network load balancer before an application one, whose target admits nobody."""
    base = cut(web())
    balancer(base, "outer", "v/web/a", kind="network")
    given: dict[str, Any] = {"kind": "alb", "protocol": "TCP", "port": 80, **attributes}
    target_group(base, "inner", "front", **given)
    return listener(base, "outer", 80, "inner", protocol="TCP")


def one_zone(*, crosses: bool) -> NetworkBuilder:
    """Clients come to the node of zone b alone, the target stands in a."""
    base = network_lb(cross_zone=crosses, **HIDDEN)
    base.acl("v/shut", "out 100 allow all 0.0.0.0/0")
    return base.subnet("v/lb/a", "10.0.20.0/24", acl="v/shut")


def crossing(base: NetworkBuilder) -> None:
    base.nodes[LOAD_BALANCER, "front"] = one_zone(crosses=True).nodes[LOAD_BALANCER, "front"]


def without_egress() -> NetworkBuilder:
    base = web()
    del base.nodes["AWS::EC2::SecurityGroupEgress", "v/lb:out:all:0.0.0.0/0"]
    return base


def kept_without_egress() -> NetworkBuilder:
    base = network_lb()
    del base.nodes["AWS::EC2::SecurityGroupEgress", "v/lb:out:all:0.0.0.0/0"]
    return base


def registered(base: NetworkBuilder) -> None:
    base.group("v/open", "", "in all 0.0.0.0/0")
    machine(base, "eni-2", "v/app/b", "10.0.31.9", "v/open")
    target_group(base, "app", "i-eni-1", "i-eni-2")


def unasked(base: NetworkBuilder) -> None:
    node = base.nodes[LOAD_BALANCER, "front"]
    off = {"EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "off"}
    base.nodes[LOAD_BALANCER, "front"] = replace(node, properties={**node.properties, **off})


def closed_service() -> NetworkBuilder:
    base = service()
    del base.nodes["AWS::EC2::SecurityGroupIngress", "v/lb:in:tcp/80:10.9.1.0/24"]
    return base


CASES: dict[str, tuple[Build, str, str, Change]] = {
    "target's group": (lambda: cut(web()), "front", "80", admit("group:v/lb")),
    "target's group, addresses": (lambda: cut(web()), "front", "80", admit(NODES)),
    "target's port": (
        lambda: cut(web()).rule("v/app", "in", "tcp/80", NODES),
        "front",
        "80",
        lambda base: target_group(base, "app", "i-eni-1", port=80),
    ),
    "target's ACL": (
        lambda: web().entry("v/app", "in", 50, "deny", "tcp/8080", NODES),
        "front",
        "80",
        lambda base: base.entry("v/app", "in", 40, "allow", "tcp/8080", NODES),
    ),
    "node's ACL": (
        lambda: web().entry("v/lb", "out", 50, "deny", "tcp/8080", "10.0.30.0/23"),
        "front",
        "80",
        lambda base: base.entry("v/lb", "out", 40, "allow", "tcp/8080", "10.0.30.0/24"),
    ),
    "node's egress": (
        without_egress,
        "front",
        "80",
        lambda base: base.rule("v/lb", "out", "tcp/8080", "10.0.30.9/32"),
    ),
    "egress of what keeps addresses": (
        kept_without_egress,
        "front",
        "80",
        lambda base: base.rule("v/lb", "out", "tcp/8080", "10.0.30.9/32"),
    ),
    "no listener": (port_22, "front", "22", lambda base: listener(base, "front", 22, "app")),
    "a listener's answer": (
        port_22,
        "front",
        "22",
        lambda base: listener(base, "front", 22, action="redirect"),
    ),
    "no target": (
        lambda: listener(target_group(served(), "app"), "front", 80, "app"),
        "front",
        "80",
        lambda base: target_group(base, "app", "i-eni-1"),
    ),
    "whoever is meant": (
        lambda: cut(meant()),
        "front",
        "80",
        admit("group:v/lb"),
    ),
    "who is meant in one zone": (
        lambda: meant().entry("v/app", "in", 50, "deny", "tcp/8080", NODES),
        "front",
        "80",
        lambda base: base.subnet("v/app/b", "10.0.31.0/24", acl="v/web"),
    ),
    "nobody is meant": (
        lambda: listener(target_group(served(), "app"), "front", 80, "app"),
        "front",
        "80",
        lambda base: target_group(base, "app", wanted="v/app"),
    ),
    "one more target": (lambda: cut(web()), "front", "80", registered),
    "a function": (
        lambda: cut(web()),
        "front",
        "80",
        lambda base: target_group(base, "app", "arn:aws:lambda:x", kind="lambda"),
    ),
    "kept addresses": (lambda: network_lb(groups=()), "front", "80", admit(CLIENTS)),
    "kept addresses, client's group": (
        lambda: cut(network_lb()),
        "front",
        "80",
        admit("group:v/web"),
    ),
    "kept addresses, its own group": (
        lambda: cut(network_lb()),
        "front",
        "80",
        admit("group:v/lb"),
    ),
    "kept no more": (
        lambda: network_lb(groups=()).rule("v/app", "in", "tcp/8080", NODES),
        "front",
        "80",
        lambda base: target_group(base, "app", "i-eni-1", protocol="TCP", **HIDDEN),
    ),
    "target by address": (by_address, "front", "80", admit(NODES)),
    "target by address, kept": (
        lambda: by_address().rule("v/app", "in", "tcp/8080", CLIENTS),
        "front",
        "80",
        lambda base: target_group(
            base,
            "app",
            "10.0.30.9",
            kind="ip",
            protocol="TCP",
            **KEPT,
        ),
    ),
    "one behind another": (chain, "outer", "80", admit("group:v/lb")),
    "one behind another, hidden": (lambda: chain(**HIDDEN), "outer", "80", admit("group:v/lb")),
    "zones": (lambda: one_zone(crosses=False), "front", "80", crossing),
    "classic": (lambda: cut(classic()), "old", "80", admit("group:v/lb")),
    "a service": (lambda: cut(service()), "w/endpoints", "80", admit("group:v/lb")),
    "a service's admission": (
        closed_service,
        "w/endpoints",
        "80",
        lambda base: base.rule("v/lb", "in", "tcp/80", "10.9.1.0/24"),
    ),
    "a service's admission, unasked": (closed_service, "w/endpoints", "80", unasked),
}


def asked(base: Build, to: str, port: str) -> Expectation:
    source = "w/app" if to == "w/endpoints" else "v/web"
    return Expectation("it", (source,), (to,), (parse_ports(port),), reachable=False)


def proof_of(graph: ResourceGraph, claim: Expectation) -> Proof:
    network = Network(graph)
    return carried(close(network, Gaps(network), claim, {}))


def checked(graph: ResourceGraph, proof: Proof) -> Checked:
    network = Network(graph)
    return check(network, Gaps(network), proof, {})


@pytest.mark.parametrize(("build", "to", "port", "change"), CASES.values(), ids=CASES)
def test_what_is_cut_behind_a_node_is_certified_until_one_change_opens_it(
    build: Build, to: str, port: str, change: Change
) -> None:
    claim, base = asked(build, to, port), build()
    assert judge(Engine(base.graph()), [claim])[0].ok
    proof = proof_of(base.graph(), claim)
    assert checked(base.graph(), proof).answer is Answer.ACCEPTED
    change(base)
    assert not judge(Engine(base.graph()), [claim])[0].ok
    assert checked(base.graph(), proof).answer is Answer.REFUSED
    with pytest.raises(NoProofError):
        proof_of(base.graph(), claim)


@pytest.mark.parametrize(("build", "to", "port", "change"), CASES.values(), ids=CASES)
def test_mutants_of_a_proof_do_not_prove_what_was_opened(
    build: Build, to: str, port: str, change: Change
) -> None:
    rng, read = Random(to + port), 0
    claim, base = asked(build, to, port), build()
    proof = proof_of(base.graph(), claim)
    document = json.loads(to_text(Certificate("", "", (proof,))))
    change(base)
    graph = base.graph()
    for _ in range(MUTANTS):
        mutant = document
        for _ in range(rng.choice((1, 1, 2, 5))):
            mutant = mutated(mutant, rng)
        try:
            for each in from_text(json.dumps(mutant), "file").proofs:
                read += 1
                found = checked(graph, replace(each, claim=claim))
                assert found.answer is not Answer.ACCEPTED
        except InputError:
            continue
    assert read >= MUTANTS // 10


def test_every_way_of_a_proof_is_needed() -> None:
    graph = chain().graph()
    proof = proof_of(graph, asked(chain, "outer", "80"))
    assert len(proof.legs) >= 3
    for n in range(len(proof.legs)):
        fewer = replace(proof, legs=(*proof.legs[:n], *proof.legs[n + 1 :]))
        assert checked(graph, fewer).answer is not Answer.ACCEPTED
    assert checked(graph, replace(proof, legs=proof.legs[::-1])).answer is not Answer.ACCEPTED


@pytest.mark.parametrize(
    ("base", "why"),
    [
        (lambda: listener(target_group(served(), "app", "i-gone"), "front", 80, "app"), "i-gone"),
        (lambda: listener(served(), "front", 80, "nothing"), "target group nothing"),
        (lambda: target_group(cut(web()), "app", "10.0.30.77", kind="ip"), "10.0.30.77"),
        (lambda: target_group(cut(web()), "app", "10.0.99.77", kind="ip"), "10.0.99.77"),
        (lambda: broken(cut(web())), "front is 'provisioning'"),
    ],
)
def test_what_is_not_known_of_a_load_balancer_is_not_certified(base: Build, why: str) -> None:
    with pytest.raises(NoProofError, match=why):
        proof_of(base().graph(), asked(base, "front", "80"))


def broken(base: NetworkBuilder) -> NetworkBuilder:
    node = base.nodes[LOAD_BALANCER, "front"]
    seen = {**node.observed, "State": {"Code": "provisioning"}}
    base.nodes[LOAD_BALANCER, "front"] = replace(node, observed=seen)
    return base


@pytest.mark.parametrize(
    ("way", "region", "admitted", "answer"),
    [
        ("transit", "", "10.1.9.0/24", Answer.REFUSED),  # the nodes' addresses
        ("transit", "", "10.1.1.0/24", Answer.REFUSED),  # the clients'
        ("peering", "", "10.1.9.0/24", Answer.ACCEPTED),
        ("peering", "", "10.1.1.0/24", Answer.REFUSED),
        ("peering", "eu-west-1", "10.1.9.0/24", Answer.REFUSED),
    ],
)
def test_where_it_is_not_certain_that_addresses_are_kept_either_may_arrive(
    way: str, region: str, admitted: str, answer: Answer
) -> None:
    """ "Client IP preservation is not supported when targets are reached through a transit
    gateway", nor in a peered VPC of another Region (NLB guide)."""
    base = afar(way, **KEPT)
    if region:
        in_region(base, "blue", region)
    base.entry("blue/app", "in", 50, "deny", "all", "10.1.0.0/16")
    claim = Expectation("it", ("red/app",), ("front",), (parse_ports("80"),), reachable=False)
    proof = proof_of(base.graph(), claim)
    assert checked(base.graph(), proof).answer is Answer.ACCEPTED
    base.entry("blue/app", "in", 40, "allow", "all", admitted)
    assert judge(Engine(base.graph()), [claim])[0].ok is (answer is Answer.ACCEPTED)
    assert checked(base.graph(), proof).answer is answer


def test_load_balancers_that_lead_to_one_another_are_not_certified() -> None:
    base = cut(network_lb(**HIDDEN))
    for zone, address in (("a", "10.0.20.77"), ("b", "10.0.21.77")):
        seen = {
            "Description": "ELB net/front/0123456789abcdef",
            "PrivateIpAddresses": [{"PrivateIpAddress": address}],
        }
        link = {
            "SubnetId": ref("Subnet", f"v/lb/{zone}"),
            "GroupSet": [ref("SecurityGroup", "v/lb")],
        }
        base.add("NetworkInterface", f"eni-{zone}", link, observed=seen)
    target_group(base, "app", "10.0.20.77", kind="ip", protocol="TCP", port=80)
    with pytest.raises(NoProofError, match="lead to one another"):
        proof_of(base.graph(), asked(network_lb, "front", "80"))


def test_a_node_without_groups_hides_nothing_of_what_stands_beside_it() -> None:
    base = served(kind="network", groups=())
    for source, to, port in (("v/web", "v/app", "22"), ("front", "v/app", "22")):
        claim = Expectation("it", (source,), (to,), (parse_ports(port),), reachable=False)
        proof = proof_of(base.graph(), claim)
        assert checked(base.graph(), proof).answer is Answer.ACCEPTED
        opened = served(kind="network", groups=()).rule("v/app", "in", "tcp/22", "10.0.0.0/16")
        assert checked(opened.graph(), proof).answer is Answer.REFUSED

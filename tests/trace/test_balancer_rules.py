"""Load balancers as destinations, and endpoint services: F14, F15, R27."""

from dataclasses import replace
from typing import Any

import pytest

from ringwall.reach.engine import Engine
from ringwall.trace.balancers import balancers
from ringwall.trace.ends import nodes_of
from ringwall.trace.network import Network
from ringwall.verify.ends import find_ends
from ringwall.verify.network import Network as Checked
from ringwall.verify.sets import FAMILIES, meet
from tests.builders import ALL, NetworkBuilder, open_acl, ref
from tests.trace.asking import ask, codes, judged, shown, told, unknowns
from tests.trace.building import balancer, in_region, listener, machine, target_group
from tests.trace.test_routing_rules import OPEN, peered, spokes

LB = ("in tcp/80 10.0.0.0/16", "out all 0.0.0.0/0")


def served(
    *, kind: str = "application", groups: tuple[str, ...] = ("v/lb",), **options: Any
) -> NetworkBuilder:
    """v/web asks a balancer in v/lb whose target i-eni-1 stands in v/app, two zones each."""
    base = NetworkBuilder().vpc("v", "10.0.0.0/16")
    for number, tier in enumerate(("web", "lb", "app"), 1):
        base.acl(f"v/{tier}", *open_acl())
        for index, zone in enumerate("ab"):
            base.subnet(f"v/{tier}/{zone}", f"10.0.{number}{index}.0/24", acl=f"v/{tier}")
    base.group("v/web", "web", *OPEN).group("v/lb", "", *LB)
    base.group("v/app", "app", "in tcp/8080 group:v/lb")
    balancer(base, "front", "v/lb/a", "v/lb/b", kind=kind, groups=groups, **options)
    return machine(base, "eni-1", "v/app/a", "10.0.30.9", "v/app")


def web(**options: Any) -> NetworkBuilder:
    base = target_group(served(), "app", "i-eni-1", **options)
    return listener(base, "front", 80, "app")


def network_lb(*, groups: tuple[str, ...] = ("v/lb",), **options: Any) -> NetworkBuilder:
    base = served(kind="network", groups=groups, cross_zone=options.pop("cross_zone", True))
    given = {"protocol": "TCP"} | options
    target_group(base, "app", "i-eni-1", **given)
    return listener(base, "front", 80, "app", protocol=str(given["protocol"]))


def test_f14_a_balancer_is_reached_if_a_target_is():
    """The second connection comes from the balancer's private address and its groups."""
    found = told(web(), "v/web", "front", "80")
    assert (found.verdict.value, found.mixed) == ("ALLOW", {"ALLOW": 4})
    kinds = [hop.kind for hop in shown(found).forward]
    assert kinds[3:7] == ["network-acl", "security-group", "load-balancer", "target-group"]
    assert kinds[7:] == [
        "security-group",
        "network-acl",
        "route-table",
        "network-acl",
        "security-group",
    ]
    assert "load-balancer" in [hop.kind for hop in shown(found).back]


def meant(wanted: str = "v/app", *targets: str, **options: Any) -> NetworkBuilder:
    """Nobody needs to be registered in a group that a blueprint wants."""
    base = target_group(served(), "app", *targets, wanted=wanted, **options)
    return listener(base, "front", 80, "app")


def test_whoever_bears_the_group_of_a_target_group_may_be_registered():
    found = told(meant(), "v/web", "front", "80")
    assert (found.verdict.value, found.mixed) == ("ALLOW", {"ALLOW": 4})
    assert "v/app" in [hop.name for hop in shown(found).forward]
    closed = meant()
    del closed.nodes["AWS::EC2::SecurityGroupIngress", "v/app:in:tcp/8080:group:v/lb"]
    assert ask(closed, "v/web", "front", "80") == "DENY"


def test_one_place_of_the_group_that_is_reached_is_enough():
    base = meant().acl("v/shut", "out 100 allow all 0.0.0.0/0")
    base.subnet("v/app/a", "10.0.30.0/24", acl="v/shut")
    assert ask(base, "v/web", "front", "80") == "ALLOW"
    base.subnet("v/app/b", "10.0.31.0/24", acl="v/shut")
    assert ask(base, "v/web", "front", "80") == "DENY"


def test_what_is_registered_counts_instead_of_who_may_be():
    base = meant("v/app", "i-eni-2").group("v/other", "", "in tcp/22 10.0.0.0/16")
    machine(base, "eni-2", "v/app/b", "10.0.31.9", "v/other")
    assert ask(base, "v/web", "front", "80") == "DENY"
    assert ask(meant("v/app", "i-eni-1"), "v/web", "front", "80") == "ALLOW"


def test_a_group_without_a_place_is_unknown():
    for name in ("v/nobody", "v/lb"):
        assert "has no place" in unknowns(meant(name), "v/web", "front", "80")


def test_only_application_balancers_have_such_target_groups():
    base = served(kind="network", cross_zone=True)
    target_group(base, "app", wanted="v/app", protocol="TCP")
    listener(base, "front", 80, "app", protocol="TCP")
    assert ask(base, "v/web", "front", "80") == "DENY"


def twin(where: str) -> NetworkBuilder:
    """Before v stands a VPC with the same addresses, whose interface admits nothing."""
    base = served()
    base.vpc("a", "10.0.0.0/16").acl("a/app", *open_acl())
    base.subnet("a/app/a", "10.0.30.0/24", acl="a/app").group("a/app", "app")
    machine(base, "a-eni", "a/app/a", "10.0.30.9", "a/app")
    target_group(base, "app", "10.0.30.9", kind="ip", vpc=where)
    return listener(base, "front", 80, "app")


def test_f14_an_address_that_two_vpcs_have_is_meant_in_the_vpc_of_its_target_group():
    found = told(twin("v"), "v/web", "front", "80")
    assert (found.verdict.value, found.mixed) == ("ALLOW", {"ALLOW": 4})
    assert told(twin(""), "v/web", "front", "80").verdict.value == "UNKNOWN"
    assert "several VPCs have" in unknowns(twin(""), "v/web", "front", "80")
    assert told(twin("a"), "v/web", "front", "80").verdict.value == "DENY"


def test_f14_without_a_listener_nothing_is_taken():
    assert codes(web(), "v/web", "front", "443")[-1] == "ELBV2_LISTENERS_MISMATCH"
    base = web().rule("v/lb", "in", "udp/80", "10.0.0.0/16")
    assert codes(base, "v/web", "front", "80/udp") == ["ELBV2_LISTENERS_MISMATCH"]
    assert judged(web(), "v/web", "front", "443", reachable=False).ok


def test_f14_the_balancers_groups_admit_the_client():
    base = web().group("v/closed", "", "out all 0.0.0.0/0")
    node = base.nodes["AWS::ElasticLoadBalancingV2::LoadBalancer", "front"]
    given = {**node.properties, "SecurityGroups": [ref("SecurityGroup", "v/closed")]}
    base.add("AWS::ElasticLoadBalancingV2::LoadBalancer", "front", given)
    base.rule("v/app", "in", "all", "10.0.0.0/16")
    assert codes(base, "v/web", "front", "80") == ["ENI_SG_RULES_MISMATCH"]


def test_f14_the_target_must_admit_the_balancer():
    base = web()
    del base.nodes["AWS::EC2::SecurityGroupIngress", "v/app:in:tcp/8080:group:v/lb"]
    assert codes(base, "v/web", "front", "80") == ["ENI_SG_RULES_MISMATCH"]
    base.rule("v/app", "in", "tcp/8080", "10.0.10.0/23")  # the client's address is not seen
    assert ask(base, "v/web", "front", "80") == "DENY"
    base.rule("v/app", "in", "tcp/8080", "10.0.20.0/23")
    assert ask(base, "v/web", "front", "80") == "ALLOW"


def test_f14_the_answer_of_the_target_needs_its_own_acl_entries():
    """Load balancers use source ports 1024-65535."""
    base = web().entry("v/app", "out", 50, "deny", "all", "10.0.20.0/23")
    assert ask(base, "v/web", "front", "80") == "ONE_WAY"
    base = web().entry("v/app", "out", 50, "deny", "tcp/2000-3000", "10.0.20.0/23")
    assert ask(base, "v/web", "front", "80") == "UNDETERMINED"


@pytest.mark.parametrize("kind", ["redirect", "fixed-response"])
def test_f14_a_redirect_is_an_answer_of_the_balancer(kind):
    assert ask(listener(served(), "front", 80, action=kind), "v/web", "front", "80") == "ALLOW"


def test_f14_rules_lead_to_further_groups():
    base = target_group(served(), "none")
    target_group(base, "app", "i-eni-1")
    listener(base, "front", 80, "none", "app")
    assert ask(base, "v/web", "front", "80") == "ALLOW"


@pytest.mark.parametrize(
    ("states", "verdict"),
    [
        ({"i-eni-1": "healthy"}, "ALLOW"),
        ({"i-eni-1": "initial"}, "ALLOW"),
        ({"i-eni-1": "draining"}, "DENY"),
        ({"i-eni-1": "unused"}, "DENY"),
        # If all targets are unhealthy, the balancer routes requests to all of them.
        ({"i-eni-1": "unhealthy"}, "ALLOW"),
    ],
)
def test_f14_health(states, verdict):
    assert ask(web(states=states), "v/web", "front", "80") == verdict
    if verdict == "DENY":
        assert codes(web(states=states), "v/web", "front", "80") == ["ELBV2_LISTENER_HAS_NO_TG"]


def test_f14_a_healthy_target_takes_the_place_of_an_unhealthy_one():
    base = served()
    machine(base, "eni-2", "v/app/a", "10.0.30.10")
    states = {"i-eni-1": "unhealthy", "i-eni-2": "healthy"}
    target_group(base, "app", "i-eni-1", "i-eni-2", states=states)
    listener(base, "front", 80, "app")
    assert ask(base, "v/web", "front", "80") == "DENY"  # the healthy one has no group
    states["i-eni-1"] = "healthy"
    target_group(base, "app", "i-eni-1", "i-eni-2", states=states)
    assert ask(base, "v/web", "front", "80") == "ALLOW"


def two_targets(states: dict[str, str], second: str = "v/app/a", **options: Any) -> NetworkBuilder:
    """i-eni-1 takes no packets, i-eni-2 does; a network load balancer asks them."""
    base = served(kind="network", cross_zone=options.pop("cross_zone", True))
    base.group("v/shut", "")
    machine(base, "eni-1", "v/app/a", "10.0.30.9", "v/shut")
    machine(base, "eni-2", second, "10.0.31.9" if second.endswith("b") else "10.0.30.10", "v/app")
    given = {"protocol": "TCP", "preserve_client_ip.enabled": "false"} | options
    target_group(base, "app", "i-eni-1", "i-eni-2", states=states, **given)
    return listener(base, "front", 80, "app", protocol="TCP")


@pytest.mark.parametrize(
    ("least", "verdict"),
    [
        ({}, "DENY"),
        ({"count": "2"}, "ALLOW"),
        ({"percentage": "60"}, "ALLOW"),
        ({"percentage": "50"}, "DENY"),
        ({"percentage": "off"}, "DENY"),
    ],
)
def test_f14_below_the_threshold_unhealthy_targets_get_traffic_too(least, verdict):
    attributes = {
        f"target_group_health.unhealthy_state_routing.minimum_healthy_targets.{name}": value
        for name, value in least.items()
    }
    states = {"i-eni-1": "healthy", "i-eni-2": "unhealthy"}
    assert ask(two_targets(states, **attributes), "v/web", "front", "80") == verdict


def test_f14_without_cross_zone_health_is_of_each_zone():
    """The node of b has an unhealthy target alone, which gets what comes to it."""
    states = {"i-eni-1": "healthy", "i-eni-2": "unhealthy"}
    found = told(two_targets(states, "v/app/b", cross_zone=False), "v/web", "front", "80")
    assert found.mixed == {"DENY": 2, "ALLOW": 2}


def test_f14_what_aws_was_not_asked_about_zones_is_unknown():
    base = served(kind="network", cross_zone=True)
    given: dict[str, Any] = {"protocol": "TCP", "preserve_client_ip.enabled": "false"}
    target_group(base, "app", "i-eni-1", **given)
    listener(base, "front", 80, "app", protocol="TCP")
    key = ("AWS::ElasticLoadBalancingV2::LoadBalancer", "front")
    node = base.nodes[key]
    plain = {k: v for k, v in node.properties.items() if k != "LoadBalancerAttributes"}
    base.nodes[key] = replace(node, properties=plain)
    assert told(base, "v/web", "front", "80").mixed == {"ALLOW": 2, "DENY": 2}  # the default
    base.nodes[key] = replace(node, properties=plain, physical_id="arn:aws:x:loadbalancer/net/f/1")
    assert told(base, "v/web", "front", "80").mixed == {"ALLOW": 2, "UNKNOWN": 2}


def test_f14_a_node_has_the_ipv6_addresses_of_its_interface():
    base = web()
    observed = {
        "Description": "ELB app/front/0123456789abcdef",
        "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.20.77"}],
        "Ipv6Addresses": [{"Ipv6Address": "2600:1f18::77"}],
    }
    link = {"SubnetId": ref("Subnet", "v/lb/a"), "GroupSet": [ref("SecurityGroup", "v/lb")]}
    base.add("NetworkInterface", "eni-0123456789abcdef0", link, observed=observed)
    engine, network = Engine(base.graph()), Network(base.graph())
    nodes = engine.ends.of_balancer(engine.network.services.balancers["front"])
    assert {str(block) for end in nodes for block in end.blocks} >= {"2600:1f18::77/128"}
    places = nodes_of(network, balancers(network)["front"])
    assert {block.version for place in places for block in place.blocks} == {4, 6}


def dual(family: str | None, arn: str = "") -> NetworkBuilder:
    """A balancer in subnets with both families of addresses."""
    base = NetworkBuilder().vpc("v", "10.0.0.0/16", ipv6=True)
    base.acl("v/lb", *open_acl()).subnet("v/lb/a", "10.0.1.0/24", acl="v/lb", ipv6=1)
    base.group("v/lb", "", f"in all {ALL}", "in all ::/0")
    given: dict[str, Any] = {} if family is None else {"IpAddressType": family}
    balancer(base, "front", "v/lb/a", groups=("v/lb",), public=True, **given)
    key = ("AWS::ElasticLoadBalancingV2::LoadBalancer", "front")
    base.nodes[key] = replace(base.nodes[key], physical_id=arn)
    return base


@pytest.mark.parametrize(
    ("family", "arn", "versions", "public"),
    [
        ("ipv4", "", {4}, True),
        (None, "", {4}, True),  # the default of what is wanted
        (None, "arn:aws:x:loadbalancer/app/front/1", {4, 6}, True),  # AWS did not say
        ("dualstack", "", {4, 6}, True),
        ("dualstack-without-public-ipv4", "", {4, 6}, False),
    ],
)
def test_f14_a_balancer_of_type_ipv4_has_no_ipv6_nodes(
    family: str | None, arn: str, versions: set[int], public: bool
):
    """ "ipv4 (for IPv4 addresses)", "dualstack-without-public-ipv4 (for IPv6-only public
    addresses, with private IPv4 and IPv6 addresses)" (ELB API, CreateLoadBalancer)."""
    graph = dual(family, arn).graph()
    engine, network = Engine(graph), Network(graph)
    (end,) = engine.ends.of_balancer(engine.network.services.balancers["front"])
    (place,) = nodes_of(network, balancers(network)["front"])
    assert {block.version for block in end.blocks} == versions
    assert {block.version for block in place.blocks} == versions
    assert (end.public, place.public) == (public, public)
    (one,) = find_ends(Checked(graph), ["front"], {})
    assert {version for version in (4, 6) if meet(one.part, FAMILIES[version])} == versions


@pytest.mark.parametrize(
    ("admitted", "attributes", "verdict"),
    [
        ("10.0.10.0/23", {}, "ALLOW"),  # the clients
        ("10.0.20.0/23", {}, "DENY"),  # the nodes
        ("10.0.10.0/23", {"preserve_client_ip.enabled": "false"}, "DENY"),
        ("10.0.20.0/23", {"preserve_client_ip.enabled": "false"}, "ALLOW"),
    ],
)
def test_f15_an_application_balancer_behind_a_network_one_sees_the_client(
    admitted: str, attributes: dict[str, str], verdict: str
):
    """ "Use the CIDR blocks (IP address range) of the client's computers" (NLB guide)."""
    base = served(kind="network", cross_zone=True)
    base.group("v/inner", "", f"in tcp/80 {admitted}", "out all 0.0.0.0/0")
    base.rule("v/app", "in", "tcp/8080", "group:v/inner")
    balancer(base, "inner", "v/app/a", groups=("v/inner",))
    target_group(base, "app", "i-eni-1")
    listener(base, "inner", 80, "app")
    given: dict[str, Any] = {"protocol": "TCP", "port": 80, "kind": "alb", **attributes}
    target_group(base, "albs", "inner", **given)
    listener(base, "front", 80, "albs", protocol="TCP")
    assert told(base, "v/web", "front", "80").mixed == {verdict: 4}


def test_f14_a_balancer_whose_target_is_its_own_node_is_unknown():
    hidden: dict[str, Any] = {"preserve_client_ip.enabled": "false"}
    base = network_lb(**hidden)
    seen = {
        "Description": "ELB net/front/0123456789abcdef",
        "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.20.77"}],
    }
    link = {"SubnetId": ref("Subnet", "v/lb/a"), "GroupSet": [ref("SecurityGroup", "v/lb")]}
    base.add("NetworkInterface", "eni-node", link, observed=seen)
    target_group(base, "app", "10.0.20.77", kind="ip", protocol="TCP", port=80)
    assert "it leads to itself" in unknowns(base, "v/web", "front", "80")
    assert ask(base, "v/web", "front", "22") == "DENY"


def test_f14_targets_in_zones_without_a_node_get_nothing():
    base = web()
    balancer(base, "front", "v/lb/b", groups=("v/lb",))
    assert codes(base, "v/web", "front", "80") == ["ELB_INSTALLED_AZ_RESTRICTION"]


def test_f14_without_cross_zone_a_node_serves_its_zone():
    base = web(**{"load_balancing.cross_zone.enabled": "false"})
    found = told(base, "v/web", "front", "80")
    assert found.mixed == {"ALLOW": 2, "DENY": 2}
    case = judged(base, "v/web", "front", "80", reachable=True)
    assert [b.code for b in shown(case).blockers] == ["ELB_NOT_CROSSZONE"]
    assert told(network_lb(cross_zone=False), "v/web", "front", "80").mixed["DENY"] == 2


def test_f14_a_target_that_is_not_in_the_input_is_unknown():
    base = listener(target_group(served(), "app", "i-gone"), "front", 80, "app")
    assert "target i-gone" in unknowns(base, "v/web", "front", "80")
    base = listener(served(), "front", 80, "nothing")
    assert "target group nothing" in unknowns(base, "v/web", "front", "80")


def test_f14_a_function_is_a_target_without_packets():
    base = target_group(served(), "app", "arn:aws:lambda:x", kind="lambda")
    assert ask(listener(base, "front", 80, "app"), "v/web", "front", "80") == "ALLOW"


def test_f14_a_balancer_is_named_by_its_name_its_arn_and_its_interfaces():
    base = web()
    item = [{"PrivateIpAddress": "10.0.20.77"}]
    observed = {"Description": "ELB app/front/0123456789abcdef", "PrivateIpAddresses": item}
    link = {"SubnetId": ref("Subnet", "v/lb/a"), "GroupSet": [ref("SecurityGroup", "v/lb")]}
    base.add("NetworkInterface", "eni-0123456789abcdef0", link, observed=observed)
    assert told(base, "v/web", "eni-0123456789abcdef0", "80").mixed == {"ALLOW": 2}
    assert str(shown(told(base, "v/web", "front", "80")).receiver) in {"10.0.20.77", "10.0.21.4"}
    assert judged(base, "v/web", "v/app", "22", reachable=False).ok  # no gap beside any more


def classic(**options: Any) -> NetworkBuilder:
    base = served()
    given: dict[str, Any] = {
        "LoadBalancerName": "old",
        "Scheme": "internal",
        "Subnets": [ref("Subnet", "v/lb/a"), ref("Subnet", "v/app/a")],
        "SecurityGroups": [ref("SecurityGroup", "v/lb")],
        "Listeners": [{"Protocol": "TCP", "LoadBalancerPort": "80", "InstancePort": "8080"}],
        "Instances": [ref("Instance", "i-eni-1")],
        "CrossZone": True,
        **options,
    }
    return base.add("AWS::ElasticLoadBalancing::LoadBalancer", "old", given)


def test_f14_a_classic_balancer_has_listeners_and_instances():
    assert ask(classic(), "v/web", "old", "80") == "ALLOW"
    assert codes(classic(), "v/web", "old", "443")[-1] == "ELB_LISTENERS_MISMATCH"
    base = classic()
    node = base.nodes["AWS::ElasticLoadBalancing::LoadBalancer", "old"]
    seen = {"InstanceStates": [{"InstanceId": "i-eni-1", "State": "OutOfService"}]}
    base.add(node.type, "old", node.properties, observed=seen)
    assert ask(base, "v/web", "old", "80") == "DENY"


def test_f14_a_classic_balancer_applies_acls_inside_its_subnet():
    """Network ACLs apply even if traffic is destined for a target in the same subnet."""
    base = classic(Subnets=[ref("Subnet", "v/app/a")])
    assert ask(base, "v/web", "old", "80") == "ALLOW"
    base.entry("v/app", "out", 50, "deny", "tcp/8080", "10.0.30.0/24")
    assert codes(base, "v/web", "old", "80") == ["ELB_ACL_RESTRICTION"]


def test_f15_a_network_balancer_without_groups_is_open():
    """A Network Load Balancer without security groups accepts all traffic."""
    base = network_lb(groups=()).rule("v/app", "in", "tcp/8080", "10.0.10.0/23")
    assert ask(base, "v/web", "front", "80") == "ALLOW"
    kinds = [hop.kind for hop in shown(told(base, "v/web", "front", "80")).forward]
    assert kinds[3:5] == ["network-acl", "load-balancer"]


def test_f15_client_addresses_are_preserved_for_instances_by_default():
    base = network_lb(groups=())
    assert ask(base, "v/web", "front", "80") == "DENY"
    base.rule("v/app", "in", "tcp/8080", "10.0.20.0/23")  # the node's address is not seen
    assert ask(base, "v/web", "front", "80") == "DENY"
    base.rule("v/app", "in", "tcp/8080", "10.0.10.0/23")
    assert ask(base, "v/web", "front", "80") == "ALLOW"
    off = network_lb(groups=(), **{"preserve_client_ip.enabled": "false"})
    off.rule("v/app", "in", "tcp/8080", "10.0.20.0/23")
    assert ask(off, "v/web", "front", "80") == "ALLOW"


@pytest.mark.parametrize(
    ("protocol", "port", "seen"), [("TCP", "80", "node"), ("UDP", "80/udp", "client")]
)
def test_f15_for_addresses_it_hangs_on_the_protocol(protocol, port, seen):
    base = served(kind="network", groups=(), cross_zone=True)
    target_group(base, "app", "10.0.30.9", protocol=protocol, kind="ip")
    listener(base, "front", 80, "app", protocol=protocol)
    rule = {"node": "10.0.20.0/23", "client": "10.0.10.0/23"}
    base.rule("v/app", "in", "all", rule[seen])
    assert ask(base, "v/web", "front", port) == "ALLOW"
    other = rule["client" if seen == "node" else "node"]
    del base.nodes["AWS::EC2::SecurityGroupIngress", f"v/app:in:all:{rule[seen]}"]
    base.rule("v/app", "in", "all", other)
    assert ask(base, "v/web", "front", port) == "DENY"


def test_f15_a_rule_for_the_balancers_group_matches_with_preserved_addresses_too():
    assert ask(network_lb(), "v/web", "front", "80") == "ALLOW"


def test_f15_the_answer_returns_by_the_flow_and_not_by_the_targets_table():
    base = network_lb(groups=()).internet_gateway("v").rule("v/app", "in", "all", ALL)
    balancer(base, "front", "v/lb/a", kind="network", public=True)
    base.route("v/lb", ALL, "igw:v")  # v/app has no way to the internet
    assert ask(base, "8.8.8.8", "front", "80") == "ALLOW"
    base.entry("v/app", "out", 50, "deny", "all", "8.8.8.8/32")
    assert ask(base, "8.8.8.8", "front", "80") == "ONE_WAY"


def test_f15_an_application_balancer_behind_a_network_balancer():
    base = web()
    balancer(base, "outer", "v/web/a", kind="network")
    target_group(base, "inner", "front", kind="alb", protocol="TCP", port=80)
    listener(base, "outer", 8443, "inner", protocol="TCP")
    base.group("v/asks", "web", "out all 0.0.0.0/0")
    found = told(base, "v/asks", "outer", "8443")
    assert found.verdict.value == "ALLOW"
    assert [h.kind for h in shown(found).forward].count("load-balancer") == 2


def service(**options: Any) -> NetworkBuilder:
    """w/app asks the balancer in v by an endpoint in w."""
    base = network_lb(**options)
    base.vpc("w", "10.9.0.0/16").acl("w/t", *open_acl())
    base.subnet("w/app/a", "10.9.1.0/24", acl="w/t").subnet("w/ep/a", "10.9.2.0/24", acl="w/t")
    base.group("w/app", "app", *OPEN).group("w/endpoints", "", "in all 10.9.1.0/24")
    name = "com.amazonaws.vpce.us-east-1.vpce-svc-1"
    link = {
        "VpcId": ref("VPC", "w"),
        "ServiceName": name,
        "VpcEndpointType": "Interface",
        "SubnetIds": [ref("Subnet", "w/ep/a")],
        "SecurityGroupIds": [ref("SecurityGroup", "w/endpoints")],
    }
    base.add("VPCEndpoint", "w/service", link, observed={"State": "available"})
    owns = {"NetworkLoadBalancerArns": [ref("AWS::ElasticLoadBalancingV2::LoadBalancer", "front")]}
    base.add("VPCEndpointService", "vpce-svc-1", owns, observed={"ServiceName": name})
    return base.rule("v/lb", "in", "tcp/80", "10.9.1.0/24")


def test_r27_an_endpoint_leads_to_the_balancer_of_its_service():
    """The source is always the balancer's private address, whatever preservation says."""
    found = told(service(), "w/app", "w/endpoints", "80")
    assert found.verdict.value == "ALLOW"
    kinds = [hop.kind for hop in shown(found).forward]
    at = kinds.index("endpoint-service")
    assert kinds[at : at + 4] == [
        "endpoint-service",
        "security-group",
        "target-group",
        "security-group",
    ]
    base = service().rule("v/lb", "in", "tcp/443", "10.9.1.0/24")
    assert codes(base, "w/app", "w/endpoints", "443") == ["ELBV2_LISTENERS_MISMATCH"]
    assert ask(service(), "w/app", "w/endpoints", "443") == "DENY"


def test_f15_inbound_rules_are_asked_about_endpoints_clients_unless_switched_off():
    base = service()
    del base.nodes["AWS::EC2::SecurityGroupIngress", "v/lb:in:tcp/80:10.9.1.0/24"]
    assert codes(base, "w/app", "w/endpoints", "80") == ["ENI_SG_RULES_MISMATCH"]
    node = base.nodes["AWS::ElasticLoadBalancingV2::LoadBalancer", "front"]
    off = {"EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "off"}
    base.add(node.type, "front", {**node.properties, **off}, observed=node.observed)
    assert ask(base, "w/app", "w/endpoints", "80") == "ALLOW"


def test_r27_the_service_needs_a_node_in_the_endpoints_zone():
    base = service(cross_zone=False)
    balancer(base, "front", "v/lb/b", kind="network", groups=("v/lb",))
    assert codes(base, "w/app", "w/endpoints", "80") == ["VPCE_SERVICE_NOT_INSTALLED_IN_AZ"]


def test_f15_a_clients_group_is_no_source_behind_a_network_balancer_without_groups():
    """ "You cannot allow traffic from clients to targets through the load balancer using the
    security groups for the clients in the security groups for the targets" (NLB guide)."""
    base = network_lb(groups=()).rule("v/app", "in", "tcp/8080", "group:v/web")
    assert ask(base, "v/web", "front", "80") == "DENY"
    assert ask(base, "v/web", "v/app", "8080") == "ALLOW"  # but straight to the targets


def test_f15_whether_a_clients_group_is_a_source_behind_one_with_groups_is_unknown():
    base = network_lb()
    del base.nodes["AWS::EC2::SecurityGroupIngress", "v/app:in:tcp/8080:group:v/lb"]
    assert ask(base, "v/web", "front", "80") == "DENY"
    base.rule("v/app", "in", "tcp/8080", "group:v/web")
    assert "security group v/web: whether it admits" in unknowns(base, "v/web", "front", "80")
    base.rule("v/app", "in", "tcp/8080", "10.0.10.0/23")  # decides without it
    assert ask(base, "v/web", "front", "80") == "ALLOW"


def test_f15_a_target_gets_no_answer_from_itself():
    """ "NAT loopback, also known as hairpinning, is not supported when client IP preservation is
    enabled" (NLB guide, target group attributes): the connection times out."""
    base = network_lb(groups=()).rule("v/app", "in", "all", ALL).rule("v/app", "out", "all", ALL)
    assert told(base, "10.0.30.9", "front", "80").mixed == {"ONE_WAY": 2}
    assert codes(base, "10.0.30.9", "front", "80") == ["RINGWALL_HAIRPIN"]
    found = told(base, "v/app", "front", "80")  # its address, and all others of its group
    assert set(found.mixed) == {"ALLOW", "ONE_WAY"}
    assert not judged(base, "v/app", "front", "80", reachable=True).ok
    off = network_lb(groups=(), **{"preserve_client_ip.enabled": "false"})
    off.rule("v/app", "in", "all", ALL).rule("v/app", "out", "all", ALL)
    assert told(off, "10.0.30.9", "front", "80").mixed == {"ALLOW": 2}


def test_f15_a_target_is_answered_by_another_one():
    base = network_lb(groups=()).rule("v/app", "in", "all", ALL).rule("v/app", "out", "all", ALL)
    machine(base, "eni-2", "v/app/b", "10.0.31.9", "v/app")
    target_group(base, "app", "i-eni-1", "i-eni-2", protocol="TCP")
    assert told(base, "10.0.30.9", "front", "80").mixed == {"ALLOW": 2}
    assert told(base, "10.0.31.9", "front", "80").mixed == {"ALLOW": 2}


def test_f15_application_balancers_have_no_hairpin():
    base = web().rule("v/app", "out", "all", ALL)
    assert told(base, "10.0.30.9", "front", "80").mixed == {"ALLOW": 2}


def afar(way: str, **attributes: Any) -> NetworkBuilder:
    """The target stands in another VPC: behind a transit gateway, or a peering."""
    base, home = (peered(), "blue/app/a") if way == "peering" else (spokes(), "blue/app/b")
    base.subnet("red/lb/a", "10.1.9.0/24", acl="red/app", table="red/app")
    balancer(base, "front", "red/lb/a", kind="network", cross_zone=True)
    machine(base, "eni-1", home, "10.2.1.9", "blue/app")
    target_group(base, "app", "10.2.1.9", protocol="TCP", kind="ip", **attributes)
    return listener(base, "front", 80, "app", protocol="TCP")


@pytest.mark.parametrize(
    ("way", "kept", "verdict"),
    [
        ("peering", "true", "ALLOW"),
        ("peering", "false", "ALLOW"),
        ("transit", "true", "UNKNOWN"),
        ("transit", "false", "ALLOW"),
    ],
)
def test_f15_client_addresses_are_preserved_in_the_vpc_and_over_a_peering_alone(
    way: str, kept: str, verdict: str
):
    """ "Client IP preservation is not supported when targets are reached through a transit
    gateway", nor in a peered VPC of another Region (NLB guide, target group attributes)."""
    base = afar(way, **{"preserve_client_ip.enabled": kept})
    assert ask(base, "red/app", "front", "80") == verdict
    if verdict == "UNKNOWN":
        assert "target eni-1: client addresses are not" in unknowns(base, "red/app", "front", "80")


def test_f15_over_a_peering_of_two_regions_client_addresses_are_not_preserved():
    base = in_region(afar("peering", **{"preserve_client_ip.enabled": "true"}), "blue", "eu-west-1")
    assert ask(base, "red/app", "front", "80") == "UNKNOWN"


def test_f15_what_is_dropped_with_either_address_is_denied():
    base = afar("transit", **{"preserve_client_ip.enabled": "true"})
    base.entry("blue/app", "in", 50, "deny", "all", "10.1.0.0/16")
    assert ask(base, "red/app", "front", "80") == "DENY"
    base.entry("blue/app", "in", 40, "allow", "all", "10.1.9.0/24")  # the nodes' addresses
    assert ask(base, "red/app", "front", "80") == "UNKNOWN"

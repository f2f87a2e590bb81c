"""Names of questions → placements; design decision 5."""

import pytest

from ringwall.errors import QuestionError
from ringwall.model.graph import Unknown
from ringwall.reach.engine import Engine
from ringwall.trace.network import Network
from ringwall.trace.placements import Kind, placements
from tests.builders import NetworkBuilder, ref, two_subnets
from tests.trace.asking import ask, is_unknown, judged, network, placed, unknowns
from tests.trace.building import balancer, machine
from tests.trace.test_routing_rules import internet_vpc, spokes


def names(builder: NetworkBuilder, name: str, networks=None) -> list[str]:
    return [str(each) for each in placed(builder, name, networks)]


def test_a_group_has_one_placement_in_each_zone_of_its_tier():
    assert names(internet_vpc(), "v/app") == ["v/app in a", "v/app in b"]
    assert names(internet_vpc(), "*/app") == ["v/app in a", "v/app in b"]


def test_a_tier_a_vpc_and_a_segment_mean_every_placement_in_them():
    assert names(two_subnets(), "v/web") == ["v/web in a"]
    assert names(internet_vpc(), "v/private") == ["v/app in a", "v/app in b"]
    assert len(names(internet_vpc(), "v")) == 4
    base = spokes()
    assert names(base, "segment:shared") == [*names(base, "red"), *names(base, "blue")]


def test_a_segment_is_what_the_vpcs_tag_says():
    base = spokes().vpc("red", "10.1.0.0/16", segment="meant")
    assert names(base, "segment:meant") == names(base, "red")
    assert names(base, "segment:shared") == names(base, "blue")


def test_a_subnet_without_groups_is_a_placement_with_the_default_group():
    base = two_subnets().subnet("v/empty/a", "10.0.9.0/24")
    [only] = placed(base, "v/empty")
    assert (only.kind, only.groups) == (Kind.SUBNET, ("default v",))
    assert ask(base, "v/empty", "v/web", "443") == "DENY"


def test_what_must_reach_is_asked_of_groups_what_must_not_of_every_placement():
    base = two_subnets().subnet("v/empty/a", "10.0.9.0/24")
    assert judged(base, "v/web", "v", "8080", reachable=False).pairs == 3
    assert judged(base, "v/empty", "v/web", "443", reachable=True).pairs == 1


def test_a_live_interface_of_a_stranger_is_a_placement():
    base = two_subnets().group("sg-0123456789abcdef0", "", "in all 0.0.0.0/0")
    base.nodes["AWS::EC2::SecurityGroup", "sg-0123456789abcdef0"] = base.nodes[
        "AWS::EC2::SecurityGroup", "sg-0123456789abcdef0"
    ]
    base.interface("eni-0123456789abcdef0", "v/app/a", "10.0.2.99", "sg-0123456789abcdef0")
    assert names(base, "v/app") == ["v/app in a"]
    assert "eni-0123456789abcdef0 in a (eni-0123456789abcdef0)" in names(base, "v")
    base.group("v/wide", "web", "out all 0.0.0.0/0")
    assert judged(base, "v/wide", "v", "22", reachable=False).ok is False
    assert ask(base, "v/wide", "10.0.2.99", "22") == "ALLOW"


def test_a_live_interface_like_its_groups_placement_is_no_second_one():
    base = two_subnets().interface("eni-1", "v/app/a", "10.0.2.99", "v/app")
    assert names(base, "v/app") == ["v/app in a"]
    base.interface("eni-2", "v/app/a", "10.0.2.98", "v/app", public="203.0.113.9")
    assert len(names(base, "v/app")) == 2


def test_a_group_in_a_subnet_of_another_tier_is_a_placement_there():
    base = two_subnets().interface("eni-1", "v/web/a", "10.0.1.99", "v/app")
    assert names(base, "v/app") == ["v/app in a", "v/app in a (eni-1)"]


def test_addresses_map_to_placements_inside_and_to_the_outside():
    assert names(two_subnets(), "10.0.1.0/25") == ["10.0.1.0/25 (v/web) in a"]
    assert names(two_subnets(), "8.8.8.8") == ["8.8.8.8"]
    kinds = [p.kind for p in placed(two_subnets(), "0.0.0.0/0")]
    assert kinds == [Kind.GROUP, Kind.GROUP, Kind.INTERNET, Kind.OUTSIDE]


def test_a_network_of_the_blueprint_is_its_addresses():
    assert names(two_subnets(), "office", {"office": ["10.0.2.0/24", "192.168.0.0/24"]}) == [
        "office (v/app) in a",
        "office",
    ]


def test_a_private_address_outside_has_no_way_in_unless_something_unknown_leads_there():
    base = internet_vpc()
    assert ask(base, "192.168.7.7", "v/edge", "443") == "DENY"
    assert "other attachments of transit gateway tgw-1" in unknowns(
        spokes(), "192.168.7.7", "red/app", "443"
    )
    attached = {"VpcAttachments": [{"VpcId": "v", "State": "attached"}]}
    base.add("AWS::EC2::VPNGateway", "vgw-1", observed=attached)
    assert "virtual-private-gateway vgw-1" in unknowns(base, "192.168.7.7", "v/edge", "443")


@pytest.mark.parametrize("name", ["nowhere", "v/nothing", "segment:none"])
def test_a_name_that_nothing_bears_is_unknown_here_and_an_error_to_who_asks(name):
    assert is_unknown(placements(network(two_subnets()), name))
    with pytest.raises(QuestionError, match="there is nothing called"):
        Engine(two_subnets().graph()).ends.named(name)


@pytest.mark.parametrize("name", ["aws:s3", "10.0.77.1"])
def test_a_name_without_a_placement_is_unknown(name):
    assert is_unknown(placements(network(two_subnets()), name))
    for reachable in (True, False):
        found = judged(two_subnets(), name, "v/app", "443", reachable=reachable)
        assert (found.ok, found.verdict.value) == (False, "UNKNOWN")


def test_what_is_no_name_at_all_is_an_error():
    with pytest.raises(QuestionError):
        placements(network(two_subnets()), "No Such/Name/At all")


def test_internet_means_no_private_address_and_none_of_the_networks_own():
    base = NetworkBuilder().vpc("v", "44.0.0.0/16").subnet("v/t/a", "44.0.1.0/24")
    [only] = placed(base, "internet")
    assert not any(part.start <= 44 << 24 < part.end for part in only.blocks)
    assert any(part.start <= 45 << 24 < part.end for part in only.blocks)


def test_a_resource_is_named_by_its_id():
    base = NetworkBuilder(observed=True).vpc("v", "10.0.0.0/16").subnet("v/t/a", "10.0.1.0/24")
    subnet = base.nodes["AWS::EC2::Subnet", "v/t/a"].physical_id
    assert names(base, subnet) == ["v/t/a in a"]


def test_a_group_of_ours_that_lost_its_tag_forbids_proofs_about_its_vpc():
    base = two_subnets()
    assert judged(base, "v/app", "v", "443", reachable=False).ok
    properties = base.nodes["AWS::EC2::SecurityGroup", "v/web"].properties
    base.add("SecurityGroup", "v/web", properties, tags={"ringwall:key": "v/web"})
    base.rule("v/app", "out", "all", "0.0.0.0/0")
    found = judged(base, "v/app", "v", "443", reachable=False)
    assert (found.ok, found.verdict.value) == (False, "UNKNOWN")
    assert "ringwall:tier" in str(found.unknowns[0])


def test_a_vpc_of_ours_that_lost_its_tag_forbids_proofs_about_segments():
    base = spokes()
    base.add("VPC", "red", {"CidrBlock": "10.1.0.0/16"}, tags={"ringwall:key": "red"})
    assert is_unknown(placements(network(base), "segment:shared"))


def test_every_address_of_an_interface_is_asked():
    base = two_subnets().interface("eni-1", "v/web/a", "10.0.1.99", "v/app")
    node = base.nodes["AWS::EC2::NetworkInterface", "eni-1"]
    more = {"Ipv4Prefixes": [{"Ipv4Prefix": "10.0.1.112/28"}], "Ipv6Addresses": []}
    base.add("NetworkInterface", "eni-1", node.properties, observed={**node.observed, **more})
    blocks = placed(base, "v/app")[1].blocks
    assert [str(part) for part in blocks] == ["10.0.1.99/32", "10.0.1.112/28"]


def owned() -> NetworkBuilder:
    """Two groups of one tier; 10.0.1.9 bears the first, 10.0.1.10 another, 10.0.1.11 a node's."""
    base = NetworkBuilder().vpc("v", "10.0.0.0/16").subnet("v/app/a", "10.0.1.0/24")
    base.group("v/one", "app", "in tcp/1 0.0.0.0/0").group("v/two", "app", "in tcp/2 0.0.0.0/0")
    base.group("v/odd", "", "in tcp/3 0.0.0.0/0")
    machine(base, "eni-1", "v/app/a", "10.0.1.9", "v/one")
    machine(base, "eni-2", "v/app/a", "10.0.1.10", "v/odd")
    balancer(base, "front", "v/app/a", groups=("v/odd",))
    link = {"SubnetId": ref("Subnet", "v/app/a"), "GroupSet": [ref("SecurityGroup", "v/odd")]}
    seen = {
        "Description": "ELB app/front/0123456789abcdef",
        "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.11"}],
    }
    return base.add("NetworkInterface", "eni-3", link, observed=seen)


@pytest.mark.parametrize(
    ("asked", "groups"),
    [
        ("10.0.1.9", {"v/one"}),  # the end of its group stands for it
        ("10.0.1.10", {"v/odd"}),
        ("10.0.1.11", {"v/odd"}),
        ("10.0.1.12", {"v/one", "v/two"}),  # nobody has it
        ("10.0.1.8/30", {"v/one", "v/two", "v/odd"}),
    ],
)
def test_an_address_that_a_live_interface_has_is_nobody_elses(asked: str, groups: set[str]):
    graph = owned().graph()
    places, ends = placements(Network(graph), asked), Engine(graph).ends.named(asked)
    assert not isinstance(places, Unknown)
    assert not isinstance(ends, Unknown)
    assert {group for each in places for group in each.groups} == groups
    assert {group for each in ends for group in each.groups} == groups
    assert len(places) == len(ends)
